"""Taking a section off, as a browser asks for it."""

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
from dashboard.models import Outage, Section
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


def test_whose_words_came_second_may_use_them_all_the_same(
    priya: FlaskClient, page: Page, post: Post, form: dict[str, str], section: Section
) -> None:
    theirs = make.outage(section, started_by="Tom Reed", reason="Scanner broke")
    words = f"/admin/outages/{theirs.id}/words"
    given = page(post(priya, START, {**form, "message": "You cannot pay.", "alternative": "Ring us."})).form(words)
    shown = page(post(priya, words, given))
    mine = shown.form(words)
    assert (mine["message"], mine["alternative"], mine["reason"]) == ("You cannot pay.", "Ring us.", form["reason"])
    assert outage().reason == "Scanner broke"
    post(priya, words, mine)
    assert (outage().id, outage().message) == (theirs.id, "You cannot pay.")


def test_who_was_slower_sees_how_the_section_stands(
    priya: FlaskClient, post: Post, form: dict[str, str], section: Section
) -> None:
    make.outage(section, started_by="Tom Reed")
    now = read(post(priya, START, form, headers=HTMX).text).one("div", id="now-direct_deposit")
    assert now.attrs["hx-swap-oob"] == "true"
    assert "Bring back now" in now.text


def test_the_button_says_how_many_are_told_of_what_was_chosen(
    priya: FlaskClient, post: Post, form: dict[str, str]
) -> None:
    make.follower("lin@reader.example")

    def button(**given: str) -> str:
        return read(post(priya, f"{OFF}/preview", {**form, **given}).text).one("button").text

    assert button(tells="yes").endswith(" and tell 1 person")
    assert button(tells="length", until="120").endswith(" and tell 1 person")
    assert "tell" not in button(tells="length", until="at", until_at="2026-01-01T00:00")
    assert "tell" not in button(tells="no")


def test_preview_shows_what_the_public_would_read(priya: FlaskClient, post: Post, form: dict[str, str]) -> None:
    answer = post(
        priya,
        f"{OFF}/preview",
        {**form, "until": at("2026-11-21T18:00Z"), "message": "You cannot pay <b>now</b>, shortly."},
    )
    assert "Direct deposit is unavailable until 18:00" in answer.text
    assert "&lt;b&gt;now&lt;/b&gt;" in answer.text
    assert "shortly" in unescape(answer.text)
    assert "Turn Direct deposit off until 18:00" in re.sub(r"<[^>]+>|\s+", " ", answer.text).replace("  ", " ")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"until_at": "2026-11-21T10:00"}, "That time has passed. Choose one that is still to come."),
        (
            {"until_at": "2026-11-22T10:00", "start": "at", "start_at": "2026-11-22T11:00"},
            "It would end before it starts. Choose a later end.",
        ),
    ],
)
def test_preview_of_an_end_that_cannot_be_promises_nothing(
    priya: FlaskClient, post: Post, form: dict[str, str], given: dict[str, str], sentence: str
) -> None:
    shown = read(post(priya, f"{OFF}/preview", {**form, "until": "at", **given}).text)
    assert shown.one("p", id="wrong-direct_deposit").text == sentence
    assert shown.one("button", id="go-direct_deposit").text.strip() == "Turn Direct deposit off"
    assert "Says until when : not yet" in shown.text


@pytest.mark.parametrize(("until", "message"), [("60", "You cannot pay."), ("unknown", "You cannot pay."), ("60", "")])
def test_preview_is_what_the_embed_is_told(
    priya: FlaskClient, post: Post, form: dict[str, str], until: str, message: str
) -> None:
    form = {**form, "until": until, "message": message}
    shown = read(post(priya, f"{OFF}/preview", form).text).one("div", class_="preview").text
    post(priya, START, form)
    told = priya.get("/embed/v1/sections/direct_deposit.json").json["now"]  # type: ignore[index]
    assert shown.startswith(f"{told['title']} {told['message']} {told['alternative']} Latest updates")


@pytest.mark.parametrize("given", [{"until": "at", "until_at": "20"}, {"until": ""}, {"zone": "?"}, {"start": "at"}])
def test_preview_of_a_half_filled_form(
    priya: FlaskClient, post: Post, form: dict[str, str], given: dict[str, str]
) -> None:
    assert post(priya, f"{OFF}/preview", {**form, **given}).status_code == 200


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
