"""Notifications whose words are found, and what becomes of their deliveries, for the tests of who sends them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dashboard.actions.delivering import Result, claim, expand, mark
from dashboard.channels.message import Outcome
from dashboard.db import begin_writing, db
from dashboard.models import Delivery, Follower, Notification
from tests.conftest import NOW

SENT, FAILED = Outcome("It answered 200.", sent=True), Outcome("It answered 500.")
GONE, REFUSED = Outcome("It answered 410.", gone=True), Outcome("550 No such person.", refused=True)
UNFIT = Outcome("554 Looks like spam.", unfit=True)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def released(*, at: datetime = NOW, thing: str = "incident-7", **given: Any) -> int:
    """A notification whose words are found. Everybody who follows everything is told."""
    begin_writing()
    number = (db.session.scalar(sa.select(sa.func.count(Notification.id))) or 0) + 1
    row = Notification(
        key=f"key{number}",
        kind="incident.update",
        thing=thing,
        audience=given.pop("audience", "public"),
        made_at=at,
        due_at=at,
        released_at=given.pop("released_at", at),
        state=given.pop("state", "sending"),
        reach={},
        **given,
    )
    db.session.add(row)
    db.session.commit()
    return row.id


def lane(channel: str, address: str) -> str:
    return f"{channel}:{address.partition('@')[2]}"


def expanded(at: datetime = NOW, **given: Any) -> None:
    released(at=at, **given)
    while expand(at, lane):
        pass


def told(outcome: Outcome, at: datetime) -> Delivery:
    """The one that is due is tried, and comes to this."""
    (taken,) = claim(at, 10)
    mark([Result(taken, outcome)], at, lambda: 0.0)
    return db.session.get_one(Delivery, taken.id, populate_existing=True)


def changed(model: type[Any], *which: Any, **values: Any) -> None:
    begin_writing()
    db.session.execute(sa.update(model).where(*which).values(**values))
    db.session.commit()


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Delivery.state).order_by(Delivery.id)))


def follower() -> Follower:
    db.session.rollback()
    return db.session.scalars(sa.select(Follower).order_by(Follower.id).limit(1)).one()
