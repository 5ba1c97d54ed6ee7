"""``/api/v2/`` and each incident's JSON: the whole field set always, and what of each thing is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from dashboard.editions import edition_at
from dashboard.facts import Facts, MonthFact, ReviewFact, Standing
from dashboard.rules.status import Status
from tests import given
from tests.conftest import NOW
from tests.documents.statuspage_fields import API, FORMS, Incident
from tests.rules.given import HOUR, at

MAJOR, WORKS = {1: "major_outage"}, {1: "operational"}
STRUCK = given.incident(
    given.update("12:00 investigating", id=1, impacts={1: "degraded_performance"}),
    given.update("13:00 identified", id=2, impacts={1: "major_outage", 2: "partial_outage"}, edited_at=at("13:20")),
)
OVER = given.incident(
    given.update("9:00 investigating", id=11, impacts=MAJOR),
    given.update("10:00 monitoring", id=12, impacts=MAJOR),
    given.update("11:00 resolved", id=13, impacts=WORKS),
    id=2,
)
COMPONENTS = [
    given.component(1, name="Card payments", group="Suppliers", description="By Northpay", start_date=date(2026, 1, 5)),
    given.component(2, name="E-mail", group="Suppliers"),
    given.component(3, name="Search ö <b>", only_if_degraded=True),
]
BUSY = given.facts(
    COMPONENTS,
    [STRUCK, OVER],
    [given.window("14:00-15:00", 3), given.window("18:00-19:00", 1, 2, id=2, message="Until {until}.")],
    [given.window("8:00-9:00", 2, id=3)],
)


def read(facts: Facts, path: str, t: str = "14:30") -> Any:
    answer = edition_at(facts, at(t)).answer(path)
    assert answer is not None
    return json.loads(answer.variants[""].body)


def summary(*of: Any, t: str = "14:30") -> Any:
    return read(given.facts(*of), f"{API}/summary.json", t)


def one(*of: Any, t: str = "14:30") -> Any:
    (incident,) = read(given.facts(*of), f"{API}/incidents.json", t)["incidents"]
    return incident


def work(*of: Any, t: str = "14:30") -> Any:
    (found,) = read(given.facts(*of), f"{API}/scheduled-maintenances.json", t)["scheduled_maintenances"]
    return found


@pytest.mark.parametrize("facts", [BUSY, given.facts()], ids=["busy", "empty"])
@pytest.mark.parametrize("path", FORMS)
def test_every_path_has_the_whole_field_set(path: str, facts: Facts) -> None:
    msgspec.json.decode(json.dumps(read(facts, path)), type=FORMS[path])


@pytest.mark.parametrize("id", [1, 2])
def test_an_incident_has_a_document_of_its_own(id: int) -> None:
    found = read(BUSY, f"/incidents/{id}.json")
    msgspec.json.decode(json.dumps(found), type=Incident)
    listed = read(BUSY, f"{API}/incidents.json")["incidents"]
    assert found in listed


@pytest.mark.parametrize("path", FORMS)
def test_without_anything_every_list_is_empty(path: str) -> None:
    found = read(replace(given.facts(), sections=()), path)
    assert [value for name, value in found.items() if name not in ("page", "status")] == [[]] * (
        len(found) - ("page" in found) - ("status" in found)
    )


def test_the_page() -> None:
    page = summary()["page"]
    assert page.pop("id") == summary(given.incident("13:00 identified"))["page"]["id"]
    assert page == {
        "name": "Larkfield",
        "url": "http://status.example.org",
        "time_zone": "Europe/London",
        "updated_at": "2026-11-21T14:30:00.000Z",
    }


def test_ids_are_told_apart_and_never_change() -> None:
    found = summary(COMPONENTS)["components"]
    assert len({component["id"] for component in found}) == len(found)
    assert [component["id"] for component in found if component["name"] == "Card payments"] == ["aimpiiyaox7n"]


class TestComponents:
    def test_a_group_stands_before_its_members(self) -> None:
        found = summary(COMPONENTS)["components"]
        assert [(one["name"], one["group"], one["position"]) for one in found] == [
            ("Suppliers", True, 1),
            ("Card payments", False, 1),
            ("E-mail", False, 2),
            ("Search ö <b>", False, 2),
        ]
        group, *members, alone = found
        assert group["components"] == [one["id"] for one in members]
        assert {one["group_id"] for one in members} == {group["id"]}
        assert alone["group_id"] is group["group_id"] is None
        assert "components" not in alone

    def test_a_group_is_as_bad_as_its_worst_member(self) -> None:
        assert summary(COMPONENTS, STRUCK)["components"][0]["status"] == "major_outage"

    def test_what_staff_wrote_for_the_public_is_told(self) -> None:
        found = {one["name"]: one for one in summary(COMPONENTS)["components"]}
        assert found["Card payments"]["description"] == "By Northpay"
        assert found["Card payments"]["start_date"] == "2026-01-05"
        assert found["E-mail"]["description"] is None
        assert found["Search ö <b>"]["only_show_if_degraded"]

    def test_names_are_raw_letters(self) -> None:
        answer = edition_at(BUSY, NOW).answer(f"{API}/components.json")
        assert answer
        assert "Search ö" in answer.variants[""].body.decode()

    @pytest.mark.parametrize(
        ("t", "changed"),
        [("11:59", "09:00"), ("12:00", "12:00"), ("12:30", "12:00"), ("13:00", "13:00"), ("13:30", "13:00")],
    )
    def test_updated_is_when_the_status_last_changed(self, t: str, changed: str) -> None:
        component = given.component(standings=(Standing(at("9:00"), Status.OPERATIONAL),))
        told = given.incident(given.update("11:00 investigating"), given.update("11:30 identified", id=2))
        (found,) = summary(component, given.window("12:00-13:00"), told, t=t)["components"]
        assert found["updated_at"] == f"2026-11-21T{changed}:00.000Z"

    def test_a_component_that_never_changed_is_as_it_was_said_to_be(self) -> None:
        component = given.component(standings=(Standing(given.LONG_AGO, Status.OPERATIONAL),))
        assert summary(component)["components"][0]["updated_at"] == "2026-10-22T14:30:00.000Z"


@pytest.mark.parametrize(
    ("statuses", "indicator"),
    [
        (["operational"], "none"),
        (["operational", "under_maintenance"], "maintenance"),
        (["degraded_performance", "under_maintenance"], "minor"),
        (["operational", "partial_outage"], "minor"),
        (["partial_outage", "partial_outage"], "major"),
        (["major_outage", "major_outage"], "critical"),
    ],
)
def test_the_page_has_the_standard_indicator(statuses: list[str], indicator: str) -> None:
    components = [given.component(id, status) for id, status in enumerate(statuses, 1)]
    assert read(given.facts(components), f"{API}/status.json")["status"]["indicator"] == indicator


class TestIncidents:
    def test_it_is_told_with_its_times(self) -> None:
        found = one(COMPONENTS, OVER)
        assert (found["status"], found["impact"]) == ("resolved", "critical")
        assert found["shortlink"] == "http://status.example.org/incidents/2/"
        assert [found[name][11:16] for name in ("started_at", "monitoring_at", "resolved_at")] == [
            "09:00",
            "10:00",
            "11:00",
        ]

    def test_one_that_goes_on_has_no_end(self) -> None:
        found = one(COMPONENTS, STRUCK)
        assert (found["monitoring_at"], found["resolved_at"]) == (None, None)

    def test_updates_stand_newest_first_and_say_what_changed(self) -> None:
        newest, first = one(COMPONENTS, STRUCK)["incident_updates"]
        assert [newest["status"], first["status"]] == ["identified", "investigating"]
        assert [(one["name"], one["old_status"], one["new_status"]) for one in newest["affected_components"]] == [
            ("Card payments", "degraded_performance", "major_outage"),
            ("E-mail", "operational", "partial_outage"),
        ]
        assert first["affected_components"][0]["old_status"] == "operational"

    def test_the_code_is_the_components_id(self) -> None:
        found = one(COMPONENTS, STRUCK)
        codes = [affected["code"] for affected in found["incident_updates"][0]["affected_components"]]
        assert codes == [component["id"] for component in found["components"]]

    def test_an_edit_moves_updated_at(self) -> None:
        found = one(COMPONENTS, STRUCK)
        assert found["incident_updates"][0]["created_at"][11:16] == "13:00"
        assert found["incident_updates"][0]["updated_at"][11:16] == found["updated_at"][11:16] == "13:20"

    def test_what_was_written_later_says_both_times(self) -> None:
        late = given.update("9:00 investigating", visible_from=at("10:00"), created_at=at("10:00"))
        (update,) = one(given.incident(late))["incident_updates"]
        assert (update["display_at"][11:16], update["created_at"][11:16]) == ("09:00", "10:00")

    def test_a_review_is_a_postmortem_and_the_end_stays(self) -> None:
        review = ReviewFact(7, "A disk was full.", "", "", "We watch it now.", at("12:00"), at("12:30"))
        found = one(replace(OVER, review=review))
        first = found["incident_updates"][0]
        assert (found["status"], found["resolved_at"][11:16]) == ("postmortem", "11:00")
        assert (first["status"], first["display_at"][11:16], first["updated_at"][11:16]) == (
            "postmortem",
            "12:00",
            "12:30",
        )
        assert first["body"] == "What happened\n\nA disk was full.\n\nWhat we will do\n\nWe watch it now."

    def test_a_review_of_what_is_open_again_waits(self) -> None:
        review = ReviewFact(7, "A disk was full.", "", "", "", at("12:00"), None)
        again = given.incident("9:00 investigating", "11:00 resolved", "13:00 investigating", review=review)
        found = one(again)
        assert found["status"] == found["incident_updates"][0]["status"] == "investigating"
        assert found["resolved_at"] is None

    def test_a_review_for_staff_alone_has_words_still(self) -> None:
        found = one(replace(OVER, review=ReviewFact(7, "", "", "", "", at("12:00"), None)))
        assert found["incident_updates"][0]["body"] == "We have reviewed this incident."

    def test_what_is_scheduled_is_not_told_before_its_time(self) -> None:
        incident = given.incident("13:00 investigating", "16:00 resolved")
        assert one(incident, t="15:59")["status"] == "investigating"
        assert one(incident, t="16:00")["status"] == "resolved"

    def test_a_component_that_is_gone_is_left_out(self) -> None:
        found = one(STRUCK, given.component(2))
        assert [component["name"] for component in found["components"]] == ["Component 2"]

    def test_lists_are_newest_first_and_the_unresolved_by_themselves(self) -> None:
        many = [given.incident(f"{n // 60}:{n % 60:02} investigating", id=n) for n in range(1, 61)]
        listed = read(given.facts(many, OVER), f"{API}/incidents.json")["incidents"]
        assert len(listed) == 50
        assert [found["shortlink"].split("/")[-2] for found in listed[:3]] == ["2", "60", "59"]
        assert len(read(given.facts(many, OVER), f"{API}/incidents/unresolved.json")["incidents"]) == 60

    def test_a_months_file_that_is_gone_takes_nothing_down(self) -> None:
        facts = replace(given.facts(OVER), months=(MonthFact("2026-07", "/nowhere/2026-07.json", (77,)),))
        assert len(read(facts, f"{API}/incidents.json")["incidents"]) == 1
        edition = edition_at(facts, NOW)
        assert edition.answer("/incidents/77.json") is None
        assert edition.is_whole


class TestPlannedWork:
    @pytest.mark.parametrize(
        ("t", "stages"),
        [
            ("15:59", ["scheduled"]),
            ("16:00", ["in_progress", "scheduled"]),
            ("17:00", ["verifying", "in_progress", "scheduled"]),
            ("18:00", ["completed", "verifying", "in_progress", "scheduled"]),
        ],
    )
    def test_it_has_an_update_for_each_stage_that_it_has_come_to(self, t: str, stages: list[str]) -> None:
        found = work(given.component(), given.window("16:00-18:00", verifying_at=at("17:00")), t=t)
        assert [update["status"] for update in found["incident_updates"]] == stages
        assert found["status"] == stages[0]
        assert len({update["id"] for update in found["incident_updates"]}) == len(stages)

    def test_each_update_keeps_its_id_and_its_time(self) -> None:
        of = given.component(), given.window("16:00-18:00")
        early, late = (work(*of, t=t)["incident_updates"] for t in ("16:30", "18:30"))
        assert early == late[1:]
        assert [update["display_at"][11:16] for update in late] == ["18:00", "16:00", "14:30"]

    def test_it_takes_components_into_maintenance_and_back(self) -> None:
        found = work(given.component(), given.window("16:00-18:00"), t="18:00")
        changes = [update["affected_components"][0] for update in found["incident_updates"]]
        assert [(one["old_status"], one["new_status"]) for one in changes] == [
            ("under_maintenance", "operational"),
            ("operational", "under_maintenance"),
            ("operational", "operational"),
        ]

    def test_it_is_called_by_what_it_is_on(self) -> None:
        assert work(COMPONENTS, given.window("18:00-19:00", 1))["name"] == "Planned work on Card payments"
        assert work(COMPONENTS, given.window("18:00-19:00", 1, 2))["name"] == "Planned work on Card payments and E-mail"
        assert work(given.window("18:00-19:00", 9))["name"] == "Planned work"

    def test_much_is_named_in_part(self) -> None:
        components = [given.component(id) for id in range(1, 6)]
        assert work(components, given.window("18:00-19:00", 1, 2, 3, 4, 5))["name"] == (
            "Planned work on Component 1, Component 2, Component 3 and 2 more"
        )

    def test_words_for_the_public_are_its_first_update(self) -> None:
        found = work(COMPONENTS, given.window("18:00-19:00", 1, message="You cannot pay until {until}."))
        (update,) = found["incident_updates"]
        assert update["body"] == "You cannot pay until 21 November 2026, 19:00 GMT."

    def test_it_is_told_with_its_times_and_place(self) -> None:
        found = work(given.window("18:00-19:00"), t="19:00")
        assert (found["impact"], found["shortlink"]) == ("maintenance", "http://status.example.org/planned/#window-1")
        assert [found[name][11:16] for name in ("scheduled_for", "scheduled_until", "resolved_at")] == [
            "18:00",
            "19:00",
            "19:00",
        ]

    @pytest.mark.parametrize(
        ("path", "ids"),
        [
            ("scheduled-maintenances.json", [2, 1, 3]),
            ("scheduled-maintenances/upcoming.json", [2]),
            ("scheduled-maintenances/active.json", [1]),
            ("summary.json", [1, 2]),
        ],
    )
    def test_each_list_has_its_own(self, path: str, ids: list[int]) -> None:
        listed = read(BUSY, f"{API}/{path}")["scheduled_maintenances"]
        assert [int(found["shortlink"].rpartition("-")[2]) for found in listed] == ids

    def test_what_is_called_off_leaves(self) -> None:
        off = replace(given.facts(), cancelled=(given.window("18:00-19:00", gone_at=at("12:00")),))
        assert read(off, f"{API}/scheduled-maintenances.json")["scheduled_maintenances"] == []

    def test_what_is_to_come_is_never_crowded_out(self) -> None:
        start = NOW + HOUR
        over = [given.window("8:00-9:00", id=n) for n in range(1, 60)]
        later = [
            replace(
                given.window("18:00-19:00", id=n), starts_at=start + timedelta(days=n), ends_at=start + n * HOUR * 30
            )
            for n in range(100, 110)
        ]
        listed = read(given.facts(over, later), f"{API}/scheduled-maintenances.json")["scheduled_maintenances"]
        assert (len(listed), listed[0]["shortlink"][-3:]) == (50, "109")
