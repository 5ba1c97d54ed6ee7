"""An incident of long ago keeps its document: from a month's file, made again only when it changes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask

from dashboard import publish
from dashboard.editions import Edition, edition_at
from dashboard.models import Component, Incident
from tests import make
from tests.conftest import NOW
from tests.documents.statuspage_fields import Incident as Form

LONG_AGO = NOW - timedelta(days=400)
HOUR = timedelta(hours=1)


def incident_on(component: Component, **given: Any) -> Incident:
    incident = make.incident(start=LONG_AGO, **given)
    make.update(incident, "investigating", LONG_AGO, impacts={component: "major_outage"})
    make.update(incident, "resolved", LONG_AGO + HOUR, impacts={component: "operational"})
    return incident


def edition(earlier: Edition | None = None) -> Edition:
    return edition_at(publish.read_facts(NOW), NOW, earlier)


def read(edition: Edition, incident: Incident) -> Any:
    answer = edition.answer(f"/incidents/{incident.id}.json")
    assert answer is not None
    return json.loads(answer.variants[""].body)


def test_it_is_whole(app: Flask) -> None:
    incident = incident_on(make.component("payments", group="Suppliers"))
    found = read(edition(), incident)
    msgspec.json.decode(json.dumps(found), type=Form)
    assert (found["status"], found["impact"]) == ("resolved", "critical")
    assert [(one["name"], one["status"]) for one in found["components"]] == [("Payments", "operational")]


def test_one_that_is_still_to_come_out_waits_for_its_time(app: Flask) -> None:
    out_at = NOW + HOUR
    incident = make.incident(start=LONG_AGO, published_at=out_at)
    make.update(incident, "resolved", LONG_AGO, visible_from=out_at)
    path, facts = f"/incidents/{incident.id}.json", publish.read_facts(NOW)
    assert edition_at(facts, NOW).answer(path) is None
    assert edition_at(facts, out_at).answer(path) is not None
    later = publish.read_facts(out_at)
    assert [month.incident_ids for month in later.months if month.incident_ids] == [(incident.id,)]
    assert edition_at(later, out_at).answer(path) is not None


def test_its_components_are_told_though_they_are_gone(app: Flask) -> None:
    incident = incident_on(make.component("payments", archived_at=NOW))
    assert [one["name"] for one in read(edition(), incident)["components"]] == ["Payments"]


def test_it_is_among_the_latest_when_there_are_few(app: Flask) -> None:
    incident = incident_on(make.component())
    answer = edition().answer("/api/v2/incidents.json")
    assert answer is not None
    (found,) = json.loads(answer.variants[""].body)["incidents"]
    assert found == read(edition(), incident) | {"components": found["components"]}


def test_another_incident_does_not_make_it_again(app: Flask) -> None:
    incident = incident_on(make.component())
    before = edition()
    answer = before.answer(f"/incidents/{incident.id}.json")
    later = make.component("search")
    make.update(make.incident(start=NOW), "investigating", impacts={later: "partial_outage"})
    assert edition(before).answer(f"/incidents/{incident.id}.json") is answer


def test_a_months_file_that_is_gone_takes_nothing_else_down(app: Flask) -> None:
    incident = incident_on(make.component())
    facts = publish.read_facts(NOW)
    for month in facts.months:
        Path(month.path).unlink()
    found = edition_at(facts, NOW)
    assert found.answer(f"/incidents/{incident.id}.json") is None
    assert found.answer("/api/v2/incidents.json") is not None
    assert found.answer("/") is not None
