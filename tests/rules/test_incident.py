"""What an incident's updates come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.rules.incident import (
    OPEN,
    Entry,
    Impact,
    Stage,
    carried,
    ended_at,
    entry_at,
    first_at,
    impact_of,
    impact_spans,
    next_stages,
    worst_impact,
)
from dashboard.rules.span import Span
from dashboard.rules.status import Status

T = datetime(2026, 11, 21, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
OP, SLOW, PARTIAL, MAJOR = (
    Status.OPERATIONAL,
    Status.DEGRADED_PERFORMANCE,
    Status.PARTIAL_OUTAGE,
    Status.MAJOR_OUTAGE,
)
STORY = (
    Entry(T, Stage.INVESTIGATING, {1: MAJOR}),
    Entry(T + HOUR, Stage.IDENTIFIED, {1: PARTIAL, 2: SLOW}),
    Entry(T + 2 * HOUR, Stage.RESOLVED, {1: OP, 2: OP}),
)
AGAIN = (*STORY, Entry(T + 3 * HOUR, Stage.INVESTIGATING, {1: SLOW, 2: OP}))


@pytest.mark.parametrize(
    ("stage", "first"),
    [(None, Stage.INVESTIGATING), (Stage.MONITORING, Stage.INVESTIGATING), (Stage.RESOLVED, Stage.RESOLVED)],
)
def test_what_may_come_next(stage: Stage | None, first: Stage) -> None:
    assert next_stages(stage)[0] is first
    assert set(next_stages(stage)) == {*OPEN, Stage.RESOLVED}


@pytest.mark.parametrize(
    ("given", "stage", "want"),
    [
        ({}, Stage.MONITORING, {1: MAJOR, 2: SLOW}),
        ({2: PARTIAL}, Stage.MONITORING, {1: MAJOR, 2: PARTIAL}),
        ({3: SLOW}, Stage.IDENTIFIED, {1: MAJOR, 2: SLOW, 3: SLOW}),
        ({}, Stage.RESOLVED, {1: OP, 2: OP}),
        ({1: MAJOR}, Stage.RESOLVED, {1: OP, 2: OP}),
    ],
)
def test_a_component_that_is_not_named_keeps_its_impact(
    given: dict[int, Status], stage: Stage, want: dict[int, Status]
) -> None:
    assert carried({1: MAJOR, 2: SLOW}, given, stage) == want


@pytest.mark.parametrize(
    ("hours", "stage"),
    [(-1, None), (0, Stage.INVESTIGATING), (0.5, Stage.INVESTIGATING), (1, Stage.IDENTIFIED), (9, Stage.RESOLVED)],
)
def test_the_entry_that_holds(hours: float, stage: Stage | None) -> None:
    found = entry_at(STORY, T + hours * HOUR)
    assert (found and found.stage) is stage


@pytest.mark.parametrize(
    ("statuses", "want"),
    [
        ([], Impact.NONE),
        ([OP, Status.UNDER_MAINTENANCE], Impact.NONE),
        ([OP, SLOW], Impact.MINOR),
        ([SLOW, PARTIAL], Impact.MAJOR),
        ([SLOW, MAJOR, PARTIAL], Impact.CRITICAL),
    ],
)
def test_how_bad_it_is(statuses: list[Status], want: Impact) -> None:
    assert impact_of(statuses) is want


def test_how_bad_it_was_is_its_worst() -> None:
    assert worst_impact(STORY) is Impact.CRITICAL


def test_it_ended_when_it_was_resolved_for_good() -> None:
    assert ended_at(STORY[:2]) is None
    assert ended_at(STORY) == T + 2 * HOUR
    assert ended_at((*STORY, Entry(T + 5 * HOUR, Stage.POSTMORTEM, {}))) == T + 2 * HOUR
    assert ended_at(AGAIN) is None


def test_when_it_first_came_to_a_stage() -> None:
    assert first_at(AGAIN, Stage.INVESTIGATING) == T
    assert first_at(AGAIN, Stage.MONITORING) is None


def test_what_it_did_to_each_component() -> None:
    assert impact_spans(AGAIN, 1) == [
        (Span(T, T + HOUR), MAJOR),
        (Span(T + HOUR, T + 2 * HOUR), PARTIAL),
        (Span(T + 3 * HOUR, None), SLOW),
    ]
    assert impact_spans(AGAIN, 2) == [(Span(T + HOUR, T + 2 * HOUR), SLOW)]
