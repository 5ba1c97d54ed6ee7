"""The words that the public reads, and the checks on the words that staff write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.rules.state import State

PUBLIC_WORDS = {
    State.OK: "Working",
    State.APPROACHING: "Working",
    State.DEGRADED: "Slow",
    State.DOWN: "Unavailable",
}

# Templates of the notices; the reader's own browser, or `filled`, puts the times in.
TITLE_DOWN = "{section} is unavailable until {until}"
TITLE_DOWN_OPEN = "{section} is unavailable"
TITLE_LATE = "{section} is still unavailable"
TITLE_SOON = "{section} will be unavailable {from} to {until}"
TITLE_SOON_OPEN = "{section} will be unavailable from {from}"
TITLE_DEGRADED = "{section} is slow"
TITLE_DEGRADED_SOON = "{section} may be slow {from} to {until}"
TITLE_DEGRADED_SOON_OPEN = "{section} may be slow from {from}"
TITLE_BACK = "{section} is working again"
EXPECTED = "We expected it back by {until}. It is taking longer."
NOT_KNOWN = "We do not know yet when it will be back."
NEXT = "We will say more by {next}."
UPDATES = "Latest updates"
TITLES = {
    "down": TITLE_DOWN,
    "down_open": TITLE_DOWN_OPEN,
    "late": TITLE_LATE,
    "soon": TITLE_SOON,
    "soon_open": TITLE_SOON_OPEN,
    "degraded": TITLE_DEGRADED,
    "degraded_soon": TITLE_DEGRADED_SOON,
    "degraded_soon_open": TITLE_DEGRADED_SOON_OPEN,
}

DOWN_WORDS = re.compile(
    r"\b(cannot|can't|can’t|could not|unable to|not (?:be able|available|working|possible)|unavailable|"
    r"(?:is|are) (?:down|off|closed)|(?:does|do|will) not|no longer)\b",
    re.IGNORECASE,
)
OTHER_WAY = re.compile(
    r"\b(instead|can still|call|phone|ring|email|e-mail|write to|by post|visit|come back|try|use|ask|"
    r"send|go to|in person|https?://)",
    re.IGNORECASE,
)
DISCOURAGED = {
    "maintenance": "say what people cannot do",
    "improvements": "say what people cannot do",
    "technical difficulties": "say what people cannot do",
    "some users": "say who is affected",
    "intermittent": "say how often it fails",
    "issue": "use “problem”",
    "issues": "use “problems”",
    "apologies for any inconvenience": "say what to do instead",
    "asap": "say when",
    "shortly": "say when",
    "503": "say what people cannot do",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One of the three things that a notice should do, and whether this one does."""

    words: str
    passed: bool


def title(section: str, state: State, until_known: bool, late: bool, soon: bool) -> str:
    """The template of a notice's title, with {from} and {until} left in."""
    return TITLES[title_name(state, until_known, late, soon)].replace("{section}", section)


def title_name(state: State, until_known: bool, late: bool, soon: bool) -> str:
    """Which of `TITLES` it is."""
    if state is State.DOWN and late:
        return "late"
    if state is not State.DOWN and not soon:
        return "degraded"
    begun_or_soon = ("soon" if soon else "down") if state is State.DOWN else "degraded_soon"
    return begun_or_soon if until_known else f"{begun_or_soon}_open"


def filled(template: str, **words: str) -> str:
    """Plain replacement of ``{name}``: nothing in the words is looked at again."""
    return re.sub(r"\{(\w+)\}", lambda match: words.get(match.group(1), match.group(0)), template)


def checks(message: str, until_known: bool, promises_next: bool, alternative: str) -> tuple[Check, Check, Check]:
    """The three content checks of the turn-off panel. They advise; they never block."""
    return (
        Check("Says what is not working", bool(DOWN_WORDS.search(message))),
        Check("Says until when", until_known or promises_next),
        Check("Offers another way", bool(alternative) or bool(OTHER_WAY.search(message))),
    )


def discouraged(message: str) -> list[str]:
    """Advice on words that tell the public nothing: "Instead of “shortly”: say when"."""
    lower = message.lower()
    return [
        f"Instead of “{word}”: {advice}"
        for word, advice in DISCOURAGED.items()
        if re.search(rf"\b{re.escape(word)}\b", lower)
    ]


def clock_words(t: datetime, zone: ZoneInfo, is_end: bool = True) -> str:
    """ "18:00". Never 24:00 or midnight: an end there reads 23:59, a start 00:01."""
    return f"{_off_midnight(t.astimezone(zone), is_end):%H:%M}"


def time_words(t: datetime, today: date, zone: ZoneInfo, is_end: bool = True) -> str:
    """ "18:00", "Sunday 04:00" or "2 December 04:00", by distance; with the year when it is another one."""
    local = _off_midnight(t.astimezone(zone), is_end)
    distance = (local.date() - today).days
    if distance == 0:
        return f"{local:%H:%M}"
    if distance == 1:
        return f"tomorrow {local:%H:%M}"
    if 1 < distance < 7:
        return f"{local:%A %H:%M}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local.day} {local:%B}{year} {local:%H:%M}"


def dated_words(t: datetime, today: date, zone: ZoneInfo, is_end: bool = True) -> str:
    """ "18:00", or "Sunday 22 November 04:00": right on whichever day it is read, as long as that day is known."""
    local = _off_midnight(t.astimezone(zone), is_end)
    if local.date() == today:
        return f"{local:%H:%M}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local:%A} {local.day} {local:%B}{year} {local:%H:%M}"


def day_of(t: datetime, zone: ZoneInfo, is_end: bool = True) -> date:
    """The day that a time is told on."""
    return _off_midnight(t.astimezone(zone), is_end).date()


def by_words(t: datetime, today: date, zone: ZoneInfo) -> str:
    """The same of an end, with its day said even when it is this one: "18:00 today"."""
    words = time_words(t, today, zone)
    return f"{words} today" if _off_midnight(t.astimezone(zone), True).date() == today else words


def to_words(start: datetime, end: datetime, today: date, zone: ZoneInfo) -> str:
    """An end that is told after its start: "04:00"; the day is said again only when it is another one."""
    same_day = _off_midnight(start.astimezone(zone), False).date() == _off_midnight(end.astimezone(zone), True).date()
    return clock_words(end, zone) if same_day else time_words(end, today, zone)


def span_words(start: datetime, end: datetime | None, today: date, zone: ZoneInfo) -> str:
    """ "Sunday 02:00 to 04:00", or "from Sunday 02:00" when the end is not known."""
    begins = time_words(start, today, zone, is_end=False)
    return f"from {begins}" if end is None else f"{begins} to {to_words(start, end, today, zone)}"


def length_words(length: timedelta) -> str:
    """ "3 h 28 min", "2 days": rounded to what matters at that distance."""
    minutes = max(0, round(length.total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = round(hours / 24)
    return f"{days} day{'s' if days != 1 else ''}"


def _off_midnight(local: datetime, is_end: bool) -> datetime:
    if (local.hour, local.minute) != (0, 0):
        return local
    return local - timedelta(minutes=1) if is_end else local + timedelta(minutes=1)
