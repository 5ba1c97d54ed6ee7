"""What holds at a time: Facts + rules -> a frozen Snapshot. Page, banner and every API start from one of these."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from dashboard.facts import ComponentFact, Facts, OutageFact, SectionFact, SiteFact, SourceFact, WindowFact
from dashboard.rules import wording
from dashboard.rules.schedule import Stretch, schedule
from dashboard.rules.span import Span
from dashboard.rules.state import AtEnd, Cause, Effect, SectionState, State, next_edge, state_at
from dashboard.rules.status import Status, status_of
from dashboard.rules.toggle import toggle_value

HORIZON = timedelta(days=30)  # how far ahead planned work is told
PROMISE = timedelta(hours=1)  # when more is said about an outage whose end is not known
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
    """A section as it stands. ``notices`` are those that hold now or begin within 30 days, in order."""

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
    def planned(self) -> tuple[Notice, ...]:
        """Those to come, without the one that is shown now."""
        return self.notices if self.state is State.OK else self.notices[1:]


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
    """All of it, from ``at`` until ``until`` (None: nothing is known to come)."""

    at: datetime
    until: datetime | None
    today: date
    revision: int
    revised_at: datetime
    site: SiteFact
    sections: tuple[SectionNow, ...]
    components: tuple[ComponentNow, ...]
    sources: tuple[SourceNow, ...]
    toggles: dict[str, bool]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.zone)


def snapshot_at(facts: Facts, t: datetime) -> Snapshot:
    causes = _Causes(facts)
    sections = tuple(_section_now(section, depth, causes, t) for section, depth in in_tree_order(facts.sections))
    states = {section.id: section.state for section in sections}
    return Snapshot(
        at=t,
        until=min(_edges(facts, causes, t), default=None),
        today=_today(facts, t),
        revision=facts.revision,
        revised_at=facts.revised_at,
        site=facts.site,
        sections=sections,
        components=tuple(_component_now(component, facts.windows, t) for component in facts.components),
        sources=tuple(_source_now(source, t) for source in facts.sources),
        toggles={
            toggle.name: toggle_value(toggle.while_down, (states.get(id, State.OK) for id in toggle.section_ids))
            for toggle in facts.toggles
        },
    )


def in_tree_order(sections: Iterable[SectionFact]) -> Iterator[tuple[SectionFact, int]]:
    """Each section after its parent, with its depth (0 at the top). A child of nobody here stands at the top."""
    sections = tuple(sections)
    ids = {section.id for section in sections}
    children: defaultdict[int | None, list[SectionFact]] = defaultdict(list)
    for section in sections:
        children[section.parent_id if section.parent_id in ids else None].append(section)

    def walk(parent: int | None, depth: int) -> Iterator[tuple[SectionFact, int]]:
        for section in children[parent]:
            yield section, depth
            yield from walk(section.id, depth + 1)

    return walk(None, 0)


class _Causes:
    """The causes of each section, its ancestors' included, looked up once and kept."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.sections = {section.id: section for section in facts.sections}
        self.outages: defaultdict[int, list[OutageFact]] = defaultdict(list)
        self.windows: defaultdict[int, list[WindowFact]] = defaultdict(list)
        self.words: dict[str, OutageFact | WindowFact] = {}
        self.components = {component.id: component for component in facts.components}
        self.dependencies = defaultdict(list)
        self.overruled: defaultdict[tuple[int, int], list[Span]] = defaultdict(list)
        for outage in facts.outages:
            self.outages[outage.section_id].append(outage)
            self.words[outage.ref] = outage
        for window in facts.windows:
            self.words[window.ref] = window
            for component_id in window.component_ids:
                self.windows[component_id].append(window)
        for dependency in facts.dependencies:
            self.dependencies[dependency.section_id].append(dependency)
        for overrule in facts.overrules:
            span = Span(overrule.starts_at, overrule.ends_at)
            self.overruled[overrule.window_id, overrule.section_id].append(span)

    def of(self, section: SectionFact) -> tuple[Cause, ...]:
        path: list[SectionFact] = []
        here: SectionFact | None = section
        found: list[Cause] = []
        while here is not None and here not in path:
            path.append(here)
            found += (_outage_cause(outage, here) for outage in self.outages[here.id])
            found += self._dependency_causes(here, path)
            here = self.sections.get(here.parent_id) if here.parent_id else None
        return tuple(_worst_of_each(found))

    def _dependency_causes(self, here: SectionFact, path: list[SectionFact]) -> Iterator[Cause]:
        for dependency in self.dependencies[here.id]:
            windows = self.windows[dependency.component_id]
            if dependency.on_window is not Effect.NOTHING:
                for window in windows:
                    gaps = tuple(chain.from_iterable(self.overruled[window.id, step.id] for step in path))
                    yield _window_cause(window, here, dependency.on_window, gaps)
            component = self.components.get(dependency.component_id)
            if component and component.status is Status.MAJOR_OUTAGE and dependency.on_major is not Effect.NOTHING:
                yield _component_cause(component, here, dependency.on_major, windows)


