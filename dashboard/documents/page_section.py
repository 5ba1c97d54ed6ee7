"""Each section's own page: how it is, what is planned, what touches it, and its last 90 days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from dashboard.documents import branches, frame, html, past
from dashboard.documents.branches import Said
from dashboard.documents.frame import Frame
from dashboard.documents.page_front import Problem, problems
from dashboard.documents.past import Over
from dashboard.facts import IncidentFact, OutageFact, WindowFact
from dashboard.history import Item
from dashboard.snapshot import SectionNow, Snapshot

_MOST = 50  # of what was


@dataclass(frozen=True, slots=True)
class SectionPage:
    """``over``: what was in its last 90 days, the newest first."""

    frame: Frame
    section: SectionNow
    path: tuple[SectionNow, ...]  # what it is in, the topmost first
    within: tuple[SectionNow, ...]  # what is in it, at any depth, in tree order
    problems: tuple[Problem, ...] = ()
    over: tuple[Over, ...] = ()


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, SectionPage]]:
    paths: dict[str | None, tuple[SectionNow, ...]] = {None: ()}
    within: dict[str, list[SectionNow]] = {}
    for section in snapshot.sections:
        paths[section.key] = (*paths[section.parent_key], section)
        within[section.key] = []
        for above in paths[section.parent_key]:
            within[above.key].append(section)
    touching, over = _touching(snapshot), _over(snapshot)
    for section in snapshot.sections:
        parts, was = tuple(within[section.key]), over.get(section.id, ())
        tells = bool(was) or any(one.notices for one in (section, *parts))
        yield (
            f"/sections/{section.key}/",
            SectionPage(
                frame.live(snapshot, tells or section.id in touching),
                section,
                paths[section.parent_key],
                parts,
                tuple(touching.get(section.id, ())),
                was,
            ),
        )


def _touching(snapshot: Snapshot) -> dict[int, list[Problem]]:
    """The incidents that go on, by the id of each section that they name."""
    found: defaultdict[int, list[Problem]] = defaultdict(list)
    for problem in problems(snapshot):
        for touch in problem.incident.touches:
            found[touch.section_id].append(problem)
    return found


def _over(snapshot: Snapshot) -> dict[int, tuple[Over, ...]]:
    items: defaultdict[int, list[Item]] = defaultdict(list)
    history = snapshot.history
    for item in history.over(history.since, snapshot.at + timedelta.resolution):
        for id in _sections_of(item):
            if len(items[id]) < _MOST:
                items[id].append(item)
    tell = past.teller(snapshot)
    return {id: tuple(past.told(found, tell)) for id, found in items.items()}


def _sections_of(item: Item) -> Iterable[int]:
    if isinstance(item, OutageFact):
        return (item.section_id,)
    assert isinstance(item, (IncidentFact, WindowFact))
    return (touch.section_id for touch in item.touches)


def render(page: SectionPage) -> bytes:
    section = page.section
    said = branches.said_of((section, *page.within))
    well = frame.plain("op", f"{section.name} is working")
    own = frame.of_notice(page.frame, section) if section.notice is not None else None
    return html.render(
        "public/section.html",
        root="../../",
        page=page,
        frame=page.frame,
        section=section,
        tell=page.frame.telling,
        head=own or branches.headline(page.frame, section.name, page.within, said, well),
        said=Said([part for part in said.affected if part is not section], said.soon, said.coming),
        coming=branches.once_each(said.coming, page.frame.telling.zone),
        tree=branches.tree(page.within, section.key),
        contact=branches.contact,
        days=past.by_day(page.over, page.frame.telling.zone),
        impact_look=past.IMPACT_LOOKS,
        impact_word=past.impact_word,
    )
