"""What teams are told, when."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from dashboard.actions import ticking
from dashboard.actions.writing import SIGNPOST, writing
from dashboard.db import db
from dashboard.models import Notification, Section
from dashboard.rules.incident import Stage
from dashboard.rules.state import AtEnd
from tests.conftest import NOW
from tests.telling.deeds import DOWN, HOUR, MINUTE, SECOND, back, declared, extend, off, post, told


def test_staff_are_told_at_once_and_once_a_minute(section: Section) -> None:
    outage = off(section)
    assert told(NOW, "staff") == ["Priya Shah took Direct deposit off until {until}"]
    extend(outage, NOW + 3 * HOUR, NOW + 10 * SECOND)
    back(outage, NOW + 20 * SECOND)
    assert told(NOW + 30 * SECOND, "staff") == []
    assert told(NOW + 61 * SECOND, "staff") == ["Priya Shah brought Direct deposit back"]


def test_staff_hear_of_a_follower_who_was_lost_and_the_public_of_all_else(section: Section) -> None:
    off(section)
    with writing(SIGNPOST, NOW) as work:
        work.record("follower.pause", "follower-9", "number 9", None, {"why": "The receiver says that it is gone."})
    assert told(NOW + MINUTE) == [DOWN]
    assert told(NOW + 3 * MINUTE, "staff") == []
    assert "Nothing arrives any more at the follower number 9" in everything()


def everything() -> list[str]:
    chosen = sa.select(Notification.message).where(Notification.released_at.is_not(None))
    return [str(message["title"]) for message in db.session.scalars(chosen) if message]


def test_staff_hear_of_what_is_late(clock: Section) -> None:
    off(clock, NOW + 40 * MINUTE, at_end=AtEnd.HOLD)
    told(NOW + MINUTE)
    ticking.tick(NOW + 41 * MINUTE)
    late = NOW + 41 * MINUTE
    assert told(late) == ["Direct deposit is still unavailable"]
    assert told(late, "staff") == ["Direct deposit is past its end and still off"]


def test_staff_hear_that_an_incident_is_over_though_an_update_was_overdue_meanwhile(app: Flask) -> None:
    incident = declared()
    told(NOW, "staff")
    post(incident, Stage.RESOLVED, NOW + 10 * MINUTE)
    with writing(SIGNPOST, NOW + 10 * MINUTE + SECOND) as work:
        work.record("incident.overdue", f"incident-{incident.id}", "Payments fail", None, {})
    assert told(NOW + 12 * MINUTE, "staff") == ["Priya Shah resolved the incident: Payments fail"]
