"""T6, T11 to T13 and T19: what PagerDuty says, polled over HTTP, as the VA's front ends are told of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import Client

from dashboard import polling, publish
from dashboard.config import Settings
from dashboard.front import Front
from dashboard.press import Press
from tests import make
from tests.conftest import NOW
from tests.doubles.pagerduty import Faulty
from tests.rules.given import HOUR
from tests.test_front import fail

LEDGER, MAPS, GONE = "P0AAAA1", "P0BBBB2", "P0DEAD1"
Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def double() -> Iterator[Faulty]:
    with Faulty(lambda: NOW) as double:
        double.add_service(LEDGER, "External: Ledger")
        double.add_service(MAPS, "External: Maps")
        yield double


@pytest.fixture
def settings(settings: Settings, double: Faulty) -> Settings:
    return replace(settings, pagerduty_url=double.url, pagerduty_api_key="test-key")


@pytest.fixture
def told(app: Flask, settings: Settings) -> Iterator[Told]:
    """Polls, publishes and asks as an old front end does."""
    for key, service in (("payments_core", LEDGER), ("LIGHTHOUSE_MAPS", MAPS)):
        make.service(make.component(key), service)
    press = Press(settings)
    client = Client(Front(fail, press, 2, {"admin"}))

    def told() -> list[dict[str, Any]]:
        polling.poll(lambda: NOW)
        press.put(publish.read_facts(NOW), NOW)
        return [one["attributes"] for one in client.get("/v0/maintenance_windows/").get_json()["data"]]

    with time_machine.travel(NOW, tick=False):
        yield told


@pytest.mark.parametrize(
    ("description", "want"),
    [
        ("CHG-12 USER_MESSAGE: We are moving.", "We are moving."),
        ("CHG-12, ask Northpay", ""),
        ("USER_MESSAGE: One USER_MESSAGE: two", "One USER_MESSAGE: two"),
        ("user_message: not this", ""),
        ("CHG-12\nUSER_MESSAGE:\nOne.\nTwo.\n", "One.\nTwo."),
        (r"CHG-12\nUSER_MESSAGE: One.\nTwo.", r"One.\nTwo."),
        ("x USER_MESSAGE: <b>bold</b> & more", "<b>bold</b> & more"),
        (None, ""),
    ],
)
def test_t6_the_words_for_the_public(told: Told, double: Faulty, description: str | None, want: str) -> None:
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, LEDGER, description=description)
    assert [one["description"] for one in told()] == [want]


def test_t11_a_service_that_left_a_window(told: Told, double: Faulty) -> None:
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, LEDGER, MAPS)
    before = {one["external_service"]: one["id"] for one in told()}
    assert before.keys() == {"payments_core", "LIGHTHOUSE_MAPS"}
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, MAPS)
    assert [(one["external_service"], one["id"]) for one in told()] == [("LIGHTHOUSE_MAPS", before["LIGHTHOUSE_MAPS"])]


def test_t12_a_service_that_nobody_mapped(told: Told, double: Faulty) -> None:
    double.add_service("P0ZZZZ9", "External: Not mapped")
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, LEDGER, "P0ZZZZ9")
    double.add_window("PW2", NOW - HOUR, NOW + HOUR, "P0ZZZZ9")
    assert [one["external_service"] for one in told()] == ["payments_core"]


def test_t13_one_bad_id_takes_no_other_with_it(told: Told, double: Faulty, app: Flask) -> None:
    make.service(make.component("gone"), GONE)
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, LEDGER)
    assert [one["external_service"] for one in told()] == ["payments_core"]


def test_t19_offsets_and_a_change_of_the_clocks(told: Told, double: Faulty) -> None:
    """On 1 November 2026 New York falls back from -04:00 to -05:00."""
    before, after = timezone(timedelta(hours=-4)), timezone(timedelta(hours=-5))
    double.windows |= {record["id"]: record for record in recorded_page()}
    late = datetime(2026, 11, 21, 12, tzinfo=after)
    double.add_window("PW3", datetime(2026, 11, 1, 1, 30, tzinfo=before), late, LEDGER)
    spans = {(one["start_time"], one["end_time"]) for one in told()}
    assert spans == {
        ("2026-11-22T02:00:00.000Z", "2026-11-22T06:00:00.000Z"),
        ("2026-11-01T05:30:00.000Z", "2026-11-21T17:00:00.000Z"),
    }


def recorded_page() -> list[Any]:
    """One of them, until 00:30 at -05:00, is over by 14:30 here."""
    page: list[Any] = json.loads((Path(__file__).parent / "pd_windows_page1.json").read_text())["maintenance_windows"]
    return page