def _worst_of_each(causes: Iterable[Cause]) -> Iterable[Cause]:
    """One window may reach a section through several components: the worst effect counts, once."""
    worst: dict[tuple[str, str], Cause] = {}
    for cause in causes:
        held = worst.get((cause.ref, cause.via))
        if held is None or cause.state.rank > held.state.rank:
            worst[cause.ref, cause.via] = cause
    return worst.values()


def _outage_cause(outage: OutageFact, via: SectionFact) -> Cause:
    hold = outage.at_end is AtEnd.HOLD
    open_ended = outage.planned_end is None or hold
    return Cause(
        kind="outage",
        ref=outage.ref,
        via=via.key,
        state=State.DOWN,
        start=outage.starts_at,
        end=outage.planned_end,
        since=outage.created_at,
        hold=hold,
        ended_at=outage.ended_at,
        next=max(outage.said_at, outage.starts_at, outage.planned_end or outage.starts_at) + PROMISE
        if open_ended
        else None,
    )


def _window_cause(window: WindowFact, via: SectionFact, effect: Effect, gaps: tuple[Span, ...]) -> Cause:
    return Cause(
        kind="window",
        ref=window.ref,
        via=via.key,
        state=effect.state,
        start=window.starts_at,
        end=window.ends_at,
        since=window.created_at,
        gaps=gaps,
    )


def _component_cause(component: ComponentFact, via: SectionFact, effect: Effect, windows: list[WindowFact]) -> Cause:
    """A window on the component takes the place of its own trouble."""
    return Cause(
        kind="component",
        ref=f"component-{component.id}",
        via=via.key,
        state=effect.state,
        start=component.status_at,
        end=None,
        since=component.status_at,
        gaps=tuple(Span(window.starts_at, window.ends_at) for window in windows),
    )


def _section_now(section: SectionFact, depth: int, causes: _Causes, t: datetime) -> SectionNow:
    found = causes.of(section)
    parent = causes.sections.get(section.parent_id) if section.parent_id else None
    stretches = schedule(found, t, t + HORIZON, section.warn_ahead) if found else ()
    return SectionNow(
        id=section.id,
        key=section.key,
        name=section.name,
        parent_key=parent.key if parent else None,
        depth=depth,
        now=state_at(found, t, section.warn_ahead),
        notices=tuple(_notice(stretch, section, causes, t) for stretch in stretches),
    )


def _notice(stretch: Stretch, section: SectionFact, causes: _Causes, t: datetime) -> Notice:
    said = causes.words.get(stretch.cause.ref)
    message = (said.message if said else "") or section.message
    alternative = said.alternative if isinstance(said, OutageFact) else section.alternative
    late = stretch.hold and stretch.end is not None and stretch.end <= t
    next = stretch.cause.next if stretch.cause.next and t < stretch.cause.next else None
    if stretch.state is State.DOWN and stretch.end is None and stretch.start <= t:
        message = _and(message, wording.NOT_KNOWN)
    if next and stretch.start <= t and (late or stretch.end is None):
        message = _and(message, wording.NEXT)
    known = stretch.end is not None
    title_now = wording.title(section.name, stretch.state, known, late=late, soon=False)
    title = wording.title(section.name, stretch.state, known, late=False, soon=True) if stretch.start > t else title_now
    links = [Link("Latest updates", f"{causes.facts.site.url}/sections/{section.key}/")]
    if section.link_url:
        links.insert(0, Link(section.link_label or section.link_url, section.link_url))
    words = "\n".join([stretch.state, title, message, alternative, *(link.href for link in links)])
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
        links=tuple(links),
    )


def _and(message: str, sentence: str) -> str:
    return f"{message} {sentence}" if message else sentence


def _component_now(component: ComponentFact, windows: Iterable[WindowFact], t: datetime) -> ComponentNow:
    on_it = any(component.id in window.component_ids and window.starts_at <= t < window.ends_at for window in windows)
    return ComponentNow(component.key, component.name, component.group, status_of(component.status, on_it))


def _source_now(source: SourceFact, t: datetime) -> SourceNow:
    stale = source.stale_from is None or source.stale_from <= t
    if source.checked_at is None or stale:
        return SourceNow(source.name, source.checked_at, stale)
    since_epoch = source.checked_at - datetime.min.replace(tzinfo=UTC)
    return SourceNow(source.name, source.checked_at - since_epoch % _CONFIRMED_EVERY, stale)


def _edges(facts: Facts, causes: _Causes, t: datetime) -> Iterator[datetime]:
    """Every known time after ``t`` at which a snapshot would differ."""
    for section in facts.sections:
        found = causes.of(section)
        edge = next_edge(found, t, section.warn_ahead)
        if edge:
            yield edge
        yield from (cause.start - HORIZON for cause in found if cause.start - HORIZON > t)
    for window in facts.windows:
        yield from (edge for edge in (window.starts_at, window.ends_at) if edge > t)
    for source in facts.sources:
        if source.stale_from and source.stale_from > t:
            yield source.stale_from
    yield _midnight_after(facts, t)


def _today(facts: Facts, t: datetime) -> date:
    return t.astimezone(ZoneInfo(facts.site.zone)).date()


def _midnight_after(facts: Facts, t: datetime) -> datetime:
    tomorrow = _today(facts, t) + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZoneInfo(facts.site.zone))
    return midnight.astimezone(UTC)
