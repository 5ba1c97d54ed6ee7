from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.rules.walltime import Fold, Gap, is_zone, moment_of, next_time_of_day

BERLIN, LONDON, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")


def wall(words: str) -> datetime:
    return datetime.fromisoformat(words)


def utc(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "zone", "typed", "want"),
    [
        ("winter", LONDON, "2026-11-21T18:00", "2026-11-21T18:00"),
        ("summer", LONDON, "2026-07-01T18:00", "2026-07-01T17:00"),
        ("before the jump", BERLIN, "2027-03-28T01:59", "2027-03-28T00:59"),
        ("the first minute after it", BERLIN, "2027-03-28T03:00", "2027-03-28T01:00"),
        ("London jumps an hour earlier", LONDON, "2027-03-28T02:00", "2027-03-28T01:00"),
        ("just before an hour that comes twice", BERLIN, "2026-10-25T01:59", "2026-10-24T23:59"),
        ("just after it", BERLIN, "2026-10-25T03:00", "2026-10-25T02:00"),
    ],
)
def test_one_moment(name: str, zone: ZoneInfo, typed: str, want: str) -> None:
    assert moment_of(wall(typed), zone) == utc(want)


@pytest.mark.parametrize(
    ("name", "zone", "typed", "earlier", "later"),
    [
        ("Berlin", BERLIN, "2027-03-28T02:00", "01:00", "03:00"),
        ("Berlin, half past", BERLIN, "2027-03-28T02:30", "01:30", "03:30"),
        ("Berlin, the last minute", BERLIN, "2027-03-28T02:59", "01:59", "03:59"),
        ("New York", NEW_YORK, "2027-03-14T02:00", "01:00", "03:00"),
        ("London", LONDON, "2027-03-28T01:00", "00:00", "02:00"),
        ("a jump of half an hour", ZoneInfo("Australia/Lord_Howe"), "2026-10-04T02:15", "01:45", "02:45"),
        ("a jump at midnight", ZoneInfo("Africa/Cairo"), "2026-04-24T00:30", "23:30", "01:30"),
    ],
)
def test_a_wall_time_that_does_not_exist(name: str, zone: ZoneInfo, typed: str, earlier: str, later: str) -> None:
    found = moment_of(wall(typed), zone)
    assert isinstance(found, Gap)
    assert [f"{moment.astimezone(zone):%H:%M}" for moment in (found.earlier, found.later)] == [earlier, later]


@pytest.mark.parametrize(
    ("name", "zone", "typed", "first", "second"),
    [
        ("Berlin", BERLIN, "2026-10-25T02:00", "2026-10-25T00:00", "2026-10-25T01:00"),
        ("Berlin, the last minute", BERLIN, "2026-10-25T02:59", "2026-10-25T00:59", "2026-10-25T01:59"),
        ("New York", NEW_YORK, "2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T06:30"),
        ("London", LONDON, "2026-10-25T01:30", "2026-10-25T00:30", "2026-10-25T01:30"),
    ],
)
def test_a_wall_time_that_happens_twice(name: str, zone: ZoneInfo, typed: str, first: str, second: str) -> None:
    assert moment_of(wall(typed), zone) == Fold(utc(first), utc(second))


def test_a_night_of_two_hours_lasts_three_when_the_clocks_go_back() -> None:
    after = moment_of(wall("2026-10-25T04:00"), BERLIN)
    before = moment_of(wall("2026-10-25T02:00"), BERLIN)
    assert isinstance(before, Fold)
    assert isinstance(after, datetime)
    assert (after - before.first).total_seconds() == 3 * 3600


@pytest.mark.parametrize(
    ("name", "zone", "now", "clock", "want"),
    [
        ("later today", LONDON, "2026-11-21T14:30", "18:00", "2026-11-21T18:00"),
        ("tomorrow, once it is that time", LONDON, "2026-11-21T18:00", "18:00", "2026-11-22T18:00"),
        ("in Tokyo it is tomorrow already", TOKYO, "2026-11-21T16:00", "18:00", "2026-11-22T09:00"),
        ("a day of 23 hours", LONDON, "2027-03-27T18:30", "18:00", "2027-03-28T17:00"),
        ("the second of two, once the first has passed", LONDON, "2026-10-25T00:40", "01:30", "2026-10-25T01:30"),
    ],
)
def test_next_time_of_day(name: str, zone: ZoneInfo, now: str, clock: str, want: str) -> None:
    assert next_time_of_day(utc(now), clock, zone) == utc(want)


def test_a_time_of_day_may_not_exist_tomorrow() -> None:
    assert isinstance(next_time_of_day(utc("2027-03-27T12:00"), "02:30", BERLIN), Gap)


@pytest.mark.parametrize(
    ("name", "want"),
    [("Europe/London", True), ("UTC", True), ("Europe/Larkfield", False), ("", False), ("../etc/passwd", False)],
)
def test_is_zone(name: str, want: bool) -> None:
    assert is_zone(name) is want
