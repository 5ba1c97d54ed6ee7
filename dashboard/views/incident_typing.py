"""While an incident is being written: how it will look, what is kept of it, and who else is at it."""

from __future__ import annotations

import re

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.clock import now
from dashboard.views import typed
from dashboard.views.access import may
from dashboard.views.htmx import leave
from dashboard.views.incident_forms import IncidentForm, UpdateForm
from dashboard.views.incident_pages import NEW, details_of, looks, vocabulary
from dashboard.views.incident_picks import Held, picks
from dashboard.views.incident_shown import held_by, incident_or_404, is_out

blueprint = Blueprint("incident_typing", __name__, url_prefix="/admin/incidents")

_FORM = re.compile(r"incident-(?:new|[1-9][0-9]{0,8})")


@blueprint.post("/new/preview")
@may("incidents.write")
def preview_new() -> ResponseReturnValue:
    at = now()
    given = looks(None, IncidentForm(), picks(request.form, Held(), at), None, at)
    return _preview(given, with_meter=True)


@blueprint.post("/<int:incident_id>/preview")
@may("incidents.write")
def preview(incident_id: int) -> ResponseReturnValue:
    """Of one that is out with the next update; of one that is not, as it is typed."""
    at, incident = now(), incident_or_404(incident_id)
    chosen = picks(request.form, held_by(incident, at), at)
    if is_out(incident, at):
        return _preview(looks(incident, UpdateForm(), chosen, details_of(incident), at))
    return _preview(looks(incident, IncidentForm(), chosen, None, at), with_meter=True)


def _preview(given: dict[str, object], with_meter: bool = False) -> ResponseReturnValue:
    return render_template("incidents/_preview.html", live=True, with_meter=with_meter, **vocabulary(), **given)


@blueprint.route("/typed/<form>", methods=["GET", "POST"])
@may("incidents.write")
def keep(form: str) -> ResponseReturnValue:
    """POST keeps what is typed; GET tells who else is at it."""
    at = now()
    _known_or_404(form)
    if request.method == "POST":
        typed.keep(form, at)
        return render_template("incidents/_typed.html", answer="kept", saved_at=at)
    return render_template("incidents/_typed.html", answer="others", others=typed.named(typed.others(form, at)))


@blueprint.post("/typed/<form>/drop")
@may("incidents.write")
def drop(form: str) -> ResponseReturnValue:
    """Start again, from what there was before."""
    incident_id = _known_or_404(form)
    typed.drop(form, now())
    to = url_for("incidents.show", incident_id=incident_id) if incident_id else url_for("incidents.new")
    return leave(to, "What you had typed was dropped.")


def _known_or_404(form: str) -> int | None:
    """The incident's id, None of a new one."""
    if not _FORM.fullmatch(form):
        abort(404)
    return None if form == NEW else incident_or_404(int(form.removeprefix("incident-"))).id
