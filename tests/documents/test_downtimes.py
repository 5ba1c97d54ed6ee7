"""Which services are down when, as the VA's front ends are told: by tables of facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.documents.downtimes import Downtime, downtimes
from tests import given
from tests.rules.given import at


def service(id: int = 1, key: str = "payments") -> Any:
    return given.component(id, key=key, service_ids=(f"P{id}",))


PAYMENTS, SEARCH = service(), service(2, "search")
BOTH = ["payments 14:00-15:00", "search 14:00-15:00"]
DEPOSIT, DOCUMENTS, FORMS = given.section(1), given.section(2), given.section(3, "forms")


def found(*of: Any, t: str = "14:30") -> tuple[Downtime, ...]:
    return downtimes(given.shown(DEPOSIT, DOCUMENTS, FORMS, *of, t=t), at("16:00"))


def gist(found: tuple[Downtime, ...]) -> list[str]:
    """In order; "~" for an end that is a guess."""
    return [f"{one.service} {one.start:%H:%M}-{one.end:%H:%M}{'~' if one.is_estimate else ''}" for one in found]


@pytest.mark.parametrize(
    ("name", "of", "want"),
    [
        ("nothing", [PAYMENTS], []),
        ("one that is over", [PAYMENTS, given.window("13:00-14:30")], []),
        ("one that begins now", [PAYMENTS, given.window("14:30-15:00")], ["payments 14:30-15:00"]),
        ("one that is to come", [PAYMENTS, given.window("20:00-21:00")], ["payments 20:00-21:00"]),
        ("two services of one", [PAYMENTS, SEARCH, given.window("14:00-15:00", 1, 2)], BOTH),
        ("of a component that stands for no service", [given.component(), given.window("14:00-15:00")], []),
        ("of a component that is gone", [PAYMENTS, given.window("14:00-15:00", 9)], []),
        ("planned here", [PAYMENTS, given.window("14:00-15:00", source="signpost")], ["payments 14:00-15:00"]),
    ],
)
def test_windows_on_services(name: str, of: list[Any], want: list[str]) -> None:
    assert sorted(gist(found(of))) == want


@pytest.mark.parametrize(
    ("name", "windows", "want"),
    [
        ("the sooner of two to come is last", ["20:00-21:00", "18:00-23:00"], ["20:00-21:00", "18:00-23:00"]),
        ("one under way is after one to come", ["14:00-15:00", "14:45-23:00"], ["14:45-23:00", "14:00-15:00"]),
        ("of two under way the longer is last", ["13:00-18:00", "14:00-15:00"], ["14:00-15:00", "13:00-18:00"]),
    ],
)
def test_the_last_one_of_a_service_counts(name: str, windows: list[str], want: list[str]) -> None:
    made = [given.window(words, id=id) for id, words in enumerate(windows, 1)]
    for order in (made, made[::-1]):
        assert gist(found(PAYMENTS, order)) == [f"payments {words}" for words in want]


@pytest.mark.parametrize(
    ("name", "of", "want"),
    [
        ("its own outage", [given.outage("14:00-18:00")], ["direct_deposit 14:00-18:00"]),
        ("planned", [given.outage("17:00-18:00")], ["direct_deposit 17:00-18:00"]),
        ("planned, without an end", [given.outage("17:00")], ["direct_deposit 17:00-18:00~"]),
        ("nobody knows the end", [given.outage("14:00")], ["direct_deposit 14:00-16:00~"]),
        ("held and not late yet", [given.outage("14:00-18:00 hold")], ["direct_deposit 14:00-18:00"]),
        ("late", [given.outage("12:00-14:00 hold")], ["direct_deposit 12:00-16:00~"]),
        ("over", [given.outage("12:00-14:00")], []),
        ("extended by another", [given.outage("14:00-15:00"), given.outage("15:00-16:30", id=2)], ["14:00-16:30"]),
        ("planned work on it", [given.window("14:00-15:00", touches={1: "down"})], ["direct_deposit 14:00-15:00"]),
        ("slow is not down", [given.window("14:00-15:00", touches={1: "warn"})], []),
        ("a known end beside one that is not", [given.outage("14:00"), given.outage("14:00-19:00", id=2)], ["19:00~"]),
    ],
)
def test_sections_by_their_own_keys(name: str, of: list[Any], want: list[str]) -> None:
    told = gist(found(of))
    assert len(told) == len(want)
    assert all(one.endswith(end) for one, end in zip(told, want, strict=True)), told


def test_a_part_is_down_with_its_section() -> None:
    inner = given.section(4, "inner", parent=1)
    assert sorted(gist(found(inner, given.outage("14:00-18:00")))) == [
        "direct_deposit 14:00-18:00",
        "inner 14:00-18:00",
    ]


def test_a_piece_of_planned_work_that_a_section_is_kept_open_in_spite_of() -> None:
    work = [given.window("14:00-18:00", touches={1: "down"}), given.overrule("15:00-16:00")]
    told = found(work)
    assert gist(told) == ["direct_deposit 16:00-18:00", "direct_deposit 14:00-15:00"]
    assert len({one.id for one in told}) == 2
    assert gist(found(work, t="15:30")) == ["direct_deposit 16:00-18:00"]
    assert found(work, t="15:30")[0].id == told[0].id


USED = [PAYMENTS, given.dependency(1), given.dependency(2, window="warn")]


@pytest.mark.parametrize(
    ("name", "of", "want"),
    [
        ("one section that uses it works", [given.outage("14:00-18:00", 1)], []),
        (
            "none of them works",
            [given.outage("14:00-18:00", 1), given.outage("13:00-15:00", 2, id=2)],
            ["payments 14:00-15:00"],
        ),
        (
            "to the end that is known",
            [given.outage("14:00", 1), given.outage("13:00-17:00", 2, id=2)],
            ["payments 14:00-17:00"],
        ),
        (
            "nobody knows the end of either",
            [given.outage("14:00", 1), given.outage("13:00", 2, id=2)],
            ["payments 14:00-16:00~"],
        ),
        (
            "never at once",
            [given.outage("14:00-15:00", 1), given.outage("15:00-16:00", 2, id=2)],
            [],
        ),
        ("another section is off", [given.outage("14:00-18:00", 3)], []),
        ("its window says so already", [given.window("14:00-18:00"), given.outage("14:15-16:00", 2)], ["14:00-18:00"]),
        (
            "beyond its window",
            [given.window("14:00-15:00"), given.outage("14:30-16:00", 1), given.outage("14:10-16:00", 2, id=2)],
            ["14:00-15:00", "14:10-16:00"],
        ),
    ],
)
def test_a_service_that_all_its_sections_do_without(name: str, of: list[Any], want: list[str]) -> None:
    told = [one for one in gist(found(USED, of)) if one.startswith("payments")]
    assert len(told) == len(want)
    assert all(one.endswith(end) for one, end in zip(told, want, strict=True)), told


def test_a_parents_outage_takes_the_service_that_its_parts_use() -> None:
    parts = [given.section(4, "one", parent=3), given.section(5, "two", parent=3)]
    told = found(
        parts, PAYMENTS, given.dependency(4), given.dependency(5), given.outage("14:00-18:00", 3, message="Gone.")
    )
    mine = next(one for one in told if one.service == "payments")
    assert (mine.external_id, mine.description, mine.affected) == ("outage-1", "Gone.", ("one", "two"))


@pytest.mark.parametrize(
    ("name", "overrules", "want"),
    [
        ("by nobody", [], ["14:00-18:00"]),
        ("by one of two", [given.overrule("14:00-18:00", section=1)], ["14:00-18:00"]),
        ("by both", [given.overrule("14:00-18:00", section=1), given.overrule("14:00-18:00", section=2, id=2)], []),
        (
            "by both, for a time",
            [given.overrule("14:00-15:00", section=1), given.overrule("14:00-16:00", section=2, id=2)],
            ["15:00-18:00"],
        ),
    ],
)
def test_a_window_that_is_overruled(name: str, overrules: list[Any], want: list[str]) -> None:
    told = found(USED, given.window("14:00-18:00"), overrules)
    assert [f"{one.start:%H:%M}-{one.end:%H:%M}" for one in told if one.service == "payments"] == want


def test_who_does_not_mind_a_window_need_not_overrule_it() -> None:
    used = [PAYMENTS, given.dependency(1), given.dependency(2, window="nothing")]
    assert found(used, given.window("14:00-18:00"), given.overrule("14:00-18:00")) == ()


def test_a_component_that_is_mapped_goes_before_a_section_of_its_key() -> None:
    forms, outage = service(3, "forms"), given.outage("14:00-18:00", 3)
    assert gist(found(forms, outage)) == []
    assert gist(found(forms, outage, given.dependency(3, 3))) == ["forms 14:00-18:00"]
    assert gist(found(replace(forms, service_ids=()), outage)) == ["forms 14:00-18:00"]


def test_ids_are_stable_unique_and_fit_into_a_browser() -> None:
    of = [PAYMENTS, SEARCH, given.window("14:00-15:00", 1, 2), given.window("14:00-15:00", 1, 2, id=2)]
    ids = [one.id for one in found(of)]
    assert len(set(ids)) == 4
    assert all(0 < id < 2**53 for id in ids)
    assert sorted(ids) == sorted(one.id for one in found(of, t="14:45"))


def test_words_are_those_for_the_public_with_their_times() -> None:
    window = given.window("14:00-18:00", message="Pay before {until}, <b>please</b>.\nThanks.")
    told, *_ = found(PAYMENTS, window)
    assert told.description == "Pay before 18:00, <b>please</b>.\nThanks."
    assert found(PAYMENTS, given.window("14:00-18:00"))[0].description == ""
    section = found(given.outage("14:00-18:00", message="Gone until {until}."))
    assert section[0].description == "Gone until 18:00."


def test_where_it_comes_from() -> None:
    ours = given.window("14:00-15:00", id=2, source="signpost", external_id="")
    told = found(
        PAYMENTS, SEARCH, given.dependency(1), given.window("14:00-18:00", 1), replace(ours, component_ids=(2,))
    )
    assert {(one.service, one.external_id, one.source) for one in told} == {
        ("payments", "PW1", "pagerduty"),
        ("search", "window-2", "signpost"),
        ("direct_deposit", "PW1", "pagerduty"),
    }
