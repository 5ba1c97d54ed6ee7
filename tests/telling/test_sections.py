"""What is told of a section, when: by what people did, from the transaction to the words."""

from __future__ import annotations

from itertools import pairwise

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import telling
from dashboard.actions import outages, undo
from dashboard.db import db
from dashboard.models import Change, Notification, Outage, Section
from tests import make
from tests.conftest import NOW
from tests.telling.deeds import BACK, DOWN, HOUR, MINUTE, PRIYA, SECOND, back, extend, off, sent, states, told


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


def test_where_nothing_is_due_nothing_is_left_open(section: Section) -> None:
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


def test_what_is_about_to_be_told_is_known_however_much_waits_before_it(app: Flask) -> None:
    for number in range(51):
        off(make.section(f"s{number}"))
    last = off(make.section("documents"), at=NOW + SECOND)
    (one,) = telling.foreseen({f"section-{last.section_id}"}, NOW + 2 * SECOND)
    assert one.message.title == "Documents is unavailable until {until}"
    assert 0 < len(told(NOW + MINUTE + SECOND)) < 51  # and the rest a moment later
