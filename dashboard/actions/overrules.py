"""Keeping one section open in spite of a window."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions import sections
from dashboard.actions.writing import Actor, Refused, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Dependency, Overrule, Section, Window, WindowComponent, WindowSection


def start(
    section_id: int, window_id: int, ends_at: datetime, reason: str, once: str, by: Actor, at: datetime
) -> Change | None:
    """Open in spite of the window until ``ends_at``, or until the window ends if that is sooner: when PagerDuty moves
    it, somebody decides anew. None when this very form did so already, or the section is kept open so long anyway."""
    with writing(by, at) as work:
        section = db.session.get_one(Section, section_id)
        window = refuse(section, window_id, at)
        if ends_at <= at:
            raise Refused("until_at", "That time has passed. Choose one that is still to come.")
        ends_at = min(ends_at, window.ends_at)
        if _is_kept_open(section, window, ends_at, once):
            return None
        overrule = Overrule(
            window_id=window.id,
            section_id=section.id,
            starts_at=at,
            ends_at=ends_at,
            reason=reason,
            by_id=by.person_id,
            by=by.name,
            created_at=at,
            once=once,
        )
        db.session.add(overrule)
        db.session.flush()
        after = {"window": window.name, "ends_at": ends_at.isoformat(), "reason": reason}
        subject = f"overrule-{overrule.id}"
        return work.record(
            "overrule.start", subject, section.name, None, {**after, "version": overrule.version}, section.id
        )


def end(overrule_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Let the window count again from now on."""
    with writing(by, at) as work:
        overrule = db.session.get_one(Overrule, overrule_id)
        same_version(overrule, version, f"overrule-{overrule_id}")
        if overrule.ends_at <= at:
            return None
        section = db.session.get_one(Section, overrule.section_id)
        return work.change(
            overrule, {"ends_at": at}, "overrule.end", f"overrule-{overrule.id}", section.name, section.id
        )


def refuse(section: Section, window_id: int, at: datetime) -> Window:
    """The window, if it takes or will take the section off; Refused if not."""
    window = db.session.get_one(Window, window_id)
    if window.gone_at is not None or window.ends_at <= at:
        raise Refused("", f"{window.name} is over: there is nothing to keep {section.name} open for.")
    through = sa.select(Dependency.section_id).join(
        WindowComponent, WindowComponent.component_id == Dependency.component_id
    )
    reached = through.where(
        WindowComponent.window_id == window_id,
        Dependency.section_id.in_(sections.line_of(section.id)),
        Dependency.on_window != "nothing",
    )
    itself = sa.select(WindowSection.section_id).where(
        WindowSection.window_id == window_id,
        WindowSection.section_id.in_(sections.line_of(section.id)),
        WindowSection.effect != "nothing",
    )
    if db.session.scalar(reached.limit(1)) is None and db.session.scalar(itself.limit(1)) is None:
        raise Refused("", f"{window.name} does not touch {section.name}: it stays open anyway.")
    return window


def _is_kept_open(section: Section, window: Window, ends_at: datetime, once: str) -> bool:
    covers = sa.and_(Overrule.window_id == window.id, Overrule.section_id == section.id, Overrule.ends_at >= ends_at)
    return db.session.scalar(sa.select(Overrule.id).where(sa.or_(Overrule.once == once, covers)).limit(1)) is not None
