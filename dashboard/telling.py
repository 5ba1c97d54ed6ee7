"""Notifications that are due get their words: from how everything stands, and what was said of each thing before.

What is done within a minute of the last is told with it, as it has become; nothing is told of what was taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
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
from dashboard.rules.telling import BETWEEN, OWN_WORDS, UNDO, Audience, is_late, told_at
from dashboard.snapshot import Snapshot, snapshot_at

log = structlog.get_logger()

_AT_ONCE = 50  # things
_AGAIN = timedelta(minutes=5)  # when no words were found for one
_MADE_FIRST = ("incident",)  # what others need not say again

Said = dict[str, Any]
_Row = tuple[Notification, Change | None]


@dataclass(frozen=True, slots=True)
class _Due:
    """Those of one thing that are due, since when but for faults of ours. ``waits``: it was told of, or something was
    done to it, within the minute."""

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
    snapshot = snapshot_now(at)
    also, waiting = also_told_by(snapshot.history.facts), {due.asked.thing for due in found if due.waits}
    past = _past([due.asked for due in ready], also)
    told = [one for due in ready if not also[due.asked.thing] & waiting for one in _release(due, snapshot, past)]
    return notifying.release(told, at)


def foreseen(things: Set[str], at: datetime) -> Iterator[Told]:
    """What the public is about to be told of these, as everything stands now."""
    soon = [one for one in _due(at + UNDO, things) if one.asked.audience is Audience.PUBLIC]
    snapshot = snapshot_now(at)
    past = _past([one.asked for one in soon], also_told_by(snapshot.history.facts))
    for one in soon:
        if told := messages.tell(one.asked, snapshot, past):
            past[one.asked.thing] = _words(told, is_late=False).said or {}
            yield told


def snapshot_now(at: datetime) -> Snapshot:
    """The one that is being shown, where this process shows what is true now; to make one takes long when there is
    much to tell of."""
    press, revision = publish.press(), db.session.scalar(sa.select(Ledger.revision))
    shown = press.at(at) if press.facts and press.facts.revision == revision else None
    is_begun = shown is not None and shown.snapshot.at <= at  # not so where a clock was set back
    return replace(shown.snapshot, at=at) if shown and is_begun else snapshot_at(publish.read_facts(at), at)


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
    yield Release(due.ids, words, has_more=told is not None and told.has_more)


def _words(told: Told, is_late: bool) -> Words:
    message = replace(told.message, is_late=is_late)
    said = _plain(told.said) if told.said else None
    return Words(_plain(message), _plain(told.reach), said, told.is_planned, told.replaces)


def _plain(value: Any) -> Said:
    """JSON values."""
    found: Said = msgspec.to_builtins(value, str_keys=True)
    return found


def _due(at: datetime, among: Set[str] | None = None) -> list[_Due]:
    """What others need not say again comes first, then in order of time; of as many things as are told at once, or of
    those that are asked for."""
    some = _pending(at, among)
    if not some:
        return []
    things = {thing for thing, _ in some}
    lately, rules = notifying.last_told(things, at - BETWEEN, at), _rules(things)
    found = []
    for (thing, audience), group in some.items():
        dues = [notification.due_at for notification, _ in group]
        due = [one for one in group if one[0].due_at <= at]
        ripe = due if thing.startswith(OWN_WORDS) else group
        found.append(
            _Due(
                Asked(thing, Audience(audience), tuple(_deed(*row) for row in ripe), rules.get(thing, "")),
                tuple(notification.id for notification, _ in ripe),
                due[-1][0].made_at + UNDO,
                told_at(min(dues), max(dues), lately.get((thing, audience))) > at,
            )
        )
    return sorted(found, key=lambda due: not due.asked.thing.startswith(_MADE_FIRST))


def _pending(at: datetime, among: Set[str] | None) -> dict[tuple[str, str], list[_Row]]:
    """All that waits of each thing of which some is due, the oldest first."""
    waits = Notification.state == "pending", Notification.audience.in_((Audience.PUBLIC, Audience.STAFF))
    due = sa.select(Notification.thing).where(*waits, Notification.due_at <= at).group_by(Notification.thing)
    oldest = due.order_by(sa.func.min(Notification.id)).limit(_AT_ONCE)
    chosen = sa.select(Notification, Change).outerjoin(Change, Change.revision == Notification.revision)
    chosen = chosen.where(*waits, Notification.thing.in_(oldest if among is None else among))
    rows = db.session.execute(chosen.order_by(Notification.id))
    groups: defaultdict[tuple[str, str], list[_Row]] = defaultdict(list)
    for notification, change in rows:
        groups[notification.thing, notification.audience].append((notification, change))
    return {which: group for which, group in groups.items() if any(one.due_at <= at for one, _ in group)}


def _deed(notification: Notification, change: Change | None) -> Deed:
    """What is owed comes from no change of its own."""
    if change is None:
        return Deed(notification.kind, notification.thing, "", notification.by, notification.made_at, {}, {})
    return Deed(
        kind=change.kind,
        subject=change.subject,
        name=change.subject_name,
        by=change.actor,
        at=change.at,
        before=change.before or {},
        after=change.after or {},
    )


def _rules(things: Iterable[str]) -> dict[str, str]:
    """How the work of each series comes again, in words."""
    ids = [int(thing.partition("-")[2]) for thing in things if thing.startswith("series-")]
    if not ids:
        return {}
    rows = db.session.execute(sa.select(WindowSeries.id, WindowSeries.rule).where(WindowSeries.id.in_(ids)))
    return {f"series-{id}": recurrence.words(rule) for id, rule in rows}


def _past(asked: Iterable[Asked], also: Mapping[str, set[str]]) -> dict[str, Said]:
    """What was last said in public of each thing, and of what may have told of it too."""
    public = [one.thing for one in asked if one.audience is Audience.PUBLIC]
    return last_said({thing for one in public for thing in (one, *also[one])})


def last_said(things: Set[str]) -> dict[str, Said]:
    """In public, of each of these; the newest by the order in which it was made, whatever the clocks said."""
    if not things:
        return {}
    newest = sa.select(sa.func.max(Notification.id)).where(
        Notification.thing.in_(things),
        Notification.audience == Audience.PUBLIC,
        Notification.released_at.is_not(None),
    )
    chosen = sa.select(Notification.thing, Notification.said)
    rows = db.session.execute(chosen.where(Notification.id.in_(newest.group_by(Notification.thing))))
    return {thing: said for thing, said in rows if said}


def also_told_by(facts: Facts) -> defaultdict[str, set[str]]:
    """An incident tells of the sections that it takes off, a series of its windows, and a section that is kept open in
    spite of work of itself."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for incident in facts.incidents:
        for touch in incident.touches:
            found[f"section-{touch.section_id}"].add(f"incident-{incident.id}")
    for outage in (*facts.outages, *facts.ended_outages):
        if outage.incident_id:
            found[f"section-{outage.section_id}"].add(f"incident-{outage.incident_id}")
    for overrule in facts.overrules:
        found[f"window-{overrule.window_id}"].add(f"section-{overrule.section_id}")
    for window in (*facts.windows, *facts.cancelled, *facts.ended_windows):
        if window.series_id:
            found[f"window-{window.id}"].add(f"series-{window.series_id}")
    return found
