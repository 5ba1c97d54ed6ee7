"""What the actions on incidents share within a transaction: their updates, impacts and sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard.actions import outages
from dashboard.actions.outages import Plan
from dashboard.actions.writing import Conflict, Refused, Values, Writing
from dashboard.db import db
from dashboard.models import (
    Change,
    Component,
    Incident,
    IncidentImpact,
    IncidentSection,
    IncidentUpdate,
    Outage,
    Section,
)
from dashboard.rules.incident import Entry, Stage, carried, ended_at, entry_at, next_stages
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status


@dataclass(frozen=True, slots=True)
class Details:
    """What readers need to know, and what they may not."""

    title: str
    is_private: bool = False
    impact_override: str = ""
    broken: str = ""
    affected: str = ""
    instead: str = ""
    expected: str = ""
    third_party: str = ""
    third_party_url: str = ""

    def values(self) -> Values:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Said:
    """An update as somebody writes it. ``at`` is when it was so, None is now; ``impacts`` are those that it names."""

    stage: Stage
    body: str
    impacts: Mapping[int, Status]
    next_at: datetime | None = None
    at: datetime | None = None
    tells: bool = True


@dataclass(frozen=True, slots=True)
class Touching:
    """What is to become of a section. ``until`` and the wall time as typed are of one that goes off."""

    section_id: int
    effect: Effect
    until: datetime | None = None
    zone: str = ""
    typed_until: str = ""


def subject_of(incident: Incident) -> str:
    return f"incident-{incident.id}"


def updates_of(incident_id: int) -> list[IncidentUpdate]:
    """In order of time."""
    rows = sa.select(IncidentUpdate).where(IncidentUpdate.incident_id == incident_id)
    return list(db.session.scalars(rows.order_by(IncidentUpdate.at, IncidentUpdate.id)))


def impacts_of(update_ids: Iterable[int]) -> dict[int, dict[int, Status]]:
    """By the update's id, the status of each component."""
    found: dict[int, dict[int, Status]] = {id: {} for id in update_ids}
    rows = sa.select(IncidentImpact).where(IncidentImpact.update_id.in_(found))
    for row in db.session.scalars(rows):
        found[row.update_id][row.component_id] = Status(row.status)
    return found


def entries_of(incident_id: int) -> list[Entry]:
    updates = updates_of(incident_id)
    impacts = impacts_of(update.id for update in updates)
    return [Entry(update.at, Stage(update.stage), impacts[update.id]) for update in updates]


def open_outages(incident_id: int, at: datetime) -> dict[int, Outage]:
    """Those that the incident began and nobody ended, by the section's id."""
    here = Outage.incident_id == incident_id, sa.or_(Outage.over_at.is_(None), Outage.over_at > at)
    return {outage.section_id: outage for outage in db.session.scalars(sa.select(Outage).where(*here))}


def change_of(subject: str, kinds: Sequence[str], update_id: int | None = None) -> Change | None:
    """What was recorded when it was made, to answer a form that is sent twice."""
    rows = sa.select(Change).where(Change.subject == subject, Change.kind.in_(kinds)).order_by(Change.id)
    found = db.session.scalars(rows)
    return next((one for one in found if update_id is None or (one.after or {}).get("update") == update_id), None)


def write_update(work: Writing, incident: Incident, said: Said, once: str, out_at: datetime) -> Values:
    """Add it in its place in time, with the whole of its impacts; what came later learns of components that it did
    not know. What is told of it in the Change. Raises Refused."""
    at = said.at or out_at
    entries = entries_of(incident.id)
    refuse_said(said, entries, at, work.at, out_at)
    before = entry_at(entries, at)
    impacts = carried(before.impacts if before else {}, said.impacts, said.stage)
    update = IncidentUpdate(
        incident_id=incident.id,
        stage=said.stage,
        body=said.body,
        at=at,
        visible_from=out_at,
        next_at=said.next_at if said.stage.is_open else None,
        tells=said.tells,
        by_id=work.by.person_id,
        by=work.by.name,
        created_at=work.at,
        once=once,
    )
    db.session.add(update)
    db.session.flush()
    set_impacts(update.id, impacts)
    _carry_on(incident.id, update, impacts)
    return {"update": update.id, **told_of(update, said.impacts)}


def told_of(update: IncidentUpdate, impacts: Mapping[int, Status]) -> Values:
    """An update as a Change tells of it."""
    return {
        "stage": str(update.stage),
        "body": update.body,
        "said_of": update.at.isoformat(),
        "next_at": update.next_at.isoformat() if update.next_at else None,
        "statuses": sorted([id, str(status)] for id, status in impacts.items()),
        "tells": update.tells,
    }


def set_impacts(update_id: int, impacts: Mapping[int, Status]) -> None:
    db.session.execute(sa.delete(IncidentImpact).where(IncidentImpact.update_id == update_id))
    db.session.add_all(
        IncidentImpact(update_id=update_id, component_id=id, status=status) for id, status in impacts.items()
    )
    db.session.flush()


