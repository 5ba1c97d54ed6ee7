"""Back is told, whatever kept a section off to the last."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import incident_updates, overrules
from dashboard.actions.incident_parts import Said, Touching
from dashboard.db import db
from dashboard.models import Component, Notification, Section, Window
from dashboard.rules.incident import Stage
from dashboard.rules.state import Effect
from dashboard.rules.status import Status
from tests import make
from tests.conftest import NOW
from tests.telling.deeds import (
    BACK,
    DOWN,
    HOUR,
    MINUTE,
    PLANNED,
    PRIYA,
    SECOND,
    back,
    declared,
    off,
    passes,
    plan,
    post,
    sent,
    told,
)


def test_back_is_told_when_the_last_that_kept_it_off_is_over(clock: Section) -> None:
    """An outage, and work that goes on for half an hour after it."""
    plan(clock, hours=0.5, tells=False, reminds=False)
    outage = off(clock, NOW + 4 * HOUR)
    assert passes(1, 59) == [DOWN]
    back(outage, NOW + HOUR)
    assert passes(60, 89) == [DOWN]
    assert sent()["end"] == "2026-11-21T16:00:00Z"
    assert passes(89, 120) == [BACK]


def test_who_wants_planned_news_alone_gets_it_of_what_broke_too(clock: Section) -> None:
    off(clock)
    off(clock, start=NOW + 3 * HOUR, until=NOW + 4 * HOUR, at=NOW + SECOND)
    assert [told(NOW + minutes * MINUTE) for minutes in (2, 3, 4)] == [[DOWN], [PLANNED], []]
    kinds = sa.select(Notification.is_planned).where(Notification.state == "sending", Notification.audience == "public")
    assert list(db.session.scalars(kinds)) == [False, True]


def test_back_is_told_when_the_incident_that_kept_it_off_is_over(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    payments = declared(tells=False)
    make.dependency(section, db.session.get_one(Component, 1), on_major="down")
    back(outage, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == [DOWN.replace(" until {until}", "")]
    post(payments, Stage.RESOLVED, NOW + HOUR)
    assert [told(NOW + HOUR + minutes * MINUTE) for minutes in (1, 2)] == [["Resolved: Payments fail"], [BACK]]


@pytest.mark.parametrize("tells", ["length", "no"])
def test_back_is_told_of_a_part_when_what_it_is_a_part_of_is_back(app: Flask, tells: str) -> None:
    parent = make.section("money")
    child = make.section("deposit", parent=parent)
    own, above = off(child), off(parent, tells=tells, at=NOW + 2 * MINUTE)
    told(NOW + 3 * MINUTE)
    back(own, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == []
    back(above, NOW + 20 * MINUTE)
    assert "Deposit is working again" in [title for minutes in (21, 22) for title in told(NOW + minutes * MINUTE)]
    assert told(NOW + HOUR) == []


def test_back_is_told_when_somebody_keeps_it_open_in_spite_of_work(clock: Section) -> None:
    plan(clock, hours=0.5, tells=False, reminds=False)
    outage = off(clock, NOW + 4 * HOUR)
    passes(1, 39)
    back(outage, NOW + 40 * MINUTE)
    passes(40, 45)
    window = db.session.scalars(sa.select(Window)).one()
    overrules.start(clock.id, window.id, NOW + 90 * MINUTE, "we tested", "once-o", PRIYA, NOW + 50 * MINUTE)
    assert passes(50, 120) == [BACK]
    assert sent()["lines"] == []  # since when it was off is not known here


def test_what_an_incident_said_was_off_it_says_is_slow_then(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    incident = declared(Touching(section.id, Effect.WARN, None, "Europe/London"))
    make.dependency(section, db.session.get_one(Component, 1), on_major="down")
    told(NOW + 3 * MINUTE)
    back(outage, NOW + 10 * MINUTE)
    told(NOW + 11 * MINUTE)
    post(incident, Stage.IDENTIFIED, NOW + 15 * MINUTE)
    told(NOW + 16 * MINUTE)
    said = Said(Stage.MONITORING, "Fixed.", {1: Status.OPERATIONAL})
    incident_updates.post(incident.id, incident.version, said, (), True, "once-m", PRIYA, NOW + 20 * MINUTE)
    assert [told(NOW + minutes * MINUTE) for minutes in (21, 22)] == [["Monitoring: Payments fail"], []]
    assert "Direct deposit is slow." in sent()["lines"]


def test_it_was_off_since_the_first_of_several_outages_without_a_break(clock: Section) -> None:
    off(clock, start=NOW + HOUR, until=NOW + 3 * HOUR)
    first = off(clock, NOW + 2 * HOUR, at=NOW + SECOND)
    assert passes(1, 89) == [DOWN, PLANNED]
    back(first, NOW + 90 * MINUTE)
    assert passes(91, 185)[-1] == BACK
    assert sent()["lines"] == ["It was unavailable from {from} to {until}."]
    assert (sent()["start"], sent()["end"]) == ("2026-11-21T14:30:01Z", "2026-11-21T17:30:00Z")
