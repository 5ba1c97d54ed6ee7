"""Writes down now and then what a web process has seen in use, beside the threads of `publish.keep`.

Nobody who reads waits for it. While the database does not answer, what was counted is kept and tried again.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from multiprocessing.util import Finalize

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from dashboard.actions import sightings as actions
from dashboard.clock import now
from dashboard.sightings import Sightings

log = structlog.get_logger()

_LOOK_EVERY = 5.0  # seconds: somebody who pasted a snippet wants to see that it is seen
_EVERY, _FORGET_EVERY = timedelta(minutes=1), timedelta(days=1)
_ENDS_WITHIN = 1.5  # seconds


def keep(app: Flask, seen: Sightings) -> None:
    """Start this process's thread, which writes once more when the process ends."""
    noter, stop = Noter(app, seen), threading.Event()

    def look() -> None:
        while not stop.wait(_LOOK_EVERY):
            noter.look(now())
        noter.write(now())

    thread = threading.Thread(target=look, name="keep-sightings", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(_ENDS_WITHIN)

    Finalize(None, end, exitpriority=1)  # a web server's worker is forked, and ends without atexit


class Noter:
    """Writes at once what was never seen before, and every minute that it was seen again."""

    def __init__(self, app: Flask, seen: Sightings) -> None:
        self.app, self.seen = app, seen
        self._due: datetime | None = None
        self._forget: datetime | None = None
        self._in_trouble = False

    def look(self, at: datetime) -> None:
        if self._due is None or at >= self._due or self.seen.has_news():
            self.write(at)

    def write(self, at: datetime) -> None:
        self._due, self._forget = at + _EVERY, self._forget or at + _FORGET_EVERY
        taken = self.seen.take()
        if not taken and at < self._forget:
            return
        try:
            with self.app.app_context():
                actions.note(taken, at)
        except Exception as error:  # whatever it is, the thread must live
            self.seen.put_back(taken)
            if not self._in_trouble:
                log.warning("sightings.not_noted", exc_info=not isinstance(error, SQLAlchemyError))
            self._in_trouble = True
        else:
            self.seen.written(taken)
            self._forget = at + _FORGET_EVERY
            self._in_trouble = False
