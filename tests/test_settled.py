"""Since when a toggle reads what it reads, whatever took its sections down and brought them back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.facts import Facts, Standing
from dashboard.history import History
from dashboard.rules.status import Status
from dashboard.settled import settled_by_toggle
from tests import given
from tests.conftest import NOW
from tests.rules.given import at

ONE, CHILD, TOGGLE = given.section(1), given.section(2, parent=1), given.toggle("hide_it", 2)
WORK = given.window("09:00-11:00", ends_at=at("10:30"))
STOOD = (Standing(given.LONG_AGO, Status.OPERATIONAL), Standing(at("08:00"), Status.MAJOR_OUTAGE))
BACK = Standing(at("08:40"), Status.OPERATIONAL)


def over(facts: Facts) -> Facts:
    """Outages and windows as those that are over."""
    return replace(facts, outages=(), windows=(), ended_outages=facts.outages, ended_windows=facts.windows, read_at=NOW)


@pytest.mark.parametrize(
    ("name", "facts", "want"),
    [
        ("nothing ever", given.facts(ONE, CHILD, TOGGLE), ""),
        ("off now", given.facts(ONE, CHILD, TOGGLE, given.outage("14:00-18:00", section=2)), "14:00"),
        ("its parent is off", given.facts(ONE, CHILD, TOGGLE, given.outage("14:10-18:00")), "14:10"),
        ("came back", over(given.facts(ONE, CHILD, TOGGLE, given.outage("11:00-12:00", section=2))), "12:00"),
        (
            "brought back sooner",
            over(given.facts(ONE, CHILD, TOGGLE, given.outage("11:00-12:00", section=2, ended_at=at("11:20")))),
            "11:20",
        ),
        ("another section", over(given.facts(ONE, CHILD, given.toggle("x", 1), given.outage("11:00-12:00", 2))), ""),
        (
            "work on what it depends on",
            over(given.facts(ONE, CHILD, TOGGLE, given.component(), given.dependency(2), WORK)),
            "10:30",
        ),
        (
            "work that was overruled at its end",
            over(
                given.facts(
                    *(ONE, CHILD, TOGGLE, given.component(), given.dependency(2), WORK),
                    given.overrule("10:00-11:00", section=2),
                )
            ),
            "10:00",
        ),
        (
            "a major outage that is over",
            given.facts(
                *(ONE, CHILD, TOGGLE, given.component(standings=(*STOOD, BACK))), given.dependency(1, major="down")
            ),
            "08:40",
        ),
        (
            "a major outage",
            given.facts(
                *(ONE, CHILD, TOGGLE, given.component(status="major_outage", status_at=at("08:00"), standings=STOOD)),
                given.dependency(1, major="down"),
            ),
            "08:00",
        ),
        (
            "a major outage that does not matter to it",
            given.facts(*(ONE, CHILD, TOGGLE, given.component(standings=(*STOOD, BACK))), given.dependency(1)),
            "",
        ),
    ],
)
def test_settled_by_toggle(name: str, facts: Facts, want: str) -> None:
    found = settled_by_toggle(facts, History(facts, NOW), NOW)
    assert found == {1: at(want) if want else None}
