"""`/v0/feature_toggles`, as the VA's front end reads it (T15)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from dashboard.answers import vets_toggles
from dashboard.answers.question import Asked
from tests import given
from tests.conftest import NOW

TOGGLES = (
    given.toggle("form_21_0966", 2, while_down=False),
    given.toggle("profile_hide_bank_details", 1),
    replace(given.toggle("search_down", 2), aliases=("search_is_down",)),
    replace(given.toggle("secret", 1), is_private=True),
)
SNAPSHOT = given.shown(given.section(1), given.section(2), *TOGGLES, given.outage("14:00-18:00"))


def ask(query: dict[str, str] | None = None) -> list[dict[str, Any]]:
    said = vets_toggles.say(SNAPSHOT, vets_toggles.read(SNAPSHOT, Asked(NOW, query=query or {})))
    document = msgspec.json.decode(said.body)
    assert document["data"]["type"] == "feature_toggles"
    return document["data"]["features"]


def test_names_are_echoed_in_the_order_asked() -> None:
    found = ask(
        {"features": "thisIsNotARealFlag,profile_hide_bank_details,ProfileHideBankDetails,profileHideBankDetails"}
    )
    assert [one["name"] for one in found] == [
        "thisIsNotARealFlag",
        "profile_hide_bank_details",
        "ProfileHideBankDetails",
        "profileHideBankDetails",
    ]
    assert [one["value"] for one in found] == [False, True, True, True]


def test_digits_are_found_by_their_camel_name() -> None:
    assert [one["value"] for one in ask({"features": "form210966,form_21_0966,form_210966"})] == [True, True, False]


@pytest.mark.parametrize("query", [{}, {"features": ""}, {"features": " , "}, {"cookie_id": "7"}])
def test_all_of_them_come_in_pairs_camel_first(query: dict[str, str]) -> None:
    assert [(one["name"], one["value"]) for one in ask(query)] == [
        ("form210966", True),
        ("form_21_0966", True),
        ("profileHideBankDetails", True),
        ("profile_hide_bank_details", True),
        ("searchDown", False),
        ("search_down", False),
        ("searchIsDown", False),
        ("search_is_down", False),
    ]


def test_an_earlier_name_does_not_hide_another_ones_own() -> None:
    one, other = given.toggle("a_b", 1), replace(given.toggle("c", 2), aliases=("a__b",))
    snapshot = given.shown(given.section(1), given.section(2), one, other, given.outage("14:00-18:00"))
    said = msgspec.json.decode(vets_toggles.say(snapshot, ()).body)["data"]["features"]
    assert [(each["name"], each["value"]) for each in said] == [
        ("aB", True),
        ("a_b", True),
        ("c", False),
        ("c", False),
        ("a__b", False),
    ]


def test_an_earlier_name_reads_the_same() -> None:
    assert ask({"features": "search_is_down,searchIsDown"}) == [
        {"name": "search_is_down", "value": False},
        {"name": "searchIsDown", "value": False},
    ]


def test_a_private_one_is_not_known() -> None:
    assert ask({"features": "secret"}) == [{"name": "secret", "value": False}]


def test_a_name_of_its_own_counts_before_another_ones_camel_case() -> None:
    one, other = given.toggle("a_b", 1), given.toggle("aB", 2)
    snapshot = given.shown(given.section(1), given.section(2), one, other, given.outage("14:00-18:00"))
    assert msgspec.json.decode(vets_toggles.say(snapshot, ("aB",)).body)["data"]["features"][0]["value"] is False
