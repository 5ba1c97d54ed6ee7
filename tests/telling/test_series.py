"""What is told of work that comes again: of all of it, and of one of the times."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from dashboard.actions import planning, undo, window_rows
from dashboard.db import db
from dashboard.models import Section, Window
from tests import make
from tests.conftest import NOW
from tests.telling.deeds import MINUTE, PLANNED, PRIYA, passes, plan, reached, told, work

MOVED, RULE = f"New time: {PLANNED}", "FREQ=DAILY;COUNT=3"
NO_MORE = "Called off: planned work on Direct deposit, {from} to {until}"


def three(section: Section, hours: float = 48, **given: object) -> list[Window]:
    """Planned, and told of."""
    plan(section, hours, rule=RULE, **given)
    told(NOW + MINUTE)
    return list(db.session.scalars(sa.select(Window).order_by(Window.starts_at)))


def change(window: Window, minute: float, is_all: bool = False, **given: object) -> None:
    db.session.expire_all()
    asked = replace(window_rows.asked_of(window), **given)  # type: ignore[arg-type]
    planning.edit(window.id, window.version, asked, is_all, PRIYA, NOW + minute * MINUTE)


def move_from(window: Window, hours: float, minute: float, section: Section) -> None:
    """It and all that follow."""
    db.session.expire_all()
    planning.edit(window.id, window.version, work(section, hours, rule=RULE), True, PRIYA, NOW + minute * MINUTE)


def test_a_series_is_announced_once_and_reminded_of_each_time(clock: Section) -> None:
    plan(clock, rule="FREQ=DAILY;COUNT=3")
    assert passes(1, 1700, 20) == [PLANNED, f"Reminder: {PLANNED}", f"Reminder: {PLANNED}"]


def test_one_of_a_series_is_not_moved_again_by_other_words(clock: Section) -> None:
    plan(clock, 48, rule="FREQ=DAILY;COUNT=3")
    told(NOW + MINUTE)
    first, second, _ = db.session.scalars(sa.select(Window).order_by(Window.starts_at)).all()
    planning.edit(second.id, second.version, work(clock, 73), False, PRIYA, NOW + 5 * MINUTE)
    told(NOW + 6 * MINUTE)
    everyone = work(clock, 50, rule="FREQ=DAILY;COUNT=3")
    planning.edit(first.id, first.version, everyone, True, PRIYA, NOW + 10 * MINUTE)
    told(NOW + 11 * MINUTE)
    db.session.expire_all()
    other = replace(window_rows.asked_of(second), title="Other words")
    planning.edit(second.id, second.version, other, False, PRIYA, NOW + 20 * MINUTE)
    assert [told(NOW + minutes * MINUTE) for minutes in (21, 22)] == [[], []]


def test_one_that_was_cancelled_is_announced_again_whatever_was_said_of_the_others(clock: Section) -> None:
    _, second, third = three(clock)
    cancelled = planning.cancel(second.id, second.version, False, PRIYA, NOW + 5 * MINUTE)
    assert cancelled is not None
    assert told(NOW + 6 * MINUTE) == [NO_MORE]
    move_from(third, 97, 10, clock)
    assert told(NOW + 11 * MINUTE) == [MOVED]
    undo.undo(cancelled.id, PRIYA, NOW + 20 * MINUTE)
    assert told(NOW + 21 * MINUTE) == [PLANNED]


def test_what_is_said_of_later_ones_is_not_said_of_one_before(clock: Section) -> None:
    _, second, third = three(clock)
    documents = make.section("documents")
    change(second, 5, sections=((clock.id, "down"), (documents.id, "down")))
    assert passes(6, 9) == [PLANNED.replace("Direct deposit", "Direct deposit and Documents")]
    move_from(third, 97, 10, clock)
    assert told(NOW + 11 * MINUTE) == [MOVED]
    change(second, 20, title="Other words")
    assert passes(21, 25) == []


def test_people_are_reminded_of_one_once_whatever_is_said_of_the_others(clock: Section) -> None:
    first, second, _ = three(clock, 3)
    assert passes(2, 125) == [f"Reminder: {PLANNED}"]
    move_from(second, 28, 131, clock)
    assert told(NOW + 132 * MINUTE) == [MOVED]
    change(first, 140, title="Other words")
    assert passes(141, 150) == []


def test_who_follows_what_all_of_it_is_on_no_more_hears_that(clock: Section) -> None:
    documents = make.section("documents")
    first, *_ = three(clock, sections=((clock.id, "down"), (documents.id, "down")))
    change(first, 5, is_all=True, sections=((clock.id, "down"),))
    assert passes(6, 9) == ["Called off: Documents stays available {from} to {until}"]
    assert reached() == [documents.id]
    planning.cancel(first.id, first.version, True, PRIYA, NOW + 10 * MINUTE)
    assert passes(11, 14) == [NO_MORE]
    assert reached() == [clock.id]


def test_who_knows_of_all_of_it_hears_that_it_is_off_though_it_was_on_less_for_a_moment(clock: Section) -> None:
    documents = make.section("documents")
    first, *_ = three(clock, sections=((clock.id, "down"), (documents.id, "down")))
    change(first, 5, is_all=True, sections=((clock.id, "down"),))
    planning.cancel(first.id, first.version, True, PRIYA, NOW + 5.5 * MINUTE)
    assert passes(6, 9, 0.5) == [NO_MORE]
    assert reached() == [clock.id, documents.id]


def test_who_follows_what_all_of_it_is_on_besides_hears_that(clock: Section) -> None:
    documents = make.section("documents")
    first, *_ = three(clock)
    change(first, 5, is_all=True, sections=((clock.id, "down"), (documents.id, "down")))
    assert passes(6, 20, 2) == [PLANNED.replace("Direct deposit", "Direct deposit and Documents")]
    assert reached() == [documents.id]


def test_what_begins_in_more_than_90_days_is_not_told_yet(clock: Section) -> None:
    plan(clock, 24 * 100, rule=RULE)
    assert passes(1, 5) == []
