"""Making, editing, ordering, copying, archiving and restoring templates."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import sqlalchemy as sa

from dashboard.actions.ordering import moved
from dashboard.actions.ready_made import READY_MADE
from dashboard.actions.writing import SIGNPOST, Actor, Refused, Values, Writing, differences, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Template
from dashboard.rules import text

COPIED = ("noun", "stage", "title", "body", "impacts", "sections", "next_minutes", "tells")


def make_ready(at: datetime) -> int:
    """Make those that come with the product and were never made here; how many that is."""
    with writing(SIGNPOST, at) as work:
        known = set(db.session.scalars(sa.select(Template.once)))
        missing = [ready for ready in READY_MADE if ready.once not in known]
        for ready in missing:
            values = ready._asdict()
            _make(work, values.pop("once"), values)
        return len(missing)


def create(once: str, values: Values, by: Actor, at: datetime) -> Change | None:
    """``values`` are its columns. None when this form has made one already. Raises Refused for a name that stands in
    the list already."""
    with writing(by, at) as work:
        if _of_form(once):
            return None
        _refuse_taken(values["noun"], values["name"])
        return _make(work, once, values)


def copy(template_id: int, once: str, by: Actor, at: datetime) -> Change | None:
    """Another one like it, at the end of the list, under a name of its own."""
    with writing(by, at) as work:
        if _of_form(once):
            return None
        found = db.session.get_one(Template, template_id)
        values = {name: getattr(found, name) for name in COPIED}
        return _make(work, once, {"name": _free_name(found), **values})


def edit(template_id: int, version: int, values: Values, by: Actor, at: datetime) -> Change | None:
    """None when it is so already, whoever made it so."""
    with writing(by, at) as work:
        template = db.session.get_one(Template, template_id)
        if not differences(template, values)[1]:
            return None
        same_version(template, version, f"template-{template_id}")
        return alter(work, template, values, "template.edit")


def move(template_id: int, up: bool, by: Actor, at: datetime) -> Change | None:
    """One place up or down among those for the same; None where there is none, and for one that is archived."""
    with writing(by, at) as work:
        template = db.session.get_one(Template, template_id)
        order = moved(in_order(template.noun), template, up)
        if order is None:
            return None
        after = {"order": [row.name for row in order]}
        return work.record("template.move", f"template-{template.id}", template.name, None, after)


def archive(template_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    return _set_archived(template_id, version, at, "template.archive", by, at)


def restore(template_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    return _set_archived(template_id, version, None, "template.restore", by, at)


def alter(work: Writing, template: Template, values: Values, kind: str) -> Change | None:
    """Within an open transaction. Raises Refused where two in the list would have one name."""
    name = values.get("name", template.name)
    if values.get("archived_at", template.archived_at) is None:
        _refuse_taken(template.noun, name, besides=template.id)
    return work.change(template, values, kind, f"template-{template.id}", name)


def in_order(noun: str) -> list[Template]:
    """Those to choose from, for an incident or a window."""
    rows = sa.select(Template).where(Template.noun == noun, Template.archived_at.is_(None))
    return list(db.session.scalars(rows.order_by(Template.position, Template.id)))


def _set_archived(
    template_id: int, version: int, archived_at: datetime | None, kind: str, by: Actor, at: datetime
) -> Change | None:
    with writing(by, at) as work:
        template = db.session.get_one(Template, template_id)
        if (template.archived_at is None) == (archived_at is None):
            return None
        same_version(template, version, f"template-{template_id}")
        return alter(work, template, {"archived_at": archived_at}, kind)


def _make(work: Writing, once: str, values: Values) -> Change:
    last = db.session.scalar(sa.select(sa.func.max(Template.position)))
    template = Template(once=once, position=(last or 0) + 1, created_at=work.at, **values)
    db.session.add(template)
    db.session.flush()
    after = {**values, "version": template.version}
    return work.record("template.create", f"template-{template.id}", template.name, None, after)


def _of_form(once: str) -> bool:
    return db.session.scalar(sa.select(Template.id).where(Template.once == once)) is not None


def _refuse_taken(noun: str, name: str, besides: int | None = None) -> None:
    """Writers choose by the name; two of one name are a trap."""
    if any(row.name == name and row.id != besides for row in in_order(noun)):
        raise Refused("name", f"There is a template “{name}” already. Choose another name.")


def _free_name(template: Template) -> str:
    taken = {row.name for row in in_order(template.noun)}
    stem = template.name[: text.LINE - 20]
    return next(name for number in count(1) if (name := f"{stem} (copy {number})") not in taken)
