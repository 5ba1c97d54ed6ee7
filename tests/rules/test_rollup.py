"""The ladder from components to the page."""

from __future__ import annotations

import pytest

from dashboard.rules.rollup import rollup
from dashboard.rules.status import Status

OP, WORK, SLOW, PARTIAL, MAJOR = Status


@pytest.mark.parametrize(
    ("statuses", "indicator", "words"),
    [
        ([], "none", "All Systems Operational"),
        ([OP, OP], "none", "All Systems Operational"),
        ([MAJOR, MAJOR], "critical", "Major System Outage"),
        ([MAJOR, OP], "major", "Partial System Outage"),
        ([PARTIAL, PARTIAL], "major", "Partial System Outage"),
        ([PARTIAL, SLOW], "minor", "Minor Service Outage"),
        ([SLOW, SLOW], "minor", "Degraded System Service"),
        ([SLOW, OP], "minor", "Partially Degraded Service"),
        ([SLOW, WORK], "minor", "Partially Degraded Service"),
        ([WORK, OP], "maintenance", "Service Under Maintenance"),
    ],
)
def test_the_ladder(statuses: list[Status], indicator: str, words: str) -> None:
    assert rollup(statuses) == (indicator, words)
