"""What delivery managers write, read from the database: what is for the public is told, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dashboard import publish
from dashboard.actions import incident_updates, incidents, reviews
from dashboard.actions.incident_parts import Details, Said
from dashboard.actions.writing import Actor
from dashboard.db import db
from dashboard.editions import Edition, edition_at
from dashboard.models import Incident
from dashboard.rules.incident import Stage
from dashboard.rules.status import Status
from tests import make
from tests.conftest import NOW

TOM = Actor("Tom Reed")
HOUR = timedelta(hours=1)
SECRET = "A leaked key"
SAID = Said(Stage.INVESTIGATING, f"{SECRET} is being changed.", {})
EVERYWHERE = ("/api/v2/summary.json", "/api/v2/incidents.json", "/history.atom", "/history.rss", "/history.ics")


def edition(t: datetime = NOW) -> Edition:
    return edition_at(publish.read_facts(t), t)


def body(edition: Edition, path: str) -> str:
    answer = edition.answer(path)
    assert answer is not None
    return answer.variants[""].body.decode()


def summary(t: datetime = NOW) -> Any:
    return json.loads(body(edition(t), "/api/v2/summary.json"))


def listed(t: datetime) -> Any:
    (found,) = json.loads(body(edition(t), "/api/v2/incidents.json"))["incidents"]
    return found


def declare(said: Said = SAID, out_at: datetime | None = NOW, **given: Any) -> Incident:
    details = replace(Details(SECRET), **given)
    change = incidents.declare(details, said, (), "one-form-sent-twice", out_at, TOM, NOW)
    return db.session.get_one(Incident, int(change.subject.rpartition("-")[2]))


@pytest.mark.parametrize(
    "given", [{"is_private": True}, {"out_at": None}, {"out_at": NOW + HOUR}], ids=["private", "draft", "scheduled"]
)
def test_what_is_not_for_the_public_is_nowhere(app: Flask, given: dict[str, Any]) -> None:
    incident = declare(**given)
    found = edition()
    assert not [path for path in EVERYWHERE if SECRET in body(found, path)]
    assert found.answer(f"/incidents/{incident.id}.json") is None


def test_what_was_scheduled_comes_out_at_its_time(app: Flask) -> None:
    declare(out_at=NOW + HOUR)
    assert [found["created_at"] for found in summary(NOW + HOUR)["incidents"]] == ["2026-11-21T15:30:00.000Z"]


def test_a_whole_incident(app: Flask) -> None:
    payments, search = make.component("payments"), make.component("search")
    incident = declare(replace(SAID, impacts={payments.id: Status.MAJOR_OUTAGE}))
    assert statuses() == {"Payments": "major_outage", "Search": "operational"}
    say(incident, Stage.IDENTIFIED, NOW + HOUR, {search.id: Status.PARTIAL_OUTAGE})
    assert statuses(NOW + HOUR) == {"Payments": "major_outage", "Search": "partial_outage"}
    say(incident, Stage.RESOLVED, NOW + 2 * HOUR, {})
    assert statuses(NOW + 2 * HOUR) == {"Payments": "operational", "Search": "operational"}
    found = listed(NOW + 2 * HOUR)
    assert [changes(update) for update in found["incident_updates"]] == [
        {"Payments": ("major_outage", "operational"), "Search": ("partial_outage", "operational")},
        {"Payments": ("major_outage", "major_outage"), "Search": ("operational", "partial_outage")},
        {"Payments": ("operational", "major_outage")},
    ]
    assert found["impact"] == "critical"


def test_components_changed_when_the_incident_said_so(app: Flask) -> None:
    payments = make.component("payments")
    incident = declare(replace(SAID, impacts={payments.id: Status.MAJOR_OUTAGE}))
    say(incident, Stage.RESOLVED, NOW + HOUR, {})
    (component,) = summary(NOW + 2 * HOUR)["components"]
    assert component["updated_at"] == "2026-11-21T15:30:00.000Z"


def test_an_edit_and_a_review_are_told(app: Flask) -> None:
    incident = declare()
    say(incident, Stage.RESOLVED, NOW + HOUR, {})
    first = listed(NOW + HOUR)["incident_updates"][-1]
    update_id = publish.read_facts(NOW + HOUR).incidents[0].updates[0].id
    incident_updates.edit_words(incident.id, incident.version, update_id, "Mended.", TOM, NOW + 2 * HOUR)
    edited = listed(NOW + 2 * HOUR)["incident_updates"][-1]
    assert (edited["id"], edited["body"], edited["updated_at"][11:16]) == (first["id"], "Mended.", "16:30")
    parts = {"happened": "A disk was full.", "cause": "Nobody looked.", "public_parts": frozenset({"happened"})}
    reviews.save(incident.id, 0, parts, TOM, NOW + 3 * HOUR, publishes=True)
    found = listed(NOW + 3 * HOUR)
    assert (found["status"], found["incident_updates"][0]["status"]) == ("postmortem", "postmortem")
    assert found["incident_updates"][0]["body"] == "What happened\n\nA disk was full."
    assert "Nobody looked." not in body(edition(NOW + 3 * HOUR), "/history.atom")


def say(incident: Incident, stage: Stage, at: datetime, impacts: dict[int, Status]) -> None:
    said = Said(stage, "We have found it.", impacts)
    incident_updates.post(incident.id, incident.version, said, (), False, f"form-{at:%H%M}-of-this", TOM, at)
    db.session.refresh(incident)


def statuses(t: datetime = NOW) -> dict[str, str]:
    return {component["name"]: component["status"] for component in summary(t)["components"]}


def changes(update: Any) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["old_status"], one["new_status"]) for one in update["affected_components"]}
