"""What a webhook carries of a message, in Statuspage's form: the page, with an incident or a component."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from dashboard.channels.message import Message
from dashboard.documents import entries, wire
from dashboard.documents.data import moment, moment_or_none, name_of
from dashboard.documents.entries import Planner
from dashboard.documents.wire import Object
from dashboard.facts import IncidentFact, OutageFact, WindowFact
from dashboard.rules import wording
from dashboard.rules.rollup import rollup
from dashboard.rules.status import Status
from dashboard.snapshot import ComponentNow, Snapshot


def of_incident(snapshot: Snapshot, incident: IncidentFact) -> Object:
    parts = _parts(snapshot, incident.latest.impacts)
    return {**_page(snapshot), "incident": wire.incident(snapshot.site, incident, parts)}


def of_work(snapshot: Snapshot, window: WindowFact, is_off: bool = False) -> Object:
    work, parts = Planner(snapshot.history).work(window, is_off), _parts(snapshot, window.component_ids)
    return {**_page(snapshot), "incident": wire.maintenance(snapshot.site, work, parts)}


def of_component(snapshot: Snapshot, component: ComponentNow, was: Status, at: datetime) -> Object:
    id = name_of("component", component.id)
    update = {
        "id": name_of("update", f"component-{component.id}-{moment(at)}"),
        "component_id": id,
        "created_at": moment(at),
        "old_status": was,
        "new_status": component.status,
    }
    part = _parts(snapshot, (component.id,))[component.id]
    return {**_page(snapshot), "component_update": update, "component": wire.component(snapshot.site, part)}


def of_outage(snapshot: Snapshot, outage: OutageFact, message: Message, page: str, is_off: bool) -> Object:
    """A section that is off, as an incident of its own, until it is not, whatever else keeps it off. ``page`` is where
    more is said."""
    id, is_over = name_of("outage", outage.id), bool(outage.over_at and outage.over_at <= snapshot.at and not is_off)
    status = "resolved" if is_over else "scheduled" if outage.starts_at > snapshot.at else "investigating"
    words = [plain(words, message, snapshot) for words in (message.title, *message.lines)]
    update: Object = {
        "id": name_of("update", f"outage-{outage.id}-{outage.version}-{status}"),
        "status": status,
        "body": "\n\n".join(words[1:]) or words[0],
        "incident_id": id,
        **dict.fromkeys(("created_at", "updated_at", "display_at"), moment(message.at)),
        "affected_components": [],
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
    incident = {
        "id": id,
        "name": words[0],
        "status": status,
        "created_at": moment(outage.created_at),
        "updated_at": moment(message.at),
        "monitoring_at": None,
        "resolved_at": moment_or_none(outage.over_at if is_over else None),
        "impact": "maintenance" if status == "scheduled" else "critical",
        "shortlink": page,
        "started_at": moment(outage.starts_at),
        "page_id": wire.page_id(snapshot.site),
        "incident_updates": [update],
        "components": [],
    }
    return {**_page(snapshot), "incident": incident}


def plain(template: str, message: Message, snapshot: Snapshot) -> str:
    """With times that are right whenever they are read."""
    times: Mapping[str, datetime | None] = {"from": message.start, "until": message.end, "next": message.next}
    words = {name: entries.day_words(t, snapshot.zone) if t else "" for name, t in times.items()}
    return wording.filled(template, **words)


def _page(snapshot: Snapshot) -> Object:
    indicator, description = rollup([component.status for component in snapshot.components])
    page = {"id": wire.page_id(snapshot.site), "status_indicator": indicator, "status_description": description}
    return {"page": page}


def _parts(snapshot: Snapshot, named: Collection[int]) -> wire.Parts:
    return {part.id: part for group in entries.board(snapshot, named) for part in group.parts}
