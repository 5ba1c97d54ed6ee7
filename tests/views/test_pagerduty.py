"""PagerDuty's screen: how it answers in words, its services, mapping one, and trying it first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.demo.pagerduty_double import Answer
from dashboard.models import Change, Component, Dependency, Service, Window
from tests import make
from tests.doubles.pagerduty import Faulty
from tests.views.page import HTMX, Client, Page, Post, check_parts, read

LIST, SERVICES = "/admin/pagerduty", "/admin/pagerduty/services"
MAP, TRY, UNMAP = f"{SERVICES}/P0AAAA1", f"{SERVICES}/P0AAAA1/try", f"{SERVICES}/P0AAAA1/unmap"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def pagerduty() -> Iterator[Faulty]:
    with Faulty(now) as double:
        double.add_service("P0AAAA1", "External: Ledger")
        double.add_service("P0BBBB2", "Internal: Builds")
        yield double


@pytest.fixture
def settings(settings: Settings, pagerduty: Faulty) -> Settings:
    return replace(
        settings,
        pagerduty_url=pagerduty.url,
        pagerduty_api_key=pagerduty.key,
        pagerduty_prefix="External: ",
    )


def minutes_ago(minutes: float) -> datetime:
    return now() - timedelta(minutes=minutes)


class TestHealth:
    """What the first lines say of PagerDuty's answers."""

    def said(self, client: FlaskClient, page: Page) -> str:
        return page(client.get(LIST)).one("section", aria_labelledby="health-h").text

    def test_never_asked(self, ada: FlaskClient, page: Page) -> None:
        assert "PagerDuty has not been asked yet" in self.said(ada, page)

    def test_asked_lately(self, ada: FlaskClient, page: Page) -> None:
        make.source(checked_at=minutes_ago(0.5))
        assert "PagerDuty answers Last asked 30 s ago, and every 60 s." in self.said(ada, page)

    def test_the_last_try_failed(self, ada: FlaskClient, page: Page) -> None:
        at = minutes_ago(2)
        make.source(checked_at=minutes_ago(4), error="PagerDuty could not be reached.", error_at=at, failing_since=at)
        text = self.said(ada, page)
        assert "The last try failed at" in text
        assert "PagerDuty could not be reached. Planned work is shown as of" in text

    def test_nobody_asks_any_more(self, ada: FlaskClient, page: Page) -> None:
        make.source(checked_at=minutes_ago(60))
        assert "PagerDuty was not asked lately" in self.said(ada, page)

    def test_warnings(self, ada: FlaskClient, page: Page) -> None:
        make.source(checked_at=now(), warnings=["Window PX1 was skipped: it has no end."])
        assert "Window PX1 was skipped" in self.said(ada, page)

    def test_the_key_is_never_shown(self, ada: FlaskClient, settings: Settings) -> None:
        assert "A key is set. It is never shown" in ada.get(LIST).text
        for url in (LIST, SERVICES, MAP):
            assert settings.pagerduty_api_key not in ada.get(url).text


class TestWithoutAKey:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, pagerduty_api_key="")

    def test_it_says_which_setting(self, ada: FlaskClient, page: Page, pagerduty: Faulty) -> None:
        assert "Set PAGERDUTY_API_KEY to a read-only REST key" in page(ada.get(LIST)).text
        assert "Set PAGERDUTY_API_KEY and start again" in page(ada.get(SERVICES)).text
        assert pagerduty.asked == []


