"""Programs that were written for the original read ours unmodified: one from PyPI, and one as they mostly are."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest
import time_machine

from dashboard.config import Settings
from dashboard.facts import Facts
from dashboard.front import Front
from dashboard.press import Press
from tests import given
from tests.browser.servers import serving
from tests.conftest import NOW

COMPONENTS = [given.component(1, name="Card payments"), given.component(2, name="Search")]
WELL = given.facts(COMPONENTS)
BUSY = given.facts(
    COMPONENTS,
    given.incident(given.update("13:00 identified", impacts={1: "major_outage"})),
    given.incident("9:00 investigating", "10:00 resolved", id=2),
    [given.window("14:00-15:00", 2), given.window("18:00-19:00", 2, id=2), given.window("8:00-9:00", 2, id=3)],
)


PATHS = (
    "summary",
    "status",
    "components",
    "incidents",
    "incidents/unresolved",
    "scheduled-maintenances",
    "scheduled-maintenances/upcoming",
    "scheduled-maintenances/active",
)


@dataclass(frozen=True)
class Site:
    press: Press
    url: str

    def shows(self, facts: Facts) -> None:
        self.press.put(facts, NOW)


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """Served as the product serves it, on a free port."""
    press = Press(settings)
    press.put(WELL, NOW)
    with serving(Front(nothing, press, 4, {"admin"})) as url, time_machine.travel(NOW):
        yield Site(press, url)


def nothing(*_: Any) -> Any:
    raise AssertionError("no public answer comes from within")


@pytest.fixture
def exporter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Keeps what it read in the folder that it runs in."""
    chosen = tmp_path / "services.json"
    chosen.write_text(json.dumps({}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVICES_JSON_PATH", str(chosen))
    return importlib.import_module("statuspage_prometheus_exporter.service_checker")


class TestExporter:
    def test_all_is_well(self, site: Site, exporter: ModuleType) -> None:
        found = self.ask(exporter, site)
        assert (found["success"], found["status"], found["details"]) == (True, 1, "All Systems Operational")
        assert [one["status_value"] for one in found["component_metadata"]] == [1, 1]

    def test_a_problem(self, site: Site, exporter: ModuleType) -> None:
        site.shows(BUSY)
        found = self.ask(exporter, site)
        (incident,) = found["incident_metadata"]
        assert (found["success"], found["status"], found["raw_status"]) == (True, 0, "critical")
        assert incident["affected_components"] == ["Card payments"]
        assert [one["status"] for one in found["maintenance_metadata"]] == ["in_progress", "scheduled"]

    def ask(self, exporter: ModuleType, site: Site) -> Any:
        return exporter.check_status_page_service("larkfield", {"url": f"{site.url}/api/v2/summary.json"})


class StatuspageClient:
    """As these are mostly written: it finds a page by HEAD, indexes without asking, and parses every time."""

    def __init__(self, url: str) -> None:
        self.http = httpx2.Client(base_url=url, timeout=2)

    def is_statuspage(self) -> bool:
        return self.http.head("/api/v2/components.json").is_success

    def get(self, path: str) -> Any:
        return self.http.get(f"/api/v2/{path}.json").raise_for_status().json()

    def line(self) -> str:
        found = self.get("summary")
        last = [f"{one['name']}: {one['incident_updates'][0]['body']}" for one in found["incidents"]]
        planned = [f"{one['name']} {one['scheduled_for']}" for one in found["scheduled_maintenances"]]
        return "; ".join([found["status"]["description"], *last, *planned])


@pytest.fixture
def client(site: Site) -> Iterator[StatuspageClient]:
    found = StatuspageClient(site.url)
    with found.http:
        yield found


def test_a_page_is_found_by_head(client: StatuspageClient) -> None:
    assert client.is_statuspage()


@pytest.mark.parametrize("path", PATHS)
def test_every_path_answers(client: StatuspageClient, path: str) -> None:
    assert client.get(path)["page"]["name"] == "Larkfield"


def test_one_line_of_it_all(site: Site, client: StatuspageClient) -> None:
    assert client.line() == "All Systems Operational"
    site.shows(BUSY)
    assert client.line() == (
        "Partial System Outage; Payments are not going through: We are looking into it.; "
        "Planned work on Search 2026-11-21T14:00:00.000Z; Planned work on Search 2026-11-21T18:00:00.000Z"
    )


@pytest.mark.parametrize("path", ["/api/v2/summary.json", "/api/v2/nothing.json", "/incidents/99.json"])
def test_scripts_of_any_origin_may_read_every_answer(client: StatuspageClient, path: str) -> None:
    answer = client.http.get(path, headers={"Origin": "https://www.example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()


def test_a_preflight_is_answered(client: StatuspageClient) -> None:
    answer = client.http.options("/api/v2/summary.json", headers={"Access-Control-Request-Headers": "content-type"})
    assert answer.status_code == 204
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]


def test_what_has_not_changed_is_not_sent_again(client: StatuspageClient) -> None:
    first = client.http.get("/api/v2/summary.json")
    again = client.http.get("/api/v2/summary.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
