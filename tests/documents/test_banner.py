"""``/embed/v1/status.json`` and one section's JSON, against the contract that front ends rely on."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from dashboard.editions import edition_at
from dashboard.facts import Facts
from tests import given
from tests.rules.given import at

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
STATUS = "/embed/v1/status.json"
WORDS = {"message": "You cannot pay.", "alternative": "Call 0300 000 0000, open until 20:00."}


def read(facts: Facts, path: str = STATUS, t: str = "14:30") -> dict[str, Any]:
    answer = edition_at(facts, at(t)).answer(path)
    assert answer is not None
    found: dict[str, Any] = json.loads(answer.variants[""].body)
    return found


def entry(*of: Any, t: str = "14:30") -> dict[str, Any]:
    found: dict[str, Any] = read(given.facts(*of), t=t)["sections"][0]
    return found


def test_the_whole_answer() -> None:
    site = read(given.facts(given.outage("14:10-18:00", **WORDS), given.source("14:30")))
    (section,) = site.pop("sections")
    assert site.pop("strings").keys() >= {"hide", "others", "restored"}
    assert site == {
        "v": 1,
        "revision": "42",
        "checked_at": {"pagerduty": "2026-11-21T14:30:00Z"},
        "stale": [],
        "ttl": 15,
        "page": {"name": "Larkfield", "url": "http://status.example.org/"},
    }
    assert section.pop("rev").startswith("outage-1-")
    assert (
        section.items()
        >= {
            "key": "direct_deposit",
            "name": "Direct deposit",
            "state": "down",
            "from": "2026-11-21T14:10:00Z",
            "until": "2026-11-21T18:00:00Z",
            "at_end": "restore",
            "next": None,
            "warn_from": None,
            "title": "Direct deposit is unavailable until {until}",
            "title_late": "Direct deposit is still unavailable",
            "message": "You cannot pay.",
            "alternative": "Call 0300 000 0000, open until 20:00.",
            "dismissible": False,
        }.items()
    )
    assert section["links"] == [
        {"label": "Latest updates", "href": "http://status.example.org/sections/direct_deposit/"}
    ]


@pytest.mark.parametrize(
    ("name", "of", "t", "want"),
    [
        ("down", [given.outage("14:00-18:00")], "14:30", ("down", "14:00", "18:00", "restore", "", "")),
        ("no end: a next word", [given.outage("14:00")], "14:30", ("down", "14:00", "", "restore", "15:00", "")),
        ("held", [given.outage("14:00-18:00 hold")], "14:30", ("down", "14:00", "18:00", "hold", "19:00", "")),
        ("late", [given.outage("14:00-18:00 hold")], "18:30", ("down", "14:00", "18:00", "hold", "19:00", "")),
        ("planned", [given.outage("17:00-18:00")], "14:30", ("down", "17:00", "18:00", "restore", "", "16:00")),
        ("soon", [given.outage("15:00-18:00")], "14:30", ("down", "15:00", "18:00", "restore", "", "14:00")),
        (
            "slow through a window",
            [given.component(), given.dependency(window="warn"), given.window("14:00-18:00")],
            "14:30",
            ("degraded", "14:00", "18:00", "restore", "", ""),
        ),
    ],
)
def test_an_entry(name: str, of: list[Any], t: str, want: tuple[str, ...]) -> None:
    found = entry(of, t=t)
    times = [found["from"], found["until"], found["next"], found["warn_from"]]
    start, until, next, warn_from = (t[11:16] if t else "" for t in times)
    assert (found["state"], start, until, found["at_end"], next, warn_from) == want


def test_a_section_that_is_well_and_stays_so_is_not_listed() -> None:
    site = read(given.facts(given.section(1), given.section(2), given.outage("14:00-18:00", 2)))
    assert [section["key"] for section in site["sections"]] == ["documents"]


def test_nothing_wrong_is_an_empty_list() -> None:
    assert read(given.facts())["sections"] == []


def test_a_parent_covers_its_children() -> None:
    site = read(given.facts(given.section(1), given.section(2, parent=1), given.outage("14:00-18:00", 1)))
    assert [(section["key"], section["state"]) for section in site["sections"]] == [
        ("direct_deposit", "down"),
        ("documents", "down"),
    ]


def test_what_comes_after_is_told_too() -> None:
    site = read(given.facts(given.outage("14:00-15:00"), given.outage("17:00-18:00", id=2)))
    assert [section["from"][11:16] for section in site["sections"]] == ["14:00", "17:00"]


def test_a_source_that_went_silent_is_named_with_its_exact_time() -> None:
    site = read(given.facts(given.source("14:07")), t="14:31")
    assert (site["stale"], site["checked_at"]) == (["pagerduty"], {"pagerduty": "2026-11-21T14:07:00Z"})


def test_a_source_that_never_answered_is_unknown() -> None:
    site = read(given.facts(given.source("")))
    assert (site["stale"], site["checked_at"]) == (["pagerduty"], {"pagerduty": None})


@pytest.mark.parametrize(
    ("name", "of", "states"),
    [
        ("well", [], ["ok"]),
        ("down", [given.outage("14:00-18:00")], ["down"]),
        ("planned", [given.outage("17:00-18:00")], ["down"]),
    ],
)
def test_one_sections_answer_always_answers(name: str, of: list[Any], states: list[str]) -> None:
    found = read(given.facts(of), "/embed/v1/sections/direct_deposit.json")
    assert [(section["key"], section["state"]) for section in found["sections"]] == [
        ("direct_deposit", state) for state in states
    ]


@pytest.mark.parametrize(
    ("name", "of", "now"),
    [
        ("well", [], ("ok",)),
        ("planned for later", [given.outage("17:00-18:00")], ("ok",)),
        (
            "soon",
            [given.outage("15:00-18:00")],
            ("approaching", "15:00", "18:00", "Direct deposit will be unavailable 15:00 to 18:00"),
        ),
        (
            "down",
            [given.outage("14:00-18:00")],
            ("down", "14:00", "18:00", "Direct deposit is unavailable until 18:00"),
        ),
        ("late", [given.outage("14:00-14:20 hold")], ("down", "14:00", "Direct deposit is still unavailable")),
    ],
)
def test_one_sections_answer_says_how_it_stands_now(name: str, of: list[Any], now: tuple[str, ...]) -> None:
    found = read(given.facts(of), "/embed/v1/sections/direct_deposit.json")["now"]
    told = [found["state"], *(found[key][11:16] for key in ("from", "until") if key in found), found.get("title")]
    assert tuple(filter(None, told)) == now


def test_the_revision_of_a_sections_answer_is_another_one_when_it_begins() -> None:
    path, facts = "/embed/v1/sections/direct_deposit.json", given.facts(given.outage("15:00-18:00"))
    before, after = (read(facts, path, t) for t in ("14:59", "15:00"))
    assert before["sections"][0]["state"] == after["sections"][0]["state"] == "down"
    assert before["revision"] != after["revision"]


def test_one_sections_answer_does_not_change_with_another_section() -> None:
    path = "/embed/v1/sections/documents.json"
    sections = (given.section(1), given.section(2))
    before = read(given.facts(sections, revision=42), path)
    assert read(given.facts(sections, given.outage("14:00-18:00", 1), revision=43), path) == before


def test_what_could_end_a_script_is_escaped_and_comes_back_whole() -> None:
    words = "</script><!-- <b>R&D</b> -->\u2028"
    assert entry(given.outage("14:00-18:00", message=words))["message"] == words


def test_nothing_is_told_to_end_before_it_does_or_begin_after() -> None:
    begun, ends = (at(t) + timedelta(milliseconds=848) for t in ("14:10", "18:00"))
    found = entry(given.outage("14:00-18:00", starts_at=begun, planned_end=ends))
    assert (found["from"][11:], found["until"][11:]) == ("14:10:00Z", "18:00:01Z")


def test_every_moment_is_whole_seconds_utc() -> None:
    found = json.dumps(read(given.facts(given.outage("14:00-18:00 hold"), given.source("14:30"))))
    assert {len(moment) for moment in MOMENT.findall(found)} == {20}
    assert "+00:00" not in found


def test_the_state_by_a_readers_clock_is_ours_at_any_later_time() -> None:
    """An old copy is still right: this plays ``from``, ``until``, ``at_end`` and ``warn_from`` as the script does."""
    facts = given.facts(
        [given.component(), given.dependency(window="warn"), given.window("15:00-19:00")],
        [given.outage("16:00-17:00"), given.outage("20:00-21:00 hold", id=2)],
    )
    entries = read(facts, t="13:00")["sections"]
    for minutes in range(0, 9 * 60, 5):
        t = at("13:00") + timedelta(minutes=minutes)
        assert played(entries, f"{t:%Y-%m-%dT%H:%M:%SZ}") == edition_at(facts, t).snapshot.sections[0].state


def played(entries: list[dict[str, Any]], t: str) -> str:
    states = ["ok"]
    for found in entries:
        if found["from"] <= t and (found["until"] is None or t < found["until"] or found["at_end"] == "hold"):
            states.append(found["state"])
        elif found["warn_from"] and found["warn_from"] <= t < found["from"]:
            states.append("approaching")
    return max(states, key=["ok", "approaching", "degraded", "down"].index)
