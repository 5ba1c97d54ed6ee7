"""One tap from a chat: extend a section that is off, or bring it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from dashboard.models import Outage, Section
from tests import make
from tests.conftest import NOW
from tests.views.outing import outage
from tests.views.page import Client, Page, Post

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def section(app: object) -> Section:
    return make.section("direct_deposit")


@pytest.fixture
def off(section: Section) -> Outage:
    return make.outage(section, NOW - HOUR, 150)  # until 16:00


def test_a_look_changes_nothing_and_a_tap_does(priya: FlaskClient, page: Page, post: Post, off: Outage) -> None:
    url = f"/admin/outages/{off.id}/extend"
    root = page(priya.get(f"{url}?minutes=60"))
    assert [one.text for one in root.one("main").all("button")] == ["Extend Direct deposit until 17:00"]
    assert outage().planned_end == datetime(2026, 11, 21, 16, tzinfo=UTC)
    post(priya, url, root.form(url))
    assert outage().planned_end == datetime(2026, 11, 21, 17, tzinfo=UTC)


def test_where_nobody_knows_the_end_it_counts_from_now(priya: FlaskClient, page: Page, section: Section) -> None:
    made = make.outage(section, NOW - HOUR, None)
    assert "Extend Direct deposit until 15:00" in page(priya.get(f"/admin/outages/{made.id}/extend?minutes=30")).text


def test_bring_it_back(priya: FlaskClient, page: Page, post: Post, off: Outage) -> None:
    url = f"/admin/outages/{off.id}/end"
    root = page(priya.get(url))
    assert [one.text for one in root.one("main").all("button")] == ["Bring Direct deposit back now"]
    assert outage().ended_at is None
    post(priya, url, root.form(url))
    assert outage().ended_at == NOW


@pytest.mark.parametrize("path", ["end", "extend?minutes=60"])
def test_what_is_over_has_no_button(priya: FlaskClient, page: Page, section: Section, path: str) -> None:
    made = make.outage(section, NOW - 3 * HOUR, 60)
    root = page(priya.get(f"/admin/outages/{made.id}/{path}"))
    assert root.one("h1").text == "Direct deposit is back already"
    assert not root.one("main").all("button")


@pytest.mark.parametrize("minutes", ["0", "-5", "soon", "1441", "9" * 5_000])
def test_no_such_length(priya: FlaskClient, off: Outage, minutes: str) -> None:
    assert priya.get(f"/admin/outages/{off.id}/extend?minutes={minutes}").status_code == 404


def test_who_signs_in_comes_back_to_it(client_of: Client, off: Outage) -> None:
    answer = client_of("nobody").get(f"/admin/outages/{off.id}/extend?minutes=60")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"next=/admin/outages/{off.id}/extend?minutes%3D60")
