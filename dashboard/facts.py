"""Everything that is true, frozen: from it the state at any later time follows without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import msgspec

from dashboard.incident_facts import IncidentFact as IncidentFact
from dashboard.incident_facts import ReviewFact as ReviewFact
from dashboard.incident_facts import Touch as Touch
from dashboard.incident_facts import UpdateFact as UpdateFact
from dashboard.rules.languages import ENGLISH, Language
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from dashboard.rules.telling import Tells


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
    tells: Tells = Tells.LENGTH

    @property
    def ref(self) -> str:
        return f"outage-{self.id}"

    @property
    def over_at(self) -> datetime | None:
        """When it stops by itself or was stopped; None while nobody knows."""
        return self.ended_at or (self.planned_end if self.at_end is AtEnd.RESTORE else None)


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
    tells: bool = True
    reminds: bool = True
    tells_start: bool = False
    tells_end: bool = False

    @property
    def ref(self) -> str:
        return f"outage-{self.id}" if self.source == "outage" else f"window-{self.id}"

    @property
    def is_ours(self) -> bool:
        return self.source == "signpost"

    @property
    def name(self) -> str:
        """What staff call it: PagerDuty's by its number."""
        return self.title if self.is_ours else self.external_id


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
