"""All that is known of an incident in order of time: what was said, what became of sections and components, who did
what. For staff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dashboard.actions.incident_parts import impacts_of, updates_of
from dashboard.actions.writing import SIGNPOST
from dashboard.db import db
from dashboard.documents.html import STATUS_WORDS
from dashboard.models import Change, Component, Incident, Outage, Section
from dashboard.rules.incident import Stage
from dashboard.rules.report import Line
from dashboard.rules.status import Status
from dashboard.views.deeds import deed
from dashboard.views.incident_forms import STAGES

_BEFORE = timedelta(hours=1)  # so long before its first update its components are looked at
_ORDER = ("update", "component", "section", "change")
_SAID = ("incident.declare", "incident.update", "incident.resolve", "incident.reopen")  # its updates tell it
_SPANS = ("outage.start", "outage.end", "outage.cancel")  # its outages tell it


def of(incident: Incident, at: datetime) -> list[Line]:
    """Until ``at``, in order of time."""
    outages = list(db.session.scalars(sa.select(Outage).where(Outage.incident_id == incident.id)))
    lines = [*_updates(incident), *_sections(outages), *_components(incident), *_changes(incident, outages)]
    told = [line for line in lines if line.at <= at]
    return sorted(told, key=lambda line: (line.at, _ORDER.index(line.kind)))


def _updates(incident: Incident) -> Iterator[Line]:
    """What was said, and what became of components with it."""
    updates = updates_of(incident.id)
    impacts, names = impacts_of(update.id for update in updates), _names(Component)
    is_public = not incident.is_private
    before: dict[int, Status] = {}
    for update in updates:
        said = STAGES[Stage(update.stage)][0]
        yield Line(update.at, "update", update.by, said, update.body, is_public)
        for id, status in impacts[update.id].items():
            if before.get(id, Status.OPERATIONAL) is not status:
                yield Line(update.at, "component", update.by, f"{names[id]}: {_said(status)}", "", is_public)
        before = impacts[update.id]


def _sections(outages: Iterable[Outage]) -> Iterator[Line]:
    outages = list(outages)
    names, enders = _names(Section), _enders(outages)
    for outage in outages:
        name, ender = names[outage.section_id], enders.get(f"outage-{outage.id}")
        yield Line(outage.starts_at, "section", outage.started_by, f"{name}: off", outage.message, True)
        if outage.over_at is not None:
            yield Line(
                outage.over_at, "section", ender.actor if ender else SIGNPOST.name, f"{name}: on again", "", True
            )


def _components(incident: Incident) -> Iterator[Line]:
    """What people and checks said meanwhile of the components that it touched."""
    updates = updates_of(incident.id)
    touched = {id for impacts in impacts_of(update.id for update in updates).values() for id in impacts}
    end = incident.over_at or updates[-1].at
    subjects = [f"component-{id}" for id in touched]
    chosen = sa.select(Change).where(Change.subject.in_(subjects), Change.at.between(updates[0].at - _BEFORE, end))
    for change in db.session.scalars(chosen.order_by(Change.id)):
        status: Any = (change.after or {}).get("status")
        if status:
            yield Line(
                change.at, "component", change.actor, f"{change.subject_name}: {_said(Status(status))}", "", True
            )


def _changes(incident: Incident, outages: Iterable[Outage]) -> Iterator[Line]:
    """Who did what, where nothing else tells it."""
    subjects = [f"incident-{incident.id}", *(f"outage-{outage.id}" for outage in outages)]
    chosen = sa.select(Change).where(Change.subject.in_(subjects), Change.kind.not_in((*_SAID, *_SPANS)))
    for change in db.session.scalars(chosen.order_by(Change.id)):
        words = deed(change)
        yield Line(change.at, "change", change.actor, f"{words[:1].upper()}{words[1:]}")


def _enders(outages: Iterable[Outage]) -> dict[str, Change]:
    """Who ended each, by its subject."""
    subjects = [f"outage-{outage.id}" for outage in outages]
    rows = sa.select(Change).where(Change.subject.in_(subjects), Change.kind.in_(("outage.end", "outage.cancel")))
    return {change.subject: change for change in db.session.scalars(rows.order_by(Change.id))}


def _names(model: type[Component | Section]) -> dict[int, str]:
    return dict(db.session.execute(sa.select(model.id, model.name)).all())


def _said(status: Status) -> str:
    return STATUS_WORDS[status].lower()
