"""What holds at a time: Facts + rules -> a frozen Snapshot. Page, banner and every API start from one of these."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from dashboard.causes import NearCauses, Said, in_tree_order
from dashboard.facts import Facts, OutageFact, SectionFact, SiteFact, SourceFact
from dashboard.rules import wording
from dashboard.rules.schedule import Stretch, schedule
from dashboard.rules.state import SectionState, State, next_edge, state_at
from dashboard.rules.status import Status, status_of
from dashboard.rules.text import is_link
from dashboard.rules.toggle import toggle_value

__all__ = ["Notice", "SectionNow", "Snapshot", "in_tree_order", "snapshot_at"]

HORIZON = timedelta(days=30)  # how far ahead planned work is told
_NO_WARNING = timedelta(0)
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
class ComponentNow:
    key: str
    name: str
    group: str
    status: Status


@dataclass(frozen=True, slots=True)
class SourceNow:
    """``checked_at`` is exact once it is stale; before that it moves each quarter of an hour."""

    name: str
    checked_at: datetime | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it, from ``at`` until ``until``: the next time at which anything in it is known to differ."""

    at: datetime
    until: datetime
    today: date
    revision: int
    revised_at: datetime
    site: SiteFact
    sections: tuple[SectionNow, ...]
    components: tuple[ComponentNow, ...]
    sources: tuple[SourceNow, ...]
    toggles: dict[str, bool]
    theme: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.zone)


@dataclass(frozen=True, slots=True)
class _Course:
    """How a section stands at a time, what is told of it and by whom, and when that may next differ."""

    now: SectionState
    told: tuple[tuple[Stretch, Said | None], ...]
    until: datetime | None


def snapshot_at(facts: Facts, t: datetime) -> Snapshot:
    courses = _courses(facts, t)
    sections = tuple(_sections_now(facts, courses, t))
    states = {section.id: section.state for section in sections}
    return Snapshot(
        at=t,
        until=min(_edges(facts, courses.values(), t)),
        today=_today(facts, t),
        revision=facts.revision,
        revised_at=facts.revised_at,
        site=facts.site,
        sections=sections,
        components=_components_now(facts, t),
        sources=tuple(_source_now(source, t) for source in facts.sources),
        toggles={
            toggle.name: toggle_value(toggle.while_down, (states.get(id, State.OK) for id in toggle.section_ids))
            for toggle in facts.toggles
        },
        theme=facts.theme,
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
        links = _links(section, facts.site) if course.told else ()
        notices = tuple(_notice(stretch, section, said, links, t) for stretch, said in course.told)
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
    message = (said.message if said else "") or section.message
    if stretch.start <= t and stretch.state is State.DOWN and (late or not known):
        message = " ".join(filter(None, [message, _no_end(late, next)]))
    alternative = said.alternative if isinstance(said, OutageFact) else section.alternative
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
    )


def _no_end(late: bool, next: datetime | None) -> str:
    """What is said when nobody knows the end: that we do not, and when we will say more."""
    sentence = wording.EXPECTED if late else wording.NOT_KNOWN
    return f"{sentence} {wording.NEXT}" if next else sentence


def _links(section: SectionFact, site: SiteFact) -> tuple[Link, ...]:
    updates = Link("Latest updates", f"{site.url}/sections/{section.key}/")
    if not is_link(section.link_url):
        return (updates,)
    return Link(section.link_label or section.link_url, section.link_url), updates


def _components_now(facts: Facts, t: datetime) -> tuple[ComponentNow, ...]:
    under_way = (window for window in facts.windows if window.starts_at <= t < window.ends_at)
    worked_on = set(chain.from_iterable(window.component_ids for window in under_way))
    return tuple(
        ComponentNow(
            component.key, component.name, component.group, status_of(component.status, component.id in worked_on)
        )
        for component in facts.components
    )


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
    yield from (source.stale_from for source in facts.sources if source.stale_from and source.stale_from > t)
    yield _midnight_after(facts, t)


def _today(facts: Facts, t: datetime) -> date:
    return t.astimezone(ZoneInfo(facts.site.zone)).date()


def _midnight_after(facts: Facts, t: datetime) -> datetime:
    tomorrow = _today(facts, t) + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(facts.site.zone))
    return midnight.astimezone(UTC)
