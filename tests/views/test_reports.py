"""The report of an incident: what is in the files, for whom, and that nothing typed is markup or a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from dashboard.actions import reviews
from dashboard.db import db
from dashboard.models import Incident
from dashboard.rules import report
from tests import make
from tests.actions.conftest import TOM
from tests.conftest import NOW
from tests.views.page import Client

MARKDOWN, SHEET = "/admin/incidents/1/report.md", "/admin/incidents/1/report.csv"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def incident(app: object) -> Incident:
    ledger = make.component()
    made = make.incident("Payments *fail*", start=NOW - 2 * HOUR, broken="You cannot pay.")
    make.update(made, "investigating", NOW - 2 * HOUR, "=HYPERLINK(1)\n<b>x</b>", {ledger: "major_outage"})
    make.update(made, "resolved", NOW - HOUR, "Over.", {ledger: "operational"})
    return made


def test_markdown(viewer: FlaskClient, incident: Incident) -> None:
    parts = {"happened": "A disk.", "affected": "", "cause": "# Nobody looked.", "actions": ""}
    reviews.save(incident.id, 0, {**parts, "public_parts": frozenset({"happened"})}, TOM, NOW, publishes=True)
    answer = viewer.get(MARKDOWN)
    assert answer.content_type == "text/markdown; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="incident-1.md"'
    lines = answer.text.splitlines()
    assert lines[0] == r"# Payments \*fail\*"
    assert "- What is broken: You cannot pay." in lines
    assert "- Began: 2026-11-21 12:30" in lines
    assert "- Lasted: 1 h" in lines
    assert r"> \=HYPERLINK(1)" + "\\" in lines
    assert r"> \<b\>x\</b\>" in lines
    assert "## What happened (public)" in lines
    assert "## Cause (staff only)" in lines
    assert r"> \# Nobody looked." in lines


def test_spreadsheet(viewer: FlaskClient, incident: Incident) -> None:
    answer = viewer.get(SHEET)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="incident-1.csv"'
    rows = list(csv.reader(answer.text.removeprefix("\ufeff").splitlines(keepends=True)))
    assert rows[0] == [*report.COLUMNS]
    assert rows[1] == [
        "2026-11-21T12:30:00Z",
        "2026-11-21 12:30:00",
        "Europe/London",
        "update",
        "Tom Reed",
        "Investigating",
        "'=HYPERLINK(1)\n<b>x</b>",
        "yes",
    ]
    assert [row[3] for row in rows[1:]] == ["update", "component", "update", "component"]


def test_of_a_private_one_all_is_for_staff(viewer: FlaskClient, incident: Incident) -> None:
    incident.is_private = True
    db.session.commit()
    assert ",yes" not in viewer.get(SHEET).text


@pytest.mark.parametrize("url", [MARKDOWN, SHEET])
def test_for_staff_only(client_of: Client, incident: Incident, url: str) -> None:
    assert client_of("nobody").get(url).headers["Location"].startswith("/admin/sign-in")
    assert client_of("viewer").post(url, headers={"X-CSRFToken": "x"}).status_code == 405
    assert client_of("viewer").get(url.replace("/1/", "/9/")).status_code == 404
