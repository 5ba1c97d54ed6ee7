"""What is said of a thing: by tables, from facts and what was said before. No database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from dashboard import messages
from dashboard.channels.message import Message
from dashboard.facts import Facts
from dashboard.messages import Asked, Deed, Told, bodies
from dashboard.messages.said import OfComponent, Off, OfIncident, OfSection, OfWork
from dashboard.rules.status import Status
from dashboard.rules.telling import Audience, Reach, Tells
from dashboard.snapshot import Snapshot, snapshot_at
from tests import given
from tests.given import component, dependency, facts, incident, outage, section, update, window
from tests.rules.given import at

NAMED = {"name": "Direct deposit"}


def asked(thing: str, *kinds: str | Deed, t: str = "14:30", audience: Audience = Audience.PUBLIC, **more: Any) -> Asked:
    deeds = (
        one if isinstance(one, Deed) else Deed(one, thing, "Direct deposit", "Priya Shah", at(t), {}, {})
        for one in kinds
    )
    return Asked(thing, audience, tuple(deeds), **more)


def tell(what: Asked, known: Facts, t: str = "14:30", **past: Any) -> Told | None:
    """``past``: what was said, by the thing with "_" for "-"."""
    plain = {thing.replace("_", "-"): msgspec.to_builtins(said, str_keys=True) for thing, said in past.items()}
    return messages.tell(what, snapshot_at(known, at(t)), plain)


def title(told: Told | None, t: str = "14:30") -> str:
    """With its times in words, "" if nothing is told."""
    return bodies.plain(told.message.title, told.message, _clock(t)) if told else ""


def _clock(t: str) -> Snapshot:
    return snapshot_at(facts(), at(t))


def lines(told: Told | None) -> tuple[str, ...]:
    assert told is not None
    return told.message.lines


SAID = OfSection(at("14:00"), Off(1, at("18:00")))
LATE = OfSection(at("14:00"), Off(1, at("14:20"), is_late=True))
UNTIL_18 = "Direct deposit is unavailable until 21 November 2026, 18:00 GMT"


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
    told = tell(asked("section-1", "outage.end"), ended(), section_1=SAID)
    assert title(told) == "Direct deposit is working again"
    assert lines(told) == ("It was unavailable {from} to {until}.",)
    assert told is not None
    assert (told.message.start, told.message.end, told.message.look) == (at("14:00"), at("14:20"), "op")


@pytest.mark.parametrize("before", [None, OfSection(at("14:00"))])
def test_back_is_no_news_to_who_never_knew(before: OfSection | None) -> None:
    past = {"section_1": before} if before else {}
    assert tell(asked("section-1", "outage.start", "outage.end"), ended(), **past) is None


def test_not_back_while_something_else_keeps_it_off() -> None:
    work = ended("14:00-18:00", "14:20", window("14:00-16:00"), component(), dependency())
    assert tell(asked("section-1", "outage.end"), work, section_1=SAID) is None


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
    assert title(told) == f"Called off: Direct deposit stays as it is {SOON} to 21 November 2026, 18:00 GMT"
    assert told is not None
    assert told.said.planned == {}


def test_off_as_it_was_planned() -> None:
    planned = outage("14:00-18:00", created_at=at("9:00"))
    before = OfSection(at("9:01"), None, {1: (at("14:00"), at("18:00"))})
    told = tell(asked("section-1", "outage.begin"), facts(planned), section_1=before)
    assert title(told) == UNTIL_18
    assert told is not None
    assert told.is_planned


def test_off_now_and_planned_for_later_in_one() -> None:
    known = facts(outage("14:00-15:00"), outage("16:00-18:00", id=2))
    told = tell(asked("section-1", "outage.start", "outage.start"), known)
    assert title(told).startswith("Direct deposit is unavailable until")
    assert lines(told)[-1].startswith("Direct deposit will be unavailable 21 November 2026, 16:00")
    assert told is not None
    assert not told.is_planned


def test_a_section_reaches_what_it_is_part_of_and_its_parts() -> None:
    known = facts(section(), section(2, parent=1), section(3, parent=2), section(4), outage("14:00-18:00", section=2))
    told = tell(asked("section-2", "outage.start"), known)
    assert told is not None
    assert told.reach == Reach((1, 2, 3))


def test_of_an_incident_the_incident_tells() -> None:
    known = facts(outage("14:00-18:00", incident_id=1), incident("14:00 investigating", touches={1: "down"}))
    assert tell(asked("section-1", "outage.start"), known) is None
    said = OfIncident(at("14:01"), (10,), {1: Off(1, at("18:00"))})
    assert tell(asked("section-1", "outage.start"), known, incident_1=said) is None
    longer = OfIncident(at("14:01"), (10,), {1: Off(1, at("17:00"))})
    assert title(tell(asked("section-1", "outage.extend"), known, incident_1=longer)) == UNTIL_18


def test_one_that_is_archived_is_not_told_of() -> None:
    assert tell(asked("section-7", "outage.end"), facts(), section_7=SAID) is None


def deed(kind: str, id: int, stage: str = "", **after: Any) -> Deed:
    return Deed(kind, "incident-1", "Payments", "Tom Reed", at("14:30"), {}, {"update": id, **after})


OPENED = deed("incident.declare", 10)


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
    assert told.said.sections == {1: Off(1, at("18:00"))}


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


WORK = window("16:00-18:00", title="Ledger migration", message="You cannot pay {from} to {until}.")
BEHIND = (component(name="Payments"), dependency())
TIMES = "21 November 2026, 16:00 GMT to 21 November 2026, 18:00 GMT"
ANNOUNCED = OfWork(at("14:00"), at("16:00"), at("18:00"))
BEGUN = replace(ANNOUNCED, has_begun=True)


@pytest.mark.parametrize(
    ("kind", "given_", "before", "t", "wanted"),
    [
        ("window.plan", {}, None, "14:30", f"Direct deposit will be unavailable {TIMES}"),
        ("window.plan", {"tells": False}, None, "14:30", ""),
        ("window.edit", {}, ANNOUNCED, "14:30", ""),
        (
            "window.move",
            {},
            replace(ANNOUNCED, start=at("15:00")),
            "14:30",
            f"New time: Direct deposit will be unavailable {TIMES}",
        ),
        ("window.remind", {}, ANNOUNCED, "15:00", f"Reminder: Direct deposit will be unavailable {TIMES}"),
        ("window.remind", {"tells": False}, None, "15:00", f"Reminder: Direct deposit will be unavailable {TIMES}"),
        ("window.remind", {}, replace(ANNOUNCED, reminded=at("16:00")), "15:00", ""),
        ("window.begin", {}, ANNOUNCED, "16:00", ""),
        ("window.begin", {"tells_start": True}, ANNOUNCED, "16:00", UNTIL_18),
        ("window.begin", {"tells_start": True}, BEGUN, "16:00", ""),
        ("window.remind", {}, ANNOUNCED, "16:30", UNTIL_18),
        ("window.plan", {}, None, "16:30", UNTIL_18),
        ("window.start", {}, replace(ANNOUNCED, start=at("17:00")), "16:30", UNTIL_18),
        ("window.extend", {}, replace(BEGUN, end=at("17:00")), "16:30", UNTIL_18),
        ("window.extend", {"tells": False}, replace(BEGUN, end=at("17:00")), "16:30", ""),
        ("window.complete", {}, ANNOUNCED, "18:00", ""),
        ("window.complete", {"tells_end": True}, ANNOUNCED, "18:00", "Direct deposit is working again"),
        ("window.finish", {}, replace(BEGUN, end=at("19:00")), "18:00", "Direct deposit is working again"),
        ("window.complete", {"tells_end": True}, replace(BEGUN, is_over=True), "18:00", ""),
    ],
)
def test_planned_work(kind: str, given_: Mapping[str, Any], before: OfWork | None, t: str, wanted: str) -> None:
    past = {"window_1": before} if before else {}
    known = facts(replace(WORK, **given_), *BEHIND)
    assert title(tell(asked("window-1", kind), known, t, **past), t) == wanted


@pytest.mark.parametrize(
    ("before", "is_told"), [(ANNOUNCED, True), (None, False), (replace(ANNOUNCED, is_off=True), False)]
)
def test_work_that_will_not_be(before: OfWork | None, is_told: bool) -> None:
    past = {"window_1": before} if before else {}
    known = replace(facts(*BEHIND), cancelled=(replace(WORK, gone_at=at("14:20")),))
    told = tell(asked("window-1", "window.cancel"), known, **past)
    assert title(told) == (f"Called off: planned work on Payments, {TIMES}" if is_told else "")


def test_work_is_told_with_its_words_and_what_was_said_before() -> None:
    before = replace(ANNOUNCED, start=at("15:00"))
    here = section(alternative="Call 0300 000 0000.")
    told = tell(asked("window-1", "window.move"), facts(here, WORK, *BEHIND), window_1=before)
    moved = "It was planned from 21 November 2026, 15:00 GMT to 21 November 2026, 18:00 GMT before."
    assert lines(told) == (moved, "You cannot pay {from} to {until}.", "Call 0300 000 0000.")
    assert told is not None
    assert (told.is_planned, told.reach) == (True, Reach((1,), (1,)))


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ({"touches": {1: "down", 2: "down"}}, "Direct deposit and Documents will be unavailable"),
        ({"touches": {1: "warn"}}, "Direct deposit may be slow"),
        ({"touches": {1: "down", 2: "warn"}}, "Direct deposit will be unavailable"),
        ({"touches": {1: "nothing"}}, "Planned work on Direct deposit,"),
    ],
)
def test_what_work_does_leads(on: dict[str, Any], wanted: str) -> None:
    told = tell(asked("window-1", "window.plan"), facts(section(), section(2), window("16:00-18:00", **on)))
    assert title(told).startswith(wanted)


def test_several_sections_are() -> None:
    work = window("14:00-18:00", touches={1: "down", 2: "down"}, tells_start=True)
    told = tell(asked("window-1", "window.begin"), facts(section(), section(2), work))
    assert title(told).startswith("Direct deposit and Documents are unavailable until")


def test_work_on_nothing_that_is_there_is_not_told() -> None:
    assert tell(asked("window-1", "window.add"), facts(window("16:00-18:00"))) is None


def test_work_far_away_is_not_told_yet() -> None:
    far = replace(WORK, starts_at=WORK.starts_at + timedelta(days=91), ends_at=WORK.ends_at + timedelta(days=91))
    assert tell(asked("window-1", "window.add"), facts(far, *BEHIND)) is None


def test_a_section_that_is_kept_open_is_not_reached() -> None:
    told = tell(asked("window-1", "window.plan"), facts(WORK, *BEHIND, given.overrule("16:00-18:00")))
    assert title(told) == f"Planned work on Payments, {TIMES}"
    assert told is not None
    assert told.reach == Reach((), (1,))


OFTEN = "every week on Sunday"
SERIES = (replace(WORK, series_id=2), replace(window("20:00-22:00", id=2), series_id=2))


def in_series(kind: str, after: Mapping[str, Any], *windows: Any, cancelled: Any = (), **past: Any) -> Told | None:
    one = Deed(kind, "series-2", "Ledger", "Tom Reed", at("14:30"), {}, after)
    known = replace(facts(*windows, *BEHIND), cancelled=tuple(cancelled))
    return tell(asked("series-2", one, repeats=OFTEN), known, **past)


def test_a_series_is_told_once_by_its_first_time() -> None:
    told = in_series("series.plan", {"windows": 2}, *SERIES)
    assert title(told) == f"Direct deposit will be unavailable {TIMES}"
    assert lines(told)[-1] == "It comes again every week on Sunday."


@pytest.mark.parametrize(
    ("after", "wanted"),
    [({"starts_at": "x", "windows": [2]}, "New time: Direct deposit will be unavailable"), ({"title": "x"}, "")],
)
def test_a_series_that_is_moved(after: dict[str, Any], wanted: str) -> None:
    told = in_series("series.edit", after, *SERIES, series_2=ANNOUNCED)
    assert title(told).startswith(wanted)
    assert told is None or told.message.start == at("20:00")


def test_a_series_that_is_called_off() -> None:
    off = [replace(one, gone_at=at("14:20")) for one in SERIES]
    told = in_series("series.cancel", {"windows": [1, 2]}, cancelled=off, series_2=ANNOUNCED)
    assert title(told) == f"Called off: planned work on Payments, {TIMES}"
    assert lines(told) == ("This work will not be done at this time.", "What was to follow is called off too.")
    assert in_series("series.cancel", {"windows": [1, 2]}, cancelled=off) is None


def test_one_of_a_series_is_known_by_the_series() -> None:
    moved = Deed(
        "window.edit", "window-1", "Ledger", "Tom Reed", at("14:30"), {"starts_at": "2026-11-21T15:00:00Z"}, {}
    )
    told = tell(asked("window-1", moved), facts(*SERIES, *BEHIND), series_2=ANNOUNCED)
    assert title(told).startswith("New time: ")
    assert lines(told)[0].startswith("It was planned from 21 November 2026, 15:00")


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


def wire(told: Told | None) -> dict[str, Any]:
    assert told is not None
    assert told.message.wire is not None
    return dict(told.message.wire)


def test_programs_are_told_as_the_lists_tell_them() -> None:
    """As JSON: what is kept with the notification."""
    incident_ = tell(asked("incident-1", OPENED), facts(incident("14:00 investigating")))
    assert msgspec.to_builtins(wire(incident_))["page"]["status_indicator"] == "none"
    assert wire(incident_)["incident"]["status"] == "investigating"
    work = wire(tell(asked("window-1", "window.plan"), facts(WORK, *BEHIND)))["incident"]
    assert (work["status"], work["scheduled_for"]) == ("scheduled", "2026-11-21T16:00:00.000Z")
    one = wire(tell(asked("component-1", status_deed("operational")), facts(component(1, "major_outage"))))
    assert (one["component_update"]["old_status"], one["component"]["status"]) == ("operational", "major_outage")


def test_a_section_is_an_incident_of_its_own_to_programs() -> None:
    off = wire(tell(asked("section-1", "outage.start"), facts(outage("14:00-18:00"))))["incident"]
    assert (off["name"], off["status"], off["resolved_at"]) == (UNTIL_18, "investigating", None)
    back = wire(tell(asked("section-1", "outage.end"), ended(), section_1=SAID))["incident"]
    assert (back["id"], back["status"], back["resolved_at"]) == (off["id"], "resolved", "2026-11-21T14:20:00.000Z")
    assert off["incident_updates"][0]["id"] != back["incident_updates"][0]["id"]


def test_a_planned_outage_is_planned_work_to_programs() -> None:
    planned = wire(tell(asked("section-1", "outage.start"), facts(outage("16:00-18:00"))))["incident"]
    assert (planned["status"], planned["scheduled_until"]) == ("scheduled", "2026-11-21T18:00:00.000Z")


def test_everything_can_be_kept_as_json() -> None:
    told = tell(asked("section-1", "outage.start"), facts(outage("16:00-18:00")))
    assert told is not None
    kept = [json.loads(json.dumps(msgspec.to_builtins(one, str_keys=True))) for one in (told.message, told.said)]
    assert msgspec.convert(kept[0], Message).start == at("16:00")
    assert msgspec.convert(kept[1], OfSection, str_keys=True) == told.said