class TestServices:
    def test_those_whose_name_begins_with_the_prefix(self, ada: FlaskClient, page: Page) -> None:
        text = page(ada.get(SERVICES)).text
        assert "External: Ledger" in text
        assert "Internal: Builds" not in text

    def test_find(self, ada: FlaskClient, page: Page) -> None:
        assert "External: Ledger" in page(ada.get(f"{SERVICES}?q=LEDG")).text
        assert "No service matches “zzz”" in page(ada.get(f"{SERVICES}?q=zzz")).text

    def test_none_begins_so(self, ada: FlaskClient, page: Page, pagerduty: Faulty) -> None:
        del pagerduty.services["P0AAAA1"]
        assert "begins with “External:" in page(ada.get(SERVICES)).text

    def test_one_that_is_mapped_says_so(self, ada: FlaskClient, page: Page) -> None:
        make.service(make.component("ledger"))
        assert "Mapped already" in page(ada.get(SERVICES)).text

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (lambda _: Answer(401), "does not accept the API key"),
            (lambda _: Answer(403), "does not let this API key see that"),
            (lambda _: Answer(404), "nothing at that address"),
            (lambda _: Answer(302, headers={"Location": "http://127.0.0.1:1/"}), "leads elsewhere"),
            (lambda _: Answer(200, b"<html>"), "JSON"),
            (lambda _: Answer(200, b"null", {"Content-Type": "application/json"}), "JSON"),
        ],
    )
    def test_trouble_in_words(
        self, ada: FlaskClient, page: Page, pagerduty: Faulty, fault: Callable[[Answer], Answer], words: str
    ) -> None:
        pagerduty.always["/"] = fault
        answer = ada.get(SERVICES)
        assert answer.status_code == 200
        assert words in page(answer).text
        assert "Ask again" in answer.text

    def test_hostile_names_do_nothing(self, ada: FlaskClient, page: Page, pagerduty: Faulty) -> None:
        pagerduty.services["P0AAAA1"] = f"External: {HOSTILE}"
        link = next(a for a in page(ada.get(SERVICES)).all("a") if a.text.startswith("Map"))
        for url in (SERVICES, link.attrs["href"]):
            assert HOSTILE not in ada.get(url).text
            assert HOSTILE in page(ada.get(url)).text


