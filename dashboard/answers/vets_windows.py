"""``/v0/maintenance_windows``: every downtime of a service, under way or to come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.answers.question import Asked, Said, in_json
from dashboard.answers.vets import inflected, inflection, open_end
from dashboard.documents.downtimes import Downtime, downtimes
from dashboard.documents.vets import facts_of
from dashboard.snapshot import Snapshot

Args = tuple[str, datetime]


def read(_: Snapshot, asked: Asked) -> Args:
    return inflection(asked), open_end(asked.t)


def say(snapshot: Snapshot, args: Args) -> Said:
    keys, end = args
    return in_json(inflected({"data": [_resource(one) for one in downtimes(snapshot, end)]}, keys))


def _resource(one: Downtime) -> dict[str, Any]:
    """The last three attributes are ours."""
    attributes = {
        "id": one.id,
        **facts_of(one),
        "end_time_is_estimate": one.is_estimate,
        "affected_sections": list(one.affected),
        "source": one.source,
    }
    return {"id": str(one.id), "type": "maintenance_window", "attributes": attributes}
