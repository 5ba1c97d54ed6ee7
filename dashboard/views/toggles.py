"""Feature toggles: what front ends and back ends read, and which sections they follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from dashboard import publish
from dashboard.actions import toggles as actions
from dashboard.actions.undo import offered
from dashboard.actions.writing import Actor, Conflict, Refused, Values
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Change, Section, Toggle, ToggleAlias, ToggleSection
from dashboard.rules import text
from dashboard.snapshot import in_tree_order
from dashboard.views import conflict, fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import is_partial, leave, refuse, respond
from dashboard.views.toggle_uses import rows

blueprint = Blueprint("toggles", __name__, url_prefix="/admin/toggles")

FIRST = 100  # rows that are shown before somebody asks for all
_SCRIPT = """\
let isOn = false; // your own default
try {{
  const answer = await fetch("{url}/v0/feature_toggles?features={name}");
  isOn = (await answer.json()).data.features[0].value;
}} catch {{ /* it stands */ }}"""


class ToggleForm(FlaskForm):
    while_down = RadioField(
        "While one of its sections is down, this toggle reads",
        [InputRequired("Choose what it reads while a section is down.")],
        choices=[
            SelectChoice("on", "on", {"hint": "It hides something, like hide_direct_deposit."}),
            SelectChoice("off", "off", {"hint": "It allows something, like direct_deposit_enabled."}),
        ],
    )
    sections = fields.ticks("Sections it follows")
    sentence = fields.line("What it does, in a sentence", required="Say in a sentence what it does.")
    owner = fields.line("Owner", required="Say which team looks after it.")
    is_private = BooleanField("Told only to programs with a token")

    def values(self) -> Values:
        return {
            "while_down": self.while_down.data == "on",
            "owner": self.owner.data,
            "sentence": self.sentence.data,
            "is_private": self.is_private.data,
        }

    def section_ids(self) -> frozenset[int]:
        return frozenset(self.sections.data or ())


class NewToggleForm(ToggleForm):
    name = fields.key("Name in code")

    def validate_name(self, field: Field) -> None:
        not_a_screen(field)


class EditToggleForm(ToggleForm, fields.VersionForm):
    """Its name is another matter, for code somewhere asks for it: see `toggle_names`."""


@blueprint.get("")
@may("toggles.read")
def index() -> ResponseReturnValue:
    return render_template("toggles/_board.html" if is_partial() else "toggles/index.html", **_board())


@blueprint.route("/new", methods=["GET", "POST"])
@may("toggles.write")
def new() -> ResponseReturnValue:
    form = NewToggleForm(sections=_asked_for())
    form.sections.choices = _section_choices(())
    if not form.validate_on_submit():
        return _show(form, None)
    try:
        actions.create(form.name.data, form.values(), form.section_ids(), actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form, None)
    return leave(url_for(".index"), f"{form.name.data} was added.")


@blueprint.get("/<name>")
@may("toggles.read")
def show(name: str) -> ResponseReturnValue:
    toggle = toggle_or_404(name)
    (row,) = rows(now(), Toggle.id == toggle.id)
    changes = sa.select(Change).where(Change.subject == f"toggle-{toggle.id}").order_by(Change.id.desc()).limit(20)
    gone = sa.select(ToggleAlias).where(ToggleAlias.toggle_id == toggle.id, ToggleAlias.gone_at.is_not(None))
    return render_template(
        "toggles/show.html",
        row=row,
        toggle=toggle,
        changes=list(db.session.scalars(changes)),
        gone=list(db.session.scalars(gone.order_by(ToggleAlias.name))),
        script=_SCRIPT.format(url=settings().public_url, name=toggle.name),
    )


@blueprint.route("/<name>/edit", methods=["GET", "POST"])
@may("toggles.write")
def edit(name: str) -> ResponseReturnValue:
    toggle = toggle_or_404(name)
    kept = _section_ids(toggle.id)
    form = EditToggleForm(data=_filled(toggle, kept)) if request.method == "GET" else EditToggleForm()
    form.sections.choices = _section_choices(kept)
    if request.method == "GET":
        return _show(form, toggle)
    version = form.read_version()
    if not form.validate():
        return _show(form, toggle)
    try:
        change = actions.edit(toggle.id, version, form.values(), form.section_ids(), actor(), now())
    except Conflict as found:
        return _conflict(found, name, form)
    said = f"{name} was changed." if change else "Nothing was changed."
    return leave(url_for(".show", name=name), said, offered(change))


@blueprint.post("/<name>/archive")
@may("toggles.write")
def archive(name: str) -> ResponseReturnValue:
    return _set_archived(name, actions.archive, "is archived. Its history is kept, and so is its name.")


@blueprint.post("/<name>/restore")
@may("toggles.write")
def restore(name: str) -> ResponseReturnValue:
    return _set_archived(name, actions.restore, "is back in the list.")


def _set_archived(
    name: str, act: Callable[[int, int, Actor, datetime], Change | None], words: str
) -> ResponseReturnValue:
    toggle = toggle_or_404(name)
    version = fields.version_of_request()
    try:
        change = act(toggle.id, version, actor(), now())
    except Conflict as found:
        heading = f"{name} was changed while you were looking at it"
        return conflict.answer(found, heading, toggle_or_404(name).version, [], url_for(".index"))
    return respond("toggles/_board.html", url_for(".index"), f"{name} {words}", offered(change), **_board())


def _show(form: ToggleForm, toggle: Toggle | None) -> ResponseReturnValue:
    status = 422 if request.method == "POST" else 200
    return refuse("toggles/_form.html", "toggles/edit.html", status, form=form, toggle=toggle)


def _filled(toggle: Toggle, section_ids: list[int]) -> Values:
    return {
        "version": toggle.version,
        "while_down": _word(toggle.while_down),
        "sections": section_ids,
        "sentence": toggle.sentence,
        "owner": toggle.owner,
        "is_private": toggle.is_private,
    }


def toggle_or_404(name: str) -> Toggle:
    """An earlier name leads to the one that it has now."""
    if not text.is_key(name):
        abort(404)
    found = db.session.scalar(sa.select(Toggle).where(Toggle.name == name))
    if found is not None:
        return found
    now_called = sa.select(Toggle.name).join(ToggleAlias).where(ToggleAlias.name == name)
    known = db.session.scalar(now_called) or abort(404)
    return abort(redirect(url_for(str(request.endpoint), **{**(request.view_args or {}), "name": known}), 308))


def not_a_screen(field: Field) -> None:
    if text.is_key(field.data or ""):
        fields.not_a_screen("toggles.show", name=field.data)


def _board() -> dict[str, Any]:
    at = now()
    words = text.clean_line(request.args.get("q", ""))[: text.LINE]
    archived = sa.select(Toggle).where(Toggle.archived_at.is_not(None)).order_by(Toggle.name)
    listed = rows(at, Toggle.archived_at.is_(None))
    found = [row for row in listed if row.matches(words)]
    shown = found if request.args.get("every") == "1" else found[:FIRST]
    return {
        "rows": shown,
        "stale": [row for row in found if row.is_stale],
        "more": len(found) - len(shown),
        "any": bool(listed),
        "q": words,
        "archived": list(db.session.scalars(archived)),
    }


def _section_choices(kept: Iterable[int]) -> list[SelectChoice]:
    """Every section in the order of the tree; then those archived ones that the toggle follows already."""
    at = now()
    choices = [
        SelectChoice(str(section.id), section.name, {"depth": depth})
        for section, depth in in_tree_order(publish.read_facts(at).sections)
    ]
    gone = sa.select(Section).where(Section.archived_at.is_not(None), Section.id.in_(list(kept)))
    choices += (SelectChoice(str(row.id), f"{row.name} (archived)", {"depth": 0}) for row in db.session.scalars(gone))
    return choices


def _asked_for() -> list[int]:
    """The section whose page one came from."""
    key = request.args.get("section", "")
    found = db.session.scalar(sa.select(Section.id).where(Section.key == key)) if text.is_key(key) else None
    return [found] if found else []


def _section_ids(toggle_id: int) -> list[int]:
    return list(db.session.scalars(sa.select(ToggleSection.section_id).where(ToggleSection.toggle_id == toggle_id)))


def _conflict(found: Conflict, name: str, form: EditToggleForm) -> ResponseReturnValue:
    latest = toggle_or_404(name)
    texts = [
        ("While down it reads", _word(latest.while_down), form.while_down.data),
        ("Sections", _names(_section_ids(latest.id)), _names(form.section_ids())),
        ("Sentence", latest.sentence, form.sentence.data),
        ("Owner", latest.owner, form.owner.data),
        ("Private", _told(latest.is_private), _told(form.is_private.data)),
    ]
    heading = f"{name} was changed while you were editing it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".index"))


def _names(section_ids: Iterable[int]) -> str:
    found = sa.select(Section.name).where(Section.id.in_(list(section_ids))).order_by(Section.name)
    return ", ".join(db.session.scalars(found))


def _word(value: bool) -> str:
    return "on" if value else "off"


def _told(is_private: bool) -> str:
    return "told only to programs with a token" if is_private else "told to everybody"
