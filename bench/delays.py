"""How long after a commit, and after an edge of time, readers see it. ``python bench/delays.py``.

A reader in a process of its own asks for the banner without a pause; another process commits.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from datetime import datetime, timedelta
from math import inf
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent))

import serving
from budget import verdict, within
from load import ask

BANNER = "/embed/v1/status.json"


def reader(line: Connection, port: int) -> None:
    """Told a piece of the answer to wait for, says when (by the one clock of the machine) it was first there."""
    import http.client

    server = http.client.HTTPConnection("127.0.0.1", port)
    for piece in iter(line.recv, ""):
        body = b""
        while piece.encode() not in body:
            try:
                server.request("GET", BANNER)
                body = server.getresponse().read()
            except http.client.HTTPException:  # idle for too long; the next request is on a new line
                server.close()
        line.send((time.time(), time.monotonic()))


class Reader:
    """The other end of it."""

    def __init__(self, port: int) -> None:
        self.here, there = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(target=reader, args=(there, port), daemon=True)
        self.process.start()

    def wait_for(self, piece: str) -> None:
        self.here.send(piece)

    def seen(self, seconds: float = 10) -> tuple[float, float]:
        if not self.here.poll(seconds):
            raise TimeoutError("nobody saw it")
        found: tuple[float, float] = self.here.recv()
        return found

    def end(self) -> None:
        self.here.send("")
        self.process.join(5)


def commits(instance: Path, port: int, times: int, pause: float) -> list[float]:
    """Milliseconds from each commit until that port showed it."""
    import sqlalchemy as sa
    from publish import change

    from dashboard import config, create_app, publish
    from dashboard.clock import now
    from dashboard.db import db
    from dashboard.models import Ledger

    watching, delays = Reader(port), []
    with create_app(config.from_environment({"INSTANCE": str(instance)})).app_context():
        for number in range(times):
            following = db.session.scalars(sa.select(Ledger.revision)).one() + 1
            watching.wait_for(f'"revision":"{following}"')
            time.sleep(pause)
            change(1 + number % 10)
            committed = time.monotonic()
            publish.publish(now())
            delays.append(1000 * (watching.seen()[1] - committed))
    watching.end()
    return delays


def edges(instance: Path, port: int, times: int) -> list[float]:
    """Milliseconds from a planned start until that port showed it."""
    from publish import change

    from dashboard import config, create_app, publish
    from dashboard.clock import now
    from dashboard.db import begin_writing, db
    from dashboard.models import Outage

    watching, delays = Reader(port), []
    with create_app(config.from_environment({"INSTANCE": str(instance)})).app_context():
        for number in range(times):
            begin_writing()
            db.session.query(Outage).delete()
            db.session.commit()
            change(1 + number % 10)
            start = now().replace(microsecond=0) + timedelta(seconds=3)
            move(start)
            publish.publish(now())
            watching.wait_for('"dismissible":false')  # so it is once it has begun
            delays.append(1000 * (watching.seen()[0] - start.timestamp()))
    watching.end()
    return delays


def move(start: datetime) -> None:
    from dashboard.db import begin_writing, db
    from dashboard.models import Outage

    begin_writing()
    outage = db.session.query(Outage).one()
    outage.starts_at, outage.planned_end = start, start + timedelta(hours=1)
    outage.over_at = outage.planned_end
    db.session.commit()


def tell(name: str, delays: list[float], most: float = inf) -> None:
    p95 = quantiles(delays, n=20, method="inclusive")[-1]
    print(f"{name:<54}{median(delays):>8.1f}{p95:>8.1f}{max(delays):>8.1f}   {within(p95, most)}", flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        here, there = Path(folder) / "here", Path(folder) / "there"
        serving.filled(here, sections=10, ended=10)
        elsewhere = {"DATABASE_URL": f"sqlite:///{here / 'signpost.db'}"}
        print(f"{'milliseconds':<54}  median     p95     max   budget of p95")
        with serving.signpost(here) as (port, _), serving.signpost(there, elsewhere) as (far, _):
            ask_until_up(far)
            tell("commit -> another process of this host", commits(here, port, 40, 0.05), 25)
            tell("commit -> another host", commits(here, far, 20, 0.25), 1000)
            tell("a planned start -> banner", edges(here, port, 10), 10)
    for sections, windows, most in ((1_000, 0, inf), (20, 10_000, 100)):
        with tempfile.TemporaryDirectory() as folder:
            serving.filled(Path(folder), sections, 10, windows)
            with serving.signpost(Path(folder)) as (port, _):
                size = f"{sections:,} sections, {windows:,} windows"
                tell(f"commit -> another process, {size}", commits(Path(folder), port, 20, 0.05), most)
                if windows:
                    tell(f"a planned start -> banner, {size}", edges(Path(folder), port, 5), 10)
    return verdict()


def ask_until_up(port: int) -> None:
    give_up = time.monotonic() + 20
    while ask(port, BANNER).status != 200 and time.monotonic() < give_up:
        time.sleep(0.1)


if __name__ == "__main__":
    raise SystemExit(main())
