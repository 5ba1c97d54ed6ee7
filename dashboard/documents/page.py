"""The public status page and each section's own page. They lead with section, verb and time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from dashboard.documents import assets, html
from dashboard.documents.html import LOOKS, Telling
from dashboard.facts import SiteFact
from dashboard.rules.state import State
from dashboard.rules.text import is_link
from dashboard.snapshot import ComponentNow, Link, Notice, SectionNow, Snapshot

_AFFECTED = (State.DOWN, State.DEGRADED)


@dataclass(frozen=True, slots=True)
class Stale:
    """A source that has not been heard from for too long: since ``checked_at``, or never."""

    name: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What every public page has around it. ``today`` is None when the page tells no time."""

    site: SiteFact
    today: date | None
    stale: tuple[Stale, ...]
    style: str
    script: str

    @property
    def telling(self) -> Telling:
        return Telling(self.today or date.min, ZoneInfo(self.site.zone))


@dataclass(frozen=True, slots=True)
class FrontPage:
    frame: Frame
    revision: int
    sections: tuple[SectionNow, ...]
    components: tuple[ComponentNow, ...]


@dataclass(frozen=True, slots=True)
class SectionPage:
    frame: Frame
    section: SectionNow
    path: tuple[SectionNow, ...]  # what it is in, the topmost first
    within: tuple[SectionNow, ...]  # what is in it, at any depth, in tree order


@dataclass(frozen=True, slots=True)
class Headline:
    """The page's h1 and title, the look of its icons, and the sentence below."""

    look: str
    title: str
    marked: Markup
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be told of some sections. A part does not repeat what its whole says."""

    affected: list[SectionNow]
    soon: list[SectionNow]
    coming: list[tuple[SectionNow, Notice]]


@dataclass(frozen=True, slots=True)
class Branch:
    """A section in the tree, with what is in it."""

    section: SectionNow
    parts: tuple[Branch, ...]

    @property
    def is_partly(self) -> bool:
        """Does it work, but for a part of it?"""
        return self.section.state not in _AFFECTED and any(
            part.is_partly or part.section.state in _AFFECTED for part in self.parts
        )


def front(snapshot: Snapshot) -> Iterable[tuple[str, FrontPage]]:
    frame = _frame(snapshot, snapshot.sections)
    yield "/", FrontPage(frame, snapshot.revision, snapshot.sections, snapshot.components)


def section(snapshot: Snapshot) -> Iterable[tuple[str, SectionPage]]:
    paths: dict[str | None, tuple[SectionNow, ...]] = {None: ()}
    within: dict[str, list[SectionNow]] = {}
    for section in snapshot.sections:
        paths[section.key] = (*paths[section.parent_key], section)
        within[section.key] = []
        for above in paths[section.parent_key]:
            within[above.key].append(section)
    for section in snapshot.sections:
        parts = tuple(within[section.key])
        frame = _frame(snapshot, (section, *parts))
        yield f"/sections/{section.key}/", SectionPage(frame, section, paths[section.parent_key], parts)


def render_front(page: FrontPage) -> bytes:
    name = page.frame.site.name
    said = _said(page.sections)
    well = _plain("op", f"Every part of {name} is working")
    if not page.sections:
        well = _plain("unknown", f"No part of {name} is listed yet", "Each will stand here with its state.")
    return html.render(
        "public/index.html",
        root="",
        page=page,
        frame=page.frame,
        tell=page.frame.telling,
        head=_headline(page.frame, name, page.sections, said, well),
        said=said,
        tree=_tree(page.sections, None),
        systems=[(group, list(members)) for group, members in groupby(page.components, lambda found: found.group)],
        contact=_contact,
    )


def render_section(page: SectionPage) -> bytes:
    section = page.section
    said = _said((section, *page.within))
    well = _plain("op", f"{section.name} is working")
    own = section.notice is not None
    return html.render(
        "public/section.html",
        root="../../",
        page=page,
        frame=page.frame,
        section=section,
        tell=page.frame.telling,
        head=_of_notice(page.frame, section) if own else _headline(page.frame, section.name, page.within, said, well),
        said=Said([part for part in said.affected if part is not section], said.soon, said.coming),
        tree=_tree(page.within, section.key),
        contact=_contact,
    )


def _headline(frame: Frame, name: str, sections: tuple[SectionNow, ...], said: Said, well: Headline) -> Headline:
    if said.affected:
        first, *others = said.affected
        return _of_notice(frame, first, " ".join([*_others(others), *_working(name, sections)]))
    if said.soon:
        first = min(said.soon, key=lambda section: section.notices[0].start)
        return _of_notice(frame, first, f"{well.title} now.")
    return well


def _others(others: list[SectionNow]) -> Iterable[str]:
    """What else is wrong."""
    for other in others[:3]:
        yield f"{other.name} is {'slow' if other.state is State.DEGRADED else 'unavailable'}."
    if len(others) > 3:
        more = len(others) - 3
        yield f"{more} more {'part is' if more == 1 else 'parts are'} affected."


def _working(name: str, sections: tuple[SectionNow, ...]) -> Iterable[str]:
    """How much is well: "The other 5 parts of Larkfield are working." What works in part is not counted."""
    whole = _whole(_tree(sections, sections[0].parent_key)) if sections else 0
    if whole:
        parts = f"part of {name} is" if whole == 1 else f"{whole} parts of {name} are"
        yield f"The other {parts} working."


def _whole(tree: tuple[Branch, ...]) -> int:
    wholly = [branch for branch in tree if not branch.is_partly and branch.section.state not in _AFFECTED]
    return len(wholly) + sum(_whole(branch.parts) for branch in tree)


def _plain(look: str, title: str, rest: str = "") -> Headline:
    return Headline(look, title, escape(title), rest)


def _of_notice(frame: Frame, section: SectionNow, rest: str = "") -> Headline:
    notice, tell = section.notices[0], frame.telling
    title, marked = tell.plain(notice.title, notice), tell.marked(notice.title, notice)
    return Headline(LOOKS[section.state], title, marked, rest)


def _contact(section: SectionNow, notice: Notice) -> list[Link]:
    """Where else to go. The section's own page is linked by its name already."""
    return [link for link in notice.links if is_link(link.href) and not link.href.endswith(f"/sections/{section.key}/")]


