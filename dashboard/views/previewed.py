"""What the public would read of an outage, and the checks on its words, while the form is being filled in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.actions.outages import Plan
from dashboard.causes import PROMISE
from dashboard.config import settings
from dashboard.documents.html import Telling
from dashboard.rules import wording
from dashboard.rules.state import AtEnd, State
from dashboard.snapshot import Notice


def previewed(section: str, plan: Plan | None, message: str, alternative: str, at: datetime) -> dict[str, Any]:
    """``plan`` is None as long as its times are not clear."""
    until = plan.planned_end if plan else None
    soon = plan is not None and plan.starts_at > at
    late = until is not None and until <= at
    title = wording.title(section, State.DOWN, until is not None, late, soon)
    is_open = plan is not None and (until is None or late)
    added = f"{wording.EXPECTED if late else wording.NOT_KNOWN} {wording.NEXT}" if is_open and not soon else ""
    return {
        "title": _told(title, plan, at),
        "message": _told(f"{message} {added}".strip(), plan, at),
        "alternative": alternative,
        "until": until,
        "hold": plan is not None and plan.at_end is AtEnd.HOLD,
        "starts_at": plan.starts_at if plan and soon else None,
        "is_clear": plan is not None,
        "checks": wording.checks(message, until is not None, plan is not None, alternative),
        "advice": wording.discouraged(f"{message} {alternative}"),
    }


def _told(template: str, plan: Plan | None, at: datetime) -> str:
    """With its times, as the public page will tell them."""
    if plan is None:
        return template
    zone = settings().time_zone
    notice = Notice(
        rev="",
        state=State.DOWN,
        start=plan.starts_at,
        end=plan.planned_end,
        hold=plan.at_end is AtEnd.HOLD,
        next=max(plan.starts_at, at) + PROMISE,
        warn_from=None,
        title=template,
        title_now=template,
        message=plan.message,
        alternative=plan.alternative,
        links=(),
    )
    return Telling(at.astimezone(zone).date(), zone).plain(template, notice)
