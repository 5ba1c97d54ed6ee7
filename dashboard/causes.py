"""Why sections are as they are: Facts -> the causes of each section, its ancestors' included."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import attrgetter

from dashboard.facts import (
    ComponentFact,
    DependencyFact,
    Facts,
    IncidentFact,
    OutageFact,
    SectionFact,
    WindowFact,
)
from dashboard.rules.incident import struck_since
from dashboard.rules.schedule import in_sight
from dashboard.rules.span import Span
from dashboard.rules.state import AtEnd, Cause, Effect, State
from dashboard.rules.status import Status

PROMISE = timedelta(hours=1)  # when more is said about an outage whose end is not known
_EVER = datetime.min.replace(tzinfo=UTC)

Said = OutageFact | IncidentFact | WindowFact
Gaps = dict[str, tuple[Span, ...]]  # by the ref of the window that is overruled


def causes_by_section(facts: Facts) -> dict[int, tuple[Cause, ...]]:
    """By the section's id, all that the facts tell of. Sections that share all their causes share one tuple."""
    look_up = _LookUp(facts)
    found: dict[int, tuple[Cause, ...]] = {}
    for section, _ in in_tree_order(facts.sections):
        gaps = look_up.overruled.get(section.id, {})
        inherited = _with_gaps(found.get(section.parent_id or 0, ()), gaps)
        own = _worst_of_each(chain.from_iterable(look_up.strands(section, section.key, gaps, _EVER)))
        found[section.id] = own + inherited if own else inherited
    return found


class NearCauses:
    """Those that matter at a time, made when they are asked for: of ten thousand windows few are near."""

    def __init__(self, facts: Facts) -> None:
        self._look_up = _LookUp(facts)
        self._laden: dict[int, tuple[SectionFact, ...]] = {}  # of a section and those above it, the nearest first
        for section, _ in in_tree_order(facts.sections):
            above = self._laden.get(section.parent_id or 0, ())
            self._laden[section.id] = (section, *above) if any(self._look_up.load(section)) else above

    def alike(self, section: SectionFact) -> Hashable:
        """The same for sections that have the same causes."""
        above = next((one.id for one in self._laden[section.id] if one is not section), None)
        return self._look_up.load(section), above

    def of(self, section: SectionFact, t: datetime, horizon: datetime) -> tuple[Cause, ...]:
        """Those that decide how it stands and what is told. Where one is laid on the section itself, ``via`` is ""."""
        strands: list[Iterable[Cause]] = []
        gaps: Gaps = {}
        for one in self._laden[section.id]:
            gaps = _joined(gaps, self._look_up.overruled.get(one.id, {}))
            strands += self._look_up.strands(one, "" if one is section else one.key, gaps, t)
        return _worst_of_each(in_sight(heapq.merge(*strands, key=attrgetter("start")), t, horizon))

    def said(self, cause: Cause) -> Said | None:
        """Whose words it brings; None for a component's own trouble."""
        kind, _, id = cause.ref.partition("-")
        return self._look_up.said.get(kind, {}).get(int(id))


def in_tree_order(sections: Iterable[SectionFact]) -> Iterator[tuple[SectionFact, int]]:
    """Each section after its parent, with its depth (0 at the top). A child of nobody here stands at the top; so does
    one of any that lie within each other: whatever is wrong with the tree, nothing in it is hidden."""
    left = {section.id: section for section in sections}
    children: defaultdict[int | None, list[SectionFact]] = defaultdict(list)
    for section in reversed(left.values()):
        children[section.parent_id if section.parent_id in left else None].append(section)
    waiting = [(section, 0) for section in children[None]]
    while left:
        section, depth = waiting.pop() if waiting else (next(iter(left.values())), 0)
        if left.pop(section.id, None):
            yield section, depth
            waiting += [(child, depth + 1) for child in children[section.id]]


