"""Taking a section off, extending, editing the words, bringing it back, undoing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from htmx_flask import request
from werkzeug.exceptions import HTTPException

from dashboard import publish
from dashboard.actions import outages as actions
from dashboard.actions import undo as undoing
from dashboard.actions.outages import Plan
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Change, Outage, Section
from dashboard.rules import telling
from dashboard.rules.state import AtEnd
from dashboard.rules.telling import Tells
from dashboard.snapshot import in_tree_order
from dashboard.views import blanks, conflict, fields, one_tap, said, times
from dashboard.views.access import actor, may
from dashboard.views.board import board, row_of
from dashboard.views.htmx import is_partial, leave, respond
from dashboard.views.outage_forms import NO_REASON_YET, EndForm, ExtendForm, OffForm, WordsForm
from dashboard.views.previewed import previewed
from dashboard.views.sections import section_or_404
from dashboard.views.telling import of_section
from dashboard.views.times import Unclear
from dashboard.views.words import at_end

blueprint = Blueprint("outages", __name__, url_prefix="/admin")


@blueprint.get("/sections/<key>/off")
@may("outages.write")
def off(key: str) -> ResponseReturnValue:
    """The turn-off panel; without htmx a page of its own."""
    section = open_section_or_404(key)
    at = now()
    form = OffForm(
        formdata=None,
        until=str(section.default_minutes),
        until_at=times.typed(times.end_of_day(at)),
        start_at=times.next_hour(at),
        zone=settings().time_zone.key,
        reason=NO_REASON_YET,
        message=section.message,
        alternative=section.alternative,
    )
    return _panel(section, form, at)


@blueprint.post("/sections/<key>/off/preview")
@may("outages.write")
def preview(key: str) -> ResponseReturnValue:
    """What the public would read, and the three checks, while the form is being filled in."""
    section = open_section_or_404(key)
    return render_template("outages/_preview.html", section=section, **_preview(section, OffForm(), now()))


@blueprint.post("/sections/<key>/outage")
@may("outages.write")
def start(key: str) -> ResponseReturnValue:
    section = open_section_or_404(key)
    form, at = OffForm(), now()
    asked: dict[str, times.Asked] = {}
    if form.validate():
        try:
            plan = _plan(form, at)
            _refuse_blanks(form)
            change = actions.start(section.id, plan, actor(), at)
        except (Unclear, Refused) as wrong:
            blame(form, wrong, asked)
        except Conflict as found:
            return _taken(found, section, plan, at)
        else:
            return to_board(said.begun(section, _of(change.subject), at), change)
    form.once.data = form.once.default()
    return _panel(section, form, at, asked, 422)


@blueprint.route("/outages/<int:outage_id>/extend", methods=["GET", "POST"])
@may("outages.write")
def extend(outage_id: int) -> ResponseReturnValue:
    outage, section = _outage(outage_id)
    form, at = ExtendForm(), now()
    asked: dict[str, times.Asked] = {}
    if request.method == "GET" and "minutes" in request.args:
        return one_tap.extending(outage, section, at)
    if request.method == "GET":
        form.version.data = str(outage.version)
        form.zone.data, form.tells.data = settings().time_zone.key, outage.tells
        known = times.typed(outage.planned_end or times.end_of_day(max(outage.starts_at, at)))
        form.until_at.data = request.args.get("until_at", known)
        return _extend_panel(outage, section, form, at, asked)
    version = form.read_version()
    try:
        until, typed = _until(form, at, at)
        tells = form.read_tells() if "tells" in request.form else None
        change = actions.extend(outage_id, version, until, _zone(form).key, typed, actor(), at, tells)
    except (Unclear, Refused) as wrong:
        blame(form, wrong, asked)
        return _extend_panel(outage, section, form, at, asked, 422)
    except Conflict as found:
        theirs = _end_words(db.session.get_one(Outage, outage_id).planned_end)
        return _conflict(found, outage_id, section, [("Until", theirs, _end_words(until))])
    return to_board(said.extended(section, outage, change, at), change)


@blueprint.route("/outages/<int:outage_id>/words", methods=["GET", "POST"])
@may("outages.write")
def words(outage_id: int) -> ResponseReturnValue:
    outage, section = _outage(outage_id)
    form = WordsForm(obj=outage) if request.method == "GET" else WordsForm()
    if request.method == "GET":
        form.version.data = str(outage.version)
        return _words_panel(outage, section, form)
    version = form.read_version()
    if request.form.get("do") == "look":
        return _words_panel(outage, section, form)
    if not form.validate():
        return _words_panel(outage, section, form, 422)
    mine = (form.message.data or "", form.alternative.data or "", form.reason.data)
    try:
        _refuse_blanks(form)
        change = actions.edit_words(outage_id, version, *mine, actor(), now())
    except Refused as wrong:
        blame(form, wrong, {})
        return _words_panel(outage, section, form, 422)
    except Conflict as found:
        latest = db.session.get_one(Outage, outage_id)
        theirs = (latest.message, latest.alternative, latest.reason)
        labels = ("What the public reads", "What to do instead", "Why")
        return _conflict(found, outage_id, section, list(zip(labels, theirs, mine, strict=True)))
    return to_board(f"The words for {section.name} were changed." if change else "Nothing was changed.", change)


@blueprint.post("/outages/<int:outage_id>/words/preview")
@may("outages.write")
def words_preview(outage_id: int) -> ResponseReturnValue:
    outage, section = _outage(outage_id)
    shown = _said_of(outage, section, WordsForm(), now())
    return render_template("outages/_preview.html", outage=outage, section=section, **shown)


@blueprint.route("/outages/<int:outage_id>/end", methods=["GET", "POST"])
@may("outages.write")
def end(outage_id: int) -> ResponseReturnValue:
    outage, section = _outage(outage_id)
    at = now()
    if request.method == "GET":
        return one_tap.ending(outage, section, at)
    try:
        change = actions.end(outage_id, fields.version_of_request(), actor(), at)
    except Conflict as found:
        still = "is still off" if outage.starts_at <= at else "is still planned to be off"
        return to_board(f"{conflict.sentence(found.change)} {section.name} {still}: look at it again.")
    return to_board(said.ended(section, outage, at, is_news=change is not None), change)


def open_section_or_404(key: str) -> Section:
    section = section_or_404(key)
    if section.archived_at is not None:
        abort(404)
    return section


def _outage(outage_id: int) -> tuple[Outage, Section]:
    outage = db.session.get(Outage, outage_id) or abort(404)
    return outage, db.session.get_one(Section, outage.section_id)


def _refuse_blanks(form: OffForm | WordsForm) -> None:
    """Raises Refused."""
    blanks.refuse_of_notice({name: form[name].data or "" for name in ("message", "alternative")})


def _of(subject: str) -> Outage:
    """The outage that a change or a conflict is about."""
    return db.session.get_one(Outage, int(subject.removeprefix("outage-")))


def _recent_reasons(section: Section) -> list[str]:
    """The last reasons given for this section, the newest first."""
    rows = sa.select(Outage.reason).where(Outage.section_id == section.id).order_by(Outage.id.desc()).limit(20)
    return [reason for reason in dict.fromkeys(db.session.scalars(rows)) if reason and reason != NO_REASON_YET][:5]


def _parts(section: Section, at: datetime) -> list[str]:
    """The names of the sections within it, at any depth: they go off with it."""
    found, within = [], {section.id}
    for part, _ in in_tree_order(publish.read_facts(at).sections):
        if part.parent_id in within:
            within.add(part.id)
            found.append(part.name)
    return found


def _plan(form: OffForm, at: datetime) -> Plan:
    """Raises Unclear where a time does not mean one moment."""
    zone = _zone(form)
    starts_at, typed_start = at, ""
    if form.start.data == "at":
        typed_start = form.start_at.data or ""
        starts_at = times.moment("start_at", typed_start, form.start_exact.data or "", zone)
        if starts_at < at:
            raise Unclear("start_at", "That time has passed. Choose “Now”, or one that is still to come.")
    until, typed_end = _until(form, starts_at, at)
    return Plan(
        starts_at=starts_at,
        planned_end=until,
        at_end=AtEnd.HOLD if form.hold.data else AtEnd.RESTORE,
        reason=form.reason.data,
        message=form.message.data or "",
        alternative=form.alternative.data or "",
        zone=zone.key,
        typed_start=typed_start,
        typed_end=typed_end,
        once=form.once.data,
        tells=form.read_tells(),
    )


def _zone(form: EndForm) -> ZoneInfo:
    """The zone in which times were typed, the page's unless another was given. Raises Unclear."""
    return times.zone_of(form.zone.data or settings().time_zone.key)


