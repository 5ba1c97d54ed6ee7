"""What becomes of a notification that waits: released to be sent, folded into a later one, void, or cancelled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.actions.outbox import new_key
from dashboard.actions.writing import PAGERDUTY, SIGNPOST, Actor, Values, writing
from dashboard.db import db
from dashboard.models import Change, Notification
from dashboard.rules.telling import BRINGS_BACK, OWN_WORDS, UNDO, Audience

_LEFT = ("sending", "told", "stopped", "folded")


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, to whom and of what, as JSON values. ``replaces``: it says how all of its thing stands, so that
    the last of such is enough."""

    message: Values
    reach: Values
    said: Values | None
    is_planned: bool
    replaces: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """Those of one thing that are due, the oldest first; ``words`` None: there is nothing to say. ``has_more``: there
    will be, of the same thing."""

    ids: tuple[int, ...]
    words: Words | None
    has_more: bool = False


def release(found: Sequence[Release], at: datetime) -> int:
    """How many are to be sent. Where one was cancelled or released meanwhile, its whole thing waits for next time."""
    if not found:
        return 0
    with writing(SIGNPOST, at):
        return sum(_release(one, at) for one in found)


def _release(one: Release, at: datetime) -> bool:
    chosen = sa.select(Notification).where(Notification.id.in_(one.ids), Notification.state == "pending")
    rows = list(db.session.scalars(chosen.order_by(Notification.id).with_for_update()))
    if len(rows) < len(one.ids):
        return False
    for row in rows:
        row.state = "folded" if one.words else "void"
    newest = rows[-1]
    if one.has_more and not _waits(newest.thing):
        same = {name: getattr(newest, name) for name in ("revision", "kind", "by", "thing")}
        db.session.add(_made(at, at, **same))
    if one.words is None:
        return False
    newest.state, newest.released_at = "sending", at
    newest.message, newest.reach, newest.said = one.words.message, one.words.reach, one.words.said
    newest.is_planned, newest.replaces = one.words.is_planned, one.words.replaces
    return True


def _waits(thing: str) -> bool:
    waiting = Notification.thing == thing, Notification.audience == Audience.PUBLIC, Notification.state == "pending"
    return db.session.scalar(sa.select(sa.exists().where(*waiting))) or False


def _made(at: datetime, due_at: datetime, **given: Any) -> Notification:
    return Notification(key=new_key(), audience=Audience.PUBLIC, made_at=at, due_at=due_at, **given)


def owe(found: Mapping[str, str], at: datetime) -> int:
    """What people are to be told of these things, by the kind of it, though no change of theirs says so; how many. A
    minute later, as all else: what brought it about may be taken back. Not where it waits to be told, or somebody
    wanted it to be told to nobody."""
    if not found:
        return 0
    with writing(SIGNPOST, at):
        new = [thing for thing in found if not _is_settled(thing)]
        db.session.add_all(_made(at, at + UNDO, thing=thing, kind=found[thing], by=SIGNPOST.name) for thing in new)
    return len(new)


def _is_settled(thing: str) -> bool:
    """By the newest that says something of it: what came to nothing does not, nor what was wanted to be told to nobody
    and brought nothing back."""
    is_quiet = (Notification.state == "cancelled") & Notification.kind.not_in(BRINGS_BACK)
    to_public = Notification.thing == thing, Notification.audience == Audience.PUBLIC
    rows = sa.select(Notification.state).where(*to_public, Notification.state.not_in(("void", "folded")), ~is_quiet)
    newest = db.session.scalar(rows.order_by(Notification.id.desc()).limit(1))
    return newest in ("pending", "cancelled")


def put_off(ids: Iterable[int], until: datetime, at: datetime) -> None:
    """Of those for which no words could be found: others go on meanwhile."""
    with writing(SIGNPOST, at):
        waiting = Notification.id.in_(tuple(ids)), Notification.state == "pending"
        db.session.execute(sa.update(Notification).where(*waiting).values(due_at=until))


def cancel(revision: int, by: Actor, at: datetime) -> Change | None:
    """Nobody is told of this change, nor of what the same person did along with it; None where that is too late: some
    of it left, or a message of the same thing did, which told how that stands then."""
    with writing(by, at) as work:
        change = db.session.scalar(sa.select(Change).where(Change.revision == revision))
        if change is None:
            return None
        to_public = Notification.revision.in_(along_with(change)), Notification.audience == Audience.PUBLIC
        rows = list(db.session.scalars(sa.select(Notification).where(*to_public)))
        waiting = [row for row in rows if row.state == "pending"]
        stands = {row.thing for row in rows if not row.thing.startswith(OWN_WORDS)}
        if not waiting or any(row.state in _LEFT for row in rows) or _is_told(stands, change.at, at):
            return None
        owed = Notification.thing.in_(stands), Notification.revision.is_(None), Notification.state == "pending"
        for row in (*waiting, *db.session.scalars(sa.select(Notification).where(*owed))):
            row.state = "cancelled"
        return work.record("notification.cancel", change.subject, change.subject_name, section_id=change.section_id)


def along_with(change: Change) -> sa.Select[int]:
    """The revisions of what the same person did at once. What a poll or the clock does at once is not one deed."""
    if change.actor in (PAGERDUTY.name, SIGNPOST.name):
        return sa.select(Change.revision).where(Change.id == change.id)
    return sa.select(Change.revision).where(Change.at == change.at, Change.actor == change.actor)


def _is_told(things: Collection[str], since: datetime, at: datetime) -> bool:
    return any(audience == Audience.PUBLIC for _, audience in last_told(things, since, at))


def last_told(things: Collection[str], since: datetime, at: datetime) -> dict[tuple[str, str], datetime]:
    """By thing and audience, of those that were told of since then. A clock that once ran ahead counts for nothing."""
    if not things:
        return {}
    which, last = (Notification.thing, Notification.audience), sa.func.max(Notification.released_at)
    lately = Notification.thing.in_(things), Notification.released_at.between(since, at)
    rows = db.session.execute(sa.select(*which, last).where(*lately).group_by(*which))
    return {(thing, audience): told for thing, audience, told in rows if told}
