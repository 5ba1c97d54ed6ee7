"""Sending is held and goes on; what was given up is sent again; what is long over is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import delivering, notifying, sending
from dashboard.actions.writing import writing
from dashboard.db import begin_writing, db
from dashboard.models import Delivery, Ledger, Notification
from tests import make
from tests.actions.conftest import PRIYA
from tests.actions.letters import (
    FAILED,
    GONE,
    HOUR,
    MINUTE,
    REFUSED,
    SENT,
    changed,
    expanded,
    follower,
    lane,
    released,
    states,
    told,
)
from tests.conftest import NOW


def test_sending_is_held_and_goes_on(app: Flask, kinds: Callable[[], list[str]]) -> None:
    assert sending.hold(PRIYA, NOW) is not None
    assert sending.hold(PRIYA, NOW) is None
    assert delivering.is_held()
    sending.go(PRIYA, NOW)
    assert (delivering.is_held(), kinds()) == (False, ["sending.hold", "sending.go"])


def test_who_was_not_sent_a_message_that_is_stopped_is_not_sent_it(app: Flask, kinds: Callable[[], list[str]]) -> None:
    for number in range(3):
        make.follower(f"lin{number}@larkfield.example")
    expanded()
    arrived, under_way = delivering.claim(NOW, 2)
    delivering.mark([delivering.Result(arrived, SENT)], NOW, lambda: 0.0)
    assert sending.stop(arrived.notification_id, PRIYA, NOW) is not None
    delivering.mark([delivering.Result(under_way, SENT)], NOW, lambda: 0.0)
    assert (states(), kinds()) == (["sent", "sent", "skipped"], ["sending.stop"])
    assert sending.stop(arrived.notification_id, PRIYA, NOW) is None


def test_many_are_skipped_some_at_a_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make.follower(f"lin{number}@larkfield.example")
    expanded()
    monkeypatch.setattr(sending, "BATCH", 2)
    change = sending.stop(1, PRIYA, NOW)
    assert (change and change.after, states()) == ({"deliveries": 5}, ["skipped"] * 5)
    assert db.session.scalars(sa.select(Delivery.answer).distinct()).all() == ["Stopped by Priya Shah."]


def test_what_is_stopped_is_sent_to_nobody_though_it_waits_still(app: Flask) -> None:
    """Until all of it is skipped; or when whoever did that died."""
    make.follower()
    expanded()
    changed(Notification, state="stopped")
    assert (delivering.claim(NOW, 10), states()) == ([], ["skipped"])


def test_of_what_was_stopped_nobody_can_say_any_more_that_nobody_is_told(app: Flask) -> None:
    with writing(PRIYA, NOW) as work:
        change = work.record("incident.update", "incident-7", "Payments fail", None, {})
    released(state="stopped", thing="incident-7", revision=change.revision)
    assert notifying.cancel(change.revision, PRIYA, NOW) is None


@pytest.mark.parametrize(("asked_for", "due_in"), [(None, timedelta()), (4 * 3600.0, 4 * HOUR)])
def test_what_waits_behind_it_is_due_at_once_unless_the_receiver_asked_for_peace(
    app: Flask, asked_for: float | None, due_in: timedelta
) -> None:
    make.follower()
    expanded()
    told(FAILED, NOW)
    expanded(NOW, thing="window-3")
    told(replace(FAILED, wait=asked_for), NOW + MINUTE)
    later = NOW + 2 * MINUTE
    assert sending.stop(1, PRIYA, later) is not None
    behind = db.session.scalars(sa.select(Delivery).where(Delivery.state == "waiting")).one()
    assert behind.due_at == (later if asked_for is None else NOW + MINUTE + due_in)
    expanded(later, thing="window-4")
    assert len(delivering.claim(later, 10)) == (asked_for is None)


def test_a_message_that_is_stopped_at_once_reaches_nobody(app: Flask) -> None:
    make.follower()
    id = released()
    assert sending.stop(id, PRIYA, NOW) is not None
    assert not delivering.expand(NOW, lane)
    assert states() == []


@pytest.mark.parametrize("state", ["pending", "void", "cancelled"])
def test_only_what_is_being_sent_can_be_stopped(app: Flask, state: str) -> None:
    assert sending.stop(released(state=state), PRIYA, NOW) is None
    assert sending.stop(99, PRIYA, NOW) is None


def test_what_was_given_up_is_sent_again_and_its_follower_told_again(
    app: Flask, kinds: Callable[[], list[str]]
) -> None:
    make.follower()
    expanded()
    row = told(GONE, NOW)
    assert sending.replay([row.id], PRIYA, NOW + HOUR) == 1
    assert told(SENT, NOW + HOUR).state == "sent"
    assert (follower().paused_at, kinds()) == (None, ["follower.pause", "delivery.replay"])


@pytest.mark.parametrize(
    ("later", "replayed", "state"),
    [
        ({}, 0, "skipped"),
        ({"replaces": False}, 0, "skipped"),
        ({"thing": "window-3"}, 1, "waiting"),
        ({"released_at": NOW - HOUR}, 1, "waiting"),
    ],
)
def test_old_news_is_not_sent_again(app: Flask, later: dict[str, Any], replayed: int, state: str) -> None:
    make.follower()
    expanded()
    row = told(REFUSED, NOW)
    expanded(NOW + HOUR, **later)
    told(SENT, NOW + HOUR)
    assert sending.replay([row.id], PRIYA, NOW + 2 * HOUR) == replayed
    assert states() == [state, "sent"]


def test_what_is_stopped_is_not_sent_again(app: Flask) -> None:
    for name in ("lin", "tom"):
        make.follower(f"{name}@larkfield.example")
    expanded()
    lin = delivering.claim(NOW, 10)[0]
    delivering.mark([delivering.Result(lin, REFUSED)], NOW, lambda: 0.0)
    assert sending.stop(1, PRIYA, NOW) is not None
    assert (sending.replay([lin.id], PRIYA, NOW), states()) == (0, ["skipped", "skipped"])


def test_staff_are_sent_again_what_nothing_else_says(app: Flask) -> None:
    make.follower(is_staff=True)
    expanded(audience="staff", thing="followers")
    row = told(REFUSED, NOW)
    expanded(NOW + HOUR, audience="staff", thing="followers", replaces=False)
    told(SENT, NOW + HOUR)
    assert sending.replay([row.id], PRIYA, NOW + 2 * HOUR) == 1


def test_who_paused_by_themselves_is_sent_nothing_again(app: Flask) -> None:
    make.follower(paused_at=NOW)
    begin_writing()
    one = Delivery(notification_id=released(), follower_id=follower().id, lane="email", due_at=NOW, state="dead")
    db.session.add(one)
    db.session.commit()
    assert sending.replay([one.id], PRIYA, NOW) == 0


def test_what_was_over_long_ago_is_forgotten(app: Flask) -> None:
    make.follower()
    expanded()
    told(SENT, NOW)
    expanded(NOW, thing="window-3")
    assert sending.sweep(NOW + timedelta(days=89)) == 0
    assert sending.sweep(NOW + timedelta(days=91)) == 1
    assert states() == ["waiting"]
    assert db.session.scalars(sa.select(Ledger.revision)).one() > 0


def test_of_each_thing_the_last_public_word_is_kept(app: Flask) -> None:
    released(state="told")
    last = released(state="told", at=NOW + HOUR)
    for given in ({"state": "void", "released_at": None}, {"state": "told", "audience": "staff"}):
        released(at=NOW + 2 * HOUR, **given)
    young = released(state="void", at=NOW + 60 * 24 * HOUR, released_at=None)
    pending = released(state="pending", released_at=None)
    assert sending.sweep(NOW + timedelta(days=91)) == 3
    assert sending.sweep(NOW + timedelta(days=91)) == 0
    assert set(db.session.scalars(sa.select(Notification.id))) == {last, young, pending}


def test_who_was_told_of_an_incident_is_known_until_it_is_over(app: Flask) -> None:
    incident = make.incident()
    make.follower()
    expanded(thing=f"incident-{incident.id}")
    told(SENT, NOW)
    assert sending.sweep(NOW + timedelta(days=91)) == 0
    make.update(incident, stage="resolved", at=NOW + timedelta(days=100))
    assert sending.sweep(NOW + timedelta(days=101)) == 1
