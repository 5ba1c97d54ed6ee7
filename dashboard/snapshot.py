"""What holds at a time: Facts + rules -> a frozen Snapshot. Page, banner and every API start from one of these."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from dashboard.causes import NearCauses, Said, in_tree_order
from dashboard.facts import (
    AnnouncementFact,
    ComponentFact,
    Facts,
    IncidentFact,
    OutageFact,
    SectionFact,
    SiteFact,
    SourceFact,
    ToggleFact,
    WindowFact,
)
from dashboard.history import History
from dashboard.rules import wording
from dashboard.rules.incident import struck_since
from dashboard.rules.languages import Language
from dashboard.rules.schedule import Stretch, schedule
from dashboard.rules.state import SectionState, State, next_edge, state_at
from dashboard.rules.status import Status, status_of
from dashboard.rules.text import is_link
from dashboard.rules.toggle import toggle_value

__all__ = ["Notice", "SectionNow", "Snapshot", "in_tree_order", "snapshot_at"]

HORIZON = timedelta(days=30)  # how far ahead planned work is told
_NO_WARNING = timedelta(0)
_NEVER = datetime.max.replace(tzinfo=UTC)
_CONFIRMED_EVERY = timedelta(minutes=15)  # how often a healthy source's time moves in public


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said of a section for one stretch. Texts may hold {from}, {until} and {next} for the reader to fill."""

    rev: str  # another one whenever the words or the state change
    state: State
    start: datetime
    end: datetime | None
    hold: bool
    next: datetime | None
    warn_from: datetime | None
    title: str
    title_now: str  # once it has begun
    message: str
    alternative: str
    links: tuple[Link, ...]
    said: str = ""  # the message as staff typed it, without the sentence that we may have added
    is_late: bool = False

    @property
    def ref(self) -> str:
        """What it comes from: "outage-31"."""
        return self.rev.rpartition("-")[0]

    @property
    def event(self) -> tuple[object, ...]:
        """The same of two sections' notices when they tell of one and the same thing."""
        return self.ref, self.state, self.start, self.end


@dataclass(frozen=True, slots=True)
class SectionNow:
    """A section as it stands. ``notices`` are of what holds now and the next few that begin within 30 days."""

    id: int
    key: str
    name: str
    parent_key: str | None
    depth: int
    now: SectionState
    notices: tuple[Notice, ...]

    @property
    def state(self) -> State:
        return self.now.state

    @property
    def notice(self) -> Notice | None:
        """The one that is shown now: of an approaching section the one to come."""
        return self.notices[0] if self.notices and self.state is not State.OK else None

    @property
    def coming(self) -> tuple[Notice, ...]:
        """Those that are still to begin, also the one that it is warned of already."""
        return self.notices[1:] if self.state in (State.DOWN, State.DEGRADED) else self.notices


@dataclass(frozen=True, slots=True)
class Why:
    """One reason for a component's status: ``ref`` is what it comes from, "" what a person or a check said."""

    ref: str
    status: Status
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ComponentNow:
    """``why``: all that competes for the status, the worst first; nothing when it works by what was said of it."""

    id: int
    key: str
    name: str
    group: str
    status: Status
    why: tuple[Why, ...]
    fact: ComponentFact

    @property
    def is_shown(self) -> bool:
        """Is it for the public now?"""
        return self.status is not Status.OPERATIONAL or not self.fact.only_if_degraded


@dataclass(frozen=True, slots=True)
class ToggleNow:
    """``section`` is the one whose state it follows now: the worst of its sections; None if it has none."""

    fact: ToggleFact
    value: bool
    section: SectionNow | None

    @property
    def is_down(self) -> bool:
        return self.value == self.fact.while_down


