"""``/v0/backend_statuses``: how every component is, and whether one service can be used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.answers.question import Asked, Refused, Said, in_json
from dashboard.answers.vets import errors, inflected, inflection, open_end
from dashboard.documents.data import moment, moment_or_none
from dashboard.documents.downtimes import downtimes
from dashboard.documents.vets import facts_of
from dashboard.rules.state import State
from dashboard.rules.status import Status
from dashboard.snapshot import Snapshot

Args = tuple[str, datetime]
OneArgs = tuple[str, str, datetime]

WORDS = {
    Status.OPERATIONAL: "active",
    Status.DEGRADED_PERFORMANCE: "warning",
    Status.PARTIAL_OUTAGE: "critical",
    Status.MAJOR_OUTAGE: "critical",
    Status.UNDER_MAINTENANCE: "maintenance",
}
_UNUSABLE = (Status.MAJOR_OUTAGE, Status.UNDER_MAINTENANCE)


def read(_: Snapshot, asked: Asked) -> Args:
    return inflection(asked), open_end(asked.t)


def say(snapshot: Snapshot, args: Args) -> Said:
    keys, end = args
    struck = _struck_at(snapshot)
    attributes = {
        "reported_at": moment(_known_at(snapshot)),
        "statuses": [
            {
                "service": one.name,
                "service_id": one.key,
                "status": WORDS[one.status],
                "last_incident_timestamp": moment_or_none(struck.get(one.id)),
            }
            for one in snapshot.components
        ],
        "maintenance_windows": [{"id": one.id, **facts_of(one)} for one in downtimes(snapshot, end)],
    }
    return in_json(inflected(_resource("backend_statuses", attributes), keys))


def read_one(snapshot: Snapshot, asked: Asked) -> OneArgs:
    """Of a component or a section, by its key."""
    service = asked.key.removesuffix("/")
    known = {one.key for one in snapshot.components} | {one.key for one in snapshot.sections}
    if service not in known:
        raise Refused(errors("404 Not Found", "There is no service of this name.", asked.key))
    return inflection(asked), service, open_end(asked.t)


def say_one(snapshot: Snapshot, args: OneArgs) -> Said:
    keys, service, end = args
    attributes = {"name": service, "is_available": _is_available(snapshot, service, end), "uptime_remaining": 0}
    return in_json(inflected(_resource("backend_status", attributes), keys))


def _resource(type: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"id": "", "type": type, "attributes": attributes}}


def _is_available(snapshot: Snapshot, service: str, end: datetime) -> bool:
    component = next((one for one in snapshot.components if one.key == service), None)
    if component is None and any(one.key == service and one.state is State.DOWN for one in snapshot.sections):
        return False
    if component is not None and component.status in _UNUSABLE:
        return False
    return not any(one.start <= snapshot.at for one in downtimes(snapshot, end, service.__eq__))


def _known_at(snapshot: Snapshot) -> datetime:
    """When the last word came: from people, or from a source that was asked."""
    return max([snapshot.revised_at, *(one.checked_at for one in snapshot.sources if one.checked_at)])


def _struck_at(snapshot: Snapshot) -> dict[int, datetime]:
    """When the last incident began that touched a component, by its id."""
    found: dict[int, datetime] = {}
    for incident in snapshot.incidents:
        for update in incident.updates:
            for id in update.impacts:
                found.setdefault(id, incident.started_at)
    return found
