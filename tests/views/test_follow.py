"""The public flow: a form, a link, a button; the same words for everybody; no cookie, no token in anybody's log."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from dashboard import links, publish
from dashboard.actions import following
from dashboard.actions.follower_rows import Wants, wants_of
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Delivery, Follow, Follower, Notification
from tests import make
from tests.conftest import NOW
from tests.views.page import Node, check_open, read

LIN = "lin@larkfield.example"
HOOK = "https://hooks.larkfield.example/status"
FORM = {"by": "email", "scope": "everything", "problems": "y", "planned": "y", "address": LIN}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, smtp_url="smtp://127.0.0.1:2525", mail_from="status@larkfield.example")


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def visitor(app: Flask, clock) -> FlaskClient:
    make.section("direct_deposit"), make.section("messages"), make.component("ledger")
    publish.publish(NOW)
    return app.test_client()


def ask(visitor: FlaskClient, **given: object) -> TestResponse:
    return visitor.post("/follow/", data={**FORM, **given})


def link(purpose: str, follower: Follower) -> str:
    return links.token(current_app.config["SECRET_KEY"], purpose, follower.id, follower.salt)


def manage(follower: Follower) -> str:
    return f"/follow/manage/{link(links.MANAGE, follower)}"


def one() -> Follower:
    return db.session.scalars(sa.select(Follower).order_by(Follower.id.desc())).first()


def asked_for() -> list[str]:
    """The links to confirm that were sent, as paths."""
    found = db.session.scalars(sa.select(Notification).where(Notification.kind == "confirm").order_by(Notification.id))
    return [row.message["link"]["href"].removeprefix("http://status.example.org") for row in found]


class TestTheForm:
    def test_it_offers_everything_at_first(self, visitor: FlaskClient) -> None:
        form = check_open(visitor.get("/follow/")).one("form")
        assert form.fields() == {**FORM, "about": "", "zone": "", "address": "", "website": ""}

    @pytest.mark.parametrize(
        ("query", "about"),
        [("section=direct_deposit", "section-direct_deposit"), ("component=ledger", "component-ledger")],
    )
    def test_or_what_its_page_is_about(self, visitor: FlaskClient, query: str, about: str) -> None:
        page = check_open(visitor.get(f"/follow/?{query}"))
        fields = page.one("form").fields()
        assert (fields["scope"], fields["about"]) == ("about", about)
        assert "Get updates about" in page.one("h1").text

    def test_every_public_page_leads_there(self, visitor: FlaskClient) -> None:
        for path, query in (("/", ""), ("/sections/messages/", "?section=messages")):
            answer = visitor.get(path)
            here = read(answer.text).one("header", class_="masthead").one("a", class_="btn noprint").attrs["href"]
            assert urljoin(path, here) == f"/follow/{query}"
            assert "Set-Cookie" not in answer.headers

    def test_so_do_the_pages_of_systems_and_of_open_problems(self, visitor: FlaskClient) -> None:
        incident = make.incident()
        make.update(incident)
        publish.publish(NOW)
        for path, query in (("/components/ledger/", "component=ledger"), (f"/incidents/{incident.id}/", "incident=1")):
            here = read(visitor.get(path).text).one("header", class_="masthead").one("a", class_="btn noprint")
            there = urljoin(path, here.attrs["href"])
            assert there == f"/follow/?{query}"
            assert check_open(visitor.get(there)).one("form").fields()["about"] == query.replace("=", "-")

    def test_what_is_gone_is_said_and_everything_offered(self, visitor: FlaskClient) -> None:
        page = check_open(visitor.get("/follow/?section=old_one"))
        assert "is no longer there" in page.text
        assert page.one("form").fields()["scope"] == "everything"

    def test_feeds_and_calendars_lie_beside(self, visitor: FlaskClient) -> None:
        page = check_open(visitor.get("/follow/?section=messages"))
        beside = {urljoin("/follow/", a.attrs["href"]) for a in page.one("ul", class_="ways").all("a")}
        assert {"/history.atom", "/sections/messages.ics", "/follow/?by=webhook&section=messages"} <= beside
        assert all(visitor.get(path).status_code == 200 for path in beside)

    def test_a_way_that_is_not_offered_is_another_one(self, visitor: FlaskClient) -> None:
        assert check_open(visitor.get("/follow/?by=pigeon")).one("form").fields()["by"] == "email"

    def test_nothing_of_it_stays_in_caches_or_search_engines(self, visitor: FlaskClient) -> None:
        headers = visitor.get("/follow/").headers
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert "'unsafe" not in headers["Content-Security-Policy"]


class TestAsk:
    def test_three_steps(self, visitor: FlaskClient) -> None:
        asked = ask(visitor, zone="Europe/Berlin")
        assert (asked.status_code, asked.location) == (303, "asked/?by=email")
        assert "Check your inbox" in check_open(visitor.get("/follow/asked/?by=email")).text
        assert check_open(visitor.get(asked_for()[0])).one("form").one("button").text == "Yes, send updates"
        done = visitor.post(asked_for()[0])
        page = check_open(visitor.get(urljoin(asked_for()[0], done.location)))
        assert "You will get updates from now on" in page.text
        assert (one().confirmed_at, one().zone, one().everything) == (NOW, "Europe/Berlin", True)

    @pytest.mark.parametrize(
        ("by", "address"),
        [
            ("slack", "https://hooks.slack.com/services/T0/B0/hush"),
            ("teams", "https://larkfield.webhook.office.com/webhookb2/hush"),
        ],
    )
    def test_into_a_channel(self, visitor: FlaskClient, by: str, address: str) -> None:
        asked = ask(visitor, by=by, address=address)
        page = check_open(visitor.get(urljoin("/follow/", asked.location)))
        assert page.one("h1").text == "Look into the channel"
        assert visitor.post(asked_for()[0]).status_code == 303
        assert (one().channel, one().confirmed_at) == (by, NOW)

    def test_opening_the_link_confirms_nothing(self, visitor: FlaskClient) -> None:
        ask(visitor)
        visitor.get(asked_for()[0])
        visitor.head(asked_for()[0])
        assert one().confirmed_at is None

    def test_whoever_confirms_reads_what_and_where(self, visitor: FlaskClient) -> None:
        incident = make.incident("Letters are late")
        make.update(incident)
        publish.publish(NOW)
        ask(visitor, scope="about", about="section-messages", planned="")
        ask(visitor, scope="about", about=f"incident-{incident.id}")
        page = check_open(visitor.get(asked_for()[0]))
        name = db.session.get_one(make.Section, 2).name
        assert f"about {name} (problems) and Letters are late , by e-mail to {LIN} ." in page.text

    def test_but_not_the_key_to_a_channel(self, visitor: FlaskClient) -> None:
        ask(visitor, by="slack", address="https://hooks.slack.com/services/T0/B0/hush")
        page = check_open(visitor.get(asked_for()[0]))
        assert "everything (problems and planned work) , in Slack, by hooks.slack.com ." in page.text
        assert "hush" not in page.text

    def test_only_what_is_chosen(self, visitor: FlaskClient) -> None:
        ask(visitor, scope="chosen", section=["messages", "gone"], component="ledger", planned="")
        assert wants_of(one()) == Wants(sections=frozenset({2}), components=frozenset({1}), planned=False)

    def test_only_what_the_page_was_about(self, visitor: FlaskClient) -> None:
        ask(visitor, scope="about", about="section-messages", section="direct_deposit")
        assert wants_of(one()) == Wants(sections=frozenset({2}))

    def test_an_incident_alone(self, visitor: FlaskClient) -> None:
        incident = make.incident()
        make.update(incident)
        publish.publish(NOW)
        ask(visitor, scope="about", about=f"incident-{incident.id}", problems="", planned="")
        assert db.session.scalars(sa.select(Follow.incident_id)).all() == [incident.id]
        assert not one().problems  # of the rest
        assert not one().everything

    def test_a_zone_that_nobody_knows_is_the_pages(self, visitor: FlaskClient) -> None:
        ask(visitor, zone="Mars/Olympus")
        assert one().zone == ""

    def test_known_or_not_the_words_are_the_same(self, visitor: FlaskClient) -> None:
        make.follower(LIN)
        known, new = ask(visitor), ask(visitor, address="kim@larkfield.example")
        again = ask(visitor)
        answers = {(answer.status_code, answer.location, answer.text) for answer in (known, new, again)}
        assert len(answers) == 1
        assert len(asked_for()) == 2

    def test_who_follows_already_adds_to_it(self, visitor: FlaskClient) -> None:
        make.follower(LIN, db.session.get_one(make.Section, 1))
        ask(visitor, scope="about", about="section-messages")
        visitor.post(asked_for()[0])
        assert wants_of(db.session.get_one(Follower, 1)).sections == {1, 2}

    def test_the_link_works_for_a_day_and_once(self, visitor: FlaskClient, clock) -> None:
        ask(visitor)
        path = asked_for()[0]
        clock.shift(timedelta(hours=24, seconds=1))
        assert (visitor.get(path).status_code, visitor.post(path).status_code) == (410, 410)
        ask(visitor)
        assert visitor.post(asked_for()[1]).status_code == 303
        assert visitor.post(asked_for()[1]).status_code == 410
        assert visitor.get(path).status_code == 404

    def test_whoever_fills_in_the_trap_believes_that_they_were_heard(self, visitor: FlaskClient) -> None:
        answer = ask(visitor, website="https://spam.example")
        assert answer.location == ask(visitor).location
        assert len(asked_for()) == 1

    @pytest.mark.parametrize(
        ("given", "name", "sentence"),
        [
            ({"address": "lin"}, "address", "not an e-mail address"),
            ({"address": ""}, "address", "not an e-mail address"),
            ({"address": "a@b.example\r\nBcc: c@d.example"}, "address", "not an e-mail address"),
            ({"scope": "chosen"}, "scope", "Tick at least one"),
            ({"scope": ""}, "scope", "Choose what"),
            ({"problems": "", "planned": ""}, "problems", "Choose problems"),
            ({"scope": "about", "about": "section-old"}, "scope", "no longer there"),
            ({"scope": "about", "about": "incident-1"}, "scope", "is resolved"),
            ({"by": "webhook", "address": "http://127.0.0.1/x"}, "address", "not on the public internet"),
            ({"by": "webhook", "address": "ftp://larkfield.example"}, "address", "not a web address"),
            ({"by": "webhook", "address": HOOK, "contact": "nobody"}, "contact", "not an e-mail address"),
        ],
    )
    def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(
        self, visitor: FlaskClient, given: dict[str, str], name: str, sentence: str
    ) -> None:
        incident = make.incident()
        make.update(incident, stage="resolved")
        publish.publish(NOW)
        answer = ask(visitor, **given)
        page = check_open(answer)
        assert answer.status_code == 422
        assert sentence in page.one(id=f"{name}-error").text
        assert sentence in page.one(id="errors").text
        assert page.one(id="address").attrs["value"] == " ".join({**FORM, **given}["address"].split())
        assert db.session.scalars(sa.select(Follower)).all() == []

    @pytest.mark.parametrize(
        ("by", "label"),
        [("slack", "Incoming webhook of your Slack"), ("teams", "Webhook of"), ("webhook", "Address of")],
    )
    def test_the_summary_names_the_field_as_the_form_does(self, visitor: FlaskClient, by: str, label: str) -> None:
        page = check_open(ask(visitor, by=by, address="lin", contact="nobody"))
        said = [link.text for link in page.one(id="errors").all("a")]
        labels = {found.attrs.get("for"): found.text for found in page.all("label")}
        assert [one.partition(":")[0] for one in said] == [labels["address"], labels["contact"]]
        assert said[0].startswith(label)

    def test_what_only_staff_may_add_is_no_way_for_the_public(self, visitor: FlaskClient) -> None:
        answer = ask(visitor, by="apprise", address="tgram://123456789:abcdefg_hijklmnop/12315544/")
        assert answer.status_code == 422
        assert db.session.scalars(sa.select(Follower)).all() == []

    def test_five_links_a_day_to_one_address(self, visitor: FlaskClient) -> None:
        assert [ask(visitor).status_code for _ in range(6)] == [303] * 5 + [429]
        assert len(asked_for()) == 1
        assert ask(visitor, address="kim@larkfield.example").status_code == 303

    def test_an_inbox_has_many_names(self, visitor: FlaskClient) -> None:
        names = ("kim+%d@larkfield.example", "k.im+%d@larkfield.example")
        asked = [ask(visitor, address=names[n % 2] % n).status_code for n in range(6)]
        assert asked == [303] * 5 + [429]

    def test_nor_is_an_inbox_named_by_one_endpoint_after_the_other(self, visitor: FlaskClient) -> None:
        hooks = ({"address": f"{HOOK}/{n}", "contact": f"k.im+{n}@larkfield.example"} for n in range(6))
        assert [ask(visitor, by="webhook", **given).status_code for given in hooks] == [200] * 5 + [429]
        assert ask(visitor, address="kim@larkfield.example").status_code == 429

    def test_who_reads_mail_is_whom_it_is_for(self, visitor: FlaskClient) -> None:
        """Another address would be sent the key to it, if it failed."""
        assert ask(visitor, contact="eve@larkfield.example").status_code == 303
        assert one().contact == ""

    def test_thirty_an_hour_from_one_address(self, visitor: FlaskClient) -> None:
        many = [ask(visitor, address=f"lin{n}@larkfield.example") for n in range(31)]
        assert [answer.status_code for answer in many] == [303] * 30 + [429]
        page = check_open(many[-1])
        assert "Wait a few hours" in page.one(id="errors").text
        assert page.one(id="address").attrs["value"] == "lin30@larkfield.example"

    @pytest.mark.parametrize("origin", ["https://evil.example", "null"])
    def test_not_from_another_website(self, visitor: FlaskClient, origin: str) -> None:
        answer = visitor.post("/follow/", data=FORM, headers={"Origin": origin})
        assert answer.status_code == 403
        assert asked_for() == []

    def test_a_browser_says_that_it_comes_from_here(self, visitor: FlaskClient) -> None:
        assert visitor.post("/follow/", data=FORM, headers={"Origin": "http://status.example.org"}).status_code == 303

    def test_while_the_database_is_away_nothing_typed_is_lost(
        self, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_: object) -> None:
            raise OperationalError("", {}, Exception("gone"))

        monkeypatch.setattr(following, "ask", gone)
        answer = ask(visitor)
        page = check_open(answer)
        assert answer.status_code == 503
        assert "Nothing that you typed is lost" in page.one(id="errors").text
        assert page.one(id="address").attrs["value"] == LIN


class TestEndpoint:
    @pytest.fixture
    def shown(self, visitor: FlaskClient) -> Node:
        answer = ask(visitor, by="webhook", address=HOOK)
        assert answer.status_code == 200
        return check_open(answer)

    def test_its_secret_is_shown_once(self, shown: Node, visitor: FlaskClient) -> None:
        path = urljoin("/follow/", shown.one("form").attrs["action"])
        assert shown.one(id="secret").text == one().secret
        assert one().secret not in visitor.get(path).text

    def test_what_answers_the_challenge_is_said_in_full(self, shown: Node, visitor: FlaskClient) -> None:
        path = urljoin("/follow/", shown.one("form").attrs["action"])
        for page in (shown, read(visitor.get(path).text)):
            assert '{"challenge": "…"}' in page.text
            assert "the whole body is no answer" in page.text

    def test_a_challenge_is_posted_when_they_say_so(self, shown: Node, visitor: FlaskClient) -> None:
        path = urljoin("/follow/", shown.one("form").attrs["action"])
        assert db.session.scalars(sa.select(Delivery)).all() == []
        answer = visitor.post(path)
        assert urljoin(path, answer.location) == path
        assert "Waiting" in check_open(visitor.get(path)).one("h1").text
        assert db.session.scalars(sa.select(Delivery.lane)).one() == "webhook:hooks.larkfield.example"

    def test_once_it_has_answered_it_is_told(self, shown: Node, visitor: FlaskClient) -> None:
        path = urljoin("/follow/", shown.one("form").attrs["action"])
        visitor.post(path)
        following.confirmed(one().id, NOW)
        page = check_open(visitor.get(path))
        assert "has answered" in page.one("h1").text
        there = urljoin(path, page.one("a", class_="btn btn--main").attrs["href"])
        assert "hooks.larkfield.example" in check_open(visitor.get(there)).text

    def test_who_asked_for_it_cannot_confirm_it_by_a_link(self, shown: Node, visitor: FlaskClient) -> None:
        token = shown.one("form").attrs["action"].rpartition("/")[2]
        assert visitor.post(f"/follow/confirm/{token}").status_code == 404
        assert one().confirmed_at is None

    def test_challenges_have_a_measure(self, shown: Node, visitor: FlaskClient) -> None:
        path = urljoin("/follow/", shown.one("form").attrs["action"])
        assert [visitor.post(path).status_code for _ in range(21)] == [303] * 20 + [429]


class TestManage:
    def test_it_shows_what_is_chosen(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN, db.session.get_one(make.Section, 2), planned=False, zone="Europe/Berlin")
        page = check_open(visitor.get(manage(lin)))
        assert [box.attrs["value"] for box in page.all("input", name="section") if "checked" in box.attrs] == [
            "messages"
        ]
        assert page.one(id="your-zone").attrs["value"] == "Europe/Berlin"
        assert LIN in page.text

    def test_it_is_changed(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        data = {"version": lin.version, "scope": "chosen", "section": ["messages"], "problems": "y", "zone": ""}
        answer = visitor.post(manage(lin), data=data)
        assert "Your changes are saved" in check_open(visitor.get(urljoin(manage(lin), answer.location))).text
        assert wants_of(lin) == Wants(sections=frozenset({2}), planned=False)

    def test_a_zone_in_any_case(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        data = {"version": lin.version, "scope": "everything", "problems": "y", "zone": "europe/london"}
        assert visitor.post(manage(lin), data=data).status_code == 303
        assert lin.zone == "Europe/London"

    def test_an_incident_alone_needs_no_kind(self, visitor: FlaskClient) -> None:
        incident = make.incident()
        make.update(incident)
        publish.publish(NOW)
        lin = make.follower(LIN, incident, problems=False, planned=False)
        data = {"version": lin.version, "scope": "chosen", "incident": [f"{incident.id}"], "zone": "Europe/Berlin"}
        assert visitor.post(manage(lin), data=data).status_code == 303

    def test_an_incident_is_let_go(self, visitor: FlaskClient) -> None:
        incident, other = make.incident(), make.incident("Letters are late")
        make.update(incident)
        publish.publish(NOW)
        lin = make.follower(LIN, incident, other)
        visitor.post(manage(lin), data={"version": lin.version, "scope": "everything", "problems": "y"})
        let_go = sa.select(Follow.incident_id).where(Follow.let_go.is_(True))
        assert db.session.scalars(let_go).all() == [incident.id]  # the other is not shown
        assert "Single problems" not in check_open(visitor.get(manage(lin))).text

    @pytest.mark.parametrize(
        ("given", "name"),
        [({"zone": "Mars"}, "your-zone"), ({"scope": "chosen"}, "scope"), ({"problems": ""}, "problems")],
    )
    def test_what_is_wrong_is_said_beside_it(self, visitor: FlaskClient, given: dict[str, str], name: str) -> None:
        lin = make.follower(LIN)
        data = {"version": lin.version, "scope": "everything", "problems": "y", "zone": "Europe/Berlin", **given}
        answer = visitor.post(manage(lin), data=data)
        assert answer.status_code == 422
        page = check_open(answer)
        assert page.one(id=f"{name}-error").text
        assert page.one(id="your-zone").attrs["value"] == data["zone"]

    def test_who_is_told_that_it_is_silent_has_a_measure(self, visitor: FlaskClient) -> None:
        hook = make.follower(HOOK, channel="webhook")
        data = {"scope": "everything", "problems": "y"}
        for n in range(6):
            given = {**data, "version": hook.version, "contact": f"kim+{n}@larkfield.example"}
            answer = visitor.post(manage(hook), data=given)
        assert (answer.status_code, hook.contact) == (429, "kim+4@larkfield.example")
        assert "Wait a few hours" in check_open(answer).one(id="errors").text
        assert visitor.post(manage(hook), data={**given, "contact": hook.contact}).status_code == 303

    def test_another_tab_was_quicker(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        data = {"version": lin.version, "scope": "everything", "problems": "y"}
        visitor.post(manage(lin), data=data)
        answer = visitor.post(manage(lin), data={**data, "zone": "Europe/Berlin"})
        assert answer.status_code == 409
        page = check_open(answer)
        assert "changed meanwhile" in page.text
        assert page.one(id="your-zone").attrs["value"] == "Europe/Berlin"
        assert visitor.post(manage(lin), data={"scope": "everything"}).status_code == 428

    def test_paused_and_resumed(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        data = {"version": lin.version, "scope": "everything", "problems": "y", "do": "pause"}
        paused = visitor.post(manage(lin), data=data)
        assert "Your updates are paused" in check_open(visitor.get(urljoin(manage(lin), paused.location))).text
        assert (lin.paused_at, lin.planned) == (NOW, False)  # what was chosen beside it is kept
        visitor.post(f"{manage(lin)}/resume")
        assert lin.paused_at is None

    def test_a_new_secret_is_shown_once(self, visitor: FlaskClient) -> None:
        hook = make.follower(HOOK, channel="webhook", secret="whsec_old")
        page = check_open(visitor.post(f"{manage(hook)}/secret"))
        assert page.one(id="secret").text == hook.secret != "whsec_old"
        assert hook.secret not in visitor.get(manage(hook)).text

    def test_there_is_none_for_mail(self, visitor: FlaskClient) -> None:
        assert visitor.post(f"{manage(make.follower(LIN))}/secret").status_code == 404

    def test_what_is_secret_in_an_address_is_not_shown(self, visitor: FlaskClient) -> None:
        hook = make.follower("https://hooks.slack.example/services/T1/B1/hush", channel="slack")
        page = check_open(visitor.get(manage(hook)))
        assert "hush" not in page.text
        assert "hooks.slack.example" in page.text

    def test_a_teams_own_channel_is_for_its_admin(self, visitor: FlaskClient) -> None:
        team = make.follower(LIN, is_staff=True)
        stop = manage(team).replace("manage", "stop")
        assert (visitor.get(manage(team)).status_code, visitor.post(stop).status_code) == (403, 403)
        assert team.left_at is None


class TestStop:
    def test_one_is_asked_once_more(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        page = check_open(visitor.get(manage(lin)))
        [way] = [link for link in page.all("a") if "Stop all updates" in link.text]
        assert "Stop all updates?" in check_open(visitor.get(urljoin(manage(lin), way.attrs["href"]))).text
        assert not any("stop" in form.attrs["action"] for form in page.all("form"))
        assert lin.left_at is None

    def test_one_click_of_a_mail_program(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        path = manage(lin).replace("manage", "stop")
        assert visitor.post(path, data=ONE_CLICK).status_code == 200
        assert (lin.address, lin.left_at) == ("", NOW)
        assert visitor.post(path, data=ONE_CLICK).status_code == 200

    @pytest.mark.parametrize("origin", ["null", "https://mail.example.org"])
    def test_from_whatever_page_of_a_mail_program(self, visitor: FlaskClient, origin: str) -> None:
        lin = make.follower(LIN)
        path, asked = manage(lin).replace("manage", "stop"), {"headers": {"Origin": origin}}
        kind = "multipart/form-data"  # as RFC 8058 likes it best
        assert visitor.post(path, data=ONE_CLICK, content_type=kind, **asked).status_code == 200
        assert lin.left_at == NOW
        assert visitor.post("/follow/", data=FORM, **asked).status_code == 403

    def test_opening_the_link_asks_first(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        page = check_open(visitor.get(manage(lin).replace("manage", "stop")))
        assert page.one("form").one("button").text == "Stop all updates"
        assert lin.left_at is None

    def test_nor_does_looking_whether_it_leads_anywhere_stop_it(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        answer = visitor.head(manage(lin).replace("manage", "stop"))
        assert (answer.status_code, answer.data, lin.left_at) == (200, b"", None)

    def test_before_it_is_confirmed_too(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN, confirmed_at=None)
        assert visitor.post(manage(lin).replace("manage", "stop"), data=ONE_CLICK).status_code == 200
        assert lin.address == ""


class TestLinks:
    def test_of_who_has_left_it_is_said_kindly(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        path, confirm = manage(lin), f"/follow/confirm/{link(links.CONFIRM, lin)}"
        following.stop(lin.id, NOW)
        for answer in (visitor.get(path), visitor.get(confirm), visitor.post(path)):
            assert answer.status_code == 410
            assert "were stopped" in check_open(answer).text

    def test_of_nobody(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        other = links.token("another secret", links.MANAGE, lin.id, lin.salt)
        for given in (other, "1-x", "999-x", "x", "99999999999-x", link(links.CONFIRM, lin)):
            for answer in (visitor.get(f"/follow/manage/{given}"), visitor.post(f"/follow/stop/{given}")):
                assert answer.status_code == 404
                assert "newer message" in check_open(answer).text

    def test_nobody_learns_from_a_number_whether_its_follower_has_left(self, visitor: FlaskClient) -> None:
        lin = make.follower(LIN)
        following.stop(lin.id, NOW)
        for path in ("manage", "stop", "confirm"):
            wrong, none = (visitor.post(f"/follow/{path}/{id}-x") for id in (lin.id, 999))
            assert (wrong.status_code, wrong.text) == (none.status_code, none.text) == (404, none.text)

    def test_of_who_has_not_confirmed(self, visitor: FlaskClient) -> None:
        answer = visitor.get(manage(make.follower(LIN, confirmed_at=None)))
        assert answer.status_code == 404
        assert "24 hours" in check_open(answer).text

    def test_no_log_holds_one(self, visitor: FlaskClient, capsys, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        ask(visitor)
        token = asked_for()[0].rpartition("/")[2]
        visitor.get(asked_for()[0])
        visitor.post(asked_for()[0])
        assert token not in "".join(capsys.readouterr()) + caplog.text

    def test_while_the_database_is_away_it_is_said_kindly(
        self, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_: object) -> None:
            raise OperationalError("", {}, Exception("gone"))

        monkeypatch.setattr(following, "confirmed", gone)
        ask(visitor)
        answer = visitor.post(asked_for()[0])
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert check_open(answer).one("form").one("button").text == "Send it again"

    @pytest.mark.parametrize("act", ["", "/secret"])
    def test_nor_is_what_they_chose_lost(self, visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
        def gone(*_: object) -> None:
            raise OperationalError("", {}, Exception("gone"))

        for name in ("edit", "rotate"):
            monkeypatch.setattr(following, name, gone)
        path = manage(make.follower(HOOK, channel="webhook")) + act
        answer = visitor.post(path, data={"version": "1", "scope": "chosen", "section": "messages", "problems": "y"})
        page = check_open(answer)
        assert answer.status_code == 503
        assert page.one("form").fields() == {"version": "1", "scope": "chosen", "section": "messages", "problems": "y"}
        sheets = [
            urljoin(path, sheet.attrs["href"]) for sheet in page.all("link") if sheet.attrs["rel"] == "stylesheet"
        ]
        assert all(visitor.get(sheet).status_code == 200 for sheet in sheets)

    def test_a_database_that_only_reads_is_away(self, visitor: FlaskClient) -> None:
        is_postgres = db.engine.dialect.name == "postgresql"
        only_read = "SET default_transaction_read_only = on" if is_postgres else "PRAGMA query_only = on"

        def prepare(connection: DBAPIConnection, *_: object) -> None:
            connection.cursor().execute(only_read)
            connection.commit()

        path = manage(make.follower(LIN))
        db.session.remove(), db.engine.dispose()
        sa.event.listen(db.engine, "checkout", prepare)
        try:
            answers = [ask(visitor), visitor.post(f"{path}/resume")]
        finally:
            sa.event.remove(db.engine, "checkout", prepare)
            db.session.remove(), db.engine.dispose()
        assert [answer.status_code for answer in answers] == [503] * 2

    def test_nobody_is_told_where_they_go_on_from(self, visitor: FlaskClient) -> None:
        assert visitor.get(manage(make.follower(LIN))).headers["Referrer-Policy"] == "strict-origin"


def test_without_a_server_for_mail_other_ways_are_offered(app: Flask, clock) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], smtp_url="")
    fields = check_open(app.test_client().get("/follow/")).one("form").fields()
    assert fields["by"] != "email"
    assert ask(app.test_client(), by="email", address=LIN).status_code == 422
