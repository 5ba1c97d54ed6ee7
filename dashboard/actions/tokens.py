"""Tokens by which programs read private toggles. A token itself is told once and kept nowhere."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.sign_ins import new_token, token_hash
from dashboard.actions.writing import Actor, Refused, writing
from dashboard.db import db
from dashboard.models import Change, Token

BEGINS = "signpost_"  # so that who finds one in a file or a log knows what it opens


def add(name: str, by: Actor, at: datetime) -> str:
    """The token. Raises Refused for a name that another one has: one could not tell which to revoke."""
    with writing(by, at) as work:
        if live(name) is not None:
            raise Refused("name", f"There is a token called {name}. Revoke it, or choose another name.")
        token = f"{BEGINS}{new_token()}"
        row = Token(name=name, digest=token_hash(token), created_by=by.name, created_at=at)
        db.session.add(row)
        db.session.flush()
        work.record("token.create", f"token-{row.id}", name)
        return token


def revoke(token_id: int, by: Actor, at: datetime) -> Change | None:
    """From now on it opens nothing, for good; None when it was revoked already."""
    with writing(by, at) as work:
        row = db.session.get_one(Token, token_id)
        if row.revoked_at is not None:
            return None
        return work.change(row, {"revoked_at": at}, "token.revoke", f"token-{row.id}", row.name)


def live(name: str) -> Token | None:
    """The one of this name that still opens something."""
    return db.session.scalar(sa.select(Token).where(Token.name == name, Token.revoked_at.is_(None)))