def _until(form: EndForm, start: datetime, at: datetime) -> tuple[datetime | None, str]:
    """The end that was chosen, and the wall time if one was typed."""
    if form.until.data != "at":
        return times.chosen_end(form.until.data or "", start, at), ""
    typed = form.until_at.data or ""
    return times.moment("until_at", typed, form.until_exact.data or "", _zone(form)), typed


def blame(form: Any, wrong: Unclear | Refused, asked: dict[str, times.Asked]) -> None:
    is_typed = wrong.field == "until" and "until_at" in form and form["until"].data == "at"
    name = "until_at" if is_typed else wrong.field
    field = form[name] if name in form else next(iter(form))
    field.errors = [*field.errors, wrong.sentence]
    if isinstance(wrong, Unclear) and wrong.asked:
        asked[wrong.field] = wrong.asked


def _preview(section: Section, form: OffForm, at: datetime) -> dict[str, Any]:
    """Whatever is unclear in a half-filled form is left out of the preview, and said: ``wrong``."""
    plan: Plan | None = None
    wrong = ""
    try:
        asked = _plan(form, at)
        actions.refuse_times(asked.starts_at, asked.planned_end, at)
        plan = asked
    except (Unclear, Refused) as found:
        wrong = found.sentence
    numbers = of_section(publish.read_facts(at), section.id, is_planned=plan is not None and plan.starts_at > at)
    is_told = plan is not None and telling.is_told(Tells(plan.tells), plan.starts_at, plan.planned_end, is_late=False)
    return {**_said(section, plan, form, at), "wrong": wrong, "numbers": numbers, "is_told": is_told}