def _carry_on(incident_id: int, update: IncidentUpdate, impacts: Mapping[int, Status]) -> None:
    """An update that is told afterwards may touch components that the later ones do not name."""
    later = [one for one in updates_of(incident_id) if (one.at, one.id) > (update.at, update.id)]
    known = impacts_of(one.id for one in later)
    held = dict(impacts)
    for one in later:
        held = {**carried(held, {}, Stage(one.stage)), **known[one.id]}
        missing = held.keys() - known[one.id].keys()
        db.session.add_all(IncidentImpact(update_id=one.id, component_id=id, status=held[id]) for id in missing)
    db.session.flush()


def refuse_said(said: Said, entries: Sequence[Entry], at: datetime, now: datetime, out_at: datetime) -> None:
    if at > out_at or (said.at is not None and said.at > now):
        raise Refused("when_at", "That time is still to come. Give the time at which it was so.")
    before = entry_at(entries, at)
    if said.stage not in next_stages(before.stage if before else None):
        raise Refused("stage", "Choose where we are.")
    if said.next_at is not None and said.stage.is_open and said.next_at <= out_at:
        raise Refused("next_at", "That time has passed by then. Promise one that is still to come.")
    known = set(db.session.scalars(sa.select(Component.id).where(Component.id.in_(list(said.impacts)))))
    if known != said.impacts.keys():
        raise Refused("components", "One of these components is not there any more. Look at them again.")


def over_at(incident_id: int) -> datetime | None:
    return ended_at(entries_of(incident_id))


def touch(work: Writing, incident: Incident, touches: Iterable[Touching], once: str) -> tuple[Values, Values]:
    """Do to each section what was asked for; what the incident does to its sections, before and after, as a Change
    tells it. Raises Refused."""
    rows = {row.section_id: row for row in sections_of(incident.id)}
    before = _told(rows.values())
    off = open_outages(incident.id, work.at)
    for one in touches:
        if one.effect is Effect.DOWN:
            _take_off(work, incident, one, off.get(one.section_id), once)
        elif one.section_id in off:
            outages.bring_back(work, off[one.section_id], off[one.section_id].version)
        _note(incident.id, one, rows)
    after = _told(rows.values())
    return ({"touches": before}, {"touches": after}) if after != before else ({}, {})


def name_sections(incident: Incident, touches: Iterable[Touching]) -> None:
    """Of one that is not out yet: nothing is done to them."""
    db.session.execute(sa.delete(IncidentSection).where(IncidentSection.incident_id == incident.id))
    rows: dict[int, IncidentSection] = {}
    for one in touches:
        _note(incident.id, one, rows)
    db.session.flush()


def sections_of(incident_id: int) -> list[IncidentSection]:
    rows = sa.select(IncidentSection).where(IncidentSection.incident_id == incident_id)
    return list(db.session.scalars(rows.order_by(IncidentSection.section_id)))


def _note(incident_id: int, one: Touching, rows: dict[int, IncidentSection]) -> None:
    if one.section_id in rows:
        rows[one.section_id].effect = one.effect
    else:
        rows[one.section_id] = IncidentSection(incident_id=incident_id, section_id=one.section_id, effect=one.effect)
        db.session.add(rows[one.section_id])


def _told(rows: Iterable[IncidentSection]) -> list[list[object]]:
    return sorted([row.section_id, str(row.effect)] for row in rows)


def _take_off(work: Writing, incident: Incident, one: Touching, outage: Outage | None, once: str) -> None:
    """By an outage of its own; one that it began already gets another end."""
    field = f"section-{one.section_id}"
    try:
        if outage is not None:
            outages.move_end(work, outage, outage.version, one.until, one.zone, one.typed_until)
        else:
            outages.begin(work, one.section_id, plan_of(work.at, incident, one, once), incident.id)
    except Refused as refused:
        raise Refused(field, refused.sentence) from None
    except Conflict:
        name = db.session.get_one(Section, one.section_id).name
        raise Refused(field, f"{name} is off already, by an outage of its own. Leave it as it is here.") from None


def hide_words(work: Writing, incident: Incident) -> None:
    """What its outages tell in its words, they tell no more: it is to be private."""
    found = db.session.scalars(sa.select(Outage).where(Outage.incident_id == incident.id).order_by(Outage.id))
    for outage in found:
        one = Touching(outage.section_id, Effect.DOWN)
        was, shall = plan_of(work.at, incident, one, ""), plan_of(work.at, Incident(is_private=True), one, "")
        names = [name for name in ("reason", "message", "alternative") if getattr(outage, name) == getattr(was, name)]
        values = {name: getattr(shall, name) for name in names}
        section = db.session.get_one(Section, outage.section_id)
        work.change(outage, values, "outage.words", f"outage-{outage.id}", section.name, section.id)


def plan_of(at: datetime, incident: Incident, one: Touching, once: str) -> Plan:
    """The section's own ready words, or else what the incident tells readers; of a private one nothing."""
    section = db.session.get_one(Section, one.section_id)
    tells = not incident.is_private
    return Plan(
        starts_at=at,
        planned_end=one.until,
        at_end=AtEnd.HOLD,
        reason=incident.title if tells else "Part of a private incident",
        message=section.message or (" ".join(filter(None, (incident.broken, incident.affected))) if tells else ""),
        alternative=section.alternative or (incident.instead if tells else ""),
        zone=one.zone,
        typed_start="",
        typed_end=one.typed_until,
        once=f"{once}-{one.section_id}",
    )
