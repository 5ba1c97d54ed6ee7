"""Components: the systems behind the sections, how each one is, and what depends on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField
from wtforms.fields.choices import SelectChoice

from dashboard import publish
from dashboard.actions import components as actions
from dashboard.actions.undo import offered
from dashboard.actions.writing import Actor, Conflict, Refused, Values, plain
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.documents.bars import bars_of
from dashboard.documents.html import STATUS_WORDS
from dashboard.models import Change, Component
from dashboard.rules import text
from dashboard.rules.status import Status
from dashboard.snapshot import snapshot_at
from dashboard.views import conflict, fields, times
from dashboard.views.access import actor, may
from dashboard.views.component_board import Row, board, depends_of, rows, services_of
from dashboard.views.differences import Told
from dashboard.views.htmx import is_partial, leave, refuse, respond
from dashboard.views.outage_forms import EndForm
from dashboard.views.outages import blame
from dashboard.views.telling import offers
from dashboard.views.times import Choice, Unclear
from dashboard.views.words import at_end, when

blueprint = Blueprint("components", __name__, url_prefix="/admin/components")

_TOLD = 20  # changes of a component on its own page
_NO_END = Choice("unknown", "Until further notice", "until somebody sets it again")


class StatusForm(EndForm, fields.VersionForm):
    """A status and its end: no ``until`` at all is until further notice."""

    status = SelectField(
        "Status",
        choices=[SelectChoice("", "As it is"), *(SelectChoice(status, STATUS_WORDS[status]) for status in Status)],
        invalid_choice_message="Choose one of the five statuses.",
    )


def today() -> date:
    return now().astimezone(settings().time_zone).date()


class ComponentForm(FlaskForm):
    name = fields.line("Name", required="Give it the name that its operators know.")
    group = fields.line("Group")
    description = fields.body("What it is")
    upstream_url = fields.link("Supplier’s status page", is_page=True)
    runbook_url = fields.link("Runbook", is_page=True)
    only_if_degraded = BooleanField("Show it only when something is wrong with it")
    start_date = fields.past_day("Known since", today)

    def values(self) -> Values:
        lines = {name: self[name].data or "" for name in ("group", "description", "upstream_url", "runbook_url")}
        return {
            "name": self.name.data,
            **lines,
            "only_if_degraded": self.only_if_degraded.data,
            "start_date": self.start_date.data,
        }


class NewComponentForm(ComponentForm, fields.KeyedForm):
    key = fields.key("Key", required=False, may_be_capital=True)

    def validate_key(self, field: Field) -> None:
        if text.is_component_key(field.data or ""):
            fields.not_a_screen("components.show", key=field.data)


class EditComponentForm(ComponentForm, fields.VersionForm):
    """Its key is never changed; its status is set in the list."""


@blueprint.get("")
@may("components.read")
def index() -> ResponseReturnValue:
    return render_template("components/index.html", **board(now()))


@blueprint.get("/<key>")
@may("components.read")
def show(key: str) -> ResponseReturnValue:
    """How it is and went, and what stands before and behind it."""
    component, at = _component_or_404(key), now()
    facts = publish.read_facts(at)
    snapshot = snapshot_at(facts, at)
    row = next((row for row in rows(facts, snapshot) if row.component.id == component.id), None)
    done = sa.select(Change).where(Change.subject == f"component-{component.id}").order_by(Change.id.desc())
    return render_template(
        "components/show.html",
        component=component,
        row=row,
        bars=bars_of(snapshot.history.past(row.now.fact)) if row else None,
        changes=list(db.session.scalars(done.limit(_TOLD))),
        depends=depends_of().get(component.id, []),
        services=services_of().get(component.id, []),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@may("components.write")
def new() -> ResponseReturnValue:
    form = NewComponentForm()
    if not form.validate_on_submit():
        return _show(form, None)
    try:
        actions.create(form.key.data, form.values(), actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form, None)
    return leave(url_for(".index"), f"{form.name.data} was added.")


@blueprint.route("/<key>/edit", methods=["GET", "POST"])
@may("components.write")
def edit(key: str) -> ResponseReturnValue:
    component = _component_or_404(key)
    form = EditComponentForm(obj=component) if request.method == "GET" else EditComponentForm()
    if request.method == "GET":
        return _show(form, component)
    version = form.read_version()
    if not form.validate():
        return _show(form, component)
    try:
        change = actions.edit(component.id, version, form.values(), actor(), now())
    except Conflict as found:
        return _edited_by_two(found, _component_or_404(key), form, version)
    said = f"{form.name.data} was changed." if change else "Nothing was changed."
    return leave(url_for(".show", key=key), said, offered(change))


@blueprint.route("/<key>/status", methods=["GET", "POST"])
@may("components.write")
def status(key: str) -> ResponseReturnValue:
    """How it is when no work is on, from now on: "" leaves it as it is. GET is the panel that asks until when."""
    component, at = _component_or_404(key), now()
    if component.archived_at is not None:
        abort(404)
    form = StatusForm()
    if request.method == "GET":
        return _panel(component, _filled(form, component, at), at)
    version = form.read_version()
    asked: dict[str, times.Asked] = {}
    if not form.validate():
        return _refused(component, form, at, asked)
    try:
        chosen, until = _chosen(form, component, at)
        change = actions.set_status(component.id, version, chosen, until, actor(), at)
    except (Unclear, Refused) as wrong:
        blame(form, wrong, asked)
        return _refused(component, form, at, asked)
    except Conflict as found:
        latest = _component_or_404(key)
        theirs = _words(Status(latest.status), latest.status_until)
        return _conflict(found, latest, [("Status", theirs, _words(chosen, until))])
    shown = board(at)
    row = next(row for group in shown["groups"].values() for row in group if row.component.id == component.id)
    said = _said(row, chosen, until)
    return respond("components/_board.html", url_for(".index"), said, *offers(change), **shown)


@blueprint.post("/<key>/move")
@may("components.write")
def move(key: str) -> ResponseReturnValue:
    component = _component_or_404(key)
    if request.form.get("to") not in ("up", "down"):
        abort(400)
    is_up = request.form["to"] == "up"
    change = actions.move(component.id, is_up, actor(), now())
    stays = f"{component.name} is the {'first' if is_up else 'last'} of its group already."
    said = f"{component.name} was moved {request.form['to']}." if change else stays
    return respond("components/_board.html", url_for(".index"), said, **board(now()))


@blueprint.post("/<key>/archive")
@may("components.write")
def archive(key: str) -> ResponseReturnValue:
    return _set_archived(key, actions.archive, "is archived. Its history is kept, and so is its key.")


@blueprint.post("/<key>/restore")
@may("components.write")
def restore(key: str) -> ResponseReturnValue:
    return _set_archived(key, actions.restore, "is back in the list.")


def _set_archived(
    key: str, act: Callable[[int, int, Actor, datetime], Change | None], words: str
) -> ResponseReturnValue:
    component = _component_or_404(key)
    version = fields.version_of_request()
    try:
        change = act(component.id, version, actor(), now())
    except Refused as refused:
        return refuse("components/_board.html", "components/index.html", wrong=refused.sentence, **board(now()))
    except Conflict as found:
        return _conflict(found, _component_or_404(key), [])
    said = f"{component.name} {words}"
    return respond("components/_board.html", url_for(".index"), said, offered(change), **board(now()))


def _filled(form: StatusForm, component: Component, at: datetime) -> StatusForm:
    """The panel as it opens: with the status that was chosen in the list, or else the one that holds."""
    asked = request.args.get("status", "")
    form.status.data = asked if asked in STATUS_WORDS else component.status
    form.version.data = str(component.version)
    form.zone.data = settings().time_zone.key
    form.until_at.data = times.typed(component.status_until or times.end_of_day(at))
    return form


def _panel(
    component: Component, form: StatusForm, at: datetime, asked: dict[str, times.Asked] | None = None, code: int = 200
) -> ResponseReturnValue:
    lengths = [choice for choice in times.lengths(60, at) if choice.value not in ("at", _NO_END.value)]
    return render_template(
        "components/_status.html" if is_partial() else "components/status.html",
        component=component,
        form=form,
        asked=asked or {},
        choices=[*lengths, _NO_END],
        statuses=[status for status in Status if status is not Status.OPERATIONAL],
        alone=not is_partial(),
    ), code


def _refused(
    component: Component, form: StatusForm, at: datetime, asked: dict[str, times.Asked]
) -> ResponseReturnValue:
    """Where it was asked: in the panel, which says until when, or in the list."""
    if form.until.data:
        return _panel(component, form, at, asked, 422)
    wrong = next(errors[0] for errors in form.errors.values())
    return refuse("components/_board.html", "components/index.html", wrong=wrong, **board(at))


def _chosen(form: StatusForm, component: Component, at: datetime) -> tuple[Status, datetime | None]:
    """Raises Unclear where there is no status to end, or the end does not mean one moment."""
    if form.until.data and not form.status.data:
        raise Unclear("status", "Choose how it is.")
    chosen = Status(form.status.data or component.status)
    if form.until.data in ("", None, _NO_END.value):
        return chosen, None
    if chosen is Status.OPERATIONAL:
        raise Unclear("status", "Choose what it is until then: what works needs no end.")
    if form.until.data != "at":
        return chosen, times.chosen_end(form.until.data, at, at)
    zone = times.zone_of(form.zone.data or settings().time_zone.key)
    return chosen, times.moment("until_at", form.until_at.data or "", form.until_exact.data or "", zone)


def _words(status: Status, until: datetime | None) -> str:
    is_for_a_time = until is not None and status is not Status.OPERATIONAL
    return f"{STATUS_WORDS[status]} until {at_end(until)}" if until and is_for_a_time else STATUS_WORDS[status]


def _said(row: Row, chosen: Status, until: datetime | None) -> str:
    """What was set, and what else holds that it does not show."""
    words = f"{row.component.name}: {_words(chosen, until).lower()}"
    if row.worked_on_until:
        return f"{words} once the planned work is over, at {at_end(row.worked_on_until)}."
    if row.status is not chosen:
        return f"{words}. It shows as {STATUS_WORDS[row.status].lower()}: {row.causes[0].words}."
    return f"{words}."


def _show(form: ComponentForm, component: Component | None) -> ResponseReturnValue:
    groups = sa.select(Component.group).where(Component.group != "").distinct().order_by(Component.group)
    return refuse(
        "components/_form.html",
        "components/edit.html",
        422 if request.method == "POST" else 200,
        form=form,
        component=component,
        today=today(),
        groups=list(db.session.scalars(groups)),
        depends=depends_of().get(component.id, []) if component else [],
    )


def _component_or_404(key: str) -> Component:
    found = db.session.scalar(sa.select(Component).where(Component.key == key)) if text.is_component_key(key) else None
    if found is None:
        abort(404)
    return found


def _edited_by_two(found: Conflict, latest: Component, form: ComponentForm, version: int) -> ResponseReturnValue:
    """What was left as it was read gives way to theirs; the form that is offered again says so already."""
    mine: dict[str, Any] = {name: plain(value) for name, value in form.values().items()}
    theirs = {name: plain(getattr(latest, name)) for name in mine}
    read = conflict.as_read(found.subject, version, theirs)
    kept = {name: theirs[name] if mine[name] == read[name] else mine[name] for name in mine}
    texts = [(one.label, one.before or "", one.after) for one in Told(when, at_end).between(theirs, kept)]
    again = [(name, "y" if value is True else str(value)) for name, value in kept.items() if value]
    return _conflict(found, latest, texts, again)


def _conflict(
    found: Conflict, latest: Component, texts: conflict.Pairs, again: conflict.Fields | None = None
) -> ResponseReturnValue:
    heading = f"{latest.name} was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".index"), again=again)
