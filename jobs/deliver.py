"""Every other second: who follows is told what there is to tell. A worker runs it within the app's context."""

from __future__ import annotations

import signal
import threading

import structlog
from flask import current_app

from dashboard import due, queue
from dashboard.clock import now
from dashboard.config import settings

log = structlog.get_logger()


def run() -> None:
    """One turn; with several workers several at once."""
    told_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
    if not due.anything(now()):
        return
    from dashboard import outbox  # only here: an idle worker has no use for its megabytes
    from dashboard.channels import CHANNELS, open_lines

    post = outbox.Post(CHANNELS, open_lines, settings(), current_app.config["SECRET_KEY"])
    around = outbox.Around(now, told_to_end.is_set, lambda: queue.do_others_wait(queue.DELIVER))
    if letters := outbox.turn(post, around):
        log.info("outbox.turned", letters=letters)
