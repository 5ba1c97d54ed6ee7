"""What an incident's updates come to: its stage, what it does to components, and how bad it is or was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dashboard.rules.span import Span
from dashboard.rules.status import Status


class Stage(StrEnum):
    """Wire names, in the order in which they mostly come."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"

    @property
    def is_open(self) -> bool:
        return self not in (Stage.RESOLVED, Stage.POSTMORTEM)


OPEN = tuple(stage for stage in Stage if stage.is_open)


class Impact(StrEnum):
    """Wire names, in order of severity."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def severity(self) -> int:
        return _SEVERITY[self]


_SEVERITY = {impact: place for place, impact in enumerate(Impact)}
_IMPACT = {
    Status.DEGRADED_PERFORMANCE: Impact.MINOR,
    Status.PARTIAL_OUTAGE: Impact.MAJOR,
    Status.MAJOR_OUTAGE: Impact.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One published update: from ``at`` on the incident is in this stage, and does this to components (by id)."""

    at: datetime
    stage: Stage
    impacts: Mapping[int, Status]


def next_stages(stage: Stage | None) -> tuple[Stage, ...]:
    """What the next update may say. A resolved incident may be open again; a postmortem comes with a review."""
    return (*OPEN, Stage.RESOLVED) if stage is None or stage.is_open else (Stage.RESOLVED, *OPEN)


def carried(before: Mapping[int, Status], given: Mapping[int, Status], stage: Stage) -> dict[int, Status]:
    """The impacts that an update stands for: a component it does not name keeps its last one, and with the end of the
    incident all of them work."""
    whole = {**before, **given}
    return whole if stage.is_open else dict.fromkeys(whole, Status.OPERATIONAL)


def entry_at(entries: Sequence[Entry], t: datetime) -> Entry | None:
    """The last one that holds at ``t``. ``entries`` in order of time."""
    return next((entry for entry in reversed(entries) if entry.at <= t), None)


def impact_of(statuses: Iterable[Status]) -> Impact:
    return max(
        (_IMPACT.get(status, Impact.NONE) for status in statuses),
        key=lambda impact: impact.severity,
        default=Impact.NONE,
    )


def worst_impact(entries: Iterable[Entry]) -> Impact:
    """How bad it was at its worst: what it is called once it is over."""
    return impact_of(status for entry in entries for status in entry.impacts.values())


def ended_at(entries: Sequence[Entry]) -> datetime | None:
    """When it was resolved for good; None while it is open."""
    end = None
    for entry in entries:
        end = None if entry.stage.is_open else end or entry.at
    return end


def first_at(entries: Iterable[Entry], stage: Stage) -> datetime | None:
    """When it first came to a stage."""
    return next((entry.at for entry in entries if entry.stage is stage), None)


def impact_spans(entries: Sequence[Entry], component_id: int) -> list[tuple[Span, Status]]:
    """From when until when it did what to a component; the last has no end while it goes on."""
    ends = [*(entry.at for entry in entries[1:]), None]
    return [
        (Span(entry.at, end), entry.impacts[component_id])
        for entry, end in zip(entries, ends, strict=True)
        if component_id in entry.impacts and entry.impacts[component_id] is not Status.OPERATIONAL
    ]


def struck_since(entries: Sequence[Entry], component_id: int, status: Status) -> datetime | None:
    """Since when, without a break, it has done just this to a component; None if it does not now."""
    since = None
    for entry in reversed(entries):
        if entry.impacts.get(component_id) is not status:
            break
        since = entry.at
    return since
