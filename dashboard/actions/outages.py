"""Taking a section off, and everything that is done to an outage until it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.writing import Actor, Conflict, Refused, Values, Writing, plain, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Outage, Section
from dashboard.rules.state import AtEnd


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person asks for. ``typed_start`` and ``typed_end`` are wall times in ``zone``, "" where none was typed.
    ``once`` comes from the form: the same form sent twice makes one outage."""

    starts_at: datetime
    planned_end: datetime | None
    at_end: AtEnd
    reason: str
    message: str
    alternative: str
    zone: str
    typed_start: str
    typed_end: str
    once: str


def start(section_id: int, plan: Plan, by: Actor, at: datetime) -> Change | None:
    """Take the section off; None when this very form did so already.

    Raises Refused for times that make no sense, and Conflict when somebody else has taken it off for that time.
    """
    with writing(by, at) as work:
        if db.session.scalar(sa.select(Outage.id).where(Outage.once == plan.once)):
            return None
        section = _open_section(section_id)
        _refuse_times(plan.starts_at, plan.planned_end, at)
        refuse_overlap(section.id, plan.starts_at, at)
        outage = Outage(
            section_id=section.id, started_by_id=by.person_id, started_by=by.name, created_at=at, said_at=at
        )
        for name in Plan.__slots__:
            setattr(outage, name, plain(getattr(plan, name)) if name == "at_end" else getattr(plan, name))
        outage.over_at = _over_at(plan.planned_end, None, plan.at_end)
        db.session.add(outage)
        db.session.flush()
        after = {
            name: plain(getattr(outage, name)) for name in ("starts_at", "planned_end", "at_end", "reason", "message")
        }
        subject = f"outage-{outage.id}"
        return work.record(
            "outage.start", subject, section.name, None, {**after, "version": outage.version}, section.id
        )


def extend(
    outage_id: int, version: int, planned_end: datetime | None, zone: str, typed_end: str, by: Actor, at: datetime
) -> Change | None:
    """Another planned end, later or sooner; None is not known."""
    with writing(by, at) as work:
        outage = _open_outage(outage_id, version, at)
        _refuse_times(outage.starts_at, planned_end, at)
        values: Values = {"planned_end": planned_end, "zone": zone, "typed_end": typed_end}
        return _change(work, outage, values, "outage.extend")


def edit_words(
    outage_id: int, version: int, message: str, alternative: str, reason: str, by: Actor, at: datetime
) -> Change | None:
    with writing(by, at) as work:
        outage = _open_outage(outage_id, version, at)
        return _change(work, outage, {"message": message, "alternative": alternative, "reason": reason}, "outage.words")


def end(outage_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Bring the section back now; one that has not begun is called off."""
    with writing(by, at) as work:
        outage = _open_outage(outage_id, version, at)
        return _change(work, outage, {"ended_at": at}, "outage.end" if outage.starts_at <= at else "outage.cancel")


def _change(work: Writing, outage: Outage, values: Values, kind: str) -> Change | None:
    section = db.session.get_one(Section, outage.section_id)
    planned_end = values.get("planned_end", outage.planned_end)
    ended_at = values.get("ended_at", outage.ended_at)
    over_at = _over_at(planned_end, ended_at, AtEnd(values.get("at_end", outage.at_end)))
    if all(getattr(outage, name) == value for name, value in values.items()):
        return None
    values = {**values, "over_at": over_at, "said_at": work.at}
    return work.change(outage, values, kind, f"outage-{outage.id}", section.name, section.id)


def _over_at(planned_end: datetime | None, ended_at: datetime | None, at_end: AtEnd) -> datetime | None:
    return ended_at or (planned_end if at_end is AtEnd.RESTORE else None)


def _open_section(section_id: int) -> Section:
    section = db.session.get_one(Section, section_id)
    if section.archived_at is not None:
        raise Refused("", f"{section.name} is archived. Restore it first.")
    return section


def _outage(outage_id: int) -> Outage:
    return db.session.get_one(Outage, outage_id)


def _open_outage(outage_id: int, version: int, at: datetime) -> Outage:
    outage = _outage(outage_id)
    same_version(outage, version, f"outage-{outage_id}")
    if outage.over_at is not None and outage.over_at <= at:
        raise Refused("", "It is over already: the section is back.")
    return outage


def _refuse_times(starts_at: datetime, planned_end: datetime | None, at: datetime) -> None:
    if planned_end is None:
        return
    if planned_end <= at:
        raise Refused("until", "That time has passed. Choose one that is still to come.")
    if planned_end <= starts_at:
        raise Refused("until", "It would end before it starts. Choose a later end.")


def refuse_overlap(section_id: int, starts_at: datetime, at: datetime, besides: int | None = None) -> None:
    """Raises Conflict where the section would be off already, by another outage of its own, when one from
    ``starts_at`` would first hold: two at one time would only hide each other. A planned one may begin meanwhile.
    ``besides``: the id of the outage that is asked for."""
    since = max(starts_at, at)
    others = sa.select(Outage.id).where(
        Outage.section_id == section_id,
        Outage.starts_at <= since,
        sa.or_(Outage.over_at.is_(None), Outage.over_at > since),
    )
    if besides is not None:
        others = others.where(Outage.id != besides)
    other = db.session.scalar(others.order_by(Outage.starts_at, Outage.id).limit(1))
    if other is not None:
        raise Conflict(f"outage-{other}")
