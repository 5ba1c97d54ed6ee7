"""A team's own channels: told by whom and why, too. One is added by a test that arrives there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice

from dashboard import channels, publish
from dashboard.actions import followers as actions
from dashboard.actions.writing import Refused
from dashboard.channels import Unfit
from dashboard.clock import now
from dashboard.config import settings
from dashboard.views import fields, follower_list, tries
from dashboard.views.access import actor, may
from dashboard.views.follower_forms import NewForm
from dashboard.views.htmx import leave

blueprint = Blueprint("channels", __name__, url_prefix="/admin/channels")


@blueprint.get("")
@may("followers.read")
def index() -> ResponseReturnValue:
    found = follower_list.team()
    words = {"channels": channels.CHANNELS, "shown": follower_list.shown, "nothing": follower_list.Things()}
    return render_template("channels/index.html", followers=found, things=follower_list.things(found), **words)


@blueprint.route("/new", methods=["GET", "POST"])
@may("followers.write")
def new() -> ResponseReturnValue:
    form = NewForm()
    offered = channels.offered(settings(), is_staff=True)
    form.channel.choices = [SelectChoice(name, channel.label) for name, channel in offered.items()]
    form.offer(publish.read_facts(now()))
    if not form.validate_on_submit() or not _is_fit(form, offered) or not _arrives(form):
        return _ask(form)
    secret = form.secret.data if form.channel.data == "webhook" else ""
    given = form.channel.data, form.address.data, form.name.data, form.wants()
    try:
        change = actions.add_channel(*given, actor(), now(), secret)
    except Refused as refused:
        fields.blame(form, refused)
        return _ask(form)
    said = (
        f"The test arrived. {form.name.data} is told from now on." if change else f"{form.name.data} is here already."
    )
    return leave(url_for(".index"), said)


def _is_fit(form: NewForm, offered: Any) -> bool:
    try:
        form.address.data = offered[form.channel.data].fit(form.address.data)
    except Unfit as unfit:
        form.address.errors = [str(unfit)]
    return not form.address.errors


def _arrives(form: NewForm) -> bool:
    """A test is sent there now."""
    to = tries.recipient(form.channel.data, form.address.data, form.name.data, form.zone.data, form.secret.data)
    outcome = tries.send(tries.letter(tries.message(now()), to, now()))
    if not outcome.sent:
        form.address.errors = [f"The test did not arrive. {outcome.answer}"]
    return outcome.sent


def _ask(form: NewForm) -> ResponseReturnValue:
    return render_template("channels/new.html", form=form), 422 if form.is_submitted() else 200
