"""The board, a section's page, and making, editing, ordering and archiving sections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Change, Dependency, Section
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Node, Page, Post


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is 14:30 in London, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield


def names(page: Node) -> list[str]:
    return [
        row.all("p", class_="board__name")[0].text
        for row in page.one("ul", class_="board card").children
        if isinstance(row, Node)
    ]


def test_an_empty_board_says_what_to_do(priya: FlaskClient, page: Page) -> None:
    assert "Add the first part of your website" in page(priya.get("/admin/sections")).text


def test_off_first_then_planned_then_slow_then_by_name(priya: FlaskClient, page: Page) -> None:
    rows = {key: make.section(key) for key in ("appointments", "search", "prescriptions", "documents", "messages")}
    component = make.component()
    make.dependency(rows["search"], component, on_window="warn")
    make.window(component)
    make.outage(rows["prescriptions"], start=NOW + timedelta(days=1))
    make.outage(rows["messages"])
    shown = names(page(priya.get("/admin/sections")))
    assert shown == ["Messages", "Prescriptions", "Search", "Appointments", "Documents"]


def test_a_row_says_until_when_who_and_why(priya: FlaskClient, page: Page) -> None:
    make.outage(
        make.section("documents"), start=NOW - timedelta(minutes=20), minutes=60, reason="Virus scanner is down"
    )
    text = page(priya.get("/admin/sections")).text
    assert "Until 15:10 · 40 min left" in text
    assert "Priya Shah, 14:10 · “Virus scanner is down”" in text


def test_a_child_says_from_where_it_is_off(priya: FlaskClient, page: Page) -> None:
    parent = make.section("health")
    make.section("prescriptions", parent=parent)
    make.outage(parent)
    row = page(priya.get("/admin/sections")).one("li", id="s-prescriptions")
    assert "Off" in row.text
    assert "Health Priya Shah" in row.text


def test_late_and_unknown_are_said_to_staff(priya: FlaskClient, page: Page) -> None:
    make.outage(make.section("late"), start=NOW - timedelta(hours=2), minutes=60, at_end="hold")
    make.outage(make.section("open"), start=NOW - timedelta(hours=2), minutes=None)
    text = page(priya.get("/admin/sections")).text
    assert "Should have been back 13:30" in text
    assert "Off, end not known" in text
    assert "Nothing was said for 2 h" in text


@pytest.mark.parametrize(
    ("query", "want"),
    [
        ("", ["Documents", "Search"]),
        ("show=off", ["Documents"]),
        ("q=sea", ["Search"]),
        ("q=nothing", []),
        ("show=planned", []),
    ],
)
def test_find_and_filter(priya: FlaskClient, query: str, want: list[str]) -> None:
    make.outage(make.section("documents"))
    make.section("search")
    answer = priya.get(f"/admin/sections?{query}")
    assert [name for name in ("Documents", "Search") if f">{name}</a>" in answer.text] == want


def test_the_rows_alone_for_the_refresh(priya: FlaskClient) -> None:
    make.section("documents")
    answer = priya.get("/admin/sections/rows", headers=HTMX)
    assert answer.text.lstrip().startswith('<div id="rows"')
    assert 'hx-trigger="every 15s"' in answer.text


def test_the_board_asks_the_same_number_of_questions(priya: FlaskClient, app: object) -> None:
    def questions() -> int:
        asked: list[str] = []
        listen = lambda conn, cursor, statement, *_: asked.append(statement)  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listen)
        priya.get("/admin/sections")
        sa.event.remove(db.engine, "before_cursor_execute", listen)
        return len(asked)

    make.outage(make.section("one"))
    few = questions()
    for number in range(20):
        make.outage(make.section(f"more_{number}"))
    assert questions() == few


def test_no_more_than_a_hundred_rows_until_asked(priya: FlaskClient) -> None:
    db.session.add_all(Section(key=f"s_{n}", name=f"S {n}", created_at=NOW) for n in range(101))
    db.session.commit()
    make.revision()
    assert "Show the other 1" in priya.get("/admin/sections").text
    assert "Show the other" not in priya.get("/admin/sections?every=1").text


def test_a_sections_page(priya: FlaskClient, page: Page, post: Post) -> None:
    make.section("documents", message="You cannot upload documents.")
    form = page(priya.get("/admin/sections/documents/off")).form("/admin/sections/documents/outage")
    post(priya, "/admin/sections/documents/outage", form)
    text = page(priya.get("/admin/sections/documents")).text
    assert "You cannot upload documents." in text
    assert "Priya Shah took Documents off until 15:30" in text


class TestMaking:
    def test_works(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get("/admin/sections/new")).form("/admin/sections/new")
        answer = post(priya, "/admin/sections/new", {**form, "name": "Search", "key": "search"})
        assert answer.status_code == 303
        assert priya.get("/embed/v1/sections/search.json").get_json()["sections"][0]["state"] == "ok"

    def test_without_a_key_the_name_gives_one(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get("/admin/sections/new")).form("/admin/sections/new")
        for _ in range(2):
            assert post(priya, "/admin/sections/new", {**form, "name": "Évidence & forms"}).status_code == 303
        assert db.session.scalars(sa.select(Section.key)).all() == ["evidence_forms"]

    def test_another_one_of_the_same_name_is_told_of(self, priya: FlaskClient, page: Page, post: Post) -> None:
        make.section("documents")
        form = page(priya.get("/admin/sections/new")).form("/admin/sections/new")
        post(priya, "/admin/sections/new", {**form, "name": "documents", "key": "papers"})
        hint = "documents was added. Another section has the same name: visitors may mix them up."
        assert hint in page(priya.get("/admin/sections")).text

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"name": ""}, "Give it the name"),
            ({"name": "…", "key": ""}, "Give it a key, like direct_deposit."),
            ({"name": "Taken", "key": ""}, "never used again"),
            ({"name": "New", "key": ""}, "“new” is a screen here"),
            ({"key": "Bad Key"}, "Use lower-case letters"),
            ({"key": "taken"}, "never used again"),
            ({"key": "new"}, "“new” is a screen here"),
            ({"key": "order"}, "“order” is a screen here"),
            ({"key": "rows"}, "“rows” is a screen here"),
            ({"link_url": "javascript:alert(1)"}, "Give an address that begins with https://"),
            ({"default_minutes": "1"}, "Give whole minutes"),
            ({"warn_minutes": "soon"}, "Not a valid integer"),
            ({"parent": "999"}, "Not a valid choice"),
            ({"name": "x" * 201}, "Shorten this"),
            ({"path": "account"}, "like /account/payments"),
            ({"path": "//evil.example"}, "like /account/payments"),
            ({"path": "https://www.example.org/account/"}, "like /account/payments"),
            ({"path": "/account?tab=1"}, "like /account/payments"),
            ({"path": "/" + "x" * 200}, "Shorten this"),
        ],
    )
    def test_validates_and_keeps_what_was_typed(
        self, priya: FlaskClient, page: Page, post: Post, given: dict[str, str], words: str
    ) -> None:
        make.section("taken")
        form = page(priya.get("/admin/sections/new")).form("/admin/sections/new")
        typed = {**form, "name": "Search", "key": "search", "message": "You cannot search.", **given}
        answer = post(priya, "/admin/sections/new", typed)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        assert page(answer).form("/admin/sections/new")["message"] == "You cannot search."


class TestEditing:
    URL = "/admin/sections/documents/edit"

    @pytest.fixture(autouse=True)
    def section(self, app: object) -> None:
        self.component = make.component()
        self.row = make.section("documents", "Documents", message="Old words")

    def test_works(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get(self.URL)).form(self.URL)
        assert form["message"] == "Old words"
        answer = post(priya, self.URL, {**form, "message": "New words", "depends": str(self.component.id)})
        assert answer.headers["Location"] == "/admin/sections/documents"
        assert db.session.scalars(sa.select(Section.message)).one() == "New words"
        assert db.session.scalars(sa.select(Dependency.on_window)).one() == "down"

    @pytest.mark.parametrize(("typed", "kept"), [(" /account/payments/ ", "/account/payments"), ("/", "/"), ("", "")])
    def test_where_it_is(self, priya: FlaskClient, page: Page, post: Post, typed: str, kept: str) -> None:
        form = page(priya.get(self.URL)).form(self.URL)
        assert post(priya, self.URL, {**form, "path": typed}).status_code == 303
        assert db.session.scalars(sa.select(Section.path)).one() == kept
        assert page(priya.get(self.URL)).form(self.URL)["path"] == kept

    def test_where_it_is_can_be_undone(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get(self.URL)).form(self.URL)
        text = page(priya.get(post(priya, self.URL, {**form, "path": "/account"}).headers["Location"])).text
        assert "On your website /account" in text
        assert "Where it is on your website" in page(priya.get("/admin/activity")).text
        db.session.rollback()
        change = db.session.scalars(sa.select(Change.id).order_by(Change.id.desc()).limit(1)).one()
        assert post(priya, f"/admin/changes/{change}/undo", {}).status_code == 303
        assert db.session.scalars(sa.select(Section.path)).one() == ""

    def test_two_people_at_once(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get(self.URL)).form(self.URL)
        post(priya, self.URL, {**form, "message": "Theirs"})
        answer = post(priya, self.URL, {**form, "message": "Mine"})
        assert answer.status_code == 409
        assert "Theirs" in answer.text
        assert "Mine" in answer.text
        again = page(answer).form(self.URL)
        assert post(priya, self.URL, again).status_code == 303
        assert db.session.scalars(sa.select(Section.message)).one() == "Mine"

    def test_what_was_left_alone_gives_way_to_theirs(
        self, priya: FlaskClient, ada: FlaskClient, page: Page, post: Post
    ) -> None:
        whole, letters = make.section("letters"), make.component("letters")
        mine = page(priya.get(self.URL)).form(self.URL)
        first = {**page(ada.get(self.URL)).form(self.URL), "depends": [str(self.component.id), str(letters.id)]}
        post(ada, self.URL, {**first, f"depends-{letters.id}-on_major": "warn"})
        second = {**page(ada.get(self.URL)).form(self.URL), "parent": str(whole.id), "owner": "Payments team"}
        post(ada, self.URL, {**second, "depends": first["depends"], "message": "Theirs"})
        answer = post(priya, self.URL, {**mine, "message": "Mine", "warn_minutes": "0"})
        assert answer.status_code == 409
        compared = [label.text for label in page(answer).all("p", class_="label")]
        assert compared[::2] == ["Words for the public: theirs", "Warned ahead: theirs"]
        post(priya, self.URL, {**page(answer).form(self.URL), "depends": first["depends"]})
        row = db.session.scalars(sa.select(Section).where(Section.key == "documents")).one()
        assert (row.message, row.warn_minutes, row.owner, row.parent_id) == ("Mine", 0, "Payments team", whole.id)
        depends = sa.select(Dependency.component_id, Dependency.on_major).order_by(Dependency.component_id)
        assert db.session.execute(depends).all() == [(self.component.id, "nothing"), (letters.id, "warn")]

    def test_all_that_is_contested_stands_side_by_side(
        self, priya: FlaskClient, ada: FlaskClient, page: Page, post: Post
    ) -> None:
        mine = page(priya.get(self.URL)).form(self.URL)
        post(ada, self.URL, {**page(ada.get(self.URL)).form(self.URL), "owner": "Ours"})
        answer = post(priya, self.URL, {**mine, "owner": "Mine", "depends": str(self.component.id)})
        text = page(answer).text
        assert "Owner: theirs Ours Owner: yours Mine" in text
        assert "Depends on: theirs nothing Depends on: yours Payments: planned work takes it off" in text

    def test_what_is_offered_again_holds_every_field(self, priya: FlaskClient, page: Page, post: Post) -> None:
        mine = {**page(priya.get(self.URL)).form(self.URL), "depends": str(self.component.id)}
        post(priya, self.URL, {**mine, "message": "Theirs"})
        again = page(post(priya, self.URL, {**mine, "message": "Mine"})).form(self.URL)
        assert again.keys() == mine.keys()

    def test_the_same_twice_is_done_once(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = {**page(priya.get(self.URL)).form(self.URL), "message": "New words"}
        assert [post(priya, self.URL, form).status_code for _ in range(2)] == [303, 303]

    def test_without_a_version(self, priya: FlaskClient, page: Page, post: Post) -> None:
        form = page(priya.get(self.URL)).form(self.URL)
        del form["version"]
        assert post(priya, self.URL, form).status_code == 428


class TestOrderAndArchive:
    @pytest.fixture(autouse=True)
    def sections(self, app: object) -> None:
        for place, key in enumerate(("one", "two", "three")):
            make.section(key, position=place)

    def order(self, client: FlaskClient) -> list[str]:
        return [s["key"] for s in client.get("/embed/v1/status.json").get_json()["sections"]]

    def test_move(self, priya: FlaskClient, post: Post) -> None:
        post(priya, "/admin/sections/three/move", {"to": "up"})
        keys = db.session.scalars(sa.select(Section.key).order_by(Section.position)).all()
        assert keys == ["one", "three", "two"]

    def test_move_nowhere(self, priya: FlaskClient, post: Post) -> None:
        assert post(priya, "/admin/sections/three/move", {"to": "sideways"}).status_code == 400

    def test_archive_and_restore(self, priya: FlaskClient, post: Post) -> None:
        post(priya, "/admin/sections/two/archive", {"version": "1"})
        assert priya.get("/embed/v1/sections/two.json").status_code == 404
        assert "Restore" in priya.get("/admin/sections/order").text
        post(priya, "/admin/sections/two/restore", {"version": "2"})
        assert priya.get("/embed/v1/sections/two.json").status_code == 200

    def test_what_was_archived_a_moment_ago_is_not_moved(self, priya: FlaskClient, post: Post) -> None:
        for url in ("archive", "archive", "move"):
            answer = post(priya, f"/admin/sections/two/{url}", {"version": "1", "to": "up"}, follow_redirects=True)
            assert answer.status_code == 200
        assert "Two is archived." not in answer.text

    def test_archive_of_what_is_off_is_refused_in_words(self, priya: FlaskClient, post: Post) -> None:
        make.outage(db.session.scalars(sa.select(Section).where(Section.key == "two")).one())
        answer = post(priya, "/admin/sections/two/archive", {"version": "1"}, follow_redirects=True)
        assert "Bring it back first" in answer.text


@pytest.mark.parametrize("url", ["/admin/sections/nothing", "/admin/sections/nothing/edit", "/admin/sections/No%20Key"])
def test_what_is_not_there(priya: FlaskClient, url: str) -> None:
    assert priya.get(url).status_code == 404
