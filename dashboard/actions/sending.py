"""What staff do to sending: hold it all, let it go on, stop one message, send again what was given up. What is long
over is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from dashboard.actions.delivering import BATCH, hurry, leave_alone
from dashboard.actions.follower_rows import RESUMED
from dashboard.actions.writing import Actor, plain, writing
from dashboard.db import db, transaction
from dashboard.models import Change, Delivery, Follower, Incident, Notification
from dashboard.rules.telling import Audience

KEPT = timedelta(days=90)  # what was told, and what became of it
_AT_ONCE, _TOLD_AT_ONCE = 5_000, 500  # deliveries and notifications that are forgotten in one transaction


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


def stop(notification_id: int, by: Actor, at: datetime) -> Change | None:
    """Who was not sent this yet is not sent it: so from the first moment on, and each delivery says so after that, in
    transactions short enough for others to write meanwhile. None if that is nobody."""
    change = _stop(notification_id, by, at)
    while _skip_some(notification_id, f"Stopped by {by.name}.", at):
        pass
    return change


def _stop(notification_id: int, by: Actor, at: datetime) -> Change | None:
    with writing(by, at) as work:
        told = db.session.get(Notification, notification_id, with_for_update=True, populate_existing=True)
        if told is None or told.state not in ("sending", "told"):
            return None
        waits = Delivery.notification_id == told.id, Delivery.state == "waiting"
        waiting = db.session.scalar(sa.select(sa.func.count()).select_from(Delivery).where(*waits)) or 0
        if not waiting and told.state == "told":
            return None
        told.state = "stopped"
        change = db.session.scalar(sa.select(Change).where(Change.revision == told.revision))
        name, section_id = (change.subject_name, change.section_id) if change else (told.kind, None)
        said = {"deliveries": waiting}
        return work.record("sending.stop", f"notification-{told.id}", name, None, said, section_id)


def _skip_some(notification_id: int, answer: str, at: datetime) -> bool:
    """Of what was stopped; False when nothing is left. What waits behind it is due at once, or when its receiver, who
    wants to be left alone, allows."""
    stopped = sa.select(Notification.id).where(Notification.id == notification_id, Notification.state == "stopped")
    waits = Delivery.notification_id == stopped.scalar_subquery(), Delivery.state == "waiting"
    some = sa.select(Delivery.id).where(*waits).order_by(Delivery.id).limit(BATCH)
    with transaction():
        ids = db.session.scalars(some.with_for_update()).all()
        these = Delivery.id.in_(ids)
        skipped = sa.update(Delivery).where(these).values(state="skipped", answer=answer, done_at=at)
        db.session.execute(skipped, execution_options={"synchronize_session": False})
        leave_alone(notification_id, sa.select(Delivery.follower_id).where(these, Delivery.not_before > at))
        hurry(sa.select(Delivery.follower_id).where(these), at)
    return len(ids) == BATCH


def replay(ids: Collection[int], by: Actor, at: datetime) -> int:
    """Send these again, of those that were given up; how many that are. Who was paused because nothing arrived is told
    again; who paused by themselves or by staff's word is not. What a later message said by now is old news, and
    what was stopped is stopped."""
    with writing(by, at) as work:
        for answer, which in (("A later message says it.", _is_old_news()), ("It was stopped.", _is_stopped())):
            over = sa.update(Delivery).where(Delivery.id.in_(ids), Delivery.state == "dead", which)
            over = over.values(state="skipped", answer=answer, done_at=at)
            db.session.execute(over, execution_options={"synchronize_session": False})
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


def _is_stopped() -> sa.Exists:
    return sa.exists().where(Notification.id == Delivery.notification_id, Notification.state == "stopped")


def _failed() -> sa.ColumnElement[bool]:
    return Follower.failing_since.is_not(None) | (Follower.bounces > 0)


def _resume(follower_ids: Collection[int]) -> None:
    failed = sa.update(Follower).where(Follower.id.in_(follower_ids), _failed())
    failed = failed.values(**RESUMED, version=Follower.version + 1)
    db.session.execute(failed, execution_options={"synchronize_session": False})


def sweep(at: datetime) -> int:
    """Forget some of what was over long ago: how many rows. The last public word on each thing stays, for the next is
    compared with it; and who was told of an incident, as long as that is open."""
    deliveries, notifications = _old_deliveries(at - KEPT), _old_notifications(at - KEPT)
    db.session.rollback()
    if deliveries or notifications:
        with transaction():
            forget = {"synchronize_session": False}
            db.session.execute(sa.delete(Delivery).where(Delivery.id.in_(deliveries)), execution_options=forget)
            gone = sa.delete(Notification).where(Notification.id.in_(notifications), _first().is_(None))
            db.session.execute(gone, execution_options=forget)
    return len(deliveries) + len(notifications)


def _old_deliveries(before: datetime) -> Sequence[int]:
    thing = sa.literal("incident-") + sa.cast(Incident.id, sa.Text)
    is_open = sa.exists().where(thing == Notification.thing, Incident.over_at.is_(None))
    has_some = _first(Delivery.done_at < before).is_not(None)
    old = sa.select(Notification.id).where(Notification.made_at < before, ~is_open, has_some)
    ids = db.session.scalars(old.order_by(Notification.made_at).limit(_TOLD_AT_ONCE)).all()
    over = sa.select(Delivery.id).where(Delivery.notification_id.in_(ids), Delivery.done_at < before)
    return db.session.scalars(over.limit(_AT_ONCE)).all() if ids else ()


def _old_notifications(before: datetime) -> Sequence[int]:
    later = aliased(Notification)
    same = later.thing == Notification.thing, later.audience == Notification.audience
    is_later = sa.tuple_(later.released_at, later.id) > sa.tuple_(Notification.released_at, Notification.id)
    is_last = Notification.released_at.is_not(None) & ~sa.exists().where(*same, is_later)
    is_over = Notification.state.not_in(("pending", "sending")), ~(is_last & (Notification.audience == Audience.PUBLIC))
    old = sa.select(Notification.id).where(Notification.made_at < before, *is_over, _first().is_(None))
    return db.session.scalars(old.order_by(Notification.made_at).limit(_TOLD_AT_ONCE)).all()


def _first(*which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """The first who has such a delivery of it: for the first PostgreSQL goes along the index; for any, through all."""
    first = sa.select(sa.func.min(Delivery.follower_id)).where(Delivery.notification_id == Notification.id, *which)
    return first.scalar_subquery()
