"""Publishing after one change, by numbers of sections and of ended outages. ``python bench/publish.py``."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dashboard import config, create_app, publish, schema  # noqa: E402
from dashboard.clock import now  # noqa: E402

BUDGET = 250  # milliseconds, at 1,000 sections


def fill(sections: int, ended: int) -> None:
    """Top sections of ten parts each; ended outages spread over them."""
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
    db.session.commit()


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
    from dashboard.db import begin_writing, db
    from dashboard.models import Ledger, Outage

    begin_writing()
    start = now() - timedelta(minutes=1)
    row = _ended(section_id, start, time.monotonic_ns()) | {"ended_at": None}
    db.session.add(Outage(**row))
    ledger = db.session.get_one(Ledger, 1)
    ledger.revision, ledger.revised_at = ledger.revision + 1, start
    db.session.commit()


def timed(deed: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    said = deed()
    return 1000 * (time.perf_counter() - start), said


def measure(sections: int, ended: int, times: int = 7) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = config.from_environment({"INSTANCE": folder})
        with create_app(settings).app_context():
            schema.upgrade()
            fill(sections, ended)
            first, _ = timed(lambda: publish.publish(now()))
            shown, written, documents = [], [], 0
            for number in range(times):
                change(sections - number)
                mine = publish.press()
                spent, _ = timed(lambda mine=mine: mine.put(publish.read_facts(now()), now()))  # type: ignore[misc]
                shown.append(spent)
                spent, found = timed(lambda: publish.write_files(now()))
                written.append(spent)
                documents = int(str(found))
            whole = median(a + b for a, b in zip(shown, written, strict=True))
            print(
                f"{sections:>8,} {ended:>10,} {median(shown):>12.1f} {median(written):>12.1f} {whole:>10.1f}"
                f" {documents:>10} {first:>14.0f}",
                flush=True,
            )


def main() -> None:
    print(f"Milliseconds after one outage began, medians. Budget at 1,000 sections: {BUDGET}.\n")
    print("sections     ended   until shown    + files    = whole  documents  everything anew")
    for sections, ended in ((10, 10), (10, 100_000), (1_000, 10)):
        measure(sections, ended)


if __name__ == "__main__":
    main()
