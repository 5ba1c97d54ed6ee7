"""Making, editing, ordering, archiving and restoring components, and saying how they are."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.ordering import moved
from dashboard.actions.writing import Actor, Refused, Values, Writing, differences, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Component, Dependency, Section


def create(key: str, values: Values, by: Actor, at: datetime) -> Change | None:
    """None when there is this very component already: the form was sent twice. Raises Refused for a key that is or
    was taken by another."""
    with writing(by, at) as work:
        twin = db.session.scalar(sa.select(Component).where(Component.key == key))
        if twin is not None and twin.archived_at is None and not differences(twin, values)[1]:
            return None
        if twin is not None:
            raise Refused("key", f"“{key}” is taken, or was. A key is never used again; choose another.")
        last = db.session.scalar(sa.select(sa.func.max(Component.position)))
        component = Component(key=key, position=(last or 0) + 1, created_at=at, status_at=at, **values)
        db.session.add(component)
        db.session.flush()
        return work.record(
            "component.create", f"component-{component.id}", component.name, None, {"key": key, **values}
        )


def edit(component_id: int, version: int, values: Values, by: Actor, at: datetime) -> Change | None:
    """A new status counts from now on. None when it is so already, whoever made it so."""
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        if not differences(component, values)[1]:
            return None
        same_version(component, version, f"component-{component_id}")
        if values.get("status", component.status) != component.status:
            values = {**values, "status_at": at}
        return alter(work, component, values, "component.edit")


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
    """Out of sight, with all its history. Refused while a section depends on it."""
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
    """Within an open transaction. Raises Refused where a section would depend on what is archived."""
    if values.get("archived_at") is not None:
        _refuse_in_use(component)
    return work.change(component, values, kind, f"component-{component.id}", component.name)


def _refuse_in_use(component: Component) -> None:
    depend = sa.select(Section.name).join(Dependency, Dependency.section_id == Section.id)
    here = depend.where(Dependency.component_id == component.id, Section.archived_at.is_(None))
    names = list(db.session.scalars(here.order_by(Section.name)))
    if names:
        raise Refused("", f"These sections depend on it: {', '.join(names)}. Edit them first.")
