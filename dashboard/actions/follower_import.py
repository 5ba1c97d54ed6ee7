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
        here = _here(brought)
        new = [one for one in brought if here.get((one.channel, one.address)) is not True]
        erase(_waiting(new), at)
        for some in _batches(new):
            rows = sa.insert(Follower).returning(Follower.id, sort_by_parameter_order=True)
            ids = db.session.scalars(rows, [_row(one, at) for one in some]).all()
            follows = [row for id, one in zip(ids, some, strict=True) for row in one.wants.follows(id)]
            if follows:
                db.session.execute(sa.insert(Follow), follows)
        if new:
            work.record("follower.import", "followers", _numbered(len(new)), None, {"number": len(new)})
        return _taken(brought, new)


def ask(brought: Sequence[Brought], site: Site, by: Actor, at: datetime) -> Taken:
    """Each gets a link by which to confirm."""
    with writing(by, at) as work:
        here = _here(brought)
        new = [one for one in brought if here.get((one.channel, one.address)) is not True][:MOST_ASKED]
        for one in new:
            following.wait(Asked(one.channel, one.address, one.lane, one.about, one.wants), site, at)
        if new:
            work.record("follower.import", "followers", _numbered(len(new)), None, {"number": len(new), "asked": True})
        return _taken(brought, new)


def _here(brought: Sequence[Brought]) -> dict[tuple[str, str], bool]:
    """Which addresses are known: True if they are told, False if they have not confirmed."""
    found: dict[tuple[str, str], bool] = {}
    for some in _batches(brought):
        same = Follower.address.in_([one.address for one in some]), Follower.left_at.is_(None)
        rows = sa.select(Follower.channel, Follower.address, Follower.confirmed_at.is_not(None)).where(*same)
        for channel, address, is_told in db.session.execute(rows):
            found[channel, address] = found.get((channel, address), False) or is_told
    return found


def _waiting(new: Sequence[Brought]) -> list[int]:
    found: list[int] = []
    for some in _batches(new):
        same = Follower.address.in_([one.address for one in some]), Follower.confirmed_at.is_(None)
        found += db.session.scalars(sa.select(Follower.id).where(*same, Follower.left_at.is_(None)))
    return found


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
