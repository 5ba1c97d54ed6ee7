import pytest

from dashboard.rules.status import Status, status_of

S = Status


@pytest.mark.parametrize(
    ("name", "baseline", "in_window", "impacts", "want"),
    [
        ("the baseline stands", S.PARTIAL_OUTAGE, False, [], S.PARTIAL_OUTAGE),
        ("a window takes its place", S.OPERATIONAL, True, [], S.UNDER_MAINTENANCE),
        ("even that of a worse one", S.MAJOR_OUTAGE, True, [], S.UNDER_MAINTENANCE),
        ("an incident's impact competes", S.OPERATIONAL, False, [S.DEGRADED_PERFORMANCE], S.DEGRADED_PERFORMANCE),
        ("with the window too", S.OPERATIONAL, True, [S.PARTIAL_OUTAGE], S.PARTIAL_OUTAGE),
        ("the worst wins", S.OPERATIONAL, False, [S.PARTIAL_OUTAGE, S.MAJOR_OUTAGE], S.MAJOR_OUTAGE),
        ("a mild impact does not mend", S.MAJOR_OUTAGE, False, [S.DEGRADED_PERFORMANCE], S.MAJOR_OUTAGE),
    ],
)
def test_status_of(name: str, baseline: Status, in_window: bool, impacts: list[Status], want: Status) -> None:
    assert status_of(baseline, in_window, impacts) is want


def test_wire_names_are_in_order_of_severity() -> None:
    names = ["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]
    assert [status.value for status in sorted(Status, key=lambda status: status.severity)] == names
