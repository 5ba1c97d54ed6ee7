"""Notifications that are due get their words: from how everything stands, and what was said of each thing before.

What was done within a minute is told at once, as it has become; nothing is told of what was taken back by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog

from dashboard import messages, publish
from dashboard.actions import notifying
from dashboard.actions.notifying import Release, Words
from dashboard.db import db
from dashboard.facts import Facts
from dashboard.messages import Asked, Deed, Told
from dashboard.models import Change, Ledger, Notification, WindowSeries
from dashboard.rules import recurrence
from dashboard.rules.telling import BETWEEN, UNDO, Audience, is_late
from dashboard.snapshot import Snapshot, snapshot_at

log = structlog.get_logger()

_AT_ONCE = 200  # things
_AGAIN = timedelta(minutes=5)  # when no words were found for one
_MADE_FIRST = ("incident",)  # what others need not say again

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Due:
    """Those of one thing that are due. ``waits``: something was told of it within the minute."""

    asked: Asked
    ids: tuple[int, ...]
    due_at: datetime
    waits: bool


def release(at: datetime) -> int:
    """Find the words for all that is due; how many notifications are to be sent by that. While nothing is due, this is
    one query."""
    found = _due(at)
    ready = [due for due in found if not due.waits]
    if not ready:
        db.session.rollback()
        return 0
    snapshot = _snapshot(at)
    facts, waiting = snapshot.history.facts, {due.asked.thing for due in found if due.waits}
    past = _past(ready, facts)
    told = [one for due in ready if not _told_by(due.asked, facts) & waiting for one in _release(due, snapshot, past)]
    return notifying.release(told, at)


def foreseen(things: Set[str], at: datetime) -> Iterator[Told]:
    """What the public is about to be told of these, as everything stands now."""
    soon = [one for one in _due(at + UNDO) if one.asked.audience is Audience.PUBLIC and one.asked.thing in things]
    snapshot = _snapshot(at)
    past = _past(soon, snapshot.history.facts)
    for one in soon:
        if told := messages.tell(one.asked, snapshot, past):
            past[one.asked.thing] = _words(told, is_late=False).said or {}
            yield told


def _snapshot(at: datetime) -> Snapshot:
    """The one that is being shown, where this process shows what is true now; to make one takes long when there is
    much to tell of."""
    press, revision = publish.press(), db.session.scalar(sa.select(Ledger.revision))
    shown = press.at(at) if press.facts and press.facts.revision == revision else None
    return replace(shown.snapshot, at=at) if shown else snapshot_at(publish.read_facts(at), at)


def _release(due: _Due, snapshot: Snapshot, past: dict[str, Said]) -> Iterator[Release]:
    """None where no words could be found by a fault of ours: that one is tried again, and holds up no other."""
    try:
        told = messages.tell(due.asked, snapshot, past)
        words = _words(told, is_late(due.due_at, snapshot.at)) if told else None
    except Exception:
        log.exception("telling.failed", thing=due.asked.thing)
        notifying.put_off(due.ids, snapshot.at + _AGAIN, snapshot.at)
        return
    if words and words.said and due.asked.audience is Audience.PUBLIC:
        past[due.asked.thing] = words.said
    yield Release(due.ids, words)


def _words(told: Told, is_late: bool) -> Words:
    message = replace(told.message, is_late=is_late)
    said = _plain(told.said) if told.said else None
    return Words(_plain(message), _plain(told.reach), said, told.is_planned)


def _plain(value: Any) -> Said:
    """JSON values."""
    found: Said = msgspec.to_builtins(value, str_keys=True)
    return found


def _due(at: datetime) -> list[_Due]:
    """What others need not say again comes first, then in order of time."""
    pending = Notification.state == "pending", Notification.audience.in_((Audience.PUBLIC, Audience.STAFF))
    chosen = sa.select(Notification, Change).join(Change, Change.revision == Notification.revision)
    rows = db.session.execute(chosen.where(*pending, Notification.due_at <= at).order_by(Notification.id)).all()
    groups: defaultdict[tuple[str, str], list[tuple[Notification, Change]]] = defaultdict(list)
    for notification, change in rows:
        groups[notification.thing, notification.audience].append((notification, change))
    some = dict(list(groups.items())[:_AT_ONCE])
    lately, rules = _told_since({thing for thing, _ in some}, at - BETWEEN), _rules(thing for thing, _ in some)
    found = [
        _Due(
            Asked(thing, Audience(audience), tuple(_deed(change) for _, change in group), rules.get(thing, "")),
            tuple(notification.id for notification, _ in group),
            group[-1][0].due_at,
            (thing, audience) in lately,
        )
        for (thing, audience), group in some.items()
    ]
    return sorted(found, key=lambda due: not due.asked.thing.startswith(_MADE_FIRST))


def _deed(change: Change) -> Deed:
    return Deed(
        kind=change.kind,
        subject=change.subject,
        name=change.subject_name,
        by=change.actor,
        at=change.at,
        before=change.before or {},
        after=change.after or {},
    )


def _told_since(things: set[str], since: datetime) -> set[tuple[str, str]]:
    chosen = sa.select(Notification.thing, Notification.audience).where(Notification.thing.in_(things))
    return {(thing, audience) for thing, audience in db.session.execute(chosen.where(Notification.released_at > since))}


def _rules(things: Iterable[str]) -> dict[str, str]:
    """How the work of each series comes again, in words."""
    ids = [int(thing.partition("-")[2]) for thing in things if thing.startswith("series-")]
    if not ids:
        return {}
    rows = db.session.execute(sa.select(WindowSeries.id, WindowSeries.rule).where(WindowSeries.id.in_(ids)))
    return {f"series-{id}": recurrence.words(rule) for id, rule in rows}


def _past(ready: Iterable[_Due], facts: Facts) -> dict[str, Said]:
    """What was last said in public of each thing, and of what may have told of it too."""
    things = {due.asked.thing for due in ready} | {thing for due in ready for thing in _told_by(due.asked, facts)}
    newest = sa.select(sa.func.max(Notification.id)).where(
        Notification.thing.in_(things),
        Notification.audience == Audience.PUBLIC,
        Notification.released_at.is_not(None),
    )
    chosen = sa.select(Notification.thing, Notification.said)
    rows = db.session.execute(chosen.where(Notification.id.in_(newest.group_by(Notification.thing))))
    return {thing: said for thing, said in rows if said}


def _told_by(asked: Asked, facts: Facts) -> set[str]:
    """An incident tells of the sections that it takes off, a series of its windows."""
    noun = asked.thing.partition("-")[0]
    if noun == "section":
        outages = (one for one in (*facts.outages, *facts.ended_outages) if one.section_id == asked.id)
        return {f"incident-{one.incident_id}" for one in outages if one.incident_id}
    if noun == "window":
        windows = (one for one in (*facts.windows, *facts.cancelled, *facts.ended_windows) if one.id == asked.id)
        return {f"series-{one.series_id}" for one in windows if one.series_id}
    return set()
