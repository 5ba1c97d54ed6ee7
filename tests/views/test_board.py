"""What the board tells of each section, and where its buttons lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Section, Window
from tests import make
from tests.conftest import NOW
from tests.views.page import Page, read

BOARD = "/admin/sections"


@pytest.fixture(autouse=True)
def clock() -> Any:
    """It is 14:30 in London, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def section(app: object) -> Section:
    return make.section(
        "direct_deposit", message="You cannot see your bank details.", alternative="Call 0300 000 0000."
    )


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("never off", lambda section: None, "On for more than 30 days"),
        ("an outage that was", lambda section: make.outage(section, NOW - 3 * HOUR), "On for 2 h"),
        (
            "brought back early",
            lambda section: make.outage(section, NOW - HOUR, ended_at=NOW - HOUR / 2),
            "On for 30 min",
        ),
        (
            "called off",
            lambda section: make.outage(section, NOW - HOUR, ended_at=NOW - 2 * HOUR),
            "On for more than 30 days",
        ),
        ("long ago", lambda section: make.outage(section, NOW - 900 * HOUR), "On for more than 30 days"),
        ("a window", lambda section: window_before(section), "On for 5 min"),
        (
            "a window that was overruled",
            lambda section: make.overrule(window_before(section), section),
            "On for more than 30 days",
        ),
        ("what it is in was off", lambda section: part_of_what_was_off(section), "On for 1 h"),
        ("just made", lambda section: newly_made(section), "On for 3 h"),
    ],
)
def test_since_when_it_is_on(
    priya: FlaskClient, section: Section, name: str, given: Callable[[Section], object], words: str
) -> None:
    given(section)
    row = read(priya.get("/admin/sections").text).one("li", id="s-direct_deposit")
    assert row.one("div", class_="board__state").text == words


def window_before(section: Section) -> Window:
    component = make.component()
    make.dependency(section, component)
    return make.window(component, start=NOW - 65 * HOUR / 60, minutes=60)


def part_of_what_was_off(section: Section) -> None:
    above = make.section("benefits")
    db.session.execute(sa.update(Section).where(Section.id == section.id).values(parent_id=above.id))
    db.session.commit()
    make.outage(above, NOW - 2 * HOUR)


def newly_made(section: Section) -> None:
    db.session.execute(sa.update(Section).values(created_at=NOW - 3 * HOUR))
    db.session.commit()


def test_a_part_that_is_off_with_its_whole_leads_there(priya: FlaskClient, page: Page) -> None:
    whole = make.section("health", "Health")
    make.section("records", "Records", parent=whole)
    make.outage(whole)
    row = page(priya.get(BOARD)).one("li", id="s-records")
    assert {link.attrs["href"] for link in row.all("a") if "health" in link.attrs["href"]} == {"/admin/sections/health"}
    assert "Go to Health" in row.text
    assert "/admin/sections/records/off" not in str([form.attrs for form in row.all("form")])


def test_what_planned_work_took_off_can_be_kept_open(priya: FlaskClient, page: Page) -> None:
    section, ledger = make.section("records", "Records"), make.component()
    make.dependency(section, ledger)
    window = make.window(ledger)
    button = page(priya.get(BOARD)).one("li", id="s-records").all("button", class_="switch")[0]
    assert button.attrs["hx-get"] == f"/admin/sections/records/windows/{window.id}/overrule"
    assert "Keep Records open" in button.attrs["aria-label"]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (NOW - HOUR, "Keep open"),
        (NOW + 2 * HOUR, "Keep open from 16:30"),
        (NOW + 180 * HOUR, "Keep open on 29 Nov"),
    ],
)
def test_keeping_open_says_which_work(priya: FlaskClient, page: Page, start: datetime, words: str) -> None:
    section = make.section("records", "Records")
    make.window(source="signpost", start=start, minutes=120, title="New ledger", sections={section: "down"})
    row = page(priya.get(BOARD)).one("li", id="s-records")
    assert [link.text for link in row.all("a", class_="btn btn--small")] == [
        f"{words} : Records, in spite of New ledger"
    ]


def test_an_incident_that_slows_a_section_is_named(priya: FlaskClient, page: Page) -> None:
    incident = make.incident("Pages load slowly", NOW - HOUR, sections={make.section("records", "Records"): "warn"})
    make.update(incident, at=NOW - HOUR)
    row = page(priya.get(BOARD)).one("li", id="s-records")
    assert "Shown as slow Incident Pages load slowly" in row.text
    assert f"/admin/incidents/{incident.id}" in [link.attrs["href"] for link in row.all("a")]


def test_an_incident_that_took_a_section_off_is_named_beside_who_did(priya: FlaskClient, page: Page) -> None:
    incident = make.incident("Payments fail")
    make.update(incident)
    make.outage(make.section("records", "Records"), incident_id=incident.id)
    assert "“Northpay is down” · Incident Payments fail" in page(priya.get(BOARD)).one("li", id="s-records").text


def test_an_incident_that_is_to_be_published_later_does_nothing_yet(priya: FlaskClient, page: Page) -> None:
    section = make.section("records", "Records")
    incident = make.incident(start=NOW + HOUR, sections={section: "warn"})
    make.update(incident, at=NOW + HOUR)
    assert "On for" in page(priya.get(BOARD)).one("li", id="s-records").text


def test_work_that_is_planned_here_is_named(priya: FlaskClient, page: Page) -> None:
    section = make.section("records", "Records")
    window = make.window(source="signpost", title="New ledger", sections={section: "down"})
    row = page(priya.get(BOARD)).one("li", id="s-records")
    assert "Planned work New ledger" in row.text
    assert "PagerDuty" not in row.text
    assert "Planned work: “New ledger”" in priya.get(f"/admin/sections/records/windows/{window.id}/overrule").text


def test_the_board_says_that_pagerduty_is_silent(priya: FlaskClient, page: Page) -> None:
    make.source(checked_at=NOW - timedelta(minutes=10))
    text = page(priya.get(BOARD)).text
    assert "PagerDuty has not answered as it should since 14:20" in text


def test_the_panel_names_what_goes_off_as_well(priya: FlaskClient, page: Page) -> None:
    whole = make.section("health", "Health")
    part = make.section("records", "Records", parent=whole)
    make.section("letters", "Letters", parent=part)
    assert "Also off then: Records, Letters." in page(priya.get("/admin/sections/health/off")).text


def test_a_sections_page_shows_what_the_public_reads_now(priya: FlaskClient, page: Page) -> None:
    section = make.section("records", "Records", message="Ready words.")
    make.outage(section, message="Words of today.")
    text = page(priya.get("/admin/sections/records")).text
    assert "What the public reads now Words of today." in text


def test_enter_sets_the_time_that_was_typed(priya: FlaskClient, page: Page, section: Section) -> None:
    outage = make.outage(section)
    form = page(priya.get(f"/admin/outages/{outage.id}/extend")).one("form", id=f"extend-{outage.id}")
    assert form.all("button")[0].attrs["value"] == "at"
