"""The list of PagerDuty's services by the names that front ends know: taken in, given out, tried, and each one's way
from PagerDuty to a front end, checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, ValidationError

from dashboard import publish, queue
from dashboard.actions import mapping
from dashboard.actions.windows import NAME
from dashboard.actions.writing import Refused
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.documents import data
from dashboard.models import Component, Dependency, Section, Service, Sighting, Source
from dashboard.polling import account
from dashboard.rules import text
from dashboard.rules.place import is_by_hand, is_host
from dashboard.sightings import EMBED, FRAGMENT
from dashboard.sources import pagerduty, service_list
from dashboard.sources.parse import Trouble
from dashboard.sources.service_list import NotAList
from dashboard.views import fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import is_partial, leave, refuse
from dashboard.views.trials import PATIENCE

blueprint = Blueprint("services", __name__, url_prefix="/admin/pagerduty")

_LATELY = timedelta(days=1)  # a front end that asked within it is one that reads us


class ListForm(FlaskForm):
    services = TextAreaField(
        "Names and services",  # as typed: spaces at the beginning of a line mean something
        [DataRequired("Paste the list here.")],
        render_kw={"rows": 12, "maxlength": service_list.LARGEST, "spellcheck": "false"},
    )


@dataclass(frozen=True, slots=True)
class Tick:
    """A step on the way: done or not, in words, and what to do about it."""

    title: str
    is_done: bool
    words: str
    href: str = ""
    act: str = ""


@blueprint.get("/list.yml")
@may("pagerduty.read")
def as_list() -> ResponseReturnValue:
    headers = {"Content-Disposition": 'attachment; filename="services.yml"'}
    said = service_list.write(mapping.list_of_services())
    return Response(said, content_type="application/yaml; charset=utf-8", headers=headers)


@blueprint.route("/list", methods=["GET", "POST"])
@may("pagerduty.write")
def take() -> ResponseReturnValue:
    form = ListForm()
    if not form.validate_on_submit():
        return _show(form)
    try:
        services = service_list.read(form.services.data)
        for name in services:
            fields.not_a_screen("components.show", key=name)
        taken = mapping.take_list(services, actor(), now())
    except (NotAList, ValidationError) as wrong:
        form.services.errors = [str(wrong)]
        return _show(form)
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form)
    queue.enqueue(queue.POLL)
    return leave(url_for("pagerduty.index"), _said(taken))


@blueprint.get("/diagnostics.json")
@may("pagerduty.write")
def diagnostics() -> ResponseReturnValue:
    """Each name with how PagerDuty answers for its service, in the shape of the VA's own. PagerDuty is asked now."""
    services = mapping.list_of_services()
    ids = dict.fromkeys(id for named in services.values() for id in named)
    try:
        answers = pagerduty.seen(account(settings()), ids, now(), PATIENCE) if ids else {}
    except Trouble as trouble:
        return Response(data.encode({"error": trouble.sentence}), 503, content_type="application/json; charset=utf-8")
    unmapped = sa.select(Component.key).where(Component.archived_at.is_(None), Component.key.not_in(services))
    results = [_result(name, id, answers[id]) for name, named in services.items() for id in named]
    results += [_result(name, None, None) for name in db.session.scalars(unmapped.order_by(Component.key))]
    bad = [result for result in results if result["status"] not in (200, None)]
    return Response(data.encode({"results": results, "bad": bad}), content_type="application/json; charset=utf-8")


@blueprint.get("/check/<key>")
@may("pagerduty.read")
def check(key: str) -> ResponseReturnValue:
    """From PagerDuty to a front end, in three steps that look after themselves."""
    if not text.is_component_key(key):
        abort(404)
    component = db.session.scalar(sa.select(Component).where(Component.key == key)) or abort(404)
    template = "pagerduty/_check.html" if is_partial() else "pagerduty/check.html"
    return render_template(template, component=component, ticks=list(_ticks(component, now())))


def _show(form: ListForm) -> ResponseReturnValue:
    return refuse("pagerduty/_list.html", "pagerduty/list.html", 422 if form.is_submitted() else 200, form=form)


def _said(taken: mapping.Taken) -> str:
    if not taken.mapped:
        return "Nothing was changed: all of it is mapped already."
    made = f", {taken.made} of them to new components" if taken.made else ""
    return f"{len(taken.mapped)} mapped{made}. {taken.known} stood for their services already."


def _result(name: str, id: str | None, status: int | None) -> dict[str, str | int | None]:
    return {"setting_name": name, "service_id": id, "status": status}


def _ticks(component: Component, at: datetime) -> Iterator[Tick]:
    chosen = sa.select(Service).where(Service.component_id == component.id).order_by(Service.created_at)
    services = list(db.session.scalars(chosen))
    since = services[-1].created_at if services else component.created_at
    yield _asked(services, at)
    yield _mapped(component)
    yield _read(since, at)


def _asked(services: list[Service], at: datetime) -> Tick:
    title = "PagerDuty tells us of its planned work"
    if not services:
        return Tick(title, False, "No service is mapped to it yet.", url_for("pagerduty.choose"), "Map a service")
    refused = next((service for service in services if service.problem), None)
    if refused is not None:
        return Tick(title, False, f"PagerDuty refuses {refused.external_id}: {refused.problem}")
    source = db.session.get(Source, NAME)
    facts = publish.read_facts(at)
    checked_at = next((one.checked_at for one in facts.sources if one.name == NAME), None)
    if source is not None and source.error:
        return Tick(
            title, False, f"The last try failed: {source.error}", url_for("pagerduty.index"), "See what it says"
        )
    if checked_at is None or checked_at < services[-1].created_at:
        return Tick(title, False, f"It is asked within {settings().poll_seconds} s. This page looks by itself.")
    names = ", ".join(f"{service.name} ({service.external_id})" for service in services)
    return Tick(title, True, f"It answers for {names}.")


def _mapped(component: Component) -> Tick:
    title = "Its planned work reaches a section"
    depends = sa.select(Section.name).join(Dependency, Dependency.section_id == Section.id)
    reached = depends.where(Dependency.component_id == component.id, Dependency.on_window != "nothing")
    names = list(db.session.scalars(reached.where(Section.archived_at.is_(None)).order_by(Section.name)))
    if names:
        return Tick(title, True, f"It reaches {', '.join(names)}.")
    return Tick(title, False, "It affects no section yet.", url_for("sections.index"), "Choose one")


def _read(since: datetime, at: datetime) -> Tick:
    """Nobody tells us which names a front end looks for; that it asked, we see."""
    title = "A front end reads it"
    asked = sa.select(Sighting).where(Sighting.place != "", Sighting.kind == EMBED, Sighting.last_at > at - _LATELY)
    seen = list(db.session.scalars(asked.where(Sighting.last_at > since).order_by(Sighting.last_at.desc())))
    front_end = next(filter(_is_front_end, seen), None)
    if front_end is not None:
        return Tick(title, True, f"{front_end.place} asked since the service was mapped.")
    words = "No front end has asked since the service was mapped. It is seen within a minute."
    if seen:
        words = (
            f"Only {seen[0].place} asked since the service was mapped: that is a program, and no page. Open one once."
        )
    return Tick(title, False, words, url_for("embed.index"), "How to embed")


def _is_front_end(seen: Sighting) -> bool:
    """A page in a browser says on which host it is; what a server puts into its pages is read by a program."""
    return is_host(seen.place) or (seen.name == FRAGMENT and not is_by_hand(seen.place))
