"""What is told of planned work, as the clock goes on."""

from __future__ import annotations

import pytest

from dashboard.actions import overrules, planning, undo
from dashboard.db import db
from dashboard.models import Section, Window
from dashboard.rules.status import Status
from tests import make
from tests.conftest import NOW
from tests.telling.deeds import (
    BACK,
    HOUR,
    MINUTE,
    PLANNED,
    PRIYA,
    SECOND,
    passes,
    plan,
    reached,
    sent,
    set_status,
    told,
    work,
)


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


def test_cancelling_and_taking_that_back_tells_nobody(clock: Section) -> None:
    change = plan(clock)
    told(NOW + MINUTE)
    window = db.session.get_one(Window, int(change.subject.partition("-")[2]))
    cancelled = planning.cancel(window.id, window.version, False, PRIYA, NOW + 5 * MINUTE)
    assert cancelled is not None
    undo.undo(cancelled.id, PRIYA, NOW + 5 * MINUTE + 9 * SECOND)
    assert passes(6, 9) == []


def test_who_knows_of_work_hears_how_far_it_is_moved(clock: Section) -> None:
    window = db.session.get_one(Window, int(plan(clock, 72).subject.partition("-")[2]))
    told(NOW + MINUTE)
    planning.edit(window.id, window.version, work(clock, 24 * 100), False, PRIYA, NOW + 5 * MINUTE)
    assert told(NOW + 6 * MINUTE) == [MOVED]


def test_who_was_told_of_work_hears_that_it_is_off_whatever_it_was_on_by_then(clock: Section) -> None:
    other = make.section("documents")
    both = ((clock.id, "down"), (other.id, "down"))
    window = db.session.get_one(Window, int(plan(clock, 72, sections=both).subject.partition("-")[2]))
    told(NOW + MINUTE)
    planning.edit(window.id, window.version, work(clock, 72), False, PRIYA, NOW + 5 * MINUTE)
    assert passes(6, 9) == ["Called off: Documents stays available {from} to {until}"]
    assert reached() == [other.id]
    planning.cancel(window.id, window.version, False, PRIYA, NOW + HOUR)
    assert passes(61, 63) == ["Called off: planned work on Direct deposit, {from} to {until}"]
    assert reached() == [clock.id]


def test_who_knows_of_work_hears_that_it_is_off_though_it_was_on_less_for_a_moment(clock: Section) -> None:
    other = make.section("documents")
    both = ((clock.id, "down"), (other.id, "down"))
    window = db.session.get_one(Window, int(plan(clock, 72, sections=both).subject.partition("-")[2]))
    told(NOW + MINUTE)
    planning.edit(window.id, window.version, work(clock, 72), False, PRIYA, NOW + 5 * MINUTE)
    planning.cancel(window.id, window.version, False, PRIYA, NOW + 5 * MINUTE + 30 * SECOND)
    assert passes(6, 9, 0.5) == ["Called off: planned work on Direct deposit, {from} to {until}"]
    assert reached() == [clock.id, other.id]


def test_work_that_is_moved_and_taken_off_a_section_is_told_to_each_as_it_concerns_them(clock: Section) -> None:
    other = make.section("documents")
    both = ((clock.id, "down"), (other.id, "down"))
    window = db.session.get_one(Window, int(plan(clock, 72, sections=both).subject.partition("-")[2]))
    told(NOW + MINUTE)
    planning.edit(window.id, window.version, work(clock, 96), False, PRIYA, NOW + 5 * MINUTE)
    assert told(NOW + 6 * MINUTE) == ["Called off: Documents stays available {from} to {until}"]
    assert (reached(), sent()["start"]) == ([other.id], "2026-11-24T14:30:00Z")
    assert told(NOW + 7 * MINUTE) == [MOVED]
    assert (reached(), sent()["start"]) == ([clock.id], "2026-11-25T14:30:00Z")
    planning.edit(window.id, window.version, work(clock, 96, sections=both), False, PRIYA, NOW + 9 * MINUTE)
    assert passes(10, 14) == [PLANNED.replace("Direct deposit", "Direct deposit and Documents")]
    assert reached() == [other.id]


def test_who_knows_of_work_hears_that_a_component_is_left_out(clock: Section) -> None:
    ledger, archive = make.component("ledger"), make.component("archive")
    window = db.session.get_one(
        Window, int(plan(clock, 72, components=frozenset({ledger.id, archive.id})).subject.partition("-")[2])
    )
    told(NOW + MINUTE)
    less = work(clock, 72, components=frozenset({ledger.id}))
    planning.edit(window.id, window.version, less, False, PRIYA, NOW + 5 * MINUTE)
    assert passes(6, 9) == ["Called off: planned work on Archive, {from} to {until}"]


@pytest.mark.parametrize("becomes", [Status.OPERATIONAL, Status.MAJOR_OUTAGE])
def test_how_a_component_is_that_was_worked_on_is_told_afterwards(clock: Section, becomes: Status) -> None:
    payments = make.component()
    plan(clock, hours=0.5, components=frozenset({payments.id}))
    assert passes(1, 39) == [PLANNED]
    set_status(payments, Status.DEGRADED_PERFORMANCE, NOW + 40 * MINUTE)
    set_status(payments, becomes, NOW + 45 * MINUTE)
    assert passes(40, 89) == []
    trouble = ["Payments: major outage"] if becomes is Status.MAJOR_OUTAGE else []
    assert passes(90, 100) == trouble
    set_status(payments, Status.OPERATIONAL, NOW + 101 * MINUTE)
    assert passes(101, 110) == (["Payments is working again"] if trouble else [])


def test_who_knows_of_work_hears_that_a_section_is_kept_open_in_spite_of_it(clock: Section) -> None:
    window = db.session.get_one(Window, int(plan(clock, hours=0.5).subject.partition("-")[2]))
    assert passes(1, 39) == [PLANNED]
    change = overrules.start(clock.id, window.id, NOW + 90 * MINUTE, "we tested", "once-o", PRIYA, NOW + 40 * MINUTE)
    assert change is not None
    assert passes(40, 50) == [BACK]
    assert (sent()["look"], reached()) == ("op", [clock.id])
    overrule = int(change.subject.partition("-")[2])
    overrules.end(overrule, 1, PRIYA, NOW + 60 * MINUTE)
    assert passes(60, 80) == ["Direct deposit is unavailable until {until}"]


def test_who_knows_of_work_to_come_hears_that_a_section_will_be_kept_open(clock: Section) -> None:
    window = db.session.get_one(Window, int(plan(clock, hours=48).subject.partition("-")[2]))
    told(NOW + MINUTE)
    overrules.start(clock.id, window.id, NOW + 50 * HOUR, "we tested", "once-o", PRIYA, NOW + 10 * MINUTE)
    assert passes(10, 20) == ["Called off: Direct deposit stays available {from} to {until}"]
    assert passes(47 * 60, 49 * 60, 7) == []


def test_who_was_told_nothing_of_work_hears_nothing_of_what_is_kept_open(clock: Section) -> None:
    window = db.session.get_one(
        Window, int(plan(clock, hours=0.5, tells=False, reminds=False).subject.partition("-")[2])
    )
    passes(1, 39)
    overrules.start(clock.id, window.id, NOW + 90 * MINUTE, "we tested", "once-o", PRIYA, NOW + 40 * MINUTE)
    assert passes(40, 100) == []