@dataclass(frozen=True, slots=True)
class SourceNow:
    """``checked_at`` is exact once it is stale; before that it moves each quarter of an hour."""

    name: str
    checked_at: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it, from ``at`` until ``until``: the next time at which anything in it is known to differ.

    ``incidents`` are those of the last 90 days, the newest first, and ``windows`` those under way or to come.
    """

    at: datetime
    until: datetime
    today: date
    revision: int
    revised_at: datetime
    site: SiteFact
    sections: tuple[SectionNow, ...]
    components: tuple[ComponentNow, ...]
    sources: tuple[SourceNow, ...]
    incidents: tuple[IncidentFact, ...]
    windows: tuple[WindowFact, ...]
    cancelled: tuple[WindowFact, ...]
    announcements: tuple[AnnouncementFact, ...]
    toggles: tuple[ToggleNow, ...]  # by name
    tokens: tuple[str, ...]  # digests of those by which private toggles are read
    theme: str
    languages: tuple[Language, ...]
    history: History = field(compare=False, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.zone)


@dataclass(frozen=True, slots=True)
class _Course:
    """How a section stands at a time, what is told of it and by whom, and when that may next differ."""

    now: SectionState
    told: tuple[tuple[Stretch, Said | None], ...]
    until: datetime | None


def snapshot_at(whole: Facts, t: datetime) -> Snapshot:
    facts = whole.seen(t)
    courses = _courses(facts, t)
    sections = tuple(_sections_now(facts, courses, t))
    return Snapshot(
        at=t,
        until=min(_edges(whole, courses.values(), t)),
        today=_today(facts, t),
        revision=facts.revision,
        revised_at=facts.revised_at,
        site=facts.site,
        sections=sections,
        components=_components_now(facts, t),
        sources=tuple(_source_now(source, t) for source in facts.sources),
        incidents=tuple(sorted(facts.incidents, key=lambda one: (one.started_at, one.id), reverse=True)),
        windows=tuple(window for window in facts.windows if window.ends_at > t),
        cancelled=facts.cancelled,
        announcements=facts.announcements,
        toggles=tuple(_toggles_now(facts, sections)),
        tokens=facts.tokens,
        theme=facts.theme,
        languages=facts.languages,
        history=History(facts, t),
    )


def _courses(facts: Facts, t: datetime) -> dict[int, _Course]:
    """By the section's id; found out once for all that have the same causes and warning."""
    causes = NearCauses(facts)
    found: dict[Hashable, _Course] = {}
    courses = {}
    for section in facts.sections:
        alike = causes.alike(section), section.warn_ahead
        if alike not in found:
            found[alike] = _course(causes, section, t)
        courses[section.id] = found[alike]
    return courses


def _course(causes: NearCauses, section: SectionFact, t: datetime) -> _Course:
    horizon, warn_ahead = t + HORIZON, section.warn_ahead
    near = causes.of(section, t, horizon)
    stretches = schedule(near, t, horizon, warn_ahead)
    edge, in_sight = next_edge(near, t, warn_ahead), next_edge(near, horizon, _NO_WARNING)
    return _Course(
        now=state_at(near, t, warn_ahead),
        told=tuple((stretch, causes.said(stretch.cause)) for stretch in stretches),
        until=min(filter(None, (edge, in_sight and in_sight - HORIZON)), default=None),
    )


def _sections_now(facts: Facts, courses: Mapping[int, _Course], t: datetime) -> Iterator[SectionNow]:
    keys = {section.id: section.key for section in facts.sections}
    for section, depth in in_tree_order(facts.sections):
        course = courses[section.id]
        notices = tuple(
            _notice(stretch, section, said, _links(section, facts, said), t) for stretch, said in course.told
        )
        parent_key = keys.get(section.parent_id or 0) if depth else None
        now = _laid_on(section, course.now)
        yield SectionNow(section.id, section.key, section.name, parent_key, depth, now, notices)


def _laid_on(section: SectionFact, now: SectionState) -> SectionState:
    """The state with the section's own key where a cause is laid on the section itself."""
    if not now.causes:
        return now
    return replace(now, causes=tuple(replace(cause, via=cause.via or section.key) for cause in now.causes))


def _notice(stretch: Stretch, section: SectionFact, said: Said | None, links: tuple[Link, ...], t: datetime) -> Notice:
    late = stretch.hold and stretch.end is not None and stretch.end <= t
    next = stretch.cause.next if stretch.cause.next and t < stretch.cause.next else None
    known = stretch.end is not None
    title_now = wording.title(section.name, stretch.state, known, late=late, soon=False)
    title = wording.title(section.name, stretch.state, known, late=False, soon=True) if stretch.start > t else title_now
    message = typed = (said.message if said else "") or section.message
    if stretch.start <= t and stretch.state is State.DOWN and (late or not known):
        message = " ".join(filter(None, [message, _no_end(late, next)]))
    alternative = _alternative(section, said)
    words = "\n".join(
        [stretch.state, title, message, alternative, *chain.from_iterable((link.label, link.href) for link in links)]
    )
    digest = hashlib.sha256(words.encode()).hexdigest()[:8]
    return Notice(
        rev=f"{stretch.cause.ref}-{digest}",
        state=stretch.state,
        start=stretch.start,
        end=stretch.end,
        hold=stretch.hold,
        next=next,
        warn_from=stretch.warn_from,
        title=title,
        title_now=title_now,
        message=message,
        alternative=alternative,
        links=links,
        said=typed,
        is_late=late,
    )


