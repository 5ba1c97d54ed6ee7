"""The sections on a page: what is to be told of them, the headline it comes to, and the tree they stand in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.documents.frame import Frame, Headline, of_notice
from dashboard.rules.state import State
from dashboard.rules.text import is_link
from dashboard.snapshot import Link, Notice, SectionNow

AFFECTED = (State.DOWN, State.DEGRADED)


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
        return self.section.state not in AFFECTED and any(
            part.is_partly or part.section.state in AFFECTED for part in self.parts
        )


def headline(frame: Frame, name: str, sections: tuple[SectionNow, ...], said: Said, well: Headline) -> Headline:
    if said.affected:
        first, *others = said.affected
        return of_notice(frame, first, " ".join([*_others(others), *_working(name, sections)]))
    if said.soon:
        first = min(said.soon, key=lambda section: section.notices[0].start)
        return of_notice(frame, first, f"{well.title} now.")
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
    whole = _whole(tree(sections, sections[0].parent_key)) if sections else 0
    if whole:
        parts = f"part of {name} is" if whole == 1 else f"{whole} parts of {name} are"
        yield f"The other {parts} working."


def _whole(branches: tuple[Branch, ...]) -> int:
    wholly = [branch for branch in branches if not branch.is_partly and branch.section.state not in AFFECTED]
    return len(wholly) + sum(_whole(branch.parts) for branch in branches)


def contact(section: SectionNow, notice: Notice) -> list[Link]:
    """Where else to go. The section's own page is linked by its name already."""
    return [link for link in notice.links if is_link(link.href) and not link.href.endswith(f"/sections/{section.key}/")]


def said_of(sections: tuple[SectionNow, ...]) -> Said:
    gists = {section.key: {_gist(notice) for notice in section.notices} for section in sections}
    own = [
        (section, notice)
        for section in sections
        for notice in section.notices
        if _gist(notice) not in gists.get(section.parent_key or "", ())
    ]
    affected = [section for section, notice in own if section.state in AFFECTED and notice is section.notices[0]]
    coming = [(section, notice) for section, notice in own if notice in section.coming]
    return Said(
        affected=sorted(affected, key=lambda section: -section.state.rank),
        soon=[section for section, notice in own if section.notice is notice and section not in affected],
        coming=sorted(coming, key=lambda pair: pair[1].start),
    )


class Coming(NamedTuple):
    section: SectionNow
    notice: Notice
    later: tuple[Notice, ...]


def once_each(coming: list[tuple[SectionNow, Notice]], zone: ZoneInfo) -> list[Coming]:
    """What comes again at the same time of day, and is told in the same words, is told once, of its first day."""
    alike: dict[tuple[object, ...], list[tuple[SectionNow, Notice]]] = {}
    for section, notice in coming:
        lasts = notice.end - notice.start if notice.end else None
        at = notice.start.astimezone(zone).time()
        alike.setdefault((section.key, notice.state, at, lasts, notice.message), []).append((section, notice))
    return [Coming(*first, tuple(notice for _, notice in later)) for first, *later in alike.values()]


def _gist(notice: Notice) -> tuple[object, ...]:
    return (notice.rev.rsplit("-", 1)[0], notice.state, notice.start, notice.end)


def tree(sections: Iterable[SectionNow], top: str | None) -> tuple[Branch, ...]:
    """The sections below ``top`` (None: all of them) as they stand in one another."""
    children: defaultdict[str | None, list[SectionNow]] = defaultdict(list)
    for section in sections:
        children[section.parent_key].append(section)

    def branches(key: str | None) -> tuple[Branch, ...]:
        return tuple(Branch(section, branches(section.key)) for section in children[key])

    return branches(top)
