"""How much of a time something worked."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.rules.span import Span
from dashboard.rules.status import Status
from dashboard.rules.uptime import Known, cut, history, mean, uptime, worst

T = datetime(2026, 11, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Span(T, T + 24 * HOUR)
OP, WORK, SLOW, PARTIAL, MAJOR = Status
WEIGHTS = {MAJOR: 1.0, PARTIAL: 0.3}


def span(start: float, end: float | None) -> Span:
    return Span(T + start * HOUR, None if end is None else T + end * HOUR)


def told(known: tuple[Known, ...]) -> list[tuple[float, float, Status]]:
    return [((one.start - T) / HOUR, (one.end - T) / HOUR, one.status) for one in known]


def test_a_history_is_swept_once() -> None:
    found = history([(T - HOUR, OP)], [span(2, 4)], [(span(3, 5), SLOW), (span(4, None), MAJOR)], DAY)
    assert told(found) == [(0, 2, OP), (2, 3, WORK), (3, 4, SLOW), (4, 24, MAJOR)]


def test_before_the_first_status_nothing_is_known() -> None:
    assert told(history([(T + 20 * HOUR, OP)], [], [(span(1, 2), MAJOR)], DAY)) == [(20, 24, OP)]
    assert history([], [], [], DAY) == ()


def test_before_it_begins_nothing_is_known() -> None:
    assert history([(T, OP)], [span(1, None)], [], span(48, 24)) == ()


def test_a_standing_status_gives_way_to_planned_work() -> None:
    found = history([(T, MAJOR), (T + 6 * HOUR, OP)], [span(1, 2)], [], DAY)
    assert told(found) == [(0, 1, MAJOR), (1, 2, WORK), (2, 6, MAJOR), (6, 24, OP)]


@pytest.mark.parametrize(
    ("known", "want"),
    [
        ([], None),
        ([Known(T, T + HOUR, OP)], 1),
        ([Known(T, T + HOUR, MAJOR)], 0),
        ([Known(T, T + HOUR, OP), Known(T + 9 * HOUR, T + 10 * HOUR, MAJOR)], 0.5),
        ([Known(T, T + HOUR, PARTIAL)], 0.7),
        ([Known(T, T + HOUR, SLOW), Known(T, T + HOUR, WORK)], 1),
    ],
)
def test_uptime(known: list[Known], want: float | None) -> None:
    assert uptime(known, WEIGHTS) == want


@pytest.mark.parametrize(("shares", "want"), [([], None), ([None], None), ([1, None, 0.5], 0.75)])
def test_a_group_is_the_mean_of_its_members(shares: list[float | None], want: float | None) -> None:
    assert mean(shares) == want


def test_the_worst_of_a_day() -> None:
    assert worst([Known(T, T + HOUR, SLOW), Known(T, T + HOUR, OP)]) is SLOW
    assert worst([]) is None


hours = st.integers(-5, 30)
statuses = st.sampled_from(list(Status))


@given(
    baseline=st.lists(st.tuples(hours, statuses), max_size=4),
    windows=st.lists(st.tuples(hours, hours), max_size=3),
    impacts=st.lists(st.tuples(hours, hours, statuses), max_size=4),
    at=st.integers(0, 23),
)
def test_days_add_up(
    baseline: list[tuple[int, Status]],
    windows: list[tuple[int, int]],
    impacts: list[tuple[int, int, Status]],
    at: int,
) -> None:
    found = history(
        [(T + hour * HOUR, status) for hour, status in sorted(baseline)],
        [span(a, b) for a, b in windows if a < b],
        [(span(a, b), status) for a, b, status in impacts if a < b],
        DAY,
    )
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    halves = [*cut(found, span(0, at)), *cut(found, span(at, 24))]
    assert sum(one.seconds for one in halves) == sum(one.seconds for one in found)
    share = uptime(found, WEIGHTS)
    assert share is None or 0 <= share <= 1
