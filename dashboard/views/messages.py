"""How messages look: each kind in each channel, from samples."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from dashboard.views.access import may

blueprint = Blueprint("messages", __name__, url_prefix="/admin/messages")


@blueprint.get("")
@may("followers.read")
def index() -> ResponseReturnValue:
    return render_template("messages/index.html")
