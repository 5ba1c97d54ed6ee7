"""Whom something concerns: by what it does to sections and components. For the count before, and for the sending."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime

from dashboard.facts import Facts, IncidentFact, Touch
from dashboard.rules.state import Effect
from dashboard.rules.telling import Reach, around
from dashboard.snapshot import Snapshot


def of_sections(facts: Facts, ids: Iterable[int]) -> Reach:
    return of(facts, ids, ())


def of(facts: Facts, section_ids: Iterable[int], component_ids: Iterable[int], incident: int | None = None) -> Reach:
    """With all that the sections are parts of, and all their parts."""
    parents = {section.id: section.parent_id for section in facts.sections}
    here = {component.id for component in facts.components}
    return Reach(around(section_ids, parents), tuple(sorted(here.intersection(component_ids))), incident)


def of_work(
    facts: Facts, component_ids: Iterable[int], touches: Iterable[Touch], spared: Set[int] = frozenset()
) -> Reach:
    """Of planned work: what it is on, and the sections that it strikes."""
    on = set(component_ids)
    return of(facts, struck_by_work(facts, on, touches, spared), on)


def struck_by_work(facts: Facts, component_ids: Set[int], touches: Iterable[Touch], spared: Set[int]) -> frozenset[int]:
    """The sections that it takes off or slows down, by itself or through a component."""
    depends = (one for one in facts.dependencies if one.component_id in component_ids)
    through = {one.section_id for one in depends if one.on_window is not Effect.NOTHING}
    return frozenset((_touched(touches) | through) - spared)


def spared(facts: Facts, window_id: int | None, t: datetime) -> set[int]:
    """The sections that somebody keeps open in spite of that work."""
    return {one.section_id for one in facts.overrules if one.window_id == window_id and one.ends_at > t}


def _touched(touches: Iterable[Touch]) -> set[int]:
    return {touch.section_id for touch in touches}


def of_incident(snapshot: Snapshot, incident: IncidentFact) -> Reach:
    """What it names, and the sections that it takes off or slows down through a component."""
    named = _touched(incident.touches)
    struck = {one.id for one in snapshot.sections if any(cause.ref == incident.ref for cause in one.now.causes)}
    return of(snapshot.history.facts, named | struck, incident.latest.impacts, incident.id)
