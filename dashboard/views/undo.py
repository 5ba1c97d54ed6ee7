"""Taking back one change, from the strip that told of it."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from flask.typing import ResponseReturnValue

from dashboard import queue
from dashboard.actions import undo as undoing
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Review, Window
from dashboard.views import conflict
from dashboard.views.access import actor, i_may, signed_in
from dashboard.views.htmx import leave
from dashboard.views.outages import to_board
from dashboard.views.telling import offers

blueprint = Blueprint("undo", __name__, url_prefix="/admin/changes")

# Who may take back a change of this kind, or else of this noun, and where it shows.
_PLACES = {
    "outage": ("outages.write", "sections.index"),
    "overrule": ("outages.write", "sections.index"),
    "section": ("sections.write", "sections.index"),
    "toggle": ("toggles.write", "toggles.index"),
    "incident": ("incidents.write", "incidents.index"),
    "review": ("incidents.write", "reviews.show"),
    "component": ("components.write", "components.index"),
    "announcement": ("announcements.write", "announcements.index"),
    "template": ("templates.write", "templates.index"),
    "window": ("windows.write", "windows.index"),
    "series": ("windows.write", "windows.index"),
    undoing.UNMAPPED: ("pagerduty.write", "pagerduty.index"),
}


@blueprint.post("/<int:change_id>/undo")
@signed_in
def undo(change_id: int) -> ResponseReturnValue:
    """One needs the permission that the change itself needed."""
    change = db.session.get(Change, change_id) or abort(404)
    names = (change.kind, change.subject.partition("-")[0])
    permission, place = next((_PLACES[name] for name in names if name in _PLACES), None) or abort(404)
    if not i_may(permission):
        abort(403)
    said, undone = _undone(change_id)
    return to_board(said, undone) if place == "sections.index" else leave(_where(place, change), said, *offers(undone))


def _where(place: str, change: Change) -> str:
    if place == "reviews.show":
        review = db.session.get_one(Review, int(change.subject.removeprefix("review-")))
        return url_for(place, incident_id=review.incident_id)
    if place == "windows.index" and (window_id := _window_of(change)):
        return url_for("windows.show", window_id=window_id)
    return url_for(place)


def _window_of(change: Change) -> int | None:
    """The planned work it was done to, of a series the first that was touched, if it is still there."""
    noun, _, id = change.subject.partition("-")
    touched = [int(id)] if noun == "window" else (change.after or {}).get("windows")
    window = db.session.get(Window, touched[0]) if isinstance(touched, list) and touched else None
    return window.id if window else None


def _undone(change_id: int) -> tuple[str, Change | None]:
    try:
        change = undoing.undo(change_id, actor(), now())
    except Refused as refused:
        return f"That was not undone. {refused.sentence}", None
    except Conflict as found:
        return f"This can no longer be undone. {conflict.sentence(found.change)}", None
    if change and change.kind == "component.map":
        queue.enqueue(queue.POLL)
    return (f"{change.subject_name}: that was undone." if change else "There was nothing to undo."), change
