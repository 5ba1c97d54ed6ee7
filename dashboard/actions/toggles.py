"""Making, editing, archiving and restoring feature toggles."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.writing import NONE, Actor, Refused, Values, Writing, differences, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Toggle, ToggleSection


def create(name: str, values: Values, section_ids: frozenset[int], by: Actor, at: datetime) -> Change | None:
    """None when there is this very toggle already: the form was sent twice. Raises Refused for a name that is or was
    taken by another."""
    with writing(by, at) as work:
        twin = db.session.scalar(sa.select(Toggle).where(Toggle.name == name))
        if twin is not None and not _is_twin(twin, values, section_ids):
            raise Refused("name", f"“{name}” is taken, or was. Front ends may still ask for it; choose another.")
        if twin is not None:
            return None
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
        return alter(work, toggle, values, section_ids, "toggle.edit")


def alter(work: Writing, toggle: Toggle, values: Values, section_ids: frozenset[int], kind: str) -> Change | None:
    """Within an open transaction: the columns and the sections, as one change."""
    held, beside = section_ids_of(toggle.id), NONE
    if held != section_ids:
        beside = {"sections": sorted(held)}, {"sections": sorted(section_ids)}
        _belong(toggle.id, section_ids)
    return work.change(toggle, values, kind, f"toggle-{toggle.id}", toggle.name, beside=beside)


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
        if (toggle.archived_at is None) == (archived_at is None):
            return None
        return work.change(toggle, {"archived_at": archived_at}, kind, f"toggle-{toggle.id}", toggle.name)


def _is_twin(toggle: Toggle, values: Values, section_ids: frozenset[int]) -> bool:
    same = not differences(toggle, values)[1] and section_ids_of(toggle.id) == section_ids
    return same and toggle.archived_at is None


def section_ids_of(toggle_id: int) -> frozenset[int]:
    found = sa.select(ToggleSection.section_id).where(ToggleSection.toggle_id == toggle_id)
    return frozenset(db.session.scalars(found))


def _belong(toggle_id: int, section_ids: frozenset[int]) -> None:
    db.session.execute(sa.delete(ToggleSection).where(ToggleSection.toggle_id == toggle_id))
    db.session.add_all(ToggleSection(toggle_id=toggle_id, section_id=id) for id in sorted(section_ids))
    db.session.flush()
