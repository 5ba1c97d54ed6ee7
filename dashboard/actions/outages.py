"""Taking a section off, and everything that is done to an outage until it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.writing import (
    Actor,
    Conflict,
    Refused,
    Values,
    Writing,
    differences,
    plain,
    same_version,
    writing,
)
from dashboard.db import db
from dashboard.models import Change, Outage, Section
from dashboard.rules.state import AtEnd
from dashboard.rules.telling import Tells


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person asks for. ``typed_start`` and ``typed_end`` are wall times in ``zone``, "" where none was typed.
    ``once`` comes from the form: the same form sent twice makes one outage. ``tells``: are followers told of it?"""

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
    tells: str = Tells.LENGTH


def start(section_id: int, plan: Plan, by: Actor, at: datetime) -> Change:
    """Take the section off; sent twice, the same form is answered with what it did.

    Raises Refused for times that make no sense, and Conflict when the section would be off already then.
    """
    with writing(by, at) as work:
        if made := _made_by_form(plan.once, at):
            return made
        return begin(work, section_id, plan)


def extend(
    outage_id: int,
    version: int,
    planned_end: datetime | None,
    zone: str,
    typed_end: str,
    by: Actor,
    at: datetime,
    tells: str | None = None,
) -> Change | None:
    """Another planned end, later or sooner; None is not known. The outage keeps one zone: where its start was typed
    in another, the typed end is kept as the moment alone. ``tells``: whether followers are told from now on, None for
    as it was."""
    with writing(by, at) as work:
        return move_end(work, _open_outage(outage_id, at), version, planned_end, zone, typed_end, tells)


def edit_words(
    outage_id: int, version: int, message: str, alternative: str, reason: str, by: Actor, at: datetime
) -> Change | None:
    with writing(by, at) as work:
        values: Values = {"message": message, "alternative": alternative, "reason": reason}
        return _change(work, _open_outage(outage_id, at), version, values, "outage.words")


def end(outage_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Bring the section back now; one that has not begun is called off. What is over is left as it is."""
    with writing(by, at) as work:
        return bring_back(work, db.session.get_one(Outage, outage_id), version)


def begin(work: Writing, section_id: int, plan: Plan, incident_id: int | None = None) -> Change:
    """Within a transaction: take the section off, for an incident if it is one of its. Raises as `start` does."""
    section = _open_section(section_id)
    refuse_times(plan.starts_at, plan.planned_end, work.at)
    refuse_overlap(section.id, plan.starts_at, work.at)
    given = {name: getattr(plan, name) for name in Plan.__slots__}
    outage = Outage(
        **given,
        over_at=_over_at(plan.planned_end, None, plan.at_end),
        section_id=section.id,
        incident_id=incident_id,
        started_by_id=work.by.person_id,
        started_by=work.by.name,
        created_at=work.at,
        said_at=work.at,
    )
    db.session.add(outage)
    db.session.flush()
    after = {name: plain(value) for name, value in given.items() if name != "once"}
    after |= {"incident": incident_id} if incident_id else {}
    subject = f"outage-{outage.id}"
    return work.record("outage.start", subject, section.name, None, {**after, "version": outage.version}, section.id)


def move_end(
    work: Writing,
    outage: Outage,
    version: int,
    planned_end: datetime | None,
    zone: str,
    typed_end: str,
    tells: str | None = None,
) -> Change | None:
    """Within a transaction: another planned end. Raises as `extend` does."""
    refuse_times(outage.starts_at, planned_end, work.at)
    kept = outage.zone if outage.typed_start or not typed_end else zone
    values: Values = {"planned_end": planned_end, "zone": kept, "typed_end": typed_end if zone == kept else ""}
    if planned_end == outage.planned_end:
        values = {}
    values |= {"tells": tells} if tells else {}
    return _change(work, outage, version, values, "outage.extend")


def bring_back(work: Writing, outage: Outage, version: int) -> Change | None:
    """Within a transaction: end it, or call it off before it begins."""
    kind = "outage.end" if outage.starts_at <= work.at else "outage.cancel"
    return _change(work, outage, version, {} if is_over(outage, work.at) else {"ended_at": work.at}, kind)


def _change(work: Writing, outage: Outage, version: int, values: Values, kind: str) -> Change | None:
    """Where nothing differs, nobody is in anybody's way: None, or what this person's first click of two did."""
    subject = f"outage-{outage.id}"
    if not differences(outage, values)[1]:
        return None if version == outage.version else _done_by(work.by, subject, kind)
    same_version(outage, version, subject)
    section = db.session.get_one(Section, outage.section_id)
    planned_end, ended_at = values.get("planned_end", outage.planned_end), values.get("ended_at")
    over_at = _over_at(planned_end, ended_at, AtEnd(outage.at_end))
    return work.change(
        outage, {**values, "over_at": over_at, "said_at": work.at}, kind, subject, section.name, section.id
    )


def _done_by(by: Actor, subject: str, kind: str) -> Change | None:
    last = db.session.scalars(sa.select(Change).where(Change.subject == subject).order_by(Change.id.desc())).first()
    this = (kind, by.person_id, by.name)
    return last if last and (last.kind, last.person_id, last.actor) == this else None


def _made_by_form(once: str, at: datetime) -> Change | None:
    """What this form did when it was sent before. Raises Refused when that is over."""
    outage = db.session.scalar(sa.select(Outage).where(Outage.once == once))
    if outage is None:
        return None
    if is_over(outage, at):
        raise Refused("once", "This form was sent before, and what it began is over. Send it again to begin anew.")
    made = sa.select(Change).where(Change.subject == f"outage-{outage.id}", Change.kind == "outage.start")
    return db.session.scalars(made).one()


def _over_at(planned_end: datetime | None, ended_at: datetime | None, at_end: AtEnd) -> datetime | None:
    return ended_at or (planned_end if at_end is AtEnd.RESTORE else None)


def is_over(outage: Outage, at: datetime) -> bool:
    return outage.over_at is not None and outage.over_at <= at


def _open_section(section_id: int) -> Section:
    section = db.session.get_one(Section, section_id)
    if section.archived_at is not None:
        raise Refused("", f"{section.name} is archived. Restore it first.")
    return section


def _open_outage(outage_id: int, at: datetime) -> Outage:
    outage = db.session.get_one(Outage, outage_id)
    if is_over(outage, at):
        raise Refused("", "This outage is over already. Turn the section off again instead.")
    return outage


def refuse_times(starts_at: datetime, planned_end: datetime | None, at: datetime) -> None:
    """Raises Refused for an end that cannot be."""
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
