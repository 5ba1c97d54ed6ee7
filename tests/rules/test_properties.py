"""What holds of every section, whatever befalls it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.rules.schedule import Stretch, in_sight, schedule
from dashboard.rules.span import Span
from dashboard.rules.state import Cause, Kind, SectionState, State, next_edge, state_at
from tests.rules.given import HOUR, at

FROM = at("6:00")
STEP = timedelta(minutes=10)  # coarse, so that causes touch and coincide
HORIZON = FROM + 60 * STEP

thoroughly = settings(max_examples=150, derandomize=True, deadline=None, database=None)
steps = st.integers(0, 60)
times = steps.map(lambda n: FROM + n * STEP)
lengths = st.integers(0, 20).map(lambda n: n * STEP)
spans = st.builds(lambda start, length: Span(start, start + length), times, lengths)


@st.composite
def any_cause(draw: st.DrawFn) -> Cause:
    """People end and hold outages; only what comes from a component can be overruled."""
    kind: Kind = draw(st.sampled_from(["outage", "window", "component"]))
    start = draw(times)
    return Cause(
        kind=kind,
        ref=f"cause-{draw(st.integers(0, 9))}",
        via="direct_deposit",
        state=draw(st.sampled_from([State.DOWN, State.DEGRADED])),
        start=start,
        end=draw(st.none() | lengths.map(lambda length: start + length)),
        since=draw(times),
        hold=kind == "outage" and draw(st.booleans()),
        ended_at=draw(st.none() | times) if kind == "outage" else None,
        next=draw(st.none() | times),
        gaps=() if kind == "outage" else tuple(draw(st.lists(spans, max_size=2))),
    )


many = st.lists(any_cause(), max_size=5)


@thoroughly
@given(st.lists(any_cause(), max_size=5, unique_by=lambda cause: cause.ref), times, st.randoms())
def test_state_is_a_function_of_facts_and_time(causes: list[Cause], t: datetime, random: Random) -> None:
    """In whatever order the facts come."""
    assert state_at(random.sample(causes, len(causes)), t, HOUR) == state_at(causes, t, HOUR)


@thoroughly
@given(many, times, st.integers(0, 99))
def test_between_two_edges_nothing_changes(causes: list[Cause], t: datetime, percent: int) -> None:
    edge = next_edge(causes, t, HOUR) or t + 100 * HOUR
    later = t + (edge - t) * percent / 100
    assert state_at(causes, later, HOUR) == state_at(causes, t, HOUR)


@thoroughly
@given(many.filter(bool), times, st.data())
def test_taking_a_cause_away_never_makes_it_worse(causes: list[Cause], t: datetime, data: st.DataObject) -> None:
    fewer = list(causes)
    fewer.remove(data.draw(st.sampled_from(causes)))
    before, after = state_at(causes, t, HOUR), state_at(fewer, t, HOUR)
    assert after.state.rank <= before.state.rank
    if after.state is before.state and not before.late and before.until is not None:
        assert after.until is not None
        assert after.until <= before.until or after.state is State.APPROACHING


@thoroughly
@given(many, times)
def test_the_shown_end_is_still_to_come_unless_late(causes: list[Cause], t: datetime) -> None:
    found = state_at(causes, t, HOUR)
    if found.until is not None:
        assert found.until <= t if found.late else found.until > t
    if found.since is not None:
        assert found.since <= t


@thoroughly
@given(many, times)
def test_it_leaves_its_state_at_the_shown_end_unless_held(causes: list[Cause], t: datetime) -> None:
    found = state_at(causes, t, HOUR)
    if found.state in (State.DOWN, State.DEGRADED) and found.until is not None and not found.late:
        then = state_at(causes, found.until, HOUR)
        assert then.state is not found.state or then.late


@thoroughly
@given(many, times, times)
def test_playing_the_schedule_gives_the_state(causes: list[Cause], one: datetime, other: datetime) -> None:
    t, later = sorted((one, other))
    known = [replace(cause, ended_at=None) if cause.ended_at and cause.ended_at > t else cause for cause in causes]
    assert _played(schedule(known, t, HORIZON + HOUR, HOUR), later) == state_at(known, later, HOUR).state


@thoroughly
@given(many, times)
def test_the_first_stretch_is_what_is_shown_now(causes: list[Cause], t: datetime) -> None:
    now = state_at(causes, t, HOUR)
    told = schedule(causes, t, HORIZON, HOUR)
    if now.state in (State.DOWN, State.DEGRADED):
        assert _gist(told[0]) == (now.state, now.since, now.until, now.causes[0])
    assert all(stretch.start > t for stretch in told[1 if _in_trouble(now) else 0 :])


@thoroughly
@given(st.lists(any_cause(), max_size=15), times, times)
def test_what_is_out_of_sight_changes_nothing(causes: list[Cause], t: datetime, horizon: datetime) -> None:
    every = sorted(causes, key=lambda cause: cause.start)
    near = in_sight(every, t, horizon)
    assert state_at(near, t, HOUR) == state_at(every, t, HOUR)
    assert schedule(near, t, horizon, HOUR) == schedule(every, t, horizon, HOUR)


def _in_trouble(now: SectionState) -> bool:
    return now.state in (State.DOWN, State.DEGRADED)


def _gist(stretch: Stretch) -> tuple[object, ...]:
    return (stretch.state, stretch.start, stretch.end, stretch.cause)


def _played(told: tuple[Stretch, ...], t: datetime) -> State:
    """What the embed makes of it: each stretch by its own times, and the worst of them."""
    states = [State.OK]
    for stretch in told:
        warned = stretch.warn_from if stretch.warn_from is not None else stretch.start
        if warned <= t < stretch.start:
            states.append(State.APPROACHING)
        elif stretch.start <= t and (stretch.end is None or t < stretch.end or stretch.hold):
            states.append(stretch.state)
    return max(states, key=lambda state: state.rank)
