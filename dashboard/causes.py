"""Why sections are as they are: Facts -> the causes of each section, its ancestors' included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from dashboard.facts import ComponentFact, Facts, OutageFact, SectionFact, WindowFact
from dashboard.rules.span import Span
from dashboard.rules.state import AtEnd, Cause, Effect
from dashboard.rules.status import Status

PROMISE = timedelta(hours=1)  # when more is said about an outage whose end is not known

Gaps = dict[str, tuple[Span, ...]]  # by the ref of the window that is overruled


def causes_by_section(facts: Facts) -> dict[int, tuple[Cause, ...]]:
    """By the section's id. Sections that share all their causes share one tuple."""
    look_up = _LookUp(facts)
    found: dict[int, tuple[Cause, ...]] = {}
    for section, _ in in_tree_order(facts.sections):
        gaps = look_up.overruled[section.id]
        inherited = _with_gaps(found.get(section.parent_id or 0, ()), gaps)
        own = tuple(look_up.own(section, gaps))
        found[section.id] = own + inherited if own else inherited
    return found


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
        self.outages: defaultdict[int, list[OutageFact]] = defaultdict(list)
        self.windows: defaultdict[int, list[WindowFact]] = defaultdict(list)
        self.dependencies = defaultdict(list)
        self.overruled: defaultdict[int, Gaps] = defaultdict(dict)
        for outage in facts.outages:
            self.outages[outage.section_id].append(outage)
        for window in facts.windows:
            for component_id in window.component_ids:
                self.windows[component_id].append(window)
        for dependency in facts.dependencies:
            self.dependencies[dependency.section_id].append(dependency)
        for overrule in facts.overrules:
            gaps = self.overruled[overrule.section_id]
            ref = f"window-{overrule.window_id}"
            gaps[ref] = (*gaps.get(ref, ()), Span(overrule.starts_at, overrule.ends_at))

    def own(self, section: SectionFact, gaps: Gaps) -> Iterator[Cause]:
        """What is laid on this very section, and what comes from the components it depends on itself."""
        yield from (_outage_cause(outage, section) for outage in self.outages[section.id])
        yield from _worst_of_each(self._through_components(section, gaps))

    def _through_components(self, section: SectionFact, gaps: Gaps) -> Iterator[Cause]:
        for dependency in self.dependencies[section.id]:
            component = self.components.get(dependency.component_id)
            if component is None:
                continue
            windows = self.windows[component.id]
            if dependency.on_window is not Effect.NOTHING:
                for window in windows:
                    yield _window_cause(window, section, dependency.on_window, gaps.get(window.ref, ()))
            if component.status is Status.MAJOR_OUTAGE and dependency.on_major is not Effect.NOTHING:
                yield _component_cause(component, section, dependency.on_major, windows)


def _with_gaps(causes: tuple[Cause, ...], gaps: Gaps) -> tuple[Cause, ...]:
    if not gaps:
        return causes
    return tuple(replace(cause, gaps=cause.gaps + gaps[cause.ref]) if cause.ref in gaps else cause for cause in causes)


def _worst_of_each(causes: Iterable[Cause]) -> Iterable[Cause]:
    """One window may reach a section through several components: the worst effect counts, once."""
    worst: dict[str, Cause] = {}
    for cause in causes:
        held = worst.get(cause.ref)
        if held is None or cause.state.rank > held.state.rank:
            worst[cause.ref] = cause
    return worst.values()


def _outage_cause(outage: OutageFact, via: SectionFact) -> Cause:
    hold = outage.at_end is AtEnd.HOLD
    said = max(outage.said_at, outage.starts_at, outage.planned_end or outage.starts_at)
    return Cause(
        kind="outage",
        ref=outage.ref,
        via=via.key,
        state=Effect.DOWN.state,
        start=outage.starts_at,
        end=outage.planned_end,
        since=outage.created_at,
        hold=hold,
        ended_at=outage.ended_at,
        next=said + PROMISE if hold or outage.planned_end is None else None,
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
