"""Publishing after one change, by numbers of sections, ended outages and windows. ``python bench/publish.py``."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from budget import verdict, within  # noqa: E402

from dashboard import config, create_app, publish, schema  # noqa: E402
from dashboard.clock import now  # noqa: E402
from dashboard.snapshot import snapshot_at  # noqa: E402

BUDGET = 250  # milliseconds until all is written, at 1,000 sections
COMPONENTS = 50


def fill(sections: int, ended: int, windows: int = 0) -> None:
    """Top sections of ten parts each; ended outages spread over them, and planned windows over the next four weeks."""
    import sqlalchemy as sa

    from dashboard.db import begin_writing, db
    from dashboard.models import Outage, Section

    at = now()
    words = "You cannot see or change your bank details. Payments already scheduled will still be paid."
    begin_writing()
    rows = [
        {"id": n, "key": f"section_{n}", "name": f"Section {n}", "created_at": at, "message": words, "position": n}
        | {"parent_id": n - n % 10 if n % 10 and n > 10 else None}
        for n in range(1, sections + 1)
    ]
    db.session.execute(sa.insert(Section), rows)
    for first in range(0, ended, 10_000):
        begun = [at - timedelta(hours=n + 2) for n in range(first, min(ended, first + 10_000))]
        db.session.execute(
            sa.insert(Outage), [_ended(1 + n % sections, start, n + first) for n, start in enumerate(begun)]
        )
    if windows:
        _plan(sections, windows, at)
    db.session.commit()


def _plan(sections: int, windows: int, at: datetime) -> None:
    """Two hours each on one of fifty components, on one of which each part depends. None shows for an hour yet."""
    import sqlalchemy as sa

    from dashboard.db import db
    from dashboard.models import Component, Dependency, Window, WindowComponent

    names = [{"id": n, "key": f"component_{n}", "name": f"Component {n}"} for n in range(1, COMPONENTS + 1)]
    db.session.execute(sa.insert(Component), [row | {"created_at": at, "status_at": at} for row in names])
    on = [{"section_id": n, "component_id": 1 + n % COMPONENTS} for n in range(1, sections + 1) if n % 10]
    db.session.execute(sa.insert(Dependency), on)
    two_hours, apart = timedelta(hours=2), timedelta(weeks=4) / windows
    texts = {"source": "bench", "title": "CHG-1", "message": "We are moving the ledger.", "url": ""}
    texts |= {"created_at": at, "revised_at": at}
    starts = [(n, at + two_hours + n * apart) for n in range(1, windows + 1)]
    rows = [{"id": n, "external_id": f"PB{n}", "starts_at": t, "ends_at": t + two_hours, **texts} for n, t in starts]
    db.session.execute(sa.insert(Window), rows)
    on = [{"window_id": n, "component_id": 1 + n % COMPONENTS} for n in range(1, windows + 1)]
    db.session.execute(sa.insert(WindowComponent), on)


def _ended(section_id: int, start: object, number: int) -> dict[str, object]:
    end = start + timedelta(hours=1)  # type: ignore[operator]
    times = {
        "starts_at": start,
        "planned_end": end,
        "ended_at": end,
        "over_at": end,
        "created_at": start,
        "said_at": start,
    }
    texts = {
        "reason": "Northpay is down",
        "message": "You cannot pay.",
        "zone": "Europe/London",
        "started_by": "Priya Shah",
    }
    return {"section_id": section_id, "once": f"ended-{number}", **times, **texts}


def change(section_id: int) -> None:
    """One outage begins, in the database alone."""
    from dashboard.actions.writing import SIGNPOST, Writing
    from dashboard.db import begin_writing, db
    from dashboard.models import Ledger, Outage

    begin_writing()
    start = now() - timedelta(minutes=1)
    outage = Outage(**_ended(section_id, start, time.monotonic_ns()) | {"ended_at": None})
    db.session.add(outage)
    db.session.flush()
    work = Writing(db.session.get_one(Ledger, 1), SIGNPOST, start)
    work.record("outage.start", f"outage-{outage.id}", "Section", section_id=section_id)
    db.session.commit()


def timed(deed: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    said = deed()
    return 1000 * (time.perf_counter() - start), said


def measure(sections: int, ended: int, windows: int, most: float, snapshot_most: float, times: int = 7) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = config.from_environment({"INSTANCE": folder})
        with create_app(settings).app_context():
            schema.upgrade()
            fill(sections, ended, windows)
            first, _ = timed(lambda: publish.publish(now()))
            shown, written, pictured, documents = [], [], [], 0
            for number in range(times):
                change(sections - number)
                mine = publish.press()
                spent, _ = timed(lambda mine=mine: mine.put(publish.read_facts(now()), now()))  # type: ignore[misc]
                shown.append(spent)
                spent, found = timed(lambda: publish.write_files(now()))
                written.append(spent)
                documents = int(str(found))
                pictured.append(timed(lambda mine=mine: snapshot_at(mine.facts, now()))[0])  # type: ignore[misc]
            whole = median(a + b for a, b in zip(shown, written, strict=True))
            snapshot = median(pictured)
            print(
                f"{sections:>8,} {ended:>9,} {windows:>9,} {median(shown):>12.1f} {median(written):>10.1f}"
                f" {whole:>9.1f} {within(whole, most):>14} {snapshot:>9.1f} {within(snapshot, snapshot_most):>14}"
                f" {documents:>10} {first:>14.0f}",
                flush=True,
            )


def main() -> int:
    print("Milliseconds after one outage began, medians.\n")
    print(
        "sections     ended   windows  until shown    + files   = whole         budget  snapshot         budget"
        "  documents  everything anew"
    )
    measure(10, 10, 0, BUDGET, inf)
    measure(10, 100_000, 0, BUDGET, inf)
    measure(1_000, 10, 0, BUDGET, inf)
    measure(20, 10, 10_000, BUDGET, 20)
    measure(1_000, 10, 100, inf, 60)
    measure(1_000, 10, 10_000, inf, 400)
    return verdict()


if __name__ == "__main__":
    raise SystemExit(main())
