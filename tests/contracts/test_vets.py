"""T1 to T19 for the VA's endpoints, asked over HTTP as its front ends ask. T10, what a failed poll leaves, is in
tests/jobs/test_poll.py, and T15, toggles, in tests/answers/test_vets_toggles.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from werkzeug.test import Client, TestResponse

from dashboard.config import Settings
from dashboard.facts import Facts
from dashboard.files import write_documents
from dashboard.front import Front
from dashboard.press import Press
from tests import given
from tests.conftest import NOW
from tests.rules.given import HOUR, at
from tests.test_front import fail

WINDOWS, STATUSES, BANNERS, STATIC = (
    "/v0/maintenance_windows",
    "/v0/backend_statuses",
    "/v0/banners",
    "/maintenance_windows.json",
)
ORIGIN = "https://www.example.org"
AS_VETS_WEBSITE = {
    "Origin": ORIGIN,
    "X-Key-Inflection": "camel",
    "Source-App-Name": "search",
    "X-CSRF-Token": "null",
    "Cookie": "FLIPPER_ID=7",
}
LEDGER = given.component(name="Ledger", key="payments_core", service_ids=("P0AAAA1",))
EXAMPLE_AT = at("02:51")
EXAMPLE = given.facts(
    LEDGER,
    given.window("01:00-05:30", message="We are moving the ledger to new hardware."),
    replace(given.window("02:00-06:00", id=2), starts_at=at("02:00") + 24 * HOUR, ends_at=at("06:00") + 24 * HOUR),
    given.source("02:51"),
)


def recorded(name: str) -> Any:
    return json.loads((Path(__file__).parent / name).read_text())


class Site:
    """The front alone: whoever else is asked fails. Its clock is the test's."""

    def __init__(self, settings: Settings, clock: Any) -> None:
        self.press = Press(replace(settings, front_end_origins=(ORIGIN,)))
        self.client = Client(Front(fail, self.press, 2, {"admin"}))
        self.clock = clock

    def shows(self, *of: Any, t: datetime = NOW) -> Site:
        facts = of[0] if isinstance(of[0], Facts) else given.facts(*of)
        self.press.put(facts, t)
        self.clock.move_to(t, tick=False)
        return self

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def windows(self) -> list[dict[str, Any]]:
        return [one["attributes"] for one in self.get(f"{WINDOWS}/").get_json()["data"]]


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield Site(settings, clock)


def status_of(window: dict[str, Any], now: datetime) -> str:
    """How vets-website takes one: an end is exclusive, and an hour ahead is fixed."""
    start, end = (datetime.fromisoformat(window[name]) for name in ("start_time", "end_time"))
    if start <= now < end:
        return "down"
    return "downtimeApproaching" if now < start <= now + HOUR else "ok"


