"""Declaring an incident, now or later; what is written of it before it is out; and its details afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dashboard.actions.incident_parts import (
    Details,
    Said,
    Touching,
    change_of,
    hide_words,
    name_sections,
    over_at,
    refuse_said,
    sections_of,
    set_impacts,
    subject_of,
    told_of,
    touch,
    updates_of,
    write_update,
)
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
from dashboard.models import Change, Incident, IncidentUpdate
from dashboard.rules.incident import carried
from dashboard.rules.state import Effect

_MAKING = ("incident.declare", "incident.draft", "incident.schedule")


def declare(
    details: Details,
    said: Said,
    touches: Iterable[Touching],
    once: str,
    out_at: datetime | None,
    by: Actor,
    at: datetime,
    meant_at: datetime | None = None,
) -> Change:
    """Out at ``out_at``: now or later; None is a draft, and ``meant_at`` is when that may come out some day. Sent
    twice, the same form is answered with what it did.

    Raises Refused.
    """
    touches = tuple(touches)
    with writing(by, at) as work:
        if made := _made_by_form(once, said):
            return made
        _refuse_out(out_at, touches, at)
        incident = Incident(
            **details.values(),
            declared_by_id=by.person_id,
            declared_by=by.name,
            published_at=out_at,
            created_at=at,
            revised_at=at,
            once=once,
        )
        db.session.add(incident)
        db.session.flush()
        told = write_update(work, incident, said, once, out_at or max(meant_at or at, at))
        kind, after = _sections(work, incident, touches, once, out_at)
        incident.over_at = over_at(incident.id)
        db.session.flush()
        values = {name: plain(value) for name, value in details.values().items()}
        values |= {"published_at": plain(out_at), **told, **after, "version": incident.version}
        return work.record(kind or "incident.declare", subject_of(incident), incident.title, None, values)


def rewrite(
    incident_id: int,
    version: int,
    details: Details,
    said: Said,
    touches: Iterable[Touching],
    out_at: datetime | None,
    by: Actor,
    at: datetime,
    meant_at: datetime | None = None,
) -> Change | None:
    """Another text for one that is not out yet; the times are as in `declare`.

    Raises Refused, and Conflict when somebody else wrote on it or published it since.
    """
    touches = tuple(touches)
    with writing(by, at) as work:
        incident = db.session.get_one(Incident, incident_id)
        same_version(incident, version, subject_of(incident))
        _refuse_out_already(incident, at)
        _refuse_out(out_at, touches, at)
        update = updates_of(incident.id)[0]
        told = _rewrite_update(work, incident, update, said, out_at or max(meant_at or at, at))
        before_sections = {"touches": [[row.section_id, str(row.effect)] for row in sections_of(incident.id)]}
        values = {**details.values(), "published_at": out_at, "over_at": over_at(incident.id)}
        incident.is_private = details.is_private  # what its sections say depends on it
        kind, after = _sections(work, incident, touches, update.once, out_at)
        return alter(work, incident, values, kind or "incident.publish", _differing(told, before_sections, after))


def call_off(incident_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """One that was to come out later is a draft again."""
    with writing(by, at) as work:
        incident = db.session.get_one(Incident, incident_id)
        if incident.published_at is None:
            return None
        same_version(incident, version, subject_of(incident))
        _refuse_out_already(incident, at)
        return alter(work, incident, {"published_at": None}, "incident.call_off")


def discard(incident_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Throw a draft away; it can be taken back."""
    with writing(by, at) as work:
        incident = db.session.get_one(Incident, incident_id)
        if incident.discarded_at is not None:
            return None
        same_version(incident, version, subject_of(incident))
        _refuse_out_already(incident, at)
        return alter(work, incident, {"discarded_at": at, "published_at": None}, "incident.discard")


def edit(incident_id: int, version: int, details: Details, by: Actor, at: datetime) -> Change | None:
    """Other details for one that is out. None where nothing differs, whoever made it so."""
    with writing(by, at) as work:
        incident = db.session.get_one(Incident, incident_id)
        if not differences(incident, details.values())[1]:
            return None
        same_version(incident, version, subject_of(incident))
        if details.is_private and not incident.is_private:
            hide_words(work, incident)
        return alter(work, incident, details.values(), "incident.edit")


