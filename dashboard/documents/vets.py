"""``/maintenance_windows.json``: the downtime of everything, as the VA's front ends read it from a static host."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from dashboard.documents import data
from dashboard.documents.downtimes import Downtime, downtimes
from dashboard.snapshot import Snapshot

EVERYTHING = "global"  # the service that stands for all of them


def everything(snapshot: Snapshot) -> Iterable[tuple[str, tuple[Downtime, ...]]]:
    """The client takes the first one that is under way, whatever its service, so the longest comes first. The file
    stands until midnight, and so does a downtime whose end nobody knows."""
    tomorrow = datetime.combine(snapshot.today + timedelta(days=1), time(1), snapshot.zone).astimezone(UTC)
    found = downtimes(snapshot, tomorrow, EVERYTHING.__eq__)
    yield "/maintenance_windows.json", tuple(sorted(found, key=lambda one: (one.end, one.id), reverse=True))


def render(found: tuple[Downtime, ...]) -> bytes:
    return data.encode([{"pagerduty_id": one.external_id, **facts_of(one)} for one in found])


def facts_of(one: Downtime) -> dict[str, str]:
    """What every answer in this form says of a downtime."""
    return {
        "external_service": one.service,
        "start_time": data.moment(one.start),
        "end_time": data.moment(one.end),
        "description": one.description,
    }
