"""Accounts: set-up, invitations, roles."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.sign_ins import new_token, token_hash
from dashboard.actions.writing import Actor, writing
from dashboard.db import db
from dashboard.models import Person


def open_setup(by: Actor, at: datetime) -> str | None:
    """A new one-time token for ``/setup/<token>``, in place of an earlier one; None once anybody has an account."""
    with writing(by, at) as work:
        if db.session.scalar(sa.select(Person.id).limit(1)):
            return None
        token = new_token()
        work.ledger.setup_hash = token_hash(token)
        return token
