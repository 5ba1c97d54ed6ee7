"""The strip's Undo: what it says when it is too late for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.actions import outages, sections
from dashboard.actions.writing import Actor
from dashboard.db import db
from dashboard.models import Change, Section
from tests import make
from tests.conftest import NOW
from tests.views.page import Page, Post

TOM = Actor("Tom Reed")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def section(app: object, clock: time_machine.Traveller) -> Section:
    return make.section("documents")


def said(client: FlaskClient, page: Page, post: Post, change: Change | None) -> str:
    assert change is not None
    answer = post(client, f"/admin/changes/{change.id}/undo", follow_redirects=True)
    return page(answer).one("div", class_="done").text


def test_what_is_over(
    section: Section, clock: time_machine.Traveller, ada: FlaskClient, page: Page, post: Post
) -> None:
    change = outages.end(make.outage(section).id, 1, TOM, NOW)
    clock.shift(timedelta(minutes=11))
    assert said(ada, page, post, change) == "That was not undone. It is over, and what is over stays as it was."


def test_what_would_hide_sections(section: Section, ada: FlaskClient, page: Page, post: Post) -> None:
    letters = make.section("letters", parent=section)
    make.outage(letters)
    sections.edit(letters.id, 1, {"parent_id": None}, (), TOM, NOW)
    change = db.session.scalars(sa.select(Change)).one()
    sections.edit(section.id, 1, {"parent_id": letters.id}, (), TOM, NOW)
    assert said(ada, page, post, change) == "That was not undone. Letters cannot be a part of itself."
    assert {row["key"] for row in ada.get("/embed/v1/status.json").get_json()["sections"]} == {"letters", "documents"}


def test_what_somebody_changed_since(section: Section, ada: FlaskClient, page: Page, post: Post) -> None:
    change = sections.edit(section.id, 1, {"owner": "Ours"}, (), TOM, NOW)
    sections.edit(section.id, 2, {"owner": "Theirs"}, (), TOM, NOW)
    assert said(ada, page, post, change) == "This can no longer be undone. Tom Reed has changed it since."
