"""The clock's deeds: one Change for each edge that has passed, however late and however often somebody looks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.actions import planning
from dashboard.actions.ticking import tick
from dashboard.actions.writing import PAGERDUTY, Actor, writing
from dashboard.db import begin_writing, db
from dashboard.models import Change, Ledger
from tests import make
from tests.conftest import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOM = Actor("Tom Reed", None, "192.0.2.7")


def told() -> list[tuple[str, datetime]]:
    """What the clock did, in the order in which it is recorded."""
    chosen = sa.select(Change.kind, Change.at).where(Change.actor == "Signpost").order_by(Change.id)
    return [(kind, at) for kind, at in db.session.execute(chosen)]


def kinds() -> list[str]:
    return [kind for kind, _ in told()]


@pytest.fixture(autouse=True)
def first(app: Flask) -> None:
    """The first tick: from now on."""
    assert tick(NOW) == 0


def world() -> None:
    """Something for each kind of edge, within three hours from now."""
    documents, payments = make.section("documents"), make.component("payments")
    make.window(payments, start=NOW + HOUR, minutes=60, verifying_at=NOW + 1.5 * HOUR)
    make.outage(documents, start=NOW + HOUR, minutes=30, created_at=NOW)
    make.component("bank", status="major_outage", status_until=NOW + 2 * HOUR)
    make.announcement(published_at=NOW + HOUR)
    problem = make.incident(published_at=NOW + 2 * HOUR)
    make.update(problem, at=NOW + 2 * HOUR, created_at=NOW)
    make.update(problem, "identified", at=NOW + 3 * HOUR, created_at=NOW)


ALL = [
    ("announcement.publish", NOW + HOUR),
    ("window.begin", NOW + HOUR),
    ("outage.begin", NOW + HOUR),
    ("window.verify", NOW + 1.5 * HOUR),
    ("outage.restore", NOW + 1.5 * HOUR),
    ("incident.publish", NOW + 2 * HOUR),
    ("window.complete", NOW + 2 * HOUR),
    ("component.lapse", NOW + 2 * HOUR),
    ("incident.update", NOW + 3 * HOUR),
]


@pytest.mark.parametrize("minutes", [[240], [1440], list(range(1, 241, 7)), [60, 60, 60, 90, 90, 180, 180]])
def test_one_of_each_however_often_it_looks(minutes: list[int]) -> None:
    world()
    for minute in minutes:
        tick(NOW + minute * MINUTE)
    tick(NOW + max(minutes) * MINUTE)
    assert sorted(told()) == sorted(ALL)


def test_a_dead_worker_for_a_day_tells_them_in_order() -> None:
    world()
    assert tick(NOW + DAY) == len(ALL)
    assert told() == ALL
    revisions = list(db.session.scalars(sa.select(Change.revision).order_by(Change.id)))
    assert revisions == sorted(revisions)


def test_not_a_moment_too_soon() -> None:
    world()
    assert tick(NOW + HOUR - timedelta(seconds=1)) == 0
    assert tick(NOW + HOUR) == 3


def test_the_first_tick_begins_from_now(app: Flask) -> None:
    begin_writing()
    db.session.execute(sa.update(Ledger).values(ticked_at=None))
    db.session.commit()
    world()
    assert tick(NOW + 100 * DAY) == 0
    assert tick(NOW + 101 * DAY) == 0


def test_its_own_time_and_key_and_nobody_who_did_it() -> None:
    window = make.window(make.component(), start=NOW + HOUR, external_id="PX4T9")
    tick(NOW + 90 * MINUTE)
    change = db.session.scalars(sa.select(Change)).one()
    assert change.once == f"window.begin:window-{window.id}:2026-11-21T15:30:00Z"
    assert (change.at, change.subject_name, change.actor, change.person_id) == (NOW + HOUR, "PX4T9", "Signpost", None)


def test_when_nothing_happens_nothing_is_written() -> None:
    before = ledger()
    assert [tick(NOW + minute * MINUTE) for minute in range(1, 10)] == [0] * 9
    assert ledger() == before
    tick(NOW + 10 * MINUTE)
    assert ledger() == (before[0], before[1], NOW + 10 * MINUTE)


def ledger() -> tuple[int, datetime, datetime | None]:
    row = db.session.execute(sa.select(Ledger.revision, Ledger.revised_at, Ledger.ticked_at)).one()
    db.session.rollback()
    return row.revision, row.revised_at, row.ticked_at


def test_looking_costs_the_same_however_much_there_was() -> None:
    """Each look is one statement, and none walks through what is over."""
    said: list[str] = []
    section = make.section("documents")
    for hours in range(1, 6):
        make.outage(section, start=NOW - hours * HOUR)
    with _heard(said):
        tick(NOW + MINUTE)
    assert len(said) <= 15


@contextmanager
def _heard(said: list[str]) -> Iterator[None]:
    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    yield
    sa.event.remove(db.engine, "before_cursor_execute", hear)


def test_a_clock_that_ran_ahead_is_put_right() -> None:
    tick(NOW + 30 * DAY)
    make.window(make.component(), start=NOW + HOUR)
    tick(NOW + MINUTE)
    assert ledger()[2] == NOW + MINUTE
    tick(NOW + HOUR)
    assert kinds() == ["window.begin"]


class TestWhatIsNoEdge:
    """What never came to be, or was told by who did it."""

    def test_called_off_before_it_began(self) -> None:
        make.window(make.component(), start=NOW + HOUR, gone_at=NOW)
        documents = make.section("documents")
        make.outage(documents, start=NOW + HOUR, created_at=NOW, ended_at=NOW + MINUTE)
        tick(NOW + DAY)
        assert kinds() == []

    def test_begun_or_ended_by_hand(self) -> None:
        documents = make.section("documents")
        make.outage(documents, start=NOW + HOUR, created_at=NOW + HOUR, ended_at=NOW + 1.5 * HOUR)
        make.outage(documents, start=NOW + 2 * HOUR, minutes=30, created_at=NOW + 2 * HOUR, at_end="hold")
        tick(NOW + DAY)
        assert kinds() == ["outage.late"]

    def test_private_discarded_or_archived(self) -> None:
        for hidden in ({"is_private": True}, {"discarded_at": NOW}):
            problem = make.incident(published_at=NOW + HOUR, **hidden)
            make.update(problem, at=NOW + 2 * HOUR, created_at=NOW)
        make.announcement(published_at=NOW + HOUR, archived_at=NOW)
        make.component("old", status="major_outage", status_until=NOW + HOUR, archived_at=NOW)
        tick(NOW + DAY)
        assert kinds() == []

    def test_published_by_hand_at_that_moment(self) -> None:
        problem = make.incident(published_at=NOW + HOUR)
        with writing(TOM, NOW + HOUR) as work:
            work.record("incident.declare", f"incident-{problem.id}", problem.title)
        tick(NOW + DAY)
        assert kinds() == []

    def test_known_only_after_it_began(self) -> None:
        make.window(make.component(), start=NOW + HOUR, created_at=NOW + HOUR + MINUTE)
        tick(NOW + DAY)
        assert kinds() == ["window.complete"]

    def test_ended_early_in_pagerduty(self) -> None:
        window = make.window(make.component(), start=NOW + HOUR, minutes=10)
        with writing(PAGERDUTY, NOW + 1.5 * HOUR) as work:
            after = {"ends_at": window.ends_at.isoformat()}
            work.record("window.end", f"window-{window.id}", window.name, {"ends_at": "…"}, after)
        tick(NOW + DAY)
        assert kinds() == ["window.begin"]

    def test_done_by_hand_before_the_clock(self) -> None:
        window = make.window(make.component(), start=NOW + HOUR, source="signpost")
        planning.start(window.id, 1, TOM, NOW + 10 * MINUTE)
        planning.verify(window.id, 2, TOM, NOW + 20 * MINUTE)
        planning.finish(window.id, 3, TOM, NOW + 30 * MINUTE)
        tick(NOW + DAY)
        assert kinds() == []


class TestReminders:
    """An hour before planned work begins, exactly once for each start."""

    def test_once_however_often_it_looks(self) -> None:
        make.window(make.component(), start=NOW + 3 * HOUR)
        for minute in range(110, 130):
            tick(NOW + minute * MINUTE)
        assert told() == [("window.remind", NOW + 2 * HOUR)]

    @pytest.mark.parametrize(
        ("given", "times"),
        [
            ({"reminds": False}, 0),
            ({"gone_at": NOW}, 0),
            ({"created_at": NOW + 2 * HOUR + MINUTE}, 0),
            ({"created_at": NOW + 2 * HOUR}, 1),
        ],
    )
    def test_not_of_what_is_cancelled_or_was_planned_later(self, given: dict[str, Any], times: int) -> None:
        make.window(make.component(), start=NOW + 3 * HOUR, **given)
        tick(NOW + 2.5 * HOUR)
        assert kinds() == ["window.remind"] * times

    @pytest.mark.parametrize(("hours", "times"), [(5, 2), (2, 1)])
    def test_anew_of_one_that_is_moved(self, hours: int, times: int) -> None:
        """Moved to a start within the hour it is told of at once, as moved."""
        window = make.window(make.component(), start=NOW + 3 * HOUR, minutes=500)
        tick(NOW + 2.5 * HOUR)
        window.starts_at = NOW + hours * HOUR + 45 * MINUTE
        db.session.commit()
        tick(NOW + 4.9 * HOUR)
        assert kinds().count("window.remind") == times


class TestLateAndOverdue:
    def test_past_its_end_and_held(self) -> None:
        outage = make.outage(make.section(), minutes=30, at_end="hold")
        tick(NOW + HOUR)
        outage.planned_end = NOW + 2 * HOUR
        db.session.commit()
        tick(NOW + 3 * HOUR)
        assert told() == [("outage.late", NOW + 0.5 * HOUR), ("outage.late", NOW + 2 * HOUR)]

    def test_not_of_one_that_was_brought_back_or_comes_by_itself(self) -> None:
        make.outage(make.section(), minutes=30, at_end="hold", ended_at=NOW + MINUTE)
        make.outage(make.section("documents"), minutes=30)
        tick(NOW + HOUR)
        assert kinds() == ["outage.restore"]

    @pytest.mark.parametrize(("said_at", "is_overdue"), [(None, True), (NOW + 29 * MINUTE, False), (NOW + HOUR, True)])
    def test_a_promise_that_was_not_kept(self, said_at: datetime | None, is_overdue: bool) -> None:
        problem = make.incident()
        make.update(problem, next_at=NOW + 30 * MINUTE)
        if said_at:
            make.update(problem, "resolved", at=said_at)
        tick(NOW + 2 * HOUR)
        assert (("incident.overdue", NOW + 30 * MINUTE) in told()) is is_overdue


def test_what_is_moved_begins_and_ends_anew() -> None:
    window = make.window(make.component(), start=NOW + HOUR, minutes=60)
    tick(NOW + 3 * HOUR)
    window.ends_at = NOW + 4 * HOUR
    db.session.commit()
    tick(NOW + 5 * HOUR)
    assert told()[1:] == [("window.complete", NOW + 2 * HOUR), ("window.complete", NOW + 4 * HOUR)]


def test_two_at_once_record_each_once(app: Flask) -> None:
    world()
    db.session.remove()
    began = threading.Barrier(3)
    made: list[int] = []

    def run() -> None:
        with app.app_context():
            began.wait(10)
            made.append(tick(NOW + DAY))
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(made) == [0, 0, len(ALL)]
    assert sorted(told()) == sorted(ALL)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    starts=st.lists(st.integers(1, 300), min_size=1, max_size=4),
    ticks=st.lists(st.integers(0, 400), max_size=8),
)
def test_any_windows_and_any_ticks(app: Flask, starts: list[int], ticks: list[int]) -> None:
    base = (ledger()[2] or NOW) + HOUR
    tick(base)
    before = len(kinds())
    windows = [make.window(start=base + minute * MINUTE, minutes=90, created_at=base) for minute in starts]
    for minute in sorted(ticks):
        tick(base + minute * MINUTE)
    tick(base + 400 * MINUTE)
    wanted = [("window.begin", window.starts_at) for window in windows]
    wanted += [("window.complete", window.ends_at) for window in windows]
    wanted += [("window.remind", base + (minute - 60) * MINUTE) for minute in starts if minute > 60]
    assert sorted(told()[before:]) == sorted(wanted)
    keys = list(db.session.scalars(sa.select(Change.once).where(Change.once.is_not(None))))
    assert len(keys) == len(set(keys))
