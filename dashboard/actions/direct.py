"""What is told to one follower alone: a link to confirm, a challenge, a test; within a transaction of another's."""

from __future__ import annotations

from datetime import datetime

import msgspec

from dashboard.actions.outbox import new_key
from dashboard.channels.message import Message
from dashboard.db import db
from dashboard.models import Delivery, Follower, Notification
from dashboard.rules.telling import Audience


def tell(follower: Follower, message: Message, lane: str, at: datetime) -> Delivery:
    """It waits to be sent from now on; whoever commits asks for the job that hurries it. ``lane``: as the channel names
    it for the address."""
    notification = Notification(
        key=new_key(),
        kind=message.kind,
        thing=f"follower-{follower.id}",
        audience=Audience.ONE,
        made_at=at,
        due_at=at,
        released_at=at,
        state="told",
        message=msgspec.to_builtins(message),
    )
    db.session.add(notification)
    db.session.flush()
    delivery = Delivery(notification_id=notification.id, follower_id=follower.id, lane=lane, due_at=at)
    db.session.add(delivery)
    db.session.flush()
    return delivery
