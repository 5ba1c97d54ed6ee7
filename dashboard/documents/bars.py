"""A component's 90 days as they are drawn and told: one dashed line, a path for each kind of bad day, and a table.

The bars, the sentence, the table and the number are all made of one `Past`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from dashboard.history import DAYS, Past
from dashboard.rules.status import Status
from dashboard.rules.uptime import share_words

_TOPS = {Status.DEGRADED_PERFORMANCE: 2.7, Status.PARTIAL_OUTAGE: 1.4, Status.MAJOR_OUTAGE: 0}
_NAMES = {
    Status.MAJOR_OUTAGE: "major outage",
    Status.PARTIAL_OUTAGE: "partial outage",
    Status.DEGRADED_PERFORMANCE: "degraded performance",
    Status.UNDER_MAINTENANCE: "maintenance",
}


@dataclass(frozen=True, slots=True)
class BadDay:
    day: date
    status: Status
    length: timedelta
    is_today: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """``known``: since which of the days, by its place, anything is known."""

    uptime: float | None
    known: int
    bad: tuple[BadDay, ...]  # the latest first

    @property
    def share(self) -> str:
        """ "99.95 % up", or nothing."""
        return f"{share_words(self.uptime)} up" if self.uptime is not None else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """The days of one status, as one path."""

    status: Status
    path: str


@lru_cache(maxsize=2_000)
def bars_of(past: Past) -> Bars:
    known = next((place for place, day in enumerate(past.days) if day.worst is not None), DAYS)
    today = past.days[-1].day
    bad = tuple(
        BadDay(day.day, day.worst, timedelta(seconds=day.seconds), day.day == today)
        for day in reversed(past.days)
        if day.worst not in (None, Status.OPERATIONAL)
    )
    return Bars(past.uptime, known, bad)


def place_of(bad: BadDay, today: date) -> int:
    return DAYS - 1 - (today - bad.day).days


def marks(bars: Bars, today: date) -> list[Mark]:
    found: dict[Status, str] = {}
    for bad in reversed(bars.bad):
        found[bad.status] = found.get(bad.status, "") + _bar(place_of(bad, today), bad.status)
    return [Mark(status, path) for status, path in found.items()]


def gaps(bars: Bars, today: date) -> str:
    """What is taken out of the line for a bar that is split."""
    places = (place_of(bad, today) for bad in reversed(bars.bad) if bad.status is Status.UNDER_MAINTENANCE)
    return "".join(f"M{place}.1 4h.8v6h-.8z" for place in places)


def _bar(place: int, status: Status) -> str:
    if status is Status.UNDER_MAINTENANCE:
        return f"M{place}.14 4h.72v2.4h-.72zM{place}.14 7.6h.72v2.4h-.72z"
    top = _TOPS[status]
    return f"M{place}.14 {top}h.72v{round(10 - top, 1)}h-.72z"


def sentence(name: str, bars: Bars) -> str:
    """All of it for those who do not see the bars."""
    if bars.known == DAYS:
        return f"{name}: nothing is known of the last {DAYS} days."
    whole = DAYS - bars.known
    over = f"the last {whole} days" if whole > 1 else "today"
    up = f"{bars.share} over {over}" if bars.share else f"over {over}"
    if not bars.bad:
        return f"{name}: {up}. No days with problems."
    counted = Counter(bad.status for bad in bars.bad)
    days = [
        f"{counted[status]} {_days(counted[status])} of {words}"
        for status, words in _NAMES.items()
        if status in counted
    ]
    return f"{name}: {up}. {', '.join(days)}."


def _days(count: int) -> str:
    return "day" if count == 1 else "days"
