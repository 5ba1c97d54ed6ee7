"""What in the times of planned work looks mistyped. It is said to staff and blocks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.rules import wording
from dashboard.rules.walltime import Fold, moment_of

_LONG = timedelta(hours=24)
_HALF_DAY = timedelta(hours=12)
_USUAL = timedelta(hours=6)  # work that is planned mostly takes no longer
_LATE = timedelta(minutes=15)  # so much may have begun before it came to be known
_FAR = timedelta(days=370)
_AFTERNOON = range(12, 17)  # hours that are twelve after those of most planned work


@dataclass(frozen=True, slots=True)
class Doubt:
    """``kind`` is too_long, half_day, by_day, past, far or clock_change."""

    kind: str
    sentence: str


def doubts(starts_at: datetime, ends_at: datetime, known_at: datetime, zone: ZoneInfo) -> tuple[Doubt, ...]:
    """``known_at`` is when it came to be known; ``zone`` the one in which its people tell the time."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    length = ends_at.astimezone(UTC) - starts_at.astimezone(UTC)  # by the wall, two of one zone lie apart otherwise
    found = [_of_length(length, end), _of_day(start, length), *_of_distance(starts_at, ends_at, known_at)]
    return (*(doubt for doubt in found if doubt), *_of_clocks(start, end, length, zone))


def _of_length(length: timedelta, end: datetime) -> Doubt | None:
    if length > _LONG:
        return Doubt("too_long", f"It lasts {wording.length_words(length)}. Is its last day right?")
    if _HALF_DAY < length <= _HALF_DAY + _USUAL:
        meant = end - _HALF_DAY
        said = f"It lasts {wording.length_words(length)}. Was {meant:%H:%M} meant, not {end:%H:%M}?"
        return Doubt("half_day", said)
    return None


def _of_day(start: datetime, length: timedelta) -> Doubt | None:
    if start.hour not in _AFTERNOON or length > _USUAL:
        return None
    meant = start - _HALF_DAY
    return Doubt("by_day", f"It begins at {start:%H:%M}, by day. Was {meant:%H:%M} meant?")


def _of_distance(starts_at: datetime, ends_at: datetime, known_at: datetime) -> list[Doubt]:
    if ends_at <= known_at:
        return [Doubt("past", "It was over before it was planned. Is its day right?")]
    if known_at - starts_at > _LATE:
        before = wording.length_words(known_at - starts_at)
        return [Doubt("past", f"It began {before} before it was planned. Is its start right?")]
    if starts_at - known_at > _FAR:
        return [Doubt("far", "It is more than a year away. Is its year right?")]
    return []


def _of_clocks(start: datetime, end: datetime, length: timedelta, zone: ZoneInfo) -> list[Doubt]:
    """By the clocks on the wall it seems longer or shorter than it is, or a time in it happens twice."""
    seems = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    if length <= _LONG and seems != length:
        way = "forward" if seems > length else "back"
        said = f"The clocks go {way} during it: {start:%H:%M} to {end:%H:%M} is {wording.length_words(length)}."
        return [Doubt("clock_change", said)]
    twice = [t for t in (start, end) if isinstance(moment_of(t.replace(tzinfo=None, fold=0), zone), Fold)]
    if twice:
        said = f"{twice[0]:%H:%M} happens twice that day, as the clocks go back. Is it the right one?"
        return [Doubt("clock_change", said)]
    return []
