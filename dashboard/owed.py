"""What people are owed: that a section is back, how a component is, what work strikes; whatever brought that about.

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
from dashboard.actions.writing import SIGNPOST
from dashboard.db import db
from dashboard.messages import Asked, Deed
from dashboard.models import Notification
from dashboard.rules.state import State
from dashboard.rules.telling import Audience
from dashboard.snapshot import Snapshot
from dashboard.telling import also_told_by, last_said, snapshot_now

BACK, STATUS, WORK = "section.back", "component.status", "window.edit"


def leave(at: datetime) -> int:
    """A notification for each that is owed; how many."""
    snapshot = snapshot_now(at)
    found = {**dict.fromkeys(_back(snapshot), BACK), **dict.fromkeys(_uncovered(snapshot), STATUS)}
    found |= dict.fromkeys(_overruled(snapshot), WORK)
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
    void, later = aliased(Notification), aliased(Notification)
    newer = later.thing == void.thing, later.audience == void.audience, later.id > void.id
    is_last = void.state == "void", void.audience == Audience.PUBLIC, ~sa.exists().where(*newer)
    things = set(db.session.scalars(sa.select(void.thing).where(*is_last, void.thing.startswith("component-"))))
    past = last_said(things)
    for one in snapshot.components:
        if f"component-{one.id}" in things and messages.is_untold(one, past, snapshot):
            yield f"component-{one.id}"


def _overruled(snapshot: Snapshot) -> Iterator[str]:
    """Planned work that people were told strikes what somebody keeps open in spite of it, or does not any more."""
    ids = {one.window_id for one in snapshot.history.facts.overrules}
    works = [one for one in snapshot.windows if one.id in ids]
    past = last_said({thing for one in works for thing in (f"window-{one.id}", f"series-{one.series_id}")})
    for one in works:
        thing, series = f"window-{one.id}", f"series-{one.series_id}"
        asked = Asked(thing, Audience.PUBLIC, (Deed(WORK, thing, "", SIGNPOST.name, snapshot.at, {}, {}),))
        if (thing in past or series in past) and messages.tell(asked, snapshot, past):
            yield thing