class _LookUp:
    def __init__(self, facts: Facts) -> None:
        self.components = {component.id: component for component in facts.components}
        self.incidents = {incident.id: incident for incident in facts.incidents if incident.is_open}
        self.said: dict[str, Mapping[int, Said]] = {
            "outage": {outage.id: outage for outage in facts.outages},
            "incident": self.incidents,
            "window": {window.id: window for window in facts.windows},
        }
        self.outages: defaultdict[int, list[OutageFact]] = defaultdict(list)
        self.windows: defaultdict[int, list[WindowFact]] = defaultdict(list)
        self.touches = _touches(facts)
        self.dependencies: defaultdict[int, list[DependencyFact]] = defaultdict(list)
        self.overruled: defaultdict[int, Gaps] = defaultdict(dict)
        for outage in sorted(facts.outages, key=attrgetter("starts_at")):
            self.outages[outage.section_id].append(outage)
        for window in sorted(facts.windows, key=attrgetter("starts_at")):
            for component_id in window.component_ids:
                self.windows[component_id].append(window)
        for dependency in facts.dependencies:
            self.dependencies[dependency.section_id].append(dependency)
        for overrule in facts.overrules:
            gap: Gaps = {f"window-{overrule.window_id}": (Span(overrule.starts_at, overrule.ends_at),)}
            self.overruled[overrule.section_id] = _joined(self.overruled[overrule.section_id], gap)

    def load(self, section: SectionFact) -> tuple[Hashable, ...]:
        """What is laid on this very section: the same for any that depend on the same components and no more."""
        is_special = section.id in self.outages or section.id in self.overruled or section.id in self.touches
        depends = self.dependencies.get(section.id, ())
        return section.id if is_special else 0, *((on.component_id, on.on_window, on.on_major) for on in depends)

    def strands(self, section: SectionFact, via: str, gaps: Gaps, t: datetime) -> Iterator[Iterable[Cause]]:
        """What is laid on this very section, and what comes from the components it depends on itself: each strand in
        order of start, without windows that are over at ``t``."""
        if outages := self.outages.get(section.id):
            yield [_outage_cause(outage, via, self.incidents.get(outage.incident_id or 0)) for outage in outages]
        for said, effect in self.touches.get(section.id, ()):
            if isinstance(said, WindowFact):
                yield _window_causes([said], via, effect.state, gaps, t)
            else:
                yield [_incident_cause(said, via, effect.state, said.started_at)]
        for dependency in self.dependencies.get(section.id, ()):
            if component := self.components.get(dependency.component_id):
                yield from self._through(component, dependency, via, gaps, t)

    def _through(
        self, component: ComponentFact, dependency: DependencyFact, via: str, gaps: Gaps, t: datetime
    ) -> Iterator[Iterable[Cause]]:
        windows = self.windows.get(component.id, [])
        if dependency.on_window is not Effect.NOTHING:
            yield _window_causes(windows, via, dependency.on_window.state, gaps, t)
        if dependency.on_major is not Effect.NOTHING:
            yield from self._majors(component, via, dependency.on_major.state, windows)

    def _majors(
        self, component: ComponentFact, via: str, state: State, windows: list[WindowFact]
    ) -> Iterator[Iterable[Cause]]:
        """Of a major outage of a component: by what a person or a check said, and by each open incident."""
        if component.status is Status.MAJOR_OUTAGE:
            yield [_component_cause(component, via, state, windows)]
        for incident in self.incidents.values():
            since = struck_since(incident.entries, component.id, Status.MAJOR_OUTAGE)
            if since is not None:
                yield [_incident_cause(incident, via, state, since)]


def _touches(facts: Facts) -> dict[int, list[tuple[IncidentFact | WindowFact, Effect]]]:
    """What is on a section itself and affects it, by the section's id. What an incident takes down, an outage does."""
    found: defaultdict[int, list[tuple[IncidentFact | WindowFact, Effect]]] = defaultdict(list)
    for window in facts.windows:
        for touch in window.touches:
            if touch.effect is not Effect.NOTHING:
                found[touch.section_id].append((window, touch.effect))
    for incident in facts.incidents:
        for touch in incident.touches:
            if incident.is_open and touch.effect is Effect.WARN:
                found[touch.section_id].append((incident, touch.effect))
    return dict(found)


def _joined(one: Gaps, other: Gaps) -> Gaps:
    return {ref: one.get(ref, ()) + other.get(ref, ()) for ref in one.keys() | other.keys()}


def _with_gaps(causes: tuple[Cause, ...], gaps: Gaps) -> tuple[Cause, ...]:
    if not gaps:
        return causes
    return tuple(replace(cause, gaps=cause.gaps + gaps[cause.ref]) if cause.ref in gaps else cause for cause in causes)


def _worst_of_each(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """One window may reach a section through several of its components: the worst effect counts, once."""
    worst: dict[tuple[str, str], Cause] = {}
    for cause in causes:
        held = worst.get((cause.ref, cause.via))
        if held is None or cause.state.rank > held.state.rank:
            worst[cause.ref, cause.via] = cause
    return tuple(worst.values())


def _outage_cause(outage: OutageFact, via: str, incident: IncidentFact | None) -> Cause:
    """The next word on an outage of an incident is the incident's."""
    hold = outage.at_end is AtEnd.HOLD
    said = max(outage.said_at, outage.starts_at, outage.planned_end or outage.starts_at)
    promised = incident.next_at if incident else said + PROMISE
    return Cause(
        kind="outage",
        ref=outage.ref,
        via=via,
        state=State.DOWN,
        start=outage.starts_at,
        end=outage.planned_end,
        since=outage.created_at,
        hold=hold,
        ended_at=outage.ended_at,
        next=promised if hold or outage.planned_end is None else None,
    )


def _incident_cause(incident: IncidentFact, via: str, state: State, start: datetime) -> Cause:
    return Cause(
        kind="incident",
        ref=incident.ref,
        via=via,
        state=state,
        start=start,
        end=None,
        since=incident.started_at,
        next=incident.next_at,
    )


def _window_causes(windows: Iterable[WindowFact], via: str, state: State, gaps: Gaps, t: datetime) -> Iterator[Cause]:
    for window in windows:
        if window.ends_at > t:
            yield _window_cause(window, via, state, gaps.get(window.ref, ()) if gaps else ())


def _window_cause(window: WindowFact, via: str, state: State, gaps: tuple[Span, ...]) -> Cause:
    return Cause(
        kind="window",
        ref=window.ref,
        via=via,
        state=state,
        start=window.starts_at,
        end=window.ends_at,
        since=window.created_at,
        gaps=gaps,
    )


def _component_cause(component: ComponentFact, via: str, state: State, windows: list[WindowFact]) -> Cause:
    """A window on the component takes the place of its own trouble."""
    return Cause(
        kind="component",
        ref=f"component-{component.id}",
        via=via,
        state=state,
        start=component.status_at,
        end=component.status_until,
        since=component.status_at,
        gaps=tuple(Span(window.starts_at, window.ends_at) for window in windows),
    )
