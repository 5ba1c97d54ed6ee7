"""`/v0/banners?path=`: which sections speak on which page, and what they say."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.answers import vets_banners
from dashboard.answers.question import Asked, Refused
from tests import given
from tests.answers.vets import ask
from tests.conftest import NOW

CLINIC = given.section(1, "riverside", path="/riverside")
STATUS = given.section(2, "operating", parent=1, path="/riverside/operating-status")
DEEP = given.section(3, "deep", path="/account/payments/history")
HOME = given.section(4, "home", path="/")
ALL = (CLINIC, STATUS, DEEP, HOME)


def on(path: str, *of: Any, **query: str) -> list[dict[str, Any]]:
    return ask(vets_banners, *of, path=path, **query)["banners"]


@pytest.mark.parametrize(
    ("path", "section", "shown"),
    [
        ("/riverside", 1, True),
        ("/riverside/", 1, True),
        ("/riverside/phones/hours", 1, True),
        ("/riversides", 1, False),
        ("riverside", 1, False),
        ("/Riverside", 1, False),
        ("/", 1, False),
        ("/riverside/operating-status", 2, True),
        ("/riverside/operating-status/", 2, True),
        ("/riverside", 2, True),
        ("/riverside/phones", 2, True),
        ("/operating-status", 2, False),
        ("/account/payments/history", 3, True),
        ("/account/payments/history/2026", 3, False),
        ("/account", 3, False),
        ("/", 4, True),
        ("/riverside", 4, False),
        ("//", 4, True),
    ],
)
def test_the_page_itself_or_any_below_one_at_the_top(path: str, section: int, shown: bool) -> None:
    assert [one["entity_id"] for one in on(path, ALL, given.outage("14:00-18:00", section))] == [section] * shown


@pytest.mark.parametrize(
    ("own", "above", "shown"),
    [
        ("/account", "", ["/account", "/account/payments", "/account/payments/history", "/account/letters"]),
        ("/account/payments", "", ["/account/payments"]),
        (
            "/account/payments",
            "/account",
            ["/account", "/account/payments", "/account/payments/history", "/account/letters"],
        ),
        ("/account/payments", "/help/money", ["/account/payments", "/help/money"]),
    ],
)
def test_the_table_of_the_docs(own: str, above: str, shown: list[str]) -> None:
    paths = ("/account", "/account/payments", "/account/payments/history", "/account/letters", "/help", "/help/money")
    sections = [given.section(1, path=above), given.section(2, parent=1, path=own)]
    assert [path for path in paths if on(path, sections, given.outage("14:00-18:00", 2))] == shown


def test_a_banner() -> None:
    section = given.section(1, path="/money", message="You cannot pay.\nNor be paid.", alternative="Call <us>.")
    (one,) = on("/money", section, given.outage("14:00-18:00", message="Gone.\nSorry.", alternative="Call <us>."))
    assert isinstance(one.pop("id"), int)
    entity = {"title": "Direct deposit", "entityUrl": {"path": "/money"}}
    assert one == {
        "entity_id": 1,
        "entity_bundle": "full_width_banner_alert",
        "headline": "Direct deposit is unavailable until 18:00",
        "alert_type": "warning",
        "show_close": False,
        "content": "<p>Gone.</p><p>Sorry.</p><p>Call &lt;us&gt;.</p>"
        '<p><a href="http://status.example.org/sections/direct_deposit/">Latest updates</a></p>',
        "context": [{"entity": {**entity, "fieldOffice": {"entity": entity}}}],
        "operating_status_cta": False,
        "email_updates_button": False,
        "find_facilities_cta": False,
        "limit_subpage_inheritance": False,
    }


def test_what_is_to_come_may_be_put_away() -> None:
    (one,) = on("/riverside", CLINIC, given.outage("15:00-18:00"))
    assert (one["alert_type"], one["show_close"]) == ("information", True)
    assert one["headline"] == "Riverside will be unavailable 15:00 to 18:00"


def test_another_id_once_it_has_begun() -> None:
    soon, now = (
        ask(vets_banners, CLINIC, given.outage("15:00-18:00"), t=t, path="/riverside") for t in ("14:30", "15:00")
    )
    assert soon["banners"][0]["id"] != now["banners"][0]["id"]


def test_nothing_is_wrong_or_not_yet() -> None:
    assert on("/riverside", ALL) == on("/riverside", ALL, given.outage("20:00-21:00")) == []


def test_one_event_is_told_once() -> None:
    found = on("/riverside", CLINIC, STATUS, given.outage("14:00-18:00", 1))
    assert [one["entity_id"] for one in found] == [1]


def test_a_section_without_a_place_is_on_no_page() -> None:
    assert on("/", given.section(1), given.outage("14:00-18:00")) == []


def test_the_question_is_repeated() -> None:
    said = ask(vets_banners, CLINIC, path="/riverside/", type="something_else")
    assert said == {"banners": [], "path": "/riverside/", "banner_type": "something_else"}
    assert on("/riverside", CLINIC, given.outage("14:00-18:00"), type="something_else") == []
    assert ask(vets_banners, CLINIC, path="/x", keys="camel").keys() == {"banners", "path", "bannerType"}


@pytest.mark.parametrize("query", [{}, {"path": ""}, {"path": "  "}, {"type": "full_width_banner_alert"}])
def test_without_a_path_it_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        vets_banners.read(given.shown(), Asked(NOW, query=query))
    assert refused.value.said.status.startswith("422")
    assert refused.value.said.body == b'{"error":"Path parameter is required"}'
