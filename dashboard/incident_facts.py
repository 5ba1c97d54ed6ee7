"""What is true of an incident, as `facts` has it: what was said of it and what it does, with what follows from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dashboard.rules import incident as rules
from dashboard.rules.incident import Entry, Impact, Stage
from dashboard.rules.state import Effect
from dashboard.rules.status import Status


@dataclass(frozen=True, slots=True)
class Touch:
    """A section, and what an incident or planned work does to it."""

    section_id: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class UpdateFact:
    """What was said of an incident, and the status of every component it had touched by then, by the component's id."""

    id: int
    stage: Stage
    body: str
    at: datetime
    visible_from: datetime
    next_at: datetime | None
    edited_at: datetime | None
    tells: bool
    created_at: datetime
    impacts: Mapping[int, Status]


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """A published review; of its parts, those for the public: "" is not."""

    id: int
    happened: str
    affected: str
    cause: str
    actions: str
    published_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentFact:
    """Never a private one nor a draft. ``updates`` in order of time."""

    id: int
    title: str
    published_at: datetime
    over_at: datetime | None
    impact_override: str
    broken: str
    affected: str
    instead: str
    expected: str
    third_party: str
    third_party_url: str
    created_at: datetime
    revised_at: datetime
    version: int
    updates: tuple[UpdateFact, ...]
    touches: tuple[Touch, ...] = ()
    review: ReviewFact | None = None

    @property
    def ref(self) -> str:
        return f"incident-{self.id}"

    @property
    def message(self) -> str:
        """What is said of a section that it touches, unless the section has words of its own."""
        return " ".join(filter(None, (self.broken, self.affected)))

    @property
    def alternative(self) -> str:
        return self.instead

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(update.at, update.stage, update.impacts) for update in self.updates)

    @property
    def latest(self) -> UpdateFact:
        return self.updates[-1]

    @property
    def stage(self) -> Stage:
        return Stage.POSTMORTEM if self.review and not self.latest.stage.is_open else self.latest.stage

    @property
    def is_open(self) -> bool:
        return self.latest.stage.is_open

    @property
    def started_at(self) -> datetime:
        return self.updates[0].at

    @property
    def resolved_at(self) -> datetime | None:
        return rules.ended_at(self.entries)

    @property
    def next_at(self) -> datetime | None:
        """When more is promised."""
        return self.latest.next_at if self.is_open else None

    @property
    def impact(self) -> Impact:
        """What somebody said it was, or else as bad as it is now, or was at its worst once it is over."""
        if self.impact_override:
            return Impact(self.impact_override)
        return rules.impact_of(self.latest.impacts.values()) if self.is_open else rules.worst_impact(self.entries)

    def seen(self, t: datetime) -> IncidentFact | None:
        """What of it readers may see at ``t``; None if nothing."""
        updates = tuple(update for update in self.updates if update.visible_from <= t)
        if self.published_at > t or not updates:
            return None
        if len(updates) == len(self.updates):
            return self
        hidden = {update.edited_at or update.created_at for update in self.updates if update.visible_from > t}
        revised_at = self.created_at if self.revised_at in hidden else self.revised_at
        return replace(self, updates=updates, revised_at=revised_at)

    def edges(self) -> list[datetime]:
        """Every time at which something of it comes to be seen, or what it promised is missed."""
        promised = [update.next_at for update in self.updates if update.next_at]
        return [self.published_at, *(update.visible_from for update in self.updates), *promised]
