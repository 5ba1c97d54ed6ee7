"""What a template puts into a form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from dashboard.models import Component, Section
from dashboard.views import prefill
from tests import make
from tests.conftest import NOW


@pytest.fixture(autouse=True)
def clock(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), app.test_request_context():
        yield


@pytest.fixture
def payments(app: Flask) -> Component:
    return make.component("payments", "Payments provider")


@pytest.fixture
def deposit(app: Flask) -> Section:
    return make.section("direct_deposit")


def test_an_incident(payments: Component, deposit: Section) -> None:
    template = make.template(
        title="{section} is unavailable until {until}",
        body="{component} has a problem. We will say more by {next}.",
        impacts={"payments": "major_outage"},
        sections={"direct_deposit": "down"},
        next_minutes=30,
    )
    assert prefill.incident(template.id) == {
        "title": "Direct deposit is unavailable until {until}",
        "body": "Payments provider has a problem. We will say more by {next}.",
        "stage": "investigating",
        "next": "30",
        "tells": "y",
        f"component-{payments.id}": "major_outage",
        f"section-{deposit.id}": "down",
    }


def test_planned_work(payments: Component, deposit: Section) -> None:
    template = make.template(
        noun="window",
        title="Work on {section}",
        body="Until {until}.",
        impacts={"payments": "under_maintenance"},
        sections={"direct_deposit": "warn"},
        tells=False,
    )
    assert prefill.window(template.id) == {
        "title": "Work on Direct deposit",
        "message": "Until {until}.",
        "tells": "",
        f"component-{payments.id}": "y",
        f"section-{deposit.id}": "warn",
    }


def test_what_touches_nothing_leaves_its_words_open(app: Flask) -> None:
    given = prefill.incident(make.template(next_minutes=None).id)
    assert (given["title"], given["next"]) == ("{section} is unavailable", "none")


def test_what_is_archived_or_unknown_is_left_out(deposit: Section) -> None:
    make.component("old", archived_at=NOW)
    template = make.template(impacts={"old": "major_outage", "none": "operational"}, sections={"gone": "down"})
    assert not [name for name in prefill.incident(template.id) if "-" in name]


@pytest.mark.parametrize("given", [{"archived_at": NOW}, {"noun": "window"}])
def test_one_that_cannot_be_chosen(app: Flask, given: dict[str, object]) -> None:
    template = make.template(**given)  # type: ignore[arg-type]
    assert prefill.incident(template.id) == {}
    assert prefill.incident(999) == {}
    assert prefill.window(999) == {}


def test_offered_in_their_order(app: Flask) -> None:
    last, first = make.template("Last", position=2), make.template("First", position=1)
    make.template("Work", "window")
    assert prefill.offered("incident") == [(first.id, "First"), (last.id, "Last")]


def test_what_was_left_open_is_filled_in_once_it_is_known(payments: Component, deposit: Section) -> None:
    words = "{section}, {component}, {until}, {next}, {x}"
    hour = timedelta(hours=1)
    assert prefill.worded(
        words, [deposit.id], [payments.id], prefill.told(NOW + hour), prefill.told(NOW + 2 * hour)
    ) == ("Direct deposit, Payments provider, 15:30 GMT, 16:30 GMT, {x}")
    assert prefill.worded(words, [], []) == words


def test_a_time_of_another_day_is_told_by_its_date(app: Flask) -> None:
    assert prefill.worded("{until}", [], [], prefill.told(NOW + timedelta(days=1))) == "22 November 14:30 GMT"
