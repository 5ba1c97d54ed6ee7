"""When a source was last asked with success: a moment in Redis, so that an unchanged poll writes no row.

Where Redis does not answer, nothing is known here, and the time that the database keeps stands.
"""

from __future__ import annotations

from datetime import datetime

import redis
from flask import current_app

_KEY = "signpost:checked:{name}"


def beat(name: str, at: datetime) -> bool:
    """Remember that the source answered completely at ``at``; False when Redis does not take it."""
    try:
        _redis().set(_KEY.format(name=name), at.isoformat())
    except redis.RedisError:
        return False
    return True


def last(name: str) -> datetime | None:
    try:
        found = _redis().get(_KEY.format(name=name))
    except redis.RedisError:
        return None
    return datetime.fromisoformat(found.decode()) if isinstance(found, bytes) else None


def _redis() -> redis.Redis:
    found: redis.Redis = current_app.extensions["redis"]
    return found
