"""The states of notifications: who cancels in time is heard, and what is released is released once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import notifying, outages
from dashboard.actions.notifying import Release, Words
from dashboard.actions.writing import PAGERDUTY, SIGNPOST, writing
from dashboard.db import db
from dashboard.models import Change, Notification, Outage, Section
from dashboard.rules.telling import MANY
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.actions.test_outages import PLAN
from tests.conftest import NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WORDS = Words({"title": "Direct deposit is unavailable"}, {"sections": [1]}, {"at": "now"}, is_planned=True)


@pytest.fixture
def change(app: Flask) -> Change:
    section: Section = make.section()
    return outages.start(section.id, PLAN, PRIYA, NOW)


def pending() -> tuple[int, ...]:
    chosen = sa.select(Notification.id).where(Notification.state == "pending", Notification.audience == "public")
    return tuple(db.session.scalars(chosen))


def state_of(id: int) -> str:
    return db.session.get_one(Notification, id).state


def test_what_is_released_has_its_words_and_waits_to_be_sent(change: Change) -> None:
    (id,) = pending()
    assert notifying.release([Release((id,), WORDS)], NOW + MINUTE) == 1
    row = db.session.get_one(Notification, id)
    assert (row.state, row.released_at, row.is_planned) == ("sending", NOW + MINUTE, True)
    assert (row.message, row.reach, row.said) == (WORDS.message, WORDS.reach, WORDS.said)


def test_several_are_folded_into_the_newest(change: Change) -> None:
    outages.extend(1, 1, NOW + 180 * MINUTE, "Europe/London", "", PRIYA, NOW + timedelta(seconds=9))
    first, second = pending()
    notifying.release([Release((first, second), WORDS)], NOW + 2 * MINUTE)
    assert (state_of(first), state_of(second)) == ("folded", "sending")


def test_where_there_is_nothing_to_say_it_is_void(change: Change) -> None:
    (id,) = pending()
    assert notifying.release([Release((id,), None)], NOW + MINUTE) == 0
    assert state_of(id) == "void"


def test_two_that_release_at_once_release_it_once(change: Change) -> None:
    found = [Release(pending(), WORDS)]
    assert [notifying.release(found, NOW + MINUTE) for _ in range(2)] == [1, 0]


def test_who_cancels_is_heard(change: Change, kinds: Callable[[], list[str]]) -> None:
    (id,) = pending()
    assert notifying.cancel(change.revision, TOM, NOW + MINUTE) is not None
    assert state_of(id) == "cancelled"
    assert kinds()[-1] == "notification.cancel"
    assert notifying.release([Release((id,), WORDS)], NOW + MINUTE) == 0


def test_too_late_to_cancel(change: Change, kinds: Callable[[], list[str]]) -> None:
    notifying.release([Release(pending(), WORDS)], NOW + MINUTE)
    assert notifying.cancel(change.revision, TOM, NOW + MINUTE) is None
    assert notifying.cancel(999, TOM, NOW + MINUTE) is None
    assert "notification.cancel" not in kinds()


def test_what_another_message_told_already_is_not_cancelled(change: Change) -> None:
    outage = db.session.get_one(Outage, int(change.subject.partition("-")[2]))
    second = outages.extend(outage.id, 1, NOW + 9 * HOUR, "Europe/London", "", TOM, NOW + MINUTE / 2)
    assert second is not None
    first, _ = pending()
    notifying.release([Release((first,), WORDS)], NOW + MINUTE)
    assert notifying.cancel(second.revision, TOM, NOW + MINUTE) is None


def test_what_was_done_along_with_it_is_cancelled_too(app: Flask) -> None:
    one, other = make.section(), make.section("documents")
    first = outages.start(one.id, PLAN, PRIYA, NOW)
    outages.start(other.id, replace(PLAN, once="other"), TOM, NOW)
    notifying.cancel(first.revision, PRIYA, NOW)
    assert len(pending()) == 1


def test_of_what_a_poll_brought_one_is_cancelled_alone(app: Flask) -> None:
    with writing(PAGERDUTY, NOW) as work:
        for number in (1, 2):
            work.record("window.move", f"window-{number}", "PX4T9", {}, {"starts_at": ""})
    assert notifying.cancel(work.changes[0].revision, PRIYA, NOW) is not None
    assert len(pending()) == 1


@pytest.mark.parametrize(
    ("kind", "brought", "told"),
    [
        *(("window.add", MANY, MANY), ("window.add", MANY + 1, 0), ("window.components", MANY + 1, 0)),
        *(("window.drop", MANY + 1, MANY + 1), ("window.remind", MANY + 1, MANY + 1)),
    ],
)
def test_only_a_first_look_is_no_news(app: Flask, kind: str, brought: int, told: int) -> None:
    with writing(PAGERDUTY, NOW) as work:
        work.record_all((kind, f"window-{number}", "PX4T9", {}, {}) for number in range(brought))
    assert len(pending()) == told


def test_what_was_not_committed_is_told_to_nobody(app: Flask) -> None:
    def fail() -> None:
        with writing(PRIYA, NOW) as work:
            work.record("incident.declare", "incident-1", "Payments fail", None, {})
            db.session.flush()
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    assert db.session.scalars(sa.select(Change.id).union_all(sa.select(Notification.id))).all() == []


def test_staff_are_told_all_the_same(change: Change) -> None:
    notifying.cancel(change.revision, PRIYA, NOW)
    chosen = sa.select(Notification.state).where(Notification.audience == "staff")
    assert list(db.session.scalars(chosen)) == ["pending"]


def test_what_has_no_words_is_put_off(change: Change) -> None:
    notifying.put_off(pending(), NOW + 5 * MINUTE, NOW + MINUTE)
    assert db.session.get_one(Notification, pending()[0]).due_at == NOW + 5 * MINUTE


def test_of_what_the_clock_did_at_once_each_is_cancelled_by_itself(app: Flask) -> None:
    with writing(SIGNPOST, NOW) as work:
        changes = [work.record("outage.begin", f"outage-{id}", f"Section {id}") for id in (1, 2)]
    assert notifying.cancel(changes[0].revision, PRIYA, NOW) is not None
    states = db.session.execute(
        sa.select(Notification.thing, Notification.state).where(Notification.audience == "public")
    )
    assert sorted(map(tuple, states)) == [("outage-1", "cancelled"), ("outage-2", "pending")]
