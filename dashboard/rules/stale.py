"""Which toggles look as if nobody reads them any more, and when a toggle last changed what it reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.rules.span import Span, later

KEPT = timedelta(days=90)  # how long it is remembered that something was read
GRACE = timedelta(days=30)  # what was added, edited or restored so lately is being worked on
SETTLED = timedelta(days=30)  # who has read the same for so long may be forgotten
UNREAD = timedelta(days=10)  # and is if nobody asked for so long: more than a week, for what runs once in one
LONG_UNREAD = timedelta(days=30)  # nobody asked for so long, whatever it reads


@dataclass(frozen=True, slots=True)
class Use:
    """What is known of a toggle's use. ``read_at``: last, by any of its names or with all the others, whose reader may
    use any of them; None for never. ``counted_from``: since when anything is known of readers, None for not yet."""

    added_at: datetime
    touched_at: datetime  # by a person, the last time
    settled_at: datetime  # since when it reads what it reads
    read_at: datetime | None
    counted_from: datetime | None

    def watched_from(self, t: datetime) -> datetime:
        """Since when a reader would have been seen."""
        return max(self.added_at, self.counted_from or t, t - KEPT)


def is_stale(use: Use, t: datetime) -> bool:
    """Was it read by nobody for so long that it may be in nobody's way to remove it?"""
    if t - use.touched_at < GRACE:
        return False
    unread = t - max(use.read_at or use.added_at, use.watched_from(t))
    return unread >= LONG_UNREAD or (unread >= UNREAD and t - use.settled_at >= SETTLED)


def sentence(use: Use, value: bool, t: datetime) -> str:
    """Of a stale one: "Off for 41 days, not read for 12." """
    state, settled = "On" if value else "Off", _days(t - use.settled_at)
    if use.read_at is not None:
        return f"{state} for {settled}, not read for {_days(t - use.read_at)}."
    since = use.watched_from(t)
    if since == use.added_at:
        return f"Never read since it was added {_days(t - since)} ago."
    return f"{state} for {settled}, not read for {_days(t - since)} or more."


def settled_at(downs: Iterable[Span], t: datetime) -> datetime | None:
    """The last time before ``t`` at which being down began or ended; None if it never was."""
    edge, end = None, None
    for span in sorted((span for span in downs if span.start <= t), key=lambda span: span.start):
        if edge is None or (end is not None and span.start > end):
            edge, end = span.start, span.end
        else:
            end = later(end, span.end)
    return end if end is not None and end <= t else edge


def _days(length: timedelta) -> str:
    return "1 day" if length.days == 1 else f"{length.days} days"
