"""What is told of incidents and components, beside the sections that they take off."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import incident_updates, notifying
from dashboard.actions.incident_parts import Said, Touching
from dashboard.db import db
from dashboard.models import Change, Component, Outage, Section
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
    PRIYA,
    SECOND,
    back,
    declared,
    extend,
    off,
    passes,
    post,
    sent,
    set_status,
    states,
    told,
)


def test_an_incident_names_the_section_that_it_takes_off(section: Section) -> None:
    incident = declared(Touching(section.id, Effect.DOWN, NOW + HOUR, "Europe/London"))
    assert told(NOW + MINUTE) == ["Investigating: Payments fail"]
    post(incident, Stage.RESOLVED, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == ["Resolved: Payments fail"]
    assert states() == ["void", "sending", "void", "sending"]


def test_what_was_told_by_the_incident_is_known_of_the_section(section: Section) -> None:
    incident = declared(Touching(section.id, Effect.DOWN, NOW + HOUR, "Europe/London"))
    told(NOW + MINUTE)
    outage = db.session.scalars(sa.select(Outage)).one()
    extend(outage, NOW + 2 * HOUR, NOW + 5 * MINUTE)
    assert told(NOW + 6 * MINUTE) == [DOWN]
    post(incident, Stage.RESOLVED, NOW + 10 * MINUTE, restores=False)
    told(NOW + 11 * MINUTE)
    back(outage, NOW + 20 * MINUTE)
    assert told(NOW + 21 * MINUTE) == [BACK]


def test_the_section_of_an_incident_that_nobody_is_told_of_is_not_told(section: Section) -> None:
    declared(Touching(section.id, Effect.DOWN, NOW + HOUR, "Europe/London"), tells=False)
    assert told(NOW + MINUTE) == []


def test_the_section_of_a_private_incident_is_told_as_any_other(section: Section) -> None:
    declared(Touching(section.id, Effect.DOWN, NOW + HOUR, "Europe/London"), private=True)
    assert told(NOW + MINUTE) == [DOWN]


def test_all_updates_of_a_minute_are_told_in_one(app: Flask) -> None:
    incident = declared()
    told(NOW + MINUTE)
    post(incident, Stage.IDENTIFIED, NOW + 10 * MINUTE)
    post(incident, Stage.MONITORING, NOW + 10 * MINUTE + SECOND)
    post(incident, Stage.MONITORING, NOW + 10 * MINUTE + 2 * SECOND, tells=False)
    assert told(NOW + 12 * MINUTE) == ["Monitoring: Payments fail"]
    assert [line.partition(": ")[2] for line in sent()["lines"][:2]] == ["identified now.", "monitoring now."]


def test_a_component_is_told_with_its_incident_and_not_again(app: Flask) -> None:
    incident = declared()
    payments = db.session.scalars(sa.select(Change.subject).where(Change.kind == "incident.declare")).one()
    assert payments == f"incident-{incident.id}"
    set_status(db.session.get_one(Component, 1), Status.MAJOR_OUTAGE, NOW + SECOND)
    assert told(NOW + 2 * MINUTE) == ["Investigating: Payments fail"]


@pytest.mark.parametrize(
    ("second", "wanted"), [(Status.MAJOR_OUTAGE, ["Payments: major outage"]), (Status.OPERATIONAL, [])]
)
def test_a_component_that_changes_twice_within_a_minute_is_told_once(
    app: Flask, second: Status, wanted: list[str]
) -> None:
    one = make.component()
    set_status(one, Status.DEGRADED_PERFORMANCE, NOW)
    set_status(one, second, NOW + 40 * SECOND)
    assert told(NOW + MINUTE) == []
    assert told(NOW + 100 * SECOND) == wanted
    assert told(NOW + 4 * MINUTE) == []


def test_what_was_said_of_a_component_holds_until_then(clock: Section) -> None:
    bank = make.component("bank")
    set_status(bank, Status.DEGRADED_PERFORMANCE, NOW, NOW + HOUR)
    assert passes(1, 70, 3) == ["Bank: degraded performance", "Bank is working again"]


def test_an_update_that_is_still_to_be_told_can_be_cancelled_whatever_left_before(app: Flask) -> None:
    incident = declared()
    told(NOW + MINUTE)
    post(incident, Stage.IDENTIFIED, NOW + 10 * MINUTE)
    last = post(incident, Stage.MONITORING, NOW + 15 * MINUTE)
    assert last is not None
    assert told(NOW + 15 * MINUTE + SECOND) == ["Identified: Payments fail"]
    assert notifying.cancel(last.revision, PRIYA, NOW + 15 * MINUTE + 5 * SECOND) is not None
    assert told(NOW + 17 * MINUTE) == []


def test_what_left_cannot_be_cancelled_nor_what_follows_from_it(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    incident = declared(tells=False)
    make.dependency(section, db.session.get_one(Component, 1), on_major="down")
    back(outage, NOW + 10 * MINUTE)
    told(NOW + 11 * MINUTE)
    resolved = post(incident, Stage.RESOLVED, NOW + HOUR)
    assert resolved is not None
    assert told(NOW + HOUR + MINUTE) == ["Resolved: Payments fail"]
    assert notifying.cancel(resolved.revision, PRIYA, NOW + HOUR + MINUTE + SECOND) is None
    assert passes(61.5, 64) == [BACK]


def test_how_a_component_is_when_its_incident_is_over_is_told_if_nobody_could_be(section: Section) -> None:
    incident = declared()
    told(NOW + MINUTE)
    payments = db.session.get_one(Component, 1)
    set_status(payments, Status.DEGRADED_PERFORMANCE, NOW + 5 * MINUTE)
    assert told(NOW + 6 * MINUTE) == []
    said = Said(Stage.RESOLVED, "Done.", {1: Status.OPERATIONAL})
    incident_updates.post(incident.id, incident.version, said, (), True, "once-r", PRIYA, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == ["Resolved: Payments fail"]
    assert passes(11.5, 30) == ["Payments: degraded performance"]
