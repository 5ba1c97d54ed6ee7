"""The beat: asks for each job when its time has come. Any number may run; each job is asked for once.

Time is cut into slots as long as a job's interval. The beat that first claims a slot in Redis asks for the job; a
claim outlives its slot, so no beat needs to lead and none is waited for when it dies.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import redis
import structlog

from dashboard import config, leash, queue
from dashboard.clock import now
from dashboard.config import Settings

HEARTBEAT_EVERY = 5  # seconds
TICK_EVERY = 60
DELIVER_EVERY = 2
_CLAIM = "signpost:asked:{job}:{slot}"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Line:
    """One job and how often it is asked for, in seconds. Of ``slots`` the next is asked for each time: so many may run
    at once, and when one's worker was killed the others go on."""

    job: str
    every: int
    slots: int = 1


def lines(settings: Settings) -> tuple[Line, ...]:
    """What this installation asks for."""
    polls = (Line(queue.POLL, settings.poll_seconds),) if settings.pagerduty_api_key else ()
    return Line(queue.TICK, TICK_EVERY), *polls, Line(queue.DELIVER, DELIVER_EVERY, queue.SLOTS)


def slot(every: int, t: datetime) -> int:
    return int(t.timestamp()) // every


def due(lines: Sequence[Line], asked: dict[str, int], t: datetime) -> list[Line]:
    """The jobs whose present slot is not in ``asked``, which has the last slot seen to for each job."""
    return [line for line in lines if asked.get(line.job) != slot(line.every, t)]


@dataclass(slots=True)
class Beat:
    lines: Sequence[Line]
    connection: redis.Redis
    asked: dict[str, int] = field(default_factory=dict)
    said: int | None = None

    def round(self, t: datetime) -> None:
        """Raises what Redis raises; what was not asked for is due again at the next round."""
        if slot(HEARTBEAT_EVERY, t) != self.said:
            self.connection.set(queue.BEAT, t.isoformat(), ex=12 * HEARTBEAT_EVERY)
            self.said = slot(HEARTBEAT_EVERY, t)
        for line in due(self.lines, self.asked, t):
            present = slot(line.every, t)
            if self.connection.set(_CLAIM.format(job=line.job, slot=present), "1", nx=True, ex=2 * line.every):
                queue.ask(self.connection, line.job, slot=present % line.slots)
            self.asked[line.job] = present


def run(beat: Beat) -> None:
    reached = True
    while True:
        try:
            beat.round(now())
            reached = True
        except redis.RedisError as error:
            if reached:
                log.warning("queue.unreachable", error=type(error).__name__)
            reached = False
        time.sleep(1)


def main() -> None:
    leash.hold()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    settings = config.from_environment(os.environ)
    connection = redis.Redis.from_url(config.redis_url(settings), socket_timeout=3, socket_connect_timeout=3)
    run(Beat(lines(settings), connection))


if __name__ == "__main__":
    main()
