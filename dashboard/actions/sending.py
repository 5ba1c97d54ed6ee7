"""What staff do to sending: hold it all, let it go on, send again what was given up. What is long over is forgotten."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from dashboard.actions.follower_rows import RESUMED
from dashboard.actions.writing import Actor, plain, writing
from dashboard.db import db, transaction
from dashboard.models import Change, Delivery, Follower, Notification
from dashboard.rules.telling import Audience

KEPT = timedelta(days=90)  # what became of a delivery
_AT_ONCE = 5_000  # rows that are forgotten in one transaction


def hold(by: Actor, at: datetime) -> Change | None:
    """From now on nothing is sent to anybody. None if it is so already."""
    with writing(by, at) as work:
        if work.ledger.held_at is not None:
            return None
        work.ledger.held_at = at
        return work.record("sending.hold", "sending", "followers", {"held_at": None}, {"held_at": plain(at)})


def go(by: Actor, at: datetime) -> Change | None:
    """What waited is sent. None if nothing is held."""
    with writing(by, at) as work:
        if work.ledger.held_at is None:
            return None
        before, work.ledger.held_at = work.ledger.held_at, None
        return work.record("sending.go", "sending", "followers", {"held_at": plain(before)}, {"held_at": None})


def replay(ids: Collection[int], by: Actor, at: datetime) -> int:
    """Send these again, of those that were given up; how many that are. Who was paused because nothing arrived is told
    again; who paused by themselves or by staff's word is not. What a later message said by now is old news."""
    with writing(by, at) as work:
        old = sa.update(Delivery).where(Delivery.id.in_(ids), Delivery.state == "dead", _is_old_news())
        old = old.values(state="skipped", answer="A later message says it.", done_at=at)
        db.session.execute(old, execution_options={"synchronize_session": False})
        chosen = sa.select(Delivery).join(Follower, Follower.id == Delivery.follower_id)
        chosen = chosen.where(Delivery.id.in_(ids), Delivery.state == "dead", Follower.left_at.is_(None))
        found = list(db.session.scalars(chosen.where(Follower.paused_at.is_(None) | _failed())))
        _resume({row.follower_id for row in found})
        for row in found:
            row.state, row.due_at, row.tries, row.first_tried_at, row.done_at = "waiting", at, 0, None, None
        if found:
            again = sorted(row.id for row in found)
            name = "1 message" if len(again) == 1 else f"{len(again):,} messages"
            work.record("delivery.replay", "deliveries", name, None, {"deliveries": again})
    return len(found)


def _is_old_news() -> sa.Exists:
    """Something later of the same thing arrived; of staff's, which tell of deeds, only what says all that it said."""
    own, later, arrived = aliased(Notification), aliased(Notification), aliased(Delivery)
    found = sa.select(arrived.id).join(later, later.id == arrived.notification_id)
    found = found.join(own, (own.thing == later.thing) & (own.audience == later.audience))
    found = found.where(own.id == Delivery.notification_id, arrived.follower_id == Delivery.follower_id)
    is_later = sa.tuple_(later.released_at, later.id) > sa.tuple_(own.released_at, own.id)
    says_it = later.replaces.is_(sa.true()) | (later.audience == Audience.PUBLIC)
    return found.where(arrived.state == "sent", is_later, says_it).exists()


def _failed() -> sa.ColumnElement[bool]:
    return Follower.failing_since.is_not(None) | (Follower.bounces > 0)


def _resume(follower_ids: Collection[int]) -> None:
    failed = sa.update(Follower).where(Follower.id.in_(follower_ids), _failed())
    failed = failed.values(**RESUMED, version=Follower.version + 1)
    db.session.execute(failed, execution_options={"synchronize_session": False})


def sweep(at: datetime) -> int:
    """Forget some of what was over long ago: how many rows. Words to one follower alone go with them."""
    old = sa.select(Notification.id).where(Notification.made_at < at - KEPT)
    over = sa.select(Delivery.id).where(Delivery.done_at < at - KEPT, Delivery.notification_id.in_(old))
    ids = list(db.session.scalars(over.limit(_AT_ONCE)))
    db.session.rollback()
    if not ids:
        return 0
    with transaction():
        forget = {"synchronize_session": False}
        db.session.execute(sa.delete(Delivery).where(Delivery.id.in_(ids)), execution_options=forget)
        left = sa.exists().where(Delivery.notification_id == Notification.id)
        alone = sa.delete(Notification).where(Notification.audience == Audience.ONE, Notification.id.in_(old), ~left)
        db.session.execute(alone, execution_options=forget)
    return len(ids)