def _said(sections: tuple[SectionNow, ...]) -> Said:
    gists = {section.key: {_gist(notice) for notice in section.notices} for section in sections}
    own = [
        (section, notice)
        for section in sections
        for notice in section.notices
        if _gist(notice) not in gists.get(section.parent_key or "", ())
    ]
    affected = [section for section, notice in own if section.state in _AFFECTED and notice is section.notices[0]]
    coming = [(section, notice) for section, notice in own if notice in section.coming]
    return Said(
        affected=sorted(affected, key=lambda section: -section.state.rank),
        soon=[section for section, notice in own if section.notice is notice and section not in affected],
        coming=sorted(coming, key=lambda pair: pair[1].start),
    )


def _gist(notice: Notice) -> tuple[object, ...]:
    return (notice.rev.rsplit("-", 1)[0], notice.state, notice.start, notice.end)


def _tree(sections: Iterable[SectionNow], top: str | None) -> tuple[Branch, ...]:
    """The sections below ``top`` (None: all of them) as they stand in one another."""
    children: defaultdict[str | None, list[SectionNow]] = defaultdict(list)
    for section in sections:
        children[section.parent_key].append(section)

    def branches(key: str | None) -> tuple[Branch, ...]:
        return tuple(Branch(section, branches(section.key)) for section in children[key])

    return branches(top)


def _frame(snapshot: Snapshot, sections: Iterable[SectionNow]) -> Frame:
    stale = tuple(Stale(source.name, source.checked_at) for source in snapshot.sources if source.stale)
    tells = bool(stale) or any(section.notices for section in sections)
    return Frame(
        snapshot.site,
        snapshot.today if tells else None,
        stale,
        assets.style_path(snapshot.theme).lstrip("/"),
        assets.script_path().lstrip("/"),
    )