class TestMapping:
    @pytest.fixture(autouse=True)
    def documents(self, app: object) -> None:
        self.section = make.section("documents")

    def typed(self, **given: object) -> dict[str, object]:
        return {
            "name": "External: Ledger",
            "component": 0,
            "new_name": "Ledger",
            "sections": [self.section.id],
            **given,
        }

    def test_the_form_offers_a_new_component_named_so(self, ada: FlaskClient, page: Page) -> None:
        make.component("bank")
        form = page(ada.get(f"{MAP}?name=External:+Ledger"))
        assert form.form(MAP) | {"csrf_token": ""} == {
            "csrf_token": "",
            "name": "External: Ledger",
            "component": "0",
            "new_name": "Ledger",
        }
        assert "Bank" in form.one("select", name="component").text

    @pytest.mark.parametrize("name", ["Ledger", "LEDGER"])
    def test_a_component_of_its_name_is_offered_first(self, ada: FlaskClient, page: Page, name: str) -> None:
        make.component("bank")
        ledger = make.component("ledger", name)
        form = page(ada.get(f"{MAP}?name=External:+Ledger"))
        assert form.form(MAP)["component"] == str(ledger.id)
        options = [option.text for option in form.one("select", name="component").all("option")]
        assert options == [name, "A new component, named below", "Bank"]

    def test_so_is_the_one_that_stands_for_it_already(self, ada: FlaskClient, page: Page) -> None:
        make.component("ledger")
        make.service(bank := make.component("bank"))
        assert page(ada.get(f"{MAP}?name=External:+Ledger")).form(MAP)["component"] == str(bank.id)

    def test_no_second_one_of_the_same_name(self, ada: FlaskClient, page: Page, post: Post) -> None:
        make.component("ledger")
        answer = post(ada, MAP, self.typed(new_name="ledger"))
        assert answer.status_code == 422
        assert "Ledger is there already. Choose it above, or give another name." in page(answer).text

    @pytest.mark.parametrize("asked", ["x", "-1", "9" * 30, "9" * 5000])
    def test_a_component_that_nobody_knows_is_a_new_one(self, ada: FlaskClient, page: Page, asked: str) -> None:
        assert page(ada.get(f"{MAP}?component={asked}")).form(MAP)["component"] == "0"

    def test_works(self, ada: FlaskClient, page: Page, post: Post) -> None:
        answer = post(ada, MAP, self.typed())
        assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
        text = page(ada.get(LIST)).text
        assert "External: Ledger is mapped to Ledger." in text
        assert "External: Ledger P0AAAA1 Ledger Takes off Documents" in text

    def test_works_with_htmx_and_an_existing_component(self, ada: FlaskClient, post: Post) -> None:
        ledger = make.component("ledger")
        answer = post(ada, MAP, self.typed(component=ledger.id, new_name=""), headers=HTMX)
        assert answer.headers["HX-Redirect"] == LIST
        assert db.session.scalars(sa.select(Service.component_id)).one() == ledger.id
        assert db.session.scalars(sa.select(Dependency.on_window)).one() == "down"

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"new_name": " "}, "Give the new component a name."),
            ({"new_name": "x" * 201}, "Shorten this"),
            ({"component": 99}, "Choose a component from the list."),
            ({"sections": [99]}, "Choose from this list."),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates_and_keeps_what_was_typed(
        self, ada: FlaskClient, post: Post, given: dict[str, object], words: str, headers: dict[str, str]
    ) -> None:
        answer = post(ada, MAP, self.typed(**given), headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        kept = read(answer.text).form(MAP)
        assert kept["name"] == "External: Ledger"
        assert kept.get("sections") == (None if "sections" in given else str(self.section.id))
        assert db.session.scalars(sa.select(Change.id)).all() == []

    def test_unmap(self, ada: FlaskClient, page: Page, post: Post) -> None:
        make.service(make.component("ledger"))
        form = page(ada.get(LIST)).form(UNMAP)
        part = read(post(ada, UNMAP, form, headers=HTMX).text)
        check_parts(part)
        assert "Ledger is no longer mapped to Ledger. No other service is mapped" in part.text
        assert db.session.scalars(sa.select(Service.external_id)).all() == []

    def test_unmap_can_be_undone(self, ada: FlaskClient, page: Page, post: Post) -> None:
        make.service(make.component("ledger"), name="External: Ledger")
        post(ada, UNMAP, {"component": "ledger"})
        undo = page(ada.get(LIST)).one("div", class_="done").one("form").attrs["action"]
        assert post(ada, undo).headers["Location"] == LIST
        board = page(ada.get(LIST)).text
        assert "Ledger: that was undone." in board
        assert "External: Ledger P0AAAA1 Ledger" in board
        post(ada, undo)
        assert "There was nothing to undo." in page(ada.get(LIST)).text

    def test_undo_of_unmap_needs_the_role_for_it(self, client_of: Client, ada: FlaskClient, post: Post) -> None:
        make.service(make.component("ledger"))
        post(ada, UNMAP, {"component": "ledger"})
        change = db.session.scalars(sa.select(Change.id)).one()
        assert post(client_of("delivery_manager"), f"/admin/changes/{change}/undo").status_code == 403

    def test_unmap_while_others_are_left(self, ada: FlaskClient, page: Page, post: Post) -> None:
        make.service(make.component("ledger"))
        make.service(make.component("bank"), "P0BBBB2")
        part = read(post(ada, UNMAP, {"component": "ledger"}, headers=HTMX).text)
        assert "Ledger is no longer mapped to Ledger. Its planned work goes when PagerDuty is next asked." in part.text

    def test_unmap_of_what_is_not_mapped(self, ada: FlaskClient, post: Post) -> None:
        make.component("ledger")
        assert post(ada, UNMAP, {"component": "ledger"}).status_code == 303
        for key in ("nothing", "\x00", ""):
            assert post(ada, UNMAP, {"component": key}).status_code == 404

    def test_a_problem_with_a_service_is_said(self, ada: FlaskClient, page: Page) -> None:
        make.service(make.component("ledger"), problem="Service not found")
        text = page(ada.get(LIST)).text
        assert "Left out: Service not found" in text
        assert "Affects no section" in text


class TestTrying:
    @pytest.fixture(autouse=True)
    def planned(self, app: object, pagerduty: Faulty) -> None:
        self.section = make.section("documents")
        make.section("uploads", parent=self.section)
        start = now() + timedelta(hours=1)
        pagerduty.add_window("PX1", start, start + timedelta(hours=2), "P0AAAA1", description="Patching")
        pagerduty.add_window("PX2", start, start + timedelta(hours=2), "P0BBBB2")

    def tried(self, client: FlaskClient, post: Post, **given: object) -> str:
        answer = post(client, TRY, {"component": 0, "new_name": "Ledger", **given}, headers=HTMX)
        assert answer.status_code == 200
        check_parts(read(answer.text))
        return read(answer.text).text

    def test_the_windows_and_the_sections_that_would_follow(self, ada: FlaskClient, post: Post) -> None:
        text = self.tried(ada, post, sections=[self.section.id])
        assert "1 window would come in. Nothing is saved yet." in text
        assert "PX1:" in text
        assert "“Patching”" in text
        assert "Documents : off" in text
        assert "Uploads : off" in text
        assert "PX2" not in text

    def test_what_visitors_would_read(self, ada: FlaskClient, post: Post, pagerduty: Faulty) -> None:
        pagerduty.windows.clear()
        start = now() + timedelta(hours=1)
        words = "CHG-12, Northpay is told. USER_MESSAGE: You cannot order."
        pagerduty.add_window("PX1", start, start + timedelta(hours=2), "P0AAAA1", description=words)
        text = self.tried(ada, post, sections=[self.section.id])
        assert "Documents is unavailable until" in text
        assert "You cannot order." in text
        assert "{until}" not in text

    def test_a_section_without_words_is_told_of(self, ada: FlaskClient, post: Post) -> None:
        text = self.tried(ada, post, sections=[self.section.id])
        assert "It has no ready message, so visitors read this heading alone. Write one for Documents" in text

    def test_nothing_is_written(self, ada: FlaskClient, post: Post) -> None:
        self.tried(ada, post, sections=[self.section.id])
        for model in (Change, Component, Service, Window, Dependency):
            assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0

    def test_no_section_would_follow(self, ada: FlaskClient, post: Post) -> None:
        assert "No section would follow: tick one above." in self.tried(ada, post)

    def test_those_that_depend_on_the_component_follow_as_they_say(self, ada: FlaskClient, post: Post) -> None:
        ledger = make.component("ledger")
        make.dependency(self.section, ledger, on_window="warn")
        assert "Documents : slow" in self.tried(ada, post, component=ledger.id)

    def test_no_window_now(self, ada: FlaskClient, post: Post, pagerduty: Faulty) -> None:
        pagerduty.windows.clear()
        assert "PagerDuty has no open window on it now." in self.tried(ada, post)

    def test_trouble_in_words(self, ada: FlaskClient, post: Post, pagerduty: Faulty) -> None:
        pagerduty.always["/"] = lambda _: Answer(401)
        assert "This could not be tried PagerDuty does not accept the API key." in self.tried(ada, post)

    def test_without_htmx_the_form_stays_with_what_was_typed(self, ada: FlaskClient, page: Page, post: Post) -> None:
        data = {"name": "External: Ledger", "component": 0, "new_name": "Mine", "sections": [self.section.id]}
        answer = page(post(ada, TRY, data))
        assert "1 window would come in." in answer.text
        assert answer.form(MAP)["new_name"] == "Mine"
        assert answer.form(MAP)["sections"] == str(self.section.id)


@pytest.mark.parametrize("role", ["viewer", "product_manager", "delivery_manager"])
def test_who_may_not_map_sees_and_is_told_whom_to_ask(client_of: Client, page: Page, post: Post, role: str) -> None:
    make.service(make.component("ledger"))
    client = client_of(role)
    listed = page(client.get(LIST))
    assert "To map a service, ask an admin." in listed.text
    assert not listed.all("form")
    assert client.get(SERVICES).status_code == 403
    for url in (MAP, TRY, UNMAP):
        assert post(client, url).status_code == 403


def test_nobody_signs_in_first(client_of: Client) -> None:
    assert client_of("nobody").get(LIST).headers["Location"].startswith("/admin/sign-in")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("POST", LIST, 405),
        ("POST", SERVICES, 405),
        ("GET", TRY, 405),
        ("GET", UNMAP, 405),
        ("GET", f"{SERVICES}/no%20id", 404),
        ("GET", f"{SERVICES}/{'x' * 65}", 404),
    ],
)
def test_wrong_method_and_what_is_not_there(ada: FlaskClient, method: str, url: str, status: int) -> None:
    assert ada.open(url, method=method).status_code == status
