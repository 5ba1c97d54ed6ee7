"""What the strip says after something was done to an outage: also what else keeps the section off."""

from __future__ import annotations

from datetime import datetime

from dashboard.models import Change, Outage, Section
from dashboard.rules.state import AtEnd
from dashboard.views.board import Cause, row_of
from dashboard.views.words import at_end, span, when


def begun(section: Section, outage: Outage, at: datetime) -> str:
    return f"{_off(section, outage, at)}.{_and_then(section, outage, at)}"


def extended(section: Section, outage: Outage, change: Change | None, at: datetime) -> str:
    before = change.before.get("planned_end") if change and change.before else None
    was = f", not {at_end(datetime.fromisoformat(str(before)))}" if before else ""
    return f"{_off(section, outage, at, ' now', was)}.{_and_then(section, outage, at)}"


def ended(section: Section, outage: Outage, at: datetime, is_news: bool) -> str:
    if outage.ended_at is not None and outage.ended_at < outage.starts_at:
        return f"The outage of {section.name} planned for {when(outage.starts_at)} is called off."
    if still := _still(section, outage, at):
        return f"That outage is over, but {section.name} stays off{still}."
    return f"{section.name} is back." if is_news else f"{section.name} is back already."


def _off(section: Section, outage: Outage, at: datetime, now: str = "", was: str = "") -> str:
    start, end = outage.starts_at, outage.planned_end
    held = ", then until somebody brings it back" if outage.at_end == AtEnd.HOLD else ""
    if start > at:
        return f"{section.name} will{now} be off {span(start, end)}{was + held if end else ''}"
    if end is None:
        return f"{section.name} is{now} off until somebody brings it back"
    return f"{section.name} is{now} off until {at_end(end)}{was}{held}"


def _and_then(section: Section, outage: Outage, at: datetime) -> str:
    still = _still(section, outage, at) if outage.starts_at <= at else ""
    return f" After that it stays off{still}." if still else ""


def _still(section: Section, outage: Outage, at: datetime) -> str:
    """Until when, and why, the section is off beyond this outage; "" where it is not."""
    row = row_of(section.key, at)
    if row is None or not row.is_off:
        return ""
    until, is_late = row.now.now.until, row.now.now.late
    others = [_named(cause) for cause in row.causes if cause.outage is None or cause.outage.id != outage.id]
    if len(others) < len(row.causes) and (until == outage.planned_end or outage.planned_end is None):
        return ""
    known = f" until {at_end(until)}" if until and not is_late else ""
    return f"{known}: {', '.join(others) or 'more is planned'}"


def _named(cause: Cause) -> str:
    if cause.window:
        return f"planned work {cause.window.external_id}"
    if cause.outage is None:
        return "a system behind it is down"
    return f"{cause.outage.started_by} took {cause.via or 'it'} off"
