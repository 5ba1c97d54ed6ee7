"""What people are owed: that a section is back, or how a component is, whatever brought that about.

They were told that it is off, and it is not; or something else decided how it is, so that nothing could be told, and
does not any more. What sets it free may leave no notification of its own: so the clock looks, each minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from dashboard import messages
from dashboard.actions import notifying
from dashboard.db import db
from dashboard.models import Notification
from dashboard.rules.state import State
from dashboard.rules.telling import BACK, Audience
from dashboard.snapshot import Snapshot
from dashboard.telling import also_told_by, last_said, snapshot_now

_STATUS = "component.status"


def leave(at: datetime) -> int:
    """A notification for each that is owed; how many."""
    snapshot = snapshot_now(at)
    found = {**dict.fromkeys(_back(snapshot), BACK), **dict.fromkeys(_uncovered(snapshot), _STATUS)}
    db.session.rollback()
    return notifying.owe(found, at)


def _back(snapshot: Snapshot) -> Iterator[str]:
    """Sections that people were told are off, by themselves or with an incident, and that are not any more."""
    facts = snapshot.history.facts
    ended = {one.section_id for one in (*facts.ended_outages, *facts.outages)}
    works = [one for one in snapshot.sections if one.id in ended and one.state is not State.DOWN]
    also = also_told_by(facts)
    past = last_said({thing for one in works for thing in (f"section-{one.id}", *also[f"section-{one.id}"])})
    for one in works:
        thing = f"section-{one.id}"
        if messages.is_owed(one, {told: past[told] for told in (thing, *also[thing]) if told in past}):
            yield thing


def _uncovered(snapshot: Snapshot) -> Iterator[str]:
    """Components of which nothing could be told, as something else decided how they are, and does not any more."""
    void, later = aliased(Notification), aliased(Notification)
    newer = later.thing == void.thing, later.audience == void.audience, later.id > void.id
    is_last = void.state == "void", void.audience == Audience.PUBLIC, ~sa.exists().where(*newer)
    things = set(db.session.scalars(sa.select(void.thing).where(*is_last, void.thing.startswith("component-"))))
    past = last_said(things)
    for one in snapshot.components:
        if f"component-{one.id}" in things and messages.is_untold(one, past, snapshot):
            yield f"component-{one.id}"
