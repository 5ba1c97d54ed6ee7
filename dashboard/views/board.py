"""The rows of the Sections board: each section as it stands, with what only staff may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dashboard import publish
from dashboard.causes import causes_by_section
from dashboard.facts import Facts, IncidentFact, OutageFact, OverruleFact, SectionFact, WindowFact
from dashboard.rules import state
from dashboard.rules.state import State
from dashboard.snapshot import Notice, SectionNow, Snapshot, SourceNow, snapshot_at

FIRST = 100  # rows that are shown before somebody asks for all
LOOK_BACK = timedelta(days=30)  # how long it is told since when a section is on


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a section is as it is, for staff: an outage, which may be an incident's, planned work, or an incident; none
    of them if it is a component's own trouble. ``via`` is the ancestor it was laid on, ``via_key`` its key; or ""."""

    outage: OutageFact | None
    window: WindowFact | None
    incident: IncidentFact | None
    via: str
    via_key: str


@dataclass(frozen=True, slots=True)
class Row:
    section: SectionFact
    now: SectionNow
    parent: str  # the parent's name, or ""
    causes: tuple[Cause, ...]
    coming: Notice | None
    coming_cause: Cause | None
    planned: OutageFact | None  # the next outage of this very section that has not begun
    overrules: tuple[OverruleFact, ...]
    on_since: datetime | None  # None: for longer than LOOK_BACK

    @property
    def is_off(self) -> bool:
        return self.now.state is State.DOWN

    @property
    def own(self) -> OutageFact | None:
        """The outage of this very section that holds it down: the one that can be extended and ended here."""
        holding = self.causes if self.is_off else ()
        return next((cause.outage for cause in holding if cause.outage and not cause.via), None)

    @property
    def whole(self) -> Cause | None:
        """What took off a section that this one lies in, where that is the reason."""
        return next((cause for cause in self.causes if cause.via), None) if self.is_off else None

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
    stale: tuple[SourceNow, ...]  # whose word is old


def board(at: datetime, words: str = "", show: str = "all", every: bool = False) -> Board:
    """Off first, then planned, the next one first, slow, and the others by name."""
    facts = publish.read_facts(at, since=at - LOOK_BACK).seen(at)
    snapshot = snapshot_at(facts, at)
    rows = sorted(_rows(facts, snapshot, at), key=_order)
    counts = {name: sum(1 for row in rows if _shown(row, name)) for name in ("all", "off", "planned")}
    found = [row for row in rows if _shown(row, show) and _matches(row, words)]
    shown = found if every else found[:FIRST]
    stale = tuple(source for source in snapshot.sources if source.stale)
    return Board(tuple(shown), counts, len(found) - len(shown), stale)


def row_of(key: str, at: datetime) -> Row | None:
    facts = publish.read_facts(at, since=at - LOOK_BACK).seen(at)
    return next((row for row in _rows(facts, snapshot_at(facts, at), at) if row.section.key == key), None)


def _rows(facts: Facts, snapshot: Snapshot, at: datetime) -> Iterable[Row]:
    sections = {section.id: section for section in facts.sections}
    told, planned, past = _Told(facts), _planned(facts, at), causes_by_section(_begun(facts, at))
    for now in snapshot.sections:
        section = sections[now.id]
        coming = next((notice for notice in now.notices if notice.start > at), None)
        yield Row(
            section=section,
            now=now,
            parent=told.names.get(now.parent_key or "", ""),
            causes=tuple(told.cause(held.ref, held.via, section) for held in now.now.causes),
            coming=coming,
            coming_cause=told.cause(coming.rev.rsplit("-", 1)[0], "", section) if coming else None,
            planned=planned.get(section.id),
            overrules=tuple(rule for rule in facts.overrules if rule.section_id == section.id and rule.ends_at > at),
            on_since=_on_since(section, past[section.id], at),
        )


class _Told:
    """Names what holds a section as staff know it."""

    def __init__(self, facts: Facts) -> None:
        self.names = {section.key: section.name for section in facts.sections}
        self.keys = {section.id: section.key for section in facts.sections}
        self.outages = {outage.ref: outage for outage in facts.outages}
        self.windows = {window.ref: window for window in facts.windows}
        self.incidents = {incident.ref: incident for incident in facts.incidents}

    def cause(self, ref: str, via: str, section: SectionFact) -> Cause:
        outage = self.outages.get(ref)
        via = self.keys[outage.section_id] if outage else via
        if via == section.key:
            via = ""
        incident = self.incidents.get(f"incident-{outage.incident_id}" if outage else ref)
        return Cause(outage, self.windows.get(ref), incident, self.names.get(via, ""), via)


def _planned(facts: Facts, at: datetime) -> dict[int, OutageFact]:
    """The first of each section's own outages that is still to begin."""
    to_come = [outage for outage in facts.outages if outage.starts_at > at and outage.ended_at is None]
    to_come.sort(key=lambda outage: outage.starts_at, reverse=True)
    return {outage.section_id: outage for outage in to_come}


def _begun(facts: Facts, at: datetime) -> Facts:
    """The facts without what is to come."""
    outages = tuple(outage for outage in facts.outages if outage.starts_at <= at)
    return replace(facts, outages=outages, windows=tuple(window for window in facts.windows if window.starts_at <= at))


def _on_since(section: SectionFact, causes: Iterable[state.Cause], at: datetime) -> datetime | None:
    """The end of whatever took it off last, for as long as that is told."""
    ends = (piece.end for cause in causes if cause.state is State.DOWN for piece in cause.pieces)
    began = max((end for end in ends if end and end <= at), default=section.created_at)
    return began if began > at - LOOK_BACK else None


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
