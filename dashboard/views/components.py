"""Components: the systems behind the sections, how each one is, and what depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from dashboard import publish
from dashboard.actions import components as actions
from dashboard.actions.undo import offered
from dashboard.actions.writing import Actor, Conflict, Refused, Values
from dashboard.clock import now
from dashboard.db import db
from dashboard.documents.html import STATUS_WORDS
from dashboard.facts import Facts, WindowFact
from dashboard.models import Change, Component, Dependency, Section, Service
from dashboard.rules import text
from dashboard.rules.status import Status
from dashboard.snapshot import snapshot_at
from dashboard.views import conflict, fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import leave, refuse, respond
from dashboard.views.words import at_end

blueprint = Blueprint("components", __name__, url_prefix="/admin/components")


class StatusForm(fields.VersionForm):
    status = SelectField(
        "Status",
        choices=[SelectChoice("", "As it is"), *(SelectChoice(status, STATUS_WORDS[status]) for status in Status)],
        invalid_choice_message="Choose one of the five statuses.",
    )


class ComponentForm(FlaskForm):
    name = fields.line("Name", required="Give it the name that its operators know.")
    group = fields.line("Group")

    def values(self) -> Values:
        return {"name": self.name.data, "group": self.group.data or ""}


class NewComponentForm(ComponentForm, fields.KeyedForm):
    key = fields.key("Key", required=False)


class EditComponentForm(ComponentForm, fields.VersionForm):
    """Its key is never changed; its status is set in the list."""


@dataclass(frozen=True, slots=True)
class Row:
    component: Component
    status: Status  # as it is shown now
    window: WindowFact | None  # the work on it that is going on
    services: tuple[Service, ...]
    depends: tuple[tuple[Section, Dependency], ...]

    @property
    def baseline(self) -> Status:
        return Status(self.component.status)


@blueprint.get("")
@may("components.read")
def index() -> ResponseReturnValue:
    return render_template("components/index.html", **_board())


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
        latest = _component_or_404(key)
        texts = [("Name", latest.name, form.name.data), ("Group", latest.group, form.group.data or "")]
        return _conflict(found, latest, texts)
    return leave(
        url_for(".index"), f"{form.name.data} was changed." if change else "Nothing was changed.", offered(change)
    )


@blueprint.post("/<key>/status")
@may("components.write")
def status(key: str) -> ResponseReturnValue:
    """How it is when no work is on: the baseline, from now on. "" leaves it as it is."""
    component = _component_or_404(key)
    form = StatusForm()
    version = form.read_version()
    if not form.validate():
        return refuse("components/_board.html", "components/index.html", wrong=form.status.errors[0], **_board())
    chosen = form.status.data or component.status
    try:
        change = actions.set_status(component.id, version, Status(chosen), None, actor(), now())
    except Conflict as found:
        latest = _component_or_404(key)
        theirs, mine = (STATUS_WORDS[Status(word)] for word in (latest.status, chosen))
        return _conflict(found, latest, [("Status", theirs, mine)])
    said = f"{component.name}: {STATUS_WORDS[Status(chosen)].lower()}{_from_when(component)}."
    return respond("components/_board.html", url_for(".index"), said, offered(change), **_board())


def _from_when(component: Component) -> str:
    """What is set while planned work is on shows only when that is over."""
    window = _window_on(publish.read_facts(now()).windows, component.id, now())
    return f" once the planned work is over, at {at_end(window.ends_at)}" if window else ""


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
    return respond("components/_board.html", url_for(".index"), said, **_board())


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
        return refuse("components/_board.html", "components/index.html", wrong=refused.sentence, **_board())
    except Conflict as found:
        return _conflict(found, _component_or_404(key), [])
    said = f"{component.name} {words}"
    return respond("components/_board.html", url_for(".index"), said, offered(change), **_board())


def _show(form: ComponentForm, component: Component | None) -> ResponseReturnValue:
    groups = sa.select(Component.group).where(Component.group != "").distinct().order_by(Component.group)
    return refuse(
        "components/_form.html",
        "components/edit.html",
        422 if request.method == "POST" else 200,
        form=form,
        component=component,
        groups=list(db.session.scalars(groups)),
        depends=_depends().get(component.id, []) if component else [],
        services=_services().get(component.id, []) if component else [],
    )


def _component_or_404(key: str) -> Component:
    found = db.session.scalar(sa.select(Component).where(Component.key == key)) if text.is_key(key) else None
    if found is None:
        abort(404)
    return found


def _board() -> dict[str, Any]:
    at = now()
    archived = sa.select(Component).where(Component.archived_at.is_not(None)).order_by(Component.name)
    groups: dict[str, list[Row]] = {}
    for row in _rows(publish.read_facts(at), at):
        groups.setdefault(row.component.group, []).append(row)
    return {"groups": groups, "statuses": list(Status), "archived": list(db.session.scalars(archived))}


def _rows(facts: Facts, at: datetime) -> Iterable[Row]:
    shown = {component.key: component.status for component in snapshot_at(facts, at).components}
    depends, services = _depends(), _services()
    kept = {row.id: row for row in db.session.scalars(sa.select(Component))}
    for fact in facts.components:
        yield Row(
            component=kept[fact.id],
            status=shown[fact.key],
            window=_window_on(facts.windows, fact.id, at),
            services=tuple(services.get(fact.id, ())),
            depends=tuple(depends.get(fact.id, ())),
        )


def _window_on(windows: Iterable[WindowFact], component_id: int, at: datetime) -> WindowFact | None:
    """The one that lasts longest, of those that are going on."""
    on_it = (window for window in windows if component_id in window.component_ids)
    going_on = (window for window in on_it if window.starts_at <= at < window.ends_at)
    return max(going_on, key=lambda window: window.ends_at, default=None)


def _depends() -> dict[int, list[tuple[Section, Dependency]]]:
    found: dict[int, list[tuple[Section, Dependency]]] = {}
    rows = sa.select(Section, Dependency).join(Dependency, Dependency.section_id == Section.id)
    for section, dependency in db.session.execute(rows.where(Section.archived_at.is_(None)).order_by(Section.name)):
        found.setdefault(dependency.component_id, []).append((section, dependency))
    return found


def _services() -> dict[int, list[Service]]:
    found: dict[int, list[Service]] = {}
    for service in db.session.scalars(sa.select(Service).order_by(Service.name)):
        found.setdefault(service.component_id, []).append(service)
    return found


def _conflict(found: Conflict, latest: Component, texts: conflict.Pairs) -> ResponseReturnValue:
    heading = f"{latest.name} was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".index"))
