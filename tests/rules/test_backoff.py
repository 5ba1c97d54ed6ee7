"""How long is waited after each try."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.rules import backoff
from dashboard.rules.backoff import MOST, TRIED_FOR, WAITS, wait

NONE = timedelta()
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("tries", "tried_for", "jitter", "said", "expected"),
    [
        (1, NONE, 0, None, timedelta(seconds=5)),
        (1, NONE, 1, None, timedelta(seconds=6)),
        (2, 5 * SECOND, 0, None, timedelta(minutes=5)),
        (2, 4 * SECOND, 0, None, timedelta(seconds=5)),  # tried out of turn: the next wait is no longer
        (9, HOUR, 0, None, timedelta(hours=2)),
        (10, HOUR, 0, None, timedelta(hours=2)),  # nor is it given up by that
        (9, TRIED_FOR, 0, None, timedelta(hours=24)),
        (10, TRIED_FOR, 0, None, None),
        (1, NONE, 0, 120, timedelta(seconds=120)),
        (2, HOUR, 0, 120, timedelta(minutes=5)),  # what is asked for never shortens it
        (1, NONE, 0, -7, timedelta(seconds=5)),
        (1, NONE, 0, float("inf"), MOST),
    ],
)
def test_wait(tries: int, tried_for: timedelta, jitter: float, said: float | None, expected: timedelta | None) -> None:
    assert wait(tries, tried_for, jitter, said) == expected


def test_it_is_tried_for_at_least_three_days() -> None:
    assert sum(WAITS, NONE) >= TRIED_FOR


def test_nobody_asks_for_more_than_a_day() -> None:
    assert backoff.asked(10**9) == MOST


@pytest.mark.parametrize(("tries", "failing_for", "expected"), [(2, TRIED_FOR, False), (3, TRIED_FOR, True)])
def test_who_is_told_often_is_lost_by_the_time_that_nothing_arrived(
    tries: int, failing_for: timedelta, expected: bool
) -> None:
    assert backoff.is_lost(tries, failing_for) is expected
    assert not backoff.is_lost(tries, failing_for - SECOND)


@pytest.mark.parametrize(("tries", "minutes"), [(2, 5), (3, 15), (50, 15)])
def test_a_fault_of_ours_is_looked_at_again_soon(tries: int, minutes: int) -> None:
    assert backoff.until_mended(tries, 0) == timedelta(minutes=minutes)


def test_but_not_without_end() -> None:
    waits = [backoff.until_mended(tries, 0) for tries in range(1, backoff.OURS)]
    assert sum((wait for wait in waits if wait), NONE) >= TRIED_FOR
    assert (None in waits, backoff.until_mended(backoff.OURS, 0)) == (False, None)
