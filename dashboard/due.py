"""Is there anything to send? What the outbox asks first, every other second, before it loads what sending takes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.db import db
from dashboard.models import Delivery, Ledger, Notification


def anything(at: datetime) -> bool:
    """Something to find words for, somebody who has no delivery yet, or a delivery: by the first of all that wait, or
    PostgreSQL would look for one that is due wherever it likes. Not while all sending is held."""
    is_pending = (Notification.state == "pending") & (Notification.due_at <= at)
    waits = Delivery.state == sa.literal_column("'waiting'")
    first = sa.select(sa.func.min(Delivery.due_at)).where(waits).scalar_subquery()
    found = sa.or_(sa.exists().where(is_pending), sa.exists().where(Notification.state == "sending"), first <= at)
    is_there = bool(db.session.scalar(sa.select(found & Ledger.held_at.is_(None))))
    db.session.rollback()
    return is_there
