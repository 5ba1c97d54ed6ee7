"""What is told of a component of which somebody said how it is."""

from __future__ import annotations

import pytest

from dashboard.messages import Deed
from dashboard.messages.said import OfComponent
from dashboard.rules.status import Status
from dashboard.rules.telling import Reach
from tests.given import component, dependency, facts, incident, update, window
from tests.messages.telling import asked, tell, title
from tests.rules.given import at


def status_deed(was: str) -> Deed:
    return Deed("component.status", "component-1", "Payments", "Tom Reed", at("14:30"), {"status": was}, {})


@pytest.mark.parametrize(
    ("now", "was", "said", "wanted"),
    [
        ("major_outage", "operational", None, "Payments: major outage"),
        ("operational", "operational", None, ""),
        ("operational", "major_outage", None, ""),
        ("operational", "major_outage", "major_outage", "Payments is working again"),
        ("degraded_performance", "major_outage", "major_outage", "Payments: degraded performance"),
        ("major_outage", "major_outage", "major_outage", ""),
        ("major_outage", "operational", "major_outage", "Payments: major outage"),
    ],
)
def test_a_component(now: str, was: str, said: str | None, wanted: str) -> None:
    past = {"component_1": OfComponent(at("14:00"), Status(said))} if said else {}
    known = facts(component(1, now, name="Payments"))
    assert title(tell(asked("component-1", status_deed(was)), known, **past)) == wanted


def test_what_an_incident_tells_of_a_component_is_not_told_twice() -> None:
    problem = incident(update("14:00 investigating", id=10, impacts={1: "major_outage"}))
    known = facts(component(1, "major_outage"), problem)
    assert tell(asked("component-1", status_deed("operational")), known) is None


def test_a_component_that_is_worked_on_is_told_by_the_work() -> None:
    known = facts(component(1, "major_outage"), window("14:00-16:00"))
    assert tell(asked("component-1", status_deed("operational")), known) is None


def test_sections_that_fall_with_a_component_are_reached() -> None:
    known = facts(component(1, "major_outage", status_at=at("14:00")), dependency(major="down"))
    told = tell(asked("component-1", status_deed("operational")), known)
    assert told is not None
    assert told.reach == Reach((1,), (1,))
