"""Templates of the public documents, rendered without Flask, so that nobody needs a running app to publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard.config import ROOT
from dashboard.rules import wording
from dashboard.rules.state import State
from dashboard.rules.status import Status
from dashboard.snapshot import Notice

LOOKS = {State.OK: "op", State.APPROACHING: "maint", State.DEGRADED: "degraded", State.DOWN: "major"}
STATUS_LOOKS = {
    Status.OPERATIONAL: "op",
    Status.UNDER_MAINTENANCE: "maint",
    Status.DEGRADED_PERFORMANCE: "degraded",
    Status.PARTIAL_OUTAGE: "partial",
    Status.MAJOR_OUTAGE: "major",
}
STATUS_WORDS = {
    Status.OPERATIONAL: "Operational",
    Status.UNDER_MAINTENANCE: "Under maintenance",
    Status.DEGRADED_PERFORMANCE: "Degraded performance",
    Status.PARTIAL_OUTAGE: "Partial outage",
    Status.MAJOR_OUTAGE: "Major outage",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A notice with its times filled in, as one reader's day and zone have them."""

    title: str
    message: str
    alternative: str
    until: str
    when: str


@cache
def environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(look=LOOKS, word=wording.PUBLIC_WORDS, status_look=STATUS_LOOKS, status_word=STATUS_WORDS)
    found.filters["iso"] = lambda t: f"{t:%Y-%m-%dT%H:%M:%SZ}"
    return found


def render(template: str, **words: Any) -> bytes:
    return environment().get_template(template).render(**words).encode()


def filled_notice(notice: Notice, today: date, zone: ZoneInfo) -> Words:
    """``title`` is the one for now or, of a notice still to come, the one that announces it."""
    times = {
        "from": wording.time_words(notice.start, today, zone, is_end=False),
        "until": _time(notice.end, today, zone),
        "next": _time(notice.next, today, zone),
    }
    return Words(
        title=wording.filled(notice.title, **times),
        message=wording.filled(notice.message, **times),
        alternative=wording.filled(notice.alternative, **times),
        until=times["until"],
        when=wording.span_words(notice.start, notice.end, today, zone),
    )


def _time(t: datetime | None, today: date, zone: ZoneInfo) -> str:
    return wording.time_words(t, today, zone) if t else ""
