"""What is released, when: by what people and the clock did, from the transaction to the words."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish, telling
from dashboard.actions import components, incident_updates, incidents, outages, planning, ticking, undo
from dashboard.actions.incident_parts import Details, Said, Touching
from dashboard.actions.outages import Plan
from dashboard.actions.window_rows import Asked
from dashboard.actions.writing import SIGNPOST, Actor, writing
from dashboard.db import db
from dashboard.models import Change, Component, Incident, Notification, Outage, Section, Window
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
    assert told(NOW + MINUTE) == []
    assert told(NOW + 90 * SECOND) == [DOWN]
    assert sent()["end"] == "2026-11-21T17:30:00Z"
    assert told(NOW + 3 * MINUTE) == []


def test_whoever_goes_on_changing_it_keeps_nobody_waiting_for_longer_than_two_minutes(section: Section) -> None:
    outage = off(section)
    for minutes in range(1, 5):
        extend(outage, NOW + (2 + minutes) * HOUR, NOW + minutes * 25 * SECOND)
    assert [told(NOW + seconds * SECOND) for seconds in (60, 119, 120)] == [[], [], [DOWN]]
    assert [told(NOW + minutes * MINUTE) for minutes in (3, 4, 5)] == [[]] * 3


@pytest.mark.parametrize(("on", "most"), [(5, 2), (20, 4)])
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


def test_a_clock_that_once_ran_ahead_keeps_nobody_silent(section: Section) -> None:
    outage = off(section, until=NOW + 9 * HOUR, at=NOW + HOUR)
    told(NOW + HOUR + MINUTE)
    back(outage, NOW)
    assert told(NOW + MINUTE) == [BACK]


def test_back_is_told_to_those_who_know_that_it_was_off(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    back(outage, NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == [BACK]


def test_what_is_undone_within_the_minute_is_not_told_and_later_it_is(section: Section) -> None:
    outage = off(section)
    undo.undo(started(outage), PRIYA, NOW + 30 * SECOND)
    assert [told(NOW + minute * MINUTE) for minute in range(4)] == [[]] * 4
    outage = off(section, at=NOW + 10 * MINUTE)
    assert told(NOW + 11 * MINUTE) == [DOWN]
    undo.undo(started(outage), PRIYA, NOW + 12 * MINUTE)
    assert told(NOW + 13 * MINUTE) == [BACK]


def started(outage: Outage) -> int:
    kinds = Change.subject == f"outage-{outage.id}", Change.kind == "outage.start"
    return db.session.scalars(sa.select(Change.id).where(*kinds)).one()


def test_a_moved_end_is_not_told_where_somebody_says_so(section: Section) -> None:
    outage = off(section)
    told(NOW + MINUTE)
    at = NOW + 5 * MINUTE
    outages.extend(outage.id, outage.version, NOW + 3 * HOUR, "Europe/London", "", PRIYA, at, tells="no")
    assert told(at + MINUTE) == []
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
    assert [telling.release(NOW) for _ in range(2)] == [1, 0]
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


PLANNED = "Direct deposit will be unavailable {from} to {until}"


def work(section: Section, hours: float, **given: Any) -> Asked:
    start = NOW + hours * HOUR
    fixed = {"components": frozenset(), "sections": ((section.id, "down"),), "zone": "Europe/London"}
    walls = {"typed_start": f"{start:%Y-%m-%dT%H:%M}", "typed_end": f"{start + HOUR:%Y-%m-%dT%H:%M}"}
    return Asked("Ledger", "", starts_at=start, ends_at=start + HOUR, **{**fixed, **walls, **given})


def plan(section: Section, hours: float = 3, at: datetime = NOW, **given: Any) -> Change:
    return planning.plan(work(section, hours, once=f"{at}", **given), PRIYA, at)


def passes(since: float, until: float, step: float = 1) -> list[str]:
    """What is told while the clock goes on, by minutes."""
    found = []
    minute = since
    while minute <= until:
        ticking.tick(NOW + minute * MINUTE)
        found += told(NOW + minute * MINUTE)
        minute += step
    return found


@pytest.fixture
def clock(section: Section) -> Section:
    ticking.tick(NOW)
    return section


def test_work_is_announced_and_people_are_reminded_once(clock: Section) -> None:
    plan(clock)
    assert passes(0.5, 100, 8) == [PLANNED]
    assert passes(108, 300, 4) == [f"Reminder: {PLANNED}"]


def test_work_that_is_not_announced_is_reminded_of_at_once_when_it_is_planned_within_the_hour(clock: Section) -> None:
    plan(clock, hours=0.5, tells=False)
    assert passes(1, 120, 7) == [f"Reminder: {PLANNED}"]


def test_work_planned_within_the_hour_is_announced_and_no_more(clock: Section) -> None:
    plan(clock, hours=0.5)
    assert passes(1, 120, 7) == [PLANNED]


@pytest.mark.parametrize("tells", [True, False])
def test_its_start_and_end_are_told_where_somebody_wants_it(clock: Section, tells: bool) -> None:
    plan(clock, hours=0.5, tells_start=tells, tells_end=tells)
    told(NOW + MINUTE)
    assert passes(25, 120, 5) == (["Direct deposit is unavailable until {until}", BACK] if tells else [])


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


def test_people_are_reminded_of_the_new_time_of_what_is_moved(clock: Section) -> None:
    window = db.session.get_one(Window, int(plan(clock).subject.partition("-")[2]))
    assert passes(1, 130, 8) == [PLANNED, f"Reminder: {PLANNED}"]
    planning.extend(window.id, window.version, NOW + 5 * HOUR, "Europe/London", "", PRIYA, NOW + 130 * MINUTE)
    assert passes(131, 140, 2) == [f"New time: {PLANNED}"]


MOVED, REMINDED = f"New time: {PLANNED}", f"Reminder: {PLANNED}"


@pytest.mark.parametrize(
    ("minute", "hours", "wanted"),
    [
        (60, 5, [PLANNED, MOVED, REMINDED]),
        (130, 5, [PLANNED, REMINDED, MOVED, REMINDED]),
        (60, 1.5, [PLANNED, MOVED]),  # within the hour: that is said by the new time
        (130, 2.5, [PLANNED, REMINDED, MOVED]),
    ],
)
def test_people_are_reminded_once_of_each_start(clock: Section, minute: int, hours: float, wanted: list[str]) -> None:
    window = db.session.get_one(Window, int(plan(clock).subject.partition("-")[2]))
    found = passes(1, minute - 1, 3)
    planning.edit(window.id, window.version, work(clock, hours), False, PRIYA, NOW + minute * MINUTE)
    assert found + passes(minute, 400, 3) == wanted


def test_nobody_is_reminded_of_what_was_cancelled(clock: Section) -> None:
    window = db.session.get_one(Window, int(plan(clock).subject.partition("-")[2]))
    told(NOW + MINUTE)
    planning.cancel(window.id, window.version, False, PRIYA, NOW + 60 * MINUTE)
    off = "Called off: planned work on Direct deposit, {from} to {until}"
    assert passes(61, 300, 12) == [off]


def test_a_dead_worker_reminds_late_or_says_what_has_become(clock: Section) -> None:
    plan(clock)
    told(NOW + MINUTE)
    assert passes(195, 195) == ["Direct deposit is unavailable until {until}"]
    assert sent()["is_late"] is True


def test_a_series_is_announced_once_and_reminded_of_each_time(clock: Section) -> None:
    plan(clock, rule="FREQ=DAILY;COUNT=3")
    assert passes(1, 1700, 20) == [PLANNED, f"Reminder: {PLANNED}", f"Reminder: {PLANNED}"]


def test_cancelling_and_taking_that_back_tells_nobody(clock: Section) -> None:
    change = plan(clock)
    told(NOW + MINUTE)
    window = db.session.get_one(Window, int(change.subject.partition("-")[2]))
    cancelled = planning.cancel(window.id, window.version, False, PRIYA, NOW + 5 * MINUTE)
    assert cancelled is not None
    undo.undo(cancelled.id, PRIYA, NOW + 5 * MINUTE + 9 * SECOND)
    assert passes(6, 9) == []


def test_a_component_is_told_with_its_incident_and_not_again(app: Flask) -> None:
    incident = declared()
    payments = db.session.scalars(sa.select(Change.subject).where(Change.kind == "incident.declare")).one()
    assert payments == f"incident-{incident.id}"
    components.set_status(1, 1, Status.MAJOR_OUTAGE, None, PRIYA, NOW + SECOND)
    assert told(NOW + 2 * MINUTE) == ["Investigating: Payments fail"]


@pytest.mark.parametrize(
    ("second", "wanted"), [(Status.MAJOR_OUTAGE, ["Payments: major outage"]), (Status.OPERATIONAL, [])]
)
def test_a_component_that_changes_twice_within_a_minute_is_told_once(
    app: Flask, second: Status, wanted: list[str]
) -> None:
    one = make.component()
    components.set_status(one.id, one.version, Status.DEGRADED_PERFORMANCE, None, PRIYA, NOW)
    components.set_status(one.id, one.version, second, None, PRIYA, NOW + 40 * SECOND)
    assert told(NOW + MINUTE) == []
    assert told(NOW + 100 * SECOND) == wanted
    assert told(NOW + 4 * MINUTE) == []


def test_what_was_said_of_a_component_holds_until_then(clock: Section) -> None:
    bank = make.component("bank")
    components.set_status(bank.id, bank.version, Status.DEGRADED_PERFORMANCE, NOW + HOUR, PRIYA, NOW)
    assert passes(1, 70, 3) == ["Bank: degraded performance", "Bank is working again"]


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
