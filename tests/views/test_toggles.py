"""The toggles' screens: listed with what they read now, made, edited, archived and restored."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Section, Toggle, ToggleSection
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Node, Page, Post, check_parts, read
from tests.views.queries import questions

LIST, NEW, EDIT = "/admin/toggles", "/admin/toggles/new", "/admin/toggles/hide_it/edit"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def section(app: object) -> Section:
    return make.section("documents")


@pytest.fixture
def toggle(section: Section) -> Toggle:
    return make.toggle("hide_it", section, sentence="Old sentence.")


def row(page: Node, name: str) -> str:
    return page.one("li", id=f"toggle-{name}").text


def stored(column: str) -> object:
    return db.session.scalars(sa.select(getattr(Toggle, column))).one()


def followed() -> list[int]:
    return sorted(db.session.scalars(sa.select(ToggleSection.section_id)))


def test_an_empty_list_says_what_to_do(priya: FlaskClient, page: Page) -> None:
    assert "Add the first toggle" in page(priya.get(LIST)).text


def test_a_row_says_what_it_reads_now_and_while_down(priya: FlaskClient, page: Page, toggle: Toggle) -> None:
    said = row(page(priya.get(LIST)), "hide_it")
    assert "Reads off now since 22 October 15:30 on while a section of it is down Documents" in said
    make.outage(db.session.get_one(Section, followed()[0]))
    assert "Reads on now" in row(page(priya.get(LIST)), "hide_it")


def test_one_of_several_sections_down_is_enough(priya: FlaskClient, page: Page, section: Section) -> None:
    make.toggle("uploads_enabled", section, make.section("uploads"), while_down=False)
    make.outage(section)
    assert "Reads off now since 14:30 off while" in row(page(priya.get(LIST)), "uploads_enabled")


def test_a_toggle_without_a_section_says_so(priya: FlaskClient, page: Page) -> None:
    make.toggle("hide_it")
    assert "Follows no section" in row(page(priya.get(LIST)), "hide_it")


def test_hostile_words_do_nothing(priya: FlaskClient, page: Page) -> None:
    make.toggle("hide_it", make.section("x", HOSTILE), sentence=HOSTILE, owner=HOSTILE)
    for url in (LIST, EDIT):
        assert HOSTILE not in priya.get(url).text
        assert not page(priya.get(url)).all("img")


@pytest.mark.parametrize(("q", "found"), [("hide", True), ("DOCUMENTS", True), ("payments team", True), ("zzz", False)])
def test_find(priya: FlaskClient, page: Page, toggle: Toggle, q: str, found: bool) -> None:
    text = page(priya.get(LIST, query_string={"q": q})).text
    assert ("hide_it" in text) == found
    assert ("No toggle matches" in text) != found


def test_finding_answers_htmx_with_the_list_alone(priya: FlaskClient, toggle: Toggle) -> None:
    part = read(priya.get(f"{LIST}?q=hide", headers=HTMX).text)
    check_parts(part)
    assert not part.all("h1")
    assert part.one("li", id="toggle-hide_it")


def test_a_hundred_rows_until_asked(priya: FlaskClient) -> None:
    db.session.add_all(
        Toggle(name=f"t_{n}", while_down=True, owner="x", sentence="x", created_at=NOW) for n in range(101)
    )
    db.session.commit()
    assert "Show the other 1" in priya.get(LIST).text
    assert "Show the other" not in priya.get(f"{LIST}?every=1").text


class TestMaking:
    def typed(self, section: Section, **given: object) -> dict[str, object]:
        good = {"name": "hide_it", "while_down": "on", "sentence": "Hides it.", "owner": "Us", "sections": [section.id]}
        return {**good, **given}

    def test_works(self, priya: FlaskClient, page: Page, post: Post, section: Section) -> None:
        answer = post(priya, NEW, self.typed(section))
        assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
        assert "hide_it was added." in page(priya.get(LIST)).text
        assert followed() == [section.id]

    def test_works_with_htmx(self, priya: FlaskClient, post: Post, section: Section) -> None:
        answer = post(priya, NEW, self.typed(section), headers=HTMX)
        assert answer.headers["HX-Redirect"] == LIST
        assert "hide_it was added." in priya.get(LIST).text

    def test_the_same_form_twice(self, priya: FlaskClient, post: Post, section: Section) -> None:
        answers = [post(priya, NEW, self.typed(section)) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert db.session.scalar(sa.select(sa.func.count(Toggle.id))) == 1

    def test_the_section_one_came_from_is_ticked(self, priya: FlaskClient, page: Page, section: Section) -> None:
        form = page(priya.get(f"{NEW}?section=documents")).form(NEW)
        assert form["sections"] == str(section.id)

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"name": ""}, "Give it a key"),
            ({"name": "Hide-It"}, "Use lower-case letters"),
            ({"name": "x" * 101}, "Use lower-case letters"),
            ({"name": "taken"}, "is taken, or was"),
            ({"while_down": ""}, "Choose what it reads"),
            ({"while_down": "maybe"}, "Not a valid choice"),
            ({"owner": " "}, "Say which team"),
            ({"sentence": ""}, "Say in a sentence"),
            ({"sentence": "x" * 201}, "Shorten this"),
            ({"sections": ["999"]}, "Choose from this list"),
            ({"sections": ["x"]}, "Choose from this list"),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates_and_keeps_what_was_typed(
        self,
        priya: FlaskClient,
        post: Post,
        section: Section,
        given: dict[str, object],
        words: str,
        headers: dict[str, str],
    ) -> None:
        make.toggle("taken", archived_at=NOW)
        kept = {"owner": "Kept words"} if "owner" not in given else {"sentence": "Kept words"}
        answer = post(priya, NEW, self.typed(section, **kept, **given), headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        assert "Kept words" in read(answer.text).form(NEW).values()
        assert bool(read(answer.text).all("h1")) == (not headers)


class TestEditing:
    def typed(self, **given: object) -> dict[str, object]:
        return {"version": 1, "while_down": "on", "sentence": "New sentence.", "owner": "Payments team", **given}

    @pytest.fixture(autouse=True)
    def made(self, toggle: Toggle) -> None:
        pass

    def test_works_and_can_be_undone(self, priya: FlaskClient, page: Page, post: Post) -> None:
        assert page(priya.get(EDIT)).form(EDIT)["sentence"] == "Old sentence."
        assert post(priya, EDIT, self.typed(while_down="off")).status_code == 303
        assert (stored("while_down"), stored("sentence"), followed()) == (False, "New sentence.", [])
        undo = page(priya.get(LIST)).one("div", class_="done").one("form").attrs["action"]
        assert post(priya, undo).headers["Location"] == LIST
        assert (stored("while_down"), stored("sentence"), len(followed())) == (True, "Old sentence.", 1)

    def test_two_people_at_once(self, priya: FlaskClient, page: Page, post: Post, section: Section) -> None:
        post(priya, EDIT, self.typed(sentence="Theirs"))
        answer = post(priya, EDIT, self.typed(sentence="Mine", sections=[section.id]))
        assert answer.status_code == 409
        text = page(answer).text
        assert "Priya Shah was here first" in text
        assert "Theirs" in text
        assert post(priya, EDIT, page(answer).form(EDIT)).status_code == 303
        assert (stored("sentence"), followed()) == ("Mine", [section.id])

    def test_two_people_at_once_with_htmx(self, priya: FlaskClient, post: Post) -> None:
        post(priya, EDIT, self.typed(sentence="Theirs"))
        answer = post(priya, EDIT, self.typed(sentence="Mine"), headers=HTMX)
        assert answer.status_code == 409
        assert read(answer.text).one("section", id="conflict")

    @pytest.mark.parametrize("version", [None, "", "x", "9" * 30])
    def test_without_a_version(self, priya: FlaskClient, post: Post, version: str | None) -> None:
        typed = {name: value for name, value in self.typed(version=version).items() if value is not None}
        assert post(priya, EDIT, typed).status_code == 428

    def test_it_goes_on_following_an_archived_section(self, priya: FlaskClient, page: Page, section: Section) -> None:
        section.archived_at = NOW
        db.session.commit()
        form = page(priya.get(EDIT))
        assert "Documents (archived)" in form.text
        assert form.form(EDIT)["sections"] == str(section.id)


class TestArchiving:
    ARCHIVE, RESTORE = "/admin/toggles/hide_it/archive", "/admin/toggles/hide_it/restore"

    @pytest.fixture(autouse=True)
    def made(self, toggle: Toggle) -> None:
        pass

    def test_archive_and_restore(self, priya: FlaskClient, page: Page, post: Post) -> None:
        post(priya, self.ARCHIVE, {"version": 1})
        listed = page(priya.get(LIST))
        assert not listed.all("li", id="toggle-hide_it")
        assert "1 archived" in listed.text
        post(priya, self.RESTORE, listed.form(self.RESTORE))
        assert page(priya.get(LIST)).one("li", id="toggle-hide_it")

    def test_with_htmx_the_list_comes_back(self, priya: FlaskClient, post: Post) -> None:
        part = read(post(priya, self.ARCHIVE, {"version": 1}, headers=HTMX).text)
        check_parts(part)
        assert "hide_it is archived." in part.text
        assert part.one("form", action=self.RESTORE)

    @pytest.mark.parametrize(("data", "status"), [({"version": 7}, 409), ({}, 428)])
    def test_another_version_or_none(
        self, priya: FlaskClient, post: Post, data: dict[str, object], status: int
    ) -> None:
        assert post(priya, self.ARCHIVE, data).status_code == status
        assert stored("archived_at") is None


@pytest.mark.parametrize("role", ["viewer", "delivery_manager"])
def test_who_may_not_change_sees_and_is_told_whom_to_ask(
    client_of: Client, page: Page, post: Post, toggle: Toggle, role: str
) -> None:
    client = client_of(role)
    listed = page(client.get(LIST))
    assert "To change a toggle, ask a product manager or an admin." in listed.text
    assert all(button.attrs["aria-disabled"] == "true" for button in listed.all("button", class_="btn btn--small"))
    for url in (NEW, EDIT, TestArchiving.ARCHIVE, TestArchiving.RESTORE):
        assert post(client, url, {"version": 1}).status_code == 403


def test_nobody_signs_in_first(client_of: Client, toggle: Toggle) -> None:
    assert client_of("nobody").get(LIST).headers["Location"].startswith("/admin/sign-in")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("POST", LIST, 405),
        ("GET", TestArchiving.ARCHIVE, 405),
        ("GET", TestArchiving.RESTORE, 405),
        ("GET", "/admin/toggles/nothing/edit", 404),
        ("GET", "/admin/toggles/No%20Key/edit", 404),
        ("GET", f"/admin/toggles/{'x' * 101}/edit", 404),
    ],
)
def test_wrong_method_and_what_is_not_there(
    client_of: Client, toggle: Toggle, method: str, url: str, status: int
) -> None:
    headers = {"X-CSRFToken": "x"}
    answer = client_of("admin").open(url, method=method, headers=headers)
    assert answer.status_code == status


def test_the_same_number_of_questions_for_few_and_many(priya: FlaskClient, section: Section) -> None:
    make.toggle("one", section)
    few = questions(priya, LIST)
    for number in range(10):
        make.toggle(f"more_{number}", section)
    assert questions(priya, LIST) == few