def _alternative(section: SectionFact, said: Said | None) -> str:
    """What to do instead: of an outage just what was said with it, which may be nothing."""
    if isinstance(said, OutageFact):
        return said.alternative
    return (said.alternative if isinstance(said, IncidentFact) else "") or section.alternative


def _no_end(late: bool, next: datetime | None) -> str:
    """What is said when nobody knows the end: that we do not, and when we will say more."""
    sentence = wording.EXPECTED if late else wording.NOT_KNOWN
    return f"{sentence} {wording.NEXT}" if next else sentence


def _links(section: SectionFact, facts: Facts, said: Said | None) -> tuple[Link, ...]:
    """Where else to go, and where more will be said: on the incident's page, if it comes from one that is public."""
    incident_id = (
        said.id if isinstance(said, IncidentFact) else said.incident_id if isinstance(said, OutageFact) else None
    )
    is_public = incident_id is not None and any(incident.id == incident_id for incident in facts.incidents)
    page = f"incidents/{incident_id}" if is_public else f"sections/{section.key}"
    updates = Link(wording.UPDATES, f"{facts.site.url}/{page}/")
    if not is_link(section.link_url):
        return (updates,)
    return Link(section.link_label or section.link_url, section.link_url), updates


def _components_now(facts: Facts, t: datetime) -> tuple[ComponentNow, ...]:
    why: defaultdict[int, list[Why]] = defaultdict(list)
    for window in facts.windows:
        if window.starts_at <= t < window.ends_at:
            for id in window.component_ids:
                why[id].append(Why(window.ref, Status.UNDER_MAINTENANCE, window.starts_at, window.ends_at))
    worked_on = set(why)
    for incident in facts.incidents:
        for id, status in incident.latest.impacts.items() if incident.is_open else ():
            since = struck_since(incident.entries, id, status)
            if since is not None and status is not Status.OPERATIONAL:
                why[id].append(Why(incident.ref, status, since, None))
    return tuple(
        _component_now(component, component.id in worked_on, why[component.id], t) for component in facts.components
    )


def _component_now(component: ComponentFact, in_maintenance: bool, why: list[Why], t: datetime) -> ComponentNow:
    baseline = component.baseline(t)
    said = (
        [Why("", baseline, component.status_at, component.status_until)] if baseline is not Status.OPERATIONAL else []
    )
    status = status_of(baseline, in_maintenance, (one.status for one in why))
    ranked = sorted([*said, *why], key=lambda one: -one.status.severity)
    return ComponentNow(component.id, component.key, component.name, component.group, status, tuple(ranked), component)


def _toggles_now(facts: Facts, sections: Iterable[SectionNow]) -> Iterator[ToggleNow]:
    known = {section.id: section for section in sections}
    for toggle in facts.toggles:
        followed = [known[id] for id in toggle.section_ids if id in known]
        value = toggle_value(toggle.while_down, (section.state for section in followed))
        yield ToggleNow(toggle, value, max(followed, key=_how_long, default=None))


def _how_long(section: SectionNow) -> tuple[int, bool, datetime]:
    """The worse the greater; of those alike the one that stays so the longest, for all that anybody knows."""
    return section.state.rank, section.now.until is None, section.now.until or _NEVER


def _source_now(source: SourceFact, t: datetime) -> SourceNow:
    stale = source.stale_from is None or source.stale_from <= t
    if source.checked_at is None or stale:
        return SourceNow(source.name, source.checked_at, stale)
    since_epoch = source.checked_at - datetime.min.replace(tzinfo=UTC)
    return SourceNow(source.name, source.checked_at - since_epoch % _CONFIRMED_EVERY, stale)


def _edges(facts: Facts, courses: Iterable[_Course], t: datetime) -> Iterator[datetime]:
    """Every known time after ``t`` at which a snapshot would differ; midnight at the latest."""
    yield from (course.until for course in courses if course.until)
    yield from (w.starts_at if w.starts_at > t else w.ends_at for w in facts.windows if w.ends_at > t)
    yield from (edge for incident in facts.incidents for edge in incident.edges() if edge > t)
    yield from (one.status_until for one in facts.components if one.status_until and one.status_until > t)
    yield from (one.published_at for one in facts.announcements if one.published_at > t)
    yield from (window.verifying_at for window in facts.windows if window.verifying_at and window.verifying_at > t)
    yield from (source.stale_from for source in facts.sources if source.stale_from and source.stale_from > t)
    yield _midnight_after(facts, t)


def _today(facts: Facts, t: datetime) -> date:
    return t.astimezone(ZoneInfo(facts.site.zone)).date()


def _midnight_after(facts: Facts, t: datetime) -> datetime:
    tomorrow = _today(facts, t) + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(facts.site.zone))
    return midnight.astimezone(UTC)
