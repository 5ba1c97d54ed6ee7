"""What is told of a section: by tables, from facts and what was said before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.facts import Facts
from dashboard.messages.said import Off, OfIncident, OfSection
from dashboard.rules.telling import Reach, Tells
from tests.given import component, dependency, facts, incident, outage, section, window
from tests.messages.telling import UNTIL_18, asked, lines, tell, title
from tests.rules.given import at

SAID = OfSection(at("14:00"), Off(1, at("14:00"), at("18:00")))
LATE = OfSection(at("14:00"), Off(1, at("14:00"), at("14:20"), is_late=True))


@pytest.mark.parametrize(
    ("planned", "before", "wanted"),
    [
        ("14:00-18:00", None, UNTIL_18),
        ("14:00-18:00", SAID, ""),
        ("14:00-19:00", SAID, UNTIL_18.replace("18", "19")),
        ("14:00-17:00", SAID, UNTIL_18.replace("18", "17")),
        ("14:00", SAID, "Direct deposit is unavailable"),
        ("14:00-14:20 hold", SAID, "Direct deposit is still unavailable"),
        ("14:00-14:20 hold", None, "Direct deposit is still unavailable"),
        ("14:00-14:20 hold", LATE, ""),
        ("14:00-18:00", LATE, UNTIL_18),
        ("14:20-14:40", None, ""),
        ("14:20", None, "Direct deposit is unavailable"),
    ],
)
def test_a_section_that_is_off(planned: str, before: OfSection | None, wanted: str) -> None:
    past = {"section_1": before} if before else {}
    assert title(tell(asked("section-1", "outage.start"), facts(outage(planned)), **past)) == wanted


@pytest.mark.parametrize(
    ("planned", "line"),
    [
        ("14:00-19:00", "It takes longer than we said before."),
        ("14:00-17:00", "It will be back sooner than we said before."),
        ("14:00", "We do not know yet when it will be back. We will say more by {next}."),
    ],
)
def test_what_is_new_about_its_end(planned: str, line: str) -> None:
    told = tell(asked("section-1", "outage.extend"), facts(outage(planned)), section_1=SAID)
    assert lines(told)[0] == line


def test_in_the_order_in_which_a_reader_needs_it() -> None:
    here = section(message="You cannot change your account.", alternative="Call 0300 000 0000.")
    told = tell(asked("section-1", "outage.start"), facts(here, outage("14:00-14:20 hold", alternative="Call us.")))
    late = "We expected it back by {until}. It is taking longer. We will say more by {next}."
    assert lines(told) == (f"You cannot change your account. {late}", "Call us.")
    assert told is not None
    assert (told.message.end, told.message.next) == (at("14:20"), at("15:20"))
    assert told.message.link.href == "http://status.example.org/sections/direct_deposit/"


def test_the_link_of_a_section_is_named() -> None:
    here = section(link_label="Pay by phone", link_url="https://example.org/phone")
    told = tell(asked("section-1", "outage.start"), facts(here, outage("14:00-18:00")))
    assert lines(told) == ("Pay by phone: https://example.org/phone",)


@pytest.mark.parametrize(
    ("tells", "planned", "before", "is_told"),
    [
        (Tells.NO, "14:00", None, False),
        (Tells.YES, "14:25-14:35", None, True),
        (Tells.NO, "14:00-19:00", SAID, False),
        (Tells.LENGTH, "14:25-14:35", SAID, True),
    ],
)
def test_whether_people_are_told_is_said_with_the_outage(
    tells: Tells, planned: str, before: OfSection | None, is_told: bool
) -> None:
    past = {"section_1": before} if before else {}
    told = tell(asked("section-1", "outage.start"), facts(outage(planned, tells=tells)), **past)
    assert (told is not None) is is_told


def ended(words: str = "14:00-18:00", by: str = "14:20", *of: Any) -> Facts:
    return replace(facts(*of), ended_outages=(outage(words, ended_at=at(by)),))


def test_it_is_back() -> None:
    told = tell(asked("section-1", "outage.end", t="14:20"), ended(), "14:21", section_1=SAID)
    assert title(told) == "Direct deposit is working again"
    assert lines(told) == ("It was unavailable from {from} to {until}.",)
    assert told is not None
    assert (told.message.start, told.message.end, told.message.look) == (at("14:00"), at("14:20"), "op")


def test_how_long_it_was_off_is_not_said_of_what_was_over_long_ago() -> None:
    """Something else may have kept it off since."""
    told = tell(asked("section-1", "outage.end", t="14:20"), ended(), "14:30", section_1=SAID)
    assert told is not None
    assert (lines(told), told.message.start, told.message.end) == ((), None, None)


@pytest.mark.parametrize("before", [None, OfSection(at("14:00"))])
def test_back_is_no_news_to_who_never_knew(before: OfSection | None) -> None:
    past = {"section_1": before} if before else {}
    assert tell(asked("section-1", "outage.start", "outage.end"), ended(), **past) is None


@pytest.mark.parametrize(("until", "wanted"), [("16:00", UNTIL_18.replace("18", "16")), ("18:00", "")])
def test_not_back_while_something_else_keeps_it_off(until: str, wanted: str) -> None:
    work = ended("14:00-18:00", "14:20", window(f"14:00-{until}"), component(), dependency())
    told = tell(asked("section-1", "outage.end"), work, section_1=SAID)
    assert title(told) == wanted
    assert told is None or dict(told.message.wire["incident"])["status"] == "investigating"


@pytest.mark.parametrize(
    ("words", "line"), [("14:10-19:00", ()), ("14:01-19:00", ("It takes longer than we said before.",))]
)
def test_another_outage_is_news_unless_it_took_the_place_of_the_last(words: str, line: tuple[str, ...]) -> None:
    known = replace(facts(outage(words, id=2)), ended_outages=(outage("13:00-18:00", ended_at=at("14:00")),))
    assert lines(tell(asked("section-1", "outage.start"), known, section_1=SAID)) == line


@pytest.mark.parametrize(("of", "replaces"), [((outage("14:00-18:00"),), True), ((outage("16:00-18:00"),), False)])
def test_what_says_how_it_stands_replaces_what_did_not_arrive(of: Any, replaces: bool) -> None:
    told = tell(asked("section-1", "outage.start"), facts(*of))
    assert told is not None
    assert told.replaces is replaces


def test_back_but_slow() -> None:
    slow = ended("14:00-18:00", "14:20", window("14:00-16:00"), component(), dependency(window="warn"))
    assert title(tell(asked("section-1", "outage.end"), slow, section_1=SAID)) == "Direct deposit is slow"


SOON = "21 November 2026, 16:00 GMT"
PLANNED = OfSection(at("14:00"), None, {1: (at("16:00"), at("18:00"))})


@pytest.mark.parametrize(
    ("planned", "before", "wanted"),
    [
        ("16:00-18:00", None, f"Direct deposit will be unavailable {SOON} to 21 November 2026, 18:00 GMT"),
        ("16:00", None, f"Direct deposit will be unavailable from {SOON}"),
        ("16:00-18:00", PLANNED, ""),
        ("16:00-19:00", PLANNED, f"Direct deposit will be unavailable {SOON} to 21 November 2026, 19:00 GMT"),
        ("16:00-16:20", None, ""),
    ],
)
def test_planned_for_later(planned: str, before: OfSection | None, wanted: str) -> None:
    past = {"section_1": before} if before else {}
    told = tell(asked("section-1", "outage.start"), facts(outage(planned)), **past)
    assert title(told) == wanted
    assert told is None or told.is_planned


def test_called_off() -> None:
    known = replace(facts(), ended_outages=(outage("16:00-18:00", ended_at=at("14:20")),))
    told = tell(asked("section-1", "outage.cancel"), known, section_1=PLANNED)
    assert title(told) == f"Called off: Direct deposit stays available {SOON} to 21 November 2026, 18:00 GMT"
    assert told is not None
    assert told.said.planned == {}


@pytest.mark.parametrize(
    ("planned", "tells", "wanted"),
    [
        ("16:00-16:20", Tells.LENGTH, f"Direct deposit will be unavailable {SOON} to 21 November 2026, 16:20 GMT"),
        ("16:00-18:00", Tells.NO, ""),
        ("16:00-17:00", Tells.NO, ""),
    ],
)
def test_what_was_planned_and_still_is_was_never_called_off(planned: str, tells: Tells, wanted: str) -> None:
    told = tell(asked("section-1", "outage.extend"), facts(outage(planned, tells=tells)), section_1=PLANNED)
    assert title(told) == wanted


def test_who_hears_of_problems_alone_hears_how_late_work_ends() -> None:
    late = OfSection(at("14:00"), Off(1, at("14:00"), at("14:20"), is_late=True, was_planned=True))
    work = outage("12:00-18:00", created_at=at("11:00"))
    longer = tell(asked("section-1", "outage.extend"), facts(work), section_1=late)
    assert longer is not None
    assert not longer.is_planned
    over = replace(facts(), ended_outages=(replace(work, ended_at=at("14:25")),))
    back = tell(asked("section-1", "outage.end"), over, section_1=longer.said)
    assert title(back) == "Direct deposit is working again"
    assert back is not None
    assert not back.is_planned


def test_off_as_it_was_planned() -> None:
    planned = outage("14:00-18:00", created_at=at("9:00"))
    before = OfSection(at("9:01"), None, {1: (at("14:00"), at("18:00"))})
    told = tell(asked("section-1", "outage.begin"), facts(planned), section_1=before)
    assert title(told) == UNTIL_18
    assert told is not None
    assert told.is_planned


def test_off_now_and_what_is_planned_next() -> None:
    known = facts(outage("14:00-15:00"), outage("16:00-18:00", id=2))
    first = tell(asked("section-1", "outage.start", "outage.start"), known)
    assert title(first).startswith("Direct deposit is unavailable until")
    assert first is not None
    assert (first.is_planned, first.has_more) == (False, True)
    then = tell(asked("section-1", "outage.start"), known, section_1=first.said)
    assert title(then).startswith("Direct deposit will be unavailable 21 November 2026, 16:00")
    assert then is not None
    assert (then.is_planned, then.has_more) == (True, False)


def test_a_section_reaches_what_it_is_part_of_and_its_parts() -> None:
    known = facts(section(), section(2, parent=1), section(3, parent=2), section(4), outage("14:00-18:00", section=2))
    told = tell(asked("section-2", "outage.start"), known)
    assert told is not None
    assert told.reach == Reach((1, 2, 3))


def test_of_an_incident_the_incident_tells() -> None:
    known = facts(outage("14:00-18:00", incident_id=1), incident("14:00 investigating", touches={1: "down"}))
    assert tell(asked("section-1", "outage.start"), known) is None
    said = OfIncident(at("14:01"), (10,), {1: OfSection(at("14:01"), Off(1, at("14:00"), at("18:00")))})
    assert tell(asked("section-1", "outage.start"), known, incident_1=said) is None
    longer = OfIncident(at("14:01"), (10,), {1: OfSection(at("14:01"), Off(1, at("14:00"), at("17:00")))})
    assert title(tell(asked("section-1", "outage.extend"), known, incident_1=longer)) == UNTIL_18


def test_one_that_is_archived_is_not_told_of() -> None:
    assert tell(asked("section-7", "outage.end"), facts(), section_7=SAID) is None
