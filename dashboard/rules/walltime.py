"""Times of day as people type them, and the moments they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_CONTINENTS = frozenset(
    ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


@dataclass(frozen=True, slots=True)
class Gap:
    """The wall time does not exist in that zone: the clocks jump over it. Both choices do (aware UTC)."""

    earlier: datetime
    later: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """The wall time happens twice: the first and the second moment (aware UTC)."""

    first: datetime
    second: datetime


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime | Gap | Fold:
    """The moment (aware UTC) that a naive wall time means in a zone, or why it does not mean one moment."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return Fold(first, second)
    return _around(wall, zone)


def _around(wall: datetime, zone: ZoneInfo) -> Gap:
    """What the clocks read as long before and after the jump as the jump is: for 02:30, 01:30 and 03:30."""
    before = wall.replace(tzinfo=zone, fold=0).utcoffset()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset()
    shift = (after or timedelta()) - (before or timedelta())
    return Gap(_utc(wall - shift, zone), _utc(wall + shift, zone))


def _utc(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def is_zone(name: str) -> bool:
    return name in _zones()


def zone_named(name: str) -> str:
    """As that zone is written, in whatever case it was typed; what is no zone stays as it is."""
    return name if is_zone(name) else _by_folded().get(name.casefold(), name)


@cache
def zones() -> tuple[str, ...]:
    """Those to choose from: each by its place, and UTC."""
    return ("UTC", *sorted(name for name in _zones() if name.partition("/")[0] in _CONTINENTS))


@cache
def _by_folded() -> dict[str, str]:
    return {name.casefold(): name for name in _zones()}


@cache
def _zones() -> set[str]:
    return available_timezones()


def next_time_of_day(now: datetime, wall: str, zone: ZoneInfo) -> datetime | Gap | Fold:
    """The next moment after ``now`` (aware UTC) at which clocks in ``zone`` read ``wall`` ("18:00")."""
    hour, minute = (int(part) for part in wall.split(":"))
    local = now.astimezone(zone).replace(tzinfo=None)
    today = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    found = moment_of(today, zone)
    if isinstance(found, Fold) and found.first <= now < found.second:
        return found.second
    is_past = found.second <= now if isinstance(found, Fold) else today <= local
    return moment_of(today + timedelta(days=1), zone) if is_past else found
