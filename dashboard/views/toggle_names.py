"""A toggle's names: another one for it, and letting go of one that it had."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from dashboard.actions import toggles as actions
from dashboard.actions.undo import offered
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.models import Toggle
from dashboard.rules import text
from dashboard.views import conflict, fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import leave, refuse
from dashboard.views.toggles import not_a_screen, toggle_or_404

blueprint = Blueprint("toggle_names", __name__, url_prefix="/admin/toggles")


class RenameForm(fields.VersionForm):
    new_name = fields.key("New name in code")

    def validate_new_name(self, field: Field) -> None:
        not_a_screen(field)


@blueprint.route("/<name>/rename", methods=["GET", "POST"])
@may("toggles.write")
def rename(name: str) -> ResponseReturnValue:
    toggle = toggle_or_404(name)
    form = RenameForm(new_name=toggle.name, version=toggle.version) if request.method == "GET" else RenameForm()
    if request.method == "GET":
        return _show(form, toggle)
    version = form.read_version()
    if not form.validate():
        return _show(form, toggle)
    wanted = form.new_name.data
    try:
        change = actions.rename(toggle.id, version, wanted, actor(), now())
    except Refused as refused:
        form.new_name.errors = [refused.sentence]
        return _show(form, toggle)
    except Conflict as found:
        return _conflict(found, name, wanted)
    said = f"{name} is called {wanted} now. Code that asks for {name} is told the same." if change else _UNCHANGED
    return leave(url_for("toggles.show", name=wanted), said, offered(change))


@blueprint.post("/<name>/names/<alias>/release")
@may("toggles.write")
def release(name: str, alias: str) -> ResponseReturnValue:
    toggle = toggle_or_404(name)
    version = fields.version_of_request()
    if not text.is_key(alias):
        abort(404)
    try:
        change = actions.release(toggle.id, version, alias, actor(), now())
    except Conflict as found:
        return _conflict(found, name)
    said = f"{alias} is let go of. Code that asks for it is told that it is not known." if change else _UNCHANGED
    return leave(url_for("toggles.show", name=toggle.name), said, offered(change))


_UNCHANGED = "Nothing was changed."


def _show(form: RenameForm, toggle: Toggle) -> ResponseReturnValue:
    status = 422 if request.method == "POST" else 200
    return refuse("toggles/_rename.html", "toggles/rename.html", status, form=form, toggle=toggle)


def _conflict(found: Conflict, name: str, wanted: str = "") -> ResponseReturnValue:
    latest = toggle_or_404(name)
    texts = [("Name", latest.name, wanted)] if wanted else []
    heading = f"{name} was changed while you were looking at it"
    return conflict.answer(found, heading, latest.version, texts, url_for("toggles.show", name=latest.name))
