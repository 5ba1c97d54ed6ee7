"""`/v0/backend_statuses`: the five statuses in the VA's words, and one service by itself."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dashboard.answers import vets_statuses
from dashboard.answers.question import Asked, Refused
from tests import given
from tests.answers.vets import ask
from tests.conftest import NOW

LEDGER = given.component(key="ledger", service_ids=("P1",))


def one(service: str, *of: Any) -> dict[str, Any]:
    snapshot = given.shown(*of)
    args = vets_statuses.read_one(snapshot, Asked(NOW, key=service))
    return msgspec.json.decode(vets_statuses.say_one(snapshot, args).body)["data"]


@pytest.mark.parametrize(
    ("status", "want"),
    [
        ("operational", "active"),
        ("under_maintenance", "maintenance"),
        ("degraded_performance", "warning"),
        ("partial_outage", "critical"),
        ("major_outage", "critical"),
    ],
)
def test_statuses_in_their_words(status: str, want: str) -> None:
    (told,) = ask(vets_statuses, given.component(1, status, key="ledger"))["data"]["attributes"]["statuses"]
    assert told == {"service": "Component 1", "service_id": "ledger", "status": want, "last_incident_timestamp": None}


def test_the_last_incident_that_touched_it() -> None:
    incidents = [
        given.incident(given.update("09:00 investigating", impacts={1: "major_outage"})),
        given.incident(given.update("12:00 investigating", id=2), given.update("13:00 resolved", id=3), id=2),
    ]
    (told,) = ask(vets_statuses, LEDGER, incidents)["data"]["attributes"]["statuses"]
    assert told["last_incident_timestamp"] == "2026-11-21T09:00:00.000Z"


def test_windows_are_plain_objects() -> None:
    attributes = ask(vets_statuses, LEDGER, given.window("14:00-18:00"), keys="camel")["data"]["attributes"]
    (told,) = attributes["maintenanceWindows"]
    assert told.keys() == {"id", "externalService", "startTime", "endTime", "description"}
    assert isinstance(told["id"], int)


def test_reported_when_the_last_word_came() -> None:
    for checked, want in (("14:15", "14:30"), ("14:45", "14:45")):
        told = ask(vets_statuses, LEDGER, given.source(checked), t="14:50")["data"]["attributes"]
        assert told["reported_at"] == f"2026-11-21T{want}:00.000Z"


@pytest.mark.parametrize(
    ("name", "service", "of", "want"),
    [
        ("works", "ledger", [LEDGER], True),
        ("its window", "ledger", [LEDGER, given.window("14:00-18:00")], False),
        ("a window to come", "ledger", [LEDGER, given.window("15:00-18:00")], True),
        ("a major outage", "ledger", [given.component(1, "major_outage", key="ledger")], False),
        ("a partial outage", "ledger", [given.component(1, "partial_outage", key="ledger")], True),
        ("all its sections are off", "ledger", [LEDGER, given.dependency(), given.outage("14:00")], False),
        ("a section", "direct_deposit", [LEDGER], True),
        ("a section that is off", "direct_deposit", [given.outage("14:00")], False),
    ],
)
def test_one_service(name: str, service: str, of: list[Any], want: bool) -> None:
    attributes = {"name": service, "is_available": want, "uptime_remaining": 0}
    assert one(service, of) == {"id": "", "type": "backend_status", "attributes": attributes}


def test_a_slash_at_the_end_is_as_good_as_none() -> None:
    assert one("ledger/", LEDGER)["attributes"]["name"] == "ledger"


@pytest.mark.parametrize("service", ["nothing", "LEDGER", "ledger/x", "<script>"])
def test_an_unknown_one_is_not_found(service: str) -> None:
    with pytest.raises(Refused) as refused:
        one(service, LEDGER)
    (error,) = msgspec.json.decode(refused.value.said.body)["errors"]
    assert (refused.value.said.status[:3], error["status"], error["code"]) == ("404", "404", "404")
