"""The rows of the Sections board: each section as it stands, with what only staff may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard import publish
from dashboard.db import db
from dashboard.facts import Facts, OutageFact, OverruleFact, SectionFact, WindowFact
from dashboard.models import Outage
from dashboard.rules.state import State
from dashboard.snapshot import Notice, SectionNow, Snapshot, snapshot_at

FIRST = 100  # rows that are shown before somebody asks for all


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a section is as it is, for staff: one of the two is there. ``via`` is the ancestor it was laid on, or ""."""

    outage: OutageFact | None
    window: WindowFact | None
    via: str


@dataclass(frozen=True, slots=True)
class Row:
    section: SectionFact
    now: SectionNow
    parent: str  # the parent's name, or ""
    causes: tuple[Cause, ...]
    coming: Notice | None
    coming_cause: Cause | None
    overrules: tuple[OverruleFact, ...]
    on_since: datetime

    @property
    def is_off(self) -> bool:
        return self.now.state is State.DOWN

    @property
    def own(self) -> OutageFact | None:
        """The outage of this very section that holds it down: the one that can be extended and ended here."""
        return next((cause.outage for cause in self.causes if cause.outage and not cause.via), None)

    @property
    def windows(self) -> list[WindowFact]:
        """The planned work that touches it now or next, each once: what may be overruled."""
        found = [cause.window for cause in (*self.causes, self.coming_cause) if cause and cause.window]
        return list(dict.fromkeys(found))

    @property
    def look(self) -> str:
        if self.is_off:
            return "major"
        if self.now.state is State.DEGRADED:
            return "degraded"
        return "maint" if self.coming else ""

    def done_percent(self, at: datetime) -> int:
        """How much of the time off has passed; 0 to 100."""
        start, end = self.now.now.since, self.now.now.until
        if start is None or end is None or end <= start:
            return 0
        return max(0, min(100, round(100 * ((at - start) / (end - start)))))


@dataclass(frozen=True, slots=True)
class Board:
    rows: tuple[Row, ...]
    counts: dict[str, int]
    more: int  # rows that are not shown
    facts: Facts


def board(at: datetime, words: str = "", show: str = "all", every: bool = False) -> Board:
    """Off first, then planned, the next one first, slow, and the others by name."""
    facts = publish.read_facts(at)
    rows = sorted(_rows(facts, snapshot_at(facts, at)), key=_order)
    counts = {name: sum(1 for row in rows if _shown(row, name)) for name in ("all", "off", "planned")}
    found = [row for row in rows if _shown(row, show) and _matches(row, words)]
    shown = found if every else found[:FIRST]
    return Board(tuple(shown), counts, len(found) - len(shown), facts)


def row_of(key: str, at: datetime) -> Row | None:
    facts = publish.read_facts(at)
    return next((row for row in _rows(facts, snapshot_at(facts, at)) if row.section.key == key), None)


def _rows(facts: Facts, snapshot: Snapshot) -> Iterable[Row]:
    sections = {section.id: section for section in facts.sections}
    names = {section.key: section.name for section in facts.sections}
    outages = {outage.ref: outage for outage in facts.outages}
    windows = {window.ref: window for window in facts.windows}
    since = _over_since(snapshot.at)
    for now in snapshot.sections:
        section = sections[now.id]
        coming = next((notice for notice in now.notices if notice.start > snapshot.at), None)
        ref = coming.rev.rsplit("-", 1)[0] if coming else ""
        yield Row(
            section=section,
            now=now,
            parent=names.get(now.parent_key or "", ""),
            causes=tuple(
                Cause(outages.get(cause.ref), windows.get(cause.ref), names[cause.via] if cause.via != now.key else "")
                for cause in now.now.causes
            ),
            coming=coming,
            coming_cause=Cause(outages.get(ref), windows.get(ref), "") if coming else None,
            overrules=tuple(rule for rule in facts.overrules if rule.section_id == section.id),
            on_since=since.get(section.id, section.created_at),
        )


def _over_since(at: datetime) -> dict[int, datetime]:
    """When the last outage of each section was over."""
    last = sa.select(Outage.section_id, sa.func.max(Outage.over_at)).where(Outage.over_at <= at)
    return {
        section_id: over_at for section_id, over_at in db.session.execute(last.group_by(Outage.section_id)) if over_at
    }


def _shown(row: Row, show: str) -> bool:
    if show == "off":
        return row.is_off
    return row.coming is not None if show == "planned" else True


def _matches(row: Row, words: str) -> bool:
    text = f"{row.section.name} {row.section.key} {row.section.owner} {row.parent}".lower()
    return all(word in text for word in words.lower().split())


def _order(row: Row) -> tuple[int, bool, float, str]:
    looks = ("major", "maint", "degraded", "")
    starts = row.coming.start.timestamp() if row.coming and row.look == "maint" else 0.0
    return looks.index(row.look), not row.now.now.late, starts, row.section.name.lower()
