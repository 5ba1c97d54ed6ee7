"""Incidents as staff see them: the list, one with all that was said of it, and how a text that is typed will look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import abort

from dashboard import publish, rows
from dashboard.actions.incident_parts import (
    Details,
    Said,
    Touching,
    impacts_of,
    open_outages,
    plan_of,
    sections_of,
    subject_of,
    updates_of,
)
from dashboard.config import settings
from dashboard.db import db
from dashboard.documents.html import Telling
from dashboard.facts import Facts, IncidentFact, OutageFact, Touch, UpdateFact
from dashboard.messages import reach
from dashboard.models import Change, Component, Incident, IncidentUpdate, Section
from dashboard.rules import readable
from dashboard.rules.incident import Entry, carried, entry_at
from dashboard.rules.state import Effect, State
from dashboard.rules.status import Status
from dashboard.rules.telling import Reach
from dashboard.snapshot import Notice, snapshot_at
from dashboard.views.incident_picks import Held
from dashboard.views.progress import Progress, progress

PAGE = 20
_SOONEST = Incident.published_at.asc()
_NEW = 0  # the id of what is only typed


@dataclass(frozen=True, slots=True)
class Row:
    """One of the list. ``fact`` is None of one that is not out."""

    incident: Incident
    fact: IncidentFact | None
    told: int

    def is_overdue(self, at: datetime) -> bool:
        next_at = self.fact.next_at if self.fact else None
        return next_at is not None and next_at <= at


@dataclass(frozen=True, slots=True)
class Listed:
    """``page`` counts from 1; ``has_more`` are older ones that are resolved."""

    open: list[Row]
    scheduled: list[Row]
    drafts: list[Row]
    over: list[Row]
    page: int
    has_more: bool

    @property
    def is_empty(self) -> bool:
        return not (self.open or self.scheduled or self.drafts or self.over)


@dataclass(frozen=True, slots=True)
class Told:
    """An update in the timeline, with the components whose status it changed, and how far followers are told of it."""

    update: IncidentUpdate
    worst: Status
    changed: list[tuple[str, Status]]
    progress: Progress | None


def listed(page: int, at: datetime) -> Listed:
    """Open first, the newest of each first; of those that are resolved one page."""
    here = Incident.discarded_at.is_(None)
    is_out = Incident.published_at <= at
    is_over = Incident.over_at <= at
    over = _rows(sa.and_(here, is_out, is_over), Incident.over_at.desc(), PAGE + 1, (page - 1) * PAGE)
    return Listed(
        open=_rows(sa.and_(here, is_out, sa.or_(Incident.over_at.is_(None), sa.not_(is_over)))),
        scheduled=[replace(row, fact=None) for row in _rows(sa.and_(here, Incident.published_at > at), _SOONEST)],
        drafts=_rows(sa.and_(here, Incident.published_at.is_(None))),
        over=over[:PAGE],
        page=page,
        has_more=len(over) > PAGE,
    )


def _rows(where: sa.ColumnElement[bool], order: object = None, most: int = 200, skip: int = 0) -> list[Row]:
    order = Incident.published_at.desc() if order is None else order
    chosen = sa.select(Incident).where(where).order_by(order, Incident.id.desc()).limit(most).offset(skip)  # type: ignore[arg-type]
    found = list(db.session.scalars(chosen))
    facts = {fact.id: fact for fact in rows.posted(db.session(), Incident.id.in_([one.id for one in found]))}
    return [Row(one, facts.get(one.id), readable.told(facts_of(one))) for one in found]


def facts_of(of: Incident | Details) -> dict[str, str]:
    """The five, and the link."""
    return {name: getattr(of, name) for name in (*readable.FACTS, "third_party_url")}


def incident_or_404(incident_id: int) -> Incident:
    found = db.session.get(Incident, incident_id)
    return found if found is not None and found.discarded_at is None else abort(404)


def fact_of(incident: Incident) -> IncidentFact:
    """Of one that is out, private or not."""
    return rows.posted(db.session(), Incident.id == incident.id)[0]


def held_by(incident: Incident, at: datetime) -> Held:
    updates = updates_of(incident.id)
    latest = updates[-1].id
    return Held(
        impacts=impacts_of([latest])[latest],
        effects={row.section_id: Effect(row.effect) for row in sections_of(incident.id)},
        outages=open_outages(incident.id, at),
        is_out=is_out(incident, at),
    )


def is_out(incident: Incident, at: datetime) -> bool:
    return incident.published_at is not None and incident.published_at <= at


def timeline(incident: Incident) -> list[Told]:
    """The newest first."""
    updates = updates_of(incident.id)
    impacts = impacts_of(update.id for update in updates)
    names = dict(db.session.execute(sa.select(Component.id, Component.name)).all())
    told = _progress(incident, updates[0].id)
    found: list[Told] = []
    before: dict[int, Status] = {}
    for update in updates:
        now = impacts[update.id]
        changed = [(names[id], status) for id, status in now.items() if before.get(id) is not status]
        worst = max(now.values(), key=lambda status: status.severity, default=Status.OPERATIONAL)
        found.append(Told(update, worst, sorted(changed), told.get(update.id)))
        before = now
    return found[::-1]


def _progress(incident: Incident, first: int) -> dict[int, Progress]:
    """Of its updates, by their ids. One that was a draft comes out with its ``first``."""
    kinds = ("incident.declare", "incident.publish", "incident.update", "incident.resolve", "incident.reopen")
    rows = sa.select(Change).where(Change.subject == subject_of(incident), Change.kind.in_(kinds))
    changes = list(db.session.scalars(rows))
    told = progress(changes)
    made: list[dict[str, Any]] = [one.after or {} for one in changes]
    return {
        after.get("update", first): told[one.revision]
        for one, after in zip(changes, made, strict=True)
        if one.revision in told
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody would read of a section."""

    notice: Notice
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Look:
    """How it will look: the notices on the sections that it touches, the incident itself, and whom it concerns."""

    fact: IncidentFact
    sections: list[Shown]
    components: list[tuple[str, Status]]
    reach: Reach


