"""Times as people choose and type them, and what they mean. A clock change is asked about, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.config import settings
from dashboard.rules import walltime, wording

_TYPED = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Choice:
    """A chip: its value, its name, and the clock time it means."""

    value: str
    name: str
    means: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that does not mean one moment: why, and the moments to choose from (value, words)."""

    sentence: str
    choices: tuple[tuple[str, str], ...]


class Unclear(Exception):
    """``sentence`` says what is wrong; ``asked`` offers moments when the clocks change then."""

    def __init__(self, field: str, sentence: str, asked: Asked | None = None) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence
        self.asked = asked


def zone_of(name: str) -> ZoneInfo:
    """Raises Unclear for a zone that nobody knows."""
    if not walltime.is_zone(name):
        raise Unclear("zone", f"“{name[:60]}” is not a time zone. Write it like Europe/London.")
    return ZoneInfo(name)


def moment(field: str, typed: str, exact: str, zone: ZoneInfo) -> datetime:
    """What a typed wall time means; ``exact`` is the answer to an earlier question. Raises Unclear."""
    try:
        wall = datetime.fromisoformat(typed).replace(second=0, microsecond=0)
        if wall.tzinfo is not None or not 2000 <= wall.year <= 2100:
            raise ValueError
    except ValueError:
        raise Unclear(field, "Give a day and a time, like 21 November 2026, 18:00.") from None
    meant = walltime.moment_of(wall, zone)
    if isinstance(meant, datetime):
        return meant
    asked = _asked(wall, meant, zone)
    chosen = next((value for value, _ in asked.choices if value == exact), None)
    if chosen is None:
        raise Unclear(field, asked.sentence, asked)
    return datetime.fromisoformat(chosen)


def _asked(wall: datetime, meant: walltime.Gap | walltime.Fold, zone: ZoneInfo) -> Asked:
    if isinstance(meant, walltime.Gap):
        moments = (meant.earlier, meant.later)
        words = tuple((moment.isoformat(), f"{moment.astimezone(zone):%H:%M}") for moment in moments)
        return Asked(f"The clocks change then: {wall:%H:%M} does not exist that day. Which do you mean?", words)
    first, second = meant.first, meant.second
    words = (
        (first.isoformat(), f"the first {wall:%H:%M}, before the clocks change"),
        (second.isoformat(), f"the second {wall:%H:%M}, an hour later"),
    )
    return Asked(f"The clocks change then: {wall:%H:%M} happens twice that day. Which do you mean?", words)


def lengths(default_minutes: int, at: datetime) -> list[Choice]:
    """The chips of the turn-off panel; the section's own length is always among them."""
    zone = settings().time_zone
    minutes = sorted({30, 60, 120} | {default_minutes})
    chips = [
        Choice(str(length), _length_name(length), f"to {_clock(at + timedelta(minutes=length), at, zone)}")
        for length in minutes
    ]
    return [
        *chips,
        Choice("eod", "End of day", f"to {_clock(end_of_day(at), at, zone)}"),
        Choice("at", "Another time", "choose it"),
        Choice("unknown", "Not known", "asks you each hour"),
    ]


def end_of_day(at: datetime) -> datetime:
    """The next time that clocks read END_OF_DAY; on a day when the clocks jump over it, the hour after."""
    meant = walltime.next_time_of_day(at, settings().end_of_day, settings().time_zone)
    if isinstance(meant, walltime.Gap):
        return meant.later
    return meant.first if isinstance(meant, walltime.Fold) else meant


def chosen_end(until: str, start: datetime, at: datetime) -> datetime | None:
    """What a chip other than “Another time” means, counted from ``start``; None is not known. Raises Unclear."""
    if until == "unknown":
        return None
    if until == "eod":
        return end_of_day(max(start, at))
    if until.isdigit() and 0 < int(until) <= 525_600:
        return start + timedelta(minutes=int(until))
    raise Unclear("until", "Choose until when.")


def typed(t: datetime) -> str:
    """A moment as a wall time of the page's zone, as an input of type datetime-local wants it."""
    return f"{t.astimezone(settings().time_zone):{_TYPED}}"


def _clock(t: datetime, at: datetime, zone: ZoneInfo) -> str:
    return wording.time_words(t, at.astimezone(zone).date(), zone)


def _length_name(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} minutes"
    hours, rest = divmod(minutes, 60)
    if rest or hours >= 48:
        return wording.length_words(timedelta(minutes=minutes))
    return f"{hours} hour{'s' if hours > 1 else ''}"
