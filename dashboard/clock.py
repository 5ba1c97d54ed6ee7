"""The only reader of the clock. Views, jobs and the command line ask it; everywhere else time is an argument."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware UTC."""
    return datetime.now(UTC)


def seconds() -> float:
    """This moment in seconds since 1970, as `datetime.timestamp` has it: for whoever asks 50,000 times a second."""
    return time.time()
