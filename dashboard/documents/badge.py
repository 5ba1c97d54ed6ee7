"""A small picture of one section's state, for wikis and read-me files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from dashboard.documents import html
from dashboard.rules import wording
from dashboard.rules.state import State
from dashboard.snapshot import SectionNow, Snapshot

COLOURS = {State.OK: "#0f5a44", State.APPROACHING: "#1b479f", State.DEGRADED: "#6f4a00", State.DOWN: "#860f29"}
_PADDING = 14
_LONGEST = 60  # characters of a name


@dataclass(frozen=True, slots=True)
class Badge:
    name: str
    state: State
    words: str


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, Badge]]:
    for section in snapshot.sections:
        words = _words(section, snapshot.today, snapshot.zone)
        yield f"/badge/{section.key}.svg", Badge(section.name, section.state, words)


def render(badge: Badge) -> bytes:
    name = badge.name if len(badge.name) <= _LONGEST else f"{badge.name[: _LONGEST - 1]}…"
    left, right = (_width(text) + _PADDING for text in (name, badge.words))
    return html.render(
        "public/badge.svg",
        badge=badge,
        name=name,
        colour=COLOURS[badge.state],
        left=left,
        right=right,
        width=left + right,
    )


def _width(text: str) -> int:
    """Roughly what it takes at 11 px; the picture makes it exact by ``textLength``."""
    return round(sum(11 if unicodedata.east_asian_width(letter) in "WF" else 6.6 for letter in text))


def _words(section: SectionNow, today: date, zone: ZoneInfo) -> str:
    notice = section.notice
    if notice is None:
        return "working"
    if section.state is State.APPROACHING:
        return f"off {wording.span_words(notice.start, notice.end, today, zone)}"
    word = wording.PUBLIC_WORDS[section.state].lower()
    if notice.end is None or section.now.late:
        return word
    return f"{word} until {wording.time_words(notice.end, today, zone)}"
