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
from werkzeug.test import TestResponse

from dashboard.db import db
from dashboard.models import Change, Outage, Overrule, Section, Window
from tests import make
from tests.conftest import NOW
from tests.views.page import Page, Post, read

HOSTILE = ["", "0", "²", "@²", "+²", "@", "@0", "9" * 5_000, "@" + "9" * 5_000, "-5", "1e3", "525601", "\x00"]
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


def at(t: str) -> str:
    """The value of a chip or button that shows this moment."""
    return f"@{int(datetime.fromisoformat(t).timestamp())}"


def done(client: FlaskClient, url: str = "/admin/sections") -> str:
    """What the strip says."""
    return read(client.get(url).text).one("div", class_="done").one("p").text


def chips(answer: TestResponse) -> dict[str, str]:
    """What may be chosen, by its words."""
    root = read(answer.text)
    labels = [(label, label.all("input", name="until")) for label in root.all("label", class_="chip")]
    buttons = [(button, [button]) for button in root.all("button", name="until")]
    return {words.text: found[0].attrs["value"] for words, found in [*labels, *buttons] if found}


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
    assert form["start_at"] == "2026-11-21T15:00"
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
    for _ in range(2):
        assert post(priya, START, form).status_code == 303
        strip = read(priya.get("/admin/sections").text).one("div", class_="done")
        assert strip.text == "Direct deposit is off until 15:30. Undo"
    assert count() == 1


def test_an_old_form_is_asked_for_again(priya: FlaskClient, post: Post, form: dict[str, str], page: Page) -> None:
    post(priya, START, form)
    post(priya, f"/admin/outages/{outage().id}/end", {"version": "1"})
    answer = post(priya, START, form)
    assert answer.status_code == 422
    assert "Send it again to begin anew" in answer.text
    assert post(priya, START, page(answer).form(START)).status_code == 303
    assert count() == 2


def test_the_end_of_the_day_is_the_one_that_was_shown(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    until = chips(priya.get(OFF))["End of day to 18:00"]
    with time_machine.travel(datetime.fromisoformat("2026-11-21T18:00:10Z"), tick=False):
        answer = post(priya, START, {**form, "until": until})
    assert answer.status_code == 422
    assert "That time has passed" in answer.text
    assert "End of day to tomorrow 18:00" in chips(answer)


def test_of_a_later_start_it_is_the_end_of_that_day(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    until = chips(priya.get(OFF))["End of day to 18:00"]
    post(priya, START, {**form, "until": until, "start": "at", "start_at": "2026-11-25T10:00"})
    assert outage().planned_end == datetime.fromisoformat("2026-11-25T18:00Z")
    assert done(priya) == "Direct deposit will be off Wednesday 10:00 to 18:00."


@pytest.mark.parametrize(
    ("name", "given", "words", "soon"),
    [
        (
            "over midnight",
            {"start_at": "2026-11-22T00:00", "until": "60"},
            "will be off tomorrow 00:01 to 01:00.",
            "tomorrow 00:01 to 01:00",
        ),
        (
            "over days",
            {"start_at": "2026-11-23T10:00", "until": "at", "until_at": "2026-11-24T00:00"},
            "will be off Monday 10:00 to 23:59.",
            "Monday 10:00 to 23:59",
        ),
        (
            "not known",
            {"start_at": "2026-11-23T10:00", "until": "unknown"},
            "will be off from Monday 10:00.",
            "from Monday 10:00",
        ),
    ],
)
def test_a_later_start_is_told_as_the_public_page_tells_it(
    priya: FlaskClient, post: Post, form: dict[str, str], name: str, given: dict[str, str], words: str, soon: str
) -> None:
    form = {**form, "start": "at", **given}
    title = f"Direct deposit will be unavailable {soon}"
    assert title in post(priya, f"{OFF}/preview", form).text
    post(priya, START, form)
    assert done(priya) == f"Direct deposit {words}"
    assert title in read(priya.get("/sections/direct_deposit/").text).text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("given", "words", "said"),
    [
        ({}, "Off until 15:30, then back by itself.", "is off until 15:30."),
        (
            {"hold": "y"},
            "Off until 15:30, then until somebody brings it back.",
            "is off until 15:30, then until somebody brings it back.",
        ),
        ({"until": "unknown"}, "Off until somebody brings it back.", "is off until somebody brings it back."),
        (
            {"hold": "y", "until": "unknown"},
            "Off until somebody brings it back.",
            "is off until somebody brings it back.",
        ),
    ],
)
def test_how_it_comes_back_is_said(
    priya: FlaskClient, post: Post, form: dict[str, str], given: dict[str, str], words: str, said: str
) -> None:
    assert words in post(priya, f"{OFF}/preview", {**form, **given}).text
    post(priya, START, {**form, **given})
    assert done(priya) == f"Direct deposit {said}"
    assert outage().at_end == ("hold" if "hold" in given else "restore")


@pytest.mark.parametrize("until", HOSTILE)
def test_until_nonsense(priya: FlaskClient, post: Post, form: dict[str, str], until: str) -> None:
    assert post(priya, START, {**form, "until": until}).status_code == 422
    assert post(priya, f"{OFF}/preview", {**form, "until": until}).status_code == 200


@pytest.mark.parametrize("field", ["start_at", "until_at"])
@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-21\x0018:00",
        "2026-11-21T18:00:00." + "1" * 9_000,
        "2026-11-21 18:00",
        "2026-W47-6",
        "٢٠٢٦-11-21T18:00",
        "2026-02-30T18:00",
        "9999-12-31T23:59",
    ],
)
def test_only_a_typed_time_is_a_time(
    priya: FlaskClient, post: Post, form: dict[str, str], field: str, typed: str
) -> None:
    times = {"start": "at", "start_at": "2026-11-21T17:00", "until": "at", "until_at": "2026-11-21T18:00", field: typed}
    assert post(priya, START, {**form, **times}).status_code == 422
    assert count() == 0


@pytest.mark.parametrize(
    ("name", "given", "end"),
    [
        ("half an hour", {"until": "30"}, NOW + timedelta(minutes=30)),
        ("end of day", {"until": at("2026-11-21T18:00Z")}, datetime.fromisoformat("2026-11-21T18:00Z")),
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
    answer = post(
        priya,
        f"{OFF}/preview",
        {**form, "until": at("2026-11-21T18:00Z"), "message": "You cannot pay <b>now</b>, shortly."},
    )
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


def on_window(section: Section) -> None:
    component = make.component()
    make.dependency(section, component)
    make.window(component, minutes=90, external_id="PW9")


def in_another(section: Section) -> None:
    above = make.section("benefits")
    db.session.execute(sa.update(Section).where(Section.id == section.id).values(parent_id=above.id))
    db.session.commit()
    make.outage(above, minutes=80, started_by="Tom Reed")


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
