"""Two people at once: what the other did, beside what was typed here, and the way to build on it."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dashboard.actions.writing import Conflict
from dashboard.models import Change
from dashboard.views.htmx import is_partial

Pairs = list[tuple[str, str, str]]


def answer(
    conflict: Conflict, heading: str, version: int, texts: Pairs, back: str, keep: str = "Keep theirs"
) -> ResponseReturnValue:
    """The 409 page. ``texts`` are (label, theirs, mine); ``version`` is the one that is true now: the form is offered
    again with it. ``back`` is where one goes who keeps theirs."""
    again = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "version")]
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
    }
    return render_template(page, **words), 409


def sentence(change: Change | None) -> str:
    """Who did what last, for a strip."""
    return f"{change.actor} has changed it since." if change else "It was changed since."
