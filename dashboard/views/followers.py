"""Followers: how many there are and, for those who may see addresses, who; each one's choices, pause and removal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from dashboard import publish, queue
from dashboard.actions import followers as actions
from dashboard.actions.follower_rows import wants_of
from dashboard.actions.writing import Actor, Conflict, Refused
from dashboard.channels import CHANNELS
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Follower
from dashboard.rules import text
from dashboard.views import conflict, delivery_log, fields, follower_list, tries
from dashboard.views.access import actor, i_may, may
from dashboard.views.follower_forms import EditForm
from dashboard.views.follower_list import PAGE, PUBLIC, Filters, Things, shown
from dashboard.views.htmx import is_partial, leave, respond

blueprint = Blueprint("followers", __name__, url_prefix="/admin/followers")

_LONGEST_WHY = 200


class RemoveForm(FlaskForm):
    name = fields.line("Its address", 2_000, required="Type it, as it stands above.")


@blueprint.get("")
@may("followers.read")
def index() -> ResponseReturnValue:
    filters, before = Filters.of_request(), text.whole_number(request.args.get("before", ""), 2**31 - 1) or None
    is_whole = not filters.asked and before is None
    sees = i_may("followers.write")
    found = follower_list.page(filters, before) if sees else []
    return render_template(
        "followers/_list.html" if is_partial() else "followers/index.html",
        followers=found[:PAGE],
        things=follower_list.things(found[:PAGE]),
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        filters=filters,
        counts=follower_list.counts() if is_whole or not sees else None,
        **_names(),
    )


@blueprint.get("/things")
@may("followers.read")
def things() -> ResponseReturnValue:
    return render_template("followers/things.html", counts=follower_list.counts())


@blueprint.get("/<int:follower_id>")
@may("followers.write")
def show(follower_id: int) -> ResponseReturnValue:
    return render_template("followers/show.html", **_shown(_follower_or_404(follower_id)))


@blueprint.route("/<int:follower_id>/edit", methods=["GET", "POST"])
@may("followers.write")
def edit(follower_id: int) -> ResponseReturnValue:
    follower = _follower_or_404(follower_id)
    form = EditForm()
    form.offer(publish.read_facts(now()))
    if not follower.is_staff:
        del form.name
    if request.method == "GET":
        form.fill(wants_of(follower))
        form.version.data = str(follower.version)
        if follower.is_staff:
            form.name.data = follower.name
        return _ask(form, follower)
    version = form.read_version()
    if not form.validate():
        return _ask(form, follower)
    try:
        change = actions.edit(follower_id, version, form.name.data if form.name else "", form.wants(), actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _ask(form, follower)
    except Conflict as found:
        return _conflict(found, follower_id)
    said = "What it is told of was changed." if change else "Nothing was changed."
    return leave(url_for(".show", follower_id=follower_id), said)


@blueprint.post("/<int:follower_id>/pause")
@may("followers.write")
def pause(follower_id: int) -> ResponseReturnValue:
    why = text.clean_line(request.form.get("why", ""))[:_LONGEST_WHY]

    def act(id: int, version: int, by: Actor, at: datetime) -> Change | None:
        return actions.pause(id, version, why or f"{by.name} paused it.", by, at)

    return _done(follower_id, act, "It is paused: nothing is sent there.")


@blueprint.post("/<int:follower_id>/resume")
@may("followers.write")
def resume(follower_id: int) -> ResponseReturnValue:
    return _done(follower_id, actions.resume, "It is told again, from now on.")


@blueprint.post("/<int:follower_id>/test")
@may("followers.write")
def test(follower_id: int) -> ResponseReturnValue:
    """Its answer stands in the log once it is there."""
    follower = _follower_or_404(follower_id)
    lane = CHANNELS[follower.channel].lane(follower.address) if follower.channel in CHANNELS else ""
    try:
        actions.test(follower_id, tries.message(now()), lane, actor(), now())
    except Refused as refused:
        return leave(url_for(".show", follower_id=follower_id), refused.sentence)
    queue.enqueue(queue.DELIVER)
    said = "A test is on its way. What became of it stands below, first in the list."
    shows = _shown(_follower_or_404(follower_id))
    return respond("followers/_board.html", url_for(".show", follower_id=follower_id), said, **shows)


@blueprint.route("/<int:follower_id>/remove", methods=["GET", "POST"])
@may("followers.write")
def remove(follower_id: int) -> ResponseReturnValue:
    """It cannot be undone, so that what it is called is to be typed."""
    follower = _follower_or_404(follower_id)
    called, back = follower.name or follower.address, _list_of(follower)
    if follower.left_at is not None:
        return leave(back, "They have left already.")
    form = RemoveForm()
    if follower.is_staff:
        form.name.label.text = "Its name"
    if not form.validate_on_submit() or not _is_called(form, called):
        page = render_template("followers/remove.html", form=form, follower=follower, called=called)
        return page, 422 if form.is_submitted() else 200
    actions.remove(follower_id, actor(), now())
    return leave(back, f"{called} is removed. The address is erased.")


def _done(
    follower_id: int, act: Callable[[int, int, Actor, datetime], Change | None], words: str
) -> ResponseReturnValue:
    _follower_or_404(follower_id)
    version = fields.version_of_request()
    try:
        act(follower_id, version, actor(), now())
    except Refused as refused:
        return leave(url_for(".show", follower_id=follower_id), refused.sentence)
    except Conflict as found:
        return _conflict(found, follower_id)
    shows = _shown(_follower_or_404(follower_id))
    return respond("followers/_board.html", url_for(".show", follower_id=follower_id), words, **shows)


def _ask(form: EditForm, follower: Follower) -> ResponseReturnValue:
    page = render_template("followers/edit.html", form=form, follower=follower, **_names())
    return page, 422 if form.is_submitted() else 200


def _shown(follower: Follower) -> dict[str, Any]:
    return {
        "follower": follower,
        "things": follower_list.things([follower])[follower.id],
        "lines": delivery_log.of_follower(follower.id),
        "list": _list_of(follower),
        **_names(),
    }


def _names() -> dict[str, Any]:
    return {"channels": CHANNELS, "public": PUBLIC, "states": follower_list.STATES, "shown": shown, "nothing": Things()}


def _follower_or_404(follower_id: int) -> Follower:
    return db.session.get(Follower, follower_id) or abort(404)


def _list_of(follower: Follower) -> str:
    return url_for("channels.index" if follower.is_staff else "followers.index")


def _is_called(form: RemoveForm, called: str) -> bool:
    if form.name.data.casefold() == called.casefold():
        return True
    form.name.errors = [f"Type {called}, as it stands above."]
    return False


def _conflict(found: Conflict, follower_id: int) -> ResponseReturnValue:
    latest = _follower_or_404(follower_id)
    back = url_for(".show", follower_id=follower_id)
    return conflict.answer(found, "It was changed while you were at it", latest.version, [], back)
