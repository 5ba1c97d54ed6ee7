"""Who is told of something: the question to the database that both the count before and the sending ask."""

from __future__ import annotations

import sqlalchemy as sa

from dashboard.db import db
from dashboard.models import Delivery, Follow, Follower, Notification
from dashboard.rules.telling import Audience, Reach

LIVE = (Follower.confirmed_at.is_not(None), Follower.left_at.is_(None), Follower.paused_at.is_(None))


def told(audience: Audience, reach: Reach, is_planned: bool) -> sa.Select[int]:
    """The ids of those who follow any of it and want to know of such things. Who follows the incident itself, or was
    told of it and did not let it go, is told how it goes on, whatever else they want. A team's channel is told by the
    staff's notification, and not again by the public's."""
    return sa.select(Follower.id).where(*_is_told(audience, reach, is_planned))


def counts(reach: Reach, is_planned: bool) -> dict[str, int]:
    """How many of the public are told, by channel."""
    rows = sa.select(Follower.channel, sa.func.count().label("number"))
    rows = rows.where(*_is_told(Audience.PUBLIC, reach, is_planned)).group_by(Follower.channel)
    return {row.channel: row.number for row in db.session.execute(rows.order_by(Follower.channel))}


def _is_told(audience: Audience, reach: Reach, is_planned: bool) -> tuple[sa.ColumnElement[bool], ...]:
    wanted = (Follower.planned if is_planned else Follower.problems).is_(sa.true())
    concerned = sa.or_(Follower.everything.is_(sa.true()), Follower.id.in_(_follows(reach)))
    if audience is Audience.STAFF and not (reach.sections or reach.components):
        concerned = sa.true()  # that PagerDuty fails concerns every team
    chosen = [sa.and_(wanted, concerned)]
    if reach.incident is not None and audience is Audience.PUBLIC:
        of_it = sa.exists().where(Follow.follower_id == Follower.id, Follow.incident_id == reach.incident)
        follows_it, let_it_go = of_it.where(Follow.let_go.is_(sa.false())), of_it.where(Follow.let_go.is_(sa.true()))
        chosen += [follows_it, sa.and_(~let_it_go, _was_told(f"incident-{reach.incident}"))]
    is_staff = Follower.is_staff.is_(sa.true() if audience is Audience.STAFF else sa.false())
    return *LIVE, is_staff, sa.or_(*chosen)


def _follows(reach: Reach) -> sa.Select[int]:
    """What is not asked for is left out: the database would look through every row for it."""
    asked: list[sa.ColumnElement[bool]] = []
    if reach.sections:
        asked.append(Follow.section_id.in_(reach.sections))
    if reach.components:
        asked.append(Follow.component_id.in_(reach.components))
    return sa.select(Follow.follower_id).where(sa.or_(sa.false(), *asked))


def _was_told(thing: str) -> sa.Exists:
    """Or is about to be. Asked of each follower by itself: of one incident there may be a million deliveries. By its
    offset PostgreSQL knows better than to read them all beforehand."""
    of_it = sa.select(Notification.id).where(Notification.thing == thing)
    own = Delivery.follower_id == Follower.id, Delivery.notification_id.in_(of_it)
    return sa.select(Delivery.id).where(*own).offset(0).exists()
