"""Which changes are told to those who follow, about what, and when: pure, by tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

UNDO = timedelta(seconds=60)  # within which whoever did it may still say that nobody is told
BETWEEN = timedelta(seconds=60)  # two notifications of one thing
LATE = timedelta(minutes=10)  # after which a notification says that it is late
LASTS = timedelta(minutes=30)  # a section that is off for a shorter time is not told of, unless somebody wants it
OWN_WORDS = ("incident",)  # each change of it is told by itself; of all else it is told how it stands
AHEAD = timedelta(days=90)  # what is planned for later than that is told of when it comes nearer
REMINDED = timedelta(minutes=60)  # before planned work begins
MAIL = "email"  # the channel of e-mail, and its lane
BACK = "section.back"  # what is owed of a section, which nobody did
FROM_POLL = ("window.add", "window.components")
MANY = 10  # pieces of work that one poll adds, or finds the place of: that is a first look, and no news


class Audience(StrEnum):
    PUBLIC = "public"
    STAFF = "staff"
    ONE = "one"  # a single follower: a link to confirm, a test


class Tells(StrEnum):
    """Is an outage told of? By its length, unless somebody says."""

    LENGTH = "length"
    YES = "yes"
    NO = "no"


_SECTION = (
    *("outage.start", "outage.extend", "outage.end", "outage.cancel", "outage.undo"),
    *("outage.begin", "outage.restore", "outage.late", "overrule.start", "overrule.end", "overrule.undo"),
)
_WINDOW = (
    *("window.add", "window.components", "window.move", "window.drop", "window.end", "window.plan", "window.edit"),
    *("window.start", "window.extend", "window.finish", "window.cancel", "window.undo", "window.zone"),
    *("window.begin", "window.complete", "window.remind"),
)
_INCIDENT = (*("incident.declare", "incident.publish", "incident.update", "incident.resolve", "incident.reopen"),)
_COMPONENT = ("component.status", "component.lapse", "component.undo")
_SERIES = ("series.plan", "series.edit", "series.cancel", "series.undo")
PUBLIC = frozenset((*_SECTION, *_WINDOW, *_INCIDENT, *_COMPONENT, *_SERIES))
STAFF = frozenset(
    (
        *("outage.start", "outage.extend", "outage.end", "outage.cancel", "outage.undo"),
        *("outage.begin", "outage.restore", "outage.late"),
        *("incident.declare", "incident.publish", "incident.resolve", "incident.reopen", "incident.overdue"),
        *("source.fail", "source.recover", "follower.pause", "notification.fail"),
    )
)
_MANY_AT_ONCE = {"follower.pause": "followers", "notification.fail": "deliveries"}  # by the thing they are told as
BRINGS_BACK = frozenset(
    (
        *("outage.end", "outage.cancel", "outage.undo", "outage.restore", "overrule.start", "overrule.undo"),
        *(BACK, *_COMPONENT),
    )
)
_BY_CLOCK = frozenset(
    (
        *("outage.begin", "outage.restore", "outage.late", "window.begin", "window.complete", "window.remind"),
        *("component.lapse", "incident.overdue"),
    )
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a notification is about, by ids: who follows any of it, or everything, is told."""

    sections: tuple[int, ...] = ()
    components: tuple[int, ...] = ()
    incident: int | None = None

    def __bool__(self) -> bool:
        """Does it concern anybody but those who follow everything?"""
        return bool(self.sections or self.components or self.incident)

    def with_(self, other: Reach) -> Reach:
        sections, components = {*self.sections, *other.sections}, {*self.components, *other.components}
        return Reach(tuple(sorted(sections)), tuple(sorted(components)), self.incident or other.incident)

    def without(self, other: Reach) -> Reach:
        """What concerns those whom the other does not."""
        sections, components = set(self.sections) - {*other.sections}, set(self.components) - {*other.components}
        return Reach(tuple(sorted(sections)), tuple(sorted(components)))


@dataclass(frozen=True, slots=True)
class Tell:
    """One notification that a change leaves behind: about which thing, to whom, from when on."""

    thing: str
    audience: Audience
    due_at: datetime


def tells(
    kind: str,
    subject: str,
    section_id: int | None,
    after: Mapping[str, object] | None,
    at: datetime,
    window_id: int | None = None,
) -> list[Tell]:
    """What a change of this kind is told by; nothing for most. What somebody did waits until it can no longer be taken
    back; the clock's deeds, and what staff are told of, do not. ``window_id``: of the work in spite of which a section
    is kept open, which has its followers too."""
    thing = f"section-{section_id}" if kind in _SECTION and section_id else subject
    found = []
    if kind in PUBLIC and not _is_silent(kind, after or {}):
        found.append(Tell(thing, Audience.PUBLIC, at if kind in _BY_CLOCK else at + UNDO))
        if window_id is not None:
            found.append(Tell(f"window-{window_id}", Audience.PUBLIC, at + UNDO))
    if kind in STAFF:
        found.append(Tell(_MANY_AT_ONCE.get(kind, subject), Audience.STAFF, at))
    return found


def _is_silent(kind: str, after: Mapping[str, object]) -> bool:
    """Does whoever did it want nobody to be told, now or later?"""
    names = ("tells",) if kind in _INCIDENT else ("tells", "reminds", "tells_start")
    return not any(after.get(name, True) for name in names)


def around(section_ids: Iterable[int], parents: Mapping[int, int | None]) -> tuple[int, ...]:
    """The sections with all that they are parts of, and all their parts. ``parents``: of every section."""
    chosen = set(section_ids) & parents.keys()
    above = {id for one in chosen for id in _line(one, parents)}
    below = {id for id in parents if chosen.intersection(_line(id, parents))}
    return tuple(sorted(above | below))


def _line(id: int, parents: Mapping[int, int | None]) -> Iterator[int]:
    """It, and what it is a part of."""
    seen: set[int] = set()
    at: int | None = id
    while at is not None and at in parents and at not in seen:
        seen.add(at)
        yield at
        at = parents[at]


def is_told(tells: Tells, starts_at: datetime, planned_end: datetime | None, is_late: bool) -> bool:
    """Is an outage told of? A short one is not, unless somebody wants it; one that takes longer is no short one."""
    if tells is not Tells.LENGTH:
        return tells is Tells.YES
    return is_late or planned_end is None or planned_end - starts_at >= LASTS


def told_at(first_due: datetime, last_due: datetime, last_told: datetime | None) -> datetime:
    """When all that waits of one thing is told: as the last of it is due, BETWEEN after the first at the latest, and
    never sooner than that after what was told of it before."""
    due = min(last_due, first_due + BETWEEN)
    return max(due, last_told + BETWEEN) if last_told else due


def is_late(due_at: datetime, at: datetime) -> bool:
    return at - due_at > LATE
