"""One turn of the outbox, with a channel of the test's own in place of the network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from dashboard import due, outbox
from dashboard.actions import delivering, sending
from dashboard.channels import Channel, Lines
from dashboard.channels.message import Letter, Link, Message, Outcome
from dashboard.config import Settings
from dashboard.db import begin_writing, db
from dashboard.models import Delivery, Follower, Notification
from tests import make
from tests.actions.conftest import PRIYA
from tests.conftest import NOW

MESSAGE = Message(
    "incident.update", "incident-7", "partial", "Payments fail", ("Pay by phone.",), Link("More", "http://x"), NOW
)


@dataclass
class Letterbox:
    """Takes every letter, unless it is told what to answer to whom."""

    got: list[Letter] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    under_way: int = 0
    most: int = 0

    async def send(self, letter: Letter, lines: Lines) -> Outcome:
        self.got.append(letter)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0.001)
            answer = self.answers.get(letter.to.address, Outcome("It answered 200.", sent=True))
            if callable(answer):
                answer = await answer()
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.under_way -= 1

    def ids(self) -> list[str]:
        return [letter.id for letter in self.got]


@pytest.fixture
def box() -> Letterbox:
    return Letterbox()


@pytest.fixture
def post(app: Flask, settings: Settings, box: Letterbox) -> outbox.Post:
    channel = Channel("email", "E-mail", str, lambda address: address.partition("@")[2], box.send)
    return outbox.Post({"email": channel}, no_lines, settings, "secret")


@asynccontextmanager
async def no_lines(settings: Settings) -> AsyncIterator[Any]:
    yield None


def now(at: datetime = NOW) -> outbox.Around:
    return outbox.Around(lambda: at)


def notify(thing: str = "incident-7", kind: str = "incident.update", **given: Any) -> Notification:
    begin_writing()
    number = db.session.scalar(sa.select(sa.func.count(Notification.id))) or 0
    row = Notification(
        key=f"key{number}",
        kind=kind,
        thing=thing,
        audience=given.pop("audience", "public"),
        made_at=NOW,
        due_at=given.pop("due_at", NOW),
        state=given.pop("state", "sending"),
        reach={},
        message=msgspec.to_builtins(replace(MESSAGE, kind=kind, **given)),
    )
    db.session.add(row)
    db.session.commit()
    return row


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Delivery.state).order_by(Delivery.id)))


def test_everybody_has_their_letter_once(post: outbox.Post, box: Letterbox) -> None:
    ids = [make.follower(f"{name}@larkfield.example").id for name in ("ada", "lin", "tom")]
    notify()
    assert outbox.turn(post, now()) == 3
    assert sorted(box.ids()) == [f"msg_key0_{id}" for id in ids]
    assert states() == ["sent"] * 3


def test_an_address_that_cannot_be_read_holds_up_nobody_else(post: outbox.Post, box: Letterbox) -> None:
    slack = Channel("slack", "Slack", str, lambda address: urlsplit(address).netloc, box.send)
    make.follower("https://[none", channel="slack")
    make.follower("ada@larkfield.example")
    notify()
    outbox.turn(replace(post, channels={**post.channels, "slack": slack}), now())
    assert sorted(letter.to.address for letter in box.got) == ["ada@larkfield.example", "https://[none"]


def test_a_letter_says_whose_it_is(post: outbox.Post, box: Letterbox) -> None:
    given = {"secret": "new", "old_secret": "old", "old_secret_until": NOW + timedelta(seconds=1)}
    make.follower(salt="s", **given)
    notify()
    outbox.turn(post, now())
    (letter,) = box.got
    assert (letter.site, letter.message, letter.to.zone) == ("Larkfield", MESSAGE, "Europe/London")
    assert letter.to.manage_url.startswith("http://status.example.org/follow/manage/")
    assert letter.to.secrets == ("new", "old")


def test_its_times_are_in_the_followers_own_zone(post: outbox.Post, box: Letterbox) -> None:
    make.follower(zone="Europe/Berlin")
    notify()
    outbox.turn(post, now())
    assert box.got[0].to.zone == "Europe/Berlin"


def test_a_teams_letter_holds_no_key_to_it(post: outbox.Post, box: Letterbox) -> None:
    id = make.follower(is_staff=True, name="Payments team").id
    notify(audience="staff")
    outbox.turn(post, now())
    assert {box.got[0].to.manage_url, box.got[0].to.stop_url} == {f"http://status.example.org/admin/followers/{id}"}


@pytest.mark.parametrize("put_off", [0, 10])
def test_a_letter_that_is_late_says_so(post: outbox.Post, box: Letterbox, put_off: int) -> None:
    """Counted from the end of the minute in which it could be taken back."""
    for name in ("lin", "tom"):
        make.follower(f"{name}@larkfield.example")
        notify(due_at=NOW + timedelta(minutes=put_off))
        outbox.turn(post, now(NOW + timedelta(minutes=11, seconds=len(box.got))))
    assert [letter.message.is_late for letter in box.got] == [False, True, True]


def test_teams_hear_of_what_does_not_reach_all_and_of_that_no_more(post: outbox.Post, box: Letterbox) -> None:
    make.follower("lin@larkfield.example")
    make.follower("team@larkfield.example", is_staff=True)
    box.answers = dict.fromkeys(("lin@larkfield.example", "team@larkfield.example"), Outcome("Spam.", unfit=True))
    notify()
    for minutes in (0, 2, 4, 6):
        outbox.turn(post, now(NOW + timedelta(minutes=minutes)))
    told = [letter.message.title for letter in box.got if letter.to.is_staff]
    assert told == ["Some messages could not be delivered: Payments fail"]


def test_several_to_one_come_in_their_order_in_one_turn(post: outbox.Post, box: Letterbox) -> None:
    id = make.follower().id
    for number in range(3):
        notify(thing=f"window-{number}")
    outbox.turn(post, now())
    assert box.ids() == [f"msg_key{number}_{id}" for number in range(3)]


def test_one_lane_has_its_part_of_the_slots(post: outbox.Post, box: Letterbox) -> None:
    for number in range(40):
        make.follower(f"{number}@larkfield.example")
    notify()
    outbox.turn(post, now())
    assert (len(box.got), box.most) == (40, 16)


def test_who_hangs_delays_nobody(post: outbox.Post, box: Letterbox) -> None:
    arrived = asyncio.Event()

    async def hang() -> Outcome:
        await asyncio.wait_for(arrived.wait(), 5)
        return Outcome("Late.", sent=True)

    async def arrive() -> Outcome:
        arrived.set()
        return Outcome("Quick.", sent=True)

    for number in range(20):
        box.answers[f"{number}@slow.example"] = hang
        make.follower(f"{number}@slow.example")
    box.answers["lin@larkfield.example"] = arrive
    make.follower("lin@larkfield.example")
    notify()
    outbox.turn(post, now())
    assert states() == ["sent"] * 21


@pytest.mark.parametrize("trouble", [Outcome("It answered 500."), ValueError("a fault of ours")])
def test_what_fails_is_tried_again(post: outbox.Post, box: Letterbox, trouble: object) -> None:
    box.answers["lin@larkfield.example"] = trouble
    make.follower()
    notify()
    outbox.turn(post, now())
    box.answers.clear()
    outbox.turn(post, now(NOW + timedelta(seconds=7)))
    assert (len(set(box.ids())), len(box.got), states()) == (1, 2, ["sent"])


def test_a_fault_of_ours_is_not_counted_as_theirs(post: outbox.Post, box: Letterbox) -> None:
    box.answers["lin@larkfield.example"] = ValueError("a fault of ours")
    lin, tom = make.follower(), make.follower("tom@larkfield.example")
    make.delivery(tom, due_at=NOW)
    unreadable = db.session.scalars(sa.select(Notification)).one()
    unreadable.message = {}
    db.session.commit()
    notify()
    outbox.turn(post, now())
    assert [db.session.get_one(Follower, one.id, populate_existing=True).failing_since for one in (lin, tom)] == [
        None
    ] * 2


def test_a_channel_that_is_not_there_any_more_fails(post: outbox.Post) -> None:
    make.follower(channel="pigeon")
    notify()
    outbox.turn(post, now())
    assert db.session.scalars(sa.select(Delivery.answer)).one() == "This installation sends nothing by pigeon."


def test_words_that_are_not_found_or_cannot_be_read_hold_back_no_others(
    post: outbox.Post, box: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.follower()
    notify()
    delivering.expand(NOW, post.lane)
    unreadable = notify(thing="window-3")
    begin_writing()
    db.session.execute(sa.update(Notification).where(Notification.id == unreadable.id).values(message={}))
    db.session.commit()
    delivering.expand(NOW, post.lane)
    monkeypatch.setattr(outbox.telling, "release", lambda at: 1 / 0)
    outbox.turn(post, now())
    assert (len(box.got), states()) == (1, ["sent", "waiting"])


def test_held_nothing_is_sent_and_nothing_is_lost(post: outbox.Post, box: Letterbox) -> None:
    make.follower()
    notify()
    sending.hold(PRIYA, NOW)
    assert not due.anything(NOW)
    assert outbox.turn(post, now()) == 0
    sending.go(PRIYA, NOW)
    assert due.anything(NOW)
    assert outbox.turn(post, now()) == 1


def test_told_to_end_it_begins_nothing_and_gives_back_the_rest(post: outbox.Post, box: Letterbox) -> None:
    for number in range(40):
        make.follower(f"{number}@larkfield.example")
    notify()
    told_to_end: Iterator[bool] = iter([False] + [True] * 1_000)
    assert outbox.turn(post, outbox.Around(lambda: NOW, lambda: next(told_to_end))) == 16
    assert sorted(states()) == ["sent"] * 16 + ["waiting"] * 24
    assert len(delivering.claim(NOW, 100)) == 24


def test_what_hangs_at_the_end_is_sent_again_when_its_lease_is_over(
    post: outbox.Post, box: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LAST_WORDS", 0.01)
    box.answers["lin@larkfield.example"] = lambda: asyncio.sleep(5)
    make.follower()
    notify()
    outbox.turn(post, outbox.Around(lambda: NOW, lambda: bool(box.got)))
    assert delivering.claim(NOW, 10) == []
    assert len(delivering.claim(NOW + delivering.LEASE, 10)) == 1


def test_a_result_that_the_database_does_not_take_is_kept_until_it_does(
    post: outbox.Post, box: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, refusals = delivering.mark, iter([True, True])

    def moody(*words: Any) -> None:
        if words[0] and next(refusals, False):
            raise OperationalError("", {}, Exception("locked"))
        mark(*words)

    monkeypatch.setattr(delivering, "mark", moody)
    make.follower()
    notify()
    outbox.turn(post, now())
    assert (len(box.got), states()) == (1, ["sent"])


def test_what_is_more_than_is_taken_at_a_time_goes_in_one_turn(
    post: outbox.Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_BATCH", 2)
    for number in range(5):
        make.follower(f"{number}@larkfield.example")
    notify()
    outbox.turn(post, now())
    assert states() == ["sent"] * 5


def test_others_who_wait_get_their_turn(post: outbox.Post, box: Letterbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "SHORT_TURN", 0.0)
    make.follower()
    notify()
    assert outbox.turn(post, outbox.Around(lambda: NOW, do_others_wait=lambda: True)) == 0
    assert due.anything(NOW)


def test_an_endpoint_that_took_its_challenge_is_confirmed(post: outbox.Post, box: Letterbox) -> None:
    endpoint = make.follower(confirmed_at=None, asked_at=NOW)
    told = notify(kind="challenge", audience="one", state="told")
    begin_writing()
    db.session.add(Delivery(notification_id=told.id, follower_id=endpoint.id, lane="email", due_at=NOW))
    db.session.commit()
    outbox.turn(post, now())
    db.session.refresh(endpoint)
    assert endpoint.confirmed_at == NOW


@pytest.mark.parametrize(("state", "seconds", "expected"), [("pending", -1, False), ("pending", 0, True)])
def test_anything_is_due(app: Flask, state: str, seconds: int, expected: bool) -> None:
    notify(state=state)
    assert due.anything(NOW + timedelta(seconds=seconds)) == expected
