"""The calendars of planned work, read back by a calendar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from icalendar import Calendar

from dashboard.editions import edition_at
from dashboard.facts import Facts
from tests import given
from tests.rules.given import at

HISTORY, SECTION, COMPONENT = "/history.ics", "/sections/direct_deposit.ics", "/components/component_1.ics"
COMPONENTS = [given.component(1, name="Card payments"), given.component(2)]
OFF = given.window("18:00-19:00", id=9, gone_at=at("12:00"), version=3)


def body(facts: Facts, path: str = HISTORY, t: str = "14:30") -> bytes:
    answer = edition_at(facts, at(t)).answer(path)
    assert answer is not None
    return answer.variants[""].body


def events(facts: Facts, path: str = HISTORY, t: str = "14:30") -> list[Any]:
    return list(Calendar.from_ical(body(facts, path, t)).walk("VEVENT"))


def only(*of: Any, path: str = HISTORY, t: str = "14:30") -> Any:
    (event,) = events(given.facts(*of), path, t)
    return event


def titles(*of: Any, path: str = SECTION, t: str = "14:30") -> list[str]:
    return [str(event["SUMMARY"]) for event in events(given.facts(*of), path, t)]


def test_a_window_is_an_event() -> None:
    event = only(COMPONENTS, given.window("18:00-19:00", revised_at=at("12:00"), version=3, message="You cannot pay."))
    assert {name: event.decoded(name) for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED")} == {
        "DTSTART": at("18:00"),
        "DTEND": at("19:00"),
        "DTSTAMP": at("12:00"),
        "LAST-MODIFIED": at("12:00"),
    }
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("window-1@status.example.org", 2, "CONFIRMED")
    assert (event["SUMMARY"], event["DESCRIPTION"]) == ("Planned work on Card payments", "You cannot pay.")
    assert event["URL"] == "http://status.example.org/planned/#window-1"


def test_one_that_is_moved_keeps_its_uid_and_raises_its_sequence() -> None:
    before, after = (only(given.window(words, version=n)) for n, words in enumerate(("18:00-19:00", "20:00-21:00"), 1))
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_one_that_is_called_off_says_so() -> None:
    (event,) = events(replace(given.facts(), cancelled=(OFF,)))
    assert (event["STATUS"], event.decoded("DTSTAMP")) == ("CANCELLED", at("12:00"))


@pytest.mark.parametrize("t", ["17:59", "18:00", "18:30", "19:00", "23:00"])
def test_it_is_the_same_bytes_before_meanwhile_and_after(t: str) -> None:
    facts = given.facts(COMPONENTS, given.dependency(), given.window("18:00-19:00"), given.window("20:00-21:00", id=2))
    for path in (HISTORY, SECTION, COMPONENT):
        assert body(facts, path, t) == body(facts, path)


def test_lines_end_and_fold_as_they_must() -> None:
    written = body(given.facts(given.component(name="Prescriptions 💊 für Köln " * 9), given.window("18:00-19:00")))
    lines = written.split(b"\r\n")
    assert written.count(b"\n") == written.count(b"\r") == len(lines) - 1
    assert max(len(line) for line in lines) <= 75
    assert all(line.decode() is not None for line in lines)
    assert b"Prescriptions" in written


def test_a_component_has_what_is_on_it() -> None:
    facts = given.facts(COMPONENTS, given.window("18:00-19:00", 1), given.window("20:00-21:00", 2, id=2))
    assert [event["UID"][:8] for event in events(facts, COMPONENT)] == ["window-1"]


def test_without_windows_a_calendar_is_empty() -> None:
    assert events(given.facts(), SECTION) == []
    assert str(Calendar.from_ical(body(given.facts(), SECTION))["X-WR-CALNAME"]) == "Planned work: Direct deposit"


def test_events_stand_in_order_and_are_not_endless() -> None:
    facts = given.facts([given.window("18:00-19:00", id=n) for n in range(1, 300)])
    assert len(events(facts)) == 200
    late = given.facts(given.window("20:00-21:00", id=1), given.window("18:00-19:00", id=2))
    assert [event["UID"][:8] for event in events(late)] == ["window-2", "window-1"]


class TestSections:
    """What reaches a section, and what it does to it."""

    @pytest.mark.parametrize(
        ("effect", "told"),
        [("down", ["Direct deposit: unavailable"]), ("warn", ["Direct deposit: may be slow"]), ("nothing", [])],
    )
    def test_through_what_it_depends_on(self, effect: str, told: list[str]) -> None:
        assert titles(COMPONENTS, given.dependency(window=effect), given.window("18:00-19:00")) == told

    @pytest.mark.parametrize(
        ("effect", "told"),
        [("down", ["Direct deposit: unavailable"]), ("warn", ["Direct deposit: may be slow"]), ("nothing", [])],
    )
    def test_directly(self, effect: str, told: list[str]) -> None:
        assert titles(given.window("18:00-19:00", 9, touches={1: effect})) == told

    def test_from_what_it_is_in(self) -> None:
        parent, child = given.section(2, key="money"), given.section(1, parent=2)
        found = titles([parent, child], COMPONENTS, given.dependency(2), given.window("18:00-19:00"))
        assert found == ["Direct deposit: unavailable"]

    def test_the_worst_counts(self) -> None:
        window = given.window("18:00-19:00", touches={1: "down"})
        assert titles(COMPONENTS, given.dependency(window="warn"), window) == ["Direct deposit: unavailable"]

    def test_another_section_is_not_told(self) -> None:
        sections = [given.section(1), given.section(2)]
        window = given.window("18:00-19:00", 9, touches={2: "down"})
        assert titles(sections, window) == []

    def test_what_is_overruled_from_first_to_last_is_left_out(self) -> None:
        of = COMPONENTS, given.dependency(), given.window("18:00-19:00")
        assert titles(*of, given.overrule("18:00-19:00")) == []
        assert titles(*of, given.overrule("18:30-19:00")) == ["Direct deposit: unavailable"]

    def test_the_work_and_its_words_are_told(self) -> None:
        window = given.window("18:00-19:00", message="You cannot pay.")
        event = only(COMPONENTS, given.dependency(), window, path=SECTION)
        assert event["DESCRIPTION"] == "Planned work on Card payments\n\nYou cannot pay."

    def test_what_is_called_off_and_what_is_over_is_told_too(self) -> None:
        facts = given.facts(COMPONENTS, given.dependency(), given.window("8:00-9:00"))
        found = events(replace(facts, cancelled=(OFF,)), SECTION)
        assert [event["STATUS"] for event in found] == ["CONFIRMED", "CANCELLED"]
