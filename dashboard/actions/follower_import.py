"""Taking in followers that somebody kept elsewhere: all that are right, at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.actions import following
from dashboard.actions.follower_rows import Wants, erase, new_salt
from dashboard.actions.following import Asked, Site
from dashboard.actions.writing import Actor, writing
from dashboard.db import db
from dashboard.models import Follow, Follower

MOST_ASKED = 500  # in one file: each is a mail to somebody who may not expect it
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Brought:
    """A line of the file, by its number. ``about`` is what it follows, in words."""

    line: int
    channel: str
    address: str
    wants: Wants
    about: str
    lane: str
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many are new; the lines of those who were here already."""

    number: int
    known: tuple[int, ...]


def take(brought: Sequence[Brought], by: Actor, at: datetime) -> Taken:
    """They agreed elsewhere, and are told from now on. Who was asked here and has not answered need not any more."""
    with writing(by, at) as work:
        new, waiting = _new(brought)
        erase(waiting, at)
        if new:
            _add(new, at)
            work.record("follower.import", "followers", _numbered(len(new)), None, {"number": len(new)})
        return _taken(brought, new)


def ask(brought: Sequence[Brought], site: Site, by: Actor, at: datetime) -> Taken:
    """Each gets a link by which to confirm."""
    with writing(by, at) as work:
        new, _ = _new(brought[:MOST_ASKED])
        for one in new:
            following.wait(Asked(one.channel, one.address, one.lane, one.about, one.wants), site, at)
        if new:
            work.record("follower.import", "followers", _numbered(len(new)), None, {"number": len(new), "asked": True})
        return _taken(brought, new)


def _add(new: Sequence[Brought], at: datetime) -> None:
    """Past the ORM: others wait to write meanwhile. Each salt is another, so that it tells whose id is whose."""
    connection = db.session.connection()
    last = db.session.scalar(sa.select(sa.func.max(Follower.id))) or 0
    rows = [_row(one, at) for one in new]
    connection.execute(sa.insert(Follower.__table__), rows)  # type: ignore[arg-type]
    ids = dict(db.session.execute(sa.select(Follower.salt, Follower.id).where(Follower.id > last)).all())
    follows = [row for one, kept in zip(new, rows, strict=True) for row in one.wants.follows(ids[kept["salt"]])]
    if follows:
        connection.execute(sa.insert(Follow.__table__), follows)  # type: ignore[arg-type]


def _new(brought: Sequence[Brought]) -> tuple[list[Brought], list[int]]:
    """Those who are not told here yet; and the ids of those among them who were asked and have not answered."""
    told, waiting = set[tuple[str, str]](), dict[tuple[str, str], list[int]]()
    for channel in sorted({one.channel for one in brought}):
        for some in _batches([one for one in brought if one.channel == channel]):
            same = Follower.channel == channel, Follower.address.in_([one.address for one in some])
            rows = sa.select(Follower.id, Follower.address, Follower.confirmed_at).where(*same)
            for id, address, confirmed_at in db.session.execute(rows.where(Follower.left_at.is_(None))):
                if confirmed_at:
                    told.add((channel, address))
                else:
                    waiting.setdefault((channel, address), []).append(id)
    new = [one for one in brought if (one.channel, one.address) not in told]
    return new, [id for one in new for id in waiting.get((one.channel, one.address), ())]


def _row(one: Brought, at: datetime) -> dict[str, Any]:
    return {
        "channel": one.channel,
        "address": one.address,
        "salt": new_salt(),
        "secret": following.new_secret() if one.channel == "webhook" else "",
        "asked_at": one.confirmed_at or at,
        "confirmed_at": one.confirmed_at or at,
        "created_at": at,
        "version": 1,
        **one.wants.columns(),
    }


def _taken(brought: Sequence[Brought], new: Sequence[Brought]) -> Taken:
    lines = {one.line for one in new}
    return Taken(len(new), tuple(one.line for one in brought if one.line not in lines))


def _numbered(number: int) -> str:
    return "1 address" if number == 1 else f"{number:,} addresses"


def _batches(brought: Sequence[Brought]) -> Iterator[Sequence[Brought]]:
    return (brought[start : start + _AT_ONCE] for start in range(0, len(brought), _AT_ONCE))
