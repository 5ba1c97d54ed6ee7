"""What staff do for followers: a team's channels, and anybody's pause, choices and removal. No change that is recorded
holds an address, as the ledger is kept for ever and a follower may leave."""

from __future__ import annotations

from datetime import datetime

from dashboard.actions import direct
from dashboard.actions.follower_rows import (
    NOT_FAILING,
    RESUMED,
    Wants,
    choose,
    erase,
    following,
    new_salt,
    settle,
    wants_of,
)
from dashboard.actions.writing import Actor, Refused, Values, plain, same_version, writing
from dashboard.channels.message import Message
from dashboard.db import db
from dashboard.models import Change, Delivery, Follower

HERE = "This address is followed with already."
_GONE = "They have left meanwhile."


def add_channel(
    channel: str, address: str, name: str, wants: Wants, by: Actor, at: datetime, secret: str = ""
) -> Change | None:
    """A team's own, to which a test has been sent: that it arrived is its confirmation. None when this very channel is
    there already, as of a form that is sent twice."""
    with writing(by, at) as work:
        there = following(channel, address)
        if there is not None and there.is_staff and there.name == name:
            return None
        if there is not None:
            raise Refused("address", HERE)
        follower = Follower(
            channel=channel,
            address=address,
            is_staff=True,
            name=name,
            salt=new_salt(),
            secret=secret,
            asked_at=at,
            confirmed_at=at,
            created_at=at,
            **wants.columns(),
        )
        db.session.add(follower)
        db.session.flush()
        choose(follower.id, wants)
        said = {"channel": channel, "name": name, **_plain(wants), "version": follower.version}
        return work.record("follower.add", subject(follower), name, None, said)


def edit(follower_id: int, version: int, name: str, wants: Wants, by: Actor, at: datetime) -> Change | None:
    """What it is told of; only a team's channel has a name. None when it is so already."""
    with writing(by, at) as work:
        follower = _there(follower_id)
        before, after = _plain(wants_of(follower)), _plain(wants)
        beside = {key for key in ("sections", "components") if before[key] != after[key]}
        values: Values = wants.columns() | ({"name": name} if follower.is_staff else {})
        if not beside and all(getattr(follower, key) == value for key, value in values.items()):
            return None
        same_version(follower, version, subject(follower))
        choose(follower.id, wants)
        differing = {key: before[key] for key in beside}, {key: after[key] for key in beside}
        named = name if follower.is_staff else called(follower)
        return work.change(follower, values, "follower.edit", subject(follower), named, beside=differing)


def pause(follower_id: int, version: int, why: str, by: Actor, at: datetime) -> Change | None:
    """Nothing is sent until somebody resumes; what waits is given up, and may be sent again. None if it is paused."""
    with writing(by, at) as work:
        follower = _there(follower_id)
        if follower.paused_at is not None:
            return None
        same_version(follower, version, subject(follower))
        settle([follower.id], "dead", f"Paused by {by.name}.", at)
        values = {"paused_at": at, "paused_why": why, **NOT_FAILING}  # by a word
        return work.change(follower, values, "follower.suspend", subject(follower), called(follower))


def resume(follower_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Told again from now on, whatever failed before. None if it is not paused."""
    with writing(by, at) as work:
        follower = _there(follower_id)
        if follower.paused_at is None:
            return None
        same_version(follower, version, subject(follower))
        return work.change(follower, RESUMED, "follower.resume", subject(follower), called(follower))


def test(follower_id: int, message: Message, lane: str, by: Actor, at: datetime) -> Delivery:
    """One message to them alone. Raises Refused for who is not told of anything."""
    with writing(by, at):
        follower = _there(follower_id)
        if follower.confirmed_at is None or follower.paused_at is not None:
            raise Refused("", "Nothing is sent there now, and no test either.")
        return direct.tell(follower, message, lane, at)


def remove(follower_id: int, by: Actor, at: datetime) -> Change | None:
    """As if they had left by themselves: their address is erased. None if they have left."""
    with writing(by, at) as work:
        follower = db.session.get_one(Follower, follower_id)
        if follower.left_at is not None:
            return None
        name = called(follower)
        erase([follower.id], at)
        return work.record("follower.remove", subject(follower), name, {"left_at": None}, {"left_at": plain(at)})


def called(follower: Follower) -> str:
    """Its name, or a number: never its address."""
    return follower.name or f"number {follower.id}"


def subject(follower: Follower) -> str:
    return f"follower-{follower.id}"


def _plain(wants: Wants) -> Values:
    chosen = {"sections": sorted(wants.sections), "components": sorted(wants.components)}
    return {**wants.columns(), **(chosen if not wants.everything else {"sections": [], "components": []})}


def _there(follower_id: int) -> Follower:
    follower = db.session.get_one(Follower, follower_id)
    if follower.left_at is not None:
        raise Refused("", _GONE)
    return follower
