"""Incidents: the list, declaring one, those that are not out yet, and the details of those that are."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.actions import incidents as actions
from dashboard.actions.incident_parts import Details, updates_of
from dashboard.actions.undo import offered
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Incident
from dashboard.rules import text
from dashboard.views import blanks, conflict, fields, incident_shown, times, typed
from dashboard.views.access import actor, i_may, may
from dashboard.views.htmx import is_partial, leave
from dashboard.views.incident_forms import DraftForm, EditForm, IncidentForm, UpdateForm
from dashboard.views.incident_pages import (
    NEW,
    Written,
    back_to,
    blame,
    details_of,
    editor,
    fresh,
    opened,
    page,
    texts_of,
    vocabulary,
    written,
)
from dashboard.views.incident_picks import Held, Picks, picks
from dashboard.views.incident_shown import held_by, incident_or_404, is_out
from dashboard.views.times import Unclear
from dashboard.views.words import at_end, when

blueprint = Blueprint("incidents", __name__, url_prefix="/admin/incidents")

_LAST_PAGE = 10_000
LABELS = {
    "title": "Title",
    "broken": "What is broken",
    "affected": "Who is affected",
    "instead": "What to do instead",
    "expected": "When to expect a fix",
    "third_party": "Where it comes from",
    "third_party_url": "Link",
    "impact_override": "Impact",
}


@blueprint.get("")
@may("incidents.read")
def index() -> ResponseReturnValue:
    number = text.whole_number(request.args.get("page", "1"), _LAST_PAGE) or 1
    listed = incident_shown.listed(number, now())
    template = "incidents/_list.html" if is_partial() else "incidents/index.html"
    return render_template(template, listed=listed, **vocabulary())


@blueprint.route("/new", methods=["GET", "POST"])
@may("incidents.write")
def new() -> ResponseReturnValue:
    """A declaration: out now, later, or a draft."""
    at = now()
    if request.method == "GET":
        start = opened(None)
        form = fresh(IncidentForm, start.given)
        return page(None, form, picks(start.given, Held(), at), at, saved_at=start.saved_at)
    form, chosen = IncidentForm(), picks(request.form, Held(), at)
    asked: dict[str, times.Asked] = {}
    if _is_valid(form):
        try:
            said = written(form, chosen, _is_draft(), at)
            given = said.details, said.said, said.touches
            change = actions.declare(*given, form.once.data, said.out_at, actor(), at, said.meant_at)
        except (Unclear, Refused) as wrong:
            blame(form, chosen, wrong, asked)
        else:
            typed.drop(NEW, at)
            return _written(_of(change), change, at)
    return page(None, form, chosen, at, asked, status=422)


@blueprint.get("/<int:incident_id>")
@may("incidents.read")
def show(incident_id: int) -> ResponseReturnValue:
    """What was said of it, and the form for more; of one that is not out yet its own form."""
    at, incident = now(), incident_or_404(incident_id)
    if not is_out(incident, at):
        return redirect(url_for(".draft", incident_id=incident_id), 303)
    if not i_may("incidents.write"):
        return editor(incident, None, Picks([], []), at)
    start = opened(incident)
    stage = incident_shown.fact_of(incident).latest.stage
    form = fresh(UpdateForm, start.given, stage=stage)
    form.version.data = str(incident.version)
    return editor(incident, form, picks(start.given, held_by(incident, at), at), at, saved_at=start.saved_at)


@blueprint.route("/<int:incident_id>/draft", methods=["GET", "POST"])
@may("incidents.write")
def draft(incident_id: int) -> ResponseReturnValue:
    """One that is not out yet: write on, publish it now or later."""
    at, incident = now(), incident_or_404(incident_id)
    if request.method == "GET":
        return _open_draft(incident, at)
    form, chosen = DraftForm(), picks(request.form, held_by(incident, at), at)
    version = form.read_version()
    asked: dict[str, times.Asked] = {}
    if _is_valid(form):
        try:
            said = written(form, chosen, _is_draft(), at)
            given = said.details, said.said, said.touches
            change = actions.rewrite(incident_id, version, *given, said.out_at, actor(), at, said.meant_at)
        except (Unclear, Refused) as wrong:
            blame(form, chosen, wrong, asked)
        except Conflict as found:
            return _conflict(found, incident_or_404(incident_id), said, at)
        else:
            typed.drop(f"incident-{incident_id}", at)
            return _written(db.session.get_one(Incident, incident_id), change, at)
    return page(incident, form, chosen, at, asked, status=422)


@blueprint.post("/<int:incident_id>/discard")
@may("incidents.write")
def discard(incident_id: int) -> ResponseReturnValue:
    incident = incident_or_404(incident_id)
    title = incident.title
    try:
        change = actions.discard(incident_id, fields.version_of_request(), actor(), now())
    except Conflict as found:
        return leave(url_for(".index"), f"{conflict.sentence(found.change)} Look at it again.")
    typed.drop(f"incident-{incident_id}", now())
    return leave(url_for(".index"), f"The draft “{title}” was discarded.", offered(change))


@blueprint.post("/<int:incident_id>/call-off")
@may("incidents.write")
def call_off(incident_id: int) -> ResponseReturnValue:
    """What was to come out later is a draft again."""
    incident = incident_or_404(incident_id)
    title = incident.title
    try:
        change = actions.call_off(incident_id, fields.version_of_request(), actor(), now())
    except Conflict as found:
        return leave(url_for(".index"), f"{conflict.sentence(found.change)} Look at it again.")
    return leave(url_for(".index"), f"“{title}” is a draft again and will not be published by itself.", offered(change))


@blueprint.route("/<int:incident_id>/edit", methods=["GET", "POST"])
@may("incidents.write")
def edit(incident_id: int) -> ResponseReturnValue:
    """The details of one that is out."""
    at, incident = now(), incident_or_404(incident_id)
    if not is_out(incident, at):
        return redirect(url_for(".draft", incident_id=incident_id), 303)
    form = EditForm(obj=incident) if request.method == "GET" else EditForm()
    if request.method == "GET":
        form.version.data = str(incident.version)
        return render_template("incidents/edit.html", incident=incident, form=form, **vocabulary())
    version = form.read_version()
    if not form.validate():
        return render_template("incidents/edit.html", incident=incident, form=form, **vocabulary()), 422
    try:
        blanks.refuse(texts_of(form.details()))
        change = actions.edit(incident_id, version, form.details(), actor(), at)
    except Refused as wrong:
        fields.blame(form, wrong)
        return render_template("incidents/edit.html", incident=incident, form=form, **vocabulary()), 422
    except Conflict as found:
        latest = incident_or_404(incident_id)
        texts = _texts(latest, form.details())
        heading = f"“{latest.title}” was changed while you were at it"
        return conflict.answer(found, heading, latest.version, texts, back_to(latest))
    said = f"The details of “{form.title.data}” were changed." if change else "Nothing was changed."
    return leave(back_to(incident), said, offered(change))


def _open_draft(incident: Incident, at: datetime) -> ResponseReturnValue:
    if is_out(incident, at):
        return redirect(back_to(incident), 303)
    start, update = opened(incident), updates_of(incident.id)[0]
    is_earlier, is_later = update.at < update.visible_from, update.visible_from > at
    when_at = update.visible_from if is_later else update.at
    form = fresh(
        DraftForm,
        start.given,
        **{name: getattr(incident, name) for name in (*LABELS, "is_private")},
        stage=update.stage,
        body=update.body,
        tells=update.tells,
        when="later" if is_later else "earlier" if is_earlier else "now",
        when_at=times.typed(when_at) if is_later or is_earlier else None,
        next="at" if update.next_at else "none",
        next_at=times.typed(update.next_at) if update.next_at else None,
    )
    form.version.data = start.given.get("seen", str(incident.version))
    return page(incident, form, picks(start.given, held_by(incident, at), at), at, saved_at=start.saved_at)


def _is_draft() -> bool:
    return request.form.get("do") == "draft"


def _is_valid(form: IncidentForm) -> bool:
    """A draft needs no more than a title."""
    is_valid = bool(form.validate())
    if not _is_draft() and not form.body.data and not form.body.errors:
        form.body.errors = ["Say what readers need to know."]
        return False
    return is_valid


def _of(change: Change) -> Incident:
    return db.session.get_one(Incident, int(change.subject.removeprefix("incident-")))


def _written(incident: Incident, change: Change | None, at: datetime) -> ResponseReturnValue:
    """On to the page of what is out; to the list from what is not."""
    if incident.published_at is None:
        return leave(url_for(".index"), f"The draft “{incident.title}” is saved. Nobody outside sees it.")
    if incident.published_at > at:
        said = f"“{incident.title}” will be published {_on(incident.published_at)}."
        return leave(url_for(".index"), said)
    said = f"“{incident.title}” {_is_out(incident)}.{_and_next(incident)}"
    return leave(back_to(incident), said, tells=change.revision if change else None)


def _is_out(incident: Incident) -> str:
    return "is open, and private: nobody outside sees it" if incident.is_private else "is published"


def _on(t: datetime) -> str:
    words = when(t)
    return f"at {words}" if words[:1].isdigit() and len(words) == 5 else words


def _and_next(incident: Incident) -> str:
    next_at = incident_shown.fact_of(incident).next_at
    return f" You promised the next update by {at_end(next_at)}." if next_at else ""


def _texts(latest: Incident, mine: Details) -> conflict.Pairs:
    theirs = details_of(latest)
    return [(label, getattr(theirs, name), getattr(mine, name)) for name, label in LABELS.items()]


def _conflict(found: Conflict, latest: Incident, mine: Written, at: datetime) -> ResponseReturnValue:
    """Of one that was published meanwhile there is nothing to save on top of: say it in an update."""
    update = updates_of(latest.id)[0]
    texts = [*_texts(latest, mine.details), ("Message to the public", update.body, mine.said.body)]
    if is_out(latest, at):
        heading = f"“{latest.title}” was published while you were at it"
        return conflict.answer(found, heading, 0, texts, back_to(latest), keep="Say more in an update")
    heading = f"“{latest.title}” was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, back_to(latest))
