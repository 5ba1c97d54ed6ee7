"""What a template puts into a form, by the names of the form's fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.actions.templates import in_order
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Component, Section, Template
from dashboard.rules import filling, wording
from dashboard.views.words import this_moment

Touched = list[tuple[int, str, str]]  # the id and the name of each, and what becomes of it


def offered(noun: str) -> list[tuple[int, str]]:
    """The templates to choose from, by id and name, for incidents or windows."""
    return [(template.id, template.name) for template in in_order(noun)]


def incident(template_id: int) -> dict[str, str]:
    """For the forms of incidents: ``title``, ``stage``, ``body``, ``next`` (minutes, or "none"), ``tells`` ("y" or
    ""), ``component-<id>`` (a status) and ``section-<id>`` (an effect). Empty for a template that is not there."""
    template = _chosen(template_id, "incident")
    if template is None:
        return {}
    components, sections = _touched(Component, template.impacts), _touched(Section, template.sections)
    return {
        **_words(template, components, sections, "body"),
        "stage": template.stage,
        "next": str(template.next_minutes or "none"),
        **{f"component-{id}": status for id, _, status in components},
        **{f"section-{id}": effect for id, _, effect in sections},
    }


def window(template_id: int) -> dict[str, str]:
    """For the form of planned work: ``title``, ``message``, ``tells``, ``component-<id>`` ("y") and ``section-<id>``
    (an effect). Empty for a template that is not there."""
    template = _chosen(template_id, "window")
    if template is None:
        return {}
    components, sections = _touched(Component, template.impacts), _touched(Section, template.sections)
    return {
        **_words(template, components, sections, "message"),
        **{f"component-{id}": "y" for id, _, _ in components},
        **{f"section-{id}": effect for id, _, effect in sections},
    }


def worded(
    words: str,
    section_ids: Iterable[int],
    component_ids: Iterable[int],
    until: str = "",
    next_: str = "",
) -> str:
    """What was typed, with what is known by now in the place of the placeholders that were left in it."""
    if not filling.left(words):
        return words
    return filling.filled(
        words,
        section=filling.listed(_names(Section, section_ids)),
        component=filling.listed(_names(Component, component_ids)),
        until=until,
        next_=next_,
    )


def told(t: datetime | None) -> str:
    """In words that stay true for whoever reads them: of another day its date, never "tomorrow", and in which zone.
    "" where nothing is known."""
    if t is None:
        return ""
    zone = settings().time_zone
    today, day = this_moment().astimezone(zone).date(), t.astimezone(zone).date()
    words = wording.time_words(t, today if day == today else day - timedelta(days=7), zone)
    return f"{words} {t.astimezone(zone):%Z}"


def _chosen(template_id: int, noun: str) -> Template | None:
    found = db.session.get(Template, template_id)
    return found if found is not None and found.noun == noun and found.archived_at is None else None


def _words(template: Template, components: Touched, sections: Touched, body: str) -> dict[str, str]:
    """The times stay open: they follow from what is chosen beside."""
    names = {
        "section": filling.listed(name for _, name, _ in sections),
        "component": filling.listed(name for _, name, _ in components),
    }
    return {
        "title": filling.filled(template.title, **names),
        body: filling.filled(template.body, **names),
        "tells": "y" if template.tells else "",
    }


def _touched(model: type[Component | Section], words: dict[str, str]) -> Touched:
    """Those that are still there, in the order shown."""
    chosen = sa.select(model.id, model.name, model.key).where(model.key.in_(list(words)), model.archived_at.is_(None))
    rows = db.session.execute(chosen.order_by(model.position, model.id))
    return [(id, name, words[key]) for id, name, key in rows]


def _names(model: type[Component | Section], ids: Iterable[int]) -> list[str]:
    chosen = sa.select(model.name).where(model.id.in_(list(ids)))
    return list(db.session.scalars(chosen.order_by(model.position, model.id)))
