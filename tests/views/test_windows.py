"""Planned work on screen: the calendar, planning, changing, and what is done to it until it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Change, Template, Window, WindowSection
from dashboard.publish import read_facts
from dashboard.rules.state import State
from dashboard.snapshot import snapshot_at
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Page, Post, check_parts, read
from tests.views.queries import questions

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 11, 22, 2, tzinfo=UTC)
NEW, PREVIEW = "/admin/windows/new", "/admin/windows/preview"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def documents(app: Flask) -> int:
    return make.section("documents", message="You cannot upload documents.").id


def form_of(client: FlaskClient, page: Page, url: str = NEW, **given: str) -> dict[str, str]:
    form = page(client.get(url)).one("form", id="plan").fields()
    return {**form, "from_time": "0200", "to_time": "04:00", **given}


def planned(**given: object) -> Window:
    """One planned here, tomorrow 02:00 to 04:00."""
    section = make.section("documents")
    times = {"zone": "Europe/London", "typed_start": "2026-11-22T02:00", "typed_end": "2026-11-22T04:00"}
    values = {"start": START, "minutes": 120, "source": "signpost", "url": "", "sections": {section: "down"}}
    return make.window(**{**values, **times, **given})  # type: ignore[arg-type]


def state(t: datetime) -> State:
    return snapshot_at(read_facts(t), t).sections[0].state


class TestPlanning:
    def test_sunday_at_two(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        form = form_of(tom, page, sections=str(documents))
        answer = post(tom, NEW, form, follow_redirects=True)
        said = page(answer).one("div", id="done").text
        assert "Planned work on Documents is planned, tomorrow 02:00 to 04:00." in said
        assert [state(t) for t in (START, START + 2 * HOUR)] == [State.DOWN, State.OK]
        row = db.session.scalars(sa.select(Window)).one()
        assert (row.zone, row.typed_start, row.planned_by) == ("Europe/London", "2026-11-22T02:00", "Tom Reed")

    def test_what_it_does_to_a_section_is_chosen(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        form = form_of(tom, page, sections=str(documents))
        post(tom, NEW, {**form, f"effect-{documents}": "warn"})
        assert db.session.scalars(sa.select(WindowSection.effect)).one() == "warn"

    def test_past_midnight_it_ends_the_next_day(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        post(tom, NEW, form_of(tom, page, sections=str(documents), from_time="22:30", to_time="1"))
        assert db.session.scalars(sa.select(Window.typed_end)).one() == "2026-11-23T01:00"

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"from_time": "25:00"}, "From: Write the time like 02:00, or 0200."),
            ({"to_time": ""}, "To: Write the time like 02:00, or 0200."),
            ({"day": "other", "other_day": ""}, "Another day: Choose a day."),
            ({"day": "soon"}, "Day: Choose a day."),
            ({"zone": "Mars/Base"}, "Time zone: “Mars/Base” is not a time zone. Write it like Europe/London."),
            ({"sections": ""}, "Sections: Choose"),
            ({"repeat": "own", "rule": "often"}, "Rule: “OFTEN” cannot be read."),
            ({"repeat": "sometimes"}, "How often:"),
            ({"day": "other", "other_day": "2026-11-20"}, "From: That time has passed."),
            ({"repeat": "weekly", "last_day": "2026-12-20", "count": "3"}, "Give the last day or this, not both."),
            ({"repeat": "weekly", "last_day": "2026-11-20"}, "Last day: That is before the first time"),
            ({"checks": "0"}, "Give whole minutes, from 1 to 600"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
        self, tom: FlaskClient, documents: int, page: Page, post: Post, given: dict[str, str], sentence: str
    ) -> None:
        form = form_of(tom, page, **{"sections": str(documents), "message": "Mine", **given})
        if not form["sections"]:
            del form["sections"]
        answer = post(tom, NEW, form)
        shown = page(answer)
        assert answer.status_code == 422
        assert sentence in shown.one("div", id="errors").text
        assert shown.one("textarea", id="message").text == "Mine"
        assert db.session.scalar(sa.select(Window)) is None

    def test_all_that_is_missing_is_said_at_once(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        shown = page(post(tom, NEW, form_of(tom, page, from_time="", to_time="")))
        errors = shown.one("div", id="errors").text
        assert all(f"{name}: Write the time like 02:00, or 0200." in errors for name in ("From", "To"))

    def test_sent_twice_it_is_planned_once(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        form = form_of(tom, page, sections=str(documents))
        first, second = (post(tom, NEW, form) for _ in range(2))
        assert first.location == second.location
        assert len(db.session.scalars(sa.select(Window)).all()) == 1

    def test_by_htmx_the_same(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        form = form_of(tom, page, sections=str(documents))
        wrong = post(tom, NEW, {**form, "to_time": "x"}, headers=HTMX)
        assert wrong.status_code == 422
        check_parts(read(wrong.text))
        done = post(tom, NEW, form, headers=HTMX)
        assert done.headers["HX-Redirect"].startswith("/admin/windows/")

    def test_a_section_in_the_address_is_chosen(self, tom: FlaskClient, documents: int, page: Page) -> None:
        form = page(tom.get(f"{NEW}?section=documents")).one("form", id="plan").fields()
        assert (form["sections"], form["message"]) == (str(documents), "You cannot upload documents.")

    def test_a_template_fills_it_in(self, tom: FlaskClient, documents: int, page: Page) -> None:
        values = {"noun": "window", "name": "Restart", "title": "Restart of {section}", "body": "{section} is closed."}
        template = Template(**values, sections={"documents": "warn"}, impacts={}, tells=False, created_at=NOW, once="x")
        db.session.add(template)
        db.session.commit()
        form = page(tom.get(f"{NEW}?template={template.id}")).one("form", id="plan").fields()
        filled = (form["title"], form["message"], form[f"effect-{documents}"], form.get("tells"))
        assert filled == ("Restart of Documents", "Documents is closed.", "warn", None)


class TestPreview:
    """What it would come to, before it is saved; with htmx and without."""

    def seen(self, client: FlaskClient, post: Post, form: dict[str, str]) -> str:
        answer = post(client, PREVIEW, form, headers=HTMX)
        assert answer.status_code == 200
        parts = read(answer.text)
        check_parts(parts)
        return parts.text

    def test_the_real_length_and_both_zones(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        said = self.seen(tom, post, form_of(tom, page, sections=str(documents), mine="Europe/Berlin"))
        assert "2 h " in said
        assert "Europe/London Sunday 22 November, 02:00 to 04:00" in said
        assert "Europe/Berlin Sunday 22 November, 03:00 to 05:00" in said
        assert "Plan work on Documents, tomorrow 02:00 to 04:00" in said

    def test_a_time_that_has_passed_promises_nothing(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        form = form_of(tom, page, sections=str(documents), day="other", other_day="2026-11-20")
        said = self.seen(tom, post, form)
        assert "That time has passed. Choose one that is still to come." in said
        assert "Says until when : not yet" in said
        assert "Plan work on Documents" not in said

    def test_without_another_zone_it_is_utc(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        said = self.seen(tom, post, form_of(tom, page, zone="Asia/Tokyo"))
        assert "Asia/Tokyo Sunday 22 November, 02:00" in said
        assert "Europe/London Saturday 21 November, 17:00 to 19:00" in said

    def test_a_gap_is_asked_about_and_the_answer_kept(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        form = form_of(tom, page, sections=str(documents), day="other", other_day="2027-03-28", zone="Europe/Berlin")
        asked = page(post(tom, NEW, form))
        assert "02:00 does not exist that day. Which do you mean?" in asked.text
        later = asked.all("input", name="from_exact")[1].attrs["value"]
        said = self.seen(tom, post, {**form, "from_exact": later})
        assert "1 h The clocks change: it seems to be 2 h." in said
        post(tom, NEW, {**form, "from_exact": later})
        row = db.session.scalars(sa.select(Window)).one()
        assert (row.starts_at, row.ends_at - row.starts_at) == (datetime(2027, 3, 28, 1, tzinfo=UTC), HOUR)

    def test_which_sections_go_dark_by_dependency_and_tree(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        payments, parent = make.component("payments"), make.section("account")
        make.section("bank_details", parent=parent)
        make.dependency(parent, payments)
        make.dependency(make.section("search"), payments, on_window="warn")
        said = self.seen(tom, post, form_of(tom, page, components=str(payments.id)))
        assert "Account goes off, depends on Payments" in said
        assert "Bank details goes off, part of Account" in said
        assert "Search is slow, depends on Payments" in said
        assert "Documents goes off" not in said

    def test_clashes_are_told_and_block_nothing(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        payments = make.component("payments")
        section = db.session.get_one(type(make.section("other")), documents)
        make.dependency(section, payments)
        theirs = make.window(payments, start=START + HOUR, external_id="PX4T9", title="New disks")
        make.window(payments, start=START + 2 * HOUR, external_id="PXLATE")
        make.outage(section, start=START - HOUR, minutes=90)
        form = form_of(tom, page, sections=str(documents))
        said = self.seen(tom, post, form)
        words = (
            "PagerDuty’s PX4T9 “New disks”, Sunday 22 November, 03:00 to 04:00. Is it the same work? Announce that one"
        )
        assert words in said
        assert f"/admin/windows/{theirs.id}" in post(tom, PREVIEW, form, headers=HTMX).text
        assert "Documents is off Sunday 22 November, 01:00 to 02:30, says Priya Shah" in said
        assert "PXLATE" not in said
        assert post(tom, NEW, form).status_code == 303

    def test_a_clash_over_midnight_names_both_days(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        section = db.session.get_one(type(make.section("other")), documents)
        make.outage(section, start=START - 4 * HOUR, minutes=360)
        said = self.seen(tom, post, form_of(tom, page, sections=str(documents)))
        assert "Documents is off Saturday 21 November, 22:00 to Sunday 22 November, 04:00" in said

    def test_words_are_offered_until_somebody_writes_their_own(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        form = form_of(tom, page, sections=str(documents))
        assert read(post(tom, PREVIEW, form, headers=HTMX).text).one("textarea").text == "You cannot upload documents."
        said = read(post(tom, PREVIEW, {**form, "message": "My own"}, headers=HTMX).text)
        assert said.all("textarea") == []

    def test_a_series_tells_its_times_and_where_the_clocks_move_one(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        form = form_of(tom, page, sections=str(documents), repeat="weekly", from_time="01:30", to_time="03:00")
        said = self.seen(tom, post, form)
        assert "26 times planned now: every week on Sunday" in said
        assert "Sunday 28 March 2027, 02:30, as 01:30 does not exist that day" in said

    def test_without_scripts_a_button_shows_it(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        form = form_of(tom, page, sections=str(documents))
        answer = post(tom, NEW, {**form, "preview": "y"})
        assert answer.status_code == 200
        assert "Sunday 22 November, 02:00 to 04:00" in page(answer).one("div", id="timing").text
        assert db.session.scalar(sa.select(Window)) is None

    @pytest.mark.parametrize("given", [{}, {"day": "x"}, {"from_time": "9", "to_time": ""}, {"sections": "x"}])
    def test_half_a_form_is_no_trouble(
        self, tom: FlaskClient, documents: int, post: Post, given: dict[str, str]
    ) -> None:
        assert post(tom, PREVIEW, given).status_code == 200


class TestCalendar:
    def test_under_way_first_then_by_day_then_past(self, viewer: FlaskClient, page: Page) -> None:
        payments = make.component("payments")
        for hours, name in ((-1, "PNOW"), (12, "PSOON"), (-30, "PPAST"), (40, "PLATER")):
            make.window(payments, start=NOW + hours * HOUR, minutes=120, external_id=name, title=name)
        shown = page(viewer.get("/admin/windows"))
        assert [h.text for h in shown.all("h2")] == ["Under way", "Sunday 22 November", "Monday 23 November", "Past"]
        assert [a.text for li in shown.all("li") for a in li.all("p", class_="lines__name")] == [
            "PNOW",
            "PSOON",
            "PLATER",
            "PPAST",
        ]

    def test_nothing_yet(self, tom: FlaskClient, page: Page) -> None:
        assert "Nothing is planned" in page(tom.get("/admin/windows")).text

    def test_the_past_by_page(self, viewer: FlaskClient, page: Page) -> None:
        payments = make.component("payments")
        for day in range(25):
            make.window(payments, start=NOW - (day + 1) * DAY, title=f"Day {day}")
        first, second = (page(viewer.get(f"/admin/windows?page={n}")) for n in (1, 2))
        assert ("Day 19" in first.text, "Day 20" in first.text) == (True, False)
        assert "Day 24" in second.text

    @pytest.mark.parametrize("given", ["page=0", "page=x", "page=99999999", "page=500"])
    def test_any_page_answers(self, viewer: FlaskClient, page: Page, given: str) -> None:
        page(viewer.get(f"/admin/windows?{given}"))

    def test_pagerdutys_that_look_mistyped_are_doubted(self, viewer: FlaskClient, page: Page) -> None:
        window = make.window(make.component("payments"), start=START, minutes=14 * 60, external_id="PX4T9")
        sentence = "It lasts 14 h. Was 04:00 meant, not 16:00?"
        assert sentence in page(viewer.get("/admin/windows")).text
        assert sentence in page(viewer.get(f"/admin/windows/{window.id}")).text

    def test_many_cost_no_more_questions_than_few(self, viewer: FlaskClient, page: Page) -> None:
        payments, section = make.component("payments"), make.section("documents")
        asked = []
        for number in (3, 77):
            for hour in range(number):
                make.window(payments, start=NOW + hour * HOUR, sections={section: "down"})
            asked.append(questions(viewer, "/admin/windows"))
        assert asked[0] == asked[1]
        assert "Show 20 more to come" in page(viewer.get("/admin/windows")).text
        assert "more to come" not in page(viewer.get("/admin/windows?every=y")).text

    def test_of_what_comes_again_the_next_three_are_shown(
        self, tom: FlaskClient, documents: int, page: Page, post: Post
    ) -> None:
        post(tom, NEW, form_of(tom, page, sections=str(documents), repeat="weekly"))
        shown = page(tom.get("/admin/windows"))
        assert len(shown.all("li", class_="lines__row lines__row--planned")) == 3
        assert "And 23 more, until 16 May 2027" in shown.text
        assert "more to come" not in shown.text
        assert len(page(tom.get("/admin/windows?every=y")).all("li", class_="lines__row lines__row--planned")) == 26


class TestOne:
    def do(self, client: FlaskClient, page: Page, post: Post, window: Window, deed: str) -> str:
        url = f"/admin/windows/{window.id}/{deed}"
        form = page(client.get(f"/admin/windows/{window.id}")).form(url)
        return page(post(client, url, form, follow_redirects=True)).one("div", id="done").text

    def test_from_start_to_finish_by_hand(
        self, tom: FlaskClient, page: Page, post: Post, clock: time_machine.Traveller
    ) -> None:
        window = planned()
        assert "Ledger migration has begun." in self.do(tom, page, post, window, "start")
        clock.shift(600)
        assert "is being checked" in self.do(tom, page, post, window, "verify")
        clock.shift(600)
        assert "Ledger migration is over. Undo" in self.do(tom, page, post, window, "finish")
        assert state(NOW + HOUR) is State.OK

    def test_start_says_until_when_before_and_what_it_did_after(self, tom: FlaskClient, page: Page, post: Post) -> None:
        window = planned(minutes=3 * 24 * 60)
        db.session.add(WindowSection(window_id=window.id, section_id=make.section("search").id, effect="warn"))
        db.session.commit()
        assert "Start now, until Wednesday 02:00" in page(tom.get(f"/admin/windows/{window.id}")).text
        said = self.do(tom, page, post, window, "start")
        assert "has begun. Documents is off until Wednesday 02:00. Search is slow until Wednesday 02:00." in said

    def test_start_of_what_is_kept_open_takes_nothing_off(self, ada: FlaskClient, page: Page, post: Post) -> None:
        window = planned()
        url = f"/admin/sections/documents/windows/{window.id}/overrule"
        post(ada, url, {**page(ada.get(url)).form(url), "reason": "Reads only"})
        assert "goes on until tomorrow 04:00. No section goes off." in self.do(ada, page, post, window, "start")

    def test_cancel_and_undo(self, tom: FlaskClient, page: Page, post: Post) -> None:
        window = planned()
        assert "Ledger migration is called off. Undo" in self.do(tom, page, post, window, "cancel")
        change = db.session.scalars(sa.select(Change)).one()
        answer = post(tom, f"/admin/changes/{change.id}/undo", follow_redirects=True)
        assert "Ledger migration: that was undone." in page(answer).text
        assert answer.request.path == f"/admin/windows/{window.id}"
        assert state(START) is State.DOWN

    def test_extend_by_a_chip_and_by_a_time(self, tom: FlaskClient, page: Page, post: Post) -> None:
        window = planned(start=NOW - HOUR)
        url = f"/admin/windows/{window.id}/extend"
        shown = page(tom.get(url))
        form, chip = shown.form(url), shown.all("button", name="until")[1].attrs["value"]
        said = page(post(tom, url, {**form, "until": chip}, follow_redirects=True)).one("div", id="done").text
        assert "now ends 16:00" in said
        form = page(tom.get(url)).form(url)
        post(tom, url, {**form, "until": "at", "until_at": "2026-11-21T17:00"})
        db.session.refresh(window)
        assert (window.ends_at, window.typed_end) == (NOW + 2.5 * HOUR, "2026-11-21T17:00")

    def test_change_the_plan(self, tom: FlaskClient, page: Page, post: Post) -> None:
        window = planned()
        url = f"/admin/windows/{window.id}/edit"
        form = page(tom.get(url)).one("form", id="plan").fields()
        assert (form["from_time"], form["to_time"], form["day"]) == ("02:00", "04:00", "2026-11-22")
        post(tom, url, {**form, "from_time": "03:00"})
        db.session.refresh(window)
        assert window.starts_at == START + HOUR

    def test_two_at_once_see_both_plans(self, tom: FlaskClient, page: Page, post: Post) -> None:
        window = planned()
        url = f"/admin/windows/{window.id}/edit"
        form = page(tom.get(url)).one("form", id="plan").fields()
        post(tom, url, {**form, "title": "Theirs"})
        answer = post(tom, url, {**form, "title": "Mine"})
        assert answer.status_code == 409
        assert all(words in answer.text for words in ("Theirs", "Mine", "Tom Reed"))

    def test_words_for_pagerdutys(self, tom: FlaskClient, page: Page, post: Post) -> None:
        window = make.window(make.component("payments"), start=START, message="Its own")
        url = f"/admin/windows/{window.id}/words"
        form = page(tom.get(url)).form(url)
        post(tom, url, {**form, "message": "You cannot pay."})
        shown = page(tom.get(f"/admin/windows/{window.id}")).text
        assert "You cannot pay." in shown
        assert "In place of PagerDuty’s: Its own" in shown

    def test_pagerdutys_has_no_other_acts(self, tom: FlaskClient, page: Page) -> None:
        window = make.window(make.component("payments"), start=START)
        shown = page(tom.get(f"/admin/windows/{window.id}"))
        assert shown.all("form", method="post") == []
        answer = tom.get(f"/admin/windows/{window.id}/edit")
        assert answer.status_code == 303

    def test_a_section_may_be_kept_open_in_spite_of_work_planned_here(
        self, ada: FlaskClient, page: Page, post: Post
    ) -> None:
        window = planned()
        url = f"/admin/sections/documents/windows/{window.id}/overrule"
        shown = page(ada.get(f"/admin/windows/{window.id}"))
        assert shown.one("a", href=url)
        form = page(ada.get(url)).form(url)
        said = page(post(ada, url, {**form, "reason": "Reads only"}, follow_redirects=True)).text
        assert "Documents stays open in spite of Ledger migration until tomorrow 04:00." in said
        assert state(START + HOUR) is State.OK

    @pytest.mark.parametrize("deed", ["start", "verify", "finish", "cancel"])
    def test_what_cannot_be_done_is_said(self, tom: FlaskClient, page: Page, post: Post, deed: str) -> None:
        window = planned(gone_at=NOW)
        answer = post(tom, f"/admin/windows/{window.id}/{deed}", {"version": "1"}, follow_redirects=True)
        assert answer.status_code == 200
        assert "version" not in page(answer).one("div", id="done").text

    @pytest.mark.parametrize("deed", ["", "/edit", "/words", "/extend"])
    def test_an_unknown_one_is_not_found(self, tom: FlaskClient, deed: str) -> None:
        assert tom.get(f"/admin/windows/999{deed}").status_code == 404

    def test_cancel_all_that_follow(self, tom: FlaskClient, documents: int, page: Page, post: Post) -> None:
        post(tom, NEW, form_of(tom, page, sections=str(documents), repeat="weekly", count="4"))
        window = db.session.scalars(sa.select(Window).order_by(Window.starts_at)).first()
        assert window is not None
        form = {"version": "1", "which": "following"}
        post(tom, f"/admin/windows/{window.id}/cancel", form)
        assert {row.gone_at for row in db.session.scalars(sa.select(Window))} == {NOW}
        change = db.session.scalars(sa.select(Change).order_by(Change.id.desc()).limit(1)).one()
        answer = post(tom, f"/admin/changes/{change.id}/undo", follow_redirects=True)
        assert answer.request.path == f"/admin/windows/{window.id}"
        assert "Windows 4" in page(tom.get("/admin/activity")).text


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_others_may_look_and_are_told_whom_to_ask(client_of: Client, page: Page, role: str) -> None:
    window = planned()
    shown = page(client_of(role).get("/admin/windows"))
    assert "To plan work, ask a delivery manager or an admin." in shown.text
    one = page(client_of(role).get(f"/admin/windows/{window.id}"))
    assert one.all("form", action=f"/admin/windows/{window.id}/cancel") == []
    assert client_of(role).get(NEW).status_code == 403
