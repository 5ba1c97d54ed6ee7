"""Two people at once: what the other did, beside what was typed here, and the way to build on it."""

from __future__ import annotations

import sqlalchemy as sa
from flask import render_template, request

from dashboard.actions.writing import Conflict, Values
from dashboard.db import db
from dashboard.models import Change
from dashboard.views.htmx import is_partial

Pairs = list[tuple[str, str, str]]
Fields = list[tuple[str, str]]


def answer(
    conflict: Conflict,
    heading: str,
    version: int,
    texts: Pairs,
    back: str,
    keep: str = "Keep theirs",
    again: Fields | None = None,
    use: tuple[str, dict[str, str]] | None = None,
) -> tuple[str, int]:
    """The 409 page. ``texts`` are (label, theirs, mine); ``version`` is the one that is true now: the form is offered
    again with it, as it was sent or with the fields ``again``. ``back`` is where one goes who keeps theirs; ``use`` the
    form, and its fields, into which the words that were typed here may go instead."""
    if again is None:
        again = [pair for pair in request.form.items(multi=True) if pair[0] not in ("csrf_token", "version")]
    page = "_conflict.html" if is_partial() else "conflict.html"
    words = {
        "change": conflict.change,
        "heading": heading,
        "version": version,
        "texts": [(label, theirs, mine) for label, theirs, mine in texts if theirs != mine],
        "again": again,
        "action": request.path,
        "back": back,
        "keep": keep,
        "use": use,
    }
    return render_template(page, **words), 409


def as_read(subject: str, version: int, values: Values) -> Values:
    """``values``, which are true now, as they were at that version: what was changed since is taken back."""
    read = dict(values)
    changes = sa.select(Change).where(Change.subject == subject).order_by(Change.id.desc())
    for change in db.session.scalars(changes):
        after: Values = change.after or {}
        if after.get("version", version + 1) <= version:
            break
        read |= change.before or {}
    return {name: read[name] for name in values}


def sentence(change: Change | None) -> str:
    """Who did what last, for a strip."""
    return f"{change.actor} has changed it since." if change else "It was changed since."
