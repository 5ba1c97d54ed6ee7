"""One transaction: the lock first, the rows with their Change rows and the notifications that these leave behind, one
commit, and then the world is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from dashboard import publish
from dashboard.actions import outbox
from dashboard.db import db, transaction
from dashboard.models import Change, Ledger


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: a person with the caller's address, or a part of the product, whose ``person_id`` is None."""

    name: str
    person_id: int | None = None
    address: str = ""


SIGNPOST = Actor("Signpost")
PAGERDUTY = Actor("PagerDuty")


class Refused(Exception):
    """The action may not be done so. ``field`` names the input to mend; the text is for the person."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


_OF_NO_VERSION = ("section.move", "component.move", "component.map", "component.unmap")  # nobody's version is old


class Conflict(Exception):
    """Somebody else was quicker with ``subject``. ``change`` is what was done to it last, if that is known."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject} was changed by somebody else")
        self.subject = subject
        last = sa.select(Change).where(
            Change.subject == subject,
            Change.kind.not_in(_OF_NO_VERSION),
            sa.or_(Change.once.is_(None), Change.person_id.is_not(None)),  # the clock makes nobody's version old
        )
        self.change = db.session.scalars(last.order_by(Change.id.desc()).limit(1)).first()


Values = dict[str, Any]
Difference = tuple[Values, Values]  # what it was and what it is now, only what differs, as JSON values
NONE: Difference = ({}, {})
Line = tuple[str, str, str, Values | None, Values | None]  # kind, subject, name, before, after


@dataclass(slots=True)
class Writing:
    """The open transaction. ``record`` writes a Change; nothing else becomes true without one."""

    ledger: Ledger
    by: Actor
    at: datetime
    changes: list[Change] = field(default_factory=list)

    def record(
        self,
        kind: str,
        subject: str,
        name: str,
        before: Values | None = None,
        after: Values | None = None,
        section_id: int | None = None,
        once: str | None = None,
        at: datetime | None = None,
    ) -> Change:
        """Chain one Change to the ledger. ``before`` and ``after`` hold only what differs, as JSON values. ``once``
        names what the clock does, of which there is one; ``at`` is when it did, if that was earlier."""
        change = self._chain(kind, subject, name, before, after, section_id, once, at)
        db.session.add(change)
        db.session.flush()
        self.changes.append(change)
        return change

    def record_all(self, lines: Iterable[Line]) -> None:
        """The same for many, in one statement; their ids are not known afterwards."""
        changes = [self._chain(*line) for line in lines]
        columns = [column.name for column in Change.__table__.columns if column.name != "id"]
        rows = [{name: getattr(change, name) for name in columns} for change in changes]
        db.session.connection().execute(sa.insert(Change), rows)
        self.changes += changes

    def _chain(
        self,
        kind: str,
        subject: str,
        name: str,
        before: Values | None,
        after: Values | None,
        section_id: int | None = None,
        once: str | None = None,
        at: datetime | None = None,
    ) -> Change:
        change = Change(
            at=at or self.at,
            revision=self.ledger.revision + 1,
            kind=kind,
            subject=subject,
            subject_name=name,
            section_id=section_id,
            person_id=self.by.person_id,
            actor=self.by.name,
            address=self.by.address,
            before=before,
            after=after,
            once=once,
        )
        change.hash = chained(self.ledger.head, change)
        self.ledger.revision, self.ledger.revised_at, self.ledger.head = change.revision, self.at, change.hash
        return change

    def change(
        self,
        row: Any,
        values: Values,
        kind: str,
        subject: str,
        name: str,
        section_id: int | None = None,
        beside: Difference = NONE,
        once: str | None = None,
    ) -> Change | None:
        """Set ``values`` on a versioned row and record what differs, its new version included; None if nothing does.
        ``beside``: what differs in other tables and belongs to the row."""
        before, after = differences(row, values)
        before, after = {**before, **beside[0]}, {**after, **beside[1]}
        if not after:
            return None
        for column, value in values.items():
            setattr(row, column, value)
        flag_modified(row, "created_at")  # another version, even when no column of the row differs
        db.session.flush()
        return self.record(kind, subject, name, before, {**after, "version": row.version}, section_id, once)


@contextmanager
def writing(by: Actor, at: datetime) -> Iterator[Writing]:
    """Hold the one writer's lock of either database until the end; commit, and publish if a Change was recorded."""
    with transaction():
        ledger = db.session.execute(sa.select(Ledger).with_for_update()).scalar_one()
        work = Writing(ledger, by, at)
        yield work
        outbox.leave(work.changes)
    if work.changes:
        publish.after_commit(at)


def chained(head: str, change: Change) -> str:
    """SHA-256 over the change before and everything this one says."""
    said = [
        change.at.isoformat(),
        change.revision,
        change.kind,
        change.subject,
        change.subject_name,
        change.section_id,
        change.person_id,
        change.actor,
        change.address,
        change.before,
        change.after,
    ]
    return hashlib.sha256((head + json.dumps(said, sort_keys=True, default=str)).encode()).hexdigest()


def clock_key(kind: str, subject: str, at: datetime) -> str:
    """By which there is one of what the clock does: "window.begin:window-12:2026-11-29T02:00:00Z". Who does the same by
    hand, sooner, gives it to their Change."""
    return f"{kind}:{subject}:{at:%Y-%m-%dT%H:%M:%SZ}"


def same_version(row: Any, version: int, subject: str) -> None:
    """Raises Conflict when the row is no longer the one that the person read."""
    if row.version != version:
        raise Conflict(subject)


def differences(row: Any, values: Values) -> Difference:
    """What setting ``values`` on the row would change: the old and the new, as JSON values; both empty if nothing."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    return {name: plain(getattr(row, name)) for name in changed}, {name: plain(values[name]) for name in changed}


def plain(value: Any) -> Any:
    """A JSON value: days and times as ISO 8601, sets as sorted lists."""
    if isinstance(value, date):  # a time is one too
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value
