"""A message as one follower reads it: its times told in their zone, so that they are right whenever it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dashboard.channels.message import Letter, Link
from dashboard.rules import wording
from dashboard.rules.text import clean, clean_line

_SPAN = re.compile(r"\{from\}.*\{until\}", re.DOTALL)

LATE = "This comes late: it became true {then}."
MANAGE = "Change your updates, or stop them"


@dataclass(frozen=True, slots=True)
class Told:
    """``told`` says when: "Saturday 21 November 2026, 14:20 GMT". Times of that day stand without their day."""

    title: str
    lines: tuple[str, ...]
    late: str
    told: str

    @property
    def text(self) -> str:
        """All but its title."""
        return "\n\n".join((*self.lines, self.late) if self.late else self.lines)


def told(letter: Letter) -> Told:
    message, zone = letter.message, ZoneInfo(letter.to.zone)
    times = _Times(message.start, message.end, message.next, letter.sent_at.astimezone(zone).date(), zone)
    lines = [_filled(line, times) for line in message.lines]
    return Told(
        title=clean_line(_filled(message.title, times)),
        lines=tuple(line for line in lines if line),
        late=wording.filled(LATE, then=_then(message.at, times)) if message.is_late else "",
        told=_moment(letter.sent_at, zone),
    )


def links(letter: Letter) -> tuple[Link, ...]:
    """What can be read or done: the page first, what staff may do after it."""
    return (letter.message.link, *letter.message.actions)


@dataclass(frozen=True, slots=True)
class _Times:
    start: datetime | None
    end: datetime | None
    next: datetime | None
    today: date
    zone: ZoneInfo


@lru_cache(maxsize=512)  # thousands are told the same
def _filled(template: str, times: _Times) -> str:
    """One that is not known leaves nothing."""
    found = {
        "from": _words(times.start, times, is_end=False),
        "until": _words(times.end, times),
        "next": _words(times.next, times),
    }
    if times.start and times.end and _SPAN.search(template):
        found |= _span(times.start, times.end, times)
    return clean(wording.filled(template, **found))


def _span(start: datetime, end: datetime, times: _Times) -> dict[str, str]:
    """Day and zone are said once where they are the same: "Sunday 22 November 02:00 to 04:00 GMT"."""
    zone = times.zone
    begins = wording.dated_words(start, times.today, zone, is_end=False)
    ends = wording.dated_words(end, wording.day_of(start, zone, is_end=False), zone)
    is_same = zone_name(start, zone) == zone_name(end, zone)
    return {
        "from": begins if is_same else f"{begins} {zone_name(start, zone)}",
        "until": f"{ends} {zone_name(end, zone)}",
    }


def _words(t: datetime | None, times: _Times, is_end: bool = True) -> str:
    if t is None:
        return ""
    return f"{wording.dated_words(t, times.today, times.zone, is_end)} {zone_name(t, times.zone)}"


def _then(t: datetime, times: _Times) -> str:
    is_today = wording.day_of(t, times.zone) == times.today
    return f"{'at' if is_today else 'on'} {_words(t, times)}"


def zone_name(t: datetime, zone: ZoneInfo) -> str:
    """ "GMT"; where the zone has no such name, "UTC-03"."""
    name = f"{t.astimezone(zone):%Z}"
    return f"UTC{name}" if name[0] in "+-" else name


def _moment(t: datetime, zone: ZoneInfo) -> str:
    local = t.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} {zone_name(t, zone)}"
