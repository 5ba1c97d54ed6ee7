"""A timeline as a text: what it looks like, and that nothing typed is markup in it."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.rules import report
from dashboard.rules.report import Line

NOW = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
LINES = (
    Line(NOW - timedelta(hours=1), "update", "Tom Reed", "Investigating", "You cannot pay.\n\nWe look.", True),
    Line(NOW, "section", "Priya Shah", "Documents: off"),
)


def test_markdown() -> None:
    text = report.markdown(
        "Payments", [("Began", "23:30"), ("Ended", "")], LINES, {"Cause": "A disk.", "Rest": ""}, BERLIN
    )
    assert text.splitlines() == [
        "# Payments",
        "",
        "- Began: 23:30",
        "",
        "## Timeline",
        "",
        "Times are Europe/Berlin.",
        "",
        "### 1 July 2026",
        "",
        "**23:30** Investigating, Tom Reed",
        "",
        "> You cannot pay.",
        ">",
        "> We look.",
        "",
        "### 2 July 2026",
        "",
        "**00:30** Documents: off, Priya Shah (staff only)",
        "",
        "## Cause",
        "",
        "> A disk.",
    ]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("<script>alert(1)</script>", r"> \<script\>alert(1)\</script\>"),
        ("[x](javascript:alert(1))", r"> \[x\](javascript:alert(1))"),
        ("# heading", r"> \# heading"),
        ("*bold* _it_ `code` ~~no~~", r"> \*bold\* \_it\_ \`code\` \~\~no\~\~"),
        ("- item", r"> \- item"),
        ("1. item", r"> 1\. item"),
        ("1) item", r"> 1\) item"),
        ("===", r"> \==="),
        ("| a | b |", r"> \| a \| b \|"),
        ("    code", "> code"),
        ("&lt;", r"> \&lt;"),
        ("a\\", r"> a\\"),
        ("> quote", r"> \> quote"),
        ("13:10 it broke", "> 13:10 it broke"),
    ],
)
def test_nothing_typed_is_markdown(typed: str, line: str) -> None:
    assert report.markdown("x", [], [], {"Cause": typed}, BERLIN).splitlines()[-1] == line


def test_a_line_stays_a_line() -> None:
    assert report.markdown("x", [], [], {"Cause": "a\nb\n\nc"}, BERLIN).splitlines()[-4:] == [
        "> a\\",
        "> b",
        ">",
        "> c",
    ]


def test_a_title_is_one_line() -> None:
    assert report.markdown("a\n# b", [], [], {}, BERLIN).startswith("# a \\# b\n")


def test_spreadsheet() -> None:
    text = report.spreadsheet((*LINES, Line(NOW, "change", "=1+1", "@x", "-2")), BERLIN)
    rows = list(csv.reader(text.removeprefix("\ufeff").splitlines(keepends=True)))
    assert rows[0] == [*report.COLUMNS]
    assert rows[1] == [
        "2026-07-01T21:30:00Z",
        "2026-07-01 23:30:00",
        "Europe/Berlin",
        "update",
        "Tom Reed",
        "Investigating",
        "You cannot pay.\n\nWe look.",
        "yes",
    ]
    assert rows[3][4:] == ["'=1+1", "'@x", "'-2", "no"]
    assert not re.search(r"(^|,)\"?[=+@-]", text)
