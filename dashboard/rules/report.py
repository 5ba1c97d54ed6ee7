"""A whole timeline as a text: Markdown to read on, lines for a spreadsheet. Nothing that was typed is markup in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from dashboard.rules import sheet

COLUMNS = ("Time (UTC)", "Local time", "Time zone", "Kind", "Who", "What", "Words", "Public")

_INLINE = re.compile(r"([\\`*_\[\]<>&|~#$])")
_AT_START = re.compile(r"^([+\-=:]|\d{1,9}(?=[.)]))")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was so or was done at a time. ``kind``: update, component, section or change."""

    at: datetime
    kind: str
    who: str
    what: str
    words: str = ""
    is_public: bool = False


def markdown(
    title: str, about: Iterable[tuple[str, str]], lines: Iterable[Line], parts: Mapping[str, str], zone: ZoneInfo
) -> str:
    """``about``: what is said at the top, by its label; ``parts`` of the review, by their headings; ``lines`` in order
    of time."""
    head = [f"# {escaped(title)}", "", *(f"- {label}: {escaped(words)}" for label, words in about if words), ""]
    told: list[str] = []
    for day, found in groupby(lines, key=lambda line: line.at.astimezone(zone).date()):
        told += [f"### {day.day} {day:%B %Y}", ""]
        for line in found:
            told += [*_told(line, zone), ""]
    written = [text for name, words in parts.items() if words for text in (f"## {name}", "", *_quoted(words), "")]
    return "\n".join([*head, "## Timeline", "", f"Times are {zone.key}.", "", *told, *written])


def spreadsheet(lines: Iterable[Line], zone: ZoneInfo) -> str:
    return sheet.MARK + "".join(sheet.line(cells) for cells in (COLUMNS, *(_cells(line, zone) for line in lines)))


def escaped(words: str) -> str:
    """One line in which nothing is Markdown."""
    return _line(" ".join(words.split()))


def _told(line: Line, zone: ZoneInfo) -> list[str]:
    staff = "" if line.is_public else " (staff only)"
    first = f"**{line.at.astimezone(zone):%H:%M}** {escaped(line.what)}, {escaped(line.who)}{staff}"
    return [first, "", *_quoted(line.words)] if line.words else [first]


def _quoted(words: str) -> list[str]:
    """Line by line: what begins a line is no list or heading, and no indent makes it code. A line stays a line."""
    quoted = [_line(line.strip()) for line in words.splitlines()]
    ends = [line + "\\" if line and after else line for line, after in zip(quoted, [*quoted[1:], ""], strict=True)]
    return [f"> {line}".rstrip() for line in ends]


def _line(words: str) -> str:
    return _AT_START.sub(_backslashed, _INLINE.sub(r"\\\1", words))


def _backslashed(match: re.Match[str]) -> str:
    """A digit cannot be escaped; what follows it can."""
    return f"\\{match[0]}" if not match[0].isdigit() else f"{match[0]}\\"


def _cells(line: Line, zone: ZoneInfo) -> tuple[str, ...]:
    utc, local = line.at.astimezone(UTC), line.at.astimezone(zone)
    times = f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{local:%Y-%m-%d %H:%M:%S}", zone.key
    return *times, line.kind, line.who, line.what, line.words, "yes" if line.is_public else "no"
