"""The Embed page: a snippet for each form, each state as it would look, and what an adopter's policy needs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from flask.testing import FlaskClient

from dashboard import publish
from dashboard.config import ROOT, Settings
from dashboard.db import db
from dashboard.documents import DOCUMENTS, assets
from dashboard.models import Change, Section, Sighting
from dashboard.views.embed_forms import FORMS
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
        ("own", '<div slot="down" hidden>'),
        ("slim", "<signpost-banner slim></signpost-banner>"),
        ("fragment", f"{SITE}/embed/v1/sections/documents.html"),
        ("badge", f'<img src="{SITE}/badge/documents.svg"'),
        ("json", f'await fetch("{SITE}/embed/v1/sections/documents.json");'),
        ("frame", f'<iframe class="signpost" src="{SITE}/embed/v1/frame/documents/" title="Documents: status"'),
        ("frame", f'if (origin !== "{SITE}" || data?.type !== "signpost:height") return;'),
        ("module", f'import {{ subscribe, get }} from "{SITE}/embed/v1.mjs";'),
        ("react", f'import {{ useSignpost }} from "{SITE}/embed/v1.react.mjs";'),
        ("va", f'await fetch("{SITE}/embed/v1/sections/documents.va.json");'),
        ("nginx", '<!--# include virtual="/signpost/documents.html" -->'),
        ("jinja", f'signpost = Signpost("{SITE}")'),
        ("php", f"<?= signpost_notice('{SITE}', 'documents', '/var/cache/www') ?>"),
    ],
)
def test_a_snippet_for_each_form(viewer: FlaskClient, page: Page, section: Section, form: str, words: str) -> None:
    assert words in snippet(page(viewer.get(f"{URL}?form={form}")))


def test_the_docs_show_the_same_frame(viewer: FlaskClient, page: Page, section: Section) -> None:
    docs = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8").replace("https://status.example.org", SITE)
    docs = docs.replace("direct_deposit", "documents").replace("Direct deposit", "Documents")
    lines = viewer.get(f"{URL}?form=frame").text.partition('id="snippet">')[2].partition("</code>")[0].splitlines()
    assert len(lines) == 10
    assert [line for line in lines if unescape(line) not in docs and "script>" not in unescape(line)] == []


@pytest.mark.parametrize(
    ("form", "words"),
    [("nginx", f"set $signpost {SITE};"), ("jinja", "class Signpost:"), ("php", "function signpost_notice(")],
)
def test_a_file_to_copy(viewer: FlaskClient, page: Page, section: Section, form: str, words: str) -> None:
    assert words in snippet(page(viewer.get(f"{URL}?form={form}")), "file")


def test_only_our_script_is_pinned(viewer: FlaskClient, page: Page, section: Section) -> None:
    pinned = {form for form in FORMS if page(viewer.get(f"{URL}?form={form}")).all("code", id="pinned")}
    assert pinned == {"wrap", "own", "banner", "slim", "auto"}


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
        ("frame", f"frame-src {SITE};"),
        ("module", f"script-src {SITE}; connect-src {SITE};"),
        ("va", f"connect-src {SITE};"),
    ],
)
def test_the_lines_of_a_policy(viewer: FlaskClient, page: Page, section: Section, form: str, lines: str) -> None:
    assert snippet(page(viewer.get(f"{URL}?form={form}")), "policy") == lines


@pytest.mark.parametrize("form", ["fragment", "nginx", "jinja", "php"])
def test_a_server_needs_no_policy(viewer: FlaskClient, page: Page, section: Section, form: str) -> None:
    assert not page(viewer.get(f"{URL}?form={form}")).all("code", id="policy")


class TestSeenOn:
    def seen(self, page: Page, viewer: FlaskClient, form: str = "wrap") -> str:
        return page(viewer.get(f"{URL}?form={form}")).one("p", id="seen").text

    def sight(self, name: str, place: str, seconds: int) -> None:
        then = NOW - timedelta(seconds=seconds)
        db.session.add(Sighting(kind="embed", name=name, place=place, first_at=then, last_at=then, times=1))
        db.session.commit()

    def test_nowhere(self, viewer: FlaskClient, page: Page, section: Section) -> None:
        assert self.seen(page, viewer).startswith("Not seen yet. Open your page once")
        assert "was opened, and is still not seen" in page(viewer.get(URL)).text
        assert "who reads those is not seen here" in page(viewer.get(f"{URL}?form=fragment")).text

    def test_the_last_first(self, viewer: FlaskClient, page: Page, section: Section) -> None:
        self.sight("script", "pay.example.org", 300)
        self.sight("script", "www.example.org", 12)
        assert self.seen(page, viewer) == "Seen on www.example.org 12 s ago, and on pay.example.org"
        assert "still not seen" not in page(viewer.get(URL)).text

    def test_a_program_is_nowhere(self, viewer: FlaskClient, page: Page, section: Section) -> None:
        self.sight("fragment", "Python-urllib", 40)
        assert self.seen(page, viewer, "jinja") == "Seen by Python-urllib 40 s ago"

    def test_each_form_by_itself_and_each_place_once(self, viewer: FlaskClient, page: Page, section: Section) -> None:
        self.sight("section", "www.example.org", 30)
        self.sight("script", "www.example.org", 12)
        assert self.seen(page, viewer, "json") == "Seen on www.example.org 12 s ago"
        assert self.seen(page, viewer, "frame").startswith("Not seen yet")

    def test_many(self, viewer: FlaskClient, page: Page, section: Section) -> None:
        for number in range(6):
            self.sight("frame", f"{number}.example.org", number)
        found = self.seen(page, viewer, "frame")
        assert found.endswith("and on 1.example.org, 2.example.org, 3.example.org and 2 more")

    @pytest.mark.parametrize("form", FORMS)
    def test_each_form_is_counted_as_something_that_is_counted(self, form: str) -> None:
        assert {document.form for document in DOCUMENTS}.issuperset(FORMS[form].seen_as)

    def test_one_without_a_name_is_not_told(self, viewer: FlaskClient, page: Page, section: Section) -> None:
        self.sight("script", "", 5)
        assert self.seen(page, viewer).startswith("Not seen yet")


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
            is_code = FORMS[form].preview in ("json", "element", "status")
            assert shown.one("div", class_="sample" if is_code else "sample sample--light")

    def test_an_element_to_print(self, viewer: FlaskClient, page: Page) -> None:
        printed = {
            state: page(viewer.get(f"{URL}?form=va&state={state}")).one("pre", tabindex="0").text for state in STATES
        }
        assert printed.pop("ok") == "Nothing, while the section works."
        assert all(words.startswith("<va-maintenance-banner banner-id=") for words in printed.values())

    def test_what_needs_no_script_shows_the_words(self, viewer: FlaskClient, page: Page) -> None:
        for form in ("fragment", "nginx", "jinja", "php", "json", "va"):
            assert "You cannot upload documents." in page(viewer.get(f"{URL}?form={form}&state=down")).text

    def test_each_field_of_the_json_is_explained(self, viewer: FlaskClient, page: Page) -> None:
        shown = page(viewer.get(f"{URL}?form=json&state=late"))
        said = json.loads(shown.one("pre", tabindex="0").text)
        explained = {code.text for code in shown.one("details", id="fields").all("code")}
        assert {*said, *said["now"], *said["sections"][0]} <= explained

    def test_its_reader_is_that_of_the_docs(self, viewer: FlaskClient, page: Page) -> None:
        docs = (ROOT / "docs" / "embed.md").read_text("utf-8")
        snippet = unescape(viewer.get(f"{URL}?form=json").text).partition('id="snippet">')[2].partition("</code>")[0]
        assert snippet.replace(SITE, "https://status.example.org").replace("documents", "direct_deposit") in docs


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


def test_the_sample_is_shown_in_a_language(
    viewer: FlaskClient, page: Page, section: Section, settings: Settings
) -> None:
    assert not page(viewer.get(URL)).all("select", id="language")
    (settings.instance / "languages").mkdir()
    (settings.instance / "languages" / "cy.json").write_text(
        (ROOT / "languages" / "cy.json").read_text("utf-8"), "utf-8"
    )
    shown = page(viewer.get(f"{URL}?state=down&language=cy"))
    assert shown.form(URL)["language"] == "cy"
    assert {one.attrs.get("lang") for one in shown.all("div", class_="sample sample--light")} == {"cy"}
    (entry,) = viewer.get(source(shown)).get_json()["sections"]
    assert entry["languages"]["cy"]["title"].startswith("Nid yw Documents ar gael")
    assert page(viewer.get(f"{URL}?language=nothing")).form(URL)["language"] == "en"


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
