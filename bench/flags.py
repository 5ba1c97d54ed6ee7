"""Toggles that 2,000 tabs read every 5 seconds from one process on one core. ``python bench/flags.py``.

As the VA's front end asks, each with a cookie_id of its own; and by OFREP, each with a context of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent))

import serving
from budget import verdict, within
from load import Wanted, ask, cpu_seconds, tabs

TABS, EVERY = 2_000, 5.0
TOGGLES, NAMED = 100, 10
_BUDGET = 50  # milliseconds, p99
_JSON = ("Content-Type", "application/json")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=15.0)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder, on_a_core_of_its_own():
        filled(Path(folder))
        with serving.signpost(Path(folder)) as (port, pid):
            keep_to(pid, 0)
            print(
                f"{TABS:,} tabs, each every {EVERY:g} s{'':<9}{'p50':>9}{'p99':>9}{'most':>9}   a core's time   budget"
            )
            names = ",".join(f"toggle_{number}" for number in range(NAMED))
            v0 = [f"/v0/feature_toggles?features={names}&cookie_id={number}" for number in range(TABS)]
            flag = "/ofrep/v1/evaluate/flags/toggle_1"
            contexts = [b'{"context":{"targetingKey":"visitor-%d"}}' % number for number in range(TABS)]
            row("/v0/feature_toggles, 10 names", port, pid, [wanted(port, path) for path in v0], given.seconds)
            row("OFREP, one flag", port, pid, [wanted(port, flag, sent) for sent in contexts], given.seconds)
            flags = [wanted(port, "/ofrep/v1/evaluate/flags", sent, unchanged=True) for sent in contexts]
            row("OFREP, all flags, 304", port, pid, flags, given.seconds)
    return verdict()


def row(name: str, port: int, pid: int, questions: list[Wanted], seconds: float) -> None:
    tabs(port, questions, EVERY, EVERY)  # to warm up
    before = cpu_seconds(pid)
    taken = tabs(port, questions, EVERY, seconds)
    spent = (cpu_seconds(pid) - before) / seconds
    cuts = [cut * 1000 for cut in quantiles(taken, n=100, method="inclusive")]
    print(
        f"{name:<34}{cuts[49]:>6.2f} ms{cuts[98]:>6.2f} ms{max(taken) * 1000:>6.1f} ms{spent:>13.0%}   "
        f"{within(cuts[98], _BUDGET)} ms",
        flush=True,
    )


_known: dict[str, tuple[str, str]] = {}


def wanted(port: int, path: str, sent: bytes = b"", unchanged: bool = False) -> Wanted:
    """The right answer, as the server gave it the first time; a cookie_id or a context changes nothing."""
    place = path.partition("&cookie_id")[0]
    headers = (_JSON, ("Accept-Encoding", "br"))
    if place not in _known:
        first = ask(port, path, headers, sent)
        assert first.status == 200, first
        _known[place] = hashlib.sha256(first.body).hexdigest(), first.headers["etag"]
    body_hash, etag = _known[place]
    if not unchanged:
        return Wanted(path, headers, 200, body_hash, sent)
    return Wanted(path, (*headers, ("If-None-Match", etag)), 304, hashlib.sha256(b"").hexdigest(), sent)


def filled(instance: Path) -> None:
    import sqlalchemy as sa

    serving.filled(instance, sections=TOGGLES, ended=10)
    from dashboard import config, create_app, publish
    from dashboard.clock import now
    from dashboard.db import begin_writing, db
    from dashboard.models import Toggle, ToggleSection

    with create_app(config.from_environment({"INSTANCE": str(instance)})).app_context():
        begin_writing()
        rows = [{"id": number + 1, "name": f"toggle_{number}"} for number in range(TOGGLES)]
        words = {"while_down": True, "owner": "Payments team", "sentence": "Hides the form.", "created_at": now()}
        db.session.execute(sa.insert(Toggle), [row | words for row in rows])
        links = [{"toggle_id": row["id"], "section_id": row["id"]} for row in rows]
        db.session.execute(sa.insert(ToggleSection), links)
        db.session.commit()
        publish.publish(now())


@contextlib.contextmanager
def on_a_core_of_its_own() -> Iterator[None]:
    """Where there are two, the asking is done on the second."""
    cores = os.sched_getaffinity(0)
    try:
        if len(cores) > 1:
            os.sched_setaffinity(0, cores - {min(cores)})
        yield
    finally:
        os.sched_setaffinity(0, cores)


def keep_to(pid: int, place: int) -> None:
    """Keep a process and all below it, with all their threads, to one core."""
    from load import family

    for one in family(pid):
        for task in Path(f"/proc/{one}/task").iterdir():
            os.sched_setaffinity(int(task.name), {place})


if __name__ == "__main__":
    raise SystemExit(main())
