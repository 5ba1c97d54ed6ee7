"""Who is told has one delivery; who takes it has it alone for a while; what became of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import due
from dashboard.actions import delivering, sending
from dashboard.actions.delivering import Result, claim, expand, mark
from dashboard.channels.message import Outcome
from dashboard.db import begin_writing, db
from dashboard.models import Change, Delivery, Follower, Notification
from dashboard.rules import backoff
from tests import make
from tests.actions.conftest import PRIYA
from tests.actions.letters import (
    FAILED,
    GONE,
    HOUR,
    MINUTE,
    REFUSED,
    SENT,
    UNFIT,
    changed,
    expanded,
    follower,
    lane,
    released,
    states,
    told,
)
from tests.conftest import NOW


def test_each_who_is_told_has_one_delivery(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "BATCH", 2)
    ids = [make.follower(f"{name}@larkfield.example").id for name in ("ada", "lin", "tom", "vera", "priya")]
    make.follower("not-yet@larkfield.example", confirmed_at=None)
    expanded()
    rows = db.session.execute(sa.select(Delivery.follower_id, Delivery.lane).order_by(Delivery.id)).all()
    assert rows == [(id, "email:larkfield.example") for id in ids]
    assert db.session.scalars(sa.select(Notification.state)).one() == "told"


def test_where_few_of_many_are_told_no_transaction_looks_through_them_all(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LOOKED_AT", 2)
    for number in range(5):
        make.follower(f"{number}@larkfield.example", problems=number == 4)
    released()
    expand(NOW, lane)
    assert db.session.scalars(sa.select(Notification.state)).one() == "sending"
    while expand(NOW, lane):
        pass
    assert states() == ["waiting"]


def test_who_confirms_in_the_middle_is_told_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "BATCH", 1)
    make.follower("ada@larkfield.example")
    released()
    expand(NOW, lane)
    make.follower("lin@larkfield.example")
    while expand(NOW, lane):
        pass
    assert states() == ["waiting", "waiting"]


def test_what_one_takes_nobody_else_gets_until_the_lease_ends(app: Flask) -> None:
    make.follower()
    expanded()
    assert len(claim(NOW, 10)) == 1
    assert claim(NOW + timedelta(seconds=29), 10) == []
    assert len(claim(NOW + timedelta(seconds=30), 10)) == 1


def test_what_is_given_back_is_due_at_once(app: Flask) -> None:
    make.follower()
    expanded()
    delivering.give_back([one.id for one in claim(NOW, 10)], NOW)
    assert len(claim(NOW, 10)) == 1


def test_a_full_lane_is_left_out(app: Flask) -> None:
    make.follower("lin@larkfield.example")
    make.follower("tom@northpay.example")
    expanded()
    assert [one.lane for one in claim(NOW, 10, {"email:larkfield.example"})] == ["email:northpay.example"]


def test_who_is_failing_is_left_out_when_asked(app: Flask) -> None:
    make.follower("lin@larkfield.example", failing_since=NOW)
    well = make.follower("tom@northpay.example")
    expanded()
    assert [one.follower_id for one in claim(NOW, 10, without_failing=True)] == [well.id]


def test_of_one_follower_the_earlier_comes_first(app: Flask) -> None:
    make.follower()
    expanded()
    expanded(thing="window-3")
    first = told(SENT, NOW)
    second = told(FAILED, NOW)
    assert (first.state, second.state, first.id < second.id) == ("sent", "waiting", True)


def test_a_later_one_waits_for_what_failed(app: Flask) -> None:
    make.follower()
    expanded()
    told(FAILED, NOW)
    expanded(thing="window-3")
    assert claim(NOW + timedelta(seconds=4), 10) == []
    assert len(claim(NOW + timedelta(seconds=5), 10)) == 1


def test_what_is_told_to_one_alone_is_given_up_while_its_link_works(app: Flask) -> None:
    make.delivery(make.follower(), audience="one", due_at=NOW)
    told(FAILED, NOW)
    assert told(FAILED, NOW + 11 * HOUR).state == "waiting"
    assert told(FAILED, NOW + 23 * HOUR).state == "dead"
    assert follower().paused_at is None


def test_what_is_told_to_one_alone_waits_for_nothing(app: Flask) -> None:
    id = make.follower().id
    expanded()
    told(FAILED, NOW)
    alone = released(audience="one", state="told", thing="follower-1")
    begin_writing()
    db.session.add(Delivery(notification_id=alone, follower_id=id, lane="email", due_at=NOW))
    db.session.commit()
    assert [one.notification_id for one in claim(NOW, 10)] == [alone]


def test_a_later_message_of_the_same_thing_replaces_what_did_not_arrive(app: Flask) -> None:
    make.follower()
    expanded()
    told(FAILED, NOW)
    expanded(NOW + HOUR)
    assert states() == ["skipped", "waiting"]


def test_what_is_released_later_is_the_later_one_whichever_was_made_first(app: Flask) -> None:
    make.follower()
    made_first = released(state="pending")
    expanded()
    told(FAILED, NOW)
    changed(Notification, Notification.id == made_first, state="sending", released_at=NOW + HOUR)
    expand(NOW + HOUR, lane)
    assert states() == ["skipped", "waiting"]


@pytest.mark.parametrize(("earlier", "later"), [(True, False), (False, True)])
def test_only_what_says_how_it_stands_replaces_and_is_replaced(app: Flask, earlier: bool, later: bool) -> None:
    make.follower()
    expanded(replaces=earlier)
    told(FAILED, NOW)
    expanded(NOW + HOUR, replaces=later)
    assert states() == ["waiting", "waiting"]


def test_what_may_be_under_way_is_left_alone(app: Flask) -> None:
    make.follower()
    expanded()
    claim(NOW, 10)
    expanded(NOW + timedelta(seconds=10))
    assert states() == ["waiting", "waiting"]


def test_what_was_left_lying_is_replaced(app: Flask) -> None:
    make.follower()
    expanded()
    expanded(NOW + HOUR)
    assert states() == ["skipped", "waiting"]


def test_what_waits_behind_what_failed_is_due_with_it_and_not_before(app: Flask) -> None:
    make.follower()
    expanded()
    expanded(thing="window-3")
    told(FAILED, NOW)
    again = told(FAILED, NOW + MINUTE).due_at
    assert not due.anything(again - timedelta(seconds=1))
    assert [told(SENT, again).notification_id for _ in range(2)] == [1, 2]


def test_what_is_told_to_one_alone_is_not_put_off_with_the_rest(app: Flask) -> None:
    make.follower()
    expanded()
    told(FAILED, NOW)
    (taken,) = claim(NOW + MINUTE, 10)
    alone = make.delivery(follower(), audience="one", due_at=NOW + MINUTE)
    mark([Result(taken, FAILED)], NOW + MINUTE, lambda: 0.0)
    assert [one.id for one in claim(NOW + MINUTE, 10)] == [alone.id]


def test_what_was_put_off_is_replaced_and_hurried_like_what_failed(app: Flask) -> None:
    make.follower()
    expanded()
    expanded(thing="window-3")
    told(FAILED, NOW)
    told(FAILED, NOW + MINUTE)
    expanded(NOW + 2 * MINUTE, thing="window-3")
    assert states() == ["waiting", "skipped", "waiting"]
    expanded(NOW + 3 * MINUTE, thing="window-4")
    assert [told(SENT, NOW + 3 * MINUTE).notification_id for _ in range(3)] == [1, 3, 4]


def test_what_is_new_hurries_what_failed(app: Flask) -> None:
    make.follower()
    expanded()
    told(FAILED, NOW)
    told(FAILED, NOW + MINUTE)
    expanded(NOW + 2 * MINUTE, thing="window-3")
    assert len(claim(NOW + 2 * MINUTE, 10)) == 1


def test_but_not_against_the_receivers_word(app: Flask) -> None:
    make.follower()
    expanded()
    told(Outcome("It answered 429.", wait=3_000), NOW)
    expanded(NOW + 2 * MINUTE, thing="window-3")
    assert claim(NOW + timedelta(seconds=2_999), 10) == []
    assert len(claim(NOW + timedelta(seconds=3_000), 10)) == 1


def test_what_arrived_is_over_and_its_follower_is_well(app: Flask) -> None:
    make.follower()
    expanded()
    told(FAILED, NOW)
    assert follower().failing_since == NOW
    row = told(SENT, NOW + MINUTE)
    assert (row.state, row.tries, row.answer, row.done_at) == ("sent", 2, "It answered 200.", NOW + MINUTE)
    assert (follower().failing_since, row.first_tried_at) == (None, NOW)


def test_an_answer_with_odd_characters_is_kept_without_them(app: Flask) -> None:
    make.follower()
    expanded()
    assert told(Outcome("550 No\x00 such\udc80 person.\r\n", refused=True), NOW).answer == "550 No such person."


def test_after_three_days_it_is_given_up_and_staff_are_told(app: Flask, kinds: Callable[[], list[str]]) -> None:
    make.follower()
    expanded()
    row, at = told(FAILED, NOW), NOW
    while row.state == "waiting":
        at = row.due_at
        row = told(FAILED, at)
    assert (row.state, row.tries, at - NOW >= timedelta(hours=72)) == ("dead", 10, True)
    assert (follower().paused_at, kinds()) == (at, ["follower.pause"])
    assert db.session.scalars(sa.select(Notification.audience).where(Notification.kind == "follower.pause")).one()


def tried_and_replaced(at: datetime, tries: int = 3, outcome: Outcome = FAILED) -> None:
    expanded(at)
    for _ in range(tries):
        at = told(outcome, at).due_at


def test_who_is_told_so_often_that_nothing_is_tried_for_long_is_paused_too(app: Flask) -> None:
    make.follower()
    paused = []
    for hours in (0, 24, 48, 71, 73):
        tried_and_replaced(NOW + hours * HOUR)
        paused.append(follower().paused_at is not None)
    assert (paused, states()[-1]) == ([False, False, False, False, True], "dead")


def test_what_was_failing_before_a_fault_of_ours_is_found_out_anew(app: Flask) -> None:
    make.follower()
    tried_and_replaced(NOW, 1)
    tried_and_replaced(NOW + 72 * HOUR, 3, Outcome("No mail server.", ours=True))
    tried_and_replaced(NOW + 73 * HOUR, 3)
    assert (follower().paused_at, follower().failing_since) == (None, NOW + 73 * HOUR)


def test_who_is_gone_is_paused_and_what_waits_for_them_is_dead(app: Flask) -> None:
    make.follower()
    expanded()
    expanded(thing="window-3")
    told(GONE, NOW)
    assert states() == ["dead", "dead"]
    assert follower().paused_why == "The receiver says that it is gone."


def test_a_fault_of_ours_pauses_nobody_however_long_it_lasts(app: Flask) -> None:
    make.follower()
    expanded()
    down, at = Outcome("The mail server could not be used.", ours=True), NOW
    for _ in range(12):
        at = max(at, told(down, at).due_at)
    row = told(FAILED, at + timedelta(days=9))  # it is back, and asks for a second try, as some do
    assert (row.state, row.due_at - row.first_tried_at) == ("waiting", timedelta(seconds=5))
    assert (follower().paused_at, follower().bounces) == (None, 0)


def test_a_fault_of_ours_that_lasts_ends_the_tries_and_staff_may_send_it_again(
    app: Flask, kinds: Callable[[], list[str]]
) -> None:
    make.follower()
    expanded()
    changed(Delivery, tries=backoff.OURS - 1)
    row = told(Outcome("The mail server could not be used.", ours=True), NOW)
    assert (row.state, follower().paused_at, kinds()) == ("dead", None, ["notification.fail"])
    assert sending.replay([row.id], PRIYA, NOW + HOUR) == 1


def test_a_letter_that_cannot_arrive_is_given_up_and_says_nothing_of_its_follower(app: Flask) -> None:
    make.follower()
    for n, hour in enumerate((0, 80, 160)):
        expanded(NOW + hour * HOUR, thing=f"window-{n}")
        assert told(FAILED, NOW + hour * HOUR).state == "waiting"
        assert told(UNFIT, NOW + hour * HOUR + MINUTE).state == "dead"
    assert (follower().paused_at, follower().failing_since, follower().bounces) == (None, None, 0)


def test_staff_hear_once_of_a_message_that_does_not_reach_all(app: Flask, kinds: Callable[[], list[str]]) -> None:
    for name in ("lin", "tom", "ada"):
        make.follower(f"{name}@larkfield.example")
    at, title = NOW.isoformat(), "Documents goes on until {until}"
    expanded(message={"title": title, "end": at, "look": "maint"})
    for outcome, taken in zip((UNFIT, REFUSED, SENT), claim(NOW, 10), strict=True):
        mark([Result(taken, outcome)], NOW, lambda: 0.0)
    assert (states(), kinds()) == (["dead", "dead", "sent"], ["notification.fail"])
    failed = db.session.scalars(sa.select(Change)).one()
    assert (failed.subject, failed.after) == ("notification-1", {"told": {"title": title, "end": at}})
    told_of = sa.select(Notification.thing, Notification.audience).where(Notification.state == "pending")
    assert db.session.execute(told_of).all() == [("deliveries", "staff")]


def test_they_hear_of_each_message_at_most_once_whoever_marks_it(app: Flask, kinds: Callable[[], list[str]]) -> None:
    make.follower()
    for thing in ("window-1", "window-2"):
        expanded(thing=thing)
        row = told(UNFIT, NOW)
    sending.replay([row.id], PRIYA, NOW)
    told(UNFIT, NOW)
    assert kinds() == ["notification.fail", "notification.fail", "delivery.replay"]


@pytest.mark.parametrize("audience", ["staff", "one"])
def test_of_what_tells_staff_or_one_alone_nobody_hears(
    app: Flask, kinds: Callable[[], list[str]], audience: str
) -> None:
    """Else to tell of it could fail too, and so on."""
    row = make.delivery(make.follower(is_staff=True), audience=audience)
    assert (told(UNFIT, NOW).id, states(), kinds()) == (row.id, ["dead"], [])


def test_the_third_refusal_in_a_row_pauses(app: Flask) -> None:
    make.follower()
    paused = []
    for number in range(3):
        expanded(thing=f"window-{number}")
        told(REFUSED, NOW)
        paused.append(follower().paused_at is not None)
    assert (paused, states()) == ([False, False, True], ["dead", "dead", "dead"])


def test_refusals_with_an_arrival_between_them_do_not_add_up(app: Flask) -> None:
    make.follower()
    for number, outcome in enumerate((REFUSED, REFUSED, SENT, REFUSED)):
        expanded(thing=f"window-{number}")
        told(outcome, NOW)
    assert (follower().bounces, follower().paused_at) == (1, None)


@pytest.mark.parametrize(("column", "state"), [("left_at", "skipped"), ("paused_at", "dead")])
def test_who_left_or_paused_is_sent_nothing(app: Flask, column: str, state: str) -> None:
    make.follower()
    expanded()
    changed(Follower, **{column: NOW})
    assert claim(NOW, 10) == []
    assert states() == [state]


def test_what_arrived_while_it_was_given_up_has_arrived(app: Flask) -> None:
    make.follower()
    expanded()
    (taken,) = claim(NOW, 10)
    changed(Delivery, state="dead", done_at=NOW)
    mark([Result(taken, SENT)], NOW, lambda: 0.0)
    assert states() == ["sent"]
