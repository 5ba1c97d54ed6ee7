"""Whom planned work concerns, by what it is on now, and who knows of it, by what it was on as they were told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dashboard.facts import WindowFact
from dashboard.messages import phrases, reach
from dashboard.messages.asked import Asked, Past, Told, known
from dashboard.messages.said import OfSection, OfWork
from dashboard.messages.work import News, Work, message
from dashboard.rules import wording
from dashboard.rules.state import State
from dashboard.rules.telling import Reach
from dashboard.snapshot import SectionNow, Snapshot


@dataclass(frozen=True, slots=True)
class Concerned:
    """``before`` None: that is not known. ``struck``: the ids of the sections that it takes off or slows down now, and
    ``were_struck`` as was told."""

    now: Reach
    struck: frozenset[int]
    before: Reach | None
    were_struck: frozenset[int]

    @property
    def more(self) -> Reach:
        """Those alone whom it concerns, and who know nothing of it."""
        return self.now.without(self.before) if self.before is not None else Reach()

    @property
    def less(self) -> Reach:
        """Those alone who know of it, and whom it does not concern any more."""
        return self.before.without(self.now) if self.before is not None else Reach()

    @property
    def all(self) -> Reach:
        return self.now.with_(self.before or Reach())

    def keep(self, said: OfWork) -> OfWork:
        """With who knows of it by then."""
        return replace(said, reach=self.all, struck=tuple(sorted(self.struck | self.were_struck)))


def concerned(window: WindowFact, before: OfWork | None, snapshot: Snapshot) -> Concerned:
    facts = snapshot.history.facts
    spared, on = reach.spared(facts, window.id, snapshot.at), set(window.component_ids)
    struck = reach.struck_by_work(facts, on, window.touches, spared)
    known = before if before and not before.is_off else None
    return Concerned(
        now=reach.of(facts, struck, on),
        struck=struck,
        before=known.reach if known else None,
        were_struck=frozenset(known.struck if known else ()),
    )


def spared(asked: Asked, work: Work, whom: Concerned, snapshot: Snapshot, past: Past) -> Told | None:
    """For those alone who follow what it is not on any more, with the times that they know; None where nobody does, or
    where something else keeps it off. Who hears from a section itself that it works again is not told twice."""
    gone, less, is_under_way = whom.were_struck - whom.struck, whom.less, work.window.starts_at <= snapshot.at
    found = [one for one in snapshot.sections if one.id in gone and one.id in less.sections]
    if is_under_way:
        found = [one for one in found if _works(one) and not _speaks(one, past, work.window.starts_at)]
    sections = [one.name for one in found]
    components = [one.name for one in snapshot.components if one.id in less.components and not is_under_way]
    if work.before is None or whom.before is None or not (sections or components):
        return None
    title = _again(sections) if is_under_way else _called_off(sections, components)
    told = message(asked, replace(work, spared=title), News.SPARED, snapshot)
    told = replace(told, look="op") if is_under_way else told
    still = tuple(sorted(whom.struck & whom.were_struck))
    said = replace(work.before, at=max(snapshot.at, work.before.at), reach=whom.before.without(less), struck=still)
    return Told(told, less, said, is_planned=True)


def _works(section: SectionNow) -> bool:
    return section.state in (State.OK, State.APPROACHING)


def _speaks(section: SectionNow, past: Past, since: datetime) -> bool:
    """Does it say so itself, or did since then?"""
    said = known(past, f"section-{section.id}", OfSection)
    return said is not None and (said.off is not None or said.at > since)


def _again(sections: list[str]) -> str:
    return phrases.of_several(wording.TITLE_BACK, sections)


def _called_off(sections: list[str], components: list[str]) -> str:
    if sections:
        return phrases.of_several(phrases.CALLED_OFF, sections)
    return f"Called off: planned work on {phrases.listed(components)}, {{from}} to {{until}}"
