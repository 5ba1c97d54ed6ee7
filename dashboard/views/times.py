"""Times as people choose and type them, and what they mean. A clock change is asked about, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.config import settings
from dashboard.rules import text, walltime, wording

_TYPED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_YEAR = 525_600  # in minutes
_LAST = 4_102_444_800  # 2100, in seconds


@dataclass(frozen=True, slots=True)
class Choice:
    """A chip: its value, its name, and the clock time it means. "@" and seconds is the very moment that it shows."""

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
    if not walltime.is_zone(name := walltime.zone_named(name)):
        raise Unclear("zone", f"“{name[:60]}” is not a time zone. Write it like Europe/London.")
    return ZoneInfo(name)


def moment(field: str, typed: str, exact: str, zone: ZoneInfo) -> datetime:
    """What a typed wall time means; ``exact`` is the answer to an earlier question. Raises Unclear."""
    wall = _wall(typed)
    if wall is None:
        raise Unclear(field, "Give a day and a time, like 21 November 2026, 18:00.")
    meant = walltime.moment_of(wall, zone)
    if isinstance(meant, datetime):
        return meant
    asked = _asked(wall, meant, zone)
    chosen = next((value for value, _ in asked.choices if value == exact), None)
    if chosen is None:
        raise Unclear(field, asked.sentence, asked)
    return datetime.fromisoformat(chosen)


def _wall(typed: str) -> datetime | None:
    """Only what an input of type datetime-local sends."""
    if not _TYPED.fullmatch(typed):
        return None
    try:
        wall = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return wall if 2000 <= wall.year <= 2100 else None


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
    minutes = sorted({30, 60, 120} | {default_minutes})
    return [
        *(Choice(str(length), _length_name(length), _to(at + timedelta(minutes=length), at)) for length in minutes),
        _moment("End of day", end_of_day(at), at),
        Choice("at", "Another time", "choose it"),
        Choice("unknown", "Not known", "asks you each hour"),
    ]


def later_ends(start: datetime, planned_end: datetime | None, at: datetime) -> list[Choice]:
    """The buttons of the extend panel: so much later than the end that is planned, or is first possible."""
    first = max(start, at)
    base = max(planned_end or first, first)
    more = [
        _moment(f"{wording.length_words(length)} more", base + length, at)
        for length in (timedelta(minutes=minutes) for minutes in (30, 60, 120))
    ]
    day = [_moment("End of day", end_of_day(first), at)] if end_of_day(first) != planned_end else []
    return [*more, *day, Choice("unknown", "Not known", "asks you each hour")]


def _moment(name: str, t: datetime, at: datetime) -> Choice:
    return Choice(f"@{int(t.timestamp())}", name, _to(t, at))


def end_of_day(at: datetime) -> datetime:
    """The next time that clocks read END_OF_DAY; on a day when the clocks jump over it, the hour after."""
    meant = walltime.next_time_of_day(at, settings().end_of_day, settings().time_zone)
    if isinstance(meant, walltime.Gap):
        return meant.later
    return meant.first if isinstance(meant, walltime.Fold) else meant


def chosen_end(until: str, start: datetime, at: datetime) -> datetime | None:
    """What a chip other than “Another time” means; None is not known. Raises Unclear.

    A length counts from ``start``. The end of the day is the one that was shown, also when it has passed meanwhile;
    for a start beyond it, the end of that day.
    """
    if until == "unknown":
        return None
    if until.startswith("@") and (seconds := text.whole_number(until[1:], _LAST)):
        shown = datetime.fromtimestamp(seconds, UTC)
        return end_of_day(start) if at < start and shown <= start else shown
    if minutes := text.whole_number(until, _YEAR):
        return start + timedelta(minutes=minutes)
    raise Unclear("until", "Choose until when.")


def typed(t: datetime) -> str:
    """A moment as a wall time of the page's zone, as an input of type datetime-local wants it."""
    return f"{t.astimezone(settings().time_zone):%Y-%m-%dT%H:%M}"


def next_hour(at: datetime) -> str:
    """The next full hour, typed: where a later start may begin."""
    return f"{(at + timedelta(hours=1)).astimezone(settings().time_zone):%Y-%m-%dT%H}:00"


def _to(t: datetime, at: datetime) -> str:
    zone = settings().time_zone
    return f"to {wording.time_words(t, at.astimezone(zone).date(), zone)}"


def _length_name(minutes: int) -> str:
    if minutes < 60:
        return f"{minutes} minutes"
    hours, rest = divmod(minutes, 60)
    if rest or hours >= 48:
        return wording.length_words(timedelta(minutes=minutes))
    return f"{hours} hour{'s' if hours > 1 else ''}"
