"""Making, editing, ordering, archiving and restoring sections; what they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.ordering import moved
from dashboard.actions.writing import NONE, Actor, Refused, Values, Writing, differences, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Component, Dependency, Outage, Section


@dataclass(frozen=True, slots=True)
class Depends:
    """What trouble with a component does to the section: "down", "warn" or "nothing"."""

    component_id: int
    on_window: str = "down"
    on_major: str = "nothing"


def create(key: str, values: Values, depends: tuple[Depends, ...], by: Actor, at: datetime) -> Change | None:
    """``values`` are columns of the section. None when there is this very section already: the form was sent twice.
    Raises Refused for a key that is or was taken by another."""
    with writing(by, at) as work:
        twin = db.session.scalar(sa.select(Section).where(Section.key == key))
        if twin is not None and not _is_twin(twin, values, depends):
            raise Refused("key", f"“{key}” is taken, or was. A key is never used again; choose another.")
        if twin is not None:
            return None
        _refuse_place(None, values.get("parent_id"))
        _refuse_archived(depends)
        last = db.session.scalar(sa.select(sa.func.max(Section.position)))
        section = Section(key=key, position=(last or 0) + 1, created_at=at, **values)
        db.session.add(section)
        db.session.flush()
        _depend(section.id, depends)
        after = {"key": key, **values, "depends": plain_depends(depends)}
        return work.record("section.create", f"section-{section.id}", section.name, None, after, section.id)


def edit(
    section_id: int, version: int, values: Values, depends: tuple[Depends, ...], by: Actor, at: datetime
) -> Change | None:
    """None when it is so already, also when somebody else was quicker to make it so."""
    with writing(by, at) as work:
        section = db.session.get_one(Section, section_id)
        if not _is_twin(section, values, depends):
            same_version(section, version, f"section-{section_id}")
        return alter(work, section, values, depends, "section.edit")


def alter(work: Writing, section: Section, values: Values, depends: tuple[Depends, ...], kind: str) -> Change | None:
    """Within an open transaction: the columns and what it depends on, as one change. Raises Refused where that would
    leave the public with something that is not so."""
    _refuse(section, values, depends, work.at)
    held, beside = depends_of(section.id), NONE
    if set(held) != set(depends):
        beside = {"depends": plain_depends(held)}, {"depends": plain_depends(depends)}
        _depend(section.id, depends)
    name = values.get("name", section.name)
    return work.change(section, values, kind, f"section-{section.id}", name, section.id, beside)


def move(section_id: int, up: bool, by: Actor, at: datetime) -> Change | None:
    """One place up or down among its siblings; None where there is none, and for one that is archived."""
    with writing(by, at) as work:
        section = db.session.get_one(Section, section_id)
        siblings = sa.select(Section).where(
            Section.archived_at.is_(None), Section.parent_id.is_not_distinct_from(section.parent_id)
        )
        rows = sorted(db.session.scalars(siblings), key=lambda row: (row.position, row.name))
        order = moved(rows, section, up)
        if order is None:
            return None
        after = {"order": [row.key for row in order]}
        return work.record("section.move", f"section-{section.id}", section.name, None, after, section.id)


def archive(section_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Out of sight, with all its history. Refused while it is off or holds other sections."""
    with writing(by, at) as work:
        section = db.session.get_one(Section, section_id)
        if section.archived_at is not None:
            return None
        same_version(section, version, f"section-{section_id}")
        return alter(work, section, {"archived_at": at}, depends_of(section.id), "section.archive")


def restore(section_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Back to where it was, or to the top if its parent is archived. Refused while it depends on what is archived."""
    with writing(by, at) as work:
        section = db.session.get_one(Section, section_id)
        if section.archived_at is None:
            return None
        same_version(section, version, f"section-{section_id}")
        parent = db.session.get(Section, section.parent_id) if section.parent_id else None
        values: Values = {"archived_at": None}
        if parent is not None and parent.archived_at is not None:
            values["parent_id"] = None
        return alter(work, section, values, depends_of(section.id), "section.restore")


def line_of(section_id: int | None) -> list[int]:
    """The section, its parent and so on up to the top."""
    line: list[int] = []
    while section_id is not None and section_id not in line:
        line.append(section_id)
        section_id = db.session.scalar(sa.select(Section.parent_id).where(Section.id == section_id))
    return line


def _refuse(section: Section, values: Values, depends: tuple[Depends, ...], at: datetime) -> None:
    """What no section may become, whoever asks for it: an edit, its undoing, a restoring."""
    if values.get("archived_at", section.archived_at) is None:
        _refuse_place(section, values.get("parent_id", section.parent_id))
        _refuse_archived(depends)
    elif section.archived_at is None:
        _refuse_in_use(section, at)


def _refuse_place(section: Section | None, parent_id: int | None) -> None:
    """A section may not lie within itself, nor within one that is archived."""
    if section is not None and section.id in line_of(parent_id):
        raise Refused("parent", f"{section.name} cannot be a part of itself.")
    parent = db.session.get(Section, parent_id) if parent_id else None
    if parent is not None and parent.archived_at is not None:
        raise Refused("parent", f"{parent.name} is archived. Restore it first, or choose another place.")


def _refuse_archived(depends: tuple[Depends, ...]) -> None:
    """Work on an archived component reaches nobody."""
    gone = sa.select(Component.name).where(Component.id.in_([one.component_id for one in depends]))
    names = list(db.session.scalars(gone.where(Component.archived_at.is_not(None)).order_by(Component.name)))
    if names:
        raise Refused("", f"What it depends on is archived: {', '.join(names)}. Restore that first, or leave it out.")


def _refuse_in_use(section: Section, at: datetime) -> None:
    parts = sa.select(Section.name).where(Section.parent_id == section.id, Section.archived_at.is_(None))
    names = list(db.session.scalars(parts))
    if names:
        raise Refused("", f"Archive its parts first: {', '.join(names)}.")
    current = sa.or_(Outage.over_at.is_(None), Outage.over_at > at)
    if db.session.scalar(sa.select(Outage.id).where(Outage.section_id == section.id, current)):
        raise Refused("", f"{section.name} is off, or will be. Bring it back first.")


def _depend(section_id: int, depends: tuple[Depends, ...]) -> None:
    db.session.execute(sa.delete(Dependency).where(Dependency.section_id == section_id))
    for one in depends:
        db.session.add(
            Dependency(
                section_id=section_id,
                component_id=one.component_id,
                on_window=one.on_window,
                on_major=one.on_major,
            )
        )
    db.session.flush()


def depends_of(section_id: int) -> tuple[Depends, ...]:
    rows = db.session.scalars(sa.select(Dependency).where(Dependency.section_id == section_id))
    return tuple(Depends(row.component_id, row.on_window, row.on_major) for row in rows)


def plain_depends(depends: tuple[Depends, ...]) -> list[list[object]]:
    return sorted([one.component_id, one.on_window, one.on_major] for one in depends)


def _is_twin(section: Section, values: Values, depends: tuple[Depends, ...]) -> bool:
    same = not differences(section, values)[1] and set(depends_of(section.id)) == set(depends)
    return same and section.archived_at is None
