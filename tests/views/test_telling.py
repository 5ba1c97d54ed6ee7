"""What those who write see of followers: how many there are, the minute to cancel, and how far the telling is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard import telling
from dashboard.db import db
from dashboard.models import Change, Delivery, Follower, Ledger, Notification, Section, Window
from tests import make
from tests.conftest import NOW
from tests.views.outing import HTMX, OFF, START, outage
from tests.views.page import Client, Page, Post, check_parts, read
from tests.views.queries import questions

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NEW, WORK = "/admin/incidents/new", "/admin/windows/new"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def section(app: object) -> Section:
    return make.section("direct_deposit", message="You cannot see your bank details.", alternative="Call us.")


@pytest.fixture
def lin(section: Section) -> Follower:
    return make.follower("lin@larkfield.example", section)


@pytest.fixture
def many(section: Section, lin: Follower) -> None:
    """Three by mail, one by webhook, and one who follows something else."""
    make.follower("mo@larkfield.example", section)
    make.follower("zoe@larkfield.example")
    make.follower("https://hooks.larkfield.example/a", channel="webhook")
    make.follower("kim@larkfield.example", make.section("documents"))


def notification(state: str = "") -> Notification:
    db.session.expire_all()
    public = sa.select(Notification).where(Notification.audience == "public").order_by(Notification.id.desc())
    found = db.session.scalars(public).first() or pytest.fail("no notification")
    assert not state or found.state == state
    return found


def form_off(priya: FlaskClient, page: Page, **given: str) -> dict[str, str]:
    return {**page(priya.get(OFF)).form(START), **given}


def told(*states: str) -> int:
    """The newest notification is told, with a delivery in each of these states; its revision."""
    followers = [make.follower(f"f{number}@larkfield.example") for number in range(len(states))]
    row = notification()
    row.state, row.released_at = "told", NOW + MINUTE
    for follower, state in zip(followers, states, strict=True):
        db.session.add(Delivery(notification_id=row.id, follower_id=follower.id, lane="mail", state=state, due_at=NOW))
    db.session.commit()
    return row.revision or 0


class TestOutage:
    def test_says_how_many_and_by_what(self, priya: FlaskClient, page: Page, many: None) -> None:
        shown = page(priya.get(OFF)).one("fieldset", id="direct_deposit-tells")
        assert "Tell 4 people 3 by e-mail, 1 by webhook" in shown.text
        assert form_off(priya, page)["tells"] == "length"

    def test_where_nobody_follows_there_is_nothing_to_choose(self, priya: FlaskClient, page: Page) -> None:
        assert not page(priya.get(OFF)).all("fieldset", id="direct_deposit-tells")
        assert "tells" not in form_off(priya, page)

    @pytest.mark.parametrize("choice", ["length", "yes", "no"])
    def test_the_choice_is_kept(self, priya: FlaskClient, page: Page, post: Post, lin: Follower, choice: str) -> None:
        post(priya, START, form_off(priya, page, tells=choice))
        assert outage().tells == choice

    def test_another_word_is_refused(self, priya: FlaskClient, page: Page, post: Post, lin: Follower) -> None:
        answer = post(priya, START, form_off(priya, page, tells="perhaps"))
        assert answer.status_code == 422
        assert "Tell followers" in page(answer).one("div", id="direct_deposit-errors").text

    def test_extending_shows_and_changes_it(self, priya: FlaskClient, page: Page, post: Post, lin: Follower) -> None:
        made = make.outage(db.session.scalars(sa.select(Section)).one(), tells="no")
        url = f"/admin/outages/{made.id}/extend"
        form = page(priya.get(url)).form(url)
        assert form["tells"] == "no"
        post(priya, url, {**form, "until": "unknown", "tells": "yes"})
        assert (outage().tells, outage().planned_end) == ("yes", None)

    def test_what_is_not_asked_stays(self, priya: FlaskClient, page: Page, post: Post, section: Section) -> None:
        made = make.outage(section, tells="no")
        post(priya, f"/admin/outages/{made.id}/extend", {"version": "1", "until": "unknown"})
        assert outage().tells == "no"

    def test_the_board_asks_no_more_for_more_rows(self, priya: FlaskClient, section: Section, lin: Follower) -> None:
        make.outage(section)
        few = questions(priya, "/admin/sections")
        for number in range(9):
            make.outage(make.section(f"s{number}"))
        assert questions(priya, "/admin/sections") == few


class TestIncident:
    def test_the_button_and_the_tick_say_how_many(self, tom: FlaskClient, page: Page, many: None) -> None:
        root = page(tom.get(NEW))
        assert "Tell 2 people 1 by e-mail, 1 by webhook" in root.text  # who follows everything
        assert root.one("button", value="publish").text.endswith("and tell 2 people")

    def test_choosing_a_section_tells_its_followers_too(
        self, tom: FlaskClient, page: Page, post: Post, section: Section, many: None
    ) -> None:
        form = {**page(tom.get(NEW)).form(NEW), f"section-{section.id}": "warn"}
        answer = post(tom, f"{NEW}/preview", form, headers=HTMX)
        assert read(answer.text).one("span", id="tells-whom").text == "Tell 4 people 3 by e-mail, 1 by webhook"
        assert read(answer.text).one("span", id="tells-too").text == "and tell 4 people"

    def test_a_private_one_tells_nobody(self, tom: FlaskClient, page: Page, post: Post, many: None) -> None:
        form = {**page(tom.get(NEW)).form(NEW), "is_private": "y"}
        shown = read(post(tom, f"{NEW}/preview", form, headers=HTMX).text)
        assert "Nobody, while it is private." in shown.one("span", id="tells-whom").text
        assert shown.one("span", id="tells-too").text == ""

    def test_each_update_shows_how_far_it_is(self, tom: FlaskClient, page: Page, post: Post, many: None) -> None:
        form = {**page(tom.get(NEW)).form(NEW), "title": "Payments fail", "body": "You cannot pay.", "do": "publish"}
        at = post(tom, NEW, form).headers["Location"]
        assert "2 people are told at 14:31:00 (1 by e-mail, 1 by webhook)." in page(tom.get(at)).text
        revision = told("sent", "sent", "waiting", "dead")
        shown = page(tom.get(at)).one("div", id=f"telling-{revision}")
        assert "sent 2 · waiting 1 · failed 1" in shown.text
        assert (shown.one("progress").attrs["value"], shown.one("progress").attrs["max"]) == ("3", "4")
        assert shown.attrs["hx-trigger"]


class TestWork:
    def test_four_moments_with_the_number(self, tom: FlaskClient, page: Page, many: None) -> None:
        shown = page(tom.get(f"{WORK}?section=direct_deposit")).one("fieldset", id="tells")
        assert "Tell 4 people 3 by e-mail, 1 by webhook" in shown.text
        ticked = [box.attrs["name"] for box in shown.all("input") if "checked" in box.attrs]
        assert ticked == ["tells", "reminds"]

    def test_what_is_ticked_is_planned(self, tom: FlaskClient, page: Page, post: Post, section: Section) -> None:
        form = page(tom.get(WORK)).one("form", id="plan").fields()
        del form["reminds"]
        chosen = {"sections": str(section.id), "from_time": "0200", "to_time": "0400", "tells_end": "y"}
        post(tom, WORK, {**form, **chosen})
        row = db.session.scalars(sa.select(Window)).one()
        assert (row.tells, row.reminds, row.tells_start, row.tells_end) == (True, False, False, True)

    def test_the_preview_counts_anew(self, tom: FlaskClient, post: Post, section: Section, many: None) -> None:
        answer = post(tom, "/admin/windows/preview", {"sections": str(section.id)}, headers=HTMX)
        assert "Tell 4 people" in read(answer.text).one("span", id="tells-whom").text

    def test_pagerdutys_too_is_told_as_somebody_chose(self, tom: FlaskClient, page: Page, post: Post) -> None:
        made = make.window(make.component(), start=NOW + HOUR)
        url, here = f"/admin/windows/{made.id}/telling", f"/admin/windows/{made.id}"
        assert "told when it is planned, moved or called off; 60 minutes before it begins" in page(tom.get(here)).text
        post(tom, url, {"version": page(tom.get(url)).form(url)["version"], "tells_start": "y"})
        assert "told when it begins Change" in page(tom.get(here)).text
        assert "chose when followers are told" in page(tom.get(here)).text

    def test_by_two_at_once(self, tom: FlaskClient, page: Page, post: Post) -> None:
        made = make.window(make.component(), start=NOW + HOUR)
        url = f"/admin/windows/{made.id}/telling"
        form = page(tom.get(url)).form(url)
        post(tom, url, {**form, "tells_end": "y"})
        answer = post(tom, url, {**form, "tells_start": "y"})
        assert answer.status_code == 409
        assert "when it is over" in page(answer).text

    def test_of_what_is_over_nothing_is_told(self, tom: FlaskClient, post: Post, page: Page) -> None:
        made = make.window(make.component(), start=NOW - 2 * HOUR)
        answer = post(tom, f"/admin/windows/{made.id}/telling", {"version": "1", "tells_end": "y"})
        assert answer.status_code == 422
        assert "It is over already." in page(answer).text


class TestTheMinute:
    """Between what somebody did and the first message."""

    @pytest.fixture
    def begun(self, priya: FlaskClient, page: Page, post: Post, many: None) -> int:
        post(priya, START, form_off(priya, page))
        return notification("pending").revision or 0

    def test_the_strip_says_whom_and_offers_to_tell_nobody(self, priya: FlaskClient, page: Page, begun: int) -> None:
        strip = page(priya.get("/admin/sections")).one("div", class_="done")
        assert "4 people are told at 14:31:00 (3 by e-mail, 1 by webhook)." in strip.text
        assert [button.text for button in strip.all("button")] == ["Undo", "Tell nobody"]

    def test_htmx_gets_it_with_the_board(self, priya: FlaskClient, page: Page, post: Post, many: None) -> None:
        answer = post(priya, START, form_off(priya, page), headers=HTMX)
        assert "4 people are told at 14:31:00" in " ".join(read(answer.text).text.split())

    def test_of_a_short_one_nothing_is_said(self, priya: FlaskClient, page: Page, post: Post, many: None) -> None:
        post(priya, START, form_off(priya, page, until="20"))
        assert "people are told" not in page(priya.get("/admin/sections")).text

    def test_nor_where_nobody_follows(self, priya: FlaskClient, page: Page, post: Post) -> None:
        post(priya, START, form_off(priya, page))
        assert "people are told" not in page(priya.get("/admin/sections")).text

    def test_of_a_system_too(self, tom: FlaskClient, page: Page, post: Post, many: None) -> None:
        payments = make.component("payments")
        url = "/admin/components/payments/status"
        post(tom, url, {"version": str(payments.version), "status": "major_outage"})
        assert "2 people are told at 14:31:00" in page(tom.get("/admin/components")).one("div", class_="done").text

    def test_nobody_is_told(self, priya: FlaskClient, page: Page, post: Post, begun: int) -> None:
        answer = post(priya, f"/admin/telling/{begun}/cancel")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/sections")
        assert page(priya.get("/admin/sections")).one("div", class_="done").one("p").text == "Nobody is told."
        kinds = list(db.session.scalars(sa.select(Change.kind).order_by(Change.id)))
        assert kinds[-1] == "notification.cancel"
        telling.release(NOW + 2 * MINUTE)
        notification("cancelled")

    def test_htmx_gets_the_sentence_in_its_place(self, priya: FlaskClient, post: Post, begun: int) -> None:
        answer = post(priya, f"/admin/telling/{begun}/cancel?as=soon", headers=HTMX)
        root = read(answer.text)
        check_parts(root)
        assert root.one("div", id=f"soon-{begun}").text == "Nobody is told."

    def test_too_late(self, priya: FlaskClient, page: Page, post: Post, begun: int) -> None:
        told("sent", "waiting")
        post(priya, f"/admin/telling/{begun}/cancel")
        said = page(priya.get("/admin/sections")).one("div", class_="done").one("p").text
        assert said == "It was too late for that: they are being told."
        notification("told")

    def test_undone_within_it_nobody_is_told(self, priya: FlaskClient, page: Page, post: Post, begun: int) -> None:
        change = db.session.scalars(sa.select(Change).where(Change.revision == begun)).one()
        post(priya, f"/admin/changes/{change.id}/undo")
        telling.release(NOW + 2 * MINUTE)
        notification("void")

    def test_only_who_might_have_done_it(self, client_of: Client, post: Post, begun: int) -> None:
        url = f"/admin/telling/{begun}/cancel"
        answers = [post(client_of(role), url).status_code for role in ("viewer", "delivery_manager", "admin")]
        assert answers == [403, 403, 303]

    def test_the_next_look_is_when_it_is_due(
        self, priya: FlaskClient, begun: int, clock: time_machine.Traveller
    ) -> None:
        clock.shift(20)
        root = read(priya.get(f"/admin/telling/{begun}", headers=HTMX).text)
        check_parts(root)
        assert "told at 14:31:00" in root.text
        assert root.one("div", class_="telling small").attrs["hx-trigger"] == "every 42s"

    def test_what_is_changed_again_is_told_later(
        self, priya: FlaskClient, post: Post, page: Page, begun: int, clock: time_machine.Traveller
    ) -> None:
        clock.shift(30)
        url = f"/admin/outages/{outage().id}/extend"
        post(priya, url, {**page(priya.get(url)).form(url), "until": "unknown"})
        for revision in (begun, notification("pending").revision):
            shown = read(priya.get(f"/admin/telling/{revision}?as=soon", headers=HTMX).text)
            assert "4 people are told at 14:31:30" in shown.text
            assert shown.one("div", class_="telling small").attrs["hx-trigger"] == "every 62s"

    def test_the_strip_ends_with_how_many_were_told(self, priya: FlaskClient, begun: int) -> None:
        url = f"/admin/telling/{begun}?as=soon"
        told("sent", "waiting")
        going_on = read(priya.get(url, headers=HTMX).text).one("div", id=f"soon-{begun}")
        assert (going_on.text, going_on.attrs["hx-trigger"]) == ("Followers are being told.", "every 2s")
        db.session.execute(sa.update(Delivery).values(state="sent"))
        db.session.commit()
        over = read(priya.get(url, headers=HTMX).text).one("div", id=f"soon-{begun}")
        assert "2 people were told. How it went" in over.text
        assert "hx-trigger" not in over.attrs

    def test_back_within_it_the_strip_says_that_nobody_is_told(
        self, priya: FlaskClient, page: Page, post: Post, begun: int
    ) -> None:
        post(priya, f"/admin/telling/{begun}/cancel")
        url = f"/admin/outages/{outage().id}/end"
        post(priya, url, page(priya.get(url)).form(url))
        strip = page(priya.get("/admin/sections")).one("div", class_="done")
        assert "Followers are not told of this." in strip.text
        assert "Tell nobody" not in strip.text

    def test_so_does_undo(self, priya: FlaskClient, page: Page, post: Post, begun: int) -> None:
        change = db.session.scalars(sa.select(Change).where(Change.revision == begun)).one()
        post(priya, f"/admin/changes/{change.id}/undo")
        strip = page(priya.get("/admin/sections")).one("div", class_="done")
        assert "that was undone. Followers are not told of this." in strip.text
        assert not strip.all("button")

    def test_while_sending_is_held_no_time_is_promised(
        self, priya: FlaskClient, page: Page, post: Post, begun: int, clock: time_machine.Traveller
    ) -> None:
        db.session.execute(sa.update(Ledger).values(held_at=NOW))
        db.session.commit()
        said = "Sending is held by an admin. 4 people are told when sending goes on (3 by e-mail, 1 by webhook)."
        assert said in page(priya.get("/admin/sections")).one("div", class_="done").text
        clock.shift(20 * MINUTE)
        shown = page(priya.get("/admin/sections/direct_deposit")).one("div", id=f"telling-{begun}")
        assert said in shown.text
        assert "Followers are told when sending goes on." in page(priya.get("/admin/activity")).text
        post(priya, f"/admin/telling/{begun}/cancel")
        notification("cancelled")

    @pytest.mark.parametrize("path", ["", "/cancel"])
    def test_no_such_change(self, priya: FlaskClient, post: Post, path: str) -> None:
        url = f"/admin/telling/999{path}"
        answer = post(priya, url) if path else priya.get(url)
        assert answer.status_code == 404


class TestProgress:
    @pytest.fixture
    def revision(self, priya: FlaskClient, page: Page, post: Post, lin: Follower) -> int:
        post(priya, START, form_off(priya, page))
        return notification("pending").revision or 0

    def look(self, client: FlaskClient, revision: int) -> str:
        return read(client.get(f"/admin/telling/{revision}", headers=HTMX).text).text

    def test_it_asks_again_only_while_it_goes_on(self, priya: FlaskClient, revision: int) -> None:
        told("sent", "waiting")
        url = f"/admin/telling/{revision}"
        assert 'hx-trigger="every 2s"' in priya.get(url, headers=HTMX).text
        db.session.execute(sa.update(Delivery).values(state="sent"))
        db.session.commit()
        after = priya.get(url, headers=HTMX).text
        assert "hx-trigger" not in after
        assert "sent 2 How it went" in read(after).text

    def test_who_is_tried_again_for_hours_is_not_watched(
        self, priya: FlaskClient, revision: int, clock: time_machine.Traveller
    ) -> None:
        told("sent", "waiting")
        clock.shift(HOUR)
        assert "hx-trigger" not in priya.get(f"/admin/telling/{revision}", headers=HTMX).text

    def test_held(self, priya: FlaskClient, revision: int) -> None:
        told("sent", "waiting")
        db.session.execute(sa.update(Ledger).values(held_at=NOW))
        db.session.commit()
        assert "Sending is held by an admin. sent 1 · waiting 1" in self.look(priya, revision)

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("sending", "Followers are being told."),
            ("stopped", "Nobody was told: somebody stopped it."),
            ("cancelled", "Nobody was told: somebody cancelled it."),
            ("folded", "What came after it was told instead."),
            ("void", "Followers were not told."),
            ("told", "Nobody follows it."),
        ],
    )
    def test_in_words(self, priya: FlaskClient, revision: int, state: str, words: str) -> None:
        row = notification()
        row.state, row.released_at = state, NOW + MINUTE
        db.session.commit()
        assert words in self.look(priya, revision)

    def test_the_sections_history_and_activity_tell_it(self, viewer: FlaskClient, page: Page, revision: int) -> None:
        told("sent", "sent", "dead")
        shown = page(viewer.get("/admin/sections/direct_deposit")).one("div", id=f"telling-{revision}")
        assert "sent 2 · failed 1" in shown.text
        assert "Followers: sent 2 · failed 1" in page(viewer.get("/admin/activity")).text

    def test_without_htmx_one_goes_to_the_thing(self, viewer: FlaskClient, revision: int) -> None:
        answer = viewer.get(f"/admin/telling/{revision}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/sections")
