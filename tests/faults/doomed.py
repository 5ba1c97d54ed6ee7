"""A turn of the outbox that is killed in the middle: ``python -m tests.faults.doomed after a.module.deed 3``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from inspect import iscoroutinefunction
from itertools import count
from typing import Any

from dashboard import config, outbox
from dashboard.actions import delivering
from dashboard.app import bare
from dashboard.channels import CHANNELS, open_lines
from dashboard.clock import now


def doom(when: str, path: str, number: int) -> None:
    """Killed just before, or just after, this is done for the so-manieth time."""
    module, _, name = path.rpartition(".")
    there, calls = import_module(module), count(1)
    deed: Callable[..., Any] = getattr(there, name)

    def die(said: str, call: int) -> None:
        if said == when and call == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def doomed(*words: Any, **named: Any) -> Any:
        call = next(calls)
        die("before", call)
        found = deed(*words, **named)
        die("after", call)
        return found

    async def doomed_later(*words: Any, **named: Any) -> Any:
        call = next(calls)
        die("before", call)
        found = await deed(*words, **named)
        die("after", call)
        return found

    setattr(there, name, doomed_later if iscoroutinefunction(deed) else doomed)


def main() -> None:
    when, path, number = sys.argv[1:]
    doom(when, path, int(number))
    delivering.BATCH = 10
    settings = config.from_environment(os.environ)
    app = bare(settings)
    with app.app_context():
        outbox.turn(outbox.Post(CHANNELS, open_lines, settings, app.config["SECRET_KEY"]), outbox.Around(now))


if __name__ == "__main__":
    main()
