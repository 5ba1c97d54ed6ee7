"""Sections: the board that one lands on, each section's own page, and making, editing and archiving them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import Field, SelectChoice, SelectField
from wtforms.validators import AnyOf

from dashboard.actions import sections as actions
from dashboard.actions.sections import Depends
from dashboard.actions.undo import offered
from dashboard.actions.writing import Actor, Conflict, Refused, Values
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Component, Dependency, Section, Toggle, ToggleSection
from dashboard.rules import text
from dashboard.snapshot import in_tree_order
from dashboard.views import conflict, fields
from dashboard.views.access import actor, may
from dashboard.views.board import Board, board, row_of
from dashboard.views.differences import EFFECTS, Told
from dashboard.views.htmx import is_partial, respond
from dashboard.views.words import at_end, when

blueprint = Blueprint("sections", __name__, url_prefix="/admin/sections")

_EFFECT_CHOICES = [SelectChoice(word, name) for word, name in EFFECTS.items()]


def _parent_id(value: object) -> int | None:
    return int(str(value)) if value else None


class SectionForm(fields.VersionForm):
    """``key`` is asked only when a section is made: it is never changed."""

    name = fields.line("Name", required="Give it the name that visitors know, like Direct deposit.")
    parent = SelectField("Part of", coerce=_parent_id, default="")
    message = fields.body("Ready message for the public")
    alternative = fields.line("What to do instead")
    link_label = fields.line("Contact, as it is shown")
    link_url = fields.link("Contact address")
    default_minutes = fields.minutes("Usual time off, in minutes", 5, 43_200)
    warn_minutes = fields.minutes("Warn visitors this many minutes ahead", 0, 43_200)
    owner = fields.line("Owner")
    path = fields.path("Where it is on your website")

    def values(self) -> Values:
        lines = ("name", "message", "alternative", "link_label", "link_url", "owner", "path")
        names = (*lines, "default_minutes", "warn_minutes")
        return {"parent_id": self.parent.data, **{name: self[name].data or _empty(self[name].data) for name in names}}


class NewSectionForm(SectionForm, fields.KeyedForm):
    key = fields.key("Key", required=False)

    def validate_key(self, field: Field) -> None:
        if text.is_key(field.data or ""):
            fields.not_a_screen("sections.show", key=field.data)


class DependsForm(FlaskForm):
    """One component's line: what its windows and its major outages do to the section."""

    class Meta:
        csrf = False

    on_window = SelectField("Planned work on it", choices=_EFFECT_CHOICES, validators=[AnyOf(EFFECTS)])
    on_major = SelectField("A major outage of it", choices=_EFFECT_CHOICES, validators=[AnyOf(EFFECTS)])


def _empty(value: object) -> object:
    return 0 if value == 0 else ""


@blueprint.get("")
@may("sections.read")
def index() -> ResponseReturnValue:
    template = "sections/_board.html" if is_partial() else "sections/index.html"
    return render_template(template, board=_board(), **_filters())


@blueprint.get("/rows")
@may("sections.read")
def rows() -> ResponseReturnValue:
    """The board's rows alone, for the refresh of a page that stays open."""
    return render_template("sections/_rows.html", board=_board(), **_filters())


