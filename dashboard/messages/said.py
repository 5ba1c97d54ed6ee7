"""What was said of a thing: kept with its notification, so that the next one tells only what is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.rules.status import Status
from dashboard.rules.telling import Reach

Times = tuple[datetime, datetime | None]  # from when until when; None is not known


@dataclass(frozen=True, slots=True)
class Off:
    """A section is off: by which outage, until when as it was told, and since when, which may be by one before it."""

    outage: int
    since: datetime
    until: datetime | None
    is_late: bool = False
    was_planned: bool = False


@dataclass(frozen=True, slots=True)
class OfSection:
    """``off`` None: it works. ``planned``: outages that are to come, by their ids."""

    at: datetime
    off: Off | None = None
    planned: Mapping[int, Times] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfIncident:
    """``updates``: the ids of those that were told; ``sections``: what it last said of each, by its id."""

    at: datetime
    updates: tuple[int, ...]
    sections: Mapping[int, OfSection] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfComponent:
    at: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class OfWork:
    """``is_off``: it will not be. ``reminded``: of which start somebody was reminded. ``reach``: whom it concerned so
    far, None is not known; ``struck``: the ids of the sections that it was to take off or slow down."""

    at: datetime
    start: datetime
    end: datetime
    has_begun: bool = False
    is_over: bool = False
    is_off: bool = False
    reminded: datetime | None = None
    reach: Reach | None = None
    struck: tuple[int, ...] = ()
