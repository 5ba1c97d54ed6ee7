"""For machines that watch: does every part do its work? Whether the process lives, ``/healthz``, the front answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import redis
import sqlalchemy as sa
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from rq import worker_registration
from rq.utils import utcparse
from sqlalchemy.exc import SQLAlchemyError

from dashboard import heartbeat, publish
from dashboard.actions import delivering
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Ledger, Notification, Source
from dashboard.queue import BEAT, queue
from dashboard.views.access import public

blueprint = Blueprint("health", __name__)

Figures = dict[str, Any]

WORKER_SILENT = timedelta(seconds=90)  # an idle one speaks every 45 s
BEAT_SILENT = timedelta(seconds=20)
FAILED_TOLD = 5  # documents that could not be made, by name
UNPUBLISHED = timedelta(seconds=10)
UNSENT = timedelta(minutes=15)  # so long a mail server may take for what is told to very many


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """503 when any part fails to do its work; the figures say which."""
    at = now()
    checks = figures(at)
    is_ready = all(found["ok"] for found in checks.values())
    return {"ok": is_ready, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "checks": checks}, 200 if is_ready else 503


def figures(at: datetime) -> dict[str, Figures]:
    """What each check found; the Settings screen says the same in words."""
    return {name: _checked(check, at) for name, check in CHECKS.items()}


def _checked(check: Callable[[datetime], Figures], at: datetime) -> Figures:
    try:
        return check(at)
    except (redis.RedisError, SQLAlchemyError, OSError) as error:
        return {"ok": False, "error": type(error).__name__}
    finally:
        db.session.rollback()


def database(at: datetime) -> Figures:
    return {"ok": True, "revision": db.session.scalar(sa.select(Ledger.revision))}


def redis_server(at: datetime) -> Figures:
    return {"ok": True, "waiting_jobs": queue(_redis()).count}


def worker(at: datetime) -> Figures:
    """Of several workers the one that spoke last counts."""
    line = _redis()  # read as it is: RQ's own worker objects would make this connection a patient one
    said = [line.hget(key, "last_heartbeat") for key in worker_registration.get_keys(queue(line))]
    heard = [utcparse(word.decode()) for word in said if isinstance(word, bytes)]
    return _aged(max(heard, default=None), at, WORKER_SILENT)


def beat(at: datetime) -> Figures:
    said = _redis().get(BEAT)
    return _aged(datetime.fromisoformat(said.decode()) if isinstance(said, bytes) else None, at, BEAT_SILENT)


def published(at: datetime) -> Figures:
    """How far what this process shows is behind the database, and what of it could not be made."""
    facts, edition = publish.press().facts, publish.press().edition
    ledger = db.session.scalars(sa.select(Ledger)).one()
    if facts is None:
        return {"ok": False, "revision": None, "behind_seconds": None}
    behind = timedelta() if facts.revision >= ledger.revision else at - ledger.revised_at
    failed = sorted(edition.failed)[:FAILED_TOLD] if edition else []
    return {
        "ok": behind < UNPUBLISHED and not failed,
        "revision": facts.revision,
        "behind_seconds": round(behind.total_seconds()),
        "failed": failed,
    }


def pagerduty(at: datetime) -> Figures:
    """Three missed polls are too many; one that never answered is, too."""
    if not settings().pagerduty_api_key:
        return {"ok": True, "asked": False}
    row = db.session.get(Source, "pagerduty")
    checked = [t for t in (row and row.checked_at, heartbeat.last("pagerduty")) if t]
    figures = _aged(max(checked, default=None), at, timedelta(seconds=3 * settings().poll_seconds))
    return {**figures, "asked": True, "failing": bool(row and row.error), "warnings": len(row.warnings) if row else 0}


def outbox(at: datetime) -> Figures:
    """Since when something could be sent and is not. What is held by an admin's word is none of its faults."""
    if held := db.session.scalar(sa.select(Ledger.held_at)):
        return {"ok": True, "held": True, "age_seconds": round((at - held).total_seconds())}
    is_left = sa.or_(Notification.state == "sending", Notification.state == "pending")
    unsaid = db.session.scalar(sa.select(sa.func.min(Notification.due_at)).where(is_left))
    oldest = min((t for t in (unsaid, delivering.oldest_due(at)) if t), default=at)
    return {**_aged(min(oldest, at), at, UNSENT), "held": False}


CHECKS: dict[str, Callable[[datetime], Figures]] = {
    "database": database,
    "redis": redis_server,
    "worker": worker,
    "beat": beat,
    "published": published,
    "pagerduty": pagerduty,
    "outbox": outbox,
}


def _aged(last: datetime | None, at: datetime, longest: timedelta) -> Figures:
    if last is None:
        return {"ok": False, "age_seconds": None}
    return {"ok": at - last < longest, "age_seconds": round((at - last).total_seconds())}


def _redis() -> redis.Redis:
    found: redis.Redis = current_app.extensions["redis"]
    return found
