"""What people have typed and not sent yet: kept while they type, offered again, and a sign to others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import abort, request
from werkzeug.datastructures import MultiDict

from dashboard.actions import drafts
from dashboard.db import db
from dashboard.models import Draft, Person
from dashboard.rules import text
from dashboard.views.access import actor, me
from dashboard.views.held import MOST

AT_IT = timedelta(minutes=2)  # so long after typing somebody is still at it
_NOT_KEPT = {"csrf_token", "version", "once", "do", "template", "filled", "over"}


def keep(form: str, at: datetime, over: Mapping[str, str] | None = None) -> None:
    """``over`` stands instead of what is typed in fields of the same names. ``seen`` is the version that was read: who
    goes on after others saved theirs is told so."""
    seen = {"seen": [request.form["version"]]} if request.form.get("version") else {}
    fields = {**seen, **_typed(), **{name: [value] for name, value in (over or {}).items()}}
    if sum(len(name) + sum(map(len, values)) for name, values in fields.items()) > MOST:
        abort(413)
    drafts.keep(me().id, form, fields, actor(), at)


def drop(form: str, at: datetime) -> None:
    if _mine(form) is not None:
        drafts.drop(me().id, form, actor(), at)


def kept(form: str) -> tuple[MultiDict[str, str], datetime] | None:
    """What this person typed into it, and when; None if nothing."""
    draft = _mine(form)
    if draft is None:
        return None
    return MultiDict([(name, value) for name, values in draft.fields.items() for value in values]), draft.saved_at


def others(form: str, at: datetime) -> list[str]:
    """The names of those who are typing into the same form."""
    rows = sa.select(Person.name).join(Draft, Draft.person_id == Person.id)
    here = Draft.form == form, Draft.person_id != me().id, Draft.saved_at > at - AT_IT
    return list(db.session.scalars(rows.where(*here).order_by(Person.name)))


def _mine(form: str) -> Draft | None:
    return db.session.get(Draft, (me().id, form))


def _typed() -> drafts.Typed:
    """Through the gate of every text; names that no form of ours has are left out."""
    return {
        name: [text.clean(value) for value in values]
        for name, values in request.form.lists()
        if name not in _NOT_KEPT and _is_name(name)
    }


def _is_name(name: str) -> bool:
    return text.is_key(name.replace("-", "_"))


def named(names: Iterable[str]) -> str:
    """ "Tom Reed is typing here too." """
    who = " and ".join(names)
    return f"{who} {'are' if ' and ' in who else 'is'} editing this too." if who else ""
