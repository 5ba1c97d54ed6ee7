"""The Embed page: a snippet for each form, each state as it would look, and what an adopter's policy needs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from dashboard import publish
from dashboard.db import db
from dashboard.documents import assets
from dashboard.models import Change, Section
from dashboard.views.embed import FORMS
from dashboard.views.samples import STATES
from tests import make
from tests.conftest import NOW
from tests.views.page import Client, Node, Page

URL = "/admin/embed"
SITE = "http://status.example.org"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def section(app: object) -> Section:
    row = make.section("documents", message="You cannot upload documents.", alternative="Send them by post.")
    publish.publish(NOW)
    return row


def snippet(page: Node, id: str = "snippet") -> str:
    return page.one("code", id=id).text


def source(page: Node) -> str:
    return next(script.attrs["data-src"] for script in page.all("script") if "data-src" in script.attrs)


def sampled(client: FlaskClient, page: Page, state: str) -> dict[str, object]:
    """What the script on the page would read: the one entry, or nothing."""
    answer = client.get(source(page(client.get(f"{URL}?state={state}"))))
    sections = answer.get_json()["sections"]
    return sections[0] if sections else {}


def test_without_sections_it_says_what_to_do(viewer: FlaskClient, page: Page) -> None:
    assert "There is nothing to embed yet" in page(viewer.get(URL)).text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("wrap", f'<script src="{SITE}/embed/v1.js" defer></script> <signpost-section section="documents">'),
        ("banner", f'<script src="{SITE}/embed/v1.js" defer></script> <signpost-banner></signpost-banner>'),
        ("auto", f'<script src="{SITE}/embed/v1.js" data-auto defer></script>'),
        ("fragment", f"{SITE}/embed/v1/sections/documents.html"),
        ("badge", f'<img src="{SITE}/badge/documents.svg"'),
        ("json", f"{SITE}/embed/v1/sections/documents.json"),
    ],
)
def test_a_snippet_for_each_form(viewer: FlaskClient, page: Page, section: Section, form: str, words: str) -> None:
    assert words in snippet(page(viewer.get(f"{URL}?form={form}")))


def test_every_address_in_a_snippet_answers(viewer: FlaskClient, page: Page, section: Section) -> None:
    for path in ("/embed/v1.js", f"/embed/v{assets.SCRIPT_VERSION}.js", "/badge/documents.svg", "/sections/documents/"):
        assert viewer.get(path).status_code == 200
    for path in ("/embed/v1/sections/documents.html", "/embed/v1/sections/documents.json"):
        assert viewer.get(path).status_code == 200


def test_the_pinned_script_has_its_own_hash(viewer: FlaskClient, page: Page, section: Section) -> None:
    pinned = snippet(page(viewer.get(URL)), "pinned")
    assert f'src="{SITE}/embed/v{assets.SCRIPT_VERSION}.js"' in pinned
    served = viewer.get(f"/embed/v{assets.SCRIPT_VERSION}.js").data
    digest = base64.b64encode(hashlib.sha384(served).digest()).decode()
    assert f'integrity="sha384-{digest}" crossorigin="anonymous"' in pinned


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        ("wrap", f"script-src {SITE}; connect-src {SITE};"),
        ("badge", f"img-src {SITE};"),
        ("json", f"connect-src {SITE};"),
    ],
)
def test_the_lines_of_a_policy(viewer: FlaskClient, page: Page, section: Section, form: str, lines: str) -> None:
    assert snippet(page(viewer.get(f"{URL}?form={form}")), "policy") == lines


def test_a_fragment_needs_no_policy(viewer: FlaskClient, page: Page, section: Section) -> None:
    assert not page(viewer.get(f"{URL}?form=fragment")).all("code", id="policy")


class TestEachState:
    """The same rules and the same document as the real one, of made-up facts."""

    @pytest.fixture(autouse=True)
    def made(self, section: Section) -> None:
        pass

    def time(self, entry: dict[str, object], name: str) -> timedelta:
        return datetime.fromisoformat(str(entry[name])) - NOW

    def test_ok(self, viewer: FlaskClient, page: Page) -> None:
        assert sampled(viewer, page, "ok") == {}

    def test_soon(self, viewer: FlaskClient, page: Page) -> None:
        entry = sampled(viewer, page, "soon")
        assert (entry["state"], self.time(entry, "from")) == ("down", timedelta(minutes=30))
        assert self.time(entry, "warn_from") <= timedelta(0)

    def test_slow(self, viewer: FlaskClient, page: Page) -> None:
        assert sampled(viewer, page, "slow")["state"] == "degraded"

    def test_down(self, viewer: FlaskClient, page: Page) -> None:
        entry = sampled(viewer, page, "down")
        assert (entry["message"], entry["alternative"]) == ("You cannot upload documents.", "Send them by post.")
        assert (self.time(entry, "from"), self.time(entry, "until")) == (timedelta(0), timedelta(hours=1))

    def test_late(self, viewer: FlaskClient, page: Page) -> None:
        entry = sampled(viewer, page, "late")
        assert entry["at_end"] == "hold"
        assert self.time(entry, "until") < timedelta(0)

    def test_back_is_down_for_a_moment_first(self, viewer: FlaskClient, page: Page) -> None:
        assert timedelta(0) < self.time(sampled(viewer, page, "back"), "until") < timedelta(seconds=10)

    def test_it_is_read_once(self, viewer: FlaskClient, page: Page) -> None:
        assert viewer.get(source(page(viewer.get(URL)))).get_json()["ttl"] == 86_400

    def test_nothing_is_switched_by_looking(self, viewer: FlaskClient, page: Page) -> None:
        for state in STATES:
            sampled(viewer, page, state)
        assert viewer.get("/embed/v1/status.json").get_json()["sections"] == []
        assert db.session.query(Change).count() == 0

    @pytest.mark.parametrize("form", FORMS)
    def test_each_form_shows_each_state(self, viewer: FlaskClient, page: Page, form: str) -> None:
        for state in STATES:
            shown = page(viewer.get(f"{URL}?form={form}&state={state}"))
            assert shown.one("div", class_="sample" if form == "json" else "sample sample--light")

    def test_a_fragment_and_json_show_the_words(self, viewer: FlaskClient, page: Page) -> None:
        for form in ("fragment", "json"):
            assert "You cannot upload documents." in page(viewer.get(f"{URL}?form={form}&state=down")).text


class TestSampleAddress:
    @pytest.fixture
    def address(self, viewer: FlaskClient, page: Page, section: Section) -> str:
        return source(page(viewer.get(URL)))

    def test_it_needs_no_cookie(self, client_of: Client, address: str) -> None:
        assert client_of("nobody").get(address).status_code == 200

    def test_another_one_cannot_be_made_up(self, client_of: Client, address: str) -> None:
        token = address.removesuffix(".json").rpartition("/")[2]
        for wrong in (token[:-1], "x", token.replace(token[:4], "AAAA"), "x" * 5000):
            assert client_of("nobody").get(f"{URL}/samples/{wrong}.json").status_code == 404

    def test_it_runs_out(self, client_of: Client, address: str) -> None:
        with time_machine.travel(NOW + timedelta(days=2), tick=False):
            assert client_of("nobody").get(address).status_code == 404

    def test_a_section_that_is_gone(self, client_of: Client, address: str, section: Section) -> None:
        section.archived_at = NOW
        db.session.commit()
        assert client_of("nobody").get(address).status_code == 404


def test_another_section(viewer: FlaskClient, page: Page, section: Section) -> None:
    make.section("search")
    asked = page(viewer.get(f"{URL}?section=search"))
    assert 'section="search"' in snippet(asked)
    assert asked.form(URL)["section"] == "search"


@pytest.mark.parametrize("query", ["section=nothing", "form=nothing", "state=nothing", f"section={HOSTILE}"])
def test_what_is_not_known_is_the_first_one(viewer: FlaskClient, page: Page, section: Section, query: str) -> None:
    shown = page(viewer.get(f"{URL}?{query}"))
    assert 'section="documents"' in snippet(shown)
    assert "Nothing is switched by looking." in shown.text


@pytest.mark.parametrize("form", FORMS)
def test_hostile_words_do_nothing(viewer: FlaskClient, page: Page, form: str) -> None:
    make.section("x", HOSTILE, message=HOSTILE, alternative="</script><script>alert(1)</script>")
    answer = viewer.get(f"{URL}?form={form}&state=down")
    assert "<img src=x" not in answer.text
    assert "<script>alert" not in answer.text
    assert [img for img in page(answer).all("img") if not img.attrs["src"].startswith("data:")] == []


def test_everybody_with_an_account_sees_it(client_of: Client, section: Section) -> None:
    for role in ("viewer", "product_manager", "delivery_manager", "admin"):
        assert client_of(role).get(URL).status_code == 200
    assert client_of("nobody").get(URL).status_code == 303


def test_wrong_method(client_of: Client, section: Section) -> None:
    assert client_of("admin").post(URL).status_code == 405
