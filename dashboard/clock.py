"""The only reader of the clock. Views, jobs and the command line ask it; everywhere else time is an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware UTC."""
    return datetime.now(UTC)
