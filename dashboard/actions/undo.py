"""Taking back one change, as long as nothing was done to its subject since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.actions import sections, toggles
from dashboard.actions.sections import Depends
from dashboard.actions.writing import Actor, Refused, Values, same_version, writing
from dashboard.db import UtcDateTime, db
from dashboard.models import Change, Component, Outage, Overrule, Section, Toggle

_ROWS: dict[str, type[Outage] | type[Section] | type[Toggle] | type[Component] | type[Overrule]] = {
    "outage": Outage,
    "overrule": Overrule,
    "section": Section,
    "toggle": Toggle,
    "component": Component,
}


def undoable(change: Change | None) -> bool:
    """May the strip offer it? Only what left a version can be taken back; of things made, only an outage."""
    if change is None or not change.after or "version" not in change.after:
        return False
    return change.before is not None or change.kind == "outage.start"


def undo(change_id: int, by: Actor, at: datetime) -> Change | None:
    """Everything the change altered is as it was before. Raises Conflict when the subject was changed since, Refused
    when it cannot be taken back."""
    with writing(by, at) as work:
        change = db.session.get(Change, change_id)
        if change is None or change.after is None or not undoable(change):
            raise Refused("", "This cannot be undone.")
        noun, _, row_id = change.subject.partition("-")
        row = db.session.get_one(_ROWS[noun], int(row_id))
        same_version(row, int(str(change.after["version"])), change.subject)
        values = _values_before(change, row, at)
        if isinstance(row, Toggle):
            return toggles.alter(work, row, values, _sections_before(change, row), "toggle.undo")
        if isinstance(row, Section):
            return sections.alter(work, row, values, _depends_before(change, row), "section.undo")
        return work.change(row, values, f"{noun}.undo", change.subject, change.subject_name, change.section_id)


def _values_before(change: Change, row: Any, at: datetime) -> Values:
    if change.before is None:
        return {"ended_at": at, "over_at": at}
    columns = row.__table__.columns
    values = {name: _parsed(row, name, value) for name, value in change.before.items() if name in columns}
    if isinstance(row, Outage):
        over_at = values.get("over_at", row.over_at)
        if over_at is not None and over_at <= at:
            raise Refused("", "By now it would be over anyway. Take the section off again instead.")
    return values


def _sections_before(change: Change, toggle: Toggle) -> frozenset[int]:
    before: Any = change.before or {}
    return frozenset(before["sections"]) if "sections" in before else toggles.section_ids_of(toggle.id)


def _depends_before(change: Change, section: Section) -> tuple[Depends, ...]:
    before: Any = change.before or {}
    if "depends" not in before:
        return sections.depends_of(section.id)
    depends = tuple(Depends(*one) for one in before["depends"])
    ids = {one.component_id for one in depends}
    gone = sa.select(Component.name).where(Component.id.in_(ids), Component.archived_at.is_not(None))
    if names := list(db.session.scalars(gone)):
        raise Refused("", f"By now {', '.join(names)} is archived. Restore it first.")
    return depends


def _parsed(row: Any, name: str, value: Any) -> Any:
    """JSON values as the column keeps them."""
    is_time = isinstance(row.__table__.columns[name].type, UtcDateTime)
    return datetime.fromisoformat(value) if is_time and isinstance(value, str) else value
