"""Keeping one section open in spite of a window."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.writing import Actor, Refused, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Overrule, Section, Window


def start(
    section_id: int, window_id: int, ends_at: datetime, reason: str, once: str, by: Actor, at: datetime
) -> Change | None:
    """Open in spite of the window until ``ends_at``; None when this very form did so already."""
    with writing(by, at) as work:
        if db.session.scalar(sa.select(Overrule.id).where(Overrule.once == once)):
            return None
        section = db.session.get_one(Section, section_id)
        window = db.session.get_one(Window, window_id)
        if ends_at <= at:
            raise Refused("until", "That time has passed. Choose one that is still to come.")
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
        after = {"window": window.external_id, "ends_at": ends_at.isoformat(), "reason": reason}
        return work.record("overrule.start", f"overrule-{overrule.id}", section.name, None, after, section.id)


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
