"""Rows that become facts: by the names of the fact's fields, with what belongs to each by its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.facts import IncidentFact, OutageFact, ReviewFact, Touch, UpdateFact, WindowFact
from dashboard.models import (
    Incident,
    IncidentImpact,
    IncidentSection,
    IncidentUpdate,
    Outage,
    Review,
    Window,
    WindowComponent,
    WindowSection,
)

F = TypeVar("F")
T = TypeVar("T", int, str)
Where = sa.ColumnElement[bool]

IS_PUBLIC = sa.and_(
    Incident.published_at.is_not(None), Incident.is_private.is_(sa.false()), Incident.discarded_at.is_(None)
)
WAS_EVER = sa.or_(Window.gone_at.is_(None), Window.gone_at > Window.starts_at)  # not called off before it began
_ENDED_EARLY = sa.and_(Window.gone_at > Window.starts_at, Window.gone_at < Window.ends_at)
WINDOW_END = sa.case((_ENDED_EARLY, Window.gone_at), else_=Window.ends_at)
_MESSAGE = sa.case((Window.words != "", Window.words), else_=Window.message)
_PARTS = ("happened", "affected", "cause", "actions")


def columns(fact: type[Any], model: type[Any], **instead: Any) -> sa.Select[Any]:
    """The columns that have the names of the fact's fields, or what is given instead of one."""
    found = {name: getattr(model, name) for name in fact.__slots__ if hasattr(model, name)} | instead
    return sa.select(*(column.label(name) for name, column in found.items()))


def made(fact: type[F], rows: Iterable[sa.Row[Any]], **more: Mapping[int, Any]) -> tuple[F, ...]:
    """A fact of each row, with what belongs to it by its id; words become states and effects."""
    values = [{**row._mapping, **{name: of.get(row.id, ()) for name, of in more.items()}} for row in rows]
    return msgspec.convert(values, tuple[fact, ...])  # type: ignore[valid-type]


def by_id(facts: Iterable[F]) -> tuple[F, ...]:
    """Sorted here: told to give them in order, a database may walk through every row there ever was."""
    return tuple(sorted(facts, key=attrgetter("id")))


def pairs(session: Session, chosen: sa.Select[int, T]) -> dict[int, tuple[T, ...]]:
    """The second of each pair, by the first."""
    found: defaultdict[int, list[T]] = defaultdict(list)
    for row in session.execute(chosen):
        found[row[0]].append(row[1])
    return {one: tuple(sorted(many)) for one, many in found.items()}


def outages(session: Session, where: Where) -> tuple[OutageFact, ...]:
    return by_id(made(OutageFact, session.execute(columns(OutageFact, Outage).where(where))))


def windows(session: Session, where: Where) -> tuple[WindowFact, ...]:
    """In order of start; one that was ended early ends then, and one that was called off keeps its times."""
    on = sa.select(WindowComponent.window_id, WindowComponent.component_id).join(Window).where(where)
    touched = sa.select(WindowSection.window_id, WindowSection.section_id, WindowSection.effect).join(Window)
    chosen = columns(WindowFact, Window, ends_at=WINDOW_END, message=_MESSAGE).where(where)
    found = made(
        WindowFact,
        session.execute(chosen),
        component_ids=pairs(session, on),
        touches=_touches(session, touched.where(where)),
    )
    return tuple(sorted(found, key=attrgetter("starts_at", "id")))


def incidents(session: Session, where: Where) -> tuple[IncidentFact, ...]:
    """Those that are for the public, with their updates in order of time."""
    return posted(session, sa.and_(IS_PUBLIC, where))


def posted(session: Session, where: Where) -> tuple[IncidentFact, ...]:
    """Private ones too: only for staff. Of drafts none."""
    where = sa.and_(Incident.published_at.is_not(None), Incident.discarded_at.is_(None), where)
    touched = sa.select(IncidentSection.incident_id, IncidentSection.section_id, IncidentSection.effect).join(Incident)
    rows = session.execute(columns(IncidentFact, Incident).where(where))
    found = made(
        IncidentFact,
        rows,
        updates=_updates(session, where),
        touches=_touches(session, touched.where(where)),
        review=_reviews(session, where),
    )
    return by_id(incident for incident in found if incident.updates)


def _updates(session: Session, where: Where) -> dict[int, tuple[UpdateFact, ...]]:
    impacts: defaultdict[int, dict[int, str]] = defaultdict(dict)
    struck = sa.select(IncidentImpact.update_id, IncidentImpact.component_id, IncidentImpact.status)
    for id, component_id, status in session.execute(struck.join(IncidentUpdate).join(Incident).where(where)):
        impacts[id][component_id] = status
    chosen = columns(UpdateFact, IncidentUpdate).add_columns(IncidentUpdate.incident_id)
    rows = session.execute(chosen.join(Incident).where(where)).all()
    updates = [{**row._mapping, "impacts": impacts.get(row.id, {})} for row in rows]
    found: defaultdict[int, list[UpdateFact]] = defaultdict(list)
    for row, update in zip(rows, msgspec.convert(updates, tuple[UpdateFact, ...]), strict=True):
        found[row.incident_id].append(update)
    return {id: tuple(sorted(many, key=attrgetter("at", "id"))) for id, many in found.items()}


def _touches(session: Session, chosen: sa.Select[int, int, str]) -> dict[int, tuple[Touch, ...]]:
    found: defaultdict[int, list[Touch]] = defaultdict(list)
    for id, section_id, effect in session.execute(chosen):
        found[id].append(msgspec.convert({"section_id": section_id, "effect": effect}, Touch))
    return {id: tuple(sorted(many, key=attrgetter("section_id"))) for id, many in found.items()}


def _reviews(session: Session, where: Where) -> _OrNone:
    """By the incident's id; the parts that are for staff are left out."""
    chosen = sa.select(Review).join(Incident).where(where, Review.published_at.is_not(None))
    return _OrNone((review.incident_id, _review(review)) for review in session.scalars(chosen))


def _review(review: Review) -> ReviewFact:
    parts = {name: getattr(review, name) if name in review.public_parts else "" for name in _PARTS}
    assert review.published_at is not None
    return ReviewFact(review.id, **parts, published_at=review.published_at, edited_at=review.edited_at)


class _OrNone(dict[int, ReviewFact]):
    """What is not there is None, whatever else is asked for."""

    def get(self, key: int, default: object = None) -> ReviewFact | None:  # type: ignore[override]
        return super().get(key)
