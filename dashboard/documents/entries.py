"""What the lists for programs tell of: components as they stand, incidents, and planned work as far as it has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from heapq import nlargest
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from dashboard.facts import IncidentFact, OutageFact, ReviewFact, Touch, WindowFact
from dashboard.history import History
from dashboard.rules import wording
from dashboard.rules.state import Effect
from dashboard.rules.status import Status
from dashboard.rules.window import Stage
from dashboard.snapshot import ComponentNow, Snapshot

_NAMED = 3  # things in the name of planned work
REVIEW_PARTS = (
    ("happened", "What happened"),
    ("affected", "Who it affected"),
    ("cause", "What caused it"),
    ("actions", "What we will do"),
)


WORK_WORDS = {
    Stage.SCHEDULED: "This work is planned.",
    Stage.IN_PROGRESS: "The work has begun.",
    Stage.VERIFYING: "The work is done. We are checking that everything works.",
    Stage.COMPLETED: "The work is over.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A component. ``position`` counts from 1 among its group, or among the groups and those that are in none."""

    id: int
    key: str
    name: str
    group: str
    status: Status
    position: int
    description: str
    start_date: date | None
    only_if_degraded: bool
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    position: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """Planned work under a name for the public, with each stage that it has come to and when."""

    id: int
    ref: str
    name: str
    message: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    changed_at: datetime
    version: int
    component_ids: tuple[int, ...]
    reached: tuple[tuple[Stage, datetime], ...]
    is_off: bool  # called off before it began

    @property
    def stage(self) -> Stage:
        return self.reached[-1][0]

    @property
    def told_at(self) -> datetime:
        """When something of it was last new."""
        return max(self.changed_at, self.reached[-1][1])


def board(snapshot: Snapshot, among: Collection[int] | None = None) -> tuple[Group, ...]:
    """The components in their order; one that is in no group stands in a nameless one of its own. As much of it as is
    ``among`` these ids, each at its place in the whole."""
    runs = [(name, list(members)) for name, members in groupby(snapshot.components, lambda found: found.group)]
    tops = [(name, run) for name, members in runs for run in ([members] if name else [[one] for one in members])]
    found = (
        Group(name, place, tuple(_parts(snapshot, members, 1 if name else place, among)))
        for place, (name, members) in enumerate(tops, 1)
    )
    return tuple(group for group in found if group.parts)


def _parts(
    snapshot: Snapshot, members: Iterable[ComponentNow], first: int, among: Collection[int] | None
) -> Iterator[Part]:
    for place, one in enumerate(members, first):
        if among is None or one.id in among:
            yield _part(snapshot, one, place)


def _part(snapshot: Snapshot, component: ComponentNow, position: int) -> Part:
    fact = component.fact
    changed_at = snapshot.history.changed[component.id]
    return Part(
        id=component.id,
        key=component.key,
        name=component.name,
        group=component.group,
        status=component.status,
        position=position,
        description=fact.description,
        start_date=fact.start_date,
        only_if_degraded=fact.only_if_degraded,
        created_at=fact.created_at or min(fact.status_at, changed_at),
        changed_at=changed_at,
    )


def latest(snapshot: Snapshot, most: int) -> tuple[IncidentFact, ...]:
    """The incidents that began last, the newest first; where a month's file cannot be read, those of late."""
    try:
        return tuple(snapshot.history.latest(most))
    except (OSError, msgspec.MsgspecError):
        return snapshot.incidents[:most]


def told_at(incident: IncidentFact) -> datetime:
    """When something of an incident was last new."""
    said = [update.edited_at or update.visible_from for update in incident.updates]
    seen = [update.visible_from for update in incident.updates]
    review = [incident.review.edited_at or incident.review.published_at] if incident.review else []
    return max(incident.published_at, incident.revised_at, *said, *seen, *review)


def review_of(incident: IncidentFact) -> ReviewFact | None:
    """Its published review; none while it is open again."""
    return incident.review if not incident.is_open else None


def review_words(review: ReviewFact) -> str:
    parts = ((words, getattr(review, name)) for name, words in REVIEW_PARTS)
    told = [f"{words}\n\n{said}" for words, said in parts if said]
    return "\n\n".join(told) or "We have reviewed this incident."


class Planner:
    """Planned work as the public is told of it at a time."""

    def __init__(self, history: History) -> None:
        self.t, facts = history.t, history.facts
        self._zone = history.zone
        self._components = {one.id: one.name for one in facts.components}
        self._sections = {one.id: one.name for one in facts.sections}

    def work(self, window: WindowFact, is_off: bool = False) -> Work:
        changes = (window.created_at, window.revised_at, window.gone_at)
        return Work(
            id=window.id,
            ref=window.ref,
            name=work_name(window, self._sections, self._components),
            message=self._message(window),
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            created_at=window.created_at,
            changed_at=max(filter(None, changes)),
            version=window.version,
            component_ids=window.component_ids,
            reached=_reached(window, window.created_at if is_off else self.t),
            is_off=is_off,
        )

    def _message(self, window: WindowFact) -> str:
        if "{" not in window.message:
            return window.message
        times = {"from": day_words(window.starts_at, self._zone), "until": day_words(window.ends_at, self._zone)}
        return wording.filled(window.message, **times, next="")


