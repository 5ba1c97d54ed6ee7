"""PagerDuty: whether it answers, which of its services stand for which component, and what that would take off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from dashboard import publish, queue
from dashboard.actions import mapping
from dashboard.actions.mapping import Mapping
from dashboard.actions.undo import offered
from dashboard.actions.windows import NAME
from dashboard.actions.writing import Refused
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Component, Dependency, Section, Service, Source
from dashboard.polling import account
from dashboard.rules import text
from dashboard.snapshot import in_tree_order, snapshot_at
from dashboard.sources import pagerduty as source
from dashboard.sources.pagerduty_records import ServiceRecord, is_id
from dashboard.sources.parse import Trouble
from dashboard.views import fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import is_partial, leave, refuse, respond
from dashboard.views.trials import NEW, PATIENCE, Trial, tried

_WINDOWS_LEAVE = "Its planned work goes when PagerDuty is next asked."
_WINDOWS_STAY = "No other service is mapped, so its planned work stays until it ends."

blueprint = Blueprint("pagerduty", __name__, url_prefix="/admin/pagerduty")


class MappingForm(FlaskForm):
    component = SelectField("Component", coerce=int, invalid_choice_message="Choose a component from the list.")
    new_name = fields.line("Name of the new component")
    sections = fields.ticks("Sections that its planned work takes off")

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.component.data == NEW and not self.new_name.data:
            self.new_name.errors = ["Give the new component a name."]
            return False
        return True


@dataclass(frozen=True, slots=True)
class Row:
    """A service, the component that stands for it, and the sections that its windows reach."""

    service: Service
    component: Component
    sections: tuple[tuple[Section, Dependency], ...]


@blueprint.get("")
@may("pagerduty.read")
def index() -> ResponseReturnValue:
    return render_template("pagerduty/index.html", **_board())


@blueprint.get("/services")
@may("pagerduty.write")
def choose() -> ResponseReturnValue:
    """The account's services, asked for now."""
    words = text.clean_line(request.args.get("q", ""))[: text.LINE]
    found, trouble = _services()
    mapped = set(db.session.scalars(sa.select(Service.external_id)))
    return render_template(
        "pagerduty/_services.html" if is_partial() else "pagerduty/services.html",
        services=[service for service in found if words.lower() in service.name.lower()],
        any=bool(found),
        mapped=mapped,
        trouble=trouble,
        prefix=settings().pagerduty_prefix,
        q=words,
    )


@blueprint.route("/services/<external_id>", methods=["GET", "POST"])
@may("pagerduty.write")
def connect(external_id: str) -> ResponseReturnValue:
    """Which component stands for the service, and what its planned work takes off: all in one form."""
    name = _name_or_404(external_id)
    short_name = name.removeprefix(settings().pagerduty_prefix).strip()
    form = _form(_standing_for(external_id, short_name))
    if request.method == "GET":
        form.new_name.data = short_name
        return _show(form, external_id, name)
    if not form.validate():
        return _show(form, external_id, name, status=422)
    component_id = form.component.data or None
    wanted = Mapping(external_id, name, component_id, form.new_name.data or "", frozenset(form.sections.data or ()))
    try:
        component = mapping.connect(wanted, actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form, external_id, name, status=422)
    queue.enqueue(queue.POLL)
    return leave(
        url_for(".index"),
        f"{name} is mapped to {component.name}. Its planned work arrives when PagerDuty is next asked.",
    )


@blueprint.post("/services/<external_id>/try")
@may("pagerduty.write")
def attempt(external_id: str) -> ResponseReturnValue:
    """What the mapping would bring in. Nothing is written."""
    name = _name_or_404(external_id)
    form = _form()
    at = now()
    component_id = form.component.data if isinstance(form.component.data, int) else NEW
    section_ids = frozenset(form.sections.data or ())
    trial = tried(account(settings()), external_id, component_id, section_ids, publish.read_facts(at), at)
    if is_partial():
        return render_template("pagerduty/_trial.html", trial=trial)
    return _show(form, external_id, name, trial)


