"""What a message in a team's channel links to: a page with one big button. Opening it does nothing yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard.actions.outages import is_over
from dashboard.models import Outage, Section
from dashboard.rules import text
from dashboard.views.words import at_end

_DAY = 1_440  # in minutes


def ending(outage: Outage, section: Section, at: datetime) -> ResponseReturnValue:
    words = f"Bring {section.name} back now" if outage.starts_at <= at else f"Call off the outage of {section.name}"
    return _page(outage, section, at, words, url_for("outages.end", outage_id=outage.id))


def extending(outage: Outage, section: Section, at: datetime) -> ResponseReturnValue:
    """``minutes`` later than it is planned to end; than now where that has passed, or nobody knows."""
    minutes = text.whole_number(request.args["minutes"], _DAY) or abort(404)
    until = max(outage.planned_end or at, outage.starts_at, at) + timedelta(minutes=minutes)
    words, chosen = f"Extend {section.name} until {at_end(until)}", f"@{int(until.timestamp())}"
    return _page(outage, section, at, words, url_for("outages.extend", outage_id=outage.id), chosen)


def _page(outage: Outage, section: Section, at: datetime, words: str, to: str, until: str = "") -> ResponseReturnValue:
    given = {"outage": outage, "section": section, "over": is_over(outage, at), "words": words, "to": to}
    return render_template("outages/one_tap.html", until=until, **given)
