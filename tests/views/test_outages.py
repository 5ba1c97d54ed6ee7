"""Taking a section off and bringing it back, as a browser asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Change, Outage, Overrule, Section
from tests import make
from tests.conftest import NOW
from tests.views.page import Page, Post, read

OFF = "/admin/sections/direct_deposit/off"
START = "/admin/sections/direct_deposit/outage"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/admin/sections"}


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


@pytest.fixture
def form(priya: FlaskClient, page: Page) -> dict[str, str]:
    """The turn-off form as the page fills it in."""
    return page(priya.get(OFF)).form(START)


def outage() -> Outage:
    db.session.expire_all()
    return db.session.scalars(sa.select(Outage).order_by(Outage.id.desc())).first() or pytest.fail("no outage")


def count() -> int:
    return db.session.scalar(sa.select(sa.func.count(Outage.id))) or 0


def test_the_form_is_filled_in(form: dict[str, str]) -> None:
    assert (form["until"], form["message"], form["alternative"]) == (
        "60",
        "You cannot see your bank details.",
        "Call 0300 000 0000.",
    )
    assert form["reason"]


def test_off_for_the_usual_time(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    answer = post(priya, START, form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/sections")
    assert outage().planned_end == NOW + timedelta(hours=1)
    assert "Direct deposit is off until 15:30." in priya.get("/admin/sections").text


def test_htmx_gets_the_board_with_the_strip(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    answer = post(priya, START, form, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Direct deposit is off until 15:30." in answer.text
    assert 'aria-label="Off. Bring Direct deposit back"' in answer.text


def test_the_world_sees_it_at_once(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    post(priya, START, form)
    entry = priya.get("/embed/v1/status.json").get_json()["sections"][0]
    assert (entry["key"], entry["state"], entry["until"]) == ("direct_deposit", "down", "2026-11-21T15:30:00Z")
    assert "<h1" in priya.get("/").text
    assert "Direct deposit is unavailable until 15:30" in unescape(
        re.sub(r"\s+", " ", priya.get("/").text).replace("\xa0", " ")
    )


def test_twice_is_once(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    assert [post(priya, START, form).status_code for _ in range(2)] == [303, 303]
    assert count() == 1


@pytest.mark.parametrize(
    ("name", "given", "end"),
    [
        ("half an hour", {"until": "30"}, NOW + timedelta(minutes=30)),
        ("end of day", {"until": "eod"}, datetime.fromisoformat("2026-11-21T18:00Z")),
        ("not known", {"until": "unknown"}, None),
        ("a time", {"until": "at", "until_at": "2026-11-21T20:15"}, datetime.fromisoformat("2026-11-21T20:15Z")),
        (
            "a time elsewhere",
            {"until": "at", "until_at": "2026-11-21T20:15", "zone": "Europe/Berlin"},
            datetime.fromisoformat("2026-11-21T19:15Z"),
        ),
    ],
)
def test_every_way_to_say_until_when(
    priya: FlaskClient, post: Post, form: dict[str, str], name: str, given: dict[str, str], end: datetime | None
) -> None:
    assert post(priya, START, {**form, **given}).status_code == 303
    assert outage().planned_end == end


def test_what_was_typed_is_kept_with_its_zone(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    post(priya, START, {**form, "until": "at", "until_at": "2026-11-21T20:15", "zone": "Europe/Berlin"})
    assert (outage().typed_end, outage().zone) == ("2026-11-21T20:15", "Europe/Berlin")


def test_from_a_later_time_and_held(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    given = {"start": "at", "start_at": "2026-11-22T02:00", "until": "120", "hold": "y"}
    post(priya, START, {**form, **given})
    assert outage().starts_at == datetime.fromisoformat("2026-11-22T02:00Z")
    assert (outage().planned_end, outage().at_end) == (datetime.fromisoformat("2026-11-22T04:00Z"), "hold")


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("past end", {"until": "at", "until_at": "2026-11-21T10:00"}, "has passed"),
        ("past start", {"start": "at", "start_at": "2026-11-21T10:00"}, "has passed"),
        (
            "end before start",
            {"start": "at", "start_at": "2026-11-22T10:00", "until": "at", "until_at": "2026-11-21T20:00"},
            "before it starts",
        ),
        ("no time", {"until": "at", "until_at": "soon"}, "Give a day and a time"),
        ("no choice", {"until": "whenever"}, "Choose until when"),
        ("unknown zone", {"until": "at", "until_at": "2026-11-21T20:00", "zone": "Mars/Base"}, "not a time zone"),
        ("long message", {"message": "long " * 600}, "Shorten this to 2000 characters"),
        ("no reason", {"reason": " "}, "Say why"),
    ],
)
def test_what_cannot_be_is_said_with_the_words_kept(
    priya: FlaskClient, post: Post, form: dict[str, str], page: Page, name: str, given: dict[str, str], words: str
) -> None:
    answer = post(priya, START, {**form, "alternative": "Mine: ask at the desk", **given})
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    kept = page(answer).form(START)
    assert kept["alternative"] == "Mine: ask at the desk"
    assert kept.get("message", "").strip() == given.get("message", form["message"]).strip()
    assert count() == 0


@pytest.mark.parametrize(
    ("name", "typed", "words", "choice", "want"),
    [
        ("does not exist", "2027-03-28T01:30", "does not exist", -1, "2027-03-28T01:30Z"),
        ("happens twice", "2027-10-31T01:30", "happens twice", 0, "2027-10-31T00:30Z"),
    ],
)
def test_a_clock_change_is_asked_about(
    priya: FlaskClient, post: Post, form: dict[str, str], name: str, typed: str, words: str, choice: int, want: str
) -> None:
    form = {**form, "until": "at", "until_at": typed}
    answer = post(priya, START, form)
    assert answer.status_code == 422
    assert words in answer.text
    choices = [node.attrs["value"] for node in read(answer.text).all("input", name="until_exact")]
    assert len(choices) == 2
    assert post(priya, START, {**form, "until_exact": choices[choice]}).status_code == 303
    assert outage().planned_end == datetime.fromisoformat(want)


def test_somebody_was_quicker(priya: FlaskClient, post: Post, form: dict[str, str], section: Section) -> None:
    theirs = make.outage(section, started_by="Tom Reed", reason="Scanner broke")
    answer = post(priya, START, {**form, "reason": "My own reason"})
    assert answer.status_code == 409
    assert "Scanner broke" in answer.text
    assert "My own reason" in answer.text
    assert f"/admin/outages/{theirs.id}/extend" in answer.text


def test_preview_shows_what_the_public_would_read(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    answer = post(priya, f"{OFF}/preview", {**form, "until": "eod", "message": "You cannot pay <b>now</b>, shortly."})
    assert "Direct deposit is unavailable until 18:00" in answer.text
    assert "&lt;b&gt;now&lt;/b&gt;" in answer.text
    assert "shortly" in unescape(answer.text)
    assert "Turn Direct deposit off until 18:00" in re.sub(r"\s+", " ", answer.text)


@pytest.mark.parametrize("given", [{"until": "at", "until_at": "20"}, {"until": ""}, {"zone": "?"}, {"start": "at"}])
def test_preview_of_a_half_filled_form(
    priya: FlaskClient, post: Post, form: dict[str, str], given: dict[str, str]
) -> None:
    assert post(priya, f"{OFF}/preview", {**form, **given}).status_code == 200


class TestOnceItIsOff:
    """Extending, editing, ending, undoing."""

    @pytest.fixture(autouse=True)
    def off(self, section: Section) -> Outage:
        self.outage = make.outage(section)
        return self.outage

    def url(self, act: str) -> str:
        return f"/admin/outages/{self.outage.id}/{act}"

    @pytest.mark.parametrize(
        ("until", "end"),
        [("+30", NOW + timedelta(minutes=90)), ("eod", datetime.fromisoformat("2026-11-21T18:00Z")), ("unknown", None)],
    )
    def test_extend(self, priya: FlaskClient, post: Post, page: Page, until: str, end: datetime | None) -> None:
        form = page(priya.get(self.url("extend"))).form(self.url("extend"))
        assert post(priya, self.url("extend"), {**form, "until": until}).status_code == 303
        assert outage().planned_end == end

    def test_extend_says_what_it_was(self, priya: FlaskClient, post: Post) -> None:
        post(priya, self.url("extend"), {"version": "1", "until": "+30"})
        assert "Direct deposit now comes back at 16:00, not 15:30." in priya.get("/admin/sections").text

    def test_extend_into_the_past(self, priya: FlaskClient, post: Post) -> None:
        answer = post(priya, self.url("extend"), {"version": "1", "until": "at", "until_at": "2026-11-21T10:00"})
        assert answer.status_code == 422
        assert 'value="2026-11-21T10:00"' in answer.text

    def test_words(self, priya: FlaskClient, post: Post, page: Page) -> None:
        form = page(priya.get(self.url("words"))).form(self.url("words"))
        post(priya, self.url("words"), {**form, "message": "New words"})
        assert outage().message == "New words"
        assert "New words" in priya.get("/").text

    def test_two_people_at_once(self, priya: FlaskClient, post: Post, page: Page) -> None:
        form = {"version": "1", "message": "Mine", "alternative": "", "reason": "Why"}
        post(priya, self.url("words"), {**form, "message": "Theirs"})
        answer = post(priya, self.url("words"), form)
        assert answer.status_code == 409
        assert "Theirs" in answer.text
        again = page(answer).form(self.url("words"))
        assert post(priya, self.url("words"), again).status_code == 303
        assert outage().message == "Mine"

    def test_bring_back(self, priya: FlaskClient, post: Post) -> None:
        assert post(priya, self.url("end"), {"version": "1"}).status_code == 303
        assert outage().ended_at == NOW
        assert priya.get("/embed/v1/status.json").get_json()["sections"] == []

    def test_bring_back_what_is_back(self, priya: FlaskClient, post: Post) -> None:
        post(priya, self.url("end"), {"version": "1"})
        assert post(priya, self.url("end"), {"version": "2"}, follow_redirects=True).status_code == 200

    def test_bring_back_after_somebody_changed_it(self, priya: FlaskClient, post: Post) -> None:
        post(priya, self.url("extend"), {"version": "1", "until": "+30"})
        post(priya, self.url("end"), {"version": "1"})
        assert outage().ended_at is None
        assert "has changed it since" in priya.get("/admin/sections").text

    def test_undo(self, priya: FlaskClient, post: Post) -> None:
        post(priya, self.url("extend"), {"version": "1", "until": "+30"})
        change = db.session.scalars(sa.select(Change.id).order_by(Change.id.desc())).first()
        assert f"/admin/changes/{change}/undo" in priya.get("/admin/sections").text
        post(priya, f"/admin/changes/{change}/undo")
        assert outage().planned_end == NOW + timedelta(hours=1)

    @pytest.mark.parametrize("act", ["extend", "words", "end"])
    def test_a_form_without_a_version_is_out_of_date(self, priya: FlaskClient, post: Post, act: str) -> None:
        assert post(priya, self.url(act), {"until": "+30", "message": "x", "reason": "y"}).status_code == 428


class TestOverrule:
    @pytest.fixture(autouse=True)
    def window(self, section: Section) -> None:
        component = make.component()
        make.dependency(section, component)
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


@pytest.mark.parametrize(
    "url",
    [
        "/admin/sections/nothing/off",
        "/admin/outages/99/extend",
        "/admin/outages/99/words",
        f"/admin/outages/{2**40}/words",
    ],
)
def test_what_is_not_there(priya: FlaskClient, url: str) -> None:
    assert priya.get(url).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "delivery_manager"])
def test_only_some_may(client_of: Callable[[str], FlaskClient], post: Post, section: Section, role: str) -> None:
    client = client_of(role)
    assert client.get(OFF).status_code == 403
    assert post(client, START, {}).status_code == 403
    assert 'aria-disabled="true"' in client.get("/admin/sections").text
