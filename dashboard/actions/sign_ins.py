"""Signed-in browsers: begun, seen and ended. No Change rows: nothing that the world is told becomes true here."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.db import db, transaction
from dashboard.models import Person, SignIn
from dashboard.rules import text

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)


def token_hash(token: str) -> str:
    """What is kept of a token. Tokens are long and random, so a fast hash will do."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(24)


def is_live(row: SignIn, at: datetime) -> bool:
    return at < row.seen_at + IDLE and at < row.created_at + LONGEST


def start(person_id: int, at: datetime, address: str = "", browser: str = "") -> str:
    """A new sign-in; its token is for the cookie alone. Those that ran out are swept away."""
    token = new_token()
    row = SignIn(
        token_hash=token_hash(token),
        person_id=person_id,
        created_at=at,
        seen_at=at,
        address=address,
        browser=text.clean_line(browser)[: text.LINE],
    )
    over = sa.or_(SignIn.seen_at <= at - IDLE, SignIn.created_at <= at - LONGEST)
    with transaction():
        db.session.execute(sa.delete(SignIn).where(over))
        db.session.add(row)
    return token


def seen(hash_: str, at: datetime) -> None:
    with transaction():
        db.session.execute(sa.update(SignIn).where(SignIn.token_hash == hash_).values(seen_at=at))


def end(person_id: int, hash_: str) -> None:
    """One of this person's sign-ins; another's is left alone."""
    with transaction():
        db.session.execute(sa.delete(SignIn).where(SignIn.person_id == person_id, SignIn.token_hash == hash_))


def end_all(person_id: int, but: str = "") -> None:
    """Every sign-in of this person, or all but one."""
    with transaction():
        delete_all(person_id, but)


def delete_all(person_id: int, but: str = "") -> None:
    """The same within a transaction that is open already."""
    db.session.execute(sa.delete(SignIn).where(SignIn.person_id == person_id, SignIn.token_hash != but))


def rehash(person_id: int, old: str, new: str) -> None:
    """The same password, hashed with today's figures; unless it was changed meanwhile."""
    with transaction():
        same = sa.update(Person).where(Person.id == person_id, Person.password_hash == old)
        db.session.execute(same.values(password_hash=new))
