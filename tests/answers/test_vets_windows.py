"""`/v0/maintenance_windows`: how a downtime is written, in every spelling of the keys."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.answers import vets_windows
from dashboard.answers.vets import open_end
from tests import given
from tests.answers.vets import ask
from tests.rules.given import at

OF = (
    given.component(key="payments", service_ids=("P1",)),
    given.dependency(1, window="warn"),
    given.section(1),
    given.window("14:00-18:00", message="We move."),
)


def attributes(*of: Any, **given: Any) -> dict[str, Any]:
    (one,) = ask(vets_windows, *of, **given)["data"]
    return one["attributes"]


def test_a_downtime() -> None:
    (one,) = ask(vets_windows, *OF)["data"]
    assert one == {"id": str(one["attributes"]["id"]), "type": "maintenance_window", "attributes": one["attributes"]}
    assert one["attributes"] == {
        "id": int(one["id"]),
        "external_service": "payments",
        "start_time": "2026-11-21T14:00:00.000Z",
        "end_time": "2026-11-21T18:00:00.000Z",
        "description": "We move.",
        "end_time_is_estimate": False,
        "affected_sections": ["direct_deposit"],
        "source": "pagerduty",
    }


@pytest.mark.parametrize(
    ("keys", "want"),
    [
        ("camel", {"id", "externalService", "startTime", "endTime", "description", "endTimeIsEstimate"}),
        ("dash", {"id", "external-service", "start-time", "end-time", "description", "end-time-is-estimate"}),
        ("pascal", {"Id", "ExternalService", "StartTime", "EndTime", "Description", "EndTimeIsEstimate"}),
        ("Camel", {"id", "external_service", "start_time", "end_time", "description", "end_time_is_estimate"}),
        ("snake", {"id", "external_service", "start_time", "end_time", "description", "end_time_is_estimate"}),
    ],
)
def test_keys_are_written_as_asked_and_values_stay(keys: str, want: set[str]) -> None:
    said = ask(vets_windows, *OF, keys=keys)
    (one,) = said.get("data") or said["Data"]
    told = one.get("attributes") or one["Attributes"]
    assert want <= told.keys()
    assert {"payments", "We move."} <= {value for value in told.values() if isinstance(value, str)}


def test_an_end_that_nobody_knows_moves_on_by_the_hour() -> None:
    ends = [attributes(given.outage("14:00"), t=t)["end_time"][11:16] for t in ("14:00", "14:59", "15:00")]
    assert ends == ["16:00", "16:00", "17:00"]
    assert attributes(given.outage("14:00"))["end_time_is_estimate"] is True


def test_that_end_is_an_hour_off_at_least() -> None:
    assert [f"{open_end(at(t)):%d %H:%M}" for t in ("14:00", "14:59", "23:30")] == ["21 16:00", "21 16:00", "22 01:00"]