def alter(
    work: Writing, incident: Incident, values: Values, kind: str, beside: tuple[Values, Values] = ({}, {})
) -> Change | None:
    """Within an open transaction: another version of it."""
    title = values.get("title", incident.title)
    return work.change(incident, {**values, "revised_at": work.at}, kind, subject_of(incident), title, beside=beside)


def take_back(work: Writing, incident: Incident, change: Change, values: Values) -> Change | None:
    """Within an open transaction: everything is as it was before the change, ``values`` of it in its own columns.
    Raises Refused where it is history."""
    beside: tuple[Values, Values] = ({}, {})
    before: Any = change.before or {}
    if "update" in before:
        update = db.session.get_one(IncidentUpdate, before["update"])
        beside = {**before, "body": update.body}, {"update": update.id, "body": before["body"]}
        update.body, update.edited_at = before["body"], work.at
        values = {}
    if values.get("published_at") is not None and values["published_at"] <= work.at:
        raise Refused("", "The time at which it was to come out has passed. Publish it instead.")
    return alter(work, incident, values, "incident.undo", beside)


def _made_by_form(once: str, said: Said) -> Change | None:
    """Raises Refused where it says something else by now, or told of another incident: that would be lost."""
    update = db.session.scalar(sa.select(IncidentUpdate).where(IncidentUpdate.once == once))
    if update is None:
        return None
    incident = db.session.get_one(Incident, update.incident_id)
    if incident.once != once or update.body != said.body:
        raise Refused("once", f"This form was sent before, and made “{incident.title}”. Send it again to make another.")
    return change_of(subject_of(incident), _MAKING)


def _sections(
    work: Writing, incident: Incident, touches: tuple[Touching, ...], once: str, out_at: datetime | None
) -> tuple[str, Values]:
    """Of one that is not out yet, or is over already, they are only named. The kind of Change that this is ("" where
    it is out now), and what it tells of sections."""
    if out_at == work.at and over_at(incident.id) is None:
        db.session.flush()
        name_sections(incident, ())
        return "", touch(work, incident, touches, once)[1]
    name_sections(incident, touches)
    told = sorted([one.section_id, str(one.effect)] for one in touches)
    kind = "" if out_at == work.at else "incident.schedule" if out_at else "incident.draft"
    return kind, {"touches": told} if told else {}


def _rewrite_update(
    work: Writing, incident: Incident, update: IncidentUpdate, said: Said, out_at: datetime
) -> tuple[Values, Values]:
    at = said.at or out_at
    refuse_said(said, (), at, work.at, out_at)
    before = told_of(update, {})
    update.stage, update.body, update.at, update.visible_from = said.stage, said.body, at, out_at
    update.next_at, update.tells = said.next_at if said.stage.is_open else None, said.tells
    update.by_id, update.by = work.by.person_id, work.by.name
    set_impacts(update.id, carried({}, said.impacts, said.stage))
    db.session.flush()
    return {**before, "statuses": None}, told_of(update, said.impacts)


def _differing(told: tuple[Values, Values], before_sections: Values, after_sections: Values) -> tuple[Values, Values]:
    before = {**told[0], **before_sections}
    after = {**told[1], "touches": after_sections.get("touches", [])}
    names = [name for name in after if before[name] != after[name]]
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def _refuse_out(out_at: datetime | None, touches: Iterable[Touching], at: datetime) -> None:
    if out_at is None or out_at == at:
        return
    if out_at < at:
        raise Refused("when_at", "That time has passed. Choose one that is still to come, or publish it now.")
    for one in touches:
        if one.effect is Effect.DOWN:
            raise Refused(
                f"section-{one.section_id}",
                "Published later, it can take no section off yet. Plan that on the section’s own page.",
            )


def _refuse_out_already(incident: Incident, at: datetime) -> None:
    if incident.published_at is not None and incident.published_at <= at:
        raise Conflict(subject_of(incident))
