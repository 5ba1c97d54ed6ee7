"""Making, editing, archiving and restoring feature toggles."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from dashboard.actions.writing import Actor, Refused, Values, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Toggle, ToggleSection


def create(name: str, values: Values, section_ids: frozenset[int], by: Actor, at: datetime) -> Change:
    """Raises Refused for a name that is or was taken."""
    with writing(by, at) as work:
        if db.session.scalar(sa.select(Toggle.id).where(Toggle.name == name)):
            raise Refused("name", f"“{name}” is taken, or was. Front ends may still ask for it; choose another.")
        toggle = Toggle(name=name, created_at=at, **values)
        db.session.add(toggle)
        db.session.flush()
        _belong(toggle.id, section_ids)
        after = {**values, "sections": sorted(section_ids)}
        return work.record("toggle.create", f"toggle-{toggle.id}", name, None, after)


def edit(
    toggle_id: int, version: int, values: Values, section_ids: frozenset[int], by: Actor, at: datetime
) -> Change | None:
    with writing(by, at) as work:
        toggle = db.session.get_one(Toggle, toggle_id)
        same_version(toggle, version, f"toggle-{toggle_id}")
        before, after = {"sections": _sections(toggle_id)}, {"sections": sorted(section_ids)}
        if before != after:
            flag_modified(toggle, "sentence")  # another version, even when no column of the row differs
        change = work.change(toggle, values, "toggle.edit", f"toggle-{toggle.id}", toggle.name)
        if before == after:
            return change
        _belong(toggle_id, section_ids)
        return work.record("toggle.sections", f"toggle-{toggle.id}", toggle.name, before, after)


def archive(toggle_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    return _set_archived(toggle_id, version, at, "toggle.archive", by, at)


def restore(toggle_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    return _set_archived(toggle_id, version, None, "toggle.restore", by, at)


def _set_archived(
    toggle_id: int, version: int, archived_at: datetime | None, kind: str, by: Actor, at: datetime
) -> Change | None:
    with writing(by, at) as work:
        toggle = db.session.get_one(Toggle, toggle_id)
        same_version(toggle, version, f"toggle-{toggle_id}")
        return work.change(toggle, {"archived_at": archived_at}, kind, f"toggle-{toggle.id}", toggle.name)


def _sections(toggle_id: int) -> list[int]:
    found = sa.select(ToggleSection.section_id).where(ToggleSection.toggle_id == toggle_id)
    return sorted(db.session.scalars(found))


def _belong(toggle_id: int, section_ids: frozenset[int]) -> None:
    db.session.execute(sa.delete(ToggleSection).where(ToggleSection.toggle_id == toggle_id))
    db.session.add_all(ToggleSection(toggle_id=toggle_id, section_id=id) for id in sorted(section_ids))
    db.session.flush()
