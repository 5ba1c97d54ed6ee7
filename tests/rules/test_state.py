"""Each sentence of the rules on a section's state is a row."""

from typing import Any

import pytest

from dashboard.rules.state import Effect, State, in_voice_order, next_edge, state_at
from tests.rules.given import HOUR, at, cause, causes, gist

STATES = [
    ("no cause", "", "14:30", "ok"),
    ("an outage in force is down", "14:00-18:00", "14:30", "down 14:00-18:00"),
    ("from its very start", "14:00-18:00", "14:00", "down 14:00-18:00"),
    ("restore: over at its very end", "14:00-18:00", "18:00", "ok"),
    ("ended early", "14:00-18:00 ended 14:20", "14:30", "ok"),
    ("ended before it began", "14:00-18:00 ended 13:00", "14:30", "ok"),
    ("ended after it was over by itself", "8:00-9:00 ended 9:30", "9:10", "ok"),
    ("an end that is not known", "14:00", "23:00", "down 14:00-"),
    ("until somebody ends it", "14:00 ended 15:00", "15:00", "ok"),
    ("hold: not late before its end", "14:00-18:00 hold", "17:59", "down 14:00-18:00"),
    ("hold: stays down and is late", "14:00-18:00 hold", "18:00", "down 14:00-18:00 late"),
    ("hold: for ever", "8:00-9:00 hold", "23:00", "down 08:00-09:00 late"),
    ("hold: late until ended", "9:00-12:00 hold ended 19:00", "18:59", "down 09:00-12:00 late"),
    ("hold: ended", "9:00-12:00 hold ended 19:00", "19:00", "ok"),
    ("hold without an end is never late", "14:00 hold", "23:00", "down 14:00-"),
    ("slow", "slow 14:00-18:00", "14:30", "degraded 14:00-18:00"),
    ("worst wins", "slow 13:00-18:00, 14:00-15:00", "14:30", "down 14:00-15:00"),
    ("then the milder again", "slow 13:00-18:00, 14:00-15:00", "15:00", "degraded 13:00-18:00"),
    ("trouble before approaching", "slow 14:00-18:00, 15:00-16:00", "14:30", "degraded 14:00-18:00"),
    ("the latest end", "14:00-18:00, 14:00-19:00", "14:30", "down 14:00-19:00"),
    ("unknown if any is unknown", "14:00-18:00, 14:10", "14:30", "down 14:00-"),
    ("looking through what overlaps later", "14:00-16:00, 15:00-18:00", "14:30", "down 14:00-18:00"),
    ("looking through what touches", "14:00-16:00, 16:00-18:00", "14:30", "down 14:00-18:00"),
    ("not across a break", "14:00-16:00, 16:01-18:00", "14:30", "down 14:00-16:00"),
    ("not into another state", "14:00-16:00, slow 16:00-18:00", "14:30", "down 14:00-16:00"),
    ("into what is not known", "14:00-16:00, 16:00", "14:30", "down 14:00-"),
    ("late, although another is not", "9:00-12:00 hold, 11:00-18:00", "12:00", "down 09:00-12:00 late"),
    ("the later of two late ends", "9:00-11:00 hold, 9:00-12:00 hold", "13:00", "down 09:00-12:00 late"),
    ("what is late and mild does not show", "slow 9:00-11:00 hold, 14:00-15:00", "14:30", "down 14:00-15:00"),
    ("not yet approaching", "14:00-18:00", "12:59", "ok"),
    ("approaching from the warning on", "14:00-18:00", "13:00", "approaching 13:00-14:00"),
    ("approaching to the last moment", "14:00-18:00", "13:59", "approaching 13:00-14:00"),
    ("approaching what is slow", "slow 14:00-18:00", "13:30", "approaching 13:00-14:00"),
    ("the first of two to come", "14:30-18:00, 14:00-18:00", "13:45", "approaching 13:00-14:00"),
    ("nothing comes of what was called off", "14:00-18:00 ended 13:00", "13:30", "ok"),
    ("overruled: open", "14:00-20:00 gap 15:00-17:00", "15:00", "ok"),
    ("overruled: its end is where the gap begins", "14:00-18:00 gap 15:00-16:00", "14:30", "down 14:00-15:00"),
    ("overruled: approaching before the gap ends", "14:00-18:00 gap 15:00-17:00", "16:00", "approaching 16:00-17:00"),
    ("overruled: down again after it", "14:00-18:00 gap 15:00-16:00", "16:00", "down 16:00-18:00"),
    ("overruled before it begins", "14:00-18:00 gap 10:00-16:00", "14:30", "ok"),
    ("overruled whole: nothing comes", "14:00-18:00 gap 10:00-18:00", "13:30", "ok"),
    ("overruled for good", "14:00-18:00 gap 15:00", "17:00", "ok"),
    ("overruled twice", "14:00-20:00 gap 17:00-18:00 gap 15:00-16:00", "16:30", "down 16:00-17:00"),
    ("one is overruled, another is not", "14:00-18:00 gap 14:00-18:00, 14:00-15:00", "14:30", "down 14:00-15:00"),
]


