"""Starting from a template: its words come into the form of an incident, and what was typed elsewhere stays."""

from __future__ import annotations

from flask import Blueprint, abort, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.actions import drafts
from dashboard.clock import now
from dashboard.models import Incident
from dashboard.rules import text
from dashboard.views import prefill, typed
from dashboard.views.access import actor, may, me
from dashboard.views.htmx import leave
from dashboard.views.incident_pages import form_name
from dashboard.views.incident_shown import incident_or_404, is_out

blueprint = Blueprint("starting", __name__, url_prefix="/admin/incidents")


@blueprint.app_template_global("templates_for")
def templates_for(noun: str) -> list[tuple[int, str]]:
    return prefill.offered(noun)


@blueprint.post("/new/template")
@may("incidents.write")
def new() -> ResponseReturnValue:
    return _fill(None)


@blueprint.post("/<int:incident_id>/template")
@may("incidents.write")
def more(incident_id: int) -> ResponseReturnValue:
    """For one that is out its next update, for a draft all of it."""
    return _fill(incident_or_404(incident_id))


@blueprint.post("/new/template/back")
@may("incidents.write")
def new_back() -> ResponseReturnValue:
    return _put_back(None)


@blueprint.post("/<int:incident_id>/template/back")
@may("incidents.write")
def more_back(incident_id: int) -> ResponseReturnValue:
    return _put_back(incident_or_404(incident_id))


def _fill(incident: Incident | None) -> ResponseReturnValue:
    """What was typed is kept as it was, to be put back; then with the template's words in it."""
    at, name, to = now(), form_name(incident), _here(incident)
    over = request.form.get("over", "")
    chosen = _template(over or request.form.get("template", ""))
    offered = prefill.incident(chosen) if chosen else {}
    kept = {} if over else _own_words(offered)
    typed.keep(_before(name), at)
    typed.keep(name, at, {field: value for field, value in offered.items() if value or field == "tells"} | kept)
    if not offered:
        return leave(to, "Choose a template first. What you typed is still here.")
    if kept:
        said = "What you wrote stays. The template’s own words are below, to use instead."
        return leave(f"{to}?filled={chosen}&kept=y", said)
    return leave(f"{to}?filled={chosen}", "The template’s words are in the form. What else you typed is still here.")


def _own_words(offered: dict[str, str]) -> dict[str, str]:
    """The title and the message that a person wrote, and no template before: they stay."""
    earlier = prefill.incident(_template(request.form.get("filled", "")))
    typed_here = {name: request.form.get(name, "").replace("\r\n", "\n") for name in ("title", "body")}
    return {
        name: words
        for name, words in typed_here.items()
        if words.strip() and offered.get(name) and words not in (earlier.get(name), offered[name])
    }


def _template(typed: str) -> int:
    """Its id; 0 is none."""
    return text.whole_number(typed, 2**31 - 1) or 0


@blueprint.app_template_global("words_of_template")
def words_of_template() -> dict[str, str]:
    """What the template says that was chosen for an incident last, where other words stayed."""
    given = prefill.incident(_template(request.args.get("filled", ""))) if "kept" in request.args else {}
    return {name: given[name] for name in ("title", "body") if given.get(name)}


def _put_back(incident: Incident | None) -> ResponseReturnValue:
    name, at = form_name(incident), now()
    kept = typed.kept(_before(name)) or abort(404)
    drafts.keep(me().id, name, {field: kept[0].getlist(field) for field in kept[0]}, actor(), at)
    typed.drop(_before(name), at)
    return leave(_here(incident), "What you had typed is back.")


def _before(form: str) -> str:
    return f"{form}-before"


def _here(incident: Incident | None) -> str:
    if incident is None:
        return url_for("incidents.new")
    return url_for("incidents.show" if is_out(incident, now()) else "incidents.draft", incident_id=incident.id)
