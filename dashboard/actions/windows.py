"""What PagerDuty told becomes true here: one transaction for each poll, and none that writes when nothing changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dashboard import heartbeat, publish
from dashboard.actions.window_diff import TOLD, Held, Step, steps
from dashboard.actions.writing import PAGERDUTY, Writing, plain, writing
from dashboard.db import db
from dashboard.models import Service, Source, Window, WindowComponent
from dashboard.sources.pagerduty_records import Fetch

NAME = "pagerduty"
_SUBJECT = f"source-{NAME}"
_AT_ONCE = 1_000  # ids in one statement
_AHEAD = timedelta(minutes=10)  # a time further ahead than that is no time but a wrong clock


@dataclass(frozen=True, slots=True)
class Applied:
    """What a poll came to. ``late``: a newer answer was applied already, so this one was let go."""

    changed: int = 0
    late: bool = False


def apply_poll(fetch: Fetch, at: datetime) -> Applied:
    """Follow a whole, valid answer. When nothing differs, that it came is remembered in Redis alone."""
    heard = heartbeat.last(NAME)
    with writing(PAGERDUTY, at) as work:
        source = db.session.get(Source, NAME)
        if _is_late(fetch.asked_at, source, heard, at):
            return Applied(late=True)
        services = list(db.session.scalars(sa.select(Service)))
        todo = steps(fetch, _held(fetch), _mapped(services), at)
        _carry_out(todo, work)
        _mark(services, dict(fetch.unknown))
        _went_well(source, fetch, work)
        changed = bool(work.changes)
    if not heartbeat.beat(NAME, fetch.asked_at) and not changed:
        _remember(fetch.asked_at, at)
    return Applied(len(todo))


def apply_failure(sentence: str, asked_at: datetime, at: datetime) -> None:
    """Every window stays; what went wrong is kept for staff, and recorded when it begins or becomes something else."""
    heard = heartbeat.last(NAME)
    with writing(PAGERDUTY, at) as work:
        source = db.session.get(Source, NAME)
        if _is_late(asked_at, source, heard, at):
            return
        if source is None:
            source = Source(name=NAME, error="", warnings=[])
            db.session.add(source)
        before = source.error
        if not before:
            source.failing_since = at
            source.checked_at = _newest(source.checked_at, heard)
        source.error, source.error_at = sentence, at
        if before != sentence:
            kind = "source.error" if before else "source.fail"
            work.record(kind, _SUBJECT, PAGERDUTY.name, {"error": before}, {"error": sentence})


def let_go(at: datetime) -> None:
    """Nobody asks PagerDuty any more: once no window of it is open, the public is not told how old its word is."""
    with writing(PAGERDUTY, at) as work:
        source = db.session.get(Source, NAME)
        is_open = sa.and_(Window.source == NAME, Window.gone_at.is_(None), Window.ends_at > at)
        if source is None or db.session.scalar(sa.select(Window.id).where(is_open).limit(1)):
            return
        db.session.delete(source)
        work.record("source.end", _SUBJECT, PAGERDUTY.name)


def _is_late(asked_at: datetime, source: Source | None, heard: datetime | None, at: datetime) -> bool:
    """Was a newer answer applied? One from the future was not: a clock ran ahead, and was put right."""
    newest = _newest(source.asked_at if source else None, heard)
    return newest is not None and asked_at < newest <= at + _AHEAD


def _newest(*times: datetime | None) -> datetime | None:
    return max((t for t in times if t is not None), default=None)


def _mapped(services: Iterable[Service]) -> dict[str, frozenset[int]]:
    found: defaultdict[str, frozenset[int]] = defaultdict(frozenset)
    for service in services:
        found[service.external_id] |= {service.component_id}
    return found


def _held(fetch: Fetch) -> dict[str, Held]:
    """The windows that are open here, and whichever else the answer is about."""
    held = _read(sa.and_(Window.gone_at.is_(None), Window.ends_at > fetch.asked_at))
    other = [record.external_id for record in fetch.windows if record.external_id not in held]
    for start in range(0, len(other), _AT_ONCE):
        held |= _read(Window.external_id.in_(other[start : start + _AT_ONCE]))
    return held


def _read(which: sa.ColumnElement[bool]) -> dict[str, Held]:
    which = sa.and_(Window.source == NAME, which)
    links = sa.select(WindowComponent.window_id, WindowComponent.component_id).join(Window).where(which)
    components: defaultdict[int, set[int]] = defaultdict(set)
    for window_id, component_id in db.session.execute(links):
        components[window_id].add(component_id)
    columns = (Window.id, Window.external_id, *(getattr(Window, name) for name in TOLD), Window.gone_at)
    rows = db.session.execute(sa.select(*columns).where(which))
    return {row.external_id: Held(**row._mapping, components=frozenset(components[row.id])) for row in rows}


def _carry_out(todo: list[Step], work: Writing) -> None:
    """In bulk: ten thousand windows are a handful of statements."""
    if not todo:
        return
    ids = _add([step for step in todo if step.held is None], work.at)
    ids |= {step.external_id: step.held.id for step in todo if step.held is not None}
    _alter([step for step in todo if step.held is not None], work.at)
    _link([(ids[step.external_id], step.components) for step in todo if step.components is not None])
    work.record_all(
        (step.kind, f"window-{ids[step.external_id]}", step.external_id, step.before, step.after) for step in todo
    )


def _add(todo: list[Step], at: datetime) -> dict[str, int]:
    if not todo:
        return {}
    rows = [
        {
            "source": NAME,
            "external_id": step.external_id,
            "created_at": at,
            "revised_at": at,
            "version": 1,
            **step.values,
        }
        for step in todo
    ]
    added = db.session.execute(sa.insert(Window).returning(Window.external_id, Window.id), rows)
    return {row.external_id: row.id for row in added}


def _alter(todo: list[Step], at: datetime) -> None:
    """Each with all its columns, so that one statement fits them all."""
    names = (*TOLD, "gone_at")
    rows = [
        {"row": step.held.id, **{f"new_{name}": step.values.get(name, getattr(step.held, name)) for name in names}}
        for step in todo
        if step.held is not None and step.values
    ]
    if rows:
        values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
        statement = sa.update(Window).where(Window.id == sa.bindparam("row"))
        db.session.connection().execute(statement.values(version=Window.version + 1, revised_at=at, **values), rows)


def _link(wanted: list[tuple[int, frozenset[int]]]) -> None:
    if not wanted:
        return
    connection = db.session.connection()
    old = sa.delete(WindowComponent).where(WindowComponent.window_id == sa.bindparam("row"))
    connection.execute(old, [{"row": window_id} for window_id, _ in wanted])
    links = [{"window_id": id, "component_id": component} for id, on in wanted for component in sorted(on)]
    if links:
        connection.execute(sa.insert(WindowComponent), links)


def _mark(services: Iterable[Service], unknown: dict[str, str]) -> None:
    """What PagerDuty says against a service; its windows keep their components."""
    for service in services:
        problem = unknown.get(service.external_id, "")
        if service.problem != problem:
            service.problem = problem


def _went_well(source: Source | None, fetch: Fetch, work: Writing) -> None:
    """The source's own row, written only along with something that changed."""
    if source is None:
        source = Source(name=NAME, error="", warnings=[])
        db.session.add(source)
        work.record("source.begin", _SUBJECT, PAGERDUTY.name)
    if source.checked_at and source.checked_at > work.at + _AHEAD:
        before, after = {"checked_at": plain(source.checked_at)}, {"checked_at": plain(fetch.asked_at)}
        work.record("source.clock", _SUBJECT, PAGERDUTY.name, before, after)
    if source.error:
        work.record("source.recover", _SUBJECT, PAGERDUTY.name, {"error": source.error}, {"error": ""})
        source.error, source.error_at, source.failing_since = "", None, None
    if source.warnings != fetch.warnings:
        told = {"warnings": source.warnings}, {"warnings": fetch.warnings}
        work.record("source.warn", _SUBJECT, PAGERDUTY.name, *told)
        source.warnings = fetch.warnings
    if work.changes:
        source.asked_at = source.checked_at = fetch.asked_at


def _remember(asked_at: datetime, at: datetime) -> None:
    """Without Redis the database keeps the time, and whoever serves on this host is told of it."""
    with writing(PAGERDUTY, at):
        source = db.session.get_one(Source, NAME)
        source.asked_at = source.checked_at = asked_at
    publish.after_commit(at)
