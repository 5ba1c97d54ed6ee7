"""What followers do for themselves: ask, confirm, change what they are told of, and leave. No change is recorded of it:
an address must not stand in a ledger that is kept for ever.

Whoever asks becomes a row that waits, whether the address is told already or not; once it is confirmed, what it asks
for is added to the row that is. When a delivery of the kind "challenge" was sent, the endpoint has answered it: whoever
sends calls `confirmed` then.
"""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

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
from dashboard.actions.writing import SIGNPOST, same_version, writing
from dashboard.channels.message import Link, Message
from dashboard.db import db
from dashboard.links import Links
from dashboard.models import Delivery, Follow, Follower, Notification
from dashboard.rules.inbox import inbox
from dashboard.rules.telling import MAIL

LINK_LASTS = timedelta(hours=24)
AGAIN_AFTER = timedelta(hours=24)  # between two links to confirm that nobody used, to one address
WAITS = timedelta(days=3)  # for a confirmation, before the address is erased
OLD_SECRET_LASTS = timedelta(hours=24)
OLD_SECRETS = 4  # that sign beside the newest
WEBHOOK = "webhook"
MOST = 500  # rows that one sweep takes

YOU_PAUSED = "You paused it."
PAUSED = "Updates from {site} are paused"
WHY_PAUSED = "What we send to {host} does not arrive, so nothing more is sent there."
AND_NOW = "Once it works again, use this link to resume."
TITLE = "Confirm that you want updates from {site}"
ASKED = (
    "Somebody, we hope you, asked for updates about {about}, to be sent here. If they are sent here already, this adds "
    "to them."
)
NOT_YOU = "The link works for 24 hours. If you did not ask, do nothing: nothing more is sent."


@dataclass(frozen=True, slots=True)
class Site:
    name: str
    links: Links


@dataclass(frozen=True, slots=True)
class Asked:
    """``address`` and ``lane`` as the channel has them; ``about`` is what is wanted, in words."""

    channel: str
    address: str
    lane: str
    about: str
    wants: Wants
    incidents: frozenset[int] = frozenset()
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook that waits for its challenge. The secret is told here, and never again."""

    follower_id: int
    salt: str
    secret: str


class Left(Exception):
    """They follow nothing any more."""


def ask(asked: Asked, site: Site, at: datetime) -> None:
    with writing(SIGNPOST, at):
        wait(asked, site, at)


def wait(asked: Asked, site: Site, at: datetime) -> None:
    """Within a transaction: a link to confirm goes to the address, unless one that was not used went there within a
    day."""
    follower = _waiting(asked.channel, asked.address)
    is_due = follower is None or at - follower.asked_at >= AGAIN_AFTER
    follower = follower or _new(asked, at)
    _add(follower, asked.wants, asked.incidents)
    follower.contact = follower.contact or asked.contact
    if is_due:
        follower.asked_at, follower.salt = at, new_salt()
        direct.tell(follower, _to_confirm(follower, asked.about, site, at), asked.lane, at)


def ask_endpoint(asked: Asked, at: datetime) -> Endpoint:
    """Each that asks for a webhook has a secret of its own, so that nobody learns another's. Nothing is posted yet."""
    with writing(SIGNPOST, at):
        follower = _new(asked, at)
        follower.secret = new_secret()
        _add(follower, asked.wants, asked.incidents)
        return Endpoint(follower.id, follower.salt, follower.secret)


def challenge(follower_id: int, lane: str, site: Site, at: datetime) -> None:
    """Post a challenge to the endpoint; one that is under way is given up. Raises Left."""
    with writing(SIGNPOST, at):
        follower = _there(follower_id)
        if follower.confirmed_at is None:
            settle([follower.id], "skipped", "Another challenge was sent.", at)
            follower.asked_at = at
            direct.tell(follower, _challenge(site, at), lane, at)


def confirmed(follower_id: int, at: datetime) -> int | None:
    """The address is theirs who asked. The id of the follower who is told now: another one's, if that had the address
    already. None when the link is too old, was used, or they have left."""
    with writing(SIGNPOST, at):
        follower = db.session.get(Follower, follower_id)
        if follower is None or follower.confirmed_at or follower.left_at or at - follower.asked_at > LINK_LASTS:
            return None
        known = following(follower.channel, follower.address)
        if known is None:
            follower.confirmed_at = at
            return follower.id
        if not known.is_staff:  # a team's own channel is what its admin chose
            _merge(follower, known)
        erase([follower.id], at)
        return known.id


