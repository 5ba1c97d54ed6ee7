"""Followers: the numbers for everybody, the addresses for those who look after them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Delivery, Follower, Notification
from dashboard.views.follower_list import PAGE
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Node, Page, Post, check_parts, read
from tests.views.queries import questions

LIST = "/admin/followers"
SLACK = "https://hooks.slack.com/services/T1/B1/secret"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def addresses(page: Node) -> list[str]:
    return [p.text for p in page.all("p", class_="lines__name")]


def again(follower: Follower) -> Follower:
    db.session.expire_all()
    return db.session.get_one(Follower, follower.id)


class TestList:
    def test_nobody_yet(self, tom: FlaskClient, page: Page) -> None:
        found = page(tom.get(LIST))
        assert "Nobody follows yet" in found.text
        assert found.all("a", href="/admin/followers/import")

    def test_numbers_by_channel_and_thing(self, viewer: FlaskClient, page: Page) -> None:
        section, component = make.section("documents"), make.component("ledger")
        make.follower("a@larkfield.example", section)
        make.follower("b@larkfield.example", section, component)
        make.follower("c@larkfield.example")
        make.follower("d@larkfield.example", section, paused_at=NOW)
        make.follower("e@larkfield.example", section, confirmed_at=None)
        make.follower("https://hooks.larkfield.example/x", section, channel="webhook", is_staff=True)
        found = page(viewer.get(LIST))
        assert "3 are told" in found.text
        assert {row.text for row in found.all("div") if row.text in ("Documents 2", "Ledger 1", "Everything 1")}
        assert "1 paused · 1 not confirmed · 0 refused lately" in found.text
        assert "Documents 2" in page(viewer.get(f"{LIST}/things")).text

    def test_who_may_only_look_reads_no_address(self, viewer: FlaskClient, page: Page) -> None:
        make.follower("lin@larkfield.example")
        make.follower(SLACK, channel="slack", is_staff=True, name="Payments team")
        for path in (LIST, f"{LIST}?q=lin", "/admin/channels", f"{LIST}/things"):
            found = page(viewer.get(path))
            assert "lin@larkfield.example" not in found.text
            assert "hooks.slack.com" not in found.text
        assert "Payments team" in page(viewer.get("/admin/channels")).text

    @pytest.mark.parametrize(
        ("query", "wanted"),
        [
            ("q=LIN", {"lin@larkfield.example"}),
            ("q=%25", set()),
            ("channel=webhook", {"https://hooks.larkfield.example/x"}),
            ("state=paused", {"sam@larkfield.example"}),
            ("state=unconfirmed", {"kim@larkfield.example"}),
            ("state=bounced", {"sam@larkfield.example"}),
            ("state=told&channel=email", {"lin@larkfield.example"}),
            ("state=%00&channel=x", None),
        ],
    )
    def test_narrowed(self, tom: FlaskClient, page: Page, query: str, wanted: set[str] | None) -> None:
        make.follower("lin@larkfield.example")
        make.follower("sam@larkfield.example", paused_at=NOW, paused_why="The inbox is full", bounces=3)
        make.follower("kim@larkfield.example", confirmed_at=None)
        make.follower("https://hooks.larkfield.example/x", channel="webhook")
        make.follower("", left_at=NOW)
        found = set(addresses(page(tom.get(f"{LIST}?{query}"))))
        assert found == wanted if wanted is not None else len(found) == 4

    def test_pages(self, tom: FlaskClient, page: Page) -> None:
        for number in range(PAGE + 3):
            make.follower(f"person{number}@larkfield.example")
        first = page(tom.get(LIST))
        assert len(addresses(first)) == PAGE
        [older] = [a.attrs["href"] for a in first.all("a") if a.text == "Older"]
        assert addresses(page(tom.get(older))) == [f"person{number}@larkfield.example" for number in (2, 1, 0)]

    def test_as_many_questions_for_many_as_for_few(self, tom: FlaskClient) -> None:
        section = make.section()
        make.follower("first@larkfield.example", section)
        few = questions(tom, LIST)
        for number in range(20):
            make.follower(f"person{number}@larkfield.example", section)
        assert questions(tom, LIST) == few

    def test_htmx_gets_the_rows_alone(self, tom: FlaskClient) -> None:
        make.follower("lin@larkfield.example")
        answer = tom.get(f"{LIST}?q=lin", headers=HTMX)
        check_parts(read(answer.text))
        assert "lin@larkfield.example" in answer.text
        assert "<h1" not in answer.text


class TestOne:
    def test_what_it_is_told_of_and_how_it_is(self, tom: FlaskClient, page: Page) -> None:
        section, incident = make.section("documents"), make.incident("Payments are slow")
        follower = make.follower("lin@larkfield.example", section, incident, planned=False, zone="Europe/Berlin")
        found = page(tom.get(f"{LIST}/{follower.id}")).text
        assert "Documents, Payments are slow" in found
        assert "Kinds Problems" in found
        assert "Europe/Berlin" in found

    def test_its_log(self, tom: FlaskClient, page: Page) -> None:
        follower = make.follower()
        make.delivery(follower, "dead", answer="It answered 500.", tries=9)
        found = page(tom.get(f"{LIST}/{follower.id}")).text
        assert "Given up 14:30" in found
        assert "9 tries: It answered 500." in found

    def test_a_key_is_not_shown(self, tom: FlaskClient, page: Page) -> None:
        follower = make.follower(SLACK, channel="slack")
        found = page(tom.get(f"{LIST}/{follower.id}")).text
        assert "hooks.slack.com…cret" in found
        assert SLACK not in found

    def test_nor_is_one_that_stands_where_others_have_a_host(self, tom: FlaskClient, page: Page) -> None:
        make.follower("tgram://123456789:secret/-1001", channel="apprise", is_staff=True, name="Payments team")
        found = page(tom.get("/admin/channels")).text
        assert "tgram://…1001" in found
        assert "secret" not in found

    def test_edit(self, tom: FlaskClient, page: Page, post: Post) -> None:
        section, follower = make.section(), make.follower()
        edit = f"{LIST}/{follower.id}/edit"
        data = {**page(tom.get(edit)).form(edit), "what": "chosen", "sections": section.id, "zone": "Europe/Berlin"}
        assert post(tom, edit, data).status_code == 303
        shown = page(tom.get(f"{LIST}/{follower.id}")).text
        assert "Told of Direct deposit" in shown
        assert "Europe/Berlin" in shown

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"what": "chosen"}, "Choose a section or a component, or everything."),
            ({"problems": "", "planned": ""}, "Choose problems, planned work, or both."),
            ({"zone": "Mars/Base"}, "is not a time zone"),
            ({"sections": "999"}, "Choose from this list."),
        ],
    )
    def test_an_edit_that_makes_no_sense(
        self, tom: FlaskClient, page: Page, post: Post, given: dict[str, str], words: str
    ) -> None:
        make.section()
        edit = f"{LIST}/{make.follower().id}/edit"
        data = {**page(tom.get(edit)).form(edit), "what": "everything", **given}
        answer = post(tom, edit, {name: value for name, value in data.items() if value})
        assert answer.status_code == 422
        assert words in page(answer).text

    def test_two_at_once(self, tom: FlaskClient, page: Page, post: Post) -> None:
        follower = make.follower()
        post(tom, f"{LIST}/{follower.id}/pause", {"version": 1})
        answer = post(tom, f"{LIST}/{follower.id}/resume", {"version": 1})
        assert answer.status_code == 409
        assert "Tom Reed" in page(answer).text
        assert post(tom, f"{LIST}/{follower.id}/resume").status_code == 428

    def test_pause_and_resume(self, tom: FlaskClient, page: Page, post: Post) -> None:
        follower = make.follower()
        answer = post(tom, f"{LIST}/{follower.id}/pause", {"version": 1, "why": "Nobody reads it"}, headers=HTMX)
        check_parts(read(answer.text))
        assert "Nobody reads it" in answer.text
        assert again(follower).paused_at == NOW
        assert post(tom, f"{LIST}/{follower.id}/resume", {"version": 2}).status_code == 303
        assert "It is told again" in page(tom.get(f"{LIST}/{follower.id}")).text

    def test_a_test_waits_in_its_log(self, tom: FlaskClient, page: Page, post: Post) -> None:
        follower = make.follower()
        assert post(tom, f"{LIST}/{follower.id}/test", {"version": 1}).status_code == 303
        assert "This is a test from Larkfield" in page(tom.get(f"{LIST}/{follower.id}")).text
        assert db.session.scalars(sa.select(Delivery)).one().lane == "email"

    def test_no_test_to_who_is_paused(self, tom: FlaskClient, page: Page, post: Post) -> None:
        follower = make.follower(paused_at=NOW)
        post(tom, f"{LIST}/{follower.id}/test", {"version": 1})
        assert "Nothing is sent there now" in page(tom.get(f"{LIST}/{follower.id}")).text
        assert not db.session.scalars(sa.select(Delivery)).all()

    def test_removed_once_its_address_is_typed(self, tom: FlaskClient, page: Page, post: Post) -> None:
        follower = make.follower("lin@larkfield.example")
        assert post(tom, f"{LIST}/{follower.id}/remove", {"name": "sam@larkfield.example"}).status_code == 422
        assert again(follower).left_at is None
        assert post(tom, f"{LIST}/{follower.id}/remove", {"name": "LIN@larkfield.example"}).status_code == 303
        assert again(follower).address == ""
        assert "Left 14:30" in page(tom.get(f"{LIST}/{follower.id}")).text
        assert addresses(page(tom.get(LIST))) == []

    @pytest.mark.parametrize("path", ["", "/edit", "/remove"])
    def test_nobody_else_sees_one(self, viewer: FlaskClient, priya: FlaskClient, tom: FlaskClient, path: str) -> None:
        url = f"{LIST}/{make.follower().id}{path}"
        assert [client.get(url).status_code for client in (viewer, priya, tom)] == [403, 403, 200]


class TestDeliveries:
    DEAD = "/admin/notifications"

    def test_nothing_yet(self, viewer: FlaskClient, page: Page) -> None:
        found = page(viewer.get(self.DEAD)).text
        assert "Nothing waits to be sent." in found
        assert "Nothing has been told yet." in found

    def test_what_was_given_up_is_listed_and_sent_again(self, tom: FlaskClient, page: Page, post: Post) -> None:
        row = make.delivery(
            make.follower(paused_at=NOW, failing_since=NOW - timedelta(days=3)), "dead", answer="It hung."
        )
        found = page(tom.get(self.DEAD)).text
        assert "Documents is unavailable" in found
        assert "It hung." in found
        post(tom, f"{self.DEAD}/again", {"delivery": row.id})
        db.session.expire_all()
        assert db.session.get_one(Delivery, row.id).state == "waiting"
        assert "It is sent again." in page(tom.get(self.DEAD)).text

    @pytest.mark.parametrize(("fields", "number"), [({"all": 1}, 3), ({"follower": 1}, 2), ({"delivery": 999}, 0)])
    def test_one_all_of_a_follower_or_all(
        self, tom: FlaskClient, post: Post, fields: dict[str, int], number: int
    ) -> None:
        first, second = make.follower("a@larkfield.example"), make.follower("b@larkfield.example")
        for follower in (first, first, second):
            make.delivery(follower, "dead")
        post(tom, f"{self.DEAD}/again", {name: first.id if name == "follower" else id for name, id in fields.items()})
        waiting = sa.select(sa.func.count()).select_from(Delivery).where(Delivery.state == "waiting")
        assert db.session.scalar(waiting) == number

    def test_one_that_was_paused_by_a_word_is_not_sent(self, tom: FlaskClient, page: Page, post: Post) -> None:
        row = make.delivery(make.follower(paused_at=NOW), "dead")
        answer = post(tom, f"{self.DEAD}/again", {"delivery": row.id}, headers=HTMX)
        assert "Nothing could be sent again" in answer.text
        check_parts(read(answer.text))

    def test_how_far_one_notification_is(self, viewer: FlaskClient, page: Page) -> None:
        row = make.delivery(make.follower(), "sent")
        found = page(viewer.get(f"{self.DEAD}/{row.notification_id}"))
        assert "1 sent, 0 waiting, 0 given up" in found.text
        assert found.one("div", id="progress").attrs.get("hx-trigger") is None

    def test_it_looks_after_itself_while_something_waits(self, viewer: FlaskClient) -> None:
        row = make.delivery(make.follower("lin@larkfield.example"), "waiting", tries=2, answer="It answered 500.")
        answer = viewer.get(f"{self.DEAD}/{row.notification_id}", headers=HTMX)
        assert 'hx-trigger="every' in answer.text
        assert "2 tries" in answer.text

    def test_who_may_only_look_reads_no_answer(self, viewer: FlaskClient, tom: FlaskClient, page: Page) -> None:
        said = "It answered 550: <lin@larkfield.example> is not here."
        row = make.delivery(make.follower("lin@larkfield.example"), "dead", answer=said)
        for path in (self.DEAD, f"{self.DEAD}/{row.notification_id}"):
            assert "lin@" not in viewer.get(path).text
            assert said in page(tom.get(path)).text

    def test_as_many_questions_for_many_as_for_few(self, tom: FlaskClient) -> None:
        first = make.delivery(make.follower("first@larkfield.example"), "dead")
        paths = self.DEAD, f"{self.DEAD}/{first.notification_id}"
        few = [questions(tom, path) for path in paths]
        for number in range(10):
            make.delivery(make.follower(f"person{number}@larkfield.example"), "dead")
        assert [questions(tom, path) for path in paths] == few

    def test_what_one_alone_was_told_has_no_page(self, ada: FlaskClient) -> None:
        row = make.delivery(make.follower(), "sent", audience="one")
        assert ada.get(f"{self.DEAD}/{row.notification_id}").status_code == 404
        assert ada.get(f"{self.DEAD}/999").status_code == 404

    @pytest.mark.parametrize("state", ["pending", "sending"])
    def test_what_is_still_to_be_told_is_counted(self, viewer: FlaskClient, page: Page, state: str) -> None:
        follower = make.follower()
        for audience in ("public", "staff"):
            row = make.delivery(follower, audience=audience)
            told = db.session.get_one(Notification, row.notification_id)
            told.state, told.revision = state, 1
        db.session.commit()
        assert "1 change is still to be told. 2 messages wait to be sent." in page(viewer.get(self.DEAD)).text

    def test_where_nobody_was_to_be_told_it_says_so(self, viewer: FlaskClient, page: Page) -> None:
        row = make.delivery(make.follower(), "sent")
        url = f"{self.DEAD}/{row.notification_id}"
        assert page(viewer.get(self.DEAD)).one("li", id=f"notification-{row.notification_id}").text.endswith("Told")
        db.session.delete(row)
        db.session.commit()
        assert "Nobody to tell" in page(viewer.get(self.DEAD)).text
        assert "Nobody to tell." in page(viewer.get(url)).text
        db.session.execute(sa.update(Notification).values(made_at=NOW - timedelta(days=91)))
        db.session.commit()
        assert "Nobody to tell" not in page(viewer.get(self.DEAD)).text

    def test_what_teams_were_told_is_told_apart(self, viewer: FlaskClient, page: Page) -> None:
        follower, both = make.follower(), ("public", "staff")
        ids = {one: make.delivery(follower, "sent", audience=one).notification_id for one in both}
        for whom, shown in (("", both), ("public", both[:1]), ("staff", both[1:]), ("x", both)):
            lines = page(viewer.get(f"{self.DEAD}?to={whom}")).all("li", class_="lines__row lines__row--sent")
            assert {line.attrs["id"] for line in lines} == {f"notification-{ids[one]}" for one in shown}

    def test_an_admin_stops_one_message(self, ada: FlaskClient, tom: FlaskClient, page: Page, post: Post) -> None:
        row = make.delivery(make.follower("lin@larkfield.example"), "waiting")
        url = f"{self.DEAD}/{row.notification_id}"
        assert post(tom, f"{url}/stop").status_code == 403
        assert post(ada, f"{self.DEAD}/999/stop").status_code == 404
        assert "Stop this message" in page(ada.get(url)).text
        assert post(ada, f"{url}/stop").status_code == 303
        shown = page(ada.get(url)).text
        assert "It is sent to nobody else." in shown
        assert "1 not sent: stopped" in shown
        assert "Stop this message" not in shown
        assert post(ada, f"{url}/stop", headers=HTMX).headers["HX-Redirect"] == url
        assert "Nothing of it was waiting." in page(ada.get(url)).text

    def test_an_admin_holds_all_sending(self, ada: FlaskClient, tom: FlaskClient, page: Page, post: Post) -> None:
        assert post(tom, f"{self.DEAD}/hold").status_code == 403
        assert post(ada, f"{self.DEAD}/hold").status_code == 303
        assert "Nothing is sent to followers" in page(tom.get(LIST)).text
        answer = post(ada, f"{self.DEAD}/go", headers=HTMX)
        check_parts(read(answer.text))
        assert "Sending goes on" in answer.text
        assert "An admin has held" not in page(tom.get(LIST)).text
