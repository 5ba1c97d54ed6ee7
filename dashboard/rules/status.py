"""The five statuses of a component, and which of them holds when several compete."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """Wire names, in order of severity."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"

    @property
    def severity(self) -> int:
        return _ORDER[self]


_ORDER = {status: place for place, status in enumerate(Status)}


def status_of(baseline: Status, in_maintenance: bool, impacts: Iterable[Status] = ()) -> Status:
    """The baseline, replaced while a window is in progress; then every open impact competes and the worst wins."""
    standing = Status.UNDER_MAINTENANCE if in_maintenance else baseline
    return max((standing, *impacts), key=lambda status: status.severity)
