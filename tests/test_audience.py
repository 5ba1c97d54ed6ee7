"""Who is told of what: by what they follow, by what they want, and by what they were told before."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from dashboard import audience
from dashboard.db import db
from dashboard.models import Component, Incident, Notification, Section
from dashboard.rules.telling import Audience, Reach
from tests import make
from tests.conftest import NOW


@pytest.fixture
def things(app: Flask) -> dict[str, Section | Component | Incident]:
    return {"section": make.section("documents"), "component": make.component("payments"), "incident": make.incident()}


def is_told(reach: Reach, is_planned: bool = False, to: Audience = Audience.PUBLIC) -> bool:
    found = bool(list(db.session.scalars(audience.told(to, reach, is_planned))))
    if to is Audience.PUBLIC:
        assert bool(audience.counts(reach, is_planned)) is found
    return found


@pytest.mark.parametrize("follows", ["section", "component", "incident", "everything"])
@pytest.mark.parametrize("about", ["section", "component", "incident"])
def test_who_follows_it_or_everything(things: dict[str, Any], follows: str, about: str) -> None:
    make.follower("lin@larkfield.example", *([things[follows]] if follows != "everything" else []))
    id = things[about].id
    reach = {"section": Reach(sections=(id,)), "component": Reach(components=(id,)), "incident": Reach(incident=id)}
    assert is_told(reach[about]) is (follows in (about, "everything"))


@pytest.mark.parametrize(
    ("given", "is_planned", "told"),
    [
        ({"problems": False}, False, False),
        ({"problems": False}, True, True),
        ({"planned": False}, True, False),
        ({"confirmed_at": None}, False, False),
        ({"paused_at": NOW}, False, False),
        ({"left_at": NOW}, False, False),
        ({"is_staff": True}, False, False),
    ],
)
def test_who_wants_to_know(things: dict[str, Any], given: dict[str, Any], is_planned: bool, told: bool) -> None:
    make.follower(**given)
    assert is_told(Reach(sections=(things["section"].id,)), is_planned) is told


def test_a_team_hears_what_is_for_teams(things: dict[str, Any]) -> None:
    make.follower(is_staff=True)
    reach = Reach(sections=(things["section"].id,))
    assert (is_told(reach), is_told(reach, to=Audience.STAFF)) == (False, True)


def test_what_names_nothing_concerns_every_team(things: dict[str, Any]) -> None:
    make.follower("team@larkfield.example", things["section"], is_staff=True)
    assert is_told(Reach(), to=Audience.STAFF)
    assert not is_told(Reach(components=(things["component"].id,)), to=Audience.STAFF)
    assert not is_told(Reach())


def test_who_follows_an_incident_wants_that_whatever_else_they_want(things: dict[str, Any]) -> None:
    make.follower("lin@larkfield.example", things["incident"], problems=False, planned=False)
    assert is_told(Reach(incident=things["incident"].id))
    assert not is_told(Reach(sections=(things["section"].id,)))


@pytest.mark.parametrize("state", ["sent", "waiting"])
def test_who_was_told_of_an_incident_is_told_how_it_ends(things: dict[str, Any], state: str) -> None:
    follower = make.follower("lin@larkfield.example", things["section"])
    told = make.delivery(follower, state)
    db.session.get_one(Notification, told.notification_id).thing = f"incident-{things['incident'].id}"
    db.session.commit()
    assert is_told(Reach(incident=things["incident"].id))