def edit(follower_id: int, version: int, wants: Wants, let_go: frozenset[int], contact: str, at: datetime) -> None:
    """They are told of this from now on, and of these incidents no more. Raises Left, or Conflict."""
    with writing(SIGNPOST, at):
        follower = _there(follower_id)
        same_version(follower, version, f"follower-{follower.id}")
        for name, value in wants.columns().items():
            setattr(follower, name, value)
        follower.contact = contact
        flag_modified(follower, "created_at")  # another version, even when no column differs
        choose(follower.id, wants)
        followed = sa.update(Follow).where(Follow.follower_id == follower.id, Follow.incident_id.in_(let_go))
        db.session.execute(followed.values(let_go=True))


def pause(follower_id: int, at: datetime) -> None:
    """Nothing is sent until they resume, nor what waits now. Raises Left."""
    with writing(SIGNPOST, at):
        follower = _there(follower_id)
        if follower.paused_at is None:
            follower.paused_at, follower.paused_why = at, YOU_PAUSED
            for name, value in NOT_FAILING.items():  # by their word: no replay resumes it
                setattr(follower, name, value)
            settle([follower.id], "skipped", "The follower paused.", at)


def resume(follower_id: int, at: datetime) -> None:
    """Told again from now on, whatever failed before. Raises Left."""
    with writing(SIGNPOST, at):
        _resume(_there(follower_id))


def rotate(follower_id: int, at: datetime) -> str:
    """Another secret, told once; the one before signs too for a day, and those that did so until now: who presses twice
    has not put the first into use. Raises Left."""
    with writing(SIGNPOST, at):
        follower = _there(follower_id)
        is_used = follower.old_secret_until is not None and at < follower.old_secret_until
        older = follower.old_secret.split()[: OLD_SECRETS - 1] if is_used else []
        follower.old_secret, follower.old_secret_until = " ".join([follower.secret, *older]), at + OLD_SECRET_LASTS
        follower.secret = new_secret()
        return follower.secret


def stop(follower_id: int, at: datetime) -> None:
    """Their address is erased, and the secrets with it. Twice is once."""
    with writing(SIGNPOST, at):
        erase([follower_id], at)


def sweep(at: datetime) -> int:
    """Addresses that nobody confirmed are erased; how many."""
    old = sa.select(Follower.id).where(Follower.confirmed_at.is_(None), Follower.left_at.is_(None))
    old = old.where(Follower.asked_at < at - WAITS).limit(MOST)
    if db.session.scalars(old.limit(1)).first() is None:
        return 0
    with writing(SIGNPOST, at):
        ids = db.session.scalars(old).all()
        erase(ids, at)
    return len(ids)


def tell_owners(site: Site, at: datetime) -> int:
    """Whoever left an address of mail with a webhook is told once when nothing arrives there; how many. Nobody has
    confirmed that address, so its inbox gets one such letter a day, however many endpoints name it."""
    if not _owners(at):
        db.session.rollback()
        return 0
    with writing(SIGNPOST, at):
        owners = db.session.scalars(sa.select(Follower).where(Follower.id.in_(_owners(at)))).all()
        for follower in owners:
            direct.tell(follower, _paused(follower, site, at), MAIL, at)
    return len(owners)


def _owners(at: datetime) -> list[int]:
    """Of each inbox that had no such letter today, the first that is silent."""
    today, first = {inbox(contact) for contact in db.session.scalars(_told_today(at))}, dict[str, int]()
    for id, contact in db.session.execute(_silent().order_by(Follower.id)):
        if inbox(contact) not in today:
            first.setdefault(inbox(contact), id)
    return list(first.values())[:MOST]


def _silent() -> sa.Select[int, str]:
    thing = sa.literal("follower-") + sa.cast(Follower.id, sa.Text)
    told = sa.exists().where(Notification.thing == thing, Notification.made_at >= Follower.paused_at)
    found = sa.select(Follower.id, Follower.contact).where(Follower.paused_at.is_not(None))
    found = found.where(Follower.failing_since.is_not(None), Follower.contact != "", Follower.left_at.is_(None))
    return found.where(Follower.paused_why != YOU_PAUSED, ~told.where(Notification.kind == "paused"))


