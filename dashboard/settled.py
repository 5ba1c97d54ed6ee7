"""Since when toggles read what they read: Facts with what is over -> the last time that a section of each went down or
came back. For staff; what is told to the public needs none of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from dashboard.causes import causes_by_section
from dashboard.facts import Facts, OutageFact, SectionFact, WindowFact
from dashboard.history import History, over_at
from dashboard.rules.span import Span
from dashboard.rules.stale import settled_at
from dashboard.rules.state import Effect, State

Ended = TypeVar("Ended", OutageFact, WindowFact)

_ENOUGH = 10  # that followed each other without a break are looked through


def settled_by_toggle(facts: Facts, history: History, t: datetime) -> dict[int, datetime | None]:
    """By the toggle's id; None where nothing happened as far back as facts reach."""
    above = _above(facts)
    followed = {id: above[id] for toggle in facts.toggles for id in toggle.section_ids if id in above}
    near = {section.id: section for chain in followed.values() for section in chain}
    ended = (one for one in facts.ended_outages if one.section_id in near)
    whole = replace(
        facts,
        sections=tuple(near.values()),
        outages=(*_last(ended, _places_of_outage), *(one for one in facts.outages if one.starts_at <= t)),
        windows=(
            *_last(facts.ended_windows, _places_of_window),
            *(one for one in facts.windows if one.starts_at <= t),
        ),
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


def _last(items: Iterable[Ended], places: Callable[[Ended], Iterable[Hashable]]) -> Iterator[Ended]:
    """Those that were over last, a few for each place: of ten thousand that are over, the others change nothing."""
    counts: Counter[Hashable] = Counter()
    for item in sorted(items, key=over_at, reverse=True):
        here = [place for place in places(item) if counts[place] < _ENOUGH]
        counts.update(here)
        if here:
            yield item


def _places_of_outage(outage: OutageFact) -> Iterable[Hashable]:
    return (outage.section_id,)


def _places_of_window(window: WindowFact) -> Iterable[Hashable]:
    return *(("component", id) for id in window.component_ids), *(("section", on.section_id) for on in window.touches)


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
