"""An outage that somebody planned is planned work to readers: on the page, in calendars, feeds and lists alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from icalendar import Calendar

from dashboard.editions import edition_at
from dashboard.facts import Facts
from tests import given
from tests.rules.given import at

PLANNED = given.outage("18:00-19:00", id=31, created_at=at("12:00"), message="You cannot change your bank details.")
CALENDAR, LIST = "/sections/direct_deposit.ics", "/api/v2/scheduled-maintenances.json"


def body(facts: Facts, path: str, t: str = "14:30") -> bytes:
    answer = edition_at(facts, at(t)).answer(path)
    assert answer is not None
    return answer.variants[""].body


def works(*of: Any, t: str = "14:30", path: str = LIST) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(body(given.facts(*of), path, t))["scheduled_maintenances"]
    return found


@pytest.mark.parametrize("path", ["/planned/", "/history.ics", CALENDAR, LIST, "/history.atom", "/history.rss"])
def test_it_is_told_wherever_planned_work_is(path: str) -> None:
    assert b"You cannot change your bank details." in body(given.facts(PLANNED), path).replace(b"\r\n ", b"")


def test_its_event_has_an_id_of_its_own() -> None:
    window = given.window("20:00-21:00", 1, id=31)
    found = Calendar.from_ical(body(given.facts(given.component(1), PLANNED, window), "/history.ics")).walk("VEVENT")
    assert {str(event["UID"]) for event in found} == {f"{ref}@status.example.org" for ref in ("outage-31", "window-31")}
    assert len({work["id"] for work in works(given.component(1), PLANNED, window)}) == 2


@pytest.mark.parametrize(
    ("t", "stage"), [("14:30", "scheduled"), ("18:00", "in_progress"), ("19:00", "completed"), ("22:00", "completed")]
)
def test_its_stage_follows_the_clock(t: str, stage: str) -> None:
    (work,) = works(PLANNED, t=t)
    assert work["status"] == stage


def test_the_front_page_leads_to_it() -> None:
    assert b"All planned work" in body(given.facts(PLANNED), "/")


@pytest.mark.parametrize(
    "outage",
    [
        given.outage("14:10-18:00", created_at=at("14:10")),
        given.outage("18:00", created_at=at("12:00")),
        given.outage("12:00-14:00", created_at=at("11:00"), at_end="hold"),
    ],
    ids=["nobody planned it", "nobody knows its end", "it takes longer than was planned"],
)
def test_others_are_no_planned_work(outage: Any) -> None:
    assert works(outage) == []


def test_one_that_is_called_off_says_so_in_calendars() -> None:
    off = given.outage("18:00-19:00", id=31, created_at=at("12:00"), ended_at=at("14:00"))
    (event,) = Calendar.from_ical(body(given.facts(off), CALENDAR)).walk("VEVENT")
    assert (event["STATUS"], event["UID"]) == ("CANCELLED", "outage-31@status.example.org")


def test_one_that_is_brought_back_early_ends_then() -> None:
    early = given.outage("12:00-16:00", created_at=at("11:00"), ended_at=at("13:00"))
    (work,) = works(early)
    assert (work["status"], work["scheduled_until"]) == ("completed", "2026-11-21T13:00:00.000Z")
