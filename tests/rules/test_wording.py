from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.rules import wording
from dashboard.rules.state import State

LONDON, TODAY = ZoneInfo("Europe/London"), date(2026, 11, 21)  # a Saturday


def utc(words: str) -> datetime:
    return datetime.fromisoformat(f"2026-{words}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "t", "want"),
    [
        ("today", "11-21T18:00", "18:00"),
        ("earlier today", "11-21T08:05", "08:05"),
        ("tomorrow", "11-22T04:00", "tomorrow 04:00"),
        ("within a week, the day", "11-23T04:00", "Monday 04:00"),
        ("the last day of that week", "11-27T04:00", "Friday 04:00"),
        ("a week ahead, the date", "11-28T04:00", "28 November 04:00"),
        ("yesterday, the date", "11-20T04:00", "20 November 04:00"),
        ("the end of this day is not midnight", "11-22T00:00", "23:59"),
        ("the end of tomorrow neither", "11-23T00:00", "tomorrow 23:59"),
    ],
)
def test_time_words_of_an_end(name: str, t: str, want: str) -> None:
    assert wording.time_words(utc(t), TODAY, LONDON) == want


@pytest.mark.parametrize(
    ("name", "t", "want"),
    [
        ("a start at midnight is a minute later", "11-22T00:00", "tomorrow 00:01"),
        ("and on the day that begins then", "11-21T00:00", "00:01"),
        ("a minute past stays", "11-22T00:01", "tomorrow 00:01"),
    ],
)
def test_time_words_of_a_start(name: str, t: str, want: str) -> None:
    assert wording.time_words(utc(t), TODAY, LONDON, is_end=False) == want


def test_another_year_is_said() -> None:
    assert wording.time_words(datetime(2027, 1, 3, 4, tzinfo=UTC), TODAY, LONDON) == "3 January 2027 04:00"


def test_times_are_those_of_the_zone() -> None:
    assert wording.time_words(utc("11-21T23:30"), TODAY, ZoneInfo("Asia/Tokyo")) == "tomorrow 08:30"


@pytest.mark.parametrize(
    ("name", "start", "end", "want"),
    [
        ("today", "11-21T16:00", "11-21T18:00", "16:00 to 18:00"),
        ("the day is said once", "11-22T02:00", "11-22T04:00", "tomorrow 02:00 to 04:00"),
        ("another day is said", "11-22T22:00", "11-23T04:00", "tomorrow 22:00 to Monday 04:00"),
        ("a whole day", "11-22T00:00", "11-23T00:00", "tomorrow 00:01 to 23:59"),
        ("an end that is not known", "11-22T02:00", "", "from tomorrow 02:00"),
    ],
)
def test_span_words(name: str, start: str, end: str, want: str) -> None:
    assert wording.span_words(utc(start), utc(end) if end else None, TODAY, LONDON) == want


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["Europe/London", "Asia/Kathmandu", "Africa/Cairo"]),
)
def test_never_midnight(t: datetime, zone: str) -> None:
    said = t.replace(second=0, microsecond=0, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for is_end in (True, False):
        words = wording.time_words(said, TODAY, ZoneInfo(zone), is_end) + wording.clock_words(
            said, ZoneInfo(zone), is_end
        )
        assert "00:00" not in words
        assert "24:00" not in words


@pytest.mark.parametrize(
    ("minutes", "want"),
    [
        (0, "0 min"),
        (-5, "0 min"),
        (59, "59 min"),
        (60, "1 h"),
        (208, "3 h 28 min"),
        (24 * 60, "1 day"),
        (50 * 60, "2 days"),
    ],
)
def test_length_words(minutes: int, want: str) -> None:
    assert wording.length_words(timedelta(minutes=minutes)) == want


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("down", (State.DOWN, True, False, False), "Tax is unavailable until {until}"),
        ("down, no end", (State.DOWN, False, False, False), "Tax is unavailable"),
        ("late", (State.DOWN, True, True, False), "Tax is still unavailable"),
        ("soon", (State.DOWN, True, False, True), "Tax will be unavailable {from} to {until}"),
        ("soon, no end", (State.DOWN, False, False, True), "Tax will be unavailable from {from}"),
        ("slow", (State.DEGRADED, True, False, False), "Tax is slow"),
        ("slow and late is slow", (State.DEGRADED, True, True, False), "Tax is slow"),
        ("soon slow", (State.DEGRADED, True, False, True), "Tax may be slow {from} to {until}"),
        ("soon slow, no end", (State.DEGRADED, False, False, True), "Tax may be slow from {from}"),
    ],
)
def test_title(name: str, given: tuple[Any, ...], want: str) -> None:
    state, known, late, soon = given
    assert wording.title("Tax", state, until_known=known, late=late, soon=soon) == want


@pytest.mark.parametrize(
    ("name", "template", "words", "want"),
    [
        ("each once", "{from} to {until}", {"from": "02:00", "until": "04:00"}, "02:00 to 04:00"),
        ("what is not given stays", "{other} {until}", {"until": "04:00"}, "{other} 04:00"),
        ("nothing is looked at again", "{a}", {"a": "{b}", "b": "x"}, "{b}"),
        ("no attributes, no formats", "{a.__class__} {a!r} {0}", {"a": "x"}, "{a.__class__} {a!r} {0}"),
        ("a lone brace", "{ {until", {"until": "x"}, "{ {until"),
    ],
)
def test_filled(name: str, template: str, words: dict[str, str], want: str) -> None:
    assert wording.filled(template, **words) == want


@pytest.mark.parametrize(
    ("name", "message", "known", "promised", "alternative", "want"),
    [
        ("all three", "You cannot pay.", True, False, "Call us.", (True, True, True)),
        ("nothing said", "", False, False, "", (False, False, False)),
        ("a promise is as good as an end", "You cannot pay.", False, True, "", (True, True, False)),
        ("another way within the message", "You cannot pay. Call 0300 000 0000.", True, False, "", (True, True, True)),
        ("curly apostrophes", "You can’t pay.", True, False, "", (True, True, False)),
        ("only what still works", "You can still read letters.", True, False, "", (False, True, True)),
    ],
)
def test_checks(
    name: str, message: str, known: bool, promised: bool, alternative: str, want: tuple[bool, bool, bool]
) -> None:
    assert tuple(check.passed for check in wording.checks(message, known, promised, alternative)) == want


@pytest.mark.parametrize(
    ("message", "want"),
    [
        ("You cannot pay.", []),
        ("Scheduled Maintenance.", ["Instead of “maintenance”: say what people cannot do"]),
        ("Back shortly. An issue.", ["Instead of “issue”: use “problem”", "Instead of “shortly”: say when"]),
        ("Tissue samples", []),
        ("Error 503", ["Instead of “503”: say what people cannot do"]),
    ],
)
def test_discouraged(message: str, want: list[str]) -> None:
    assert wording.discouraged(message) == want


def test_every_state_has_a_word_for_the_public() -> None:
    assert set(wording.PUBLIC_WORDS) == set(State)
