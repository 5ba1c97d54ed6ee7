"""What is owed is told once, and against nobody's word."""

from __future__ import annotations

import sqlalchemy as sa

from dashboard import owed
from dashboard.actions import notifying, overrules, sections
from dashboard.db import db
from dashboard.models import Change, Section, Window
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
    off,
    passes,
    plan,
    set_status,
    told,
)


def keep_open(section: Section, minute: float) -> Change:
    window = db.session.scalars(sa.select(Window)).one()
    at = NOW + minute * MINUTE
    change = overrules.start(section.id, window.id, NOW + 90 * MINUTE, "we tested", "once-o", PRIYA, at)
    assert change is not None
    return change


def tell_nobody(kind: str, minute: float) -> None:
    change = db.session.scalars(sa.select(Change).where(Change.kind == kind).order_by(Change.id.desc())).first()
    assert change is not None
    assert notifying.cancel(change.revision, PRIYA, NOW + minute * MINUTE) is not None


def hidden_by_a_component(section: Section) -> None:
    """Told that it is off; over, and something else keeps it off."""
    outage = off(section)
    told(NOW + MINUTE)
    make.dependency(section, make.component(status=Status.MAJOR_OUTAGE, status_at=NOW), on_major="down")
    back(outage, NOW + 10 * MINUTE)
    assert passes(11, 14) == [DOWN.replace(" until {until}", "")]


def is_free(section: Section, minute: float) -> None:
    sections.edit(section.id, section.version, {}, (), PRIYA, NOW + minute * MINUTE)


def test_who_keeps_a_section_open_may_tell_nobody(clock: Section) -> None:
    plan(clock, hours=0.5, tells_start=True)
    assert passes(1, 39) == [PLANNED, DOWN]
    keep_open(clock, 40)
    tell_nobody("overrule.start", 40.5)
    assert passes(41, 80) == []


def test_back_is_told_once_by_the_section_or_by_the_work(clock: Section) -> None:
    plan(clock, hours=0.5, tells_start=True)
    passes(1, 32)
    outage = off(clock, at=NOW + 33 * MINUTE)
    assert passes(34, 36) == [DOWN]
    back(outage, NOW + 38 * MINUTE)
    passes(38, 40)
    keep_open(clock, 41)
    assert passes(41, 60) == [BACK]


def test_work_that_was_told_to_nobody_stays_so_whatever_is_kept_open(clock: Section) -> None:
    plan(clock, hours=0.5)
    tell_nobody("window.plan", 0.5)
    passes(1, 39)
    keep_open(clock, 40)
    assert passes(41, 80) == []


def test_a_clock_that_ran_ahead_tells_nothing_again_and_again(section: Section) -> None:
    outage = off(section, NOW + 5 * HOUR)
    assert told(NOW + HOUR) == [DOWN]  # an hour ahead
    back(outage, NOW + 10 * MINUTE)
    assert passes(11, 50) == [BACK]


def test_who_wants_nobody_to_hear_of_a_component_is_obeyed(clock: Section) -> None:
    payments = make.component()
    set_status(payments, Status.MAJOR_OUTAGE, NOW)
    tell_nobody("component.status", 0.5)
    set_status(payments, Status.DEGRADED_PERFORMANCE, NOW + 10 * MINUTE)
    set_status(payments, Status.MAJOR_OUTAGE, NOW + 10.5 * MINUTE)
    assert passes(11, 20) == []


def test_another_deed_that_is_told_to_nobody_silences_nothing(section: Section) -> None:
    hidden_by_a_component(section)
    off(section, start=NOW + 5 * HOUR, until=NOW + 6 * HOUR, at=NOW + 20 * MINUTE)
    tell_nobody("outage.start", 20.5)
    is_free(section, 30)
    assert passes(30, 40) == [BACK]


def test_what_is_owed_is_not_told_where_the_next_is_told_to_nobody(section: Section) -> None:
    hidden_by_a_component(section)
    is_free(section, 30)
    assert owed.leave(NOW + 30 * MINUTE) == 1
    off(section, NOW + 3 * HOUR, at=NOW + 30 * MINUTE + 20 * SECOND)
    tell_nobody("outage.start", 30.5)
    assert passes(31, 40) == []
