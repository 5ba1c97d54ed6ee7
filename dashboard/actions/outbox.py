"""What a transaction leaves behind for followers: a notification for each change that they are told of."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dashboard.db import db
from dashboard.models import Change, Notification, Overrule
from dashboard.rules import telling


def leave(changes: Sequence[Change]) -> None:
    """Within the transaction of the changes. So many windows at once as a first poll brings are no news."""
    found = sum(change.kind in telling.FROM_POLL for change in changes)
    news = [change for change in changes if change.kind not in telling.FROM_POLL or found <= telling.MANY]
    rows = [row for change in news for row in _rows(change)]
    if rows:
        db.session.execute(sa.insert(Notification), rows)


def _rows(change: Change) -> list[dict[str, Any]]:
    return [
        {
            "key": new_key(),
            "revision": change.revision,
            "kind": change.kind,
            "thing": tell.thing,
            "audience": tell.audience,
            "by": change.actor,
            "made_at": change.at,
            "due_at": tell.due_at,
        }
        for tell in telling.tells(
            change.kind, change.subject, change.section_id, change.after, change.at, _in_spite_of(change)
        )
    ]


def _in_spite_of(change: Change) -> int | None:
    """The work, where somebody keeps a section open in spite of it."""
    noun, _, id = change.subject.partition("-")
    return db.session.get_one(Overrule, int(id)).window_id if noun == "overrule" else None


def new_key() -> str:
    """By which receivers know a message again that comes twice."""
    return secrets.token_hex(8)