def work_name(window: WindowFact, sections: Mapping[int, str], components: Mapping[int, str]) -> str:
    """Its title is for staff, so it is called by what it is on: "Planned work on Payments, Search and 2 more"."""
    names = [sections.get(touch.section_id) for touch in window.touches]
    names += [components.get(id) for id in window.component_ids]
    known = [name for name in dict.fromkeys(names) if name]
    if not known:
        return "Planned work"
    more = len(known) - _NAMED
    *most, last = [*known[:_NAMED], f"{more} more"] if more > 0 else known
    return f"Planned work on {', '.join(most)} and {last}" if most else f"Planned work on {last}"


def coming(history: History) -> list[WindowFact]:
    """What is under way or to come, the soonest first."""
    found = [one for one in (*history.facts.windows, *_off(history).on) if one.ends_at > history.t]
    return sorted(found, key=attrgetter("starts_at"))


def over(history: History) -> list[WindowFact]:
    """What is over, the latest first."""
    facts = history.facts
    found = [one for one in (*facts.ended_windows, *facts.windows, *_off(history).on) if one.ends_at <= history.t]
    return sorted(found, key=attrgetter("starts_at"), reverse=True)


def called_off(history: History) -> tuple[WindowFact, ...]:
    return (*history.facts.cancelled, *_off(history).not_done)


class _Off(NamedTuple):
    """Outages that somebody planned, as the planned work that they are to readers."""

    on: tuple[WindowFact, ...]
    not_done: tuple[WindowFact, ...]


@lru_cache(maxsize=2)
def _off(history: History) -> _Off:
    """One whose end is not known, or that takes longer than was planned, is in no calendar."""
    facts, t = history.facts, history.t
    ready = {section.id: section.message for section in facts.sections}
    planned = [one for one in (*facts.ended_outages, *facts.outages) if one.starts_at > one.created_at]
    on = [one for one in planned if _begins(one) and (one.over_at or (one.planned_end and one.planned_end > t))]
    not_done = [one for one in planned if not _begins(one)]
    return _Off(*(tuple(_as_work(one, ready.get(one.section_id, "")) for one in found) for found in (on, not_done)))


def _begins(outage: OutageFact) -> bool:
    return outage.ended_at is None or outage.ended_at > outage.starts_at


def _as_work(outage: OutageFact, ready: str) -> WindowFact:
    ends_at = outage.over_at if _begins(outage) else outage.planned_end
    return WindowFact(
        id=outage.id,
        source="outage",
        external_id="",
        starts_at=outage.starts_at,
        ends_at=ends_at or outage.planned_end or outage.starts_at,
        title="",
        message=outage.message or ready,
        url="",
        created_at=outage.created_at,
        component_ids=(),
        touches=(Touch(outage.section_id, Effect.DOWN),),
        gone_at=None if _begins(outage) else outage.ended_at,
        revised_at=outage.said_at,
        version=outage.version,
    )


@lru_cache(maxsize=2)
def newest(history: History, most: int) -> tuple[tuple[IncidentFact, ...], tuple[Work, ...]]:
    """Of incidents, planned work, and what of that was called off: what was last new, as many as are asked for."""
    t, facts, planner = history.t, history.facts, Planner(history)
    told: list[tuple[datetime, IncidentFact | WindowFact, bool]] = [
        *((told_at(incident), incident, False) for incident in facts.incidents),
        *(
            (_window_told_at(window, t), window, False)
            for window in (*facts.ended_windows, *facts.windows, *_off(history).on)
        ),
        *((_window_told_at(window, window.created_at), window, True) for window in called_off(history)),
    ]
    found = nlargest(most, told, key=lambda one: (one[0], one[1].id))
    return (
        tuple(fact for _, fact, _ in found if isinstance(fact, IncidentFact)),
        tuple(planner.work(fact, is_off) for _, fact, is_off in found if isinstance(fact, WindowFact)),
    )


def _window_told_at(window: WindowFact, t: datetime) -> datetime:
    told = max(window.created_at, window.revised_at or window.created_at, window.gone_at or window.created_at)
    if t < window.starts_at:
        return told
    return max(told, *(edge for edge in (window.starts_at, window.verifying_at, window.ends_at) if edge and edge <= t))


def _reached(window: WindowFact, t: datetime) -> tuple[tuple[Stage, datetime], ...]:
    times = (
        (Stage.SCHEDULED, min(window.created_at, window.starts_at)),
        (Stage.IN_PROGRESS, window.starts_at),
        (Stage.VERIFYING, window.verifying_at),
        (Stage.COMPLETED, window.ends_at),
    )
    first, *others = ((stage, at) for stage, at in times if at is not None and at <= window.ends_at)
    return (first, *(one for one in others if one[1] <= t))


def day_words(t: datetime, zone: ZoneInfo) -> str:
    """A time that is right whenever it is read: "21 November 2026, 14:20 GMT"."""
    local = t.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


def span_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """ "21 November 2026, 14:20 to 16:00 GMT"."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if (first.date(), first.tzname()) != (last.date(), last.tzname()):
        return f"{day_words(start, zone)} to {day_words(end, zone)}"
    return f"{first.day} {first:%B %Y, %H:%M} to {last:%H:%M %Z}"
