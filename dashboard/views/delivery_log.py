"""What became of what was told: one notification's deliveries, one follower's, and those that were given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from dashboard.actions.sending import KEPT
from dashboard.channels import CHANNELS, words
from dashboard.channels.message import Letter, Message, Recipient
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Change, Delivery, Follower, Ledger, Notification
from dashboard.views.deeds import deed
from dashboard.views.words import this_moment

MOST, FEW = 100, 30
LOOKS = {"waiting": "maint", "sent": "op", "dead": "major", "skipped": "unknown"}
WORDS = {"waiting": "Waiting", "sent": "Sent", "dead": "Given up", "skipped": "Not sent"}
STATES = {
    "pending": "To be told",
    "sending": "Is being told",
    "told": "Told",
    "stopped": "Stopped: it is sent to nobody else",
    "cancelled": "Cancelled: nobody was told",
    "folded": "What came after it was told instead",
    "void": "There was nothing to say",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery, with what it tells and, where that is not clear, whom."""

    delivery: Delivery
    notification: Notification
    follower: Follower | None = None

    @property
    def title(self) -> str:
        return title(self.notification, None)

    @property
    def look(self) -> str:
        return "degraded" if self.is_again else LOOKS[self.delivery.state]

    @property
    def words(self) -> str:
        return "Next try" if self.is_again else WORDS[self.delivery.state]

    @property
    def is_again(self) -> bool:
        return self.delivery.state == "waiting" and self.delivery.tries > 0

    @property
    def at(self) -> datetime:
        """When it was done; when it is tried next, if it was not."""
        return self.delivery.done_at or self.delivery.due_at


@dataclass(frozen=True, slots=True)
class News:
    """What is told to many. ``has_reached``: there is a delivery of it, or was before they were forgotten."""

    told: Notification
    title: str
    has_reached: bool

    @property
    def state(self) -> str:
        if self.told.state == "told" and not self.has_reached:
            return "Nobody to tell"
        return STATES[self.told.state]


@dataclass(slots=True)
class Progress:
    """How many deliveries are in each state, of one channel or of all."""

    sent: int = 0
    waiting: int = 0
    dead: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        return self.sent + self.waiting + self.dead


def title(notification: Notification, change: Change | None) -> str:
    """What is said, with its times in the page's zone; before that is known, what was done."""
    if notification.message is None:
        return f"{change.actor} {deed(change)}" if change else notification.kind
    zone = settings().time_zone.key
    message = msgspec.convert(notification.message, Message)
    to = Recipient("", "", zone, "", "")
    return words.told(Letter("", message, to, "", notification.released_at or notification.made_at)).title


def of_follower(follower_id: int) -> list[Line]:
    """The newest first."""
    rows = _lines().where(Delivery.follower_id == follower_id).order_by(Delivery.id.desc()).limit(MOST)
    return [Line(delivery, told) for delivery, told, _ in db.session.execute(rows)]


def failing(notification_id: int) -> list[Line]:
    """Those of one notification that did not arrive, and those that did not yet."""
    is_wrong = (Delivery.state == "dead") | ((Delivery.state == "waiting") & (Delivery.tries > 0))
    rows = _lines().where(Delivery.notification_id == notification_id, is_wrong).order_by(Delivery.id.desc())
    return [Line(*row) for row in db.session.execute(rows.limit(MOST))]


def dead() -> list[Line]:
    rows = _lines().where(*_CAN_GO_AGAIN).order_by(Delivery.id.desc()).limit(FEW)
    return [Line(*row) for row in db.session.execute(rows)]


def dead_ids(follower_id: int | None, most: int) -> list[int]:
    """What can be sent again, of one follower or of all; the oldest first."""
    rows = sa.select(Delivery.id).join(Follower, Follower.id == Delivery.follower_id).where(*_CAN_GO_AGAIN)
    if follower_id is not None:
        rows = rows.where(Delivery.follower_id == follower_id)
    return list(db.session.scalars(rows.order_by(Delivery.id).limit(most)))


def dead_count() -> int:
    rows = sa.select(sa.func.count()).select_from(Delivery).join(Follower, Follower.id == Delivery.follower_id)
    return db.session.scalar(rows.where(*_CAN_GO_AGAIN)) or 0


def waiting_count() -> int:
    waits = Delivery.state == sa.literal_column("'waiting'")
    return db.session.scalar(sa.select(sa.func.count()).select_from(Delivery).where(waits)) or 0


def to_tell_count() -> int:
    """Changes for which nobody's delivery, or not everybody's, is there yet."""
    rows = sa.select(sa.func.count(Notification.revision.distinct()))
    return db.session.scalar(rows.where(Notification.state.in_(("pending", "sending")))) or 0


def progress(notification_id: int) -> dict[str, Progress]:
    """By channel, in the order of the table; only those by which somebody was to be told."""
    channel = sa.case(*((Delivery.lane.startswith(name), name) for name in CHANNELS), else_="")
    rows = sa.select(channel, Delivery.state, sa.func.count()).where(Delivery.notification_id == notification_id)
    found: dict[str, Progress] = defaultdict(Progress)
    for name, state, number in db.session.execute(rows.group_by(channel, Delivery.state)):
        setattr(found[name], state, number)
    return {name: found[name] for name in (*CHANNELS, "") if name in found}


def total(parts: Iterable[Progress]) -> Progress:
    each = [(one.sent, one.waiting, one.dead, one.skipped) for one in parts]
    return Progress(*map(sum, zip(*each, strict=True))) if each else Progress()


def lately(before: int | None, most: int, to: str = "") -> list[News]:
    """What was told to many, or ``to`` one audience, the newest first; without what something else says for it."""
    whom = Notification.audience == to if to else Notification.audience != "one"
    rows = (
        _news().where(whom, Notification.state.not_in(("folded", "void"))).order_by(Notification.id.desc()).limit(most)
    )
    found = db.session.execute(rows if before is None else rows.where(Notification.id < before))
    return [News(told, title(told, change), has_reached) for told, change, has_reached in found]


def news(notification_id: int) -> News | None:
    """None if there is no such notification, or it was told to one alone."""
    chosen = Notification.id == notification_id, Notification.audience != "one"
    row = db.session.execute(_news().where(*chosen)).one_or_none()
    return News(row[0], title(row[0], row[1]), row[2]) if row else None


def held_since() -> datetime | None:
    return db.session.scalar(sa.select(Ledger.held_at))


# Literally as it stands in the index, or SQLite does not use that.
_CAN_GO_AGAIN = (Delivery.state == sa.literal_column("'dead'"), Follower.left_at.is_(None))


def _lines() -> sa.Select[Delivery, Notification, Follower]:
    told = sa.select(Delivery, Notification, Follower).join(Notification, Notification.id == Delivery.notification_id)
    return told.join(Follower, Follower.id == Delivery.follower_id)


def _news() -> sa.Select[Notification, Change, bool]:
    has_reached = sa.exists().where(Delivery.notification_id == Notification.id)
    is_forgotten = Notification.made_at < this_moment() - KEPT
    rows = sa.select(Notification, Change, has_reached | is_forgotten)
    return rows.outerjoin(Change, Change.revision == Notification.revision)
