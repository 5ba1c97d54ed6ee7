"""The list of services taken in and given out, how PagerDuty answers for each, and the way to a front end, checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.actions import mapping
from dashboard.actions.writing import SIGNPOST
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Sighting
from tests import make
from tests.doubles.pagerduty import Faulty, status
from tests.views.page import HTMX, Page, Post

LIST, FILE = "/admin/pagerduty/list", "/admin/pagerduty/list.yml"
DIAGNOSTICS, CHECK = "/admin/pagerduty/diagnostics.json", "/admin/pagerduty/check/ledger"
TYPED = "  payments_core: P0AAAA1\n  maps: null\n  search: P0DEAD1"


@pytest.fixture
def pagerduty() -> Iterator[Faulty]:
    with Faulty(now) as double:
        double.add_service("P0AAAA1", "External: Ledger")
        yield double


@pytest.fixture
def settings(settings: Settings, pagerduty: Faulty) -> Settings:
    return replace(settings, pagerduty_url=pagerduty.url, pagerduty_api_key=pagerduty.key)


class TestTakingIn:
    def test_it_works(self, ada: FlaskClient, post: Post, page: Page) -> None:
        answer = post(ada, LIST, {"services": TYPED})
        assert (answer.status_code, answer.location) == (303, "/admin/pagerduty")
        assert "2 mapped, 2 of them to new components" in page(ada.get("/admin/pagerduty")).text
        assert mapping.list_of_services() == {"payments_core": ("P0AAAA1",), "search": ("P0DEAD1",)}

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_what_was_typed_is_kept(self, ada: FlaskClient, post: Post, headers: dict[str, str]) -> None:
        answer = post(ada, LIST, {"services": "  a: P 1"}, headers=headers)
        assert answer.status_code == 422
        assert "“P 1” beside a is no PagerDuty id" in answer.text
        assert "  a: P 1</textarea>" in answer.text

    def test_a_name_that_is_a_screen_is_refused(self, ada: FlaskClient, post: Post) -> None:
        answer = post(ada, LIST, {"services": "new: P0AAAA1"})
        assert (answer.status_code, "“new” is a screen here" in answer.text) == (422, True)

    def test_nothing_typed(self, ada: FlaskClient, post: Post) -> None:
        assert "Paste the list here." in post(ada, LIST, {"services": " "}).text

    def test_what_is_refused_stands_at_the_field(self, ada: FlaskClient, post: Post) -> None:
        make.component("old", archived_at=now())
        answer = post(ada, LIST, {"services": "old: P0AAAA1"})
        assert answer.status_code == 422
        assert "Old is archived. Restore it first." in answer.text

    def test_only_an_admin(self, tom: FlaskClient, post: Post) -> None:
        assert post(tom, LIST, {"services": TYPED}).status_code == 403


def test_the_list_is_given_out(viewer: FlaskClient) -> None:
    make.service(make.component("ledger"))
    answer = viewer.get(FILE)
    assert answer.text == 'maintenance:\n  services:\n    ledger: "P0AAAA1"\n'
    assert answer.headers["Content-Disposition"] == 'attachment; filename="services.yml"'


class TestDiagnostics:
    def test_each_name_with_its_answer(self, ada: FlaskClient) -> None:
        mapping.take_list({"payments_core": ("P0AAAA1",), "search": ("P0DEAD1",)}, SIGNPOST, now())
        make.component("maps")
        found = msgspec.json.decode(ada.get(DIAGNOSTICS).data)
        assert [tuple(one.values()) for one in found["results"]] == [
            ("payments_core", "P0AAAA1", 200),
            ("search", "P0DEAD1", 404),
            ("maps", None, None),
        ]
        assert [one["setting_name"] for one in found["bad"]] == ["search"]

    def test_one_that_the_key_may_not_see(self, ada: FlaskClient, pagerduty: Faulty) -> None:
        make.service(make.component("ledger"))
        pagerduty.always["/services/"] = status(403)
        assert msgspec.json.decode(ada.get(DIAGNOSTICS).data)["bad"][0]["status"] == 403

    def test_trouble_is_a_503_in_words(self, ada: FlaskClient, pagerduty: Faulty) -> None:
        make.service(make.component("ledger"))
        pagerduty.always["/"] = status(401)
        answer = ada.get(DIAGNOSTICS)
        assert (answer.status_code, "does not accept the API key" in answer.text) == (503, True)

    def test_nothing_is_mapped_and_nobody_is_asked(self, ada: FlaskClient, pagerduty: Faulty) -> None:
        assert msgspec.json.decode(ada.get(DIAGNOSTICS).data) == {"results": [], "bad": []}
        assert pagerduty.asked == []


class TestCheck:
    def ticks(self, client: FlaskClient, page: Page) -> list[str]:
        return [item.text for item in page(client.get(CHECK)).one("ol", id="ticks").all("li")]

    def test_nothing_is_done_yet(self, app: Flask, ada: FlaskClient, page: Page) -> None:
        make.component("ledger")
        first, second, third = self.ticks(ada, page)
        assert "not yet No service is mapped to it yet." in first
        assert "not yet It affects no section yet." in second
        assert "not yet No front end has asked" in third

    def test_all_three_tick_themselves_off(self, ada: FlaskClient, page: Page) -> None:
        ledger = make.component("ledger")
        make.dependency(make.section("documents"), ledger)
        make.service(ledger, created_at=now() - timedelta(minutes=9))
        make.source(checked_at=now())
        at = now()
        seen = Sighting(kind="embed", name="windows", place="www.example.org", first_at=at, last_at=at, times=1)
        db.session.add(seen)
        db.session.commit()
        first, second, third = self.ticks(ada, page)
        assert "done It answers for" in first
        assert "done It reaches Documents." in second
        assert "done www.example.org asked since the service was mapped." in third
        assert "All three are done." in ada.get(CHECK, headers=HTMX).text

    @pytest.mark.parametrize(
        ("name", "place", "word"),
        [
            ("windows", "www.example.org", "done"),
            ("windows", "localhost:3000", "done"),
            ("fragment", "PHP", "done"),
            ("fragment", "curl", "not yet Only curl asked"),
            ("windows", "curl", "not yet Only curl asked"),
            ("section", "python-httpx", "not yet Only python-httpx asked"),
        ],
    )
    def test_a_front_end_is_a_page(self, ada: FlaskClient, page: Page, name: str, place: str, word: str) -> None:
        make.service(make.component("ledger"), created_at=now() - timedelta(minutes=9))
        db.session.add(Sighting(kind="embed", name=name, place=place, first_at=now(), last_at=now(), times=1))
        db.session.commit()
        assert word in self.ticks(ada, page)[2]

    def test_it_was_not_asked_since_it_was_mapped(self, ada: FlaskClient, page: Page) -> None:
        make.service(make.component("ledger"), created_at=now())
        make.source(checked_at=now() - timedelta(minutes=1))
        assert "It is asked within 60 s." in self.ticks(ada, page)[0]

    def test_the_last_try_failed(self, ada: FlaskClient, page: Page) -> None:
        make.service(make.component("ledger"))
        make.source(checked_at=now(), error="PagerDuty could not be reached.", error_at=now())
        assert "The last try failed: PagerDuty could not be reached." in self.ticks(ada, page)[0]

    def test_pagerduty_refuses_it(self, ada: FlaskClient, page: Page) -> None:
        make.service(make.component("ledger"), problem="no such service.")
        assert "PagerDuty refuses P0AAAA1: no such service." in self.ticks(ada, page)[0]

    def test_a_key_may_begin_with_a_digit(self, app: Flask, ada: FlaskClient) -> None:
        make.component("1010ez")
        assert ada.get("/admin/pagerduty/check/1010ez").status_code == 200

    @pytest.mark.parametrize("key", ["nothing", "x" * 300, "a%00b", "%ff"])
    def test_unknown(self, ada: FlaskClient, key: str) -> None:
        assert ada.get(f"/admin/pagerduty/check/{key}").status_code == 404


class TestCommands:
    def test_out_and_in_again(self, app: Flask) -> None:
        run = app.test_cli_runner().invoke
        told = run(args=["services", "import", "-"], input=TYPED)
        assert told.output == "2 mapped, 2 of them new; 0 were mapped already.\n"
        listed = run(args=["services", "export"])
        assert '    payments_core: "P0AAAA1"\n' in listed.output

    @pytest.mark.parametrize(("text", "says"), [("a: P 1", "no PagerDuty id"), (b"\xff\xfe", "codec")])
    def test_refused(self, app: Flask, text: str | bytes, says: str) -> None:
        told = app.test_cli_runner().invoke(args=["services", "import", "-"], input=text)
        assert (told.exit_code, says in told.output) == (1, True)
