"""A toggle's own page, who reads it, its names, and the register to take away."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from dashboard.actions import sightings, toggles
from dashboard.actions.writing import SIGNPOST
from dashboard.db import db
from dashboard.models import Section, Toggle, ToggleAlias
from dashboard.sightings import ALL, TOGGLE, Seen
from dashboard.views.words import breakable
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Page, Post, read
from tests.views.queries import questions
from tests.views.test_toggles import EDIT, HOSTILE, LIST, NEW, row

SHOW, RENAME = "/admin/toggles/hide_it", "/admin/toggles/hide_it/rename"
RELEASE = "/admin/toggles/hide_it/names/hide_old/release"
CSV, JSON = "/admin/toggles/export.csv", "/admin/toggles/export.json"
SITE = "www.example.org"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section("documents")


@pytest.fixture
def toggle(section: Section) -> Toggle:
    """Called hide_old at first, and renamed by now: its version is 2."""
    made = make.toggle("hide_old", section, created_at=NOW - 200 * DAY)
    with time_machine.travel(NOW - 100 * DAY, tick=False):
        toggles.rename(made.id, 1, "hide_it", SIGNPOST, NOW - 100 * DAY)
    return made


def seen(
    name: str, ago: timedelta = timedelta(seconds=12), place: str = SITE, first: datetime = NOW - 80 * DAY
) -> None:
    last = (NOW - ago).timestamp()
    sightings.note({(TOGGLE, name, place): Seen(3, min(first.timestamp(), last), last)}, NOW)


def names() -> tuple[str, list[str]]:
    live = sa.select(ToggleAlias.name).where(ToggleAlias.gone_at.is_(None)).order_by(ToggleAlias.name)
    return db.session.scalars(sa.select(Toggle.name)).one(), list(db.session.scalars(live))


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("hide_direct_deposit", ["hide_", "direct_", "deposit"]),
        ("hideForm210966Now", ["hide", "Form210966", "Now"]),
        ("__it", ["__", "it"]),
        ("a<b", ["a&lt;b"]),
    ],
)
def test_a_name_breaks_between_its_words(name: str, pieces: list[str]) -> None:
    assert breakable(name).split("<wbr>") == pieces


class TestWhoReadsIt:
    def test_the_list_says_where_it_was_last_read(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        assert "Not read yet, as far as anybody counted" in row(page(priya.get(LIST)), "hide_it")
        seen("hide_it")
        seen("hide_old", timedelta(minutes=5), "python-httpx")
        seen("hide_it", timedelta(minutes=7), "")
        assert f"Read by {SITE} 12 s ago; 2 more" in row(page(priya.get(LIST)), "hide_it")

    def test_its_page_says_all_of_them(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        seen("hide_old", timedelta(minutes=5), "python-httpx")
        seen("hide_it", timedelta(minutes=7), "")
        seen(ALL, timedelta(hours=2))
        said = page(priya.get(SHOW)).text
        assert "python-httpx by hide_old 5 min ago" in said
        assert "somebody who does not say where 7 min ago" in said
        assert f"{SITE} with all the others at once 2 h ago" in said

    def test_who_reads_all_of_them_reads_it(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        seen(ALL)
        assert f"Read with all the others by {SITE} 12 s ago" in row(page(priya.get(LIST)), "hide_it")

    def test_but_not_a_private_one(self, priya: FlaskClient, page: Page, section: Section) -> None:
        make.toggle("secret", section, is_private=True)
        seen(ALL)
        said = row(page(priya.get(LIST)), "secret")
        assert "Not read yet" in said
        assert "Told only to programs with a token" in said

    def test_what_was_read_long_ago_is_forgotten(self, client_of: Client, page: Page, toggle: Toggle) -> None:
        seen("hide_it", 89 * DAY)
        with time_machine.travel(NOW + 2 * DAY, tick=False):
            assert "Not read yet" in row(page(client_of("viewer").get(LIST)), "hide_it")


class TestStale:
    def test_it_is_on_top_with_what_to_do(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        seen("hide_it", 12 * DAY)
        listed = page(priya.get(LIST))
        assert "not read for 12 days. Remove it." in listed.one("li", id="stale-hide_it").text
        assert "Take it out of the code" in page(priya.get(SHOW)).text

    def test_from_there_it_is_archived(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        seen("hide_it", 12 * DAY)
        form = page(priya.get(LIST)).one("li", id="stale-hide_it").one("form")
        answer = post(priya, form.attrs["action"], form.fields(), headers=HTMX)
        assert not read(answer.text).all("li", id="stale-hide_it")

    @pytest.mark.parametrize("name", ["hide_it", "hide_old", ALL])
    def test_not_while_it_is_read_by_any_name_or_with_the_rest(
        self, priya: FlaskClient, page: Page, toggle: Toggle, name: str
    ) -> None:
        seen("hide_it", 12 * DAY)
        seen(name, DAY)
        assert not page(priya.get(LIST)).all("li", id="stale-hide_it")

    def test_not_before_anything_was_ever_counted(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        assert not page(priya.get(LIST)).all("li", id="stale-hide_it")
        seen("other", 30 * DAY)
        assert "not read for 80 days or more" in page(priya.get(LIST)).one("li", id="stale-hide_it").text

    def test_not_what_was_just_edited(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        seen("hide_it", 12 * DAY)
        post(priya, EDIT, {"version": 2, "while_down": "off", "sentence": "New.", "owner": "Us"})
        assert not page(priya.get(LIST)).all("li", id="stale-hide_it")


class TestItsPage:
    def test_it_says_what_it_reads_and_how_to_read_it(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        found = page(priya.get(SHOW))
        assert "Reads off now, for more than 90 days." in found.text
        assert found.one("code", id="camel").text == "hideIt"
        assert "/v0/feature_toggles?features=hide_it" in found.one("code", id="by-va").text
        assert "/ofrep/v1/evaluate/flags/hide_it" in found.one("code", id="by-ofrep").text
        assert "features[0].value" in found.one("code", id="by-script").text

    def test_a_private_one_needs_a_token(self, priya: FlaskClient, page: Page, section: Section) -> None:
        make.toggle("secret", section, is_private=True)
        found = page(priya.get("/admin/toggles/secret"))
        assert "Authorization: Bearer YOUR_TOKEN" in found.one("code", id="by-ofrep").text
        assert not found.all("code", id="by-va")

    def test_an_archived_one_says_so(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        toggles.archive(toggle.id, 2, SIGNPOST, NOW)
        assert "Archived 14:30." in page(priya.get(SHOW)).text

    def test_it_tells_its_history(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        assert "renamed a toggle: it is hide_it now" in page(priya.get(SHOW)).text

    def test_hostile_words_do_nothing(self, priya: FlaskClient, page: Page) -> None:
        make.toggle("hide_it", make.section("x", HOSTILE), sentence=HOSTILE, owner=HOSTILE)
        assert HOSTILE not in priya.get(SHOW).text
        assert not page(priya.get(SHOW)).all("img")

    @pytest.mark.parametrize("url", ["/admin/toggles/hide_old", "/admin/toggles/hide_old/edit"])
    def test_an_earlier_name_leads_to_it(self, priya: FlaskClient, toggle: Toggle, url: str) -> None:
        answer = priya.get(url)
        assert (answer.status_code, answer.headers["Location"]) == (308, url.replace("hide_old", "hide_it"))

    def test_many_places_cost_no_more_questions(self, priya: FlaskClient, toggle: Toggle) -> None:
        few = questions(priya, SHOW), questions(priya, LIST)
        for n in range(30):
            seen("hide_it", place=f"x{n}.example.org")
        assert (questions(priya, SHOW), questions(priya, LIST)) == few
        assert "And by 10 more." in priya.get(SHOW).text


class TestPrivate:
    def typed(self, **given: object) -> dict[str, object]:
        return {"version": 2, "while_down": "on", "sentence": "Hides the form.", "owner": "Payments team", **given}

    def test_ticked_and_unticked(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        post(priya, EDIT, self.typed(is_private="y"))
        assert toggle.is_private
        assert page(priya.get(EDIT)).form(EDIT)["is_private"] == "y"
        post(priya, EDIT, self.typed(version=3))
        db.session.refresh(toggle)
        assert not toggle.is_private

    def test_two_people_at_once_see_that(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        post(priya, EDIT, self.typed(is_private="y"))
        said = page(post(priya, EDIT, self.typed())).text
        assert "Private: theirs told only to programs with a token" in said


class TestRenaming:
    def test_works_and_can_be_undone(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        assert page(priya.get(RENAME)).form(RENAME)["new_name"] == "hide_it"
        answer = post(priya, RENAME, {"version": 2, "new_name": "hide_more"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/toggles/hide_more")
        shown = page(priya.get("/admin/toggles/hide_more"))
        assert "Code that asks for hide_it is told the same." in shown.text
        assert names() == ("hide_more", ["hide_it", "hide_old"])
        post(priya, shown.one("div", class_="done").one("form").attrs["action"])
        assert names() == ("hide_it", ["hide_old"])

    def test_works_with_htmx(self, priya: FlaskClient, post: Post, toggle: Toggle) -> None:
        answer = post(priya, RENAME, {"version": 2, "new_name": "hide_more"}, headers=HTMX)
        assert answer.headers["HX-Redirect"] == "/admin/toggles/hide_more"

    def test_to_the_name_that_it_has(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        post(priya, RENAME, {"version": 2, "new_name": "hide_it"})
        assert "Nothing was changed." in page(priya.get(SHOW)).text

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("", "Give it a key"),
            ("Hide-It", "Use lower-case"),
            ("taken", "is taken, or was"),
            ("new", "is a screen here"),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates_and_keeps_what_was_typed(
        self, priya: FlaskClient, post: Post, toggle: Toggle, name: str, words: str, headers: dict[str, str]
    ) -> None:
        make.toggle("taken")
        answer = post(priya, RENAME, {"version": 2, "new_name": name}, headers=headers)
        assert answer.status_code == 422
        assert words in answer.text
        assert read(answer.text).form(RENAME)["new_name"] == name
        assert bool(read(answer.text).all("h1")) == (not headers)

    def test_two_people_at_once(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        post(priya, EDIT, {"version": 2, "while_down": "on", "sentence": "New.", "owner": "Us"})
        answer = post(priya, RENAME, {"version": 2, "new_name": "hide_more"})
        assert answer.status_code == 409
        assert post(priya, RENAME, page(answer).form(RENAME)).status_code == 303
        assert names()[0] == "hide_more"

    def test_without_a_version(self, priya: FlaskClient, post: Post, toggle: Toggle) -> None:
        assert post(priya, RENAME, {"new_name": "hide_more"}).status_code == 428

    def test_no_new_one_is_called_like_a_screen(self, priya: FlaskClient, post: Post) -> None:
        typed = {"name": "new", "while_down": "on", "sentence": "x", "owner": "Us"}
        assert "is a screen here" in post(priya, NEW, typed).text


class TestLettingGo:
    def test_works_and_can_be_undone(self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle) -> None:
        shown = page(priya.get(SHOW))
        assert "Nobody has asked for it" in shown.one("li", id="alias-hide_old").text
        post(priya, RELEASE, shown.form(RELEASE))
        assert names() == ("hide_it", [])
        shown = page(priya.get(SHOW))
        assert "hide_old is let go of." in shown.text
        assert "Let go of: hide_old" in shown.text
        post(priya, shown.one("div", class_="done").one("form").attrs["action"])
        assert names() == ("hide_it", ["hide_old"])

    def test_whoever_still_asks_for_it_is_named(
        self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle
    ) -> None:
        seen("hide_old")
        said = page(priya.get(SHOW)).one("li", id="alias-hide_old").text
        assert f"Code still asks for it: {SITE}, 12 s ago" in said

    def test_all_who_still_ask_for_it_are_named(
        self, priya: FlaskClient, page: Page, post: Post, toggle: Toggle
    ) -> None:
        for place in ("php", "nginx", "axios", "curl", "node", "www.example.org"):
            seen("hide_old", place=place)
        said = page(priya.get(SHOW)).one("li", id="alias-hide_old").text
        assert said.count("12 s ago") == 4
        assert "12 s ago; and 2 more" in said
        assert "Let go all the same" in said
        assert post(priya, RELEASE, {"version": 2}, headers=HTMX).headers["HX-Redirect"] == SHOW

    def test_one_that_was_not_asked_for_lately(self, priya: FlaskClient, page: Page, toggle: Toggle) -> None:
        seen("hide_old", 11 * DAY)
        assert f"Last asked for by {SITE} 11 days ago" in page(priya.get(SHOW)).one("li", id="alias-hide_old").text

    @pytest.mark.parametrize(("data", "status"), [({"version": 7}, 409), ({}, 428)])
    def test_another_version_or_none(
        self, priya: FlaskClient, post: Post, toggle: Toggle, data: dict[str, object], status: int
    ) -> None:
        assert post(priya, RELEASE, data).status_code == status
        assert names() == ("hide_it", ["hide_old"])

    def test_a_name_that_it_never_had(self, priya: FlaskClient, post: Post, toggle: Toggle) -> None:
        assert post(priya, RELEASE.replace("hide_old", "never"), {"version": 2}).status_code == 303
        assert post(priya, RELEASE.replace("hide_old", "No%20Key"), {"version": 2}).status_code == 404
        assert names() == ("hide_it", ["hide_old"])


class TestTheRegister:
    def test_as_json(self, priya: FlaskClient, toggle: Toggle) -> None:
        make.toggle("gone", archived_at=NOW)
        answer = priya.get(JSON)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="toggles.json"'
        assert answer.json == {
            "features": {
                "hide_it": {
                    "description": "Hides the form.",
                    "owner": "Payments team",
                    "private": False,
                    "aliases": ["hide_old"],
                    "sections": ["documents"],
                    "while_down": True,
                }
            }
        }

    def test_as_a_spreadsheet(self, priya: FlaskClient, toggle: Toggle) -> None:
        make.toggle("gone", archived_at=NOW, sentence="=cmd()", is_private=True)
        header, first, second = csv.reader(priya.get(CSV).text.removeprefix("\ufeff").splitlines())
        assert dict(zip(header, first, strict=True))["Description"] == "'=cmd()"
        assert second[:6] == ["hide_it", "hideIt", "Hides the form.", "Payments team", "no", "hide_old"]

    @pytest.mark.parametrize(("form", "start"), [("json", "{"), ("csv", "\ufeffName")])
    def test_by_the_command(self, app: Flask, toggle: Toggle, form: str, start: str) -> None:
        result = app.test_cli_runner().invoke(args=["toggles", "export", "--as", form])
        assert (result.exit_code, result.output.startswith(start)) == (0, True)


@pytest.mark.parametrize("role", ["viewer", "delivery_manager"])
def test_who_may_not_change_sees_and_is_told_whom_to_ask(
    client_of: Client, page: Page, post: Post, toggle: Toggle, role: str
) -> None:
    client = client_of(role)
    assert "To change it, ask a product manager or an admin." in page(client.get(SHOW)).text
    assert {client.get(url).status_code for url in (CSV, JSON)} == {200}
    assert {post(client, url, {"version": 2}).status_code for url in (RENAME, RELEASE)} == {403}


def test_nobody_signs_in_first(client_of: Client, toggle: Toggle) -> None:
    for url in (SHOW, RENAME, CSV, JSON):
        assert client_of("nobody").get(url).headers["Location"].startswith("/admin/sign-in")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("POST", SHOW, 405),
        ("GET", RELEASE, 405),
        ("POST", CSV, 405),
        ("GET", "/admin/toggles/nothing", 404),
        ("GET", "/admin/toggles/nothing/rename", 404),
        ("GET", "/admin/toggles/No%20Key", 404),
        ("POST", "/admin/toggles/nothing/names/x/release", 404),
    ],
)
def test_wrong_method_and_what_is_not_there(
    client_of: Client, post: Post, toggle: Toggle, method: str, url: str, status: int
) -> None:
    client = client_of("admin")
    answer = post(client, url, {"version": 1}) if method == "POST" else client.get(url)
    assert answer.status_code == status
