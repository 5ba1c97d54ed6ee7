"""Keeping what was seen in use: where toggles are read and where the embed stands.

It says nothing about the website, so it writes no Change and makes no revision: docs/decisions/012.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from dashboard.db import db, transaction
from dashboard.models import Ledger, Sighting
from dashboard.rules.stale import KEPT
from dashboard.sightings import Key, Seen

MOST = 10_000  # rows that are kept: whoever pretends to be at ever new places drives out what was seen the least


def note(seen: Mapping[Key, Seen], at: datetime) -> None:
    """Add to what is known, whoever else does at the same time, and forget what was seen long ago."""
    with transaction():
        db.session.execute(sa.select(Ledger.id).with_for_update())  # as every writer does, so that none waits in a ring
        if seen:
            db.session.connection().execute(_added(), [_row(key, one) for key, one in seen.items()])
        db.session.execute(sa.delete(Sighting).where(Sighting.last_at < at - KEPT))
        _trim()


def _added() -> sa.Insert:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    rows = insert(Sighting)
    new = rows.excluded
    return rows.on_conflict_do_update(
        index_elements=[Sighting.kind, Sighting.name, Sighting.place],
        set_={
            "first_at": sa.case((new.first_at < Sighting.first_at, new.first_at), else_=Sighting.first_at),
            "last_at": sa.case((new.last_at > Sighting.last_at, new.last_at), else_=Sighting.last_at),
            "times": Sighting.times + new.times,
        },
    )


def _row(key: Key, seen: Seen) -> dict[str, object]:
    kind, name, place = key
    first, last = (datetime.fromtimestamp(t, UTC) for t in (seen.first, seen.last))
    return {"kind": kind, "name": name, "place": place, "first_at": first, "last_at": last, "times": seen.times}


def _trim() -> None:
    beyond = (db.session.scalar(sa.select(sa.func.count()).select_from(Sighting)) or 0) - MOST
    if beyond > 0:
        key = sa.tuple_(Sighting.kind, Sighting.name, Sighting.place)
        least = sa.select(Sighting.kind, Sighting.name, Sighting.place)
        least = least.order_by(Sighting.times, Sighting.last_at, Sighting.place).limit(beyond)
        db.session.execute(sa.delete(Sighting).where(key.in_(least)).execution_options(synchronize_session=False))
