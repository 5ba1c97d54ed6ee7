"""The outbox's transactions: each who is told has a delivery; some are taken, to be sent; what became of it is kept.

Each is short, so that other writers get in between, and without the ledger's row: nothing here becomes true for the
public. Only a pause, and that a message did not reach all, are Changes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from dashboard import audience
from dashboard.actions import undelivered
from dashboard.actions.follower_rows import settle
from dashboard.actions.writing import SIGNPOST, Writing, writing
from dashboard.channels.message import Outcome
from dashboard.db import db, transaction
from dashboard.models import Delivery, Follower, Ledger, Notification
from dashboard.rules import backoff, telling, text
from dashboard.rules.telling import MAIL, Audience, Reach

LEASE = timedelta(seconds=30)  # after which what was taken by somebody who died is due again
BATCH = 2_000  # followers who get their delivery in one transaction
LOOKED_AT = 10_000  # to find them, at the most
_LAST = 2**31 - 1  # after every follower
_RECENT = timedelta(minutes=1)  # a due time no further ahead may be a lease
_WAITS = Delivery.state == sa.literal_column("'waiting'")  # as it stands in the index, or SQLite does not use that


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery, its follower and how it goes to them, as they were when it was taken."""

    id: int
    notification_id: int
    lane: str
    tries: int
    first_tried_at: datetime | None
    audience: str
    follower_id: int
    channel: str
    address: str
    is_staff: bool
    name: str
    zone: str
    salt: str
    secret: str
    old_secret: str
    old_secret_until: datetime | None
    failing_since: datetime | None
    bounces: int
    confirmed_at: datetime | None
    paused_at: datetime | None
    left_at: datetime | None
    is_to_owner: bool  # of a webhook, by mail: its channel and address are theirs then
    is_stopped: bool  # by staff, who want it to be sent to nobody else

    @property
    def is_failing(self) -> bool:
        return self.failing_since is not None


