"""Since when toggles read what they read: Facts with what is over -> the last time that a section of each went down or
came back. For staff; what is told to the public needs none of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from dashboard.causes import causes_by_section
from dashboard.facts import Facts, SectionFact
from dashboard.history import History
from dashboard.rules.span import Span
from dashboard.rules.stale import settled_at
from dashboard.rules.state import Effect, State


def settled_by_toggle(facts: Facts, history: History, t: datetime) -> dict[int, datetime | None]:
    """By the toggle's id; None where nothing happened as far back as facts reach."""
    above = _above(facts)
    followed = {id: above[id] for toggle in facts.toggles for id in toggle.section_ids if id in above}
    near = {section.id: section for chain in followed.values() for section in chain}
    whole = replace(
        facts,
        sections=tuple(near.values()),
        outages=tuple(one for one in (*facts.ended_outages, *facts.outages) if one.section_id in near),
        windows=(*facts.ended_windows, *facts.windows),
    )
    causes, majors = causes_by_section(whole), _majors(whole, history)
    downs = {
        id: [
            *(piece for cause in causes[id] if cause.state is State.DOWN for piece in cause.pieces),
            *(span for section in chain for span in majors.get(section.id, ())),
        ]
        for id, chain in followed.items()
    }
    return {
        toggle.id: settled_at([span for id in toggle.section_ids for span in downs.get(id, ())], t)
        for toggle in facts.toggles
    }


def _above(facts: Facts) -> dict[int, tuple[SectionFact, ...]]:
    """Each section with those that it lies within."""
    sections = {section.id: section for section in facts.sections}

    def chain(section: SectionFact) -> Iterator[SectionFact]:
        seen: set[int] = set()
        here: SectionFact | None = section
        while here is not None and here.id not in seen:
            seen.add(here.id)
            yield here
            here = sections.get(here.parent_id or 0)

    return {section.id: tuple(chain(section)) for section in facts.sections}


def _majors(facts: Facts, history: History) -> dict[int, list[Span]]:
    """By the section's id, when a major outage of what it depends on took it down."""
    components = {component.id: component for component in facts.components}
    found: dict[int, list[Span]] = {}
    for dependency in facts.dependencies:
        component = components.get(dependency.component_id)
        if component and dependency.on_major is Effect.DOWN:
            found.setdefault(dependency.section_id, []).extend(history.majors(component))
    return found
