"""A message in a follower's own zone: every time is right whenever it is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.channels import words
from tests.channels.given import a_letter


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "end", "want"),
    [
        ("Europe/London", at(21, 18), "Search is unavailable until 18:00 GMT"),
        ("Europe/Berlin", at(21, 18), "Search is unavailable until 19:00 CET"),
        ("Asia/Tokyo", at(21, 18), "Search is unavailable until Sunday 22 November 03:00 JST"),
        ("America/Sao_Paulo", at(21, 18), "Search is unavailable until 15:00 UTC-03"),
        ("Europe/London", at(22, 4), "Search is unavailable until Sunday 22 November 04:00 GMT"),
        ("Europe/London", at(22, 0), "Search is unavailable until 23:59 GMT"),
        (
            "Europe/London",
            datetime(2027, 1, 2, 4, 0, tzinfo=UTC),
            "Search is unavailable until Saturday 2 January 2027 04:00 GMT",
        ),
    ],
)
def test_an_end_is_said_with_its_zone_and_another_day_by_name(zone: str, end: datetime, want: str) -> None:
    letter = a_letter(zone=zone, title="Search is unavailable until {until}", end=end)
    assert words.told(letter).title == want


@pytest.mark.parametrize(
    ("zone", "start", "end", "want"),
    [
        ("Europe/London", at(22, 2), at(22, 4), "from Sunday 22 November 02:00 to 04:00 GMT"),
        ("Europe/London", at(21, 16), at(21, 18), "from 16:00 to 18:00 GMT"),
        ("Europe/London", at(21, 22), at(22, 4), "from 22:00 to Sunday 22 November 04:00 GMT"),
        ("Europe/Berlin", at(25, 0, 30, 10), at(25, 2, month=10), "from Sunday 25 October 02:30 CEST to 03:00 CET"),
    ],
)
def test_a_span_says_day_and_zone_once(zone: str, start: datetime, end: datetime, want: str) -> None:
    letter = a_letter(zone=zone, lines=("from {from} to {until}",), start=start, end=end)
    assert words.told(letter).lines == (want,)


@pytest.mark.parametrize(
    ("told", "line", "want"),
    [
        ({"next": at(21, 15)}, "We will say more by {next}.", ("We will say more by 15:00 GMT.",)),
        ({"next": None}, "{next}", ()),
        ({"end": None}, "Braces {like} these stay.", ("Braces {like} these stay.",)),
        ({}, "One\u202eline\x00", ("Oneline",)),
    ],
)
def test_what_is_not_known_or_not_meant_is_left_alone(told: Any, line: str, want: tuple[str, ...]) -> None:
    assert words.told(a_letter(lines=(line,), **told)).lines == want


def test_a_late_letter_says_since_when_it_is_true() -> None:
    told = words.told(a_letter(is_late=True, sent_at=at(22, 9)))
    assert told.late == "This comes late: it became true on Saturday 21 November 14:20 GMT."
    assert told.told == "Sunday 22 November 2026, 09:00 GMT"


def test_a_title_is_one_line() -> None:
    assert (
        words.told(a_letter(title="Search\r\nBcc: all@example.org\u2028is down")).title
        == "Search Bcc: all@example.org is down"
    )