def kept(windows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By the service, as vets-website keeps them: the last one wins."""
    return {window["external_service"]: window for window in windows}


def plain(resource: dict[str, Any]) -> dict[str, Any]:
    """Without ids, which are ours, and without what we say beside."""
    ours = ("id", "end_time_is_estimate", "affected_sections", "source", "endTimeIsEstimate", "affectedSections")
    return {name: value for name, value in resource["attributes"].items() if name not in ours}


def shape(of: Any) -> Any:
    if isinstance(of, dict):
        return {name: shape(value) for name, value in of.items()}
    return [shape(one) for one in of[:1]] if isinstance(of, list) else type(of).__name__


def test_t1_nothing_is_an_empty_list(site: Site) -> None:
    answer = site.shows(LEDGER).get(WINDOWS)
    assert (answer.status_code, answer.data) == (200, b'{"data":[]}')
    assert answer.content_type == "application/json; charset=utf-8"


def test_t2_the_past_is_left_out_and_the_future_is_not(site: Site) -> None:
    far = replace(
        given.window("10:00-11:00", id=3), starts_at=NOW + timedelta(days=90), ends_at=NOW + timedelta(days=91)
    )
    site.shows(LEDGER, given.window("13:00-14:30"), given.window("14:00-15:00", id=2), far)
    assert [one["start_time"][:10] for one in site.windows()] == ["2027-02-19", "2026-11-21"]


@pytest.mark.parametrize(
    ("name", "headers"),
    [("va_maintenance_windows.json", {}), ("va_maintenance_windows.camel.json", {"X_Key_Inflection": "camel"})],
)
def test_t3_what_it_said_itself(site: Site, name: str, headers: dict[str, str]) -> None:
    mine, theirs = site.shows(EXAMPLE, t=EXAMPLE_AT).get(WINDOWS, **headers).get_json(), recorded(name)
    assert [plain(one) for one in mine["data"]] == [plain(one) for one in theirs["data"]]
    assert [(one["type"], one["id"] == str(one["attributes"]["id"])) for one in mine["data"]] == [
        ("maintenance_window", True)
    ] * 2
    assert all(
        shape(theirs["data"][0]["attributes"]).items() <= shape(one["attributes"]).items() for one in mine["data"]
    )


@pytest.mark.parametrize("path", [WINDOWS, STATUSES, f"{STATUSES}/payments_core", f"{BANNERS}?path=/x"])
def test_t4_with_a_slash_as_without(site: Site, path: str) -> None:
    site.shows(EXAMPLE, t=EXAMPLE_AT)
    slashed = path.replace("?", "/?") if "?" in path else f"{path}/"
    assert site.get(path).status_code == site.get(slashed).status_code == 200
    assert site.get(path).data == site.get(slashed).data


def test_t5_a_page_of_theirs_may_ask_with_its_cookies(site: Site) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    asks["Access-Control-Request-Headers"] = "x-key-inflection,source-app-name,x-csrf-token"
    before = site.shows(EXAMPLE, t=EXAMPLE_AT).client.options(f"{WINDOWS}/", headers=asks)
    after = site.client.get(f"{WINDOWS}/", headers=AS_VETS_WEBSITE)
    for answer in (before, after):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Set-Cookie" not in answer.headers
    allowed = before.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"x-key-inflection", "source-app-name", "x-csrf-token", "content-type"} <= set(allowed)
    assert {"ETag", "X-CSRF-Token"} <= set(after.headers["Access-Control-Expose-Headers"].split(", "))
    assert after.get_json()["data"][1]["attributes"]["externalService"] == "payments_core"
    assert {"X-Key-Inflection", "Origin"} <= set(after.headers["Vary"].split(", "))


def test_t7_two_services_of_one_window_are_two_rows(site: Site) -> None:
    maps = given.component(2, key="maps", service_ids=("P0BBBB2",))
    one, other = site.shows(LEDGER, maps, given.window("14:00-15:00", 1, 2, message="We move.")).windows()
    assert {one["external_service"], other["external_service"]} == {"payments_core", "maps"}
    assert one["id"] != other["id"]
    assert one["description"] == other["description"] == "We move."


def test_t8_the_last_one_wins(site: Site) -> None:
    spans = ("20:00-21:00", "14:00-15:00", "14:10-18:00", "16:00-17:00")
    site.shows(LEDGER, [given.window(words, id=id) for id, words in enumerate(spans, 1)])
    assert len(site.windows()) == 4
    won = kept(site.windows())["payments_core"]
    assert (status_of(won, NOW), won["end_time"][11:16]) == ("down", "18:00")
    site.shows(LEDGER, [given.window(words, id=id) for id, words in enumerate(spans[::3], 1)])
    assert kept(site.windows())["payments_core"]["start_time"][11:16] == "16:00"


@pytest.mark.parametrize("outage", [given.outage("14:00"), given.outage("13:00-14:00 hold")])
def test_t9_an_end_that_nobody_knows_is_a_time(site: Site, outage: Any) -> None:
    site.shows(LEDGER, given.dependency(), outage)
    for now in (NOW, NOW + timedelta(hours=5, minutes=29)):
        site.clock.move_to(now, tick=False)
        found = kept(site.windows())
        assert {status_of(found[service], now) for service in ("payments_core", "direct_deposit")} == {"down"}
        assert found["payments_core"]["end_time_is_estimate"] is True
        assert datetime.fromisoformat(found["payments_core"]["end_time"]) > now + HOUR


def test_t14_with_the_database_and_redis_dead(settings: Settings, site: Site, tmp_path: Path) -> None:
    """Another process has only the file; and a web server has only the published ones."""
    every = given.component(key="global", service_ids=("P0AAAA1",))
    site.shows(every, given.window("14:00-18:00"))
    edition = site.press.at(NOW)
    assert edition is not None
    other = Site(settings, site.clock)
    assert other.windows() == site.windows() != []
    assert write_documents(tmp_path, edition) > 0
    assert (tmp_path / STATIC[1:]).read_bytes() == other.get(STATIC).data
    assert shape(json.loads(other.get(STATIC).data)) == shape(recorded("va_global_downtime_static.json"))


def test_t16_how_every_service_is(site: Site) -> None:
    assert site.shows(EXAMPLE, t=EXAMPLE_AT).get(STATUSES).status_code == 200
    mine, theirs = site.get(STATUSES).get_json(), recorded("va_backend_statuses.json")
    assert shape(mine) == shape(theirs)
    assert mine["data"]["attributes"]["statuses"] == theirs["data"]["attributes"]["statuses"]
    mine["data"]["attributes"].pop("maintenance_windows")
    theirs["data"]["attributes"].pop("maintenance_windows")
    theirs["data"]["attributes"]["reported_at"] = f"{NOW:%Y-%m-%dT%H:%M:%S}.000Z"  # of the last change
    assert mine == theirs


def test_t16_more_than_a_hundred_services(site: Site) -> None:
    many = [given.component(id, key=f"s_{id}", service_ids=(f"P{id}",)) for id in range(1, 251)]
    site.shows(many, given.window("14:00-15:00", *range(1, 251)))
    told = site.get(STATUSES).get_json()["data"]["attributes"]
    assert len(told["statuses"]) == len(told["maintenance_windows"]) == 250
    assert {one["status"] for one in told["statuses"]} == {"maintenance"}
    one = site.get(f"{STATUSES}/s_250").get_json()["data"]["attributes"]
    assert one == {"name": "s_250", "is_available": False, "uptime_remaining": 0}


def test_t16_an_unknown_service_is_a_json_api_404(site: Site) -> None:
    answer = site.shows(LEDGER).get(f"{STATUSES}/nothing", Origin=ORIGIN)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (404, ORIGIN)
    (error,) = answer.get_json()["errors"]
    assert error.keys() == {"title", "detail", "code", "status"}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/riverside", True),
        ("/riverside/", True),
        ("/riverside/operating-status", True),
        ("/riverside/operating-status/", True),
        ("/riverside/phones", True),
        ("/lakeside", False),
        ("/", False),
    ],
)
def test_t17_banners_by_their_path(site: Site, path: str, shown: bool) -> None:
    clinic = given.section(1, name="Riverside", path="/riverside")
    phones = given.section(2, name="Phones", parent=1, path="/riverside/operating-status")
    said = site.shows(clinic, phones, given.outage("14:00-18:00", 2)).get(f"{BANNERS}?path={path}").get_json()
    assert (said["path"], said["banner_type"]) == (path, "full_width_banner_alert")
    assert [one["headline"] for one in said["banners"]] == ["Phones is unavailable until 18:00"] * shown
    if shown:
        assert shape(said) == shape(recorded("va_banners.json"))


def test_t17_without_a_path_it_is_refused(site: Site) -> None:
    answer = site.shows(LEDGER).get(f"{BANNERS}?type=full_width_banner_alert")
    assert (answer.status_code, answer.get_json()) == (422, {"error": "Path parameter is required"})


@pytest.mark.parametrize(
    ("span", "want"),
    [
        ("14:30-15:00", ["down"]),
        ("14:00-14:30", []),
        ("15:30-16:00", ["downtimeApproaching"]),
        ("15:31-16:00", ["ok"]),
        ("14:31-15:00", ["downtimeApproaching"]),
    ],
)
def test_t18_at_the_very_second(site: Site, span: str, want: list[str]) -> None:
    """Also when the facts are older than that: time passes by itself."""
    site.shows(LEDGER, given.window(span))
    site.press.put(given.facts(LEDGER, given.window(span)), NOW - 3 * HOUR)
    assert [status_of(one, NOW) for one in site.windows()] == want


def test_another_method_is_refused_in_json(site: Site) -> None:
    answer = site.shows(LEDGER).client.post(WINDOWS)
    assert (answer.status_code, answer.get_json()["errors"][0]["status"]) == (405, "405")


def test_a_copy_that_is_kept_is_not_sent_again(site: Site) -> None:
    tag = site.shows(EXAMPLE, t=EXAMPLE_AT).get(WINDOWS).headers["ETag"]
    assert site.get(WINDOWS, If_None_Match=tag).status_code == 304
    assert site.get(WINDOWS, If_None_Match=tag, X_Key_Inflection="camel").status_code == 200
