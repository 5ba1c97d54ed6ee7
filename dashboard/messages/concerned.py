"""Whom planned work concerns, by what it is on now, and who knows of it, by what it was on as they were told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.facts import WindowFact
from dashboard.messages import phrases, reach
from dashboard.messages.asked import Asked, Told
from dashboard.messages.said import OfWork
from dashboard.messages.work import News, Work, message
from dashboard.rules.telling import Reach
from dashboard.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Concerned:
    """``struck``: the ids of the sections that it takes off or slows down now, and ``were_struck`` as was told."""

    now: Reach
    struck: frozenset[int]
    before: Reach
    were_struck: frozenset[int]

    @property
    def more(self) -> Reach:
        """Those alone whom it concerns, and who know nothing of it."""
        return self.now.without(self.before) if self.before else Reach()

    @property
    def less(self) -> Reach:
        """Those alone who know of it, and whom it does not concern any more."""
        return self.before.without(self.now)

    @property
    def all(self) -> Reach:
        return self.now.with_(self.before)

    def keep(self, said: OfWork) -> OfWork:
        """With who knows of it by then."""
        return replace(said, reach=self.all, struck=tuple(sorted(self.struck | self.were_struck)))


def concerned(window: WindowFact, before: OfWork | None, snapshot: Snapshot) -> Concerned:
    facts = snapshot.history.facts
    struck = reach.struck_by_work(facts, window.component_ids, window.touches, window.id)
    known = before if before and not before.is_off else None
    return Concerned(
        now=reach.of(facts, struck, window.component_ids),
        struck=frozenset(struck),
        before=known.reach if known and known.reach else Reach(),
        were_struck=frozenset(known.struck if known else ()),
    )


def spared(asked: Asked, work: Work, whom: Concerned, snapshot: Snapshot) -> Told | None:
    """For those alone who follow what it is not on any more, with the times that they know; None where nobody does."""
    gone, less = whom.were_struck - whom.struck, whom.less
    sections = [one.name for one in snapshot.sections if one.id in gone and one.id in less.sections]
    components = [one.name for one in snapshot.components if one.id in less.components]
    if work.before is None or not (sections or components):
        return None
    told = message(asked, replace(work, spared=_called_off(sections, components)), News.SPARED, snapshot)
    still = tuple(sorted(whom.struck & whom.were_struck))
    said = replace(work.before, at=snapshot.at, reach=whom.before.without(less), struck=still)
    return Told(told, less, said, is_planned=True)


def _called_off(sections: list[str], components: list[str]) -> str:
    if sections:
        return phrases.of_several(phrases.CALLED_OFF, sections)
    return f"Called off: planned work on {phrases.listed(components)}, {{from}} to {{until}}"