@blueprint.post("/services/<external_id>/unmap")
@may("pagerduty.write")
def unmap(external_id: str) -> ResponseReturnValue:
    key = request.form.get("component", "")
    is_key = text.is_component_key(key)
    component = db.session.scalar(sa.select(Component).where(Component.key == key)) if is_key else None
    if component is None or not is_id(external_id):
        abort(404)
    change = mapping.disconnect(external_id, component.id, actor(), now())
    queue.enqueue(queue.POLL)
    name = (change.before or {}).get("name") if change else external_id
    said = f"{name} is no longer mapped to {component.name}. {_WINDOWS_LEAVE if _rows() else _WINDOWS_STAY}"
    return respond("pagerduty/_board.html", url_for(".index"), said, offered(change), **_board())


def _show(
    form: MappingForm, external_id: str, name: str, trial: Trial | None = None, status: int = 200
) -> ResponseReturnValue:
    given = {"form": form, "external_id": external_id, "name": name, "trial": trial}
    return refuse("pagerduty/_form.html", "pagerduty/edit.html", status, **given)


def _standing_for(external_id: str, name: str) -> Component | None:
    """The component to offer for a service: the one it is mapped to already, or one of its name."""
    mapped = sa.select(Component).join(Service, Service.component_id == Component.id).order_by(Component.name)
    held = mapped.where(Service.external_id == external_id, Component.archived_at.is_(None))
    return db.session.scalars(held).first() or mapping.named(name)


def _form(likely: Component | None = None) -> MappingForm:
    form = MappingForm(component=request.args.get("component", likely.id if likely else NEW, int))
    components = sa.select(Component).where(Component.archived_at.is_(None)).order_by(Component.name)
    form.component.choices = [
        SelectChoice(NEW, "A new component, named below"),
        *(SelectChoice(row.id, row.name) for row in db.session.scalars(components)),
    ]
    form.component.choices.sort(key=lambda choice: likely is None or choice.value != likely.id)
    form.sections.choices = [
        SelectChoice(section.id, section.name, {"depth": depth})
        for section, depth in in_tree_order(publish.read_facts(now()).sections)
    ]
    return form


def _name_or_404(external_id: str) -> str:
    """The service's name as the list had it; it travels with the form, so that PagerDuty is asked once."""
    if not is_id(external_id):
        abort(404)
    return text.clean_line(request.values.get("name", ""))[: text.LINE] or external_id


def _board() -> dict[str, Any]:
    at = now()
    facts = publish.read_facts(at)
    row = db.session.get(Source, NAME)
    return {
        "has_key": bool(settings().pagerduty_api_key),
        "every": settings().poll_seconds,
        "source": row,
        "checked_at": next((one.checked_at for one in facts.sources if row and one.name == row.name), None),
        "stale": any(one.stale for one in snapshot_at(facts, at).sources if row and one.name == row.name),
        "rows": _rows(),
        "windows": [window for window in facts.windows if window.source == NAME],
    }


def _rows() -> list[Row]:
    sections: dict[int, list[tuple[Section, Dependency]]] = {}
    depends = sa.select(Section, Dependency).join(Dependency, Dependency.section_id == Section.id)
    for section, dependency in db.session.execute(depends.where(Section.archived_at.is_(None)).order_by(Section.name)):
        sections.setdefault(dependency.component_id, []).append((section, dependency))
    pairs = sa.select(Service, Component).join(Component, Component.id == Service.component_id)
    return [
        Row(service, component, tuple(sections.get(component.id, ())))
        for service, component in db.session.execute(pairs.order_by(Service.name, Component.name))
    ]


def _services() -> tuple[tuple[ServiceRecord, ...], str]:
    if not settings().pagerduty_api_key:
        return (), "No key is set, so PagerDuty cannot be asked. Set PAGERDUTY_API_KEY and start again."
    try:
        return source.services(account(settings()), settings().pagerduty_prefix, now(), PATIENCE), ""
    except Trouble as trouble:
        return (), trouble.sentence
