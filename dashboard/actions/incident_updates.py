"""What is said of an incident that is out: the next update, until it is resolved or open again, and other words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from dashboard.actions import outages
from dashboard.actions.incident_parts import (
    Said,
    Touching,
    change_of,
    open_outages,
    over_at,
    subject_of,
    touch,
    write_update,
)
from dashboard.actions.incidents import alter
from dashboard.actions.writing import Actor, Refused, Values, Writing, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Incident, IncidentUpdate

_POSTING = ("incident.update", "incident.resolve", "incident.reopen")


def post(
    incident_id: int,
    version: int,
    said: Said,
    touches: Iterable[Touching],
    restores: bool,
    once: str,
    by: Actor,
    at: datetime,
) -> Change | None:
    """Say more. One that resolves it ends what it did to components, and with ``restores`` brings back the sections
    that it took off. Sent twice, the same form is answered with what it did.

    Raises Refused, and Conflict when somebody else said or changed something since.
    """
    with writing(by, at) as work:
        incident = _out(incident_id, at)
        if made := _made_by_form(incident, said, once):
            return made
        same_version(incident, version, subject_of(incident))
        was_open = over_at(incident.id) is None
        told = write_update(work, incident, said, once, at)
        over = over_at(incident.id)
        restores = restores and not said.stage.is_open
        sections = _sections(work, incident, touches, restores, once, is_over=over is not None)
        kind = _kind(was_open, over is None)
        before, after = {**sections[0]}, {**told, **sections[1]}
        return alter(work, incident, {"over_at": over}, kind, (before, after))


def edit_words(incident_id: int, version: int, update_id: int, body: str, by: Actor, at: datetime) -> Change | None:
    """Other words for what was said; the old ones are kept in the Change. None where nothing differs."""
    with writing(by, at) as work:
        incident = _out(incident_id, at)
        update = db.session.get_one(IncidentUpdate, update_id)
        if update.incident_id != incident_id:
            raise Refused("", "That was said of another incident.")
        if update.body == body:
            return None
        same_version(incident, version, subject_of(incident))
        before = {"update": update.id, "body": update.body}
        update.body, update.edited_at = body, at
        return alter(work, incident, {}, "incident.words", (before, {"update": update.id, "body": body}))


def _out(incident_id: int, at: datetime) -> Incident:
    incident = db.session.get_one(Incident, incident_id)
    if incident.published_at is None or incident.published_at > at or incident.discarded_at is not None:
        raise Refused("", "It is not published yet. Publish it first.")
    return incident


def _made_by_form(incident: Incident, said: Said, once: str) -> Change | None:
    """Raises Refused where it says something else by now, or of something else: that would be lost."""
    update = db.session.scalar(sa.select(IncidentUpdate).where(IncidentUpdate.once == once))
    if update is None:
        return None
    made = change_of(subject_of(incident), _POSTING, update.id)
    if made is None or update.body != said.body:
        raise Refused("once", "This form was sent before, and said something else. Send it again to say this too.")
    return made


def _kind(was_open: bool, is_open: bool) -> str:
    if was_open == is_open:
        return "incident.update"
    return "incident.reopen" if is_open else "incident.resolve"


def _sections(
    work: Writing, incident: Incident, touches: Iterable[Touching], restores: bool, once: str, is_over: bool
) -> tuple[Values, Values]:
    """While it is open what was asked for; with its end those that it took off come back, or stay off."""
    if not is_over:
        return touch(work, incident, touches, once)
    for outage in open_outages(incident.id, work.at).values() if restores else ():
        outages.bring_back(work, outage, outage.version)
    return {}, {}
