"""Taking a section off, extending, editing the words, bringing it back, undoing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from htmx_flask import request
from wtforms import BooleanField, RadioField, SelectChoice, StringField
from wtforms.validators import AnyOf, Optional

from dashboard.actions import outages as actions
from dashboard.actions import undo as undoing
from dashboard.actions.outages import Plan
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Change, Outage, Section
from dashboard.rules import wording
from dashboard.rules.state import AtEnd, State
from dashboard.views import conflict, fields, times
from dashboard.views.access import actor, may
from dashboard.views.board import board
from dashboard.views.htmx import is_partial, respond
from dashboard.views.sections import section_or_404
from dashboard.views.times import Unclear

blueprint = Blueprint("outages", __name__, url_prefix="/admin")

NO_REASON_YET = "Reason to follow"


class TimesForm(fields.OnceForm):
    """Until when, and in which zone typed times are meant. ``…_exact`` answers a question about a clock change."""

    until = StringField("Until")
    until_at = StringField("Day and time", [Optional()])
    until_exact = StringField(validators=[Optional()])
    zone = fields.line("Time zone", most=60)


class OffForm(TimesForm):
    start = RadioField(
        "From",
        choices=[SelectChoice("now", "Now"), SelectChoice("at", "Later")],
        default="now",
        validators=[AnyOf(["now", "at"])],
    )
    start_at = StringField("Day and time", [Optional()])
    start_exact = StringField(validators=[Optional()])
    hold = BooleanField("Keep it off after that, until somebody brings it back")
    reason = fields.line("Why?", required="Say why, for your colleagues.")
    message = fields.body("What the public will read")
    alternative = fields.line("What to do instead")


class WordsForm(fields.VersionForm):
    message = fields.body("What the public reads")
    alternative = fields.line("What to do instead")
    reason = fields.line("Why?", required="Say why, for your colleagues.")


class ExtendForm(TimesForm, fields.VersionForm):
    """The same times; it makes nothing, so its once-key is not looked at."""


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
        start_at=times.typed(at),
        zone=settings().time_zone.key,
        reason=next(iter(_recent_reasons(section)), NO_REASON_YET),
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
            change = actions.start(section.id, _plan(form, at), actor(), at)
        except (Unclear, Refused) as wrong:
            blame(form, wrong, asked)
        except Conflict as found:
            return _taken(found, section, form)
        else:
            return to_board(_said_off(section, change) if change else "", change)
    return _panel(section, form, at, asked, 422)


@blueprint.route("/outages/<int:outage_id>/extend", methods=["GET", "POST"])
@may("outages.write")
def extend(outage_id: int) -> ResponseReturnValue:
    outage, section = _outage(outage_id)
    form, at = ExtendForm(), now()
    asked: dict[str, times.Asked] = {}
    if request.method == "GET":
        form.version.data = str(outage.version)
        form.zone.data = settings().time_zone.key
        form.until_at.data = times.typed(outage.planned_end or times.end_of_day(at))
        return _extend_panel(outage, section, form, at, asked)
    version = form.read_version()
    before = outage.planned_end
    try:
        until, typed = _until(form, max(outage.starts_at, at), at, outage.planned_end)
        change = actions.extend(outage_id, version, until, _zone(form).key, typed, actor(), at)
    except (Unclear, Refused) as wrong:
        blame(form, wrong, asked)
        return _extend_panel(outage, section, form, at, asked, 422)
    except Conflict as found:
        theirs = [("Until", _end_words(db.session.get_one(Outage, outage_id).planned_end), _end_words(until))]
        return _conflict(found, outage_id, section, theirs)
    return to_board(_said_extended(section, before, until), change)


@blueprint.route("/outages/<int:outage_id>/words", methods=["GET", "POST"])
@may("outages.write")
def words(outage_id: int) -> ResponseReturnValue:
    outage, section = _outage(outage_id)
    form = WordsForm(obj=outage) if request.method == "GET" else WordsForm()
    if request.method == "GET":
        form.version.data = str(outage.version)
        return _words_panel(outage, section, form)
    version = form.read_version()
    if not form.validate():
        return _words_panel(outage, section, form, 422)
    mine = (form.message.data, form.alternative.data, form.reason.data)
    try:
        change = actions.edit_words(outage_id, version, *mine, actor(), now())
    except Refused as wrong:
        blame(form, wrong, {})
        return _words_panel(outage, section, form, 422)
    except Conflict as found:
        latest = db.session.get_one(Outage, outage_id)
        theirs = (latest.message, latest.alternative, latest.reason)
        labels = ("What the public reads", "What to do instead", "Why")
        return _conflict(found, outage_id, section, list(zip(labels, theirs, mine, strict=True)))
    return to_board(f"The words for {section.name} were changed.", change)


@blueprint.post("/outages/<int:outage_id>/end")
@may("outages.write")
def end(outage_id: int) -> ResponseReturnValue:
    outage, section = _outage(outage_id)
    begun = outage.starts_at <= now()
    try:
        change = actions.end(outage_id, fields.version_of_request(), actor(), now())
    except Refused:
        return to_board(f"{section.name} is back already.")
    except Conflict as found:
        return to_board(f"{conflict.sentence(found.change)} {section.name} is still off: look at it again.")
    return to_board(f"{section.name} is back." if begun else f"{section.name} stays on.", change)


def times_words(t: datetime) -> str:
    zone = settings().time_zone
    return wording.time_words(t, now().astimezone(zone).date(), zone)


def open_section_or_404(key: str) -> Section:
    section = section_or_404(key)
    if section.archived_at is not None:
        abort(404)
    return section


def _outage(outage_id: int) -> tuple[Outage, Section]:
    outage = db.session.get(Outage, outage_id) if outage_id < 2**31 else None
    if outage is None:
        abort(404)
    return outage, db.session.get_one(Section, outage.section_id)


def _recent_reasons(section: Section) -> list[str]:
    """The last reasons given for this section, the newest first."""
    rows = sa.select(Outage.reason).where(Outage.section_id == section.id).order_by(Outage.id.desc()).limit(20)
    return [reason for reason in dict.fromkeys(db.session.scalars(rows)) if reason and reason != NO_REASON_YET][:5]


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
        at_end=AtEnd.HOLD if form.hold.data and until else AtEnd.RESTORE,
        reason=form.reason.data,
        message=form.message.data or "",
        alternative=form.alternative.data or "",
        zone=zone.key,
        typed_start=typed_start,
        typed_end=typed_end,
        once=form.once.data,
    )


def _zone(form: TimesForm) -> ZoneInfo:
    """The zone in which times were typed, the page's unless another was given. Raises Unclear."""
    return times.zone_of(form.zone.data or settings().time_zone.key)


