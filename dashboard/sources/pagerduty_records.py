"""PagerDuty's records as frozen values of ours; a record that is not right is skipped, and says why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from dashboard.rules.text import ADDRESS, LINE, clean_line, is_link, user_message
from dashboard.sources.parse import parse_part

TOLD = 20  # warnings told
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WindowRecord:
    """A maintenance window as PagerDuty tells it. ``title`` is for staff, ``message`` for the public."""

    external_id: str
    starts_at: datetime
    ends_at: datetime
    title: str
    message: str
    url: str
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that could not be read; ``external_id`` None when not even its id could."""

    external_id: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask for: the windows of these services, and what became of those open windows that the list lacks."""

    asked_at: datetime
    services: frozenset[str]
    open_ids: tuple[str, ...] = ()  # in the order in which to ask


@dataclass(frozen=True, slots=True)
class Fetch:
    """A whole list of windows. ``gone`` are those that PagerDuty says it does not have; ``unconfirmed`` are missing
    from the list, and nobody knows why. ``unknown`` pairs a service that PagerDuty refuses with what it said."""

    asked_at: datetime
    windows: tuple[WindowRecord, ...] = ()
    gone: frozenset[str] = frozenset()
    unconfirmed: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()
    unknown: tuple[tuple[str, str], ...] = ()
    skewed: bool = False

    @property
    def complete(self) -> bool:
        """Was every record and every service believed?"""
        return not (self.skipped or self.unknown or self.unconfirmed)

    @property
    def warnings(self) -> list[str]:
        """Sentences for staff; the same ones for as long as the same is wrong."""
        told = [f"Service {id} was left out, because PagerDuty refuses it: {said}" for id, said in self.unknown]
        told += sorted({f"Window {s.external_id or 'without an id'} was skipped: {s.why}." for s in self.skipped})
        if self.unconfirmed:
            told.append("Some windows are missing from PagerDuty’s list and could not be asked for yet; they stay.")
        if self.skewed:
            told.append("PagerDuty’s clock and the clock here differ by more than a minute. Check this machine’s.")
        return told if len(told) <= TOLD else [*told[:TOLD], "And there is more."]


class _Id(msgspec.Struct):
    id: str


class _Window(_Id):
    start_time: str
    end_time: str
    services: list[_Id]
    description: str | None = None
    html_url: str | None = None


class _Service(_Id):
    name: str | None = None
    summary: str | None = None


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def read_window(raw: msgspec.Raw) -> WindowRecord | Skipped:
    found = parse_part(raw, _Id)
    external_id = found.id if found and is_id(found.id) else None
    window = parse_part(raw, _Window)
    if external_id is None:
        return Skipped(None, "it has no id")
    if window is None or not all(is_id(service.id) for service in window.services):
        return Skipped(external_id, "a field is missing or is not what it should be")
    if not window.services:
        return Skipped(external_id, "it is on no service")
    start, end = _time(window.start_time), _time(window.end_time)
    if start is None or end is None:
        return Skipped(external_id, "its start or its end is not a time")
    if end < start:
        return Skipped(external_id, "its end is before its start")
    return _record(window, start, end)


def read_service(raw: msgspec.Raw) -> ServiceRecord | None:
    service = parse_part(raw, _Service)
    if service is None or not is_id(service.id):
        return None
    return ServiceRecord(service.id, clean_line(service.name or service.summary or "")[:LINE] or service.id)


def _record(window: _Window, start: datetime, end: datetime) -> WindowRecord:
    for_staff, _, _ = (window.description or "").partition("USER_MESSAGE:")
    url = window.html_url or ""
    return WindowRecord(
        external_id=window.id,
        starts_at=start,
        ends_at=end,
        title=clean_line(for_staff)[:LINE],
        message=user_message(window.description),
        url=url if url.startswith("http") and is_link(url) and len(url) <= ADDRESS else "",
        services=frozenset(service.id for service in window.services),
    )


def _time(text: str) -> datetime | None:
    """Aware UTC, to the microsecond; None for what is no time, has no zone or lies outside of any plan."""
    try:
        time = datetime.fromisoformat(text)
        utc = time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None
    return utc if utc and _FIRST <= utc <= _LAST else None
