"""Staff hear of a message that did not reach all, and is tried no more: once a message."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from dashboard.actions.writing import Writing
from dashboard.db import db
from dashboard.models import Change, Notification

_KIND = "notification.fail"
_TITLE = ("title", "start", "end", "next")  # of a message: its title, and what that may hold


def unsaid(ids: Iterable[int]) -> list[int]:
    """Those of these notifications of which staff have not heard so."""
    subjects = {_subject(id): id for id in ids}
    said = sa.select(Change.subject).where(Change.subject.in_(subjects), Change.kind == _KIND)
    heard = set(db.session.scalars(said)) if subjects else set()
    return sorted(id for subject, id in subjects.items() if subject not in heard)


def say(ids: Iterable[int], work: Writing) -> None:
    """Within a transaction, of each of which it was not said."""
    chosen = sa.select(Notification, Change).outerjoin(Change, Change.revision == Notification.revision)
    chosen = chosen.where(Notification.id.in_(unsaid(ids))).order_by(Notification.id)
    for told, change in db.session.execute(chosen).all():
        message = told.message or {}
        title = {part: message[part] for part in _TITLE if message.get(part)}
        name = change.subject_name if change else str(title.get("title", ""))
        said = {"told": {"title": name, **title}}
        work.record(_KIND, _subject(told.id), name, None, said, change.section_id if change else None)


def _subject(id: int) -> str:
    return f"notification-{id}"
