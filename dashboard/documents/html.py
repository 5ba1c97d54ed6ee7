"""Templates of the public documents, rendered without Flask, so that nobody needs a running app to publish."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboard.config import ROOT
from dashboard.rules import wording
from dashboard.rules.incident import Stage
from dashboard.rules.state import State
from dashboard.rules.status import Status
from dashboard.rules.text import is_link
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
STAGE_WORDS = {
    Stage.INVESTIGATING: "Investigating",
    Stage.IDENTIFIED: "Identified",
    Stage.MONITORING: "Monitoring",
    Stage.RESOLVED: "Resolved",
    Stage.POSTMORTEM: "Reviewed",
}
SOURCE_NAMES = {"pagerduty": "PagerDuty"}
_TOKEN = re.compile(r"\{(from|until|next)\}")
_KINDS = {"from": "start", "until": "end", "next": "end"}
_ALMOST_A_SECOND = timedelta(microseconds=999_999)
_SYMBOL = re.compile(r'<symbol id="(\w+)".*?</symbol>')


@dataclass(frozen=True, slots=True)
class Telling:
    """How times are told: as this day and zone have them. A reader's browser tells the marked ones again in its own."""

    today: date
    zone: ZoneInfo

    def plain(self, template: str, notice: Notice) -> str:
        """A notice's text with its times filled in; one that is not known leaves nothing."""
        return "".join(words for words, _, _ in self._pieces(template, notice))

    def marked(self, template: str, notice: Notice) -> Markup:
        """The same as HTML, each time in a ``<time>``."""
        pieces = self._pieces(template, notice)
        return Markup().join(_marked(words, t, kind) if t else words for words, t, kind in pieces)

    def said(self, notice: Notice) -> dict[str, str]:
        """A notice that is shown now, for programs; what is not known or not said is left out."""
        until = None if notice.is_late else notice.end  # one that has passed was a promise
        said = {
            "from": iso(notice.start),
            "until": iso(until) if until else "",
            "title": self.plain(notice.title, notice),
            "message": self.plain(notice.message, notice),
            "alternative": self.plain(notice.alternative, notice),
            "rev": notice.rev,
        }
        return {name: words for name, words in said.items() if words}

    def time(self, t: datetime, kind: str) -> Markup:
        """``kind``: "start", "end", or "by" (an end whose day is said even when it is this one)."""
        return _marked(self._words(t, kind, t), t, kind)

    def day(self, day: date) -> str:
        """ "Thursday 19 November"; with its year when that is another one."""
        return f"{day:%A} {day.day} {day:%B}" + (f" {day.year}" if day.year != self.today.year else "")

    def span(self, start: datetime, end: datetime) -> Markup:
        """From when until when planned work goes on, below its day: "02:00 to 04:00"."""
        return Markup("{} to {}").format(
            _marked(wording.clock_words(start, self.zone, is_end=False), start, "from"),
            _marked(wording.to_words(start, end, date.min, self.zone), end, "to"),
        )

    def dated(self, start: datetime, end: datetime) -> Markup:
        """The same where no day stands above it: "6 December 2026 02:00 to 04:00"."""
        return Markup("{} to {}").format(
            _marked(wording.time_words(start, self.today, self.zone, is_end=False), start, "from"),
            _marked(wording.to_words(start, end, self.today, self.zone), end, "to"),
        )

    def spoken(self, template: str, start: datetime, end: datetime) -> str:
        """Words on planned work with its times of day filled in."""
        times = {
            "from": wording.clock_words(start, self.zone, is_end=False),
            "until": wording.clock_words(end, self.zone),
        }
        return wording.filled(template, **times, next="")

    def over(self, start: datetime, end: datetime) -> Markup:
        """From when until when something was, below its last day: "14:10 to 18:00"."""
        same = start.astimezone(self.zone).date() == end.astimezone(self.zone).date()
        begun = _marked(wording.clock_words(start, self.zone, is_end=False), start, "clock")
        ended = _marked(wording.clock_words(end, self.zone), end, "clock")
        return Markup("{} to {}").format(begun if same else self.time(start, "start"), ended)

    def _pieces(self, template: str, notice: Notice) -> Iterator[tuple[str, datetime | None, str]]:
        """The words in turn, with the moment and the kind of those that are a time."""
        moments = {"from": notice.start, "until": notice.end, "next": notice.next}
        is_span = notice.end is not None and "{from}" in template and "{until}" in template
        kinds = {"from": "from", "until": "to", "next": "end"} if is_span else _KINDS
        for place, piece in enumerate(_TOKEN.split(template)):
            if place % 2 == 0:
                yield piece, None, ""
            elif t := moments[piece]:
                yield self._words(t, kinds[piece], notice.start), t, kinds[piece]

    def _words(self, t: datetime, kind: str, start: datetime) -> str:
        match kind:
            case "to":
                return wording.to_words(start, t, self.today, self.zone)
            case "by":
                return wording.by_words(t, self.today, self.zone)
        return wording.time_words(t, self.today, self.zone, is_end=kind == "end")


def _marked(words: str, t: datetime, kind: str) -> Markup:
    return Markup('<time datetime="{}" data-t="{}">{}</time>').format(iso(t), kind, words)


def iso(t: datetime) -> str:
    """The whole second by which it has come: who asks again then is told so."""
    return f"{t + _ALMOST_A_SECOND:%Y-%m-%dT%H:%M:%SZ}"


@cache
def _symbols() -> dict[str, Markup]:
    drawn = (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")
    return {match[1]: Markup(match[0].replace('id="', 'id="i-')) for match in _SYMBOL.finditer(drawn)}


def sprite(body: str) -> Markup:
    """The symbols that a page uses, to be drawn without another request. A promised end may make one unknown."""
    used = set(re.findall(r'href="#i-(\w+)"', body)) | ({"unknown"} if "data-until" in body else set())
    return Markup().join(symbol for name, symbol in _symbols().items() if name in used)


@cache
def environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        auto_reload=False,  # templates of a newer version belong to the next start
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        look=LOOKS,
        word=wording.PUBLIC_WORDS,
        status_look=STATUS_LOOKS,
        status_word=STATUS_WORDS,
        stage_word=STAGE_WORDS,
        source_name=SOURCE_NAMES,
        sprite=sprite,
    )
    found.filters.update(iso=iso, is_link=is_link, lasting=wording.length_words)
    return found


def render(template: str, **words: Any) -> bytes:
    return environment().get_template(template).render(**words).encode()
