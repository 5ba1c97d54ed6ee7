"""Back is told, whatever kept a section off to the last."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import owed
from dashboard.actions import incident_updates, notifying, overrules, sections
from dashboard.actions.incident_parts import Said, Touching
from dashboard.db import db
from dashboard.models import Change, Component, Notification, Outage, Section, Window
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
    set_status,
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
    released = sa.select(Notification.is_planned).where(
        Notification.state == "sending", Notification.audience == "public"
    )
    assert list(db.session.scalars(released.order_by(Notification.released_at))) == [False, True]


def test_back_is_told_when_the_incident_that_kept_it_off_is_over(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    payments = declared(tells=False)
    make.dependency(section, db.session.get_one(Component, 1), on_major="down")
    back(outage, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == [DOWN.replace(" until {until}", "")]
    post(payments, Stage.RESOLVED, NOW + HOUR)
    assert passes(60, 80, 0.5) == ["Resolved: Payments fail", BACK]


@pytest.mark.parametrize("tells", ["length", "no"])
def test_back_is_told_of_a_part_when_what_it_is_a_part_of_is_back(app: Flask, tells: str) -> None:
    parent = make.section("money")
    child = make.section("deposit", parent=parent)
    own, above = off(child), off(parent, tells=tells, at=NOW + 2 * MINUTE)
    told(NOW + 3 * MINUTE)
    back(own, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == []
    back(above, NOW + 20 * MINUTE)
    both = ["Deposit is working again", "Money is working again"]
    assert sorted(passes(20, 40)) == (both if tells == "length" else both[:1])


def test_back_is_told_when_somebody_keeps_it_open_in_spite_of_work(clock: Section) -> None:
    plan(clock, hours=0.5, tells=False, reminds=False)
    outage = off(clock, NOW + 4 * HOUR)
    passes(1, 39)
    back(outage, NOW + 40 * MINUTE)
    passes(40, 45)
    window = db.session.scalars(sa.select(Window)).one()
    overrules.start(clock.id, window.id, NOW + 90 * MINUTE, "we tested", "once-o", PRIYA, NOW + 50 * MINUTE)
    assert passes(50, 52) == [BACK]
    assert sent()["lines"] == []  # since when it was off is not known here
    assert passes(53, 120) == []


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


def test_nobody_hears_that_it_is_back_before_it_can_be_taken_back(section: Section) -> None:
    """Neither by a staff notification of the same deed, nor by one of anything else."""
    outage = off(section)
    told(NOW + MINUTE)
    payments = declared(tells=False)
    make.dependency(section, db.session.get_one(Component, 1), on_major="down")
    back(outage, NOW + 10 * MINUTE)
    told(NOW + 11 * MINUTE)
    post(payments, Stage.RESOLVED, NOW + HOUR, tells=False)
    other = off(make.section("documents"), at=NOW + HOUR - 30 * SECOND)
    assert passes(60, 60.9, 0.1) == [other_down := "Documents is unavailable until {until}"]
    post(payments, Stage.IDENTIFIED, NOW + HOUR + 55 * SECOND, tells=False)
    back(other, NOW + 70 * MINUTE)
    assert other_down not in passes(61, 65)
    assert BACK not in passes(66, 80)


def test_who_wants_nobody_to_hear_that_it_is_back_is_obeyed_whatever_is_told_next(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    back(outage, NOW + 10 * MINUTE)
    ended = db.session.scalars(sa.select(Change).where(Change.kind == "outage.end")).one()
    assert notifying.cancel(ended.revision, PRIYA, NOW + 10 * MINUTE + 5 * SECOND) is not None
    off(make.section("documents"), at=NOW + 20 * MINUTE)
    assert passes(11, 40) == ["Documents is unavailable until {until}"]


def test_what_is_owed_is_news_of_its_own(section: Section) -> None:
    """Whatever else is told or cancelled at that time."""
    outage = off(section)
    told(NOW + MINUTE)
    make.dependency(section, make.component(status=Status.MAJOR_OUTAGE, status_at=NOW), on_major="down")
    db.session.commit()
    back(outage, NOW + 10 * MINUTE)
    told(NOW + 11 * MINUTE)
    set_status(db.session.get_one(Component, 1), Status.OPERATIONAL, NOW + 20 * MINUTE)
    assert passes(20, 20.9, 0.3) == []
    assert passes(21, 24, 0.5) == [BACK]
    assert sent()["kind"] == "section.back"
    assert db.session.scalars(sa.select(Notification).where(Notification.kind == "section.back")).one().revision is None


def test_back_is_told_where_only_the_incident_said_that_it_was_off(section: Section) -> None:
    incident = declared(Touching(section.id, Effect.DOWN, NOW + HOUR, "Europe/London"))
    assert passes(1, 5) == ["Investigating: Payments fail"]
    make.dependency(section, db.session.get_one(Component, 1), on_major="down")
    set_status(db.session.get_one(Component, 1), Status.MAJOR_OUTAGE, NOW + 6 * MINUTE)
    outage = db.session.scalars(sa.select(Outage)).one()
    back(outage, NOW + 10 * MINUTE)
    assert passes(6, 20)[-1:] != [BACK]
    post(incident, Stage.RESOLVED, NOW + 30 * MINUTE)
    assert BACK not in passes(30, 40)
    set_status(db.session.get_one(Component, 1), Status.OPERATIONAL, NOW + 50 * MINUTE)
    assert BACK in passes(50, 60)


def test_back_is_told_of_what_is_set_free_without_a_word(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    component = make.component(status=Status.MAJOR_OUTAGE, status_at=NOW)
    make.dependency(section, component, on_major="down")
    back(outage, NOW + 10 * MINUTE)
    assert passes(11, 20) == [DOWN.replace(" until {until}", "")]
    sections.edit(section.id, section.version, {}, (), PRIYA, NOW + 30 * MINUTE)
    assert passes(30, 40) == [BACK]


def test_a_word_that_cannot_be_read_counts_as_none(section: Section) -> None:
    off(section)
    incident = declared(Touching(section.id, Effect.WARN, None, "Europe/London"))
    told(NOW + MINUTE)
    row = db.session.scalars(sa.select(Notification).where(Notification.thing == f"incident-{incident.id}")).first()
    assert row is not None
    row.said = {"at": "once", "sections": {str(section.id): 7}}
    db.session.commit()
    off(make.section("documents"), at=NOW + 5 * MINUTE)
    assert passes(5, 10) == ["Documents is unavailable until {until}"]


def test_nothing_is_owed_where_all_was_told(section: Section) -> None:
    """By an incident, and by the section since."""
    declared(Touching(section.id, Effect.DOWN, NOW + HOUR, "Europe/London"))
    told(NOW + MINUTE)
    assert owed.leave(NOW + 2 * MINUTE) == 0
    back(db.session.scalars(sa.select(Outage)).one(), NOW + 10 * MINUTE)
    assert owed.leave(NOW + 10 * MINUTE + SECOND) == 0  # for it waits to be told
    assert told(NOW + 11 * MINUTE) == [BACK]
    assert owed.leave(NOW + 12 * MINUTE) == 0


def test_what_is_owed_is_found_once(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    make.dependency(section, make.component(status=Status.MAJOR_OUTAGE, status_at=NOW), on_major="down")
    back(outage, NOW + 10 * MINUTE)
    told(NOW + 11 * MINUTE)
    set_status(db.session.get_one(Component, 1), Status.OPERATIONAL, NOW + 20 * MINUTE)
    assert [owed.leave(NOW + 20 * MINUTE + seconds * SECOND) for seconds in (1, 30)] == [1, 0]
    assert told(NOW + 22 * MINUTE) == [BACK]
    assert owed.leave(NOW + 23 * MINUTE) == 0


def test_back_is_told_by_the_section_where_its_incident_could_not_say_so(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    incident = declared(Touching(section.id, Effect.WARN, None, "Europe/London"))
    make.dependency(section, db.session.get_one(Component, 1), on_major="down")
    told(NOW + 3 * MINUTE)
    back(outage, NOW + 10 * MINUTE)
    told(NOW + 11 * MINUTE)
    post(incident, Stage.IDENTIFIED, NOW + 15 * MINUTE)
    assert told(NOW + 16 * MINUTE) == ["Identified: Payments fail"]
    sections.edit(section.id, section.version, {}, (), PRIYA, NOW + 20 * MINUTE)
    assert passes(20, 25) == ["Direct deposit is slow"]
