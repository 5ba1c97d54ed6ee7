"""Taking back one change, as long as nothing was done to its subject since and nothing of the past is altered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dashboard.actions import (
    announcements,
    components,
    incidents,
    mapping,
    outages,
    overrules,
    planning,
    reviews,
    sections,
    series,
    templates,
    toggles,
)
from dashboard.actions.sections import Depends
from dashboard.actions.writing import Actor, Conflict, Refused, Values, Writing, same_version, writing
from dashboard.db import UtcDateTime, db
from dashboard.models import (
    Announcement,
    Change,
    Component,
    Incident,
    Outage,
    Overrule,
    Review,
    Section,
    Template,
    Toggle,
    Window,
)

AGAIN_WITHIN = timedelta(minutes=10)  # what was ended so lately may go on as if it had not been

_ROWS: dict[str, type[Any]] = {
    "outage": Outage,
    "overrule": Overrule,
    "section": Section,
    "toggle": Toggle,
    "component": Component,
    "template": Template,
    "incident": Incident,
    "window": Window,
    "review": Review,
    "announcement": Announcement,
}
_OF_INCIDENTS = ("incident.edit", "incident.words", "incident.call_off", "incident.discard")  # the rest told the world
UNMAPPED = "component.unmap"  # has no version, as nobody's is old by it
# What undoes the making of one is its end.
_MADE = ("outage.start", "overrule.start", "template.create", "window.plan", "announcement.create")


# How a noun is altered that is just a row.
_ALTERS: dict[type[Any], Callable[[Writing, Any, Values, str], Change | None]] = {
    Announcement: announcements.alter,
    Component: components.alter,
    Review: reviews.alter,
    Template: templates.alter,
}


def undoable(change: Change | None) -> bool:
    """May the strip offer it? Only what left a version can be taken back; of things made, only what has an end. A
    service that was unmapped can be mapped again."""
    if change is not None and change.kind in (UNMAPPED, series.CANCEL):
        return True
    if change is None or not change.after or "version" not in change.after:
        return False
    if change.subject.startswith("incident-"):
        return change.kind in _OF_INCIDENTS
    return change.before is not None or change.kind in _MADE


def offered(change: Change | None) -> int | None:
    """The id of the change, if the strip may offer to take it back; what was taken back is not offered again."""
    return change.id if change is not None and undoable(change) and not change.kind.endswith(".undo") else None


def undo(change_id: int, by: Actor, at: datetime) -> Change | None:
    """Everything the change altered is as it was before. Raises Conflict when the subject was changed since, Refused
    when it is history, or when nobody could make it so now."""
    with writing(by, at) as work:
        change = db.session.get(Change, change_id)
        if change is None or not undoable(change):
            raise Refused("", "This cannot be undone.")
        if change.kind == series.CANCEL:
            return series.restore(work, change)
        noun, _, row_id = change.subject.partition("-")
        row = db.session.get_one(_ROWS[noun], int(row_id))
        if isinstance(row, Component) and change.kind == UNMAPPED:
            return mapping.alter(work, row, *_service(change))
        same_version(row, _version(change), change.subject)
        return _taken_back(work, row, change, _values_before(change, row))


def _taken_back(work: Writing, row: Any, change: Change, values: Values) -> Change | None:
    """By the actions of each noun, which know what may not be."""
    if isinstance(row, Toggle):
        return toggles.alter(work, row, values, _sections_before(change, row), "toggle.undo", _aliases_before(change))
    if isinstance(row, Section):
        return sections.alter(work, row, values, _depends_before(change, row), "section.undo")
    if isinstance(row, Incident):
        return incidents.take_back(work, row, change, values)
    if isinstance(row, Window):
        return planning.take_back(work, row, change, values)
    noun = change.subject.partition("-")[0]
    if alter := _ALTERS.get(type(row)):
        return alter(work, row, {"archived_at": work.at} if change.before is None else values, f"{noun}.undo")
    assert isinstance(row, Outage | Overrule)
    values = _from_now_on(change, row, values, work.at)
    return work.change(row, values, f"{noun}.undo", change.subject, change.subject_name, change.section_id)


def _version(change: Change) -> int:
    """The one that the change left."""
    after: Any = change.after or {}
    return int(after["version"])


def _service(change: Change) -> tuple[str, str]:
    """The id and the name of the service that a component stood for."""
    before: Any = change.before or {}
    return before["service"], before["name"]


def _values_before(change: Change, row: Any) -> Values:
    columns = row.__table__.columns
    return {name: _parsed(row, name, value) for name, value in (change.before or {}).items() if name in columns}


def _from_now_on(change: Change, row: Outage | Overrule, values: Values, at: datetime) -> Values:
    """What has an end may go on, or end now; it did not end earlier, and what was over for long does not go on."""
    names = ("ended_at", "over_at") if isinstance(row, Outage) else ("ends_at",)
    over_at, was_over_at = values.get(names[-1], getattr(row, names[-1])), getattr(row, names[-1])
    ends = change.before is None or (over_at is not None and over_at <= at)
    if was_over_at is None or was_over_at > at:
        return {**values, **dict.fromkeys(names, at)} if ends else values
    if ends:
        raise Refused("", "By now it is over anyway.")
    if names[0] not in values or at - max(change.at, row.starts_at) > AGAIN_WITHIN:
        raise Refused("", "It is over, and what is over stays as it was.")
    _refuse_again(row, at)
    return values


def _refuse_again(row: Outage | Overrule, at: datetime) -> None:
    """Where it could not be started now, it cannot go on either."""
    section = db.session.get_one(Section, row.section_id)
    if section.archived_at is not None:
        raise Refused("", f"{section.name} is archived. Restore it first.")
    if isinstance(row, Overrule):
        overrules.refuse(section, row.window_id, at)
        return
    try:
        outages.refuse_overlap(section.id, row.starts_at, at, besides=row.id)
    except Conflict:
        raise Refused("", f"{section.name} was taken off anew since.") from None


def _sections_before(change: Change, toggle: Toggle) -> frozenset[int]:
    before: Any = change.before or {}
    return frozenset(before["sections"]) if "sections" in before else toggles.section_ids_of(toggle.id)


def _aliases_before(change: Change) -> frozenset[str] | None:
    before: Any = change.before or {}
    return frozenset(before["aliases"]) if "aliases" in before else None


def _depends_before(change: Change, section: Section) -> tuple[Depends, ...]:
    before: Any = change.before or {}
    if "depends" not in before:
        return sections.depends_of(section.id)
    return tuple(Depends(*one) for one in before["depends"])


def _parsed(row: Any, name: str, value: Any) -> Any:
    """JSON values as the column keeps them."""
    kind = row.__table__.columns[name].type
    if isinstance(kind, UtcDateTime) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, sa.Date) and isinstance(value, str) else value
