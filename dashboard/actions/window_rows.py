"""What a person asks planned work to be, and the rows that it is kept in; within a transaction of somebody else's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from dashboard.actions.writing import Difference, Refused, Values, Writing, differences, plain
from dashboard.db import db
from dashboard.models import Component, Section, Window, WindowComponent, WindowSection
from dashboard.models.window import OURS

Touches = tuple[tuple[int, str], ...]  # a section's id and the effect on it, in order of the id
_LATE = timedelta(hours=1)  # so long ago may work have begun that is written down only now
TELLING = ("tells", "reminds", "tells_start", "tells_end")
_WORDS = ("title", "message", *TELLING)


@dataclass(frozen=True, slots=True)
class Asked:
    """``typed_start`` and ``typed_end`` are wall times in ``zone``; ``rule`` says how it comes again, "" for never.
    ``checks`` is how much of its end is for looking whether all is well. ``once`` comes from the form."""

    title: str
    message: str
    components: frozenset[int]
    sections: Touches
    starts_at: datetime
    ends_at: datetime
    zone: str
    typed_start: str
    typed_end: str
    checks: timedelta = timedelta()
    tells: bool = True
    reminds: bool = True
    tells_start: bool = False
    tells_end: bool = False
    rule: str = ""
    once: str = ""

    @property
    def verifying_at(self) -> datetime | None:
        return _checked_from(self.starts_at, self.ends_at, self.checks)


def _checked_from(starts_at: datetime, ends_at: datetime, checks: timedelta) -> datetime | None:
    return max(starts_at, ends_at - checks) if checks else None


def refuse(asked: Asked, at: datetime) -> None:
    """Raises Refused for what makes no sense, and for what it would be on that is not there."""
    if not asked.components and not asked.sections:
        raise Refused("sections", "Choose what the work is on: a section, or a component behind some.")
    if not asked.title:
        raise Refused("title", "Say what the work is.")
    refuse_times(asked, at)
    _refuse_missing(Component, asked.components, "components")
    _refuse_missing(Section, (section_id for section_id, _ in asked.sections), "sections")


def refuse_times(asked: Asked, at: datetime) -> None:
    """Raises Refused for times that make no sense."""
    if asked.ends_at <= asked.starts_at:
        raise Refused("to_time", "It would end before it begins. Choose a later end.")
    if asked.ends_at <= at:
        raise Refused("from_time", "That time has passed. Choose one that is still to come.")
    if asked.starts_at < at - _LATE:
        raise Refused("from_time", "It would have begun more than an hour ago. Choose a later start.")
    if asked.checks >= asked.ends_at - asked.starts_at:
        raise Refused("checks", "The checks would take the whole time. Give them less.")


def _refuse_missing(model: type[Component] | type[Section], ids: Iterable[int], field: str) -> None:
    chosen = frozenset(ids)
    rows = db.session.execute(sa.select(model.id, model.name, model.archived_at).where(model.id.in_(chosen))).all()
    if archived := next((row.name for row in rows if row.archived_at is not None), None):
        raise Refused(field, f"{archived} is archived. Choose from those that are shown.")
    if len(rows) < len(chosen):
        raise Refused(field, "Choose from those that are shown.")


def add(work: Writing, asked: Asked, values: Values, series_id: int | None = None) -> Window:
    """A window as asked for, with ``values`` of its own."""
    columns = {name: getattr(asked, name) for name in (*_WORDS, "zone")}
    columns |= {"verifying_at": _checked_from(values["starts_at"], values["ends_at"], asked.checks)}
    window = Window(
        source=OURS,
        url="",
        series_id=series_id,
        planned_by=work.by.name,
        created_at=work.at,
        revised_at=work.at,
        **{**columns, **values},
    )
    db.session.add(window)
    db.session.flush()
    link(window, asked.components, asked.sections)
    return window


def components_of(window_id: int) -> frozenset[int]:
    chosen = sa.select(WindowComponent.component_id).where(WindowComponent.window_id == window_id)
    return frozenset(db.session.scalars(chosen))


def sections_of(window_id: int) -> Touches:
    chosen = sa.select(WindowSection.section_id, WindowSection.effect).where(WindowSection.window_id == window_id)
    return tuple((id, effect) for id, effect in db.session.execute(chosen.order_by(WindowSection.section_id)))


def asked_of(window: Window) -> Asked:
    """What it was asked to be, as it stands."""
    return Asked(
        title=window.title,
        message=window.message,
        components=components_of(window.id),
        sections=sections_of(window.id),
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        zone=window.zone,
        typed_start=window.typed_start,
        typed_end=window.typed_end,
        checks=window.ends_at - window.verifying_at if window.verifying_at else timedelta(),
        **{name: getattr(window, name) for name in TELLING},
    )


def values_of(asked: Asked, times: Values) -> Values:
    """The columns of a window that is as asked for, at these times."""
    values = {name: getattr(asked, name) for name in (*_WORDS, "zone")} | times
    return values | {"verifying_at": _checked_from(values["starts_at"], values["ends_at"], asked.checks)}


def things(window: Window) -> Values:
    """What it is on, as JSON values."""
    return {"components": sorted(components_of(window.id)), "touches": plain_touches(sections_of(window.id))}


def beside(window: Window, asked: Asked) -> Difference:
    """What differs of the things that it is on, as JSON values."""
    held = things(window)
    new = {"components": sorted(asked.components), "touches": plain_touches(asked.sections)}
    names = [name for name in held if held[name] != new[name]]
    return {name: held[name] for name in names}, {name: new[name] for name in names}


def differing(window: Window, asked: Asked, times: Values) -> Difference:
    columns, things = differences(window, values_of(asked, times)), beside(window, asked)
    return {**columns[0], **things[0]}, {**columns[1], **things[1]}


def put(window: Window, asked: Asked, times: Values, at: datetime) -> None:
    """Make it so, without a Change of its own."""
    for column, value in values_of(asked, times).items():
        setattr(window, column, value)
    window.revised_at = at
    flag_modified(window, "created_at")
    link(window, asked.components, asked.sections)


def link(window: Window, components: Iterable[int], touches: Iterable[tuple[int, str]]) -> None:
    """It is on these, and on nothing else."""
    for model in (WindowComponent, WindowSection):
        db.session.execute(sa.delete(model).where(model.window_id == window.id))
    db.session.add_all(WindowComponent(window_id=window.id, component_id=id) for id in components)
    db.session.add_all(WindowSection(window_id=window.id, section_id=id, effect=effect) for id, effect in touches)
    db.session.flush()


def plain_touches(touches: Touches) -> list[list[object]]:
    return [[id, effect] for id, effect in touches]


def told(asked: Asked) -> Values:
    """All of it as JSON values, for the Change that it is made by."""
    names = (*_WORDS, "zone", "typed_start", "typed_end", "starts_at", "ends_at", "verifying_at")
    values = {name: plain(getattr(asked, name)) for name in names}
    return {**values, "components": sorted(asked.components), "touches": plain_touches(asked.sections)}
