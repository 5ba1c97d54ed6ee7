"""What somebody has typed and not sent: kept while they type, gone once it was sent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.writing import Actor, writing
from dashboard.db import db
from dashboard.models import Draft

Typed = dict[str, list[str]]


def keep(person_id: int, form: str, fields: Typed, by: Actor, at: datetime) -> None:
    """The newest of each person and form. Nothing becomes true by it, so no Change is written."""
    with writing(by, at):
        draft = db.session.get(Draft, (person_id, form))
        if draft is None:
            db.session.add(Draft(person_id=person_id, form=form, fields=fields, saved_at=at))
        else:
            draft.fields, draft.saved_at = fields, at


def drop(person_id: int, form: str, by: Actor, at: datetime) -> None:
    with writing(by, at):
        db.session.execute(sa.delete(Draft).where(Draft.person_id == person_id, Draft.form == form))
