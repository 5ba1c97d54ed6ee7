"""Planned work: what is under way and what is to come, day by day, and which parts of the website it takes off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from dashboard.documents import entries, frame, html
from dashboard.documents.frame import Frame
from dashboard.facts import Touch, WindowFact
from dashboard.rules.state import Effect
from dashboard.snapshot import Snapshot

PAGE = 50  # of planned work


@dataclass(frozen=True, slots=True)
class Planned:
    """``off`` and ``slow``: the names of the sections that it takes off or slows down. ``later``: its other times."""

    ref: str
    name: str
    message: str
    starts_at: datetime
    ends_at: datetime
    is_verifying: bool
    series: int | None
    off: tuple[str, ...]
    slow: tuple[str, ...]
    later: tuple[Planned, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedPage:
    frame: Frame
    number: int
    of: int
    under_way: tuple[Planned, ...]
    coming: tuple[Planned, ...]


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, PlannedPage]]:
    found = entries.coming(snapshot.history)
    around = frame.live(snapshot, tells=False)
    effects = Effects(snapshot)
    names = {one.id: one.name for one in snapshot.sections}, {one.id: one.name for one in snapshot.components}
    told = [_planned(work, entries.work_name(work, *names), effects, snapshot.at) for work in found]
    begun = sum(work.starts_at <= snapshot.at for work in told)
    told[begun:] = _folded(told[begun:], around.telling.zone)
    count = max(1, -(-len(told) // PAGE))
    for number in range(1, count + 1):
        first, last = (number - 1) * PAGE, number * PAGE
        under_way, coming = told[first : min(last, begun)], told[max(first, begun) : last]
        yield page_path(number), PlannedPage(around, number, count, tuple(under_way), tuple(coming))


def _folded(coming: Iterable[Planned], zone: ZoneInfo) -> list[Planned]:
    """What comes again at the same time of day, in the same words and with the same effect, stands once."""
    alike: dict[object, list[Planned]] = {}
    for work in coming:
        lasts, at = work.ends_at - work.starts_at, work.starts_at.astimezone(zone).time()
        same = (work.series, at, lasts, work.name, work.message, work.off, work.slow)
        alike.setdefault(same if work.series else work.ref, []).append(work)
    return [replace(first, later=tuple(later)) for first, *later in alike.values()]


def page_path(number: int) -> str:
    return "/planned/" if number == 1 else f"/planned/{number}/"


def _planned(window: WindowFact, name: str, effects: Effects, t: datetime) -> Planned:
    off, slow = effects.of(window)
    return Planned(
        ref=window.ref,
        name=name,
        message=window.message,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        is_verifying=window.verifying_at is not None and window.verifying_at <= t,
        series=window.series_id,
        off=off,
        slow=slow,
    )


Touched = tuple[tuple[str, ...], tuple[str, ...]]  # names of sections that it takes off, and that it slows down


class Effects:
    """What planned work does to sections: to those it is on, and to those that depend on its components."""

    def __init__(self, snapshot: Snapshot) -> None:
        facts = snapshot.history.facts
        self.names = {section.id: section.name for section in snapshot.sections}
        self.spared: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
        for overrule in (one for one in facts.overrules if one.ends_at > snapshot.at):
            self.spared[overrule.window_id] |= {overrule.section_id}
        self.by_component: defaultdict[int, list[tuple[int, Effect]]] = defaultdict(list)
        for on in facts.dependencies:
            self.by_component[on.component_id].append((on.section_id, on.on_window))
        self._found = cache(self._find)  # most work is on what other work is on

    def of(self, window: WindowFact) -> Touched:
        return self._found(window.touches, window.component_ids, self.spared[window.id])

    def _find(self, touches: tuple[Touch, ...], component_ids: tuple[int, ...], spared: frozenset[int]) -> Touched:
        on = [(touch.section_id, touch.effect) for touch in touches]
        on += [found for id in component_ids for found in self.by_component[id]]
        found = {id: effect for id, effect in on if id not in spared}
        found |= {id: effect for id, effect in on if id in found and effect is Effect.DOWN}
        off, slow = (
            tuple(name for id, name in self.names.items() if found.get(id) is wanted)
            for wanted in (Effect.DOWN, Effect.WARN)
        )
        return off, slow


def render(page: PlannedPage) -> bytes:
    tell = page.frame.telling
    days = groupby(page.coming, lambda work: work.starts_at.astimezone(tell.zone).date())
    return html.render(
        "public/planned.html",
        root="../" if page.number == 1 else "../../",
        page=page,
        frame=page.frame,
        tell=tell,
        head=frame.plain("maint", "Planned work", "" if page.of == 1 else f"Page {page.number} of {page.of}"),
        days=[(day, list(works)) for day, works in days],
    )
