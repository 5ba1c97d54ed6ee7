"""Keeping a section open in spite of a PagerDuty window."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from dashboard.actions import overrules as actions
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Change, Overrule, Section, Window
from dashboard.views import conflict, fields, times
from dashboard.views.access import actor, may
from dashboard.views.outage_forms import TimesForm
from dashboard.views.outages import blame, open_section_or_404, panel_page, to_board
from dashboard.views.times import Unclear
from dashboard.views.words import at_end

blueprint = Blueprint("overrules", __name__, url_prefix="/admin")


class OverruleForm(TimesForm):
    reason = fields.line("Why is it open?", required="Say why, for your colleagues.")


@blueprint.route("/sections/<key>/windows/<int:window_id>/overrule", methods=["GET", "POST"])
@may("outages.write")
def start(key: str, window_id: int) -> ResponseReturnValue:
    """Keep this section open in spite of a PagerDuty window."""
    section = open_section_or_404(key)
    window = db.session.get(Window, window_id) or abort(404)
    form, at = OverruleForm(), now()
    asked: dict[str, times.Asked] = {}
    if request.method == "GET":
        form.zone.data, form.until_at.data = settings().time_zone.key, times.typed(_whole_minute(window.ends_at))
    elif form.validate():
        try:
            change = actions.start(section.id, window.id, _until(form), form.reason.data, form.once.data, actor(), at)
        except (Unclear, Refused) as wrong:
            blame(form, wrong, asked)
        else:
            return to_board(_said(section, window, change), change)
    status = 422 if request.method == "POST" else 200
    return panel_page(
        "overrule", f"Keep {section.name} open", status, section=section, window=window, form=form, asked=asked
    )


def _until(form: OverruleForm) -> datetime:
    zone = times.zone_of(form.zone.data or settings().time_zone.key)
    return times.moment("until_at", form.until_at.data or "", form.until_exact.data or "", zone)


def _whole_minute(t: datetime) -> datetime:
    """Rounded up: a section that is kept open until a window ends must not go off for its last seconds."""
    return t + timedelta(seconds=-t.second % 60, microseconds=-t.microsecond)


def _said(section: Section, window: Window, change: Change | None) -> str:
    if change is None:
        return f"{section.name} is kept open in spite of {window.name} already."
    until = datetime.fromisoformat(str((change.after or {})["ends_at"]))
    return f"{section.name} stays open in spite of {window.name} until {at_end(until)}."


@blueprint.post("/overrules/<int:overrule_id>/end")
@may("outages.write")
def end(overrule_id: int) -> ResponseReturnValue:
    overrule = db.session.get(Overrule, overrule_id) or abort(404)
    name = db.session.get_one(Section, overrule.section_id).name
    try:
        change = actions.end(overrule_id, fields.version_of_request(), actor(), now())
    except Conflict as found:
        return to_board(conflict.sentence(found.change))
    return to_board(f"The window counts for {name} again.", change)
