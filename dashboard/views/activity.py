"""Activity: who did what and when, from the changes; and the same as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from dashboard.actions.writing import PAGERDUTY, SIGNPOST
from dashboard.db import db
from dashboard.models import Change, Person, Section
from dashboard.rules import sheet, text
from dashboard.views.access import i_may, may
from dashboard.views.deeds import DEEDS, deed
from dashboard.views.differences import Difference, Told
from dashboard.views.htmx import is_partial
from dashboard.views.words import at_end, iso, when

blueprint = Blueprint("activity", __name__, url_prefix="/admin/activity")

PAGE = 50
_BATCH = 1_000  # rows of the file that are read at once
_PROGRAMS = (PAGERDUTY.name, SIGNPOST.name)

PEOPLE = "people"  # told to those alone who see the accounts, and so are the addresses that people came from

# What a reader may ask for, and the nouns whose changes that is.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "outages": ("Outages", ("outage", "overrule")),
    "incidents": ("Incidents", ("incident", "review")),
    "windows": ("Planned work", ("window", "series")),
    "sections": ("Sections", ("section",)),
    "toggles": ("Toggles", ("toggle",)),
    "components": ("Components", ("component",)),
    "announcements": ("Announcements", ("announcement",)),
    "templates": ("Templates", ("template",)),
    "followers": ("Followers", ("follower", "sending", "delivery", "notification")),
    "pagerduty": ("PagerDuty’s answers", ("source",)),
    PEOPLE: ("People", ("person", "invite", "token")),
}

_COLUMNS = ("Number", "When (UTC)", "Who", "Did what", "Before", "After", "Address")


@dataclass(frozen=True, slots=True)
class Filters:
    """``who`` is a person's id or a program's name; "" where nothing is asked."""

    who: str
    section: str
    kind: str

    @classmethod
    def of_request(cls) -> Filters:
        who, kind = request.args.get("who", ""), request.args.get("kind", "")
        key = request.args.get("section", "")
        return cls(
            who if who in _PROGRAMS or _number(who) else "",
            key if text.is_key(key) else "",
            kind if kind in _kinds_for_me() else "",
        )

    def narrow(self, changes: sa.Select[tuple[Change]]) -> sa.Select[tuple[Change]]:
        if self.who in _PROGRAMS:
            changes = changes.where(Change.person_id.is_(None), Change.actor == self.who)
        elif self.who:
            changes = changes.where(Change.person_id == int(self.who))
        if self.section:
            section = sa.select(Section.id).where(Section.key == self.section).scalar_subquery()
            changes = changes.where(Change.section_id == section)
        if self.kind:
            changes = changes.where(Change.kind.in_(_of(self.kind)))
        elif PEOPLE not in _kinds_for_me():
            changes = changes.where(Change.kind.not_in(_of(PEOPLE)))
        return changes

    @property
    def asked(self) -> dict[str, str]:
        """What an address says of them."""
        given = {"who": self.who, "section": self.section, "kind": self.kind}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Entry:
    change: Change
    deed: str
    differences: list[Difference]


@blueprint.get("")
@may("activity.read")
def index() -> ResponseReturnValue:
    filters = Filters.of_request()
    before = _number(request.args.get("before", ""))
    told = Told(when, at_end)
    found = _page(filters, before, PAGE + 1)
    people = sa.select(Person.id, Person.name).order_by(Person.name)
    sections = sa.select(Section.key, Section.name).order_by(Section.name)
    return render_template(
        "activity/_board.html" if is_partial() else "activity/index.html",
        entries=[Entry(change, deed(change), told.differences(change)) for change in found[:PAGE]],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        before=before,
        filters=filters,
        people=db.session.execute(people).all(),
        programs=_PROGRAMS,
        sections=db.session.execute(sections).all(),
        kinds=_kinds_for_me(),
        with_people=PEOPLE in _kinds_for_me(),
    )


@blueprint.get("/changes.csv")
@may("activity.read")
def as_file() -> ResponseReturnValue:
    """Everything that the filters leave, the newest first, a batch at a time."""
    name = "activity.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = stream_with_context(_lines(Filters.of_request()))
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _page(filters: Filters, before: int | None, most: int) -> list[Change]:
    """The newest ``most`` of those that came before a change's id."""
    changes = filters.narrow(sa.select(Change)).order_by(Change.id.desc()).limit(most)
    if before is not None:
        changes = changes.where(Change.id < before)
    return list(db.session.scalars(changes))


def _lines(filters: Filters) -> Iterator[str]:
    told = Told(iso)
    yield sheet.MARK + sheet.line(_COLUMNS)
    with_address = PEOPLE in _kinds_for_me()
    before: int | None = None
    while found := _page(filters, before, _BATCH):
        before = found[-1].id
        yield "".join(sheet.line(_cells(change, told, with_address)) for change in found)
        db.session.rollback()


def _cells(change: Change, told: Told, with_address: bool) -> tuple[str, ...]:
    differences = told.differences(change)
    before = "; ".join(f"{one.label}: {one.before}" for one in differences if one.before is not None)
    after = "; ".join(f"{one.label}: {one.after}" for one in differences)
    address = change.address if with_address else ""
    return str(change.id), iso(change.at), change.actor, deed(change), before, after, address


def _kinds_for_me() -> dict[str, str]:
    """By name, what this reader may ask for."""
    return {kind: name for kind, (name, _) in KINDS.items() if kind != PEOPLE or i_may("people.write")}


def _of(kind: str) -> list[str]:
    nouns = KINDS[kind][1]
    return [name for name in DEEDS if name.partition(".")[0] in nouns]


def _number(given: str) -> int | None:
    return text.whole_number(given, 2**31 - 1) or None