@blueprint.get("/<key>")
@may("sections.read")
def show(key: str) -> ResponseReturnValue:
    section = section_or_404(key)
    changes = sa.select(Change).where(Change.section_id == section.id).order_by(Change.id.desc()).limit(20)
    toggles = sa.select(Toggle).join(ToggleSection).where(ToggleSection.section_id == section.id).order_by(Toggle.name)
    depends = (
        sa.select(Component, Dependency)
        .join(Dependency, Dependency.component_id == Component.id)
        .where(Dependency.section_id == section.id)
        .order_by(Component.name)
    )
    return render_template(
        "sections/show.html",
        section=section,
        row=row_of(key, now()),
        changes=list(db.session.scalars(changes)),
        toggles=list(db.session.scalars(toggles)),
        depends=db.session.execute(depends).all(),
        effects=EFFECTS,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@may("sections.write")
def new() -> ResponseReturnValue:
    form = NewSectionForm(default_minutes=60, warn_minutes=60)
    form.parent.choices = _parents(None)
    lines = _lines(None)
    if request.method == "POST" and _valid(form, lines):
        try:
            actions.create(form.key.data, form.values(), _depends(lines), actor(), now())
        except Refused as refused:
            fields.blame(form, refused)
        else:
            said = f"{form.name.data} was added.{_hint(form.key.data, form.name.data)}"
            return respond("sections/_board.html", url_for(".index"), said, board=_board(), **_filters())
    status = 422 if request.method == "POST" else 200
    return render_template("sections/edit.html", form=form, section=None, lines=lines), status


@blueprint.route("/<key>/edit", methods=["GET", "POST"])
@may("sections.write")
def edit(key: str) -> ResponseReturnValue:
    section = section_or_404(key)
    form = SectionForm() if request.method == "POST" else _filled(section)
    form.parent.choices = _parents(section)
    lines = _lines(section)
    if request.method == "POST":
        version = form.read_version()
        if _valid(form, lines):
            try:
                change = actions.edit(section.id, version, form.values(), _depends(lines), actor(), now())
            except Refused as refused:
                fields.blame(form, refused)
            except Conflict as found:
                return _conflict(found, section_or_404(key), form, version, _depends(lines))
            else:
                hint = _hint(key, form.name.data) if change and "name" in (change.after or {}) else ""
                said = f"{form.name.data} was changed.{hint}" if change else "Nothing was changed."
                return respond("sections/_board.html", url_for(".show", key=key), said, offered(change), board=_board())
    status = 422 if request.method == "POST" else 200
    return render_template("sections/edit.html", form=form, section=section, lines=lines), status


@blueprint.post("/<key>/move")
@may("sections.write")
def move(key: str) -> ResponseReturnValue:
    section = section_or_404(key)
    if request.form.get("to") not in ("up", "down"):
        abort(400)
    actions.move(section.id, request.form["to"] == "up", actor(), now())
    return respond("sections/_order.html", url_for(".order"), sections=_in_order(), archived=_archived())


@blueprint.get("/order")
@may("sections.read")
def order() -> ResponseReturnValue:
    """The order in which the public page lists them, and those that are archived."""
    return render_template("sections/order.html", sections=_in_order(), archived=_archived())


@blueprint.post("/<key>/archive")
@may("sections.write")
def archive(key: str) -> ResponseReturnValue:
    return _set_archived(key, actions.archive, "is archived. Its history is kept; you can restore it here.")


@blueprint.post("/<key>/restore")
@may("sections.write")
def restore(key: str) -> ResponseReturnValue:
    return _set_archived(key, actions.restore, "is back in the list.")


def section_or_404(key: str) -> Section:
    found = db.session.scalar(sa.select(Section).where(Section.key == key)) if text.is_key(key) else None
    if found is None:
        abort(404)
    return found


def _set_archived(
    key: str, act: Callable[[int, int, Actor, datetime], Change | None], words: str
) -> ResponseReturnValue:
    section = section_or_404(key)
    version = fields.version_of_request()
    try:
        act(section.id, version, actor(), now())
    except Refused as refused:
        said = refused.sentence
    except Conflict as found:
        said = conflict.sentence(found.change)
    else:
        said = f"{section.name} {words}"
    return respond("sections/_order.html", url_for(".order"), said, sections=_in_order(), archived=_archived())


def _hint(key: str, name: str) -> str:
    """What to add to the strip where another section has the same name."""
    others = db.session.scalars(sa.select(Section.name).where(Section.archived_at.is_(None), Section.key != key))
    is_taken = any(name.casefold() == other.casefold() for other in others)
    return " Another section has the same name: visitors may mix them up." if is_taken else ""


def _archived() -> list[Section]:
    return list(db.session.scalars(sa.select(Section).where(Section.archived_at.is_not(None)).order_by(Section.name)))


def _board() -> Board:
    given = _filters()
    return board(now(), given["q"], given["show"], given["every"])


def _filters() -> dict[str, Any]:
    show = request.args.get("show", "all")
    return {
        "q": text.clean_line(request.args.get("q", ""))[: text.LINE],
        "show": show if show in ("off", "planned") else "all",
        "every": request.args.get("every") == "1",
    }


def _in_order() -> list[tuple[Section, int]]:
    """Each section after its parent, with its depth."""
    rows = list(db.session.scalars(sa.select(Section).where(Section.archived_at.is_(None))))
    rows.sort(key=lambda row: (row.position, row.name))
    return list(in_tree_order(rows))  # type: ignore[arg-type]


def _parents(section: Section | None) -> list[SelectChoice]:
    others = [(row, depth) for row, depth in _in_order() if row is not section]
    found = [SelectChoice(str(row.id), f"{'– ' * depth}{row.name}") for row, depth in others]
    return [SelectChoice("", "Nothing: it stands at the top"), *found]


def _filled(section: Section) -> SectionForm:
    form = SectionForm(obj=section)
    form.parent.data = section.parent_id or ""
    form.version.data = str(section.version)
    return form


def _lines(section: Section | None) -> list[tuple[Component, DependsForm, bool]]:
    """Every component with its line of the form, and whether the section depends on it."""
    components = db.session.scalars(
        sa.select(Component).where(Component.archived_at.is_(None)).order_by(Component.name)
    )
    kept = {}
    if section is not None:
        rows = db.session.scalars(sa.select(Dependency).where(Dependency.section_id == section.id))
        kept = {row.component_id: row for row in rows}
    return [
        (
            component,
            DependsForm(
                prefix=f"depends-{component.id}",
                on_window=kept[component.id].on_window if component.id in kept else "down",
                on_major=kept[component.id].on_major if component.id in kept else "nothing",
            ),
            _is_ticked(component.id) if request.method == "POST" else component.id in kept,
        )
        for component in components
    ]


def _is_ticked(component_id: int) -> bool:
    return str(component_id) in request.form.getlist("depends")


def _depends(lines: list[tuple[Component, DependsForm, bool]]) -> tuple[Depends, ...]:
    return tuple(
        Depends(component.id, form.on_window.data, form.on_major.data) for component, form, ticked in lines if ticked
    )


def _valid(form: SectionForm, lines: list[tuple[Component, DependsForm, bool]]) -> bool:
    return form.validate() and all(line.validate() for _, line, ticked in lines if ticked)


def _conflict(
    found: Conflict, section: Section, form: SectionForm, version: int, depends: tuple[Depends, ...]
) -> ResponseReturnValue:
    """What was left as it was read gives way to theirs; the form that is offered again says so already."""
    mine = {**form.values(), "depends": actions.plain_depends(depends)}
    theirs = {name: getattr(section, name) for name in form.values()}
    theirs["depends"] = actions.plain_depends(actions.depends_of(section.id))
    read = conflict.as_read(found.subject, version, theirs)
    kept = {name: theirs[name] if mine[name] == read[name] else mine[name] for name in mine}
    texts = [(one.label, one.before or "", one.after) for one in Told(when, at_end).between(theirs, kept)]
    heading = f"{section.name} was changed while you were editing it"
    back = url_for(".show", key=section.key)
    return conflict.answer(found, heading, section.version, texts, back, again=_typed(kept))


def _typed(values: Values) -> list[tuple[str, str]]:
    """Values as the form's own fields."""
    columns = {name: value for name, value in values.items() if name not in ("parent_id", "depends")}
    depends = [
        pair
        for id, on_window, on_major in values["depends"]
        for pair in (("depends", id), (f"depends-{id}-on_window", on_window), (f"depends-{id}-on_major", on_major))
    ]
    pairs = [("parent", values["parent_id"] or ""), *columns.items(), *depends]
    return [(name, str(value)) for name, value in pairs]
