"""Ends a process once the one that started it is gone, so that a killed supervisor leaves nothing behind.

Each process of the tree holds on to the one above it: the supervisor's children to it, granian's worker and RQ's
work horse to theirs. A process that something else started has nobody to hold on to; those below it hold on to it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

PARENT = "SIGNPOST_PARENT"
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def hold(ending: signal.Signals = signal.SIGKILL) -> None:
    """To be called first thing in a process, from its main thread."""
    parent = int(os.environ.get(PARENT, "0"))
    os.environ[PARENT] = str(os.getpid())
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, int(ending), 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent, ending), name="leash", daemon=True).start()
    if os.getppid() != parent:  # gone before this could be asked for
        os.kill(os.getpid(), ending)


def _watch(parent: int, ending: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), ending)


def main() -> None:
    """Become another program, on the leash where the system keeps it (Linux). It is asked to end, not killed."""
    hold(signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
