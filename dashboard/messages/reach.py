"""Whom something concerns: by what it does to sections and components. For the count before, and for the sending."""

from __future__ import annotations

from collections.abc import Iterable

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
    facts: Facts, component_ids: Iterable[int], touches: Iterable[Touch], window_id: int | None = None
) -> Reach:
    """Of planned work: what it is on, and the sections that it strikes."""
    on = set(component_ids)
    return of(facts, struck_by_work(facts, on, touches, window_id), on)


def struck_by_work(
    facts: Facts, component_ids: Iterable[int], touches: Iterable[Touch], window_id: int | None = None
) -> set[int]:
    """The sections that it takes off or slows down, by itself or through a component; those that somebody keeps open in
    spite of it are left out."""
    on, spared = set(component_ids), {one.section_id for one in facts.overrules if one.window_id == window_id}
    through = {
        one.section_id for one in facts.dependencies if one.component_id in on and one.on_window is not Effect.NOTHING
    }
    return (_touched(touches) | through) - spared


def _touched(touches: Iterable[Touch]) -> set[int]:
    return {touch.section_id for touch in touches}


def of_incident(snapshot: Snapshot, incident: IncidentFact) -> Reach:
    """What it names, and the sections that it takes off or slows down through a component."""
    named = _touched(incident.touches)
    struck = {one.id for one in snapshot.sections if any(cause.ref == incident.ref for cause in one.now.causes)}
    return of(snapshot.history.facts, named | struck, incident.latest.impacts, incident.id)
