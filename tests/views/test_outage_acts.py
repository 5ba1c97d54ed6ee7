"""What is done to an outage until it is over, as a browser asks for it, and where one goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Change, Outage, Section
from tests import make
from tests.conftest import NOW
from tests.views.outing import HOSTILE, HTMX, OFF, START, at, chips, done, outage
from tests.views.page import Page, Post, read


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
        [
            ("30 min more to 16:00", NOW + timedelta(minutes=90)),
            ("End of day to 18:00", datetime.fromisoformat("2026-11-21T18:00Z")),
            ("Not known asks you each hour", None),
        ],
    )
    def test_extend(self, priya: FlaskClient, post: Post, page: Page, until: str, end: datetime | None) -> None:
        answer = priya.get(self.url("extend"))
        form = page(answer).form(self.url("extend"))
        assert post(priya, self.url("extend"), {**form, "until": chips(answer)[until]}).status_code == 303
        assert outage().planned_end == end

    @pytest.mark.parametrize(
        ("until", "words"),
        [
            (at("2026-11-21T16:00Z"), "Direct deposit is now off until 16:00, not 15:30."),
            (at("2026-11-22T18:00Z"), "Direct deposit is now off until tomorrow 18:00, not 15:30."),
            (at("2026-11-22T00:00Z"), "Direct deposit is now off until 23:59, not 15:30."),
            ("unknown", "Direct deposit is now off until somebody brings it back."),
        ],
    )
    def test_extend_says_what_it_was(self, priya: FlaskClient, post: Post, until: str, words: str) -> None:
        post(priya, self.url("extend"), {"version": "1", "until": until})
        assert done(priya) == words

    def test_who_is_told_is_asked_before_what_acts_at_once(self, priya: FlaskClient, section: Section) -> None:
        make.follower("lin@larkfield.example", section)
        panel = priya.get(self.url("extend")).text
        assert panel.index("Who is told of it") < panel.index("30 min more")

    def test_extend_twice_is_once(self, priya: FlaskClient, post: Post) -> None:
        for _ in range(2):
            post(priya, self.url("extend"), {"version": "1", "until": at("2026-11-21T16:00Z")})
            strip = read(priya.get("/admin/sections").text).one("div", class_="done")
            assert strip.text == "Direct deposit is now off until 16:00, not 15:30. Undo"
        assert outage().version == 2

    def test_a_form_that_is_refused_stays_as_old_as_it_was(self, priya: FlaskClient, post: Post, page: Page) -> None:
        make.outage(make.section("other"))
        post(priya, self.url("extend"), {"version": "1", "until": at("2026-11-21T16:00Z")})
        answer = post(priya, self.url("extend"), {"version": "1", "until": "at", "until_at": "soon"})
        form = page(answer).form(self.url("extend"))
        assert form["version"] == "1"
        assert post(priya, self.url("extend"), {**form, "until": "unknown"}).status_code == 409

    @pytest.mark.parametrize("until", HOSTILE)
    def test_extend_until_nonsense(self, priya: FlaskClient, post: Post, until: str) -> None:
        assert post(priya, self.url("extend"), {"version": "1", "until": until}).status_code == 422

    def test_a_held_one_says_what_happens_at_its_end(self, priya: FlaskClient, post: Post) -> None:
        held = make.outage(make.section("other"), at_end="hold")
        url = f"/admin/outages/{held.id}/extend"
        assert "At the end it stays off until somebody brings it back." in priya.get(url).text
        post(priya, url, {"version": "1", "until": at("2026-11-21T16:00Z")})
        assert done(priya) == "Other is now off until 16:00, not 15:30, then until somebody brings it back."

    def test_extend_into_the_past(self, priya: FlaskClient, post: Post) -> None:
        answer = post(priya, self.url("extend"), {"version": "1", "until": "at", "until_at": "2026-11-21T10:00"})
        assert answer.status_code == 422
        assert 'value="2026-11-21T10:00"' in answer.text

    def test_words(self, priya: FlaskClient, post: Post, page: Page) -> None:
        form = page(priya.get(self.url("words"))).form(self.url("words"))
        post(priya, self.url("words"), {**form, "message": "New words"})
        assert outage().message == "New words"
        assert "New words" in priya.get("/").text

    def test_words_are_seen_before_they_are_saved(self, priya: FlaskClient, post: Post) -> None:
        given = {"version": "1", "message": "You cannot pay, shortly.", "alternative": "Ring us.", "reason": "x"}
        shown = read(post(priya, f"{self.url('words')}/preview", given).text)
        assert "is unavailable until 15:30 You cannot pay, shortly. Ring us." in shown.text
        assert [one.text for one in shown.one("ul", class_="checks").all("li")] == [
            "Says what is not working",
            "Says until when",
            "Offers another way",
        ]
        assert not shown.all("button")
        assert outage().message != "You cannot pay, shortly."

    def test_empty_words_are_the_sections_own(self, priya: FlaskClient, post: Post) -> None:
        said = read(post(priya, f"{self.url('words')}/preview", {"version": "1", "message": ""}).text).text
        assert "You cannot see your bank details." in said
        assert "Your message is empty, so the section’s ready words are shown." in said

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

    @pytest.mark.parametrize(("who", "words"), [("priya", "is back."), ("ada", "is back already.")])
    def test_bring_back_what_is_back(
        self, request: pytest.FixtureRequest, priya: FlaskClient, post: Post, who: str, words: str
    ) -> None:
        post(priya, self.url("end"), {"version": "1"})
        priya.get("/admin/sections")
        second = request.getfixturevalue(who)
        post(second, self.url("end"), {"version": "1"})
        assert done(second) == f"Direct deposit {words}"

    def test_words_saved_twice_are_saved_once(self, priya: FlaskClient, post: Post) -> None:
        for words in ("The words for Direct deposit were changed.",) * 2:
            post(priya, self.url("words"), {"version": "1", "message": "New", "reason": "Why"})
            assert done(priya) == words
        post(priya, self.url("words"), {"version": "2", "message": "New", "reason": "Why"})
        assert done(priya) == "Nothing was changed."

    @pytest.mark.parametrize(
        ("name", "make_it", "words"),
        [
            ("a window", lambda section: on_window(section), "until 16:00: planned work PW9."),
            ("its parent", lambda section: in_another(section), "until 15:50: Tom Reed took Benefits off."),
            (
                "another of its own",
                lambda section: make.outage(section, minutes=None, started_by="Tom Reed"),
                ": Tom Reed took it off.",
            ),
        ],
    )
    def test_what_goes_on_is_said(
        self,
        priya: FlaskClient,
        post: Post,
        section: Section,
        name: str,
        make_it: Callable[[Section], None],
        words: str,
    ) -> None:
        make_it(section)
        post(priya, self.url("end"), {"version": "1"})
        assert done(priya).removeprefix("That outage is over, but Direct deposit stays off").strip() == words
        assert 'data-state="off"' in priya.get("/admin/sections").text

    def test_what_follows_an_extended_one_is_said(self, priya: FlaskClient, post: Post, section: Section) -> None:
        make.outage(section, NOW + timedelta(hours=1), minutes=120)
        post(priya, self.url("extend"), {"version": "1", "until": at("2026-11-21T16:00Z")})
        assert done(priya) == (
            "Direct deposit is now off until 16:00, not 15:30. After that it stays off until 17:30: more is planned."
        )

    def test_bring_back_after_somebody_changed_it(self, priya: FlaskClient, post: Post) -> None:
        post(priya, self.url("extend"), {"version": "1", "until": at("2026-11-21T16:00Z")})
        post(priya, self.url("end"), {"version": "1"})
        assert outage().ended_at is None
        assert "has changed it since" in priya.get("/admin/sections").text

    def test_undo(self, priya: FlaskClient, post: Post) -> None:
        post(priya, self.url("extend"), {"version": "1", "until": at("2026-11-21T16:00Z")})
        change = db.session.scalars(sa.select(Change.id).order_by(Change.id.desc())).first()
        assert f"/admin/changes/{change}/undo" in priya.get("/admin/sections").text
        post(priya, f"/admin/changes/{change}/undo")
        assert outage().planned_end == NOW + timedelta(hours=1)

    @pytest.mark.parametrize("act", ["extend", "words", "end"])
    def test_a_form_without_a_version_is_out_of_date(self, priya: FlaskClient, post: Post, act: str) -> None:
        assert post(priya, self.url(act), {"until": "+30", "message": "x", "reason": "y"}).status_code == 428


class TestWhileItIsPlanned:
    """An outage that is still to begin: tomorrow 10:00 to 11:00."""

    @pytest.fixture(autouse=True)
    def planned(self, section: Section) -> None:
        self.outage = make.outage(section, datetime.fromisoformat("2026-11-22T10:00Z"))
        self.url = f"/admin/outages/{self.outage.id}"

    def test_its_row_offers_all_that_can_be_done(self, priya: FlaskClient) -> None:
        row = read(priya.get("/admin/sections").text).one("li", id="s-direct_deposit")
        links = [link.attrs["href"] for link in row.all("a", role="button")]
        assert links == [f"{self.url}/extend", f"{self.url}/words"]
        assert row.one("form", action=f"{self.url}/end").one("button").text == "Call it off : Direct deposit"

    def test_it_is_on_while_visitors_are_warned(self, priya: FlaskClient) -> None:
        soon = make.outage(make.section("soon"), NOW + timedelta(minutes=30))
        row = read(priya.get("/admin/sections").text).one("li", id="s-soon")
        assert row.one("button", class_="switch").attrs["data-state"] == "on"
        assert row.one("form", action=f"/admin/outages/{soon.id}/end").one("button").text == "Call it off : Soon"

    def test_not_on_the_row_of_what_is_in_it(self, priya: FlaskClient, section: Section) -> None:
        make.section("part", parent=section)
        row = read(priya.get("/admin/sections").text).one("li", id="s-part")
        assert "Direct deposit Priya Shah" in row.text
        assert not row.one("div", class_="board__acts").all("form")

    def test_extend(self, priya: FlaskClient, post: Post) -> None:
        answer = priya.get(f"{self.url}/extend")
        assert "Planned from tomorrow 10:00 to 11:00." in answer.text
        post(priya, f"{self.url}/extend", {"version": "1", "until": chips(answer)["End of day to tomorrow 18:00"]})
        assert done(priya) == "Direct deposit will now be off tomorrow 10:00 to 18:00, not tomorrow 11:00."

    def test_what_keeps_it_off_before_that_is_another_matter(
        self, priya: FlaskClient, post: Post, section: Section
    ) -> None:
        on_window(section)
        post(priya, f"{self.url}/extend", {"version": "1", "until": "unknown"})
        assert done(priya) == "Direct deposit will now be off from tomorrow 10:00."

    def test_call_it_off(self, priya: FlaskClient, post: Post) -> None:
        post(priya, f"{self.url}/end", {"version": "1"})
        assert done(priya) == "The outage of Direct deposit planned for tomorrow 10:00 is called off."
        assert "On for more than 30 days" in priya.get("/admin/sections").text

    def test_an_emergency_need_not_wait(self, priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
        assert post(priya, START, {**form, "until": "unknown"}).status_code == 303
        assert done(priya) == "Direct deposit is off until somebody brings it back."
        row = read(priya.get("/admin/sections").text).one("li", id="s-direct_deposit")
        assert "Planned off from tomorrow 10:00 to 11:00" in row.text
        assert "Bring back now" in row.text

    def test_another_into_it_is_offered_as_another_end(
        self, priya: FlaskClient, post: Post, form: dict[str, str], page: Page
    ) -> None:
        mine = {"start": "at", "start_at": "2026-11-22T10:30", "until": "at", "until_at": "2026-11-22T12:15"}
        answer = post(priya, START, {**form, **mine})
        assert answer.status_code == 409
        assert "Direct deposit is planned off already" in answer.text
        assert "tomorrow 12:15" in answer.text
        link = next(node for node in page(answer).all("a") if node.text == "Extend theirs")
        assert page(priya.get(link.attrs["href"])).form(f"{self.url}/extend")["until_at"] == "2026-11-22T12:15"


class TestWhereOneGoesOn:
    """htmx says which page it is on."""

    @pytest.mark.parametrize(
        ("on", "to"),
        [
            ("/admin/sections/direct_deposit", "/admin/sections/direct_deposit"),
            ("/admin/sections?q=direct&show=off", "/admin/sections?q=direct&show=off"),
            ("/admin/sections?next=%2F%2Fexample.org", None),
            ("/admin/sections/direct_deposit/off", "/admin/sections"),
            ("/admin/outages/1/extend", "/admin/sections"),
            ("//example.org/admin/sections/direct_deposit/x", "/admin/sections"),
            ("/[", "/admin/sections"),
        ],
    )
    def test_after_it_is_done(
        self, priya: FlaskClient, post: Post, form: dict[str, str], on: str, to: str | None
    ) -> None:
        answer = post(priya, START, form, headers={**HTMX, "HX-Current-URL": f"http://localhost{on}"})
        assert (answer.status_code, answer.headers.get("HX-Redirect")) == (200, to)

    @pytest.mark.parametrize("address", ["http://[", "", "%", "\xe9"])
    def test_from_a_strange_address(self, priya: FlaskClient, post: Post, form: dict[str, str], address: str) -> None:
        answer = post(priya, START, form, headers={**HTMX, "HX-Current-URL": address})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/admin/sections")
        assert done(priya) == "Direct deposit is off until 15:30."


def on_window(section: Section) -> None:
    component = make.component()
    make.dependency(section, component)
    make.window(component, minutes=90, external_id="PW9")


def in_another(section: Section) -> None:
    above = make.section("benefits")
    db.session.execute(sa.update(Section).where(Section.id == section.id).values(parent_id=above.id))
    db.session.commit()
    make.outage(above, minutes=80, started_by="Tom Reed")
