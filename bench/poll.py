"""A poll of 10,000 windows from a loopback double: seconds, megabytes, requests, rows. ``python bench/poll.py [N]``."""

from __future__ import annotations

import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from budget import verdict, within  # noqa: E402

from dashboard.clock import now  # noqa: E402

SERVICES = 50


def serve(line: multiprocessing.connection.Connection, count: int) -> None:
    """In a process of its own: its memory and time are not the poll's."""
    from dashboard.demo.pagerduty_double import Double

    start = now().replace(microsecond=0)
    with Double(now, key="bench-key") as double:
        for number in range(SERVICES):
            double.add_service(f"P0BEN{number:02}", f"Service {number}")
        for number in range(count):
            first = start + timedelta(hours=number % 700)
            service = f"P0BEN{number % SERVICES:02}"
            words = f"CHG-{number} USER_MESSAGE: Work {number}."
            double.add_window(f"PB{number:05}", first, first + timedelta(hours=2), service, description=words)
        line.send(double.url)
        for word in iter(line.recv, "end"):
            if word == "asked":
                line.send(len(double.asked))
            else:
                double.windows[word]["end_time"] = (start + timedelta(hours=800)).isoformat()
        line.send("ended")


def timed(name: str, deed: Callable[[], object], line: multiprocessing.connection.Connection) -> None:
    line.send("asked")
    before, start, busy = line.recv(), time.perf_counter(), time.process_time()
    said = deed()
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    line.send("asked")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    asked = line.recv() - before
    figures = (
        f"{seconds:6.2f} s {within(seconds, 5)} ({busy:.2f} s of CPU) {asked:5} requests {within(asked, 110)}"
        f" {peak:5.0f} MB peak {within(peak, 150)}"
    )
    print(f"{name:<18}{figures}   {said}", flush=True)


def rows() -> tuple[int, ...]:
    import sqlalchemy as sa

    from dashboard.db import db
    from dashboard.models import Change, Window

    found = tuple(db.session.scalar(sa.select(sa.func.count(row.id))) for row in (Window, Change))
    db.session.rollback()
    return found


def fill(folder: Path) -> None:
    """In a process of its own, too: as many sections as services, one depending on each."""
    from dashboard import config, create_app, schema
    from dashboard.actions import components, mapping, sections
    from dashboard.actions.mapping import Mapping
    from dashboard.actions.sections import Depends
    from dashboard.actions.writing import SIGNPOST

    with create_app(config.from_environment({"INSTANCE": str(folder)})).app_context():
        schema.upgrade()
        for number in range(SERVICES):
            change = components.create(f"c{number}", {"name": f"Component {number}"}, SIGNPOST, now())
            id = int(change.subject.partition("-")[2])
            mapping.connect(Mapping(f"P0BEN{number:02}", f"Service {number}", id), SIGNPOST, now())
            sections.create(f"s{number}", {"name": f"Section {number}"}, (Depends(id, "down"),), SIGNPOST, now())


def measure(folder: Path, url: str, line: multiprocessing.connection.Connection) -> None:
    from dashboard import bundled, config, create_app, polling

    settings = config.from_environment(
        {"INSTANCE": str(folder), "PAGERDUTY_URL": url, "PAGERDUTY_API_KEY": "bench-key"}
    )
    queue = subprocess.Popen(bundled.command(folder / "queue", config.queue_socket(settings.instance)))
    try:
        filling = multiprocessing.get_context("spawn").Process(target=fill, args=(folder,))
        filling.start()
        filling.join()
        with create_app(settings).app_context():
            timed("the first poll", lambda: polling.poll(now).sentence, line)
            before = rows()
            timed("nothing changed", lambda: polling.poll(now).sentence, line)
            written = sum(rows()) - sum(before)
            print(f"{'':<18}rows written: {written} {within(written, 0)}")
            line.send("PB00007")
            timed("one moved", lambda: polling.poll(now).sentence, line)
    finally:
        queue.terminate()
        queue.wait(5)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9_999
    here, there = multiprocessing.Pipe()
    double = multiprocessing.get_context("spawn").Process(target=serve, args=(there, count))
    double.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), here.recv(), here)
    finally:
        here.send("end")
        double.join(10)
    return verdict()


if __name__ == "__main__":
    raise SystemExit(main())