def look_of(
    incident: Incident | None,
    details: Details,
    said: Said,
    touches: Iterable[Touching],
    restores: bool,
    out_at: datetime,
) -> Look:
    """From the real facts, as if what is typed had been sent."""
    touches = tuple(touches)
    facts = publish.read_facts(out_at)
    fact = _imagined(incident, details, said, touches, out_at)
    others = tuple(one for one in facts.incidents if one.id != fact.id)
    ends = fact.id if restores and not fact.is_open else None
    wanted = replace(
        facts,
        incidents=others if details.is_private else (*others, fact),
        outages=_outages(facts, fact, details, touches, ends, out_at),
    )
    before = {section.key: section.notice for section in snapshot_at(facts, out_at).sections}
    ids = {touch.section_id for touch in fact.touches if touch.effect is not Effect.NOTHING}
    names = {component.id: component.name for component in facts.components}
    then = snapshot_at(wanted, out_at)
    shown = [
        _shown(section.notice, out_at)
        for section in then.sections
        if section.notice
        and section.state in (State.DOWN, State.DEGRADED)
        and (section.id in ids or before.get(section.key) != section.notice)
    ]
    struck = [(names[id], status) for id, status in fact.latest.impacts.items() if id in names]
    return Look(fact, shown, sorted(struck), reach.of_incident(then, fact))


def _shown(notice: Notice, at: datetime) -> Shown:
    telling = Telling(at.astimezone(settings().time_zone).date(), settings().time_zone)
    return Shown(notice, telling.plain(notice.title, notice), telling.plain(notice.message, notice))


def _imagined(
    incident: Incident | None, details: Details, said: Said, touches: tuple[Touching, ...], out_at: datetime
) -> IncidentFact:
    known = fact_of(incident) if incident is not None and is_out(incident, out_at) else None
    at = min(said.at or out_at, out_at)
    entries: tuple[Entry, ...] = known.entries if known else ()
    before = entry_at(entries, at)
    impacts = carried(before.impacts if before else {}, said.impacts, said.stage)
    typed = UpdateFact(_NEW, said.stage, said.body, at, out_at, said.next_at, None, said.tells, out_at, impacts)
    effects = {touch.section_id: touch.effect for touch in known.touches} if known else {}
    effects |= {one.section_id: one.effect for one in touches}
    given = {name: value for name, value in details.values().items() if name != "is_private"}
    made = known or IncidentFact(
        id=incident.id if incident else _NEW,
        published_at=out_at,
        over_at=None,
        created_at=out_at,
        revised_at=out_at,
        version=1,
        updates=(),
        **given,
    )
    updates = sorted((*made.updates, typed), key=lambda update: update.at)
    return replace(
        made,
        **given,
        updates=tuple(updates),
        touches=tuple(Touch(section_id, effect) for section_id, effect in effects.items()),
    )


def _outages(
    facts: Facts, fact: IncidentFact, details: Details, touches: Iterable[Touching], ends: int | None, at: datetime
) -> tuple[OutageFact, ...]:
    """Those that there are, without what the incident brings back, and with what it takes off."""
    changed = {one.section_id for one in touches}
    kept = tuple(
        outage
        for outage in facts.outages
        if outage.incident_id is None
        or outage.incident_id != fact.id
        or (outage.section_id not in changed and ends is None)
    )
    off = [one for one in touches if one.effect is Effect.DOWN and fact.is_open]
    return (*kept, *(_outage(fact, details, one, at) for one in off))


def _outage(fact: IncidentFact, details: Details, one: Touching, at: datetime) -> OutageFact:
    plan = plan_of(at, Incident(**details.values()), one, "")
    return OutageFact(
        id=_NEW,
        section_id=one.section_id,
        starts_at=at,
        planned_end=one.until,
        ended_at=None,
        at_end=plan.at_end,
        reason="",
        message=plan.message,
        alternative=plan.alternative,
        started_by="",
        created_at=at,
        said_at=at,
        version=1,
        incident_id=fact.id,
    )


def section_names(ids: Iterable[int]) -> list[str]:
    """In alphabetical order."""
    return list(db.session.scalars(sa.select(Section.name).where(Section.id.in_(list(ids))).order_by(Section.name)))