def _told_today(at: datetime) -> sa.Select[str]:
    today = sa.select(Follower.contact).join(Delivery, Delivery.follower_id == Follower.id)
    today = today.join(Notification, Notification.id == Delivery.notification_id)
    today = today.where(Notification.state == "told", Notification.due_at > at - AGAIN_AFTER)
    return today.where(Notification.kind == "paused")


def new_secret() -> str:
    """As Standard Webhooks writes it: 256 bits."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def _new(asked: Asked, at: datetime) -> Follower:
    follower = Follower(
        channel=asked.channel,
        address=asked.address,
        contact=asked.contact,
        everything=False,
        problems=False,
        planned=False,
        salt=new_salt(),
        asked_at=at,
        created_at=at,
    )
    db.session.add(follower)
    db.session.flush()
    return follower


def _add(follower: Follower, wants: Wants, incidents: frozenset[int]) -> None:
    """What is asked for twice is wanted together. Who asks for an incident asks for nothing else."""
    if wants.names_any:
        for name in ("everything", "problems", "planned"):
            setattr(follower, name, getattr(follower, name) or getattr(wants, name))
    follower.zone = wants.zone or follower.zone or ""
    before = wants_of(follower)
    both = Wants(sections=before.sections | wants.sections, components=before.components | wants.components)
    if not wants.everything:
        choose(follower.id, both)
    again = sa.update(Follow).where(Follow.follower_id == follower.id, Follow.incident_id.in_(incidents))
    db.session.execute(again.values(let_go=False))
    known = set(db.session.scalars(_incidents_of(follower)))
    for id in sorted(incidents - known):
        db.session.add(Follow(follower_id=follower.id, incident_id=id))
    db.session.flush()


def _merge(follower: Follower, into: Follower) -> None:
    """Not the address of mail: it would be sent the key to what is another's."""
    _add(into, wants_of(follower), frozenset(found for found in db.session.scalars(_incidents_of(follower)) if found))
    if into.channel != WEBHOOK or into.paused_why != YOU_PAUSED:  # a machine that answers says nothing of a pause
        _resume(into)


def _incidents_of(follower: Follower) -> sa.Select[int | None]:
    followed = Follow.follower_id == follower.id, Follow.incident_id.is_not(None), Follow.let_go.is_(sa.false())
    return sa.select(Follow.incident_id).where(*followed)


def _resume(follower: Follower) -> None:
    for name, value in RESUMED.items():
        setattr(follower, name, value)


def _there(follower_id: int) -> Follower:
    follower = db.session.get(Follower, follower_id)
    if follower is None or follower.left_at is not None:
        raise Left
    return follower


def _waiting(channel: str, address: str) -> Follower | None:
    same = Follower.channel == channel, Follower.address == address, Follower.left_at.is_(None)
    found = sa.select(Follower).where(*same, Follower.confirmed_at.is_(None))
    return db.session.scalars(found.order_by(Follower.id.desc()).limit(1)).first()


def _to_confirm(follower: Follower, about: str, site: Site, at: datetime) -> Message:
    return Message(
        kind="confirm",
        thing=f"follower-{follower.id}",
        look="op",
        title=TITLE.format(site=site.name),
        lines=(ASKED.format(about=about), NOT_YOU),
        link=Link("Confirm", site.links.confirm(follower.id, follower.salt)),
        at=at,
    )


def _paused(follower: Follower, site: Site, at: datetime) -> Message:
    host = urlsplit(follower.address).hostname or ""
    return Message(
        kind="paused",
        thing=f"follower-{follower.id}",
        look="unknown",
        title=PAUSED.format(site=site.name),
        lines=(WHY_PAUSED.format(host=host), AND_NOW),
        link=Link("Resume or change it", site.links.manage(follower.id, follower.salt)),
        at=at,
    )


def _challenge(site: Site, at: datetime) -> Message:
    return Message(
        kind="challenge",
        thing="",
        look="op",
        title=f"{site.name} asks whether this address wants its updates",
        lines=(),
        link=Link("What this is", f"{site.links.public_url}/follow/"),
        at=at,
        wire={"challenge": secrets.token_urlsafe(24)},
    )
