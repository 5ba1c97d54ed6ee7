"""A placeholder that nothing took the place of may stand in a draft, and is never read outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.db import db
from dashboard.models import Incident, IncidentUpdate, Outage, Window
from tests import make
from tests.conftest import NOW
from tests.views.page import Page, Post

NEW = "/admin/incidents/new"
SENTENCE = "Fill in {section} first: choose what is meant, or write it yourself."


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def refused(page: Page, answer: TestResponse, field: str) -> None:
    """In its place, with what was typed still there."""
    assert answer.status_code == 422
    shown = page(answer)
    assert SENTENCE in shown.one("p", id=f"{field}-error").text
    assert "{section}" in str(shown.form(answer.request.path).values())


@pytest.mark.parametrize("field", ["title", "body", "instead"])
def test_an_incident(tom: FlaskClient, page: Page, post: Post, field: str) -> None:
    form = {**page(tom.get(NEW)).form(NEW), "title": "Trouble", "body": "We look into it.", field: "No {section}."}
    refused(page, post(tom, NEW, {**form, "do": "publish"}), field)
    assert db.session.scalar(sa.select(Incident)) is None
    post(tom, NEW, {**form, "do": "draft"})
    assert db.session.scalars(sa.select(Incident.published_at)).one() is None


def test_a_draft_that_is_published(tom: FlaskClient, page: Page, post: Post) -> None:
    make.update(make.incident(published_at=None), body="No {section}.", visible_from=NOW)
    here = f"/admin/incidents/{db.session.scalars(sa.select(Incident.id)).one()}/draft"
    refused(page, post(tom, here, {**page(tom.get(here)).form(here), "do": "publish"}), "body")


def test_an_update_and_other_words_for_one(tom: FlaskClient, page: Page, post: Post) -> None:
    incident = make.incident(start=NOW)
    make.update(incident, body="We look into it.")
    here = f"/admin/incidents/{incident.id}"
    form = page(tom.get(here)).form(f"{here}/updates")
    refused(page, post(tom, f"{here}/updates", {**form, "body": "No {section}."}), "body")
    words = f"{here}/updates/{db.session.scalars(sa.select(IncidentUpdate.id)).one()}/words"
    refused(page, post(tom, words, {**page(tom.get(words)).form(words), "body": "No {section}."}), "body")
    edit = f"{here}/edit"
    refused(page, post(tom, edit, {**page(tom.get(edit)).form(edit), "title": "No {section}"}), "title")
    assert db.session.scalars(sa.select(IncidentUpdate.body)).all() == ["We look into it."]


def test_an_outage_whose_times_are_told_to_each_reader(priya: FlaskClient, page: Page, post: Post) -> None:
    section = make.section("documents")
    off, start = "/admin/sections/documents/off", "/admin/sections/documents/outage"
    form = page(priya.get(off)).form(start)
    refused(page, post(priya, start, {**form, "message": "No {section}."}), f"{section.key}-message")
    post(priya, start, {**form, "message": "Closed until {until}."})
    outage = db.session.scalars(sa.select(Outage)).one()
    words = f"/admin/outages/{outage.id}/words"
    given = {**page(priya.get(words)).form(words), "alternative": "Not {section}."}
    refused(page, post(priya, words, given), f"words-{outage.id}-alternative")


def test_planned_work(tom: FlaskClient, page: Page, post: Post) -> None:
    payments, url = make.component("payments"), "/admin/windows/new"
    form = page(tom.get(url)).form(url)
    times = {"components": str(payments.id), "from_time": "02:00", "to_time": "04:00"}
    refused(page, post(tom, url, {**form, **times, "message": "No {section} until {until}."}), "message")
    post(tom, url, {**form, **times, "message": "Closed until {until}."})
    words = f"/admin/windows/{db.session.scalars(sa.select(Window.id)).one()}/words"
    refused(page, post(tom, words, {**page(tom.get(words)).form(words), "message": "No {section}."}), "message")