def _until(
    form: TimesForm, start: datetime, at: datetime, current: datetime | None = None
) -> tuple[datetime | None, str]:
    """The end that was chosen, and the wall time if one was typed. "+30" counts from the current end."""
    until = form.until.data or ""
    if until == "at":
        zone = _zone(form)
        typed = form.until_at.data or ""
        return times.moment("until_at", typed, form.until_exact.data or "", zone), typed
    if until.startswith("+"):
        return times.chosen_end(until[1:], max(current or at, at), at), ""
    return times.chosen_end(until, start, at), ""


def blame(form: Any, wrong: Unclear | Refused, asked: dict[str, times.Asked]) -> None:
    field = form[wrong.field] if wrong.field in form else next(iter(form))
    field.errors = [*field.errors, wrong.sentence]
    if isinstance(wrong, Unclear) and wrong.asked:
        asked[wrong.field] = wrong.asked


def _preview(section: Section, form: OffForm, at: datetime) -> dict[str, Any]:
    """Whatever is unclear in a half-filled form is left out of the preview."""
    try:
        plan: Plan | None = _plan(form, at)
    except Unclear:
        plan = None
    until = plan.planned_end if plan else None
    message, alternative = form.message.data or "", form.alternative.data or ""
    soon = plan is not None and plan.starts_at > at
    title = wording.title(section.name, State.DOWN, until is not None, late=False, soon=soon)
    filled = {"until": times_words(until) if until else "", "from": times_words(plan.starts_at) if plan else ""}
    return {
        "title": wording.filled(title, **filled),
        "message": wording.filled(message, **filled),
        "alternative": alternative,
        "until": until,
        "starts_at": plan.starts_at if plan and soon else None,
        "is_clear": plan is not None,
        "checks": wording.checks(message, until is not None, plan is not None, alternative),
        "advice": wording.discouraged(f"{message} {alternative}"),
        "open_ended": plan is not None and until is None,
    }


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
        **_preview(section, form, at),
    )


