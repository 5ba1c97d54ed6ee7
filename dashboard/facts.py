"""The one reader: rows -> frozen Facts, from which the state at any later time follows without a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.models import (
    Component,
    Dependency,
    Ledger,
    Outage,
    Overrule,
    Section,
    Source,
    Toggle,
    ToggleSection,
    Window,
    WindowComponent,
)
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status


@dataclass(frozen=True, slots=True)
class SiteFact:
    """The website whose sections are shown, and where its status page lives. ``url`` has no slash at its end."""

    name: str
    url: str
    zone: str


@dataclass(frozen=True, slots=True)
class SectionFact:
    id: int
    key: str
    name: str
    parent_id: int | None
    message: str
    alternative: str
    link_label: str
    link_url: str
    default_minutes: int
    warn_minutes: int
    owner: str
    created_at: datetime
    version: int

    @property
    def warn_ahead(self) -> timedelta:
        return timedelta(minutes=self.warn_minutes)


@dataclass(frozen=True, slots=True)
class ComponentFact:
    id: int
    key: str
    name: str
    group: str
    status: Status
    status_at: datetime


@dataclass(frozen=True, slots=True)
class DependencyFact:
    section_id: int
    component_id: int
    on_window: Effect
    on_major: Effect


@dataclass(frozen=True, slots=True)
class ToggleFact:
    id: int
    name: str
    while_down: bool
    owner: str
    sentence: str
    section_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OutageFact:
    id: int
    section_id: int
    starts_at: datetime
    planned_end: datetime | None
    ended_at: datetime | None
    at_end: AtEnd
    reason: str
    message: str
    alternative: str
    started_by: str
    created_at: datetime
    said_at: datetime
    version: int

    @property
    def ref(self) -> str:
        return f"outage-{self.id}"


@dataclass(frozen=True, slots=True)
class WindowFact:
    id: int
    source: str
    external_id: str
    starts_at: datetime
    ends_at: datetime
    title: str
    message: str
    url: str
    created_at: datetime
    component_ids: tuple[int, ...]

    @property
    def ref(self) -> str:
        return f"window-{self.id}"


@dataclass(frozen=True, slots=True)
class OverruleFact:
    id: int
    window_id: int
    section_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str
    by: str
    version: int


@dataclass(frozen=True, slots=True)
class SourceFact:
    """``checked_at`` is the last complete, valid answer, None if there never was one. A source may miss three
    askings, ``every`` seconds apart, before what it said is called stale."""

    name: str
    checked_at: datetime | None
    every: int
    error: str
    error_at: datetime | None

    @property
    def stale_from(self) -> datetime | None:
        return None if self.checked_at is None else self.checked_at + timedelta(seconds=3 * self.every)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is true at ``revision``, as far as it can still matter; lists are in the order shown."""

    revision: int
    revised_at: datetime
    site: SiteFact
    sections: tuple[SectionFact, ...] = ()
    components: tuple[ComponentFact, ...] = ()
    dependencies: tuple[DependencyFact, ...] = ()
    toggles: tuple[ToggleFact, ...] = ()
    outages: tuple[OutageFact, ...] = ()
    windows: tuple[WindowFact, ...] = ()
    overrules: tuple[OverruleFact, ...] = ()
    sources: tuple[SourceFact, ...] = ()

    def with_check(self, name: str, checked_at: datetime | None) -> Facts:
        """The same facts, with a later word on when a source was last asked with success."""
        sources = tuple(
            replace(source, checked_at=checked_at)
            if source.name == name and checked_at and (source.checked_at is None or checked_at > source.checked_at)
            else source
            for source in self.sources
        )
        return self if sources == self.sources else replace(self, sources=sources)


def read(session: Session, site: SiteFact, poll_seconds: int, at: datetime) -> Facts:
    """Everything that holds at ``at`` or later, in a constant number of queries. Raises what the database raises."""
    ledger = session.execute(sa.select(Ledger)).scalar_one()
    sections = session.scalars(sa.select(Section).where(Section.archived_at.is_(None)))
    components = session.scalars(sa.select(Component).where(Component.archived_at.is_(None)))
    return Facts(
        revision=ledger.revision,
        revised_at=ledger.revised_at,
        site=site,
        sections=tuple(_make(SectionFact, row) for row in sorted(sections, key=lambda row: (row.position, row.name))),
        components=tuple(
            _make(ComponentFact, row, status=Status(row.status))
            for row in sorted(components, key=lambda row: (row.group, row.position, row.name))
        ),
        dependencies=tuple(
            _make(DependencyFact, row, on_window=Effect(row.on_window), on_major=Effect(row.on_major))
            for row in session.scalars(sa.select(Dependency).order_by(Dependency.section_id, Dependency.component_id))
        ),
        toggles=_toggles(session),
        outages=_outages(session, at),
        windows=_windows(session, at),
        overrules=tuple(
            _make(OverruleFact, row)
            for row in session.scalars(sa.select(Overrule).where(Overrule.ends_at > at).order_by(Overrule.id))
        ),
        sources=tuple(
            _make(SourceFact, row, every=poll_seconds)
            for row in session.scalars(sa.select(Source).order_by(Source.name))
        ),
    )


def to_bytes(facts: Facts) -> bytes:
    return msgspec.json.encode(facts)


def from_bytes(data: bytes) -> Facts:
    """Raises msgspec.ValidationError when the bytes are not Facts of this version."""
    return msgspec.json.decode(data, type=Facts)


def _toggles(session: Session) -> tuple[ToggleFact, ...]:
    sections = _gather(session.execute(sa.select(ToggleSection.toggle_id, ToggleSection.section_id)))
    rows = session.scalars(sa.select(Toggle).where(Toggle.archived_at.is_(None)).order_by(Toggle.name))
    return tuple(_make(ToggleFact, row, section_ids=sections[row.id]) for row in rows)


def _outages(session: Session, at: datetime) -> tuple[OutageFact, ...]:
    current = sa.or_(Outage.over_at.is_(None), Outage.over_at > at)
    rows = session.scalars(sa.select(Outage).where(current).order_by(Outage.id))
    return tuple(_make(OutageFact, row, at_end=AtEnd(row.at_end)) for row in rows)


def _windows(session: Session, at: datetime) -> tuple[WindowFact, ...]:
    current = sa.and_(Window.gone_at.is_(None), Window.ends_at > at)
    links = sa.select(WindowComponent.window_id, WindowComponent.component_id).join(Window).where(current)
    components = _gather(session.execute(links))
    rows = session.scalars(sa.select(Window).where(current).order_by(Window.starts_at, Window.id))
    return tuple(_make(WindowFact, row, component_ids=components[row.id]) for row in rows)


def _gather(pairs: Iterable[Any]) -> defaultdict[int, tuple[int, ...]]:
    found: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    for one, many in sorted((int(one), int(many)) for one, many in pairs):
        found[one] += (many,)
    return found


def _make(fact: type[Any], row: object, **given: object) -> Any:
    """A fact of the row's columns of the same names, but for those that are given."""
    return fact(**{name: given[name] if name in given else getattr(row, name) for name in fact.__slots__})
