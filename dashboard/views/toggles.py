"""Feature toggles: what front ends and back ends read, and which sections they follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from dashboard import publish
from dashboard.actions import toggles as actions
from dashboard.actions.undo import offered
from dashboard.actions.writing import Actor, Conflict, Refused, Values
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Section, Toggle, ToggleSection
from dashboard.rules import text
from dashboard.rules.state import State
from dashboard.snapshot import in_tree_order, snapshot_at
from dashboard.views import conflict, fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import is_partial, leave, refuse, respond

blueprint = Blueprint("toggles", __name__, url_prefix="/admin/toggles")

FIRST = 100  # rows that are shown before somebody asks for all


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

    def values(self) -> Values:
        return {
            "while_down": self.while_down.data == "on",
            "owner": self.owner.data,
            "sentence": self.sentence.data,
        }

    def section_ids(self) -> frozenset[int]:
        return frozenset(self.sections.data or ())


class NewToggleForm(ToggleForm):
    name = fields.key("Name in code")


class EditToggleForm(ToggleForm, fields.VersionForm):
    """Its name is never changed: code somewhere asks for it."""


@dataclass(frozen=True, slots=True)
class Row:
    toggle: Toggle
    reads: bool  # now
    sections: tuple[tuple[Section, State], ...]

    @property
    def is_down(self) -> bool:
        return self.reads == self.toggle.while_down

    def matches(self, words: str) -> bool:
        names = " ".join(f"{section.name} {section.key}" for section, _ in self.sections)
        said = f"{self.toggle.name} {self.toggle.sentence} {self.toggle.owner} {names}".lower()
        return all(word in said for word in words.lower().split())


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


@blueprint.route("/<name>/edit", methods=["GET", "POST"])
@may("toggles.write")
def edit(name: str) -> ResponseReturnValue:
    toggle = _toggle_or_404(name)
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
    return leave(url_for(".index"), said, offered(change))


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
    toggle = _toggle_or_404(name)
    version = fields.version_of_request()
    try:
        change = act(toggle.id, version, actor(), now())
    except Conflict as found:
        heading = f"{name} was changed while you were looking at it"
        return conflict.answer(found, heading, _toggle_or_404(name).version, [], url_for(".index"))
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
    }


def _toggle_or_404(name: str) -> Toggle:
    found = db.session.scalar(sa.select(Toggle).where(Toggle.name == name)) if text.is_key(name) else None
    if found is None:
        abort(404)
    return found


def _board() -> dict[str, Any]:
    words = text.clean_line(request.args.get("q", ""))[: text.LINE]
    archived = sa.select(Toggle).where(Toggle.archived_at.is_not(None)).order_by(Toggle.name)
    rows = list(_rows())
    found = [row for row in rows if row.matches(words)]
    shown = found if request.args.get("every") == "1" else found[:FIRST]
    return {
        "rows": shown,
        "more": len(found) - len(shown),
        "any": bool(rows),
        "q": words,
        "archived": list(db.session.scalars(archived)),
    }


def _rows() -> Iterable[Row]:
    at = now()
    snapshot = snapshot_at(publish.read_facts(at), at)
    states = {section.id: section.state for section in snapshot.sections}
    values = {toggle.fact.name: toggle.value for toggle in snapshot.toggles}
    links = sa.select(ToggleSection.toggle_id, Section).join(Section, Section.id == ToggleSection.section_id)
    sections: dict[int, list[tuple[Section, State]]] = {}
    for toggle_id, section in db.session.execute(links.order_by(Section.name)):
        sections.setdefault(toggle_id, []).append((section, states.get(section.id, State.OK)))
    toggles = sa.select(Toggle).where(Toggle.archived_at.is_(None)).order_by(Toggle.name)
    for toggle in db.session.scalars(toggles):
        reads = values.get(toggle.name, not toggle.while_down)
        yield Row(toggle, reads, tuple(sections.get(toggle.id, ())))


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
    latest = _toggle_or_404(name)
    texts = [
        ("While down it reads", _word(latest.while_down), form.while_down.data),
        ("Sections", _names(_section_ids(latest.id)), _names(form.section_ids())),
        ("Sentence", latest.sentence, form.sentence.data),
        ("Owner", latest.owner, form.owner.data),
    ]
    heading = f"{name} was changed while you were editing it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".index"))


def _names(section_ids: Iterable[int]) -> str:
    found = sa.select(Section.name).where(Section.id.in_(list(section_ids))).order_by(Section.name)
    return ", ".join(db.session.scalars(found))


def _word(value: bool) -> str:
    return "on" if value else "off"
