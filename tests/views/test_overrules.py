"""Keeping a section open in spite of planned work, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Overrule
from dashboard.publish import read_facts
from dashboard.rules.state import State
from dashboard.snapshot import snapshot_at
from tests import make
from tests.conftest import NOW
from tests.views.page import Page, Post


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


class TestKeepingOpen:
    @pytest.fixture(autouse=True)
    def window(self, app: object) -> None:
        """Planned work that ends at 15:25:45."""
        self.component = make.component("ledger")
        make.dependency(make.section("documents"), self.component)
        self.window = make.window(self.component, external_id="PW1")
        self.window.ends_at = NOW + timedelta(minutes=55, seconds=45)
        db.session.commit()
        make.revision()
        self.url = f"/admin/sections/documents/windows/{self.window.id}/overrule"

    def keep(self, client: FlaskClient, page: Page, post: Post, **given: str) -> str:
        form = page(client.get(self.url)).form(self.url)
        answer = post(client, self.url, {**form, "reason": "Reads only", **given}, follow_redirects=True)
        return page(answer).text

    def test_until_the_very_end(self, priya: FlaskClient, page: Page, post: Post) -> None:
        said = self.keep(priya, page, post)
        assert "Documents stays open in spite of PW1 until 15:25." in said
        facts = read_facts(now())
        states = {snapshot_at(facts, NOW + timedelta(seconds=s)).sections[0].state for s in range(0, 3400, 5)}
        assert states == {State.OK}

    def test_no_longer_than_the_window(self, priya: FlaskClient, page: Page, post: Post) -> None:
        assert "until 15:25." in self.keep(priya, page, post, until_at="2090-11-21T18:00")

    def test_a_zone_need_not_be_said(self, priya: FlaskClient, post: Post) -> None:
        form = {"once": "x" * 20, "reason": "Reads only", "until_at": "2026-11-21T15:00"}
        assert post(priya, self.url, form).status_code == 303

    def test_twice_is_once(self, priya: FlaskClient, page: Page, post: Post) -> None:
        self.keep(priya, page, post)
        assert "Documents is kept open in spite of PW1 already." in self.keep(priya, page, post)

    def test_undo(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get(self.url)).form(self.url)
        strip = page(post(priya, self.url, {**form, "reason": "Reads only"}, follow_redirects=True))
        answer = post(priya, strip.one("div", class_="done").one("form").attrs["action"], follow_redirects=True)
        assert "Documents: that was undone." in page(answer).text
        assert db.session.scalar(sa.select(Overrule.ends_at)) == NOW

    def test_what_is_over_is_refused_in_words(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get(self.url)).form(self.url)
        self.window.gone_at = NOW
        db.session.commit()
        answer = post(priya, self.url, {**form, "reason": "Reads only"})
        assert answer.status_code == 422
        assert "PW1 is over" in page(answer).text


class TestOnTheBoard:
    @pytest.fixture(autouse=True)
    def window(self, app: object) -> None:
        component = make.component()
        make.dependency(make.section("direct_deposit"), component)
        self.url = f"/admin/sections/direct_deposit/windows/{make.window(component).id}/overrule"

    def test_open_in_spite_of_it(self, priya: FlaskClient, post: Post, page: Page) -> None:
        form = page(priya.get(self.url)).form(self.url)
        post(priya, self.url, {**form, "until": "at", "reason": "Only reads are affected"})
        assert priya.get("/embed/v1/status.json").get_json()["sections"] == []
        assert db.session.scalars(sa.select(Overrule.reason)).one() == "Only reads are affected"

    def test_and_let_it_count_again(self, priya: FlaskClient, post: Post, page: Page) -> None:
        form = page(priya.get(self.url)).form(self.url)
        post(priya, self.url, {**form, "reason": "Only reads are affected"})
        overrule = db.session.scalars(sa.select(Overrule)).one()
        assert f"/admin/overrules/{overrule.id}/end" in priya.get("/admin/sections").text
        post(priya, f"/admin/overrules/{overrule.id}/end", {"version": "1"})
        assert len(priya.get("/embed/v1/status.json").get_json()["sections"]) == 1

    def test_needs_a_reason(self, priya: FlaskClient, post: Post, page: Page) -> None:
        form = page(priya.get(self.url)).form(self.url)
        assert post(priya, self.url, {**form, "reason": ""}).status_code == 422
