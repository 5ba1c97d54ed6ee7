"""What staff do for followers: nothing that is recorded holds an address, and who is removed is gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import followers
from dashboard.actions.follower_rows import Wants, wants_of
from dashboard.actions.writing import Conflict, Refused
from dashboard.db import db
from dashboard.models import Change, Follow, Follower
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]
SLACK = "https://hooks.slack.example/services/T1/B1/secret"


@pytest.fixture
def team(app: Flask) -> Follower:
    assert followers.add_channel("slack", SLACK, "Payments team", Wants(everything=True), TOM, NOW)
    return db.session.scalars(sa.select(Follower)).one()


def test_a_teams_channel_is_confirmed_and_told_by_whom(team: Follower, kinds: Kinds) -> None:
    assert (team.is_staff, team.confirmed_at, team.name) == (True, NOW, "Payments team")
    assert kinds() == ["follower.add"]


def test_a_form_that_is_sent_twice_adds_it_once(team: Follower) -> None:
    assert followers.add_channel("slack", SLACK, "Payments team", Wants(everything=True), TOM, NOW) is None
    with pytest.raises(Refused, match="followed with already"):
        followers.add_channel("slack", SLACK, "Another team", Wants(everything=True), TOM, NOW)


def test_no_change_holds_an_address(team: Follower) -> None:
    wants = Wants(sections=frozenset({make.section().id}))
    followers.edit(team.id, 1, "Payments", wants, TOM, NOW)
    followers.pause(team.id, 2, "Nobody reads it", TOM, NOW)
    followers.resume(team.id, 3, TOM, NOW)
    followers.remove(team.id, TOM, NOW)
    rows = db.session.scalars(sa.select(Change)).all()
    said = json.dumps([[row.subject_name, row.before, row.after] for row in rows])
    assert [row.kind.partition(".")[2] for row in rows] == ["add", "edit", "suspend", "resume", "remove"]
    assert "slack.example" not in said


def test_what_it_follows_is_chosen_anew(team: Follower) -> None:
    section, component = make.section(), make.component()
    wants = Wants(sections=frozenset({section.id}), components=frozenset({component.id}), planned=False)
    change = followers.edit(team.id, 1, "Payments team", wants, PRIYA, NOW)
    assert wants_of(team) == wants
    assert change
    assert change.after == {
        "everything": False,
        "planned": False,
        "version": 2,
        "sections": [section.id],
        "components": [component.id],
    }
    assert followers.edit(team.id, 1, "Payments team", wants, PRIYA, NOW) is None


def test_an_incident_stays_followed(app: Flask) -> None:
    section, incident = make.section(), make.incident()
    follower = make.follower("lin@larkfield.example", incident)
    followers.edit(follower.id, 1, "", Wants(sections=frozenset({section.id})), TOM, NOW)
    found = db.session.execute(sa.select(Follow.section_id, Follow.incident_id).order_by(Follow.id)).all()
    assert found == [(None, incident.id), (section.id, None)]


def test_the_name_of_one_of_the_public_is_not_changed(app: Flask) -> None:
    follower = make.follower()
    followers.edit(follower.id, 1, "Lin", Wants(everything=True, problems=False), TOM, NOW)
    assert (follower.name, follower.problems) == ("", False)


def test_two_at_once_are_told_apart(team: Follower) -> None:
    followers.edit(team.id, 1, "Payments", Wants(everything=True), TOM, NOW)
    with pytest.raises(Conflict):
        followers.edit(team.id, 1, "Bank", Wants(everything=True), PRIYA, NOW)
    with pytest.raises(Conflict):
        followers.pause(team.id, 1, "", PRIYA, NOW)


def test_a_pause_gives_up_what_waits_and_is_taken_back(app: Flask) -> None:
    follower = make.follower(failing_since=NOW - timedelta(days=1), bounces=2)
    waits = make.delivery(follower)
    assert followers.pause(follower.id, 1, "The inbox is full", TOM, NOW)
    assert (follower.paused_at, follower.paused_why, waits.state) == (NOW, "The inbox is full", "dead")
    assert waits.answer == "Paused by Tom Reed."
    assert followers.pause(follower.id, 2, "", TOM, NOW) is None
    assert followers.resume(follower.id, 2, TOM, NOW)
    assert (follower.paused_at, follower.paused_why, follower.failing_since, follower.bounces) == (None, "", None, 0)
    assert followers.resume(follower.id, 3, TOM, NOW) is None


def test_who_is_removed_is_erased(app: Flask) -> None:
    follower = make.follower("lin@larkfield.example", make.section(), contact="ops@larkfield.example", secret="s")
    waits, was_sent = make.delivery(follower), make.delivery(follower, "sent", answer="lin@larkfield.example: 250")
    salt = follower.salt
    assert followers.remove(follower.id, TOM, NOW)
    assert (follower.address, follower.contact, follower.secret, follower.left_at) == ("", "", "", NOW)
    assert follower.salt == salt  # so that their own links alone say that they have left
    assert (waits.state, was_sent.state, was_sent.answer) == ("skipped", "sent", "")
    assert not db.session.scalars(sa.select(Follow)).all()
    assert followers.remove(follower.id, TOM, NOW) is None
    with pytest.raises(Refused, match="left meanwhile"):
        followers.pause(follower.id, 2, "", TOM, NOW)


def test_an_address_that_left_may_come_back(team: Follower) -> None:
    followers.remove(team.id, TOM, NOW)
    assert followers.add_channel("slack", SLACK, "Payments team", Wants(everything=True), TOM, NOW)
