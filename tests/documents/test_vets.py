"""`/maintenance_windows.json`: what the VA's front ends take for a downtime of everything."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.documents import vets
from tests import given
from tests.rules.given import at

ALL = given.component(key="global", service_ids=("P1",))


def told(*of: Any, t: str = "14:30") -> list[dict[str, str]]:
    ((path, found),) = vets.everything(given.shown(*of, t=t))
    assert path == "/maintenance_windows.json"
    return msgspec.json.decode(vets.render(found))


def test_nothing_is_an_empty_list() -> None:
    assert told(ALL) == []


def test_of_one_service_no_word() -> None:
    other = given.component(2, key="payments", service_ids=("P2",))
    assert told(ALL, other, given.window("14:00-18:00", 2), given.outage("14:00-18:00")) == []


def test_the_words_for_the_public_alone() -> None:
    window = given.window("14:00-18:00", message="We are moving house.")
    assert told(ALL, window) == [
        {
            "pagerduty_id": "PW1",
            "external_service": "global",
            "start_time": "2026-11-21T14:00:00.000Z",
            "end_time": "2026-11-21T18:00:00.000Z",
            "description": "We are moving house.",
        }
    ]


def test_the_first_one_under_way_lasts_longest() -> None:
    windows = [given.window(words, id=id) for id, words in enumerate(("20:00-21:00", "14:00-15:00", "14:00-16:00"), 1)]
    under_way = [one["end_time"] for one in told(ALL, windows) if one["start_time"] <= "2026-11-21T14:30"]
    assert under_way == ["2026-11-21T16:00:00.000Z", "2026-11-21T15:00:00.000Z"]


def test_a_section_of_that_key_stands_for_everything_too() -> None:
    found = told(given.section(1, "global"), given.outage("14:00"))
    assert [(one["pagerduty_id"], one["end_time"]) for one in found] == [("outage-1", "2026-11-22T01:00:00.000Z")]


def test_it_is_the_same_until_midnight() -> None:
    of = given.section(1, "global"), given.outage("14:00")
    assert {told(*of, t=t)[0]["end_time"] for t in ("14:30", "23:30")} == {"2026-11-22T01:00:00.000Z"}
    assert given.shown(*of).until <= at("23:59").replace(day=22)