@pytest.mark.parametrize(("name", "given", "t", "want"), STATES)
def test_state_at(name: str, given: str, t: str, want: str) -> None:
    assert gist(state_at(causes(given), at(t), HOUR)) == want


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("an outage speaks before a window", [("window", "12:00"), ("outage", "9:00")], ["outage", "window"]),
        ("an incident before a window", [("window", "9:00"), ("incident", "9:00")], ["incident", "window"]),
        ("an outage before an incident", [("incident", "9:00"), ("outage", "9:00")], ["outage", "incident"]),
        ("a component last", [("component", "12:00"), ("window", "9:00")], ["window", "component"]),
    ],
)
def test_who_speaks_first(name: str, given: list[tuple[Any, str]], want: list[str]) -> None:
    found = [cause("14:00-18:00", kind=kind, known=known) for kind, known in given]
    assert [one.kind for one in in_voice_order(found)] == want


def test_of_one_kind_the_newest_speaks_first() -> None:
    old, new = cause("14:00-18:00", ref="a", known="9:00"), cause("14:00-18:00", ref="b", known="10:00")
    assert [one.ref for one in state_at([old, new], at("15:00"), HOUR).causes] == ["b", "a"]


def test_only_what_holds_it_there_is_among_its_causes() -> None:
    found = state_at(causes("slow 14:00-18:00, 14:00-18:00, 16:00-18:00"), at("15:00"), HOUR)
    assert [one.ref for one in found.causes] == ["outage-2"]


def test_what_comes_first_is_the_cause_of_approaching() -> None:
    found = state_at(causes("14:30-18:00, 14:00-18:00"), at("13:45"), HOUR)
    assert [one.ref for one in found.causes] == ["outage-2"]


@pytest.mark.parametrize(
    ("name", "given", "t", "want"),
    [
        ("nothing to come", "", "14:30", ""),
        ("the warning", "14:00-18:00", "12:00", "13:00"),
        ("the start", "14:00-18:00", "13:00", "14:00"),
        ("the end", "14:00-18:00", "14:00", "18:00"),
        ("then nothing", "14:00-18:00", "18:00", ""),
        ("when it becomes late", "14:00-18:00 hold", "15:00", "18:00"),
        ("when a promise runs out", "14:00 next 15:00", "14:30", "15:00"),
        ("where a gap begins", "14:00-18:00 gap 15:00-17:00", "14:30", "15:00"),
        ("where the warning in a gap begins", "14:00-18:00 gap 15:00-17:00", "15:30", "16:00"),
        ("where a gap ends", "14:00-18:00 gap 15:00-17:00", "16:10", "17:00"),
        ("the first of several", "14:00-18:00, 14:00-17:00", "14:30", "17:00"),
    ],
)
def test_next_edge(name: str, given: str, t: str, want: str) -> None:
    assert next_edge(causes(given), at(t), HOUR) == (at(want) if want else None)


@pytest.mark.parametrize(("effect", "want"), [("down", "down"), ("warn", "degraded"), ("nothing", "ok")])
def test_effect(effect: str, want: str) -> None:
    assert Effect(effect).state == want


def test_the_worst_state_is_down() -> None:
    assert sorted(State, key=lambda state: state.rank) == ["ok", "approaching", "degraded", "down"]
