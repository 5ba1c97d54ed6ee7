"""Ten years of history, and a thousand components: what one more update costs. ``python bench/history.py``."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from budget import verdict, within  # noqa: E402
from publish import fill, timed  # noqa: E402

from dashboard import config, create_app, publish, schema  # noqa: E402
from dashboard.clock import now  # noqa: E402
from dashboard.press import Press  # noqa: E402

BANNER = "/embed/v1/status.json"
YEARS = timedelta(days=3652)
BODY = "We are looking into it. You cannot see or change your bank details. Payments already scheduled will be paid. "


def fill_components(count: int, at: datetime) -> None:
    import sqlalchemy as sa

    from dashboard.db import begin_writing, db
    from dashboard.models import Component

    begin_writing()
    begun = at - timedelta(days=200)
    rows = [
        {"id": n, "key": f"component_{n}", "name": f"Component {n}", "position": n, "group": f"Group {n // 20}"}
        | {"created_at": begun, "status_at": begun}
        for n in range(1, count + 1)
    ]
    db.session.execute(sa.insert(Component), rows)
    db.session.commit()


def fill_incidents(count: int, updates: int, components: int, at: datetime) -> None:
    """One after another until yesterday, of an hour each; the last is still open."""
    import sqlalchemy as sa

    from dashboard.db import begin_writing, db
    from dashboard.models import Incident, IncidentImpact, IncidentSection, IncidentUpdate

    begin_writing()
    incidents: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    struck: list[dict[str, Any]] = []
    apart, step = YEARS / count, timedelta(hours=1) / updates
    for id in range(1, count + 1):
        start = at - YEARS - timedelta(days=1) + id * apart
        is_open = id == count
        over_at = None if is_open else start + (updates - 1) * step
        times = {"published_at": start, "created_at": start, "revised_at": start, "over_at": over_at}
        incidents.append(
            {"id": id, "title": f"Payments {id} are late", "declared_by": "Tom Reed", "once": f"i{id}"} | times
        )
        for n in range(updates):
            number, t = (id - 1) * updates + n + 1, start + n * step
            stage = "resolved" if n == updates - 1 and not is_open else "investigating" if n < 2 else "identified"
            times = {"at": t, "visible_from": t, "created_at": t}
            said.append(
                {"id": number, "incident_id": id, "stage": stage, "body": BODY, "by": "Tom Reed", "once": f"u{number}"}
                | times
            )
            status = "operational" if stage == "resolved" else "partial_outage"
            struck.append({"update_id": number, "component_id": 1 + id % components, "status": status})
    for model, rows in ((Incident, incidents), (IncidentUpdate, said), (IncidentImpact, struck)):
        for first in range(0, len(rows), 10_000):
            db.session.execute(sa.insert(model), rows[first : first + 10_000])
    touched = [{"incident_id": row["id"], "section_id": 1 + row["id"] % 10, "effect": "warn"} for row in incidents]
    db.session.execute(sa.insert(IncidentSection), touched)
    db.session.commit()


def one_more_update(incident_id: int, component_id: int) -> None:
    """Of the incident that is open, in the database alone."""
    from dashboard.actions.writing import SIGNPOST, Writing
    from dashboard.db import begin_writing, db
    from dashboard.models import Incident, IncidentImpact, IncidentUpdate, Ledger

    begin_writing()
    at = now()
    incident = db.session.get_one(Incident, incident_id)
    times = {"at": at, "visible_from": at, "created_at": at}
    update = IncidentUpdate(
        incident_id=incident_id, stage="identified", body=BODY, by="Tom Reed", once=str(time.monotonic_ns()), **times
    )
    db.session.add(update)
    db.session.flush()
    db.session.add(IncidentImpact(update_id=update.id, component_id=component_id, status="major_outage"))
    incident.revised_at = at
    work = Writing(db.session.get_one(Ledger, 1), SIGNPOST, at)
    work.record("incident.update", f"incident-{incident.id}", incident.title)
    db.session.commit()


def published() -> tuple[float, float, int]:
    """Milliseconds until it is shown, and until all of it is written; how many documents that were."""
    mine = publish.press()
    shown, _ = timed(lambda: mine.put(publish.read_facts(now()), now()))
    written, count = timed(lambda: publish.write_files(now()))
    return shown, written, int(str(count))


def pages_of(press: Press) -> tuple[float, float]:
    """The 95th percentile of milliseconds of pages that were never asked for, and of the same again, from a process
    that has just started."""
    edition = press.at(now())
    assert edition is not None
    paths = [path for path in edition.lines if path.endswith("/")]
    chosen = random.Random(7).sample(paths, min(200, len(paths)))
    first, again = ([timed(lambda path=path: edition.answer(path))[0] for path in chosen] for _ in range(2))  # type: ignore[misc]
    assert all(edition.answer(path) for path in chosen)
    return tuple(quantiles(found, n=20)[18] for found in (first, again))  # type: ignore[return-value]


def long_history(incidents: int, updates: int, outages: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = config.from_environment({"INSTANCE": folder})
        with create_app(settings).app_context():
            schema.upgrade()
            fill(10, outages)
            fill_components(10, now())
            fill_incidents(incidents, updates, 10, now())
            first, _ = timed(lambda: publish.publish(now()))
            rounds = []
            for _ in range(5):
                one_more_update(incidents, 1 + incidents % 10)
                rounds.append(published())
            whole, count = median(sum(found[:2]) for found in rounds), rounds[-1][2]
            facts = publish.press().path.stat().st_size / 1000
            other = Press(settings)
            look, _ = timed(lambda: other.look(now()))
            cold, warm = pages_of(other)
            edition = publish.press().at(now())
            lines = len(edition.lines) if edition else 0
            print(f"{incidents:,} incidents of {updates} updates, {outages:,} outages: {lines:,} documents")
            print(f"  everything anew                  {first:10,.0f} ms")
            print(f"  one more update, shown           {median(found[0] for found in rounds):10,.1f} ms")
            print(f"  one more update, all written     {whole:10,.1f} ms   budget {within(whole, 2_000)}")
            print(f"  documents made for it            {count:10,}      budget {within(count, 80)}")
            print(f"  the file of facts                {facts:10,.0f} kB   budget {within(facts, 2_500)}")
            print(f"  read by another process          {look:10,.1f} ms")
            print(f"  a page, p95, made for the asker  {cold:10,.1f} ms   budget {within(cold, 200)}")
            print(f"  a page, p95, asked for again     {warm:10,.3f} ms", flush=True)


def many_components(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = config.from_environment({"INSTANCE": folder})
        with create_app(settings).app_context():
            schema.upgrade()
            fill(10, 10)
            fill_components(count, now())
            fill_incidents(200, 5, count, now())
            publish.publish(now())
            rounds = []
            for _ in range(5):
                one_more_update(200, 201)
                rounds.append(published())
            whole = median(sum(found[:2]) for found in rounds)
            print(f"{count:,} components with their 90 days")
            print(f"  one more update, all written     {whole:10,.1f} ms   budget {within(whole, 250)}")
            print(f"  documents made for it            {rounds[-1][2]:10,}", flush=True)


def main() -> int:
    long_history(5_000, 10, 100_000)
    many_components(1_000)
    return verdict()


if __name__ == "__main__":
    raise SystemExit(main())
