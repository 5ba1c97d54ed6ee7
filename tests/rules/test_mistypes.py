"""Times that look mistyped, in a table."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.rules.mistypes import doubts

LONDON = ZoneInfo("Europe/London")
KNOWN = datetime(2026, 10, 1, 9, tzinfo=LONDON)


def wall(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=LONDON, fold=fold)


@pytest.mark.parametrize(
    ("start", "end", "kinds"),
    [
        ("11-22T02:00", "11-22T04:00", []),
        ("11-22T22:00", "11-23T02:00", []),
        ("11-22T02:00", "11-22T14:00", []),  # just twelve hours: a day of work
        ("11-22T02:00", "11-22T16:00", ["half_day"]),  # 04:00 was meant
        ("11-22T02:00", "11-22T20:00", ["half_day"]),
        ("11-22T02:00", "11-22T20:01", []),
        ("11-22T02:00", "11-23T02:00", []),
        ("11-22T02:00", "11-23T04:00", ["too_long"]),
        ("11-22T14:00", "11-22T16:00", ["by_day"]),  # 02:00 was meant
        ("11-22T12:00", "11-22T18:00", ["by_day"]),
        ("11-22T11:59", "11-22T13:00", []),
        ("11-22T17:00", "11-22T18:00", []),
        ("11-22T12:00", "11-22T19:00", []),  # that is a whole afternoon's work
        ("09-30T09:00", "09-30T11:00", ["past"]),
        ("10-01T08:00", "10-01T10:00", ["past"]),
        ("10-01T08:50", "10-01T10:00", []),
        ("10-25T00:00", "10-25T04:00", ["clock_change"]),
        ("10-25T01:30", "10-25T01:45", ["clock_change"]),  # which of the two?
        ("10-25T02:00", "10-25T04:00", []),
        ("03-29T00:00", "03-29T04:00", ["past"]),
    ],
)
def test_doubts(start: str, end: str, kinds: list[str]) -> None:
    found = doubts(wall(start), wall(end), KNOWN, LONDON)
    assert [doubt.kind for doubt in found][: len(kinds) or None] == kinds


def test_a_year_too_far() -> None:
    start = datetime(2027, 11, 22, 2, tzinfo=LONDON)
    assert doubts(start, start.replace(hour=4), KNOWN, LONDON)[0].kind == "far"


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("11-22T02:00", "11-22T16:00", "It lasts 14 h. Was 04:00 meant, not 16:00?"),
        ("11-22T14:00", "11-22T16:00", "It begins at 14:00, by day. Was 02:00 meant?"),
        ("10-25T00:00", "10-25T04:00", "The clocks go back during it: 00:00 to 04:00 is 5 h."),
        ("11-22T02:00", "11-25T02:00", "It lasts 3 days. Is its last day right?"),
        ("10-01T06:00", "10-01T10:00", "It began 3 h before it was planned. Is its start right?"),
    ],
)
def test_sentences(start: str, end: str, sentence: str) -> None:
    assert doubts(wall(start), wall(end), KNOWN, LONDON)[0].sentence == sentence


def test_the_clocks_go_forward() -> None:
    start, end = datetime(2026, 3, 29, 0, 30, tzinfo=LONDON), datetime(2026, 3, 29, 2, 30, tzinfo=LONDON)
    found = doubts(start.astimezone(ZoneInfo("UTC")), end, datetime(2026, 3, 1, tzinfo=LONDON), LONDON)
    assert found[0].sentence == "The clocks go forward during it: 00:30 to 02:30 is 1 h."
