"""Making, editing, ordering, archiving and restoring components, and saying how they are."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.ordering import moved
from dashboard.actions.writing import (
    NONE,
    Actor,
    Difference,
    Refused,
    Values,
    Writing,
    differences,
    plain,
    same_version,
    writing,
)
from dashboard.db import db
from dashboard.models import Change, Component, Dependency, Incident, IncidentImpact, IncidentUpdate, Section
from dashboard.rules.status import Status


def create(key: str, values: Values, by: Actor, at: datetime) -> Change | None:
    """None when there is this very component already: the form was sent twice. Raises Refused for a key that is or
    was taken by another, also in other capitals: on some disks both would be one file."""
    with writing(by, at) as work:
        twin = db.session.scalar(sa.select(Component).where(sa.func.lower(Component.key) == key.lower()))
        if twin is not None and twin.key == key and twin.archived_at is None and not differences(twin, values)[1]:
            return None
        if twin is not None:
            raise Refused("key", f"“{twin.key}” is taken, or was. A key is never used again; choose another.")
        last = db.session.scalar(sa.select(sa.func.max(Component.position)))
        component = Component(key=key, position=(last or 0) + 1, created_at=at, status_at=at, **values)
        db.session.add(component)
        db.session.flush()
        after = {name: plain(value) for name, value in values.items()}
        return work.record(
            "component.create",
            f"component-{component.id}",
            component.name,
            None,
            {"key": key, **after, "status": component.status},
        )


def edit(component_id: int, version: int, values: Values, by: Actor, at: datetime) -> Change | None:
    """None when it is so already, whoever made it so."""
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        if not differences(component, values)[1]:
            return None
        same_version(component, version, f"component-{component_id}")
        return alter(work, component, values, "component.edit")


def set_status(
    component_id: int, version: int, status: Status, until: datetime | None, by: Actor, at: datetime
) -> Change | None:
    """How it is from now on, or until a time: after that it is operational by itself. None when it is said so already.

    Raises Refused for a time that has passed.
    """
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        values: Values = {"status": str(status), "status_until": until if status is not Status.OPERATIONAL else None}
        if not differences(component, values)[1]:
            return None
        same_version(component, version, f"component-{component_id}")
        if _baseline(component, at) is not status:
            values["status_at"] = at
        return alter(work, component, values, "component.status")


def move(component_id: int, up: bool, by: Actor, at: datetime) -> Change | None:
    """One place up or down in its group; None where there is none, and for one that is archived."""
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        group = sa.select(Component).where(Component.archived_at.is_(None), Component.group == component.group)
        rows = sorted(db.session.scalars(group), key=lambda row: (row.position, row.name))
        order = moved(rows, component, up)
        if order is None:
            return None
        after = {"order": [row.key for row in order]}
        return work.record("component.move", f"component-{component.id}", component.name, None, after)


def archive(component_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Out of sight, with all its history. Refused while a section depends on it, or an open incident names it."""
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        if component.archived_at is not None:
            return None
        same_version(component, version, f"component-{component_id}")
        return alter(work, component, {"archived_at": at}, "component.archive")


def restore(component_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        if component.archived_at is None:
            return None
        same_version(component, version, f"component-{component_id}")
        return alter(work, component, {"archived_at": None}, "component.restore")


def alter(work: Writing, component: Component, values: Values, kind: str) -> Change | None:
    """Within an open transaction. Raises Refused where something would depend on what is archived, or a status would
    end before it began."""
    if values.get("archived_at") is not None:
        _refuse_in_use(component)
    until = values.get("status_until")
    if until is not None and until <= work.at:
        raise Refused("until_at", "That time has passed. Choose one that is still to come.")
    name = values.get("name", component.name)
    beside = _standing(component, values)
    return work.change(component, values, kind, f"component-{component.id}", name, beside=beside)


def _baseline(component: Component, at: datetime) -> Status:
    is_past = component.status_until is not None and component.status_until <= at
    return Status.OPERATIONAL if is_past else Status(component.status)


def _standing(component: Component, values: Values) -> Difference:
    """Status and end together, also if one of them stays as it is: the uptime is read from the two of them."""
    kept = {"status": component.status, "status_until": component.status_until}
    given = {name: values.get(name, kept[name]) for name in kept}
    if given == kept:
        return NONE
    return {name: plain(value) for name, value in kept.items()}, {name: plain(value) for name, value in given.items()}


def _refuse_in_use(component: Component) -> None:
    depend = sa.select(Section.name).join(Dependency, Dependency.section_id == Section.id)
    here = depend.where(Dependency.component_id == component.id, Section.archived_at.is_(None))
    names = list(db.session.scalars(here.order_by(Section.name)))
    if names:
        raise Refused("", f"These sections depend on it: {', '.join(names)}. Edit them first.")
    titles = _open_incidents(component)
    if titles:
        raise Refused("", f"An open incident names it: {', '.join(titles)}. Resolve that first.")


def _open_incidents(component: Component) -> list[str]:
    named = sa.select(IncidentUpdate.incident_id).join(IncidentImpact)
    open_ones = sa.select(Incident.title).where(
        Incident.over_at.is_(None),
        Incident.discarded_at.is_(None),
        Incident.id.in_(named.where(IncidentImpact.component_id == component.id)),
    )
    return list(db.session.scalars(open_ones.order_by(Incident.id)))
