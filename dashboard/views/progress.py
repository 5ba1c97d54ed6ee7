"""How far followers are told of a change: when they will be, how many were, and how many could not be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Change, Delivery, Ledger, Notification
from dashboard.rules import telling
from dashboard.rules.telling import Audience
from dashboard.views.words import this_moment

_PATIENCE = timedelta(minutes=10)  # who is not told by then is tried again at long intervals: no need to watch
_EVERY = 2  # seconds
_NEWEST = 5  # of which it is counted

MAY_CANCEL = {
    "outage": "outages.write",
    "overrule": "outages.write",
    "incident": "incidents.write",
    "window": "windows.write",
    "series": "windows.write",
    "component": "components.write",
}
_WORDS = {
    "pending": "Followers are being told.",
    "sending": "Followers are being told.",
    "stopped": "Nobody was told: somebody stopped it.",
    "cancelled": "Nobody was told: somebody cancelled it.",
    "folded": "What came after it was told instead.",
    "void": "Followers were not told.",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """``told_at``: what is changed again within the minute is told later. ``is_held``: an admin holds all sending.
    ``by_state``: how many deliveries, None where nobody counted."""

    notification: Notification
    at: datetime
    told_at: datetime
    is_held: bool
    by_state: dict[str, int] | None

    @property
    def state(self) -> str:
        return self.notification.state

    @property
    def permission(self) -> str:
        """Of those who may say that nobody is told."""
        return MAY_CANCEL[self.notification.kind.partition(".")[0]]

    @property
    def sent(self) -> int:
        return (self.by_state or {}).get("sent", 0)

    @property
    def waiting(self) -> int:
        return (self.by_state or {}).get("waiting", 0)

    @property
    def failed(self) -> int:
        return (self.by_state or {}).get("dead", 0)

    @property
    def total(self) -> int:
        return self.sent + self.waiting + self.failed

    @property
    def can_be_cancelled(self) -> bool:
        return self.state == "pending" and (self.is_held or self.told_at > self.at)

    @property
    def seconds(self) -> int:
        """Until it is told."""
        return max(0, round((self.told_at - self.at).total_seconds()))

    @property
    def when(self) -> str:
        """ "when sending goes on", "at 14:31:20": true however long one looks at it."""
        if self.is_held:
            return "when sending goes on"
        return f"at {self.told_at.astimezone(settings().time_zone):%H:%M:%S}"

    @property
    def words(self) -> str:
        """ "sent 812 · waiting 469 · failed 3"; why nobody was told, where nobody was."""
        if not self.total and (self.can_be_cancelled or (self.is_held and self.goes_on)):
            return f"Followers are told {self.when}."
        if not self.total:
            return _WORDS.get(self.state, "Nobody follows it." if self.by_state == {} else "Followers were told.")
        numbers = (("sent", self.sent), ("waiting", self.waiting), ("failed", self.failed))
        return " · ".join(f"{word} {number:,}" for word, number in numbers if number or word == "sent")

    @property
    def goes_on(self) -> bool:
        return self.state in ("pending", "sending") or (self.state == "told" and self.waiting > 0)

    @property
    def is_live(self) -> bool:
        """Is it worth looking again in a moment?"""
        since = self.notification.released_at or self.notification.due_at
        return self.goes_on and not self.is_held and self.at - since < _PATIENCE

    @property
    def look_in(self) -> int:
        """Seconds until something will have changed."""
        return _EVERY + (self.seconds if self.state == "pending" else 0)


def progress(changes: Iterable[Change]) -> dict[int, Progress]:
    """By revision, of those that followers are told of: four questions, however many changes. Of the newest it is
    counted how many."""
    revisions = [change.revision for change in changes]
    chosen = Notification.revision.in_(revisions), Notification.audience == Audience.PUBLIC
    found = list(db.session.scalars(sa.select(Notification).where(*chosen).order_by(Notification.id.desc())))
    if not found:
        return {}
    counted = _counted([one.id for one in found if one.state in ("sending", "told", "stopped")][:_NEWEST])
    moments = _told_at({one.thing for one in found if one.state == "pending"}, this_moment())
    is_held = db.session.scalar(sa.select(Ledger.held_at)) is not None
    return {
        one.revision: Progress(one, this_moment(), moments.get(one.thing, one.due_at), is_held, counted.get(one.id))
        for one in found
        if one.revision is not None
    }


def _told_at(things: set[str], at: datetime) -> dict[str, datetime]:
    """When each of these is told, by all that waits of it and by what was told of it lately."""
    due = sa.case((Notification.state == "pending", Notification.due_at))
    rows = sa.select(Notification.thing, sa.func.min(due), sa.func.max(due), sa.func.max(Notification.released_at))
    matters = (Notification.state == "pending") | Notification.released_at.between(at - telling.BETWEEN, at)
    chosen = Notification.thing.in_(things), Notification.audience == Audience.PUBLIC, matters
    found = db.session.execute(rows.where(*chosen).group_by(Notification.thing)) if things else ()
    return {thing: telling.told_at(first, last, told) for thing, first, last, told in found if first}


def _counted(ids: list[int]) -> dict[int, dict[str, int]]:
    rows = sa.select(Delivery.notification_id, Delivery.state, sa.func.count())
    rows = rows.where(Delivery.notification_id.in_(ids)).group_by(Delivery.notification_id, Delivery.state)
    found: dict[int, dict[str, int]] = {id: {} for id in ids}
    for id, state, number in db.session.execute(rows) if ids else ():
        found[id][state] = number
    return found
