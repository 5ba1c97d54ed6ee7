"""Rows to start a test from: plain inserts with everything filled in, each a committed revision of its own.

``make.outage(section, minutes=60)``: give what the test is about, and leave the rest to this file.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import sqlalchemy as sa

from dashboard.db import begin_writing, db
from dashboard.models import (
    Announcement,
    Component,
    Delivery,
    Dependency,
    Follow,
    Follower,
    Incident,
    IncidentImpact,
    IncidentSection,
    IncidentUpdate,
    Ledger,
    Notification,
    Outage,
    Overrule,
    Review,
    Section,
    Service,
    Source,
    Template,
    Toggle,
    ToggleAlias,
    ToggleSection,
    Token,
    Window,
    WindowComponent,
    WindowSection,
)
from tests.conftest import NOW

_number = count(1)
Row = TypeVar("Row")


def section(key: str = "direct_deposit", name: str = "", parent: Section | None = None, **given: Any) -> Section:
    row = Section(
        key=key,
        name=name or key.replace("_", " ").capitalize(),
        parent_id=parent.id if parent else None,
        created_at=given.pop("created_at", NOW - timedelta(days=30)),
        **given,
    )
    return _kept(row)


def component(key: str = "payments", name: str = "", **given: Any) -> Component:
    row = Component(
        key=key,
        name=name or key.replace("_", " ").capitalize(),
        status_at=given.pop("status_at", NOW - timedelta(days=30)),
        created_at=given.pop("created_at", NOW - timedelta(days=30)),
        **given,
    )
    return _kept(row)


def dependency(section: Section, component: Component, **given: Any) -> Dependency:
    return _kept(Dependency(section_id=section.id, component_id=component.id, **given))


def service(component: Component, external_id: str = "P0AAAA1", **given: Any) -> Service:
    name = given.pop("name", component.name)
    created_at = given.pop("created_at", NOW - timedelta(days=30))
    return _kept(Service(external_id=external_id, component_id=component.id, name=name, created_at=created_at, **given))


def toggle(name: str, *sections: Section, while_down: bool = True, **given: Any) -> Toggle:
    row = Toggle(
        name=name,
        while_down=while_down,
        owner=given.pop("owner", "Payments team"),
        sentence=given.pop("sentence", "Hides the form."),
        created_at=given.pop("created_at", NOW - timedelta(days=30)),
        **given,
    )
    return _kept(row, lambda: [ToggleSection(toggle_id=row.id, section_id=section.id) for section in sections])


def alias(toggle: Toggle, name: str, **given: Any) -> ToggleAlias:
    return _kept(ToggleAlias(name=name, toggle_id=toggle.id, created_at=given.pop("created_at", NOW), **given))


def outage(section: Section, start: datetime = NOW, minutes: int | None = 60, **given: Any) -> Outage:
    """Begins at ``start`` and is planned to last ``minutes``; None is not known."""
    planned_end = start + timedelta(minutes=minutes) if minutes is not None else None
    ended_at, at_end = given.get("ended_at"), given.get("at_end", "restore")
    created_at = given.pop("created_at", min(start, NOW))
    row = Outage(
        section_id=section.id,
        starts_at=start,
        planned_end=planned_end,
        over_at=given.pop("over_at", ended_at or (planned_end if at_end == "restore" else None)),
        zone=given.pop("zone", "Europe/London"),
        reason=given.pop("reason", "Northpay is down"),
        started_by=given.pop("started_by", "Priya Shah"),
        created_at=created_at,
        said_at=given.pop("said_at", created_at),
        once=given.pop("once", f"once-{next(_number)}"),
        **given,
    )
    return _kept(row)


def incident(title: str = "Payments are not going through", start: datetime = NOW, **given: Any) -> Incident:
    """A public one, open; `update` says more of it. ``sections``: a section -> the effect on it."""
    sections: dict[Section, str] = given.pop("sections", {})
    row = Incident(
        title=title,
        published_at=given.pop("published_at", start),
        declared_by=given.pop("declared_by", "Tom Reed"),
        created_at=given.pop("created_at", start),
        revised_at=given.pop("revised_at", start),
        once=given.pop("once", f"once-{next(_number)}"),
        **given,
    )
    return _kept(
        row,
        lambda: [
            IncidentSection(incident_id=row.id, section_id=section.id, effect=effect)
            for section, effect in sections.items()
        ],
    )


def update(
    incident: Incident,
    stage: str = "investigating",
    at: datetime = NOW,
    body: str = "We are looking into it.",
    impacts: dict[Component, str] | None = None,
    **given: Any,
) -> IncidentUpdate:
    """What was said at a time, with the whole of the impacts from then on; a resolved one closes the incident."""
    row = IncidentUpdate(
        incident_id=incident.id,
        stage=stage,
        body=body,
        at=at,
        visible_from=given.pop("visible_from", at),
        by=given.pop("by", "Tom Reed"),
        created_at=given.pop("created_at", at),
        once=given.pop("once", f"once-{next(_number)}"),
        **given,
    )
    struck = (impacts or {}).items()

    def with_it() -> list[IncidentImpact]:
        incident.over_at = at if stage in ("resolved", "postmortem") else None
        return [IncidentImpact(update_id=row.id, component_id=found.id, status=status) for found, status in struck]

    return _kept(row, with_it)


def review(incident: Incident, **given: Any) -> Review:
    """A published one, of which the public gets everything."""
    return _kept(
        Review(
            incident_id=incident.id,
            public_parts=given.pop("public_parts", frozenset({"happened", "affected", "cause", "actions"})),
            published_at=given.pop("published_at", NOW),
            created_at=given.pop("created_at", NOW),
            **given,
        )
    )


def announcement(title: str = "You can pay by phone", **given: Any) -> Announcement:
    return _kept(
        Announcement(
            title=title,
            body=given.pop("body", "Call 0300 000 0000."),
            published_at=given.pop("published_at", NOW),
            by=given.pop("by", "Tom Reed"),
            created_at=given.pop("created_at", NOW),
            once=given.pop("once", f"once-{next(_number)}"),
            **given,
        )
    )


def window(*components: Component, start: datetime = NOW, minutes: int = 60, **given: Any) -> Window:
    """Planned work on some components, as PagerDuty would have told it. ``sections``: a section -> the effect on it."""
    sections: dict[Section, str] = given.pop("sections", {})
    row = Window(
        source=given.pop("source", "pagerduty"),
        external_id=given.pop("external_id", f"PW{next(_number)}"),
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
        title=given.pop("title", "Ledger migration"),
        message=given.pop("message", ""),
        url=given.pop("url", "https://larkfield.pagerduty.example/maintenance_windows/PW1"),
        created_at=given.pop("created_at", NOW - timedelta(days=1)),
        revised_at=given.pop("revised_at", NOW - timedelta(days=1)),
        **given,
    )
    return _kept(
        row,
        lambda: [
            *(WindowComponent(window_id=row.id, component_id=found.id) for found in components),
            *(
                WindowSection(window_id=row.id, section_id=found.id, effect=effect)
                for found, effect in sections.items()
            ),
        ],
    )


def overrule(window: Window, section: Section, **given: Any) -> Overrule:
    row = Overrule(
        window_id=window.id,
        section_id=section.id,
        starts_at=given.pop("starts_at", window.starts_at),
        ends_at=given.pop("ends_at", window.ends_at),
        reason=given.pop("reason", "Does not touch this section"),
        by=given.pop("by", "Priya Shah"),
        created_at=given.pop("created_at", NOW),
        once=given.pop("once", f"once-{next(_number)}"),
        **given,
    )
    return _kept(row)


def source(name: str = "pagerduty", checked_at: datetime | None = NOW, **given: Any) -> Source:
    return _kept(Source(name=name, checked_at=checked_at, **given))


def template(name: str = "Supplier outage", noun: str = "incident", **given: Any) -> Template:
    return _kept(
        Template(
            name=name,
            noun=noun,
            stage=given.pop("stage", "investigating" if noun == "incident" else ""),
            title=given.pop("title", "{section} is unavailable"),
            body=given.pop("body", "You cannot use {section}. We will say more by {next}."),
            created_at=given.pop("created_at", NOW - timedelta(days=30)),
            once=given.pop("once", f"once-{next(_number)}"),
            **given,
        )
    )


def token(name: str = "Payments back end", digest: str = "0" * 64, **given: Any) -> Token:
    by, at = given.pop("created_by", "Ada Okafor"), given.pop("created_at", NOW - timedelta(days=30))
    return _kept(Token(name=name, digest=digest, created_by=by, created_at=at, **given))


def follower(address: str = "lin@larkfield.example", *things: Section | Component | Incident, **given: Any) -> Follower:
    """Who is told, by mail: of everything unless ``things`` say of what. ``confirmed_at=None``: has not confirmed."""
    asked_at = given.pop("asked_at", NOW - timedelta(days=30))
    row = Follower(
        channel=given.pop("channel", "email"),
        address=address,
        everything=given.pop("everything", not things),
        salt=given.pop("salt", f"salt-{next(_number)}"),
        asked_at=asked_at,
        confirmed_at=given.pop("confirmed_at", asked_at),
        created_at=given.pop("created_at", asked_at),
        **given,
    )
    column = {Section: "section_id", Component: "component_id", Incident: "incident_id"}
    return _kept(row, lambda: [Follow(follower_id=row.id, **{column[type(one)]: one.id}) for one in things])


def delivery(follower: Follower, state: str = "waiting", audience: str = "public", **given: Any) -> Delivery:
    """Of a notification of its own, that a section is unavailable."""
    link = {"label": "Latest updates", "href": "http://status.example.org/"}
    message = {"kind": "outage.start", "thing": "section-1", "look": "major", "title": "Documents is unavailable"}
    told = Notification(
        key=f"key-{next(_number)}",
        kind="outage.start",
        thing="section-1",
        audience=audience,
        made_at=NOW,
        due_at=NOW,
        released_at=NOW,
        state="told",
        message={**message, "lines": [], "link": link, "at": NOW.isoformat()},
    )
    lane, done_at = given.pop("lane", "email"), given.pop("done_at", None if state == "waiting" else NOW)
    due = {"due_at": given.pop("due_at", NOW), "done_at": done_at}
    row = Delivery(notification_id=_kept(told).id, follower_id=follower.id, lane=lane, state=state, **due, **given)
    return _kept(row)


def revision(at: datetime = NOW) -> int:
    """A revision in which nothing changed but its number; what the next reader must notice."""
    begin_writing()
    number = _bump(at)
    db.session.commit()
    return number


def _kept(row: Row, then: Any = list) -> Row:
    begin_writing()
    db.session.add(row)
    db.session.flush()
    db.session.add_all(then())
    _bump(NOW)
    db.session.commit()
    return row


def _bump(at: datetime) -> int:
    ledger = db.session.execute(sa.select(Ledger).with_for_update()).scalar_one()
    ledger.revision, ledger.revised_at = ledger.revision + 1, at
    return ledger.revision
