"""Making, editing, ordering, archiving and restoring components, and saying how they are."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.ordering import moved
from dashboard.actions.writing import Actor, Refused, Values, differences, same_version, writing
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
    """A new status counts from now on."""
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        same_version(component, version, f"component-{component_id}")
        if values.get("status", component.status) != component.status:
            values = {**values, "status_at": at}
        return work.change(component, values, "component.edit", f"component-{component.id}", component.name)


def move(component_id: int, up: bool, by: Actor, at: datetime) -> Change | None:
    """One place up or down in its group."""
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        group = sa.select(Component).where(Component.archived_at.is_(None), Component.group == component.group)
        rows = sorted(db.session.scalars(group), key=lambda row: (row.position, row.name))
        if not moved(rows, component, up):
            return None
        after = {"order": [row.key for row in sorted(rows, key=lambda row: row.position)]}
        return work.record("component.move", f"component-{component.id}", component.name, None, after)


def archive(component_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Out of sight, with all its history. Refused while a section depends on it."""
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        same_version(component, version, f"component-{component_id}")
        if component.archived_at is not None:
            return None
        names = list(
            db.session.scalars(
                sa.select(Section.name)
                .join(Dependency, Dependency.section_id == Section.id)
                .where(Dependency.component_id == component_id, Section.archived_at.is_(None))
                .order_by(Section.name)
            )
        )
        if names:
            raise Refused("", f"These sections depend on it: {', '.join(names)}. Let them go first.")
        return work.change(
            component, {"archived_at": at}, "component.archive", f"component-{component.id}", component.name
        )


def restore(component_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        same_version(component, version, f"component-{component_id}")
        return work.change(
            component, {"archived_at": None}, "component.restore", f"component-{component.id}", component.name
        )
