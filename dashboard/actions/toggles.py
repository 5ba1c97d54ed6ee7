"""Making, editing, renaming, archiving and restoring feature toggles.

Names are keys, which hold no dot, so that none is ever that of a section (``section.<key>.down``).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.writing import NONE, Actor, Refused, Values, Writing, differences, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Toggle, ToggleAlias, ToggleSection

Names = frozenset[str]


def create(name: str, values: Values, section_ids: frozenset[int], by: Actor, at: datetime) -> Change | None:
    """None when there is this very toggle already: the form was sent twice. Raises Refused for a name that is or was
    taken by another."""
    with writing(by, at) as work:
        twin = db.session.scalar(sa.select(Toggle).where(Toggle.name == name))
        if twin is not None and _is_twin(twin, values, section_ids):
            return None
        _refuse_taken(name)
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


def rename(toggle_id: int, version: int, name: str, by: Actor, at: datetime) -> Change | None:
    """The name that it had goes on to read the same. None when it is its name already. Raises Refused for one that is
    or was taken by another."""
    with writing(by, at) as work:
        toggle = db.session.get_one(Toggle, toggle_id)
        same_version(toggle, version, f"toggle-{toggle_id}")
        if name == toggle.name:
            return None
        _refuse_taken(name, besides=toggle_id)
        aliases = (aliases_of(toggle_id) | {toggle.name}) - {name}
        return alter(work, toggle, {"name": name}, section_ids_of(toggle_id), "toggle.rename", aliases)


def release(toggle_id: int, version: int, alias: str, by: Actor, at: datetime) -> Change | None:
    """An earlier name is let go of: code that asks for it is told that it is not known. It stays reserved. None when
    it is gone already."""
    with writing(by, at) as work:
        toggle = db.session.get_one(Toggle, toggle_id)
        same_version(toggle, version, f"toggle-{toggle_id}")
        aliases = aliases_of(toggle_id) - {alias}
        return alter(work, toggle, {}, section_ids_of(toggle_id), "toggle.release", aliases)


def alter(
    work: Writing,
    toggle: Toggle,
    values: Values,
    section_ids: frozenset[int],
    kind: str,
    aliases: Names | None = None,
) -> Change | None:
    """Within an open transaction: the columns, the sections and the earlier names, as one change."""
    before, after = NONE
    if (held := section_ids_of(toggle.id)) != section_ids:
        before, after = {"sections": sorted(held)}, {"sections": sorted(section_ids)}
        _belong(toggle.id, section_ids)
    known, name = aliases_of(toggle.id), values.get("name", toggle.name)
    if aliases is not None and aliases != known:
        before, after = {**before, "aliases": sorted(known)}, {**after, "aliases": sorted(aliases)}
        _call(toggle, name, aliases, work.at)
    return work.change(toggle, values, kind, f"toggle-{toggle.id}", name, beside=(before, after))


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


def aliases_of(toggle_id: int) -> Names:
    """The earlier names by which it can still be asked for."""
    found = sa.select(ToggleAlias.name).where(ToggleAlias.toggle_id == toggle_id, ToggleAlias.gone_at.is_(None))
    return frozenset(db.session.scalars(found))


def _refuse_taken(name: str, besides: int | None = None) -> None:
    """A name is for ever that of one toggle, whether it is still its own, an earlier one, or one that was let go of."""
    own = sa.select(Toggle.id).where(Toggle.name == name)
    earlier = sa.select(ToggleAlias.toggle_id).where(ToggleAlias.name == name)
    if set(db.session.scalars(own.union_all(earlier))) - {besides}:
        raise Refused("name", f"“{name}” is taken, or was. Front ends may still ask for it; choose another.")


def _call(toggle: Toggle, name: str, aliases: Names, at: datetime) -> None:
    """Its name from now on, and the earlier ones; what it was called besides stays reserved."""
    rows = {
        row.name: row for row in db.session.scalars(sa.select(ToggleAlias).where(ToggleAlias.toggle_id == toggle.id))
    }
    for earlier in {*rows, *aliases, toggle.name} - {name}:
        row = rows.get(earlier) or ToggleAlias(name=earlier, toggle_id=toggle.id, created_at=at)
        row.gone_at = None if earlier in aliases else row.gone_at or at
        db.session.add(row)
    if name in rows:
        db.session.delete(rows[name])
    db.session.flush()


def _belong(toggle_id: int, section_ids: frozenset[int]) -> None:
    db.session.execute(sa.delete(ToggleSection).where(ToggleSection.toggle_id == toggle_id))
    db.session.add_all(ToggleSection(toggle_id=toggle_id, section_id=id) for id in sorted(section_ids))
    db.session.flush()
