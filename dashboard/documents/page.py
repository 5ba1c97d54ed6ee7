"""The public status page and each section's own page. They lead with section, verb and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dashboard.documents import assets, html
from dashboard.facts import SiteFact
from dashboard.rules.state import State
from dashboard.snapshot import ComponentNow, Notice, SectionNow, Snapshot, SourceNow


@dataclass(frozen=True, slots=True)
class Frame:
    """What every public page has around it."""

    site: SiteFact
    sources: tuple[SourceNow, ...]
    style: str
    script: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    frame: Frame
    revision: int
    revised_at: datetime
    today: date
    sections: tuple[SectionNow, ...]
    components: tuple[ComponentNow, ...]


@dataclass(frozen=True, slots=True)
class SectionPage:
    frame: Frame
    section: SectionNow
    path: tuple[SectionNow, ...]  # its ancestors, the topmost first, without what they are in
    parts: tuple[SectionNow, ...]  # its children
    today: date | None  # None when no time is told


def front(snapshot: Snapshot) -> Iterable[tuple[str, FrontPage]]:
    yield (
        "/",
        FrontPage(
            _frame(snapshot),
            snapshot.revision,
            snapshot.revised_at,
            snapshot.today,
            snapshot.sections,
            snapshot.components,
        ),
    )


def section(snapshot: Snapshot) -> Iterable[tuple[str, SectionPage]]:
    frame = _frame(snapshot)
    by_key = {section.key: section for section in snapshot.sections}
    children: dict[str, list[SectionNow]] = {}
    for section in snapshot.sections:
        if section.parent_key:
            children.setdefault(section.parent_key, []).append(section)
    for section in snapshot.sections:
        parts = tuple(children.get(section.key, ()))
        tells = any(shown.notices for shown in (section, *parts))
        path = _ancestors(section, by_key)
        yield (
            f"/sections/{section.key}/",
            SectionPage(frame, section, path, parts, snapshot.today if tells else None),
        )


def render_front(page: FrontPage) -> bytes:
    zone = ZoneInfo(page.frame.site.zone)
    affected = [section for section in _topmost(page.sections) if section.state in (State.DOWN, State.DEGRADED)]
    affected.sort(key=lambda section: -section.state.rank)
    coming = [(section, notice) for section in _topmost(page.sections) for notice in _coming(section)]
    coming.sort(key=lambda pair: pair[1].start)
    return html.render(
        "public/index.html",
        page=page,
        frame=page.frame,
        zone=zone,
        affected=affected,
        coming=coming,
        **_headline(page, affected, zone),
        fill=lambda notice: html.filled_notice(notice, page.today, zone),
    )


def render_section(page: SectionPage) -> bytes:
    zone = ZoneInfo(page.frame.site.zone)

    def fill(notice: Notice) -> html.Words:
        assert page.today is not None  # a page that tells a time knows the day
        return html.filled_notice(notice, page.today, zone)

    return html.render(
        "public/section.html",
        page=page,
        frame=page.frame,
        section=page.section,
        zone=zone,
        coming=[(page.section, notice) for notice in _coming(page.section)],
        fill=fill,
    )


def _coming(section: SectionNow) -> tuple[Notice, ...]:
    """Planned work: what is still to begin, whether or not the section is warned of it already."""
    return section.notices if section.state in (State.OK, State.APPROACHING) else section.planned


def _headline(page: FrontPage, affected: list[SectionNow], zone: ZoneInfo) -> dict[str, str]:
    """The page's h1 and title, and the sentence below it."""
    name = page.frame.site.name
    working = sum(1 for section in page.sections if section.state in (State.OK, State.APPROACHING))
    if not page.sections:
        return {"headline": f"{name} status", "rest": "No parts of the website are listed yet.", "worst": "op"}
    if not affected:
        return {"headline": f"Every part of {name} is working", "rest": "", "worst": "op"}
    first, *others = affected
    assert first.notice is not None
    words = html.filled_notice(first.notice, page.today, zone)
    sentences = [f"{other.name} is {_is(other)}." for other in others[:3]]
    if len(others) > 3:
        sentences.append(f"{len(others) - 3} more parts are affected.")
    if working:
        parts = "part" if working == 1 else "parts"
        sentences.append(f"The other {working} {parts} of {name} {'is' if working == 1 else 'are'} working.")
    return {"headline": words.title, "rest": " ".join(sentences), "worst": html.LOOKS[first.state]}


def _is(section: SectionNow) -> str:
    return {State.DOWN: "unavailable", State.DEGRADED: "slow"}.get(section.state, "working")


def _topmost(sections: tuple[SectionNow, ...]) -> list[SectionNow]:
    """Without those whose parent stands as it does for the same reason: a child need not repeat it."""
    by_key = {section.key: section for section in sections}
    return [section for section in sections if not _repeats(section, by_key.get(section.parent_key or ""))]


def _repeats(section: SectionNow, parent: SectionNow | None) -> bool:
    return parent is not None and bool(section.notices) and _gist(section) == _gist(parent)


def _gist(section: SectionNow) -> tuple[object, ...]:
    return (section.state, *((n.rev.rsplit("-", 1)[0], n.start, n.end) for n in section.notices))


def _ancestors(section: SectionNow, by_key: dict[str, SectionNow]) -> tuple[SectionNow, ...]:
    path: list[SectionNow] = []
    here = by_key.get(section.parent_key or "")
    while here is not None and here not in path:
        path.insert(0, here)
        here = by_key.get(here.parent_key or "")
    return tuple(path)


def _frame(snapshot: Snapshot) -> Frame:
    return Frame(snapshot.site, snapshot.sources, assets.style_path(), assets.script_path())