def _said(section: Section, plan: Plan | None, form: OffForm | WordsForm, at: datetime) -> dict[str, Any]:
    """What the public would read: the section's ready words where none are given."""
    given, ready = form.message.data or "", section.message
    return {
        **previewed(section.name, plan, given or ready, form.alternative.data or "", at),
        "ready": ready if not given else "",
    }


def _said_of(outage: Outage, section: Section, form: WordsForm, at: datetime) -> dict[str, Any]:
    """The same of an outage that goes on."""
    given = {name: getattr(outage, name) for name in Plan.__slots__}
    return _said(section, Plan(**{**given, "at_end": AtEnd(outage.at_end)}), form, at)


def _panel(
    section: Section, form: OffForm, at: datetime, asked: dict[str, times.Asked] | None = None, status: int = 200
) -> ResponseReturnValue:
    return panel_page(
        "off",
        f"Turn {section.name} off",
        status,
        section=section,
        form=form,
        asked=asked or {},
        choices=times.lengths(section.default_minutes, at),
        reasons=_recent_reasons(section),
        also=_parts(section, at),
        **_preview(section, form, at),
    )


def _extend_panel(
    outage: Outage, section: Section, form: ExtendForm, at: datetime, asked: dict[str, times.Asked], status: int = 200
) -> ResponseReturnValue:
    return panel_page(
        "extend",
        f"Extend {section.name}",
        status,
        outage=outage,
        section=section,
        form=form,
        asked=asked,
        choices=times.later_ends(outage.starts_at, outage.planned_end, at),
        numbers=of_section(publish.read_facts(at), section.id, is_planned=outage.starts_at > at),
    )


def _words_panel(outage: Outage, section: Section, form: WordsForm, status: int = 200) -> ResponseReturnValue:
    given = {"outage": outage, "section": section, "form": form, **_said_of(outage, section, form, now())}
    return panel_page("words", f"Edit the words for {section.name}", status, **given)


def panel_page(name: str, heading: str, status: int, **given: Any) -> ResponseReturnValue:
    """The panel for htmx; the same panel on a page of its own for everybody else."""
    panel = f"outages/_{name}.html"
    template = panel if is_partial() else "outages/page.html"
    return render_template(template, panel=panel, heading=heading, alone=not is_partial(), **given), status


def to_board(sentence: str, change: Change | None = None) -> ResponseReturnValue:
    """Where one goes after anything was done: back to the board, or to the section's page if that is where it was
    done, with a strip that says it and offers to undo it."""
    undo_id, tells = undoing.offered(change), change.revision if change else None
    index = url_for("sections.index")
    here = _here() if is_partial() else index
    if here != index:
        return leave(here or index, sentence, undo_id, tells)
    shown = board(now()) if is_partial() else None
    return respond("sections/_board.html", index, sentence, undo_id, tells, board=shown, q="", show="all", every=False)


def _here() -> str:
    """Where a person goes on from: a section's own page or the board, as it was filtered; "" from any other page."""
    try:
        address = urlsplit(request.htmx.current_url or "")
        endpoint, row = current_app.url_map.bind("").match(address.path, "GET")
    except (ValueError, HTTPException):
        return ""
    if endpoint == "sections.show":
        return url_for(endpoint, **row)
    given = dict(parse_qsl(address.query))
    filters: dict[str, Any] = {name: given[name] for name in ("q", "show", "every") if name in given}
    return url_for(endpoint, **filters) if endpoint == "sections.index" else ""


def _end_words(until: datetime | None) -> str:
    return at_end(until) if until else "Not known"


def _conflict(found: Conflict, outage_id: int, section: Section, texts: conflict.Pairs) -> ResponseReturnValue:
    version = db.session.get_one(Outage, outage_id).version
    heading = f"The outage of {section.name} was changed while you were at it"
    return conflict.answer(found, heading, version, texts, url_for("sections.index"))


def _taken(found: Conflict, section: Section, mine: Plan, at: datetime) -> ResponseReturnValue:
    """It is off already then: the words that were typed here may become that outage's, or it may be extended."""
    theirs = _of(found.subject)
    texts = [
        ("Why", theirs.reason, mine.reason),
        ("What the public reads", theirs.message, mine.message),
        ("What to do instead", theirs.alternative, mine.alternative),
        ("Until", _end_words(theirs.planned_end), _end_words(mine.planned_end)),
    ]
    until = times.typed(mine.planned_end) if mine.planned_end else None
    back = url_for(".extend", outage_id=theirs.id, until_at=until)
    heading = f"{section.name} is off already" if theirs.starts_at <= at else f"{section.name} is planned off already"
    words = {"message": mine.message, "alternative": mine.alternative, "reason": mine.reason}
    use = url_for(".words", outage_id=theirs.id), {**words, "version": str(theirs.version), "do": "look"}
    shown, status = conflict.answer(found, heading, 0, texts, back, keep="Extend theirs", use=use)
    row = row_of(section.key, at) if is_partial() else None
    return (shown + render_template("sections/_line.html", row=row, oob=True) if row else shown), status
