"""What all components together come to: the page's indicator and its standard sentence (Atlassian Statuspage's)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from dashboard.rules.status import Status


class Indicator(StrEnum):
    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


DEGRADED, PARTIAL, MAJOR = Status.DEGRADED_PERFORMANCE, Status.PARTIAL_OUTAGE, Status.MAJOR_OUTAGE


def rollup(statuses: Sequence[Status]) -> tuple[Indicator, str]:
    """The first line that holds, from the worst down. Without components all is well."""
    if not statuses:
        return Indicator.NONE, "All Systems Operational"
    found = set(statuses)
    ladder = (
        (found == {MAJOR}, Indicator.CRITICAL, "Major System Outage"),
        (MAJOR in found or found == {PARTIAL}, Indicator.MAJOR, "Partial System Outage"),
        (PARTIAL in found, Indicator.MINOR, "Minor Service Outage"),
        (found == {DEGRADED}, Indicator.MINOR, "Degraded System Service"),
        (DEGRADED in found, Indicator.MINOR, "Partially Degraded Service"),
        (Status.UNDER_MAINTENANCE in found, Indicator.MAINTENANCE, "Service Under Maintenance"),
        (True, Indicator.NONE, "All Systems Operational"),
    )
    return next((indicator, words) for holds, indicator, words in ladder if holds)
