"""Downtimes of services, as the VA's front ends know them: one list, from which everything in their form is said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from dashboard.documents import data
from dashboard.documents.html import Telling
from dashboard.facts import ComponentFact, DependencyFact, OverruleFact, WindowFact
from dashboard.rules.span import Span, cut, shared
from dashboard.rules.state import Effect, State
from dashboard.snapshot import Notice, SectionNow, Snapshot

_SHORTEST = timedelta(hours=1)  # of one that is to begin, and whose end nobody knows


@dataclass(frozen=True, slots=True)
class Downtime:
    """``service`` is a component's key or a section's. ``external_id`` is PagerDuty's number of the window, or ours of
    whatever it is. Where nobody knows the end it is a guess, for old clients ask for one."""

    id: int
    external_id: str
    service: str
    start: datetime
    end: datetime
    is_estimate: bool
    description: str
    affected: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class _Told:
    """Before it is numbered. ``ref`` is what it comes from: "window-12". ``at_least``: so long it lasts, for all
    that is known, where its end is not."""

    ref: str
    service: str
    span: Span
    at_least: datetime
    description: str
    affected: tuple[str, ...]


def downtimes(
    snapshot: Snapshot, open_end: datetime, of: Callable[[str], bool] = lambda service: True
) -> tuple[Downtime, ...]:
    """Those under way or to come, of services that are asked ``of``. Old clients keep the last one of each service:
    that is the one under way that ends last, or else the one that begins first."""
    windows = {window.ref: window for window in snapshot.windows}
    found = []
    for told, number in _numbered(_Services(snapshot, of).told()):
        window = windows.get(told.ref)
        found.append(
            Downtime(
                id=data.number_of(f"{told.ref} {told.service} {number}"),
                external_id=window.external_id if window and not window.is_ours else told.ref,
                service=told.service,
                start=told.span.start,
                end=told.span.end or max(open_end, told.at_least),
                is_estimate=told.span.end is None,
                description=told.description,
                affected=told.affected,
                source=window.source if window else "signpost",
            )
        )
    return tuple(sorted(found, key=lambda one: _counts(one, snapshot.at)))


def _counts(one: Downtime, t: datetime) -> tuple[bool, float, int]:
    """The more it counts the greater."""
    is_active = one.start <= t
    return is_active, one.end.timestamp() if is_active else -one.start.timestamp(), one.id


def _numbered(found: Iterable[_Told]) -> Iterator[tuple[_Told, int]]:
    """Several of one service may come from one thing; counted from the last, so that no number moves as they pass."""
    seen: Counter[tuple[str, str]] = Counter()
    for told in sorted(found, key=lambda told: told.span.start, reverse=True):
        yield told, seen[told.ref, told.service]
        seen[told.ref, told.service] += 1


class _Services:
    """``mapped``: the components that stand for services, of those asked for; ``uses``: what depends on a component,
    by its id."""

    def __init__(self, snapshot: Snapshot, of: Callable[[str], bool]) -> None:
        facts = snapshot.history.facts
        self.snapshot, self.of = snapshot, of
        self.tell = Telling(snapshot.today, snapshot.zone)
        self.sections = {section.id: section for section in snapshot.sections}
        mapped = [one.fact for one in snapshot.components if one.fact.service_ids]
        self.keys = {component.key for component in mapped}
        self.mapped = {component.id: component for component in mapped if of(component.key)}
        self.uses: defaultdict[int, list[DependencyFact]] = defaultdict(list)
        self.overrules: defaultdict[int, list[OverruleFact]] = defaultdict(list)  # by the window's id
        for dependency in facts.dependencies:
            if dependency.section_id in self.sections:
                self.uses[dependency.component_id].append(dependency)
        for overrule in facts.overrules:
            self.overrules[overrule.window_id].append(overrule)

    def told(self) -> Iterator[_Told]:
        by_component = defaultdict(list)
        for told, component in self._planned():
            by_component[component.id].append(told.span)
            yield told
        for component in self.mapped.values():
            yield from self._without_sections(component, by_component[component.id])
        for section in self.snapshot.sections:
            if section.key not in self.keys and self.of(section.key):
                yield from self._off(section, section.key)

    def _planned(self) -> Iterator[tuple[_Told, ComponentFact]]:
        """Each window on each component that is mapped to a service."""
        for window in self.snapshot.windows:
            mapped = [self.mapped[id] for id in window.component_ids if id in self.mapped]
            words = self._words(window) if mapped else ""
            for component in mapped:
                for span in self._pieces(window, component):
                    users = self._users(component.id)
                    yield _Told(window.ref, component.key, span, window.ends_at, words, users), component

    def _pieces(self, window: WindowFact, component: ComponentFact) -> Iterator[Span]:
        """What is left of a window where every section that it would affect is kept open in spite of it."""
        whole = Span(window.starts_at, window.ends_at)
        if window.id not in self.overrules:
            yield whole
            return
        minding = {one.section_id for one in self.uses[component.id] if one.on_window is not Effect.NOTHING}
        kept = [
            [Span(one.starts_at, one.ends_at) for one in self.overrules[window.id] if one.section_id == id]
            for id in minding
        ]
        gaps = reduce(_shared, kept) if kept else []
        yield from (piece for piece in cut(whole, gaps) if piece.end is None or piece.end > self.snapshot.at)

    def _without_sections(self, component: ComponentFact, known: list[Span]) -> Iterator[_Told]:
        """A service that every section which uses it does without, unless its own windows say so already."""
        users = [self.sections[one.section_id] for one in self.uses[component.id]]
        if not users or any(not section.notices for section in users):
            return
        spans = reduce(_shared, [[told.span for told in self._off(one, "")] for one in users])
        for span in spans:
            if not any(_covers(window, span) for window in known):
                parts = [self._told_in(section, span) for section in users]
                ref, at_least = "+".join(sorted({one.ref for one in parts})), max(one.at_least for one in parts)
                yield _Told(ref, component.key, span, at_least, parts[0].description, self._users(component.id))

    def _told_in(self, section: SectionNow, span: Span) -> _Told:
        return next(told for told in self._off(section, "") if _covers(told.span, span))

    def _off(self, section: SectionNow, service: str) -> Iterator[_Told]:
        for notice in section.notices:
            if notice.state is State.DOWN:
                words = self.tell.plain(notice.message, notice)
                yield _Told(
                    notice.ref, service, self._span(notice), self._at_least(section, notice), words, (section.key,)
                )

    def _at_least(self, section: SectionNow, notice: Notice) -> datetime:
        is_coming = notice.start > self.snapshot.at
        return max([notice.start + _SHORTEST, *(one.end for one in section.now.causes if one.end and not is_coming)])

    def _span(self, notice: Notice) -> Span:
        """Of what is late nobody knows the end."""
        return Span(notice.start, None if notice.is_late else notice.end)

    def _words(self, window: WindowFact) -> str:
        has_times = "{" in window.message
        return self.tell.spoken(window.message, window.starts_at, window.ends_at) if has_times else window.message

    def _users(self, component_id: int) -> tuple[str, ...]:
        return tuple(self.sections[one.section_id].key for one in self.uses[component_id])


def _shared(some: list[Span], others: list[Span]) -> list[Span]:
    return list(filter(None, (shared(one, other) for one in some for other in others)))


def _covers(whole: Span, part: Span) -> bool:
    return whole.start <= part.start and (whole.end is None or (part.end is not None and part.end <= whole.end))