def _extend_panel(
    outage: Outage, section: Section, form: ExtendForm, at: datetime, asked: dict[str, times.Asked], status: int = 200
) -> ResponseReturnValue:
    base = max(outage.planned_end or at, at)
    choices = [
        times.Choice(
            f"+{minutes}",
            f"{wording.length_words(timedelta(minutes=minutes))} more",
            f"to {times_words(base + timedelta(minutes=minutes))}",
        )
        for minutes in (30, 60, 120)
    ]
    end_of_day = times.end_of_day(at)
    if end_of_day != outage.planned_end:
        choices.append(times.Choice("eod", "End of day", f"to {times_words(end_of_day)}"))
    choices.append(times.Choice("unknown", "Not known", "asks you each hour"))
    return panel_page(
        "extend",
        f"Extend {section.name}",
        status,
        outage=outage,
        section=section,
        form=form,
        asked=asked,
        choices=choices,
    )


def _words_panel(outage: Outage, section: Section, form: WordsForm, status: int = 200) -> ResponseReturnValue:
    return panel_page("words", f"Edit the words for {section.name}", status, outage=outage, section=section, form=form)


def panel_page(name: str, heading: str, status: int, **given: Any) -> ResponseReturnValue:
    """The panel for htmx; the same panel on a page of its own for everybody else."""
    panel = f"outages/_{name}.html"
    template = panel if is_partial() else "outages/page.html"
    return render_template(template, panel=panel, heading=heading, alone=not is_partial(), **given), status


def to_board(said: str, change: Change | None = None) -> ResponseReturnValue:
    """Where one goes after anything was done: back to the board, or to the section's page if that is where it was
    done, with a strip that says it and offers to undo it."""
    undo_id = change.id if undoing.undoable(change) and change else None
    index = url_for("sections.index")
    here = urlsplit(request.htmx.current_url or "").path if is_partial() else index
    if here != index:
        flash(said, f"undo-{undo_id}" if undo_id else "said")
        return "", 200, {"HX-Redirect": here}
    shown = board(now()) if is_partial() else None
    return respond("sections/_board.html", index, said, undo_id, board=shown, q="", show="all", every=False)


def _said_off(section: Section, change: Change) -> str:
    after = change.after or {}
    until = after.get("planned_end")
    words = f" until {times_words(datetime.fromisoformat(str(until)))}" if until else ""
    starts_at = datetime.fromisoformat(str(after["starts_at"]))
    if starts_at > change.at:
        return f"{section.name} will be off from {times_words(starts_at)}{words}."
    return f"{section.name} is off{words}."


def _said_extended(section: Section, before: datetime | None, until: datetime | None) -> str:
    if until is None:
        return f"{section.name} stays off; nobody knows until when."
    was = f", not {times_words(before)}" if before and before != until else ""
    return f"{section.name} now comes back at {times_words(until)}{was}."


def _end_words(until: datetime | None) -> str:
    return times_words(until) if until else "Not known"


def _conflict(found: Conflict, outage_id: int, section: Section, texts: conflict.Pairs) -> ResponseReturnValue:
    version = db.session.get_one(Outage, outage_id).version
    heading = f"The outage of {section.name} was changed while you were at it"
    return conflict.answer(found, heading, version, texts, url_for("sections.index"))


def _taken(found: Conflict, section: Section, form: OffForm) -> ResponseReturnValue:
    """Somebody else has taken it off: offer to extend theirs, with the words that were typed here in sight."""
    outage_id = int(found.subject.removeprefix("outage-"))
    outage = db.session.get_one(Outage, outage_id)
    texts = [
        ("Why", outage.reason, form.reason.data),
        ("What the public reads", outage.message, form.message.data or ""),
        ("Until", _end_words(outage.planned_end), ""),
    ]
    back = url_for(".extend", outage_id=outage_id)
    heading = f"{section.name} is off already"
    return conflict.answer(found, heading, 0, texts, back, keep="Extend theirs")
