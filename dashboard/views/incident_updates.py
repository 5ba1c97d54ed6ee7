"""What is said of an incident that is out: the next update, and other words for one."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.actions import incident_updates as actions
from dashboard.actions.incident_parts import Said, updates_of
from dashboard.actions.undo import offered
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Incident, IncidentUpdate
from dashboard.rules.incident import Stage
from dashboard.views import blanks, conflict, fields, times, typed
from dashboard.views.access import actor, may
from dashboard.views.htmx import leave
from dashboard.views.incident_forms import STAGES, UpdateForm, WordsForm
from dashboard.views.incident_pages import back_to, blame, editor, spoken
from dashboard.views.incident_picks import picks
from dashboard.views.incident_shown import held_by, incident_or_404, is_out
from dashboard.views.times import Unclear
from dashboard.views.words import at_end, when

blueprint = Blueprint("incident_updates", __name__, url_prefix="/admin/incidents")


@blueprint.post("/<int:incident_id>/updates")
@may("incidents.write")
def post(incident_id: int) -> ResponseReturnValue:
    at, incident = now(), _out_or_404(incident_id)
    form, chosen = UpdateForm(), picks(request.form, held_by(incident, at), at)
    version = form.read_version()
    asked: dict[str, times.Asked] = {}
    if _is_valid(form):
        try:
            said = form.said(chosen.impacts(), at)
            touches = chosen.touches(form.read_zone(), at) if said.stage.is_open else ()
            said, restores = spoken(said, touches, incident), form.restores.data
            blanks.refuse({"body": said.body})
            change = actions.post(incident_id, version, said, touches, restores, form.once.data, actor(), at)
        except (Unclear, Refused) as wrong:
            blame(form, chosen, wrong, asked)
        except Conflict as found:
            return _conflict(found, incident_or_404(incident_id), said)
        else:
            typed.drop(f"incident-{incident_id}", at)
            return leave(back_to(incident), _said(incident, change), tells=change.revision if change else None)
    return editor(incident, form, chosen, at, asked, status=422)


@blueprint.route("/<int:incident_id>/updates/<int:update_id>/words", methods=["GET", "POST"])
@may("incidents.write")
def words(incident_id: int, update_id: int) -> ResponseReturnValue:
    """What was said, in other words. Readers see that it was edited."""
    at, incident = now(), _out_or_404(incident_id)
    update = db.session.get(IncidentUpdate, update_id)
    if update is None or update.incident_id != incident_id:
        abort(404)
    form = WordsForm(body=update.body) if request.method == "GET" else WordsForm()
    if request.method == "GET":
        form.version.data = str(incident.version)
        return _words_page(incident, update, form)
    version = form.read_version()
    if not form.validate():
        return _words_page(incident, update, form, 422)
    try:
        blanks.refuse({"body": form.body.data})
        change = actions.edit_words(incident_id, version, update_id, form.body.data, actor(), at)
    except Refused as wrong:
        fields.blame(form, wrong)
        return _words_page(incident, update, form, 422)
    except Conflict as found:
        latest = incident_or_404(incident_id)
        theirs = db.session.get_one(IncidentUpdate, update_id).body
        heading = f"“{latest.title}” was changed while you were at it"
        texts = [("Message to the public", theirs, form.body.data)]
        return conflict.answer(found, heading, latest.version, texts, back_to(latest))
    said = f"The update of {when(update.at)} was changed. Readers see that it was edited."
    return leave(back_to(incident), said if change else "Nothing was changed.", offered(change))


def _out_or_404(incident_id: int) -> Incident:
    incident = incident_or_404(incident_id)
    return incident if is_out(incident, now()) else abort(404)


def _is_valid(form: UpdateForm) -> bool:
    is_valid = bool(form.validate())
    if not form.body.data and not form.body.errors:
        form.body.errors = ["Say what is new, in a sentence or two."]
        return False
    return is_valid


def _words_page(
    incident: Incident, update: IncidentUpdate, form: fields.VersionForm, status: int = 200
) -> ResponseReturnValue:
    given = {"incident": incident, "update": update, "form": form, "stage": STAGES[Stage(update.stage)][0]}
    return render_template("incidents/words.html", **given), status


def _said(incident: Incident, change: Change | None) -> str:
    latest = updates_of(incident.id)[-1]
    by = f" You promised the next one by {at_end(latest.next_at)}." if latest.next_at else ""
    match change.kind if change else "":
        case "incident.resolve":
            return f"“{incident.title}” is resolved."
        case "incident.reopen":
            return f"“{incident.title}” is open again.{by}"
    return f"Your update is {'kept for staff' if incident.is_private else 'published'}.{by}"


def _conflict(found: Conflict, latest: Incident, mine: Said) -> ResponseReturnValue:
    """The newest update is what the two have in common."""
    update = updates_of(latest.id)[-1]
    texts = [
        ("Stage", STAGES[Stage(update.stage)][0], STAGES[mine.stage][0]),
        ("Message to the public", update.body, mine.body),
        ("Next update by", _by(update.next_at), _by(mine.next_at)),
    ]
    heading = f"Something was done to “{latest.title}” while you were at it"
    return conflict.answer(found, heading, latest.version, texts, back_to(latest), keep="Let mine go")


def _by(t: datetime | None) -> str:
    return at_end(t) if t else "No promise"
