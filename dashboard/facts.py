"""The one reader: rows -> frozen Facts, from which the state at any later time follows without a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.models import (
    Change,
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

_AGAIN = 2  # more readings, at the most, of a database that is being written to
_LEDGER = sa.select(Ledger.revision, Ledger.revised_at, Ledger.head)

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class SiteFact:
    """The website whose sections are shown, and where its status page lives. ``url`` has no slash at its end."""

    name: str
    url: str
    zone: str

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")


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
    theme: str = ""  # the adopter's own style sheet
    head: str = ""  # of the chain of changes
    read_at: datetime | None = None  # what was over by then is left out

    def with_check(self, name: str, checked_at: datetime | None) -> Facts:
        """The same facts, with a later word on when a source was last asked with success."""
        sources = tuple(
            replace(source, checked_at=checked_at)
            if source.name == name and checked_at and (source.checked_at is None or checked_at > source.checked_at)
            else source
            for source in self.sources
        )
        return self if sources == self.sources else replace(self, sources=sources)


def read(session: Session, site: SiteFact, poll_seconds: int, at: datetime, known: Facts | None = None) -> Facts:
    """Everything that holds at ``at`` or later, in a constant number of queries. Raises what the database raises.

    Read again when somebody committed meanwhile, so that no change is there by half. Windows are taken from the facts
    that are ``known``, where they are the same.
    """
    found = _read(session, site, poll_seconds, at, known)
    for _ in range(_AGAIN):
        if session.execute(_LEDGER).one().revision == found.revision:
            break
        found = _read(session, site, poll_seconds, at, known)
    return found


def to_bytes(facts: Facts) -> bytes:
    return msgspec.json.encode(facts)


def from_bytes(data: bytes) -> Facts:
    """Raises msgspec.MsgspecError when the bytes are not Facts of this version."""
    return msgspec.json.decode(data, type=Facts)


def _read(session: Session, site: SiteFact, poll_seconds: int, at: datetime, known: Facts | None) -> Facts:
    ledger = session.execute(_LEDGER).one()
    of = _gather(session, sa.select(ToggleSection.toggle_id, ToggleSection.section_id))
    components = _columns(ComponentFact, Component).where(Component.archived_at.is_(None))
    sections = _columns(SectionFact, Section).where(Section.archived_at.is_(None))
    dependencies = _columns(DependencyFact, Dependency).order_by(Dependency.section_id, Dependency.component_id)
    toggles = _columns(ToggleFact, Toggle).where(Toggle.archived_at.is_(None))
    outages = _columns(OutageFact, Outage).where(sa.or_(Outage.over_at.is_(None), Outage.over_at > at))
    overrules = _columns(OverruleFact, Overrule).where(Overrule.ends_at > at)
    return Facts(
        revision=ledger.revision,
        revised_at=ledger.revised_at,
        site=site,
        sections=_made(SectionFact, session.execute(sections.order_by(Section.position, Section.id))),
        components=tuple(
            sorted(
                _made(ComponentFact, session.execute(components.order_by(Component.position, Component.id))),
                key=lambda component: component.group,
            )
        ),
        dependencies=_made(DependencyFact, session.execute(dependencies)),
        toggles=tuple(
            sorted(_made(ToggleFact, session.execute(toggles), section_ids=of), key=lambda toggle: toggle.name)
        ),
        outages=_by_id(_made(OutageFact, session.execute(outages))),
        windows=_same_windows(session, ledger.revision, at, known) or _windows(session, at),
        overrules=_by_id(_made(OverruleFact, session.execute(overrules))),
        sources=tuple(
            SourceFact(**row._mapping, every=poll_seconds)
            for row in session.execute(_columns(SourceFact, Source).order_by(Source.name))
        ),
        head=ledger.head,
        read_at=at,
    )


def _windows(session: Session, at: datetime) -> tuple[WindowFact, ...]:
    here = sa.and_(Window.gone_at.is_(None), Window.ends_at > at)
    on = _gather(session, sa.select(WindowComponent.window_id, WindowComponent.component_id).join(Window).where(here))
    found = _made(WindowFact, session.execute(_columns(WindowFact, Window).where(here)), component_ids=on)
    return tuple(sorted(found, key=attrgetter("starts_at", "id")))


def _same_windows(session: Session, revision: int, at: datetime, known: Facts | None) -> tuple[WindowFact, ...]:
    """Those that are known, if the same chain of changes goes on from there with outages alone: to read ten thousand
    takes longer than all else, and somebody waits for the outage."""
    if known is None or known.read_at is None or known.read_at > at:
        return ()
    then = session.scalar(sa.select(Change.hash).where(Change.revision == known.revision))
    since = sa.select(sa.func.count()).where(Change.revision > known.revision, Change.revision <= revision)
    outages = session.scalar(since.where(Change.kind.startswith("outage.")))
    if then != known.head or outages != revision - known.revision:
        return ()
    return tuple(window for window in known.windows if window.ends_at > at)


def _columns(fact: type[Any], model: type[Any]) -> sa.Select[Any]:
    """The columns that have the names of the fact's fields."""
    return sa.select(*(getattr(model, name).label(name) for name in fact.__slots__ if hasattr(model, name)))


def _made(fact: type[F], rows: Iterable[sa.Row[Any]], **more: Mapping[int, tuple[int, ...]]) -> tuple[F, ...]:
    """A fact of each row, with what belongs to it by its id; words become states and effects."""
    values = [{**row._mapping, **{name: of.get(row.id, ()) for name, of in more.items()}} for row in rows]
    return msgspec.convert(values, tuple[fact, ...])  # type: ignore[valid-type]


def _by_id(facts: tuple[F, ...]) -> tuple[F, ...]:
    """Sorted here: told to give them in order, a database may walk through every row there ever was."""
    return tuple(sorted(facts, key=attrgetter("id")))


def _gather(session: Session, pairs: sa.Select[int, int]) -> dict[int, tuple[int, ...]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in session.execute(pairs):
        found[row[0]].append(row[1])
    return {one: tuple(sorted(many)) for one, many in found.items()}
