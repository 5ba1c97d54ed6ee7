"""Stages of planned work, and what typed times mean when the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.rules.window import Stage, moved_to, settled, stage_at, still_meant

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 22, 2, tzinfo=UTC)
END = START + 2 * HOUR
BERLIN = ZoneInfo("Europe/Berlin")
GAP = datetime.fromisoformat("2027-03-28T02:30")
FOLD = datetime.fromisoformat("2026-10-25T02:30")


@pytest.mark.parametrize(
    ("hours", "verifying", "gone", "stage"),
    [
        (-0.1, None, None, Stage.SCHEDULED),
        (0, None, None, Stage.IN_PROGRESS),
        (1.5, None, None, Stage.IN_PROGRESS),
        (1.5, 1.5, None, Stage.VERIFYING),
        (1.4, 1.5, None, Stage.IN_PROGRESS),
        (2, 1.5, None, Stage.COMPLETED),
        (-1, None, -2, Stage.CANCELLED),
        (3, None, -2, Stage.CANCELLED),
        (1, None, 0, Stage.CANCELLED),
        (1, None, 1, Stage.COMPLETED),
        (1, 0.5, 1, Stage.COMPLETED),
        (0.9, 0.5, 1, Stage.VERIFYING),
        (-0.1, -1, None, Stage.SCHEDULED),
    ],
)
def test_stage(hours: float, verifying: float | None, gone: float | None, stage: Stage) -> None:
    verifying_at, gone_at = (None if at is None else START + at * HOUR for at in (verifying, gone))
    assert stage_at(START, END, verifying_at, gone_at, START + hours * HOUR) is stage


def test_a_time_in_a_gap_is_the_later_one_and_says_so() -> None:
    moment = settled(GAP, BERLIN)
    assert moment == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert moved_to("2027-03-28T02:30", "Europe/Berlin", moment) == GAP + HOUR
    assert moved_to("2027-03-29T02:30", "Europe/Berlin", moment) is None
    assert moved_to("", "", moment) is None


def test_of_two_it_is_the_first_unless_somebody_said_so() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert settled(FOLD, BERLIN) == first
    assert still_meant(FOLD, BERLIN, second) == second
    assert still_meant(FOLD, BERLIN, second + HOUR) == first


def test_what_was_said_of_a_gap_stands() -> None:
    earlier = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    assert still_meant(GAP, BERLIN, earlier) == earlier
    assert still_meant(GAP, BERLIN, earlier + 5 * HOUR) == earlier + HOUR
