"""Deliveries: what was told to how many, what did not arrive, and a hand on all of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard import queue
from dashboard.actions import sending
from dashboard.channels import CHANNELS
from dashboard.clock import now
from dashboard.rules import text
from dashboard.views import delivery_log
from dashboard.views.access import actor, may
from dashboard.views.follower_list import shown
from dashboard.views.htmx import is_partial, leave, respond

blueprint = Blueprint("deliveries", __name__, url_prefix="/admin/notifications")

PAGE = 25
AUDIENCES = {"": "All", "public": "Followers", "staff": "Team channels"}
_WATCHED = timedelta(minutes=10)  # what has not arrived by then is tried again at long intervals
_AGAIN = 5_000  # are sent again by one press


@blueprint.get("")
@may("followers.read")
def index() -> ResponseReturnValue:
    return render_template("deliveries/_board.html" if is_partial() else "deliveries/index.html", **_board())


@blueprint.get("/<int:notification_id>")
@may("followers.read")
def show(notification_id: int) -> ResponseReturnValue:
    """It looks after itself while something waits."""
    news = delivery_log.news(notification_id) or abort(404)
    told = news.told
    by_channel = delivery_log.progress(notification_id)
    return render_template(
        "deliveries/_progress.html" if is_partial() else "deliveries/show.html",
        told=told,
        news=news,
        by_channel=by_channel,
        total=delivery_log.total(by_channel.values()),
        lines=delivery_log.failing(notification_id),
        is_new=now() - (told.released_at or told.due_at) < _WATCHED,
        **_names(),
    )


@blueprint.post("/again")
@may("followers.write")
def again() -> ResponseReturnValue:
    """One delivery, all of one follower, or all."""
    delivery, follower = (text.whole_number(request.form.get(name, ""), 2**31 - 1) for name in ("delivery", "follower"))
    ids = [delivery] if delivery else delivery_log.dead_ids(follower, _AGAIN)
    number = sending.replay(ids, actor(), now())
    if number:
        queue.enqueue(queue.DELIVER)
    said = "It is sent again." if number == 1 else f"{number:,} are sent again." if number else _NOTHING
    return respond("deliveries/_board.html", url_for(".index"), said, **_board())


@blueprint.post("/<int:notification_id>/stop")
@may("sending.hold")
def stop(notification_id: int) -> ResponseReturnValue:
    """Who has not been sent it is not sent it."""
    if delivery_log.news(notification_id) is None:
        abort(404)
    change = sending.stop(notification_id, actor(), now())
    said = "It is sent to nobody else." if change else "Nothing of it was waiting."
    return leave(url_for(".show", notification_id=notification_id), said)


@blueprint.post("/hold")
@may("sending.hold")
def hold() -> ResponseReturnValue:
    change = sending.hold(actor(), now())
    said = "Nothing is sent to followers until you let it go on." if change else "It was held already."
    return respond("deliveries/_board.html", url_for(".index"), said, **_board())


@blueprint.post("/go")
@may("sending.hold")
def go() -> ResponseReturnValue:
    change = sending.go(actor(), now())
    if change:
        queue.enqueue(queue.DELIVER)
    said = "Sending goes on. What waited is sent now." if change else "It was not held."
    return respond("deliveries/_board.html", url_for(".index"), said, **_board())


_NOTHING = "Nothing could be sent again: it was sent meanwhile, or is paused by somebody’s word."


def _board() -> dict[str, Any]:
    before = text.whole_number(request.args.get("before", ""), 2**31 - 1) or None
    to = request.args.get("to", "")
    to = to if to in AUDIENCES else ""
    found = delivery_log.lately(before, PAGE + 1, to)
    return {
        "news": found[:PAGE],
        "older": found[PAGE - 1].told.id if len(found) > PAGE else None,
        "before": before,
        "whom": to,
        "audiences": AUDIENCES,
        "lines": delivery_log.dead(),
        "dead": delivery_log.dead_count(),
        "waiting": delivery_log.waiting_count(),
        "to_tell": delivery_log.to_tell_count(),
        "held": delivery_log.held_since(),
        **_names(),
    }


def _names() -> dict[str, Any]:
    return {
        "channels": CHANNELS,
        "shown": shown,
        "again_most": _AGAIN,
    }
