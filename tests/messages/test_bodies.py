"""What programs are told: as the lists tell it, and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec

from dashboard.channels.message import Message
from dashboard.messages import Deed, Told
from dashboard.messages.said import Off, OfSection
from tests.given import component, dependency, facts, incident, outage, window
from tests.messages.telling import UNTIL_18, asked, tell
from tests.rules.given import at

OPENED = Deed("incident.declare", "incident-1", "Payments", "Tom Reed", at("14:30"), {}, {"update": 10})
SAID = OfSection(at("14:00"), Off(1, at("14:00"), at("18:00")))
WORK = window("16:00-18:00")
BEHIND = (component(name="Payments"), dependency())
ENDED = replace(facts(), ended_outages=(outage("14:00-18:00", ended_at=at("14:20")),))
WORSE = Deed("component.status", "component-1", "Payments", "Tom Reed", at("14:30"), {"status": "operational"}, {})


def wire(told: Told | None) -> dict[str, Any]:
    assert told is not None
    assert told.message.wire is not None
    return dict(told.message.wire)


def test_programs_are_told_as_the_lists_tell_them() -> None:
    """As JSON: what is kept with the notification."""
    incident_ = tell(asked("incident-1", OPENED), facts(incident("14:00 investigating")))
    assert msgspec.to_builtins(wire(incident_))["page"]["status_indicator"] == "none"
    assert wire(incident_)["incident"]["status"] == "investigating"
    work = wire(tell(asked("window-1", "window.plan"), facts(WORK, *BEHIND)))["incident"]
    assert (work["status"], work["scheduled_for"]) == ("scheduled", "2026-11-21T16:00:00.000Z")
    one = wire(tell(asked("component-1", WORSE), facts(component(1, "major_outage"))))
    assert (one["component_update"]["old_status"], one["component"]["status"]) == ("operational", "major_outage")


def test_a_section_is_an_incident_of_its_own_to_programs() -> None:
    off = wire(tell(asked("section-1", "outage.start"), facts(outage("14:00-18:00"))))["incident"]
    assert (off["name"], off["status"], off["resolved_at"]) == (UNTIL_18, "investigating", None)
    back = wire(tell(asked("section-1", "outage.end"), ENDED, section_1=SAID))["incident"]
    assert (back["id"], back["status"], back["resolved_at"]) == (off["id"], "resolved", "2026-11-21T14:20:00.000Z")
    assert off["incident_updates"][0]["id"] != back["incident_updates"][0]["id"]


def test_a_planned_outage_is_planned_work_to_programs() -> None:
    planned = wire(tell(asked("section-1", "outage.start"), facts(outage("16:00-18:00"))))["incident"]
    assert (planned["status"], planned["scheduled_until"]) == ("scheduled", "2026-11-21T18:00:00.000Z")


def test_one_that_is_planned_without_an_end_has_not_begun() -> None:
    planned = wire(tell(asked("section-1", "outage.start"), facts(outage("16:00"))))["incident"]
    assert (planned["status"], planned["impact"]) == ("scheduled", "maintenance")


def test_what_is_called_off_is_no_longer_to_come() -> None:
    known = replace(facts(), ended_outages=(outage("16:00-18:00", ended_at=at("14:20")),))
    said = OfSection(at("14:00"), None, {1: (at("16:00"), at("18:00"))})
    off = wire(tell(asked("section-1", "outage.cancel"), known, section_1=said))["incident"]
    assert off["scheduled_for"] == "2026-11-21T16:00:00.000Z"
    assert off["id"] == wire(tell(asked("section-1", "outage.start"), facts(outage("16:00-18:00"))))["incident"]["id"]


def test_everything_can_be_kept_as_json() -> None:
    told = tell(asked("section-1", "outage.start"), facts(outage("16:00-18:00")))
    assert told is not None
    kept = [json.loads(json.dumps(msgspec.to_builtins(one, str_keys=True))) for one in (told.message, told.said)]
    assert msgspec.convert(kept[0], Message).start == at("16:00")
    assert msgspec.convert(kept[1], OfSection, str_keys=True) == told.said
