"""What is told of an incident: each update once, and what a reader needs beside it."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.messages import Deed
from dashboard.messages.said import Off, OfIncident, OfSection
from dashboard.rules.telling import Reach
from tests.given import component, facts, incident, outage, section, update
from tests.messages.telling import asked, lines, tell, title
from tests.rules.given import at


def deed(kind: str, id: int, stage: str = "", **after: Any) -> Deed:
    return Deed(kind, "incident-1", "Payments", "Tom Reed", at("14:30"), {}, {"update": id, **after})


OPENED = deed("incident.declare", 10)
OFF = Off(1, at("14:00"), at("18:00"))


@pytest.mark.parametrize(
    ("said", "deeds", "wanted"),
    [
        (["14:00 investigating"], [OPENED], "Investigating: Payments are not going through"),
        (
            ["14:00 investigating", "14:10 identified"],
            [deed("incident.update", 11)],
            "Identified: Payments are not going through",
        ),
        (
            ["14:00 investigating", "14:10 resolved"],
            [deed("incident.resolve", 11)],
            "Resolved: Payments are not going through",
        ),
        (
            ["14:00 investigating", "14:10 resolved", "14:20 investigating"],
            [deed("incident.reopen", 12)],
            "Open again: Payments are not going through",
        ),
        (
            ["14:00 investigating", "14:10 identified"],
            [OPENED],
            "Investigating: Payments are not going through",
        ),  # the second may still be cancelled
        (["14:00 investigating"], [deed("incident.update", 99)], ""),
    ],
)
def test_an_incident(said: list[str], deeds: list[Deed], wanted: str) -> None:
    assert title(tell(asked("incident-1", *deeds), facts(incident(*said)))) == wanted


def test_each_update_is_told_once_and_those_of_a_minute_together() -> None:
    known = facts(incident("14:00 investigating", "14:10 identified", "14:11 monitoring"))
    two = asked("incident-1", deed("incident.update", 11), deed("incident.update", 12))
    told = tell(two, known, incident_1=OfIncident(at("14:01"), (10,)))
    spoken = "We are looking into it."
    assert [line.partition(", ")[2] for line in lines(told)] == [f"14:10 GMT: {spoken}", f"14:11 GMT: {spoken}"]
    assert told is not None
    assert told.said.updates == (10, 11, 12)
    assert tell(two, known, incident_1=told.said) is None


@pytest.mark.parametrize("hidden", ["private", "silent"])
def test_nobody_is_told_of_what_is_private_or_said_quietly(hidden: str) -> None:
    quiet = incident(update("14:00 investigating", id=10, tells=False))
    assert tell(asked("incident-1", OPENED), facts() if hidden == "private" else facts(quiet)) is None


def test_what_an_incident_says_in_order() -> None:
    first = update("14:00 identified", id=10, impacts={1: "major_outage"}, next_at=at("15:00"))
    problem = incident(
        first,
        broken="You cannot pay.",
        affected="Everybody who pays by card.",
        instead="Pay by phone.",
        expected="This afternoon.",
        third_party="Northpay",
        third_party_url="https://status.northpay.example",
        touches={1: "down"},
    )
    off = outage("14:00-18:00", incident_id=1)
    told = tell(asked("incident-1", OPENED), facts(problem, component(name="Payments"), off))
    assert lines(told) == (
        "We are looking into it.",
        "Affected: Payments (major outage).",
        "Direct deposit is unavailable until {until}.",
        "You cannot pay.",
        "Who is affected: Everybody who pays by card.",
        "What to do instead: Pay by phone.",
        "When to expect a fix: This afternoon.",
        "Where it comes from: Northpay (https://status.northpay.example)",
        "We will say more by {next}.",
    )
    assert told is not None
    assert (told.message.end, told.message.next, told.message.look) == (at("18:00"), at("15:00"), "major")
    assert told.reach == Reach((1,), (1,), 1)
    assert told.said.sections == {1: OfSection(at("14:30"), Off(1, at("14:00"), at("18:00")))}


def test_sections_with_ends_of_their_own_are_told_in_the_zone_of_the_page() -> None:
    problem = incident("14:00 investigating", touches={1: "down", 2: "down"})
    two = outage("14:00-16:00", incident_id=1), outage("14:00-18:00", section=2, id=2, incident_id=1)
    told = tell(asked("incident-1", OPENED), facts(section(), section(2), problem, *two))
    assert lines(told)[1:] == (
        "Direct deposit is unavailable until 21 November 2026, 16:00 GMT.",
        "Documents is unavailable until 21 November 2026, 18:00 GMT.",
    )


def test_once_it_is_over_it_says_what_works() -> None:
    last = update("14:20 resolved", id=11, impacts={1: "operational"}, body="It is fixed.")
    first = update("14:00 investigating", id=10, impacts={1: "major_outage"})
    problem = incident(first, last, broken="You cannot pay.", touches={1: "down"})
    told = tell(asked("incident-1", deed("incident.resolve", 11)), facts(problem, component(name="Payments")))
    assert lines(told) == ("It is fixed.", "Working again: Payments.", "Direct deposit is working again.")
    assert told is not None
    assert told.message.look == "op"


@pytest.mark.parametrize(
    ("effect", "before", "is_back"), [("nothing", {}, False), ("nothing", {1: OFF}, True), ("warn", {}, False)]
)
def test_a_section_that_works_again_before_the_end(effect: str, before: dict[int, Off], is_back: bool) -> None:
    said = {id: OfSection(at("14:01"), off) for id, off in before.items()}
    known = facts(incident("14:00 investigating", "14:20 monitoring", touches={1: effect}))
    told = tell(
        asked("incident-1", deed("incident.update", 11)), known, incident_1=OfIncident(at("14:01"), (10,), said)
    )
    assert ("Direct deposit is working again." in lines(told)) is is_back


@pytest.mark.parametrize("other", ["major_outage", "degraded_performance"])
def test_a_component_that_something_else_holds_does_not_work_again(other: str) -> None:
    over = incident("14:00 investigating", update("14:20 resolved", id=11, impacts={1: "operational"}))
    known = facts(over, incident(update("14:10 investigating", id=20, impacts={1: other}), id=2), component())
    assert "Working again" not in "".join(lines(tell(asked("incident-1", deed("incident.resolve", 11)), known)))


def test_what_it_only_names_does_not_work_again() -> None:
    known = facts(incident("14:00 investigating", "14:20 resolved", touches={1: "nothing"}))
    assert lines(tell(asked("incident-1", deed("incident.resolve", 11)), known)) == ("We are looking into it.",)
