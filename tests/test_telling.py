"""What is released, when: by what people and the clock did, from the transaction to the words."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish, telling
from dashboard.actions import incident_updates, incidents, outages
from dashboard.actions.incident_parts import Details, Said, Touching
from dashboard.actions.outages import Plan
from dashboard.actions.writing import Actor
from dashboard.db import db
from dashboard.models import Change, Incident, Notification, Outage, Section
from dashboard.rules.incident import Stage
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from tests import make
from tests.conftest import NOW

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PRIYA = Actor("Priya Shah", None, "192.0.2.7")


@pytest.fixture
def app(app: Flask) -> Flask:
    publish.press().is_kept = True
    return app


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section(message="You cannot change your account.")


def off(section: Section, until: datetime | None = NOW + 2 * HOUR, at: datetime = NOW, **given: Any) -> Outage:
    start = given.pop("start", at)
    fixed = {"at_end": AtEnd.RESTORE, "reason": "Northpay is down", "message": "", "alternative": "", "typed_end": ""}
    plan = Plan(
        start, until, zone="Europe/London", typed_start="", once=f"{section.id}-{at}-{start}", **{**fixed, **given}
    )
    change = outages.start(section.id, plan, PRIYA, at)
    return db.session.get_one(Outage, int(change.subject.partition("-")[2]))


def extend(outage: Outage, until: datetime | None, at: datetime) -> None:
    outages.extend(outage.id, outage.version, until, "Europe/London", "", PRIYA, at)


def back(outage: Outage, at: datetime) -> None:
    outages.end(outage.id, outage.version, PRIYA, at)


def told(at: datetime, audience: str = "public") -> list[str]:
    """The titles of what is released at that time."""
    telling.release(at)
    chosen = sa.select(Notification.message).where(Notification.released_at == at, Notification.audience == audience)
    return [str(message["title"]) for message in db.session.scalars(chosen.order_by(Notification.id)) if message]


def sent() -> dict[str, Any]:
    """The last message."""
    chosen = sa.select(Notification.message).where(Notification.released_at.is_not(None))
    return dict(
        db.session.scalars(chosen.order_by(Notification.released_at.desc(), Notification.id.desc())).first() or {}
    )


def states() -> list[str]:
    chosen = sa.select(Notification.state).where(Notification.audience == "public").order_by(Notification.id)
    return list(db.session.scalars(chosen))


DOWN, BACK = "Direct deposit is unavailable until {until}", "Direct deposit is working again"


def test_nobody_is_told_before_it_can_no_longer_be_taken_back(section: Section) -> None:
    off(section)
    assert told(NOW + 59 * SECOND) == []
    assert told(NOW + MINUTE) == [DOWN]
    assert told(NOW + 2 * MINUTE) == []


def test_off_and_back_within_the_minute_is_not_told(section: Section) -> None:
    back(off(section), NOW + 30 * SECOND)
    assert [told(NOW + minute * MINUTE) for minute in range(4)] == [[]] * 4
    assert states() == ["void", "void"]


def test_an_extension_within_the_minute_tells_the_newest_end(section: Section) -> None:
    extend(off(section), NOW + 3 * HOUR, NOW + 30 * SECOND)
    assert told(NOW + MINUTE) == [DOWN]
    assert sent()["end"] == "2026-11-21T17:30:00Z"
    assert told(NOW + 3 * MINUTE) == []


@pytest.mark.parametrize(("on", "most"), [(5, 0), (20, 4)])
def test_what_flaps_is_told_at_most_once_a_minute(section: Section, on: int, most: int) -> None:
    """Off for so many seconds of each 40, four minutes long."""
    found = []
    for second in range(0, 400, 5):
        at = NOW + second * SECOND
        if second < 240 and second % 40 == 0:
            outage = off(section, at=at)
        if second < 240 and second % 40 == on:
            back(outage, at)
        found += [second for _ in told(at)]
    assert len(found) <= most
    assert all(later - earlier >= 60 for earlier, later in pairwise(found))
    assert told(NOW + HOUR) == []


def test_back_is_told_to_those_who_know_that_it_was_off(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    back(outage, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == [BACK]


@pytest.mark.parametrize(
    ("minutes", "tells", "is_told"),
    [(29, "length", False), (30, "length", True), (None, "length", True), (5, "yes", True), (90, "no", False)],
)
def test_by_length_unless_somebody_says(section: Section, minutes: int | None, tells: str, is_told: bool) -> None:
    until = NOW + minutes * MINUTE if minutes else None
    off(section, until, tells=tells)
    assert bool(told(NOW + MINUTE)) is is_told


def test_what_becomes_long_is_told_then(section: Section) -> None:
    outage = off(section, NOW + 10 * MINUTE)
    assert told(NOW + MINUTE) == []
    extend(outage, NOW + HOUR, NOW + 5 * MINUTE)
    assert told(NOW + 6 * MINUTE) == [DOWN]


def test_a_late_one_says_so(section: Section) -> None:
    outage = off(section)
    extend(outage, NOW + 3 * HOUR, NOW + 5 * MINUTE)
    assert told(NOW + HOUR) == [DOWN]
    assert sent()["is_late"] is True
    assert states() == ["folded", "sending"]


def declared(*touches: Touching, tells: bool = True, private: bool = False) -> Incident:
    payments = make.component()
    said = Said(Stage.INVESTIGATING, "We are looking.", {payments.id: Status.MAJOR_OUTAGE}, tells=tells)
    details = Details("Payments fail", is_private=private)
    change = incidents.declare(details, said, touches, "once-i", NOW, PRIYA, NOW)
    return db.session.get_one(Incident, int(change.subject.partition("-")[2]))


def post(incident: Incident, stage: Stage, at: datetime, tells: bool = True, restores: bool = True) -> Change | None:
    said = Said(stage, f"{stage} now.", {}, tells=tells)
    return incident_updates.post(incident.id, incident.version, said, (), restores, f"{at}", PRIYA, at)


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


def test_a_reader_with_nothing_due_asks_once(section: Section) -> None:
    off(section)
    assert telling.release(NOW) == 0
    assert not db.session().in_transaction()


def test_a_thing_without_words_holds_up_no_other(section: Section) -> None:
    off(section)
    off(make.section("documents"))
    first = db.session.scalars(sa.select(Notification).where(Notification.audience == "public")).first()
    assert first is not None
    db.session.execute(sa.update(Notification).where(Notification.id == first.id).values(thing="nothing-1"))
    db.session.commit()
    assert told(NOW + MINUTE) == ["Documents is unavailable until {until}"]
    assert states() == ["pending", "sending"]
