"""Who is told of something: the question to the database that both the count before and the sending ask."""

from __future__ import annotations

import sqlalchemy as sa

from dashboard.db import db
from dashboard.models import Delivery, Follow, Follower, Notification
from dashboard.rules.telling import Audience, Reach

LIVE = (Follower.confirmed_at.is_not(None), Follower.left_at.is_(None), Follower.paused_at.is_(None))


def told(audience: Audience, reach: Reach, is_planned: bool) -> sa.Select[int]:
    """The ids of those who follow any of it and want to know of such things. A team's channel is told by the staff's
    notification, and not again by the public's; who was told of an incident is told how it goes on."""
    wanted = (Follower.planned if is_planned else Follower.problems).is_(sa.true())
    chosen = [Follower.everything.is_(sa.true()), Follower.id.in_(_follows(reach))]
    if reach.incident is not None and audience is Audience.PUBLIC:
        chosen.append(Follower.id.in_(_told_before(f"incident-{reach.incident}")))
    is_staff = Follower.is_staff.is_(sa.true() if audience is Audience.STAFF else sa.false())
    return sa.select(Follower.id).where(*LIVE, is_staff, wanted, sa.or_(*chosen))


def counts(reach: Reach, is_planned: bool) -> dict[str, int]:
    """How many of the public are told, by channel."""
    ids = told(Audience.PUBLIC, reach, is_planned)
    rows = (
        sa.select(Follower.channel, sa.func.count().label("number"))
        .where(Follower.id.in_(ids))
        .group_by(Follower.channel)
    )
    return {row.channel: row.number for row in db.session.execute(rows.order_by(Follower.channel))}


def _follows(reach: Reach) -> sa.Select[int]:
    return sa.select(Follow.follower_id).where(
        sa.or_(
            Follow.section_id.in_(reach.sections),
            Follow.component_id.in_(reach.components),
            sa.false() if reach.incident is None else Follow.incident_id == reach.incident,
        )
    )


def _told_before(thing: str) -> sa.Select[int]:
    earlier = sa.select(Delivery.follower_id).join(Notification, Notification.id == Delivery.notification_id)
    return earlier.where(Notification.thing == thing, Delivery.state == "sent")
