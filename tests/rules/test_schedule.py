"""What is told of the time to come, as readers' clocks play it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.rules.schedule import MOST, Stretch, in_sight, schedule
from tests.rules.given import HOUR, at, cause, causes

T, HORIZON, DAY = at("14:30"), at("22:00"), timedelta(days=1)


def gist(stretch: Stretch) -> str:
    end = f"{stretch.end:%H:%M}" if stretch.end else ""
    warned = f" warned {stretch.warn_from:%H:%M}" if stretch.warn_from else ""
    return f"{stretch.state} {stretch.start:%H:%M}-{end}{' hold' if stretch.hold else ''}{warned}"


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("nothing", "", ""),
        ("what holds now", "14:00-18:00", "down 14:00-18:00"),
        ("what is over is not told", "13:00-14:30", ""),
        ("what comes, with its warning", "16:00-18:00", "down 16:00-18:00 warned 15:00"),
        ("what comes at the horizon", "22:00-23:00", "down 22:00-23:00 warned 21:00"),
        ("what comes after it is not told", "22:01-23:00", ""),
        (
            "what holds now and what comes",
            "14:00-15:00, 17:00-18:00",
            "down 14:00-15:00; down 17:00-18:00 warned 16:00",
        ),
        ("what touches or overlaps is one", "14:00-15:00, 15:00-16:00, 15:30-18:00", "down 14:00-18:00"),
        ("an end that is not known", "14:00", "down 14:00-"),
        ("hold", "14:00-18:00 hold", "down 14:00-18:00 hold"),
        ("late", "9:00-12:00 hold", "down 09:00-12:00 hold"),
        ("hold within a longer one", "14:00-18:00, 15:00-16:00 hold", "down 14:00-18:00 hold"),
        (
            "out of trouble there is no warning",
            "slow 14:00-18:00, 16:00-17:00",
            "degraded 14:00-18:00; down 16:00-17:00",
        ),
        ("milder, seen when worse ends", "14:00-16:00, slow 15:00-18:00", "down 14:00-16:00; degraded 16:00-18:00"),
        (
            "milder, begun before and seen again",
            "slow 13:00-20:00, 14:00-15:00, 16:00-17:00",
            "down 14:00-15:00; degraded 15:00-20:00; down 16:00-17:00",
        ),
        ("milder within worse is never seen", "14:00-18:00, slow 15:00-16:00", "down 14:00-18:00"),
        ("milder within what nobody knows the end of", "14:00, slow 15:00-16:00", "down 14:00-"),
        (
            "held, and hidden beyond its end",
            "14:00-18:00, slow 15:00-16:00 hold",
            "down 14:00-18:00; degraded 18:00- hold",
        ),
        (
            "both from the same moment",
            "16:00-17:00, slow 16:00-18:00",
            "down 16:00-17:00 warned 15:00; degraded 17:00-18:00",
        ),
        ("around a gap", "14:00-20:00 gap 15:00-18:00", "down 14:00-15:00; down 18:00-20:00 warned 17:00"),
    ],
)
def test_schedule(name: str, given: str, want: str) -> None:
    assert "; ".join(gist(stretch) for stretch in schedule(causes(given), T, HORIZON, HOUR)) == want


def test_who_speaks_at_its_start_speaks_for_a_stretch() -> None:
    first, second = cause("16:00-18:00", ref="first"), cause("17:00-19:00", ref="second", known="10:00")
    assert [stretch.cause.ref for stretch in schedule([first, second], T, HORIZON, HOUR)] == ["first"]


def test_only_so_many_are_told() -> None:
    many = [cause(f"{15 + n // 20}:{n % 20 * 3:02}-{15 + n // 20}:{n % 20 * 3 + 1:02}") for n in range(MOST * 2)]
    assert len(schedule(many, T, HORIZON, HOUR)) == MOST


def test_what_holds_now_is_not_counted_among_them() -> None:
    many = [cause("14:00-14:45"), *(cause(f"{15 + n}:00-{15 + n}:30") for n in range(7))]
    assert [stretch.start for stretch in schedule(many, T, HORIZON, HOUR)] == [one.start for one in many[: MOST + 1]]


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("nothing", "", ""),
        ("what holds, and what comes", "14:00-18:00, 20:00-21:00", "1 2"),
        ("what comes by the horizon, and one more", "22:00-23:00, 22:01-22:30, 23:10-23:20, 23:30-23:40", "1 2 3"),
        (
            "as many as are told, and one more",
            "14:00-15:00, 16:00-16:10, 17:00-17:10, 18:00-18:10, 19:00-19:10, 20:00-20:10, 21:00-21:10",
            "1 2 3 4 5 6",
        ),
        (
            "all that a stretch is made of",
            "16:00-16:10, 17:00-17:10, 18:00-18:10, 19:00-20:00, 19:30-20:10, 20:10-20:30, 21:00-21:10",
            "1 2 3 4 5 6 7",
        ),
        (
            "what is overruled is not counted",
            "16:00-16:10 gap 15:00-16:05, 17:00-17:10, 18:00-18:10, 19:00-19:10, 20:00-20:10, 21:00-21:10",
            "1 2 3 4 5 6",
        ),
        ("what was called off does not matter", "16:00-17:00 ended 14:00, 18:00-19:00", "2"),
    ],
)
def test_in_sight(name: str, given: str, want: str) -> None:
    assert " ".join(one.ref.removeprefix("outage-") for one in in_sight(causes(given), T, HORIZON)) == want


def test_what_is_far_is_not_looked_at() -> None:
    windows = (cause("15:00-15:30", ref=f"window-{n}", kind="window") for n in range(1_000))
    daily = (replace(one, start=one.start + n * DAY, end=one.start + n * DAY + HOUR) for n, one in enumerate(windows))
    assert len(in_sight(daily, T, T + 30 * DAY)) == MOST + 1
    assert next(windows).ref == f"window-{MOST + 1}"
