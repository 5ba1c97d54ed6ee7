"""What people and the clock do, and what is told of it by then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dashboard import owed, telling
from dashboard.actions import components, incident_updates, incidents, outages, planning, ticking
from dashboard.actions.incident_parts import Details, Said, Touching
from dashboard.actions.outages import Plan
from dashboard.actions.window_rows import Asked
from dashboard.actions.writing import Actor
from dashboard.db import db
from dashboard.models import Change, Component, Incident, Notification, Outage, Section
from dashboard.rules.incident import Stage
from dashboard.rules.state import AtEnd
from dashboard.rules.status import Status
from tests import make
from tests.conftest import NOW

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PRIYA = Actor("Priya Shah", None, "192.0.2.7")


def off(section: Section, until: datetime | None = NOW + 2 * HOUR, at: datetime = NOW, **given: Any) -> Outage:
    start = given.pop("start", at)
    fixed = {"at_end": AtEnd.RESTORE, "reason": "Northpay is down", "message": "", "alternative": "", "typed_end": ""}
    plan = Plan(
        start, until, zone="Europe/London", typed_start="", once=f"{section.id}-{at}-{start}", **{**fixed, **given}
    )
    change = outages.start(section.id, plan, PRIYA, at)
    return db.session.get_one(Outage, int(change.subject.partition("-")[2]))


def extend(outage: Outage, until: datetime | None, at: datetime) -> None:
    outages.extend(outage.id, outage.version, until, "Europe/London", "", PRIYA, at)


def back(outage: Outage, at: datetime) -> None:
    outages.end(outage.id, outage.version, PRIYA, at)


def told(at: datetime, audience: str = "public") -> list[str]:
    """The titles of what is released at that time."""
    telling.release(at)
    chosen = sa.select(Notification.message).where(Notification.released_at == at, Notification.audience == audience)
    return [str(message["title"]) for message in db.session.scalars(chosen.order_by(Notification.id)) if message]


def sent(audience: str = "public") -> dict[str, Any]:
    """The last message."""
    return dict(_last(audience).message or {})


def reached() -> list[int]:
    """The sections whose followers the last message is for."""
    return list((_last("public").reach or {})["sections"])  # type: ignore[call-overload]


def _last(audience: str) -> Notification:
    chosen = sa.select(Notification).where(Notification.released_at.is_not(None), Notification.audience == audience)
    return db.session.scalars(chosen.order_by(Notification.released_at.desc(), Notification.id.desc()).limit(1)).one()


def states() -> list[str]:
    chosen = sa.select(Notification.state).where(Notification.audience == "public").order_by(Notification.id)
    return list(db.session.scalars(chosen))


DOWN, BACK = "Direct deposit is unavailable until {until}", "Direct deposit is working again"


def declared(*touches: Touching, tells: bool = True, private: bool = False) -> Incident:
    payments = make.component()
    said = Said(Stage.INVESTIGATING, "We are looking.", {payments.id: Status.MAJOR_OUTAGE}, tells=tells)
    details = Details("Payments fail", is_private=private)
    change = incidents.declare(details, said, touches, "once-i", NOW, PRIYA, NOW)
    return db.session.get_one(Incident, int(change.subject.partition("-")[2]))


def set_status(component: Component, status: Status, at: datetime, until: datetime | None = None) -> None:
    components.set_status(component.id, component.version, status, until, PRIYA, at)


def post(incident: Incident, stage: Stage, at: datetime, tells: bool = True, restores: bool = True) -> Change | None:
    said = Said(stage, f"{stage} now.", {}, tells=tells)
    return incident_updates.post(incident.id, incident.version, said, (), restores, f"{at}", PRIYA, at)


PLANNED = "Direct deposit will be unavailable {from} to {until}"


def work(section: Section, hours: float, **given: Any) -> Asked:
    start = NOW + hours * HOUR
    fixed = {"components": frozenset(), "sections": ((section.id, "down"),), "zone": "Europe/London"}
    walls = {"typed_start": f"{start:%Y-%m-%dT%H:%M}", "typed_end": f"{start + HOUR:%Y-%m-%dT%H:%M}"}
    return Asked("Ledger", "", starts_at=start, ends_at=start + HOUR, **{**fixed, **walls, **given})


def plan(section: Section, hours: float = 3, at: datetime = NOW, **given: Any) -> Change:
    return planning.plan(work(section, hours, once=f"{at}", **given), PRIYA, at)


def passes(since: float, until: float, step: float = 1) -> list[str]:
    """What is told while the clock goes on, by minutes."""
    found = []
    minute = since
    while minute <= until:
        ticking.tick(NOW + minute * MINUTE)
        owed.leave(NOW + minute * MINUTE)
        found += told(NOW + minute * MINUTE)
        minute += step
    return found
