"""What the frame around the admin's screens tells: how many sections are off, and what became true of them last."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from dashboard.db import db
from dashboard.models import Change
from dashboard.publish import press
from dashboard.rules.state import State
from dashboard.views.delivery_log import held_since
from dashboard.views.words import this_moment

_TOLD = (
    "outage.%",
    "incident.%",
    "overrule.%",
    "window.%",
    "section.%",
)  # of people and addresses nothing is told here


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        off_count=off_count, open_count=open_count, last_change=last_change, held_since=held_since
    )


def off_count() -> int:
    """As this process publishes it, so that no screen has to ask the database for it."""
    edition = press().at(this_moment())
    return sum(1 for section in edition.snapshot.sections if section.state is State.DOWN) if edition else 0


def open_count() -> int:
    """Of incidents that the public sees."""
    edition = press().at(this_moment())
    return sum(1 for incident in edition.snapshot.incidents if incident.is_open) if edition else 0


def last_change() -> Change | None:
    found = sa.select(Change).where(sa.or_(*(Change.kind.like(kind) for kind in _TOLD)))
    return db.session.scalar(found.order_by(Change.id.desc()).limit(1))
