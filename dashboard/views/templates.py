"""Templates: ready words and defaults for incidents and planned work, listed, made, edited and copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from dashboard import publish
from dashboard.actions import templates as actions
from dashboard.actions.undo import offered
from dashboard.actions.writing import Actor, Conflict, Refused, Values
from dashboard.clock import now
from dashboard.db import db
from dashboard.documents.html import STATUS_WORDS
from dashboard.models import Change, Component, Section, Template
from dashboard.rules import filling, wording
from dashboard.rules.incident import OPEN, Stage
from dashboard.rules.state import Effect
from dashboard.rules.status import Status
from dashboard.snapshot import in_tree_order
from dashboard.views import conflict, fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import is_partial, leave, refuse, respond

blueprint = Blueprint("templates", __name__, url_prefix="/admin/templates")

NOUNS = {"incident": "incidents", "window": "planned work"}
EFFECT_WORDS = {Effect.DOWN: "Take it off", Effect.WARN: "Show it as slow", Effect.NOTHING: "Only name it"}
_CHOOSE = "Choose from this list."
_LONGEST = 7 * 24 * 60  # minutes
_SOON = f"Give whole minutes, from 5 to {_LONGEST}, or leave it empty."
_STAGES = [SelectChoice(stage, stage.capitalize()) for stage in (*OPEN, Stage.RESOLVED)]


@dataclass(frozen=True, slots=True)
class Thing:
    """A component or a section that a template may touch, and what it does to it: "" is nothing at all."""

    key: str
    name: str
    word: str
    depth: int = 0


def _pairs(label: str) -> Any:
    """Values like "payments:major_outage"; an empty one for what is not touched."""
    return SelectMultipleField(label, invalid_value_message=_CHOOSE, invalid_choice_message=_CHOOSE)


class TemplateForm(FlaskForm):
    name = fields.line("Name", required="Give it a name to choose it by.")
    stage = RadioField("Stage", [InputRequired("Choose a stage.")], choices=_STAGES, default=Stage.INVESTIGATING)
    title = fields.line("Title")
    body = fields.body("Words for the public", rows=7)
    impacts = _pairs("Components")
    sections = _pairs("Sections")
    next_minutes = IntegerField("Next update after, in minutes", [Optional(), NumberRange(5, _LONGEST, _SOON)])
    tells = BooleanField("Tell followers")

    def offer(self, components: Iterable[Thing], sections: Iterable[Thing], noun: str) -> None:
        """Nothing but these is taken; planned work has no stage and no next update."""
        self.impacts.choices = _every(components, Status)
        self.sections.choices = _every(sections, Effect)
        if noun == "window":
            del self.stage, self.next_minutes

    def values(self) -> Values:
        given = {"name": self.name.data, "title": self.title.data or "", "body": self.body.data or ""}
        touched = {"impacts": _as_dict(self.impacts.data), "sections": _as_dict(self.sections.data)}
        timed = {"stage": self.stage.data, "next_minutes": self.next_minutes.data} if "stage" in self else {}
        return {**given, **touched, **timed, "tells": self.tells.data}


class NewTemplateForm(TemplateForm, fields.OnceForm):
    """What it is for stands in the address."""


class EditTemplateForm(TemplateForm, fields.VersionForm):
    """What it is for is never changed."""


@blueprint.get("")
@may("templates.read")
def index() -> ResponseReturnValue:
    return render_template("templates/index.html", **_board())


@blueprint.route("/new", methods=["GET", "POST"])
@may("templates.write")
def new() -> ResponseReturnValue:
    noun = "window" if request.args.get("noun") == "window" else "incident"
    form = NewTemplateForm(tells=True) if request.method == "GET" else NewTemplateForm()
    things = _things(form, noun, {}, {})
    if request.method == "GET" or _is_preview() or not form.validate():
        return _show(form, noun, None, things)
    try:
        change = actions.create(form.once.data, {"noun": noun, **form.values()}, actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form, noun, None, things)
    return leave(url_for(".index"), f"{form.name.data} was added.{_kept(form)}", offered(change))


@blueprint.route("/<int:template_id>/edit", methods=["GET", "POST"])
@may("templates.write")
def edit(template_id: int) -> ResponseReturnValue:
    template = _template_or_404(template_id)
    form = EditTemplateForm(data=_filled(template)) if request.method == "GET" else EditTemplateForm()
    things = _things(form, template.noun, template.impacts, template.sections)
    if request.method == "GET" or _is_preview():
        return _show(form, template.noun, template, things)
    version = form.read_version()
    if not form.validate():
        return _show(form, template.noun, template, things)
    try:
        change = actions.edit(template.id, version, form.values(), actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form, template.noun, template, things)
    except Conflict as found:
        return _conflict(found, _template_or_404(template_id), form)
    said = f"{form.name.data} was changed.{_kept(form)}" if change else "Nothing was changed."
    return leave(url_for(".index"), said, offered(change))


@blueprint.post("/<int:template_id>/copy")
@may("templates.write")
def copy(template_id: int) -> ResponseReturnValue:
    template = _template_or_404(template_id)
    once = request.form.get("once", "")
    if not 16 <= len(once) <= 40:
        abort(400)
    change = actions.copy(template.id, once, actor(), now())
    said = f"{change.subject_name} was added. Edit it to give it a name." if change else "It was copied already."
    return respond("templates/_board.html", url_for(".index"), said, offered(change), **_board())


@blueprint.post("/<int:template_id>/move")
@may("templates.write")
def move(template_id: int) -> ResponseReturnValue:
    template = _template_or_404(template_id)
    if request.form.get("to") not in ("up", "down"):
        abort(400)
    is_up = request.form["to"] == "up"
    change = actions.move(template.id, is_up, actor(), now())
    stays = f"{template.name} is the {'first' if is_up else 'last'} already."
    said = f"{template.name} was moved {request.form['to']}." if change else stays
    return respond("templates/_board.html", url_for(".index"), said, **_board())


@blueprint.post("/<int:template_id>/archive")
@may("templates.write")
def archive(template_id: int) -> ResponseReturnValue:
    return _set_archived(template_id, actions.archive, "is archived. What was written with it stays as it is.")


@blueprint.post("/<int:template_id>/restore")
@may("templates.write")
def restore(template_id: int) -> ResponseReturnValue:
    return _set_archived(template_id, actions.restore, "is back in the list.")


def _set_archived(
    template_id: int, act: Callable[[int, int, Actor, datetime], Change | None], words: str
) -> ResponseReturnValue:
    template = _template_or_404(template_id)
    version = fields.version_of_request()
    try:
        change = act(template.id, version, actor(), now())
    except Refused as refused:
        return refuse("templates/_board.html", "templates/index.html", wrong=refused.sentence, **_board())
    except Conflict as found:
        return _conflict(found, _template_or_404(template_id), None)
    said = f"{template.name} {words}"
    return respond("templates/_board.html", url_for(".index"), said, offered(change), **_board())


def _show(
    form: TemplateForm, noun: str, template: Template | None, things: tuple[list[Thing], list[Thing]]
) -> ResponseReturnValue:
    """The form with its preview; of a preview that htmx asks for, that alone."""
    given = {"form": form, "noun": noun, "nouns": NOUNS, "template": template, "preview": _preview(form)}
    if _is_preview() and is_partial():
        return render_template("templates/_preview.html", alone=True, **given)
    status = 422 if request.method == "POST" and not _is_preview() else 200
    words = {"components": things[0], "sections": things[1], "statuses": STATUS_WORDS, "effects": EFFECT_WORDS}
    placeholders = filling.PLACEHOLDERS
    return refuse("templates/_form.html", "templates/edit.html", status, placeholders=placeholders, **words, **given)


def _preview(form: TemplateForm) -> dict[str, Any]:
    """What a reader might get, what is not known in it, and the content checks."""
    title, body = form.title.data or "", form.body.data or ""
    return {
        "title": filling.sampled(title),
        "body": filling.sampled(body),
        "unknown": {"title": filling.unknown(title), "body": filling.unknown(body)},
        "checks": wording.checks(body, "{until}" in title + body, "{next}" in body, ""),
        "advice": wording.discouraged(f"{title} {body}"),
    }


def _is_preview() -> bool:
    return request.method == "POST" and request.form.get("do") == "preview"


def _kept(form: TemplateForm) -> str:
    """A word on what looks like a placeholder and is none."""
    found = filling.unknown(f"{form.title.data}\n{form.body.data}")
    return f" Nothing takes the place of {filling.listed(found)}: it stays as it is." if found else ""


def _things(
    form: TemplateForm, noun: str, impacts: dict[str, str], sections: dict[str, str]
) -> tuple[list[Thing], list[Thing]]:
    """The components and the sections to choose from, each with what is chosen of it in the form."""
    facts = publish.read_facts(now())
    live = [Thing(row.key, row.name, "") for row in facts.components]
    tree = [Thing(row.key, row.name, "", depth) for row, depth in in_tree_order(facts.sections)]
    live, tree = _with_archived(live, Component, impacts), _with_archived(tree, Section, sections)
    form.offer(live, tree, noun)
    return _chosen(live, form.impacts.data), _chosen(tree, form.sections.data)


def _with_archived(things: list[Thing], model: type[Component | Section], held: dict[str, str]) -> list[Thing]:
    """Also what the template holds and is archived by now, so that an edit does not drop it unseen."""
    gone = sa.select(model.key, model.name).where(model.archived_at.is_not(None), model.key.in_(list(held)))
    return things + [Thing(key, f"{name} (archived)", "") for key, name in db.session.execute(gone)]


def _chosen(things: Iterable[Thing], pairs: list[str] | None) -> list[Thing]:
    words = _as_dict(pairs)
    return [Thing(thing.key, thing.name, words.get(thing.key, ""), thing.depth) for thing in things]


def _every(things: Iterable[Thing], words: Iterable[str]) -> list[SelectChoice]:
    pairs = [f"{thing.key}:{word}" for thing in things for word in words]
    return [SelectChoice(pair, pair) for pair in ("", *pairs)]


def _as_dict(pairs: Iterable[str] | None) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in pairs or () if ":" in pair)


def _filled(template: Template) -> Values:
    kept = ("version", "name", "stage", "title", "body", "next_minutes", "tells")
    pairs = {name: [":".join(pair) for pair in getattr(template, name).items()] for name in ("impacts", "sections")}
    return {**{name: getattr(template, name) for name in kept}, **pairs}


def _template_or_404(template_id: int) -> Template:
    return db.session.get(Template, template_id) or abort(404)


def _board() -> dict[str, Any]:
    archived = sa.select(Template).where(Template.archived_at.is_not(None)).order_by(Template.name, Template.id)
    return {
        "groups": {noun: actions.in_order(noun) for noun in NOUNS},
        "nouns": NOUNS,
        "archived": list(db.session.scalars(archived)),
        "sampled": filling.sampled,
        "new_once": lambda: token_urlsafe(16),
    }


def _conflict(found: Conflict, latest: Template, form: EditTemplateForm | None) -> ResponseReturnValue:
    mine = form.values() if form else {}
    texts = [
        (words, _told(getattr(latest, name)), _told(mine[name])) for name, words in _LABELS.items() if name in mine
    ]
    heading = f"{latest.name} was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".index"))


_LABELS = {
    "name": "Name",
    "stage": "Stage",
    "title": "Title",
    "body": "Words",
    "impacts": "Components",
    "sections": "Sections",
    "next_minutes": "Next update after, in minutes",
    "tells": "Tell followers",
}


def _told(value: Any) -> str:
    """A value as one sees it beside another."""
    if isinstance(value, dict):
        words: dict[str, str] = {str(word): said for word, said in (*EFFECT_WORDS.items(), *STATUS_WORDS.items())}
        return ", ".join(f"{key}: {words.get(word, word)}" for key, word in sorted(value.items()))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")