_TO_OWNER = sa.and_(Delivery.lane == MAIL, Follower.channel != MAIL)
_TAKEN = (
    *(Delivery.id, Delivery.notification_id, Delivery.lane, Delivery.tries, Delivery.first_tried_at),
    *(Notification.audience, Follower.id, sa.case((_TO_OWNER, MAIL), else_=Follower.channel)),
    *(sa.case((_TO_OWNER, Follower.contact), else_=Follower.address), Follower.is_staff, Follower.name),
    *(Follower.zone, Follower.salt, Follower.secret, Follower.old_secret, Follower.old_secret_until),
    *(Follower.failing_since, Follower.bounces, Follower.confirmed_at, Follower.paused_at, Follower.left_at),
    *(_TO_OWNER, Notification.state == "stopped"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one try."""

    taken: Taken
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Settled:
    """What a result makes of the delivery; ``pause`` is why its follower is told nothing any more."""

    result: Result
    state: str
    due_at: datetime
    pause: str = ""

    @property
    def is_silent(self) -> bool:
        """Is it given up, and would nobody hear of that? Not so of what is told to staff: what tells of failing may
        fail itself."""
        return self.state == "dead" and not self.pause and self.result.taken.audience == Audience.PUBLIC


def expand(at: datetime, lane: Callable[[str, str], str]) -> bool:
    """One batch of those whom the oldest released notification is for; False when there is none. ``lane`` of a channel
    and an address."""
    oldest = sa.select(Notification.id).where(Notification.state == "sending")
    oldest = oldest.order_by(Notification.released_at, Notification.id).limit(1)
    id = db.session.scalar(oldest)
    if id is None:
        db.session.rollback()
        return False
    with transaction():
        found = db.session.get(Notification, id, with_for_update=True, populate_existing=True)
        if found is not None and found.state == "sending":
            _expand(found, at, lane)
    return True


def _expand(notification: Notification, at: datetime, lane: Callable[[str, str], str]) -> None:
    reach = msgspec.convert(notification.reach or {}, Reach)
    told = audience.told(Audience(notification.audience), reach, notification.is_planned)
    up_to = _further(notification.reached_id)
    told = told.where(Follower.id > notification.reached_id, Follower.id <= up_to).order_by(Follower.id).limit(BATCH)
    rows = db.session.execute(told.with_only_columns(Follower.id, Follower.channel, Follower.address)).all()
    if rows:
        new = {"notification_id": notification.id, "state": "waiting", "due_at": at, "tries": 0, "answer": ""}
        deliveries = [{**new, "follower_id": id, "lane": lane(channel, address)} for id, channel, address in rows]
        db.session.connection().execute(sa.insert(Delivery.__table__), deliveries)  # type: ignore[arg-type]
        among = sa.select(Delivery.follower_id).where(Delivery.notification_id == notification.id)
        among = among.where(Delivery.follower_id > notification.reached_id)
        if notification.replaces:
            _replace(notification, among, at)
        hurry(among, at)
    notification.reached_id = rows[-1].id if len(rows) == BATCH else up_to
    if notification.reached_id == _LAST:
        notification.state = "told"


def _further(id: int) -> int:
    """Up to whom one transaction looks: however few are told, it is short."""
    some = sa.select(Follower.id).where(Follower.id > id).order_by(Follower.id).offset(LOOKED_AT).limit(1)
    return db.session.scalar(some) or _LAST


def _replace(notification: Notification, among: sa.Select[int], at: datetime) -> None:
    """What did not arrive so far, or was left lying by an outage of ours, and is said anew now. What may be on its way
    at this moment is left alone."""
    same = Notification.thing == notification.thing, Notification.audience == notification.audience
    when, own = sa.tuple_(Notification.released_at, Notification.id), (notification.released_at, notification.id)
    earlier = sa.select(Notification.id).where(*same, Notification.replaces, when < own)
    is_leased = Delivery.due_at.between(at, at + _RECENT)
    did_not_arrive = (Delivery.tries > 0) | ~Delivery.due_at.between(at - telling.LATE, at + _RECENT)
    older = sa.update(Delivery).where(Delivery.notification_id.in_(earlier), _WAITS, did_not_arrive, ~is_leased)
    older = older.where(Delivery.follower_id.in_(among))
    _bulk(older.values(state="skipped", answer="A later message says it.", done_at=at))


def hurry(among: sa.Select[int], at: datetime) -> None:
    """What is new waits behind what did not arrive: so that is tried now, unless the receiver asked for peace, and what
    waits behind it already comes next."""
    soon = sa.case((Delivery.not_before > at, Delivery.not_before), else_=at)
    failed = sa.update(Delivery).where(_WAITS, Delivery.due_at > at + _RECENT)
    _bulk(failed.where(Delivery.follower_id.in_(among)).values(due_at=soon))


def leave_alone(notification_id: int, among: sa.Select[int]) -> None:
    """Those of these who asked for peace when they were sent this get nothing else before either."""
    asked = aliased(Delivery)
    same = asked.notification_id == notification_id, asked.follower_id == Delivery.follower_id
    until = sa.select(asked.not_before).where(*same).scalar_subquery()
    sooner = Delivery.not_before.is_(None) | (Delivery.not_before < until)
    _bulk(sa.update(Delivery).where(_WAITS, Delivery.follower_id.in_(among), sooner).values(not_before=until))


def is_held() -> bool:
    held = db.session.scalar(sa.select(Ledger.held_at)) is not None
    db.session.rollback()
    return held


def oldest_due(at: datetime) -> datetime | None:
    """Since when what could be sent has been waiting for it."""
    found: datetime | None = db.session.scalar(_due(Delivery.due_at, at, ()).limit(1))
    return found


def claim(at: datetime, most: int, without: Collection[str] = (), without_failing: bool = False) -> list[Taken]:
    """Take up to so many that are due, none of them in the lanes ``without``: as long as the lease lasts, nobody else
    gets them. Of each follower it is the oldest, so that their order is kept."""
    due = _due(Delivery.id, at, without)
    if without_failing:
        due = due.where(~sa.exists().where(Follower.id == Delivery.follower_id, Follower.failing_since.is_not(None)))
    _go_along_the_index()
    if db.session.scalar(due.limit(1)) is None:
        db.session.rollback()  # nobody's lock was taken for it
        return []
    with transaction():
        _go_along_the_index()
        ids = db.session.scalars(due.limit(most).with_for_update(skip_locked=True)).all()
        found = _read(ids)
        barred = {one.id for one in found if _barred(one)}
        _bar([one for one in found if one.id in barred], at)
        taken = [one for one in found if one.id not in barred]
        _bulk(sa.update(Delivery).where(Delivery.id.in_([one.id for one in taken])).values(due_at=at + LEASE))
    return taken


def _go_along_the_index() -> None:
    """PostgreSQL, which has counted nothing since so many rows came, would look at all of them and sort them."""
    if db.engine.dialect.name == "postgresql":
        settings = sa.func.set_config("enable_bitmapscan", "off", True), sa.func.set_config("enable_sort", "off", True)
        db.session.execute(sa.select(*settings))


def _due(column: Any, at: datetime, without: Collection[str]) -> sa.Select[Any]:
    """Asked of this table alone, so that no database finds another way than along its index. What is told to one alone,
    as a test is, waits for nothing that was to be told to many."""
    earlier = aliased(Delivery)
    waits = earlier.state == sa.literal_column("'waiting'")
    is_first = ~sa.exists().where(earlier.follower_id == Delivery.follower_id, waits, earlier.id < Delivery.id)
    audience = sa.select(Notification.audience).where(Notification.id == Delivery.notification_id).scalar_subquery()
    chosen = sa.select(column).where(_WAITS, Delivery.due_at <= at, is_first | (audience == Audience.ONE))
    chosen = chosen.order_by(Delivery.due_at, Delivery.id)
    return chosen.where(Delivery.lane.not_in(sorted(without))) if without else chosen


def _read(ids: Sequence[int]) -> list[Taken]:
    chosen = sa.select(*_TAKEN).select_from(Delivery).join(Follower, Follower.id == Delivery.follower_id)
    chosen = chosen.join(Notification, Notification.id == Delivery.notification_id)
    return [Taken(*row) for row in db.session.execute(chosen.where(Delivery.id.in_(ids)).order_by(Delivery.id))]


def _barred(one: Taken) -> str:
    if one.left_at is not None:
        return "They have left."
    if one.is_stopped:
        return "It was stopped."
    return "It is paused." if one.paused_at is not None and one.audience != Audience.ONE else ""


def _bar(barred: Sequence[Taken], at: datetime) -> None:
    for one in barred:
        state = "skipped" if one.left_at is not None or one.is_stopped else "dead"
        row = sa.update(Delivery).where(Delivery.id == one.id)
        _bulk(row.values(state=state, answer=_barred(one), done_at=at))


def give_back(ids: Sequence[int], at: datetime) -> None:
    """Taken, and not begun: due again at once."""
    if ids:
        with transaction():
            _bulk(sa.update(Delivery).where(Delivery.id.in_(ids), _WAITS).values(due_at=at))


def mark(results: Sequence[Result], at: datetime, chance: Callable[[], float]) -> None:
    """Keep what became of these tries, all or none of them. ``chance`` gives numbers from 0 to 1."""
    settled = [_settle(result, at, chance()) for result in results]
    failed = {one.result.taken.notification_id for one in settled if one.is_silent}
    if any(one.pause for one in settled) or undelivered.unsaid(failed):
        with writing(SIGNPOST, at) as work:
            _keep(settled, at)
            for one in settled:
                if one.pause:
                    _pause(one, work)
            undelivered.say(failed, work)
    elif settled:
        with transaction():
            _keep(settled, at)


def _settle(result: Result, at: datetime, chance: float) -> _Settled:
    taken, outcome = result.taken, result.outcome
    if outcome.sent:
        return _Settled(result, "sent", at)
    if outcome.ours:
        mended = backoff.until_mended(taken.tries + 1, chance)
        return _Settled(result, "dead", at) if mended is None else _Settled(result, "waiting", at + mended)
    if outcome.unfit:
        return _Settled(result, "dead", at)
    tried_for = at - (taken.first_tried_at or at)
    if taken.audience == Audience.ONE and tried_for >= backoff.ONE_FOR:
        return _Settled(result, "dead", at)
    may_pause = taken.audience != Audience.ONE and taken.confirmed_at is not None
    if outcome.gone:
        return _Settled(result, "dead", at, "The receiver says that it is gone." if may_pause else "")
    if outcome.refused:
        why = "It was refused for good several times." if taken.bounces + 1 >= backoff.REFUSALS else ""
        return _Settled(result, "dead", at, why if may_pause else "")
    wait = backoff.wait(taken.tries + 1, tried_for, chance, outcome.wait)
    if wait is None or _is_lost(taken, at):
        return _Settled(result, "dead", at, "Nothing arrived for three days." if may_pause else "")
    return _Settled(result, "waiting", at + wait)


def _is_lost(taken: Taken, at: datetime) -> bool:
    """Refusals are counted by themselves."""
    if taken.failing_since is None or taken.bounces or taken.audience == Audience.ONE:
        return False
    return backoff.is_lost(taken.tries + 1, at - taken.failing_since)


_KEPT = (
    sa.update(Delivery.__table__)  # type: ignore[arg-type]
    .where(Delivery.id == sa.bindparam("of"), (Delivery.state == "waiting") | (sa.bindparam("now") == "sent"))
    .values(
        state=sa.bindparam("now"),
        due_at=sa.bindparam("due"),
        tries=sa.bindparam("tried"),
        answer=sa.bindparam("said"),
        first_tried_at=sa.func.coalesce(Delivery.first_tried_at, sa.bindparam("at", type_=Delivery.due_at.type)),
        not_before=sa.bindparam("asked"),
        done_at=sa.bindparam("done"),
    )
)
_BEHIND = (
    sa.update(Delivery.__table__)  # type: ignore[arg-type]
    .where(Delivery.follower_id == sa.bindparam("whose"), _WAITS)
    .where(Delivery.id > sa.bindparam("of"), Delivery.due_at < sa.bindparam("due", type_=Delivery.due_at.type))
    .where(~sa.exists().where(Notification.id == Delivery.notification_id, Notification.audience == Audience.ONE))
    .values(due_at=sa.bindparam("due"))
)
_HEALTH = (
    sa.update(Follower.__table__)  # type: ignore[arg-type]
    .where(Follower.id == sa.bindparam("of"))
    .values(failing_since=sa.bindparam("since"), bounces=sa.bindparam("refused"))
)


def _keep(settled: Sequence[_Settled], at: datetime) -> None:
    """Sorted, so that two who write the same rows wait for each other and not in a ring."""
    in_order = sorted(settled, key=lambda one: one.result.taken.id)
    db.session.connection().execute(_KEPT, [_row(one, at) for one in in_order])
    _put_off(in_order, at)
    health = {one.result.taken.follower_id: now for one in in_order if (now := _health(one.result, at))}
    changed = [{"of": id, **values} for id, values in sorted(health.items())]
    if changed:
        db.session.connection().execute(_HEALTH, changed)


def _put_off(settled: Sequence[_Settled], at: datetime) -> None:
    """What waits behind what is tried again later is not due before: each claim would look through all of it."""
    later = [one for one in settled if one.state == "waiting" and one.due_at > at + _RECENT]
    taken = ((one.result.taken, one.due_at) for one in later)
    if rows := [{"whose": one.follower_id, "of": one.id, "due": due_at} for one, due_at in taken]:
        db.session.connection().execute(_BEHIND, rows)


def _row(one: _Settled, at: datetime) -> dict[str, Any]:
    outcome = one.result.outcome
    return {
        "of": one.result.taken.id,
        "now": one.state,
        "due": one.due_at,
        "tried": one.result.taken.tries + 1,
        "said": text.clean_line(outcome.answer)[:200],
        "at": None if outcome.ours else at,
        "asked": None if outcome.sent or not outcome.wait else at + backoff.asked(outcome.wait),
        "done": None if one.state == "waiting" else at,
    }


def _health(result: Result, at: datetime) -> dict[str, Any]:
    """Of its follower; nothing where that stays as it is. While a fault is ours nobody knows whether theirs lasts."""
    taken, outcome = result.taken, result.outcome
    if taken.is_to_owner:
        return {}
    if outcome.sent:
        return {"since": None, "refused": 0} if taken.failing_since or taken.bounces else {}
    if taken.audience == Audience.ONE:
        return {}
    if outcome.ours or outcome.unfit:
        return {"since": None, "refused": taken.bounces} if taken.failing_since else {}
    return {"since": taken.failing_since or at, "refused": taken.bounces + outcome.refused}


def _pause(one: _Settled, work: Writing) -> None:
    """Nothing goes there until somebody resumes it; staff are told by the Change."""
    follower = db.session.get_one(Follower, one.result.taken.follower_id, populate_existing=True, with_for_update=True)
    if follower.paused_at is not None or follower.left_at is not None:
        return
    follower.paused_at, follower.paused_why = work.at, one.pause
    settle([follower.id], "dead", "It was paused, as nothing arrived.", work.at)
    said = {"channel": follower.channel, "why": one.pause}
    work.record("follower.pause", f"follower-{follower.id}", follower.name or f"number {follower.id}", None, said)


def _bulk(statement: sa.Update | sa.Delete) -> int:
    """What the session holds is not looked through; how many rows it was."""
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)  # type: ignore[attr-defined]
