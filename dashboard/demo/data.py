"""The fictional website: sections in a tree, what is behind them, people of each role, one section off."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from dashboard import passwords
from dashboard.actions import (
    components,
    incident_updates,
    incidents,
    mapping,
    outages,
    people,
    planning,
    sections,
    templates,
    toggles,
)
from dashboard.actions.incident_parts import Details, Said, Touching
from dashboard.actions.mapping import Mapping
from dashboard.actions.outages import Plan
from dashboard.actions.sections import Depends
from dashboard.actions.window_rows import Asked
from dashboard.actions.writing import SIGNPOST, Actor
from dashboard.config import settings
from dashboard.db import db
from dashboard.demo import followers, uses
from dashboard.demo.pagerduty import SERVICES
from dashboard.demo.serve import PASSWORD
from dashboard.models import Component, Person, Section
from dashboard.rules.incident import Stage
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from dashboard.rules.window import settled


class Part(NamedTuple):
    """A section of the website: what visitors read while it is off, what it depends on (component: effect), and its
    page."""

    key: str
    name: str
    parent: str
    message: str
    alternative: str
    owner: str
    depends: dict[str, str]
    path: str = ""


CAST = (
    ("Ada Okafor", "ada@larkfield.example", frozenset({"admin"})),
    ("Priya Shah", "priya@larkfield.example", frozenset({"product_manager"})),
    ("Tom Reed", "tom@larkfield.example", frozenset({"delivery_manager"})),
    ("Vera Lund", "vera@larkfield.example", frozenset({"viewer"})),
)
COMPONENTS = (
    ("payments", "Payments provider", "Suppliers", "P0PAY01"),
    ("pharmacy", "Pharmacy link", "Suppliers", "P0PHA01"),
    ("documents_store", "Document store", "Our own", "P0DOC01"),
    ("search_index", "Search index", "Our own", "P0IDX01"),
    ("identity", "Identity provider", "Our own", "P0IDP01"),
)
PARTS = (
    Part("sign_in", "Sign in", "", "You cannot sign in.", "", "Identity team", {"identity": "down"}),
    Part(
        "account",
        "Your account",
        "",
        "You cannot see your account.",
        "Call 0300 000 0000.",
        "Accounts team",
        {},
        "/account",
    ),
    Part(
        "direct_deposit",
        "Direct deposit",
        "account",
        "You cannot see or change your bank details. Payments already scheduled for Monday will still be paid.",
        "Call 0300 000 0000, open until 20:00.",
        "Payments team",
        {"payments": "down"},
        "/account/direct-deposit",
    ),
    Part(
        "documents",
        "Documents",
        "account",
        "You cannot upload or view documents.",
        "Send copies by post to Larkfield, PO Box 10.",
        "Documents team",
        {"documents_store": "down"},
        "/account/documents",
    ),
    Part("health", "Health", "", "You cannot use the health pages.", "Ring your clinic.", "Health team", {}, "/health"),
    Part(
        "prescriptions",
        "Prescriptions",
        "health",
        "You cannot order repeat prescriptions.",
        "Ring your pharmacy instead.",
        "Health team",
        {"pharmacy": "down"},
        "/health/prescriptions",
    ),
    Part(
        "appointments",
        "Appointments",
        "health",
        "You cannot book or change appointments.",
        "Ring your clinic instead.",
        "Health team",
        {},
    ),
    Part(
        "search",
        "Search",
        "",
        "Results can take up to 3 seconds.",
        "You can still browse by topic.",
        "Search team",
        {"search_index": "warn"},
        "/search",
    ),
)
TOGGLES = (
    ("profile_hide_direct_deposit", True, "Payments team", "Hides the bank details card.", ("direct_deposit",)),
    (uses.OLD_NAME, False, "Documents team", "Shows the upload button.", ("documents",)),
    ("health_pages_enabled", False, "Health team", "Shows the health menu.", ("prescriptions", "appointments")),
)

# Beside those that come with the product: one that knows what it is about.
TEMPLATE = {
    "noun": "incident",
    "name": "Payments provider is down",
    "stage": "investigating",
    "title": "{section} is unavailable",
    "body": "You cannot see or change your bank details. Payments already scheduled will still be made.\n\n"
    "Our {component} has a problem. If it cannot wait, call 0300 000 0000. We will say more by {next}.",
    "impacts": {"payments": "major_outage"},
    "sections": {"direct_deposit": "down"},
    "next_minutes": 30,
}


def fill(at: datetime) -> bool:
    """Make all of it; False when there is something already."""
    if db.session.scalar(sa.select(Section.id).limit(1)):
        return False
    for name, email, roles in CAST:
        people.add(name, email, passwords.hashed(PASSWORD), roles, SIGNPOST, at)
    for key, name, group, external_id in COMPONENTS:
        components.create(key, {"name": name, "group": group}, SIGNPOST, at)
        mapping.connect(Mapping(external_id, SERVICES[external_id], _component(key)), SIGNPOST, at)
    for part in PARTS:
        _add(part, at)
    uses.begin(frozenset({_section("search")}), at)
    for name, while_down, owner, sentence, keys in TOGGLES:
        values = {"while_down": while_down, "owner": owner, "sentence": sentence}
        toggles.create(name, values, frozenset(_section(key) for key in keys), SIGNPOST, at)
    uses.rename(at)
    uses.see(at)
    followers.fill(at)
    templates.create("the-demonstration-s-template", TEMPLATE, SIGNPOST, at)
    _declare(at)
    _take_off("direct_deposit", at)
    _plan("New booking system", "appointments", "down", time(8), at)
    _plan("Weekly rebuild of the search index", "search", "warn", time(5), at, "FREQ=WEEKLY;BYDAY=SU")
    return True


def _add(part: Part, at: datetime) -> None:
    values = {
        "name": part.name,
        "parent_id": _section(part.parent) if part.parent else None,
        "message": part.message,
        "alternative": part.alternative,
        "owner": part.owner,
        "path": part.path,
        "link_label": "Ask the help desk",
        "link_url": "https://help.larkfield.example/",
    }
    depends = tuple(Depends(_component(key), effect) for key, effect in part.depends.items())
    sections.create(part.key, values, depends, SIGNPOST, at)


def _declare(at: datetime) -> None:
    """An incident that Tom declared a while ago and has said more of since."""
    tom, payments = _actor("tom@larkfield.example"), _component("payments")
    began, later = at - timedelta(minutes=80), at - timedelta(minutes=20)
    details = Details(
        "Payments are not going through",
        broken="Northpay does not process the files that we send.",
        affected="Everybody who is paid by bank transfer.",
        instead="Call 0300 000 0000, open until 20:00.",
        third_party="Northpay, our payments provider",
        third_party_url="https://status.northpay.example/",
    )
    first = Said(
        Stage.INVESTIGATING, "You may see payments fail. We are looking into it.", {payments: Status.PARTIAL_OUTAGE}
    )
    touches = (Touching(_section("direct_deposit"), Effect.NOTHING),)
    change = incidents.declare(details, first, touches, "the-demonstration-s-incident", began, tom, began)
    second = Said(
        Stage.IDENTIFIED,
        "Northpay has told us that their file processing has stopped. You cannot see or change your bank details. "
        "Payments already scheduled for Monday will still be paid.",
        {payments: Status.MAJOR_OUTAGE},
        next_at=at + timedelta(minutes=30),
    )
    incident_id, version = int(change.subject.removeprefix("incident-")), int(str((change.after or {})["version"]))
    incident_updates.post(incident_id, version, second, (), False, "the-demonstration-s-update", tom, later)


def _actor(email: str) -> Actor:
    person = db.session.scalars(sa.select(Person).where(Person.email == email)).one()
    return Actor(person.name, person.id)


def _take_off(key: str, at: datetime) -> None:
    section = db.session.get_one(Section, _section(key))
    plan = Plan(
        starts_at=at,
        planned_end=at + timedelta(hours=3),
        at_end=AtEnd.RESTORE,
        reason="Northpay’s file is late",
        message=section.message,
        alternative=section.alternative,
        zone=settings().time_zone.key,
        typed_start="",
        typed_end="",
        once="the-demonstration-s-outage",
    )
    outages.start(section.id, plan, _actor("priya@larkfield.example"), at)


def _plan(title: str, key: str, effect: str, start: time, at: datetime, rule: str = "") -> None:
    """Two hours of the coming Sunday."""
    zone, section = settings().time_zone, db.session.get_one(Section, _section(key))
    today = at.astimezone(zone).date()
    begins = datetime.combine(today + timedelta(days=6 - today.weekday() or 7), start)
    ends = begins + timedelta(hours=2)
    asked = Asked(
        title=title,
        message=section.message,
        components=frozenset(),
        sections=((section.id, effect),),
        starts_at=settled(begins, zone),
        ends_at=settled(ends, zone),
        zone=zone.key,
        typed_start=f"{begins:%Y-%m-%dT%H:%M}",
        typed_end=f"{ends:%Y-%m-%dT%H:%M}",
        checks=timedelta(minutes=30) if not rule else timedelta(),
        rule=rule,
        once=f"the-demonstration-s-work-on-{key}",
    )
    planning.plan(asked, _actor("tom@larkfield.example"), at)


def _section(key: str) -> int:
    return db.session.scalars(sa.select(Section.id).where(Section.key == key)).one()


def _component(key: str) -> int:
    return db.session.scalars(sa.select(Component.id).where(Component.key == key)).one()
