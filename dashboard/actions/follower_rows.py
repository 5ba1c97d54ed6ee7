"""What a follower wants to be told of, and the rows that it is kept in; within a transaction of somebody else's."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.actions.writing import Values
from dashboard.db import db
from dashboard.models import Delivery, Follow, Follower

NOT_FAILING: Values = {"failing_since": None, "bounces": 0}
RESUMED: Values = {"paused_at": None, "paused_why": "", **NOT_FAILING}


@dataclass(frozen=True, slots=True)
class Wants:
    """Everything, or these sections and components, by their ids. ``zone`` is "" for the page's."""

    everything: bool = False
    sections: frozenset[int] = frozenset()
    components: frozenset[int] = frozenset()
    problems: bool = True
    planned: bool = True
    zone: str = ""

    @property
    def names_any(self) -> bool:
        return bool(self.everything or self.sections or self.components)

    def columns(self) -> Values:
        names = ("everything", "problems", "planned", "zone")
        return {name: getattr(self, name) for name in names}

    def follows(self, follower_id: int) -> list[dict[str, Any]]:
        """Of who follows everything there are none."""
        if self.everything:
            return []
        nothing = {"follower_id": follower_id, "section_id": None, "component_id": None, "incident_id": None}
        sections = [{**nothing, "section_id": id} for id in sorted(self.sections)]
        return sections + [{**nothing, "component_id": id} for id in sorted(self.components)]


def wants_of(follower: Follower) -> Wants:
    rows = db.session.scalars(sa.select(Follow).where(Follow.follower_id == follower.id)).all()
    return Wants(
        everything=follower.everything,
        sections=frozenset(row.section_id for row in rows if row.section_id),
        components=frozenset(row.component_id for row in rows if row.component_id),
        problems=follower.problems,
        planned=follower.planned,
        zone=follower.zone,
    )


def choose(follower_id: int, wants: Wants) -> None:
    """Its sections and components are these from now on; the incidents that it follows stay."""
    old = sa.delete(Follow).where(Follow.follower_id == follower_id, Follow.incident_id.is_(None))
    db.session.execute(old.execution_options(synchronize_session=False))
    if rows := wants.follows(follower_id):
        db.session.execute(sa.insert(Follow), rows)


def erase(ids: Iterable[int], at: datetime) -> None:
    """They have left: nothing of them is kept but that there was somebody, so that their links say so, and nothing is
    sent to them any more."""
    these = list(ids)
    db.session.execute(
        sa.update(Follower)
        .where(Follower.id.in_(these), Follower.left_at.is_(None))
        .values(address="", name="", contact="", secret="", old_secret="", left_at=at)
        .values(version=Follower.version + 1)
        .execution_options(synchronize_session="fetch")
    )
    db.session.execute(sa.delete(Follow).where(Follow.follower_id.in_(these)))
    answered = sa.update(Delivery).where(Delivery.follower_id.in_(these), Delivery.answer != "")
    db.session.execute(answered.values(answer=""))  # mail servers repeat the address
    settle(these, "skipped", "They have left.", at)


def settle(ids: Iterable[int], state: str, answer: str, at: datetime) -> None:
    """What waits for these comes to this, without another try."""
    waiting = sa.update(Delivery).where(Delivery.follower_id.in_(tuple(ids)), Delivery.state == "waiting")
    db.session.execute(waiting.values(state=state, answer=answer, done_at=at))


def following(channel: str, address: str) -> Follower | None:
    """Who is told by it, of whom there is one at the most."""
    same = Follower.channel == channel, Follower.address == address, Follower.left_at.is_(None)
    return db.session.scalar(sa.select(Follower).where(*same, Follower.confirmed_at.is_not(None)))


def new_salt() -> str:
    return secrets.token_urlsafe(16)
