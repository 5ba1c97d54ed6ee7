"""The fictional website: sections in a tree, what is behind them, people of each role, one section off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from dashboard import passwords
from dashboard.actions import components, mapping, outages, people, sections, templates, toggles
from dashboard.actions.mapping import Mapping
from dashboard.actions.outages import Plan
from dashboard.actions.sections import Depends
from dashboard.actions.writing import SIGNPOST, Actor
from dashboard.config import settings
from dashboard.db import db
from dashboard.demo.pagerduty import SERVICES
from dashboard.demo.serve import PASSWORD
from dashboard.models import Component, Person, Section
from dashboard.rules.state import AtEnd


class Part(NamedTuple):
    """A section of the website: what visitors read while it is off, and what it depends on (component: effect)."""

    key: str
    name: str
    parent: str
    message: str
    alternative: str
    owner: str
    depends: dict[str, str]


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
    Part("account", "Your account", "", "You cannot see your account.", "Call 0300 000 0000.", "Accounts team", {}),
    Part(
        "direct_deposit",
        "Direct deposit",
        "account",
        "You cannot see or change your bank details. Payments already scheduled for Monday will still be paid.",
        "Call 0300 000 0000, open until 20:00.",
        "Payments team",
        {"payments": "down"},
    ),
    Part(
        "documents",
        "Documents",
        "account",
        "You cannot upload or view documents.",
        "Send copies by post to Larkfield, PO Box 10.",
        "Documents team",
        {"documents_store": "down"},
    ),
    Part("health", "Health", "", "You cannot use the health pages.", "Ring your clinic.", "Health team", {}),
    Part(
        "prescriptions",
        "Prescriptions",
        "health",
        "You cannot order repeat prescriptions.",
        "Ring your pharmacy instead.",
        "Health team",
        {"pharmacy": "down"},
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
    ),
)
TOGGLES = (
    ("profile_hide_direct_deposit", True, "Payments team", "Hides the bank details card.", ("direct_deposit",)),
    ("documents_upload_enabled", False, "Documents team", "Shows the upload button.", ("documents",)),
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
    for name, while_down, owner, sentence, keys in TOGGLES:
        values = {"while_down": while_down, "owner": owner, "sentence": sentence}
        toggles.create(name, values, frozenset(_section(key) for key in keys), SIGNPOST, at)
    templates.create("the-demonstration-s-template", TEMPLATE, SIGNPOST, at)
    _take_off("direct_deposit", at)
    return True


def _add(part: Part, at: datetime) -> None:
    values = {
        "name": part.name,
        "parent_id": _section(part.parent) if part.parent else None,
        "message": part.message,
        "alternative": part.alternative,
        "owner": part.owner,
        "link_label": "Ask the help desk",
        "link_url": "https://help.larkfield.example/",
    }
    depends = tuple(Depends(_component(key), effect) for key, effect in part.depends.items())
    sections.create(part.key, values, depends, SIGNPOST, at)


def _take_off(key: str, at: datetime) -> None:
    section = db.session.get_one(Section, _section(key))
    priya = db.session.scalars(sa.select(Person).where(Person.email == "priya@larkfield.example")).one()
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
    outages.start(section.id, plan, Actor(priya.name, priya.id), at)


def _section(key: str) -> int:
    return db.session.scalars(sa.select(Section.id).where(Section.key == key)).one()


def _component(key: str) -> int:
    return db.session.scalars(sa.select(Component.id).where(Component.key == key)).one()
