"""Everything that is true, frozen: from it the state at any later time follows without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import msgspec

from dashboard.rules import incident as rules
from dashboard.rules.incident import Entry, Impact, Stage
from dashboard.rules.languages import ENGLISH, Language
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status


@dataclass(frozen=True, slots=True)
class SiteFact:
    """The website and its status page. No slash ends an address; ``events_url`` serves event streams, "" if none."""

    name: str
    url: str
    zone: str
    weights: Mapping[Status, float] = field(default_factory=dict)  # how much a status counts against the uptime
    events_url: str = ""

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")


@dataclass(frozen=True, slots=True)
class SectionFact:
    id: int
    key: str
    name: str
    parent_id: int | None
    message: str
    alternative: str
    link_label: str
    link_url: str
    default_minutes: int
    warn_minutes: int
    owner: str
    created_at: datetime
    version: int
    path: str = ""

    @property
    def warn_ahead(self) -> timedelta:
        return timedelta(minutes=self.warn_minutes)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person or a check said of a component at a time: its baseline from then on, or until then."""

    at: datetime
    status: Status
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ComponentFact:
    """``standings``: how its baseline changed in the last 90 days, the oldest first, with the one before them."""

    id: int
    key: str
    name: str
    group: str
    status: Status
    status_at: datetime
    status_until: datetime | None = None
    description: str = ""
    upstream_url: str = ""
    only_if_degraded: bool = False
    start_date: date | None = None
    position: int = 0
    created_at: datetime | None = None
    standings: tuple[Standing, ...] = ()
    service_ids: tuple[str, ...] = ()  # of the PagerDuty services that it stands for

    def baseline(self, t: datetime) -> Status:
        is_past = self.status_until is not None and self.status_until <= t
        return Status.OPERATIONAL if is_past else self.status


@dataclass(frozen=True, slots=True)
class DependencyFact:
    section_id: int
    component_id: int
    on_window: Effect
    on_major: Effect


@dataclass(frozen=True, slots=True)
class ToggleFact:
    id: int
    name: str
    while_down: bool
    owner: str
    sentence: str
    section_ids: tuple[int, ...]
    is_private: bool = False
    aliases: tuple[str, ...] = ()  # its earlier names


@dataclass(frozen=True, slots=True)
class OutageFact:
    id: int
    section_id: int
    starts_at: datetime
    planned_end: datetime | None
    ended_at: datetime | None
    at_end: AtEnd
    reason: str
    message: str
    alternative: str
    started_by: str
    created_at: datetime
    said_at: datetime
    version: int
    incident_id: int | None = None

    @property
    def ref(self) -> str:
        return f"outage-{self.id}"

    @property
    def over_at(self) -> datetime | None:
        """When it stops by itself or was stopped; None while nobody knows."""
        return self.ended_at or (self.planned_end if self.at_end is AtEnd.RESTORE else None)


@dataclass(frozen=True, slots=True)
class Touch:
    """A section, and what an incident or planned work does to it."""

    section_id: int
    effect: Effect


@dataclass(frozen=True, slots=True)
class WindowFact:
    """``message`` is for the public: what was written here, or else what PagerDuty says. ``ends_at`` is when it was
    over, if somebody ended it early."""

    id: int
    source: str
    external_id: str
    starts_at: datetime
    ends_at: datetime
    title: str
    message: str
    url: str
    created_at: datetime
    component_ids: tuple[int, ...]
    touches: tuple[Touch, ...] = ()
    verifying_at: datetime | None = None
    gone_at: datetime | None = None
    series_id: int | None = None
    zone: str = ""
    revised_at: datetime | None = None
    version: int = 1

    @property
    def ref(self) -> str:
        return f"window-{self.id}"

    @property
    def is_ours(self) -> bool:
        return self.source == "signpost"

    @property
    def name(self) -> str:
        """What staff call it: PagerDuty's by its number."""
        return self.title if self.is_ours else self.external_id


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


@dataclass(frozen=True, slots=True)
class AnnouncementFact:
    id: int
    title: str
    body: str
    link_label: str
    link_url: str
    published_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class MonthFact:
    """All that was over in one month of the site's zone, in a file that never changes. ``count``: of all in it."""

    month: str  # "2019-03"
    path: str
    incident_ids: tuple[int, ...]
    count: int = 0


@dataclass(frozen=True, slots=True)
class OverruleFact:
    id: int
    window_id: int
    section_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str
    by: str
    version: int


@dataclass(frozen=True, slots=True)
class SourceFact:
    """``checked_at``: the last complete answer, or None. Three askings, each ``every`` seconds, may fail unnoticed."""

    name: str
    checked_at: datetime | None
    every: int
    error: str
    error_at: datetime | None

    @property
    def stale_from(self) -> datetime | None:
        return None if self.checked_at is None else self.checked_at + timedelta(seconds=3 * self.every)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is true at ``revision``, as far as it can still matter; lists are in the order shown.

    ``incidents``, ``ended_outages``, ``ended_windows`` and ``cancelled`` (windows) reach back as far as an uptime
    does; ``months`` hold what was over before.
    """

    revision: int
    revised_at: datetime
    site: SiteFact
    sections: tuple[SectionFact, ...] = ()
    components: tuple[ComponentFact, ...] = ()
    dependencies: tuple[DependencyFact, ...] = ()
    toggles: tuple[ToggleFact, ...] = ()
    outages: tuple[OutageFact, ...] = ()
    windows: tuple[WindowFact, ...] = ()
    overrules: tuple[OverruleFact, ...] = ()
    sources: tuple[SourceFact, ...] = ()
    incidents: tuple[IncidentFact, ...] = ()
    ended_outages: tuple[OutageFact, ...] = ()
    ended_windows: tuple[WindowFact, ...] = ()
    cancelled: tuple[WindowFact, ...] = ()
    announcements: tuple[AnnouncementFact, ...] = ()
    months: tuple[MonthFact, ...] = ()
    tokens: tuple[str, ...] = ()  # digests of those by which private toggles are read
    theme: str = ""  # the adopter's own style sheet
    languages: tuple[Language, ...] = (ENGLISH,)  # of the notices; the first is the one that staff write in
    head: str = ""  # of the chain of changes
    read_at: datetime | None = None  # what was over by then is in the lists of what has ended

    def with_check(self, name: str, checked_at: datetime | None) -> Facts:
        """The same facts, with a later word on when a source was last asked with success."""
        sources = tuple(
            replace(source, checked_at=checked_at)
            if source.name == name and checked_at and (source.checked_at is None or checked_at > source.checked_at)
            else source
            for source in self.sources
        )
        return self if sources == self.sources else replace(self, sources=sources)

    def seen(self, t: datetime) -> Facts:
        """The same facts without what is not yet to be seen."""
        incidents = tuple(filter(None, (incident.seen(t) for incident in self.incidents)))
        announcements = tuple(one for one in self.announcements if one.published_at <= t)
        return replace(self, incidents=incidents, announcements=announcements)


def to_bytes(facts: Facts) -> bytes:
    return msgspec.json.encode(facts)


def from_bytes(data: bytes) -> Facts:
    """Raises msgspec.MsgspecError when the bytes are not Facts of this version."""
    return msgspec.json.decode(data, type=Facts)
