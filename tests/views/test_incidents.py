"""Incidents as browsers ask for them: the list, declaring, drafts, what is scheduled, details."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard import publish
from dashboard.db import db
from dashboard.models import Change, Component, Draft, Incident, IncidentUpdate, Outage, Section
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Page, Post, read

HOUR = timedelta(hours=1)
LIST, NEW = "/admin/incidents", "/admin/incidents/new"
HOSTILE = "<script>alert(1)</script>]]>\u202e"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is 14:30 in London, and stays so."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def payments(app: object) -> Component:
    return make.component("payments")


@pytest.fixture(autouse=True)
def section(payments: Component) -> Section:
    return make.section("direct_deposit", message="You cannot see your bank details.", alternative="Call us.")


@pytest.fixture
def form(tom: FlaskClient, page: Page) -> dict[str, str]:
    """The form as the page offers it, with a title and a message."""
    return {**page(tom.get(NEW)).form(NEW), "title": "Payments fail", "body": "You cannot pay.", "do": "publish"}


def incident() -> Incident:
    db.session.expire_all()
    return db.session.scalars(sa.select(Incident).order_by(Incident.id.desc())).first() or pytest.fail("no incident")


def count() -> int:
    return db.session.scalar(sa.select(sa.func.count(Incident.id))) or 0


def done(answer_of: FlaskClient, url: str = LIST) -> str:
    return read(answer_of.get(url).text).one("div", class_="done").one("p").text


class TestList:
    @pytest.mark.parametrize("role", ["viewer", "product_manager", "delivery_manager", "admin"])
    def test_everybody_sees_it(self, client_of: Client, page: Page, role: str) -> None:
        make.update(make.incident("Payments fail"))
        assert "Payments fail" in page(client_of(role).get(LIST)).text

    def test_nothing_yet(self, tom: FlaskClient, page: Page) -> None:
        root = page(tom.get(LIST))
        assert "No incidents. Good." in root.text
        assert root.one("main").all("a", href=NEW)

    def test_open_first_then_what_is_to_come(self, tom: FlaskClient, page: Page) -> None:
        over, draft = make.incident("It is over", NOW - 9 * HOUR), make.incident("A draft", published_at=None)
        make.update(over, "resolved", NOW - 8 * HOUR)
        make.update(draft)
        make.update(make.incident("To come", published_at=NOW + HOUR), at=NOW + HOUR)
        make.update(make.incident("It is open"))
        names = [node.text for node in page(tom.get(LIST)).all("p", class_="lines__name")]
        assert names == ["It is open", "To come", "A draft", "It is over"]

    def test_a_missed_promise_is_said(self, tom: FlaskClient, viewer: FlaskClient) -> None:
        made = make.incident(start=NOW - HOUR)
        make.update(made, at=NOW - HOUR, next_at=NOW - HOUR / 2)
        for url in (LIST, f"{LIST}/{made.id}"):
            for client in (tom, viewer):
                assert "Next update was promised by 14:00" in client.get(url).text

    def test_it_is_paged(self, tom: FlaskClient, page: Page) -> None:
        for number in range(23):
            start = NOW - (50 - number) * HOUR
            make.update(make.incident(f"Number {number}", start), "resolved", start + HOUR)
        first, second = page(tom.get(LIST)), page(tom.get(f"{LIST}?page=2"))
        assert len(first.all("p", class_="lines__name")) == 20
        assert [node.text for node in second.all("p", class_="lines__name")] == ["Number 2", "Number 1", "Number 0"]

    @pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 40, "²"])
    def test_any_page_number(self, tom: FlaskClient, page: Page, number: str) -> None:
        page(tom.get(f"{LIST}?page={number}"))

    def test_htmx_gets_the_list_alone(self, tom: FlaskClient) -> None:
        assert "<html" not in tom.get(LIST, headers=HTMX).text

    def test_the_bar_counts_those_that_are_open(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> None:
        post(tom, NEW, form)
        assert "Incidents 1 open" in read(tom.get("/admin/activity").text).one("nav", class_="topbar__nav").text


class TestDeclare:
    def test_it_is_out(self, tom: FlaskClient, post: Post, form: dict[str, str], payments: Component) -> None:
        answer = post(tom, NEW, {**form, f"component-{payments.id}": "major_outage"})
        assert (answer.status_code, answer.location) == (303, f"{LIST}/{incident().id}")
        assert done(tom, answer.location) == "“Payments fail” is published. You promised the next update by 15:00."
        assert b"Major" in tom.get("/").data or b"Payments" in tom.get("/").data

    def test_htmx_is_sent_on(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> None:
        answer = post(tom, NEW, form, headers=HTMX)
        assert answer.headers["HX-Redirect"] == f"{LIST}/{incident().id}"

    def test_twice_is_once(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> None:
        assert [post(tom, NEW, form).status_code for _ in range(2)] == [303, 303]
        assert count() == 1

    def test_who_may(self, client_of: Client, post: Post, form: dict[str, str]) -> None:
        statuses = {role: post(client_of(role), NEW, form).status_code for role in ("viewer", "product_manager")}
        assert statuses == {"viewer": 403, "product_manager": 403}
        assert NEW not in client_of("viewer").get("/admin/sections").text
        assert NEW in client_of("admin").get("/admin/sections").text

    def test_a_section_goes_off_with_it(
        self, tom: FlaskClient, post: Post, form: dict[str, str], section: Section
    ) -> None:
        post(tom, NEW, {**form, f"section-{section.id}": "off:60"})
        outage = db.session.scalars(sa.select(Outage)).one()
        assert (outage.incident_id, outage.planned_end, outage.at_end) == (incident().id, NOW + HOUR, "hold")
        assert tom.get("/embed/v1/status.json").get_json()["sections"][0]["state"] == "down"
        for url in (LIST, f"{LIST}/{incident().id}"):
            assert "no impact" not in tom.get(url).text.lower()

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"title": ""}, "Say in a few words what is wrong"),
            ({"body": ""}, "Say what readers need to know"),
            ({"stage": "postmortem"}, "Not a valid choice"),
            ({"when": "earlier", "when_at": "2026-11-22T10:00"}, "still to come"),
            ({"when": "earlier", "when_at": "soon"}, "Give a day and a time"),
            ({"when": "later", "when_at": "2026-11-21T10:00"}, "That time has passed"),
            ({"when": "later", "when_at": "2027-03-28T01:30"}, "does not exist that day"),
            ({"when": "later", "when_at": "2027-10-31T01:30"}, "happens twice that day"),
            ({"next": "at", "next_at": "2026-11-21T10:00"}, "That time has passed"),
            ({"next": "never"}, "Choose when you will say more"),
            ({"zone": "Mars/Base"}, "is not a time zone"),
            ({"third_party_url": "javascript:alert(1)"}, "https://"),
            ({"impact_override": "awful"}, "Choose one of these"),
            ({"title": "x" * 201}, "Shorten this to 200"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_words_stay(
        self, tom: FlaskClient, post: Post, page: Page, form: dict[str, str], given: dict[str, str], words: str
    ) -> None:
        answer = post(tom, NEW, {**form, "broken": "Payments", **given})
        root = page(answer)
        assert (answer.status_code, count()) == (422, 0)
        assert words in root.text
        assert root.form(NEW)["broken"] == "Payments"
        assert root.form(NEW)["body"] == given.get("body", "You cannot pay.")

    def test_a_clock_change_is_asked_about_at_a_section(
        self, tom: FlaskClient, post: Post, page: Page, form: dict[str, str], section: Section
    ) -> None:
        name = f"section-{section.id}"
        asked = {**form, name: "off:at", f"{name}-at": "2027-10-31T01:30"}
        root = page(post(tom, NEW, asked))
        first = root.all("input", name=f"{name}-exact")[0].attrs["value"]
        assert post(tom, NEW, {**asked, f"{name}-exact": first}).status_code == 303
        assert db.session.scalars(sa.select(Outage.planned_end)).one().isoformat() == first

    def test_what_is_off_already_is_said_at_its_row(
        self, tom: FlaskClient, post: Post, page: Page, form: dict[str, str], section: Section
    ) -> None:
        make.outage(section)
        root = page(post(tom, NEW, {**form, f"section-{section.id}": "off:60"}))
        assert "off already" in root.one("div", id=f"section-{section.id}-row").text

    def test_back_dated(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> None:
        post(tom, NEW, {**form, "when": "earlier", "when_at": "2026-11-21T13:10"})
        update = db.session.scalars(sa.select(IncidentUpdate)).one()
        assert (update.at, update.visible_from) == (NOW - HOUR * 4 / 3, NOW)

    def test_hostile_words_are_only_words(self, tom: FlaskClient, post: Post, page: Page, form: dict[str, str]) -> None:
        names = ("title", "body", "broken", "affected", "instead", "expected", "third_party")
        answer = post(tom, NEW, {**form, **dict.fromkeys(names, HOSTILE)})
        for url in (answer.location, LIST, f"{answer.location}/edit", "/admin/activity"):
            assert "<script>alert" not in tom.get(url).text
            page(tom.get(url))
        assert incident().title == "<script>alert(1)</script>]]>"


class TestNotForThePublic:
    SECRET = "Zanzibar leak"

    @pytest.mark.parametrize(
        "given",
        [
            {"is_private": "y"},
            {"do": "draft"},
            {"when": "later", "when_at": "2026-11-21T18:00", "next": "none"},
        ],
    )
    def test_no_public_byte_has_it(
        self, tom: FlaskClient, post: Post, form: dict[str, str], section: Section, given: dict[str, str], settings
    ) -> None:
        sent = {**form, "title": self.SECRET, "body": self.SECRET, "broken": self.SECRET, **given}
        taken = {f"section-{section.id}": "off:60"} if "is_private" in given else {}
        assert post(tom, NEW, {**sent, **taken}).status_code == 303
        publish.write_files(NOW)
        files = [path for path in settings.published.rglob("*") if path.is_file()]
        assert files
        assert [path for path in files if b"Zanzibar" in path.read_bytes()] == []
        assert b"Zanzibar" not in tom.get("/").data

    def test_until_it_is_published(self, tom: FlaskClient, post: Post, page: Page, form: dict[str, str]) -> None:
        post(tom, NEW, {**form, "is_private": "y"})
        url = f"{LIST}/{incident().id}/edit"
        sent = page(tom.get(url)).form(url)
        sent.pop("is_private")
        assert post(tom, url, sent).status_code == 303
        assert not incident().is_private


class TestDrafts:
    @pytest.fixture
    def url(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> str:
        post(tom, NEW, {**form, "do": "draft", "body": ""})
        return f"{LIST}/{incident().id}/draft"

    def test_it_needs_no_more_than_a_title(self, tom: FlaskClient, url: str) -> None:
        assert incident().published_at is None
        assert done(tom) == "The draft “Payments fail” is saved. Nobody outside sees it."

    def test_its_page_leads_to_its_form(self, tom: FlaskClient, url: str) -> None:
        assert tom.get(url.removesuffix("/draft")).location == url

    def test_written_on_and_published(
        self, tom: FlaskClient, post: Post, page: Page, url: str, payments: Component
    ) -> None:
        given = {
            "title": "Other",
            "body": "You cannot pay.",
            "do": "publish",
            f"component-{payments.id}": "major_outage",
        }
        answer = post(tom, url, {**page(tom.get(url)).form(url), **given})
        assert (answer.status_code, incident().title, incident().published_at) == (303, "Other", NOW)
        assert tom.get(url).location == url.removesuffix("/draft")

    def test_what_was_chosen_is_offered_again(
        self, tom: FlaskClient, post: Post, page: Page, url: str, section: Section, payments: Component
    ) -> None:
        chosen = {f"section-{section.id}": "warn", f"component-{payments.id}": "partial_outage", "stage": "monitoring"}
        post(tom, url, {**page(tom.get(url)).form(url), **chosen, "do": "draft", "body": "Soon."})
        offered = page(tom.get(url)).form(url)
        assert {name: offered[name] for name in chosen} == chosen

    def test_when_it_was_to_come_out_is_kept(self, tom: FlaskClient, post: Post, page: Page, url: str) -> None:
        later = {"when": "later", "when_at": "2026-11-21T18:00", "body": "Soon.", "next": "none", "do": "draft"}
        post(tom, url, {**page(tom.get(url)).form(url), **later})
        assert incident().published_at is None
        offered = page(tom.get(url)).form(url)
        assert (offered["when"], offered["when_at"]) == ("later", "2026-11-21T18:00")

    def test_scheduled_then_called_off(self, tom: FlaskClient, post: Post, page: Page, url: str) -> None:
        later = {"when": "later", "when_at": "2026-11-21T18:00", "body": "Soon.", "next": "none", "do": "publish"}
        post(tom, url, {**page(tom.get(url)).form(url), **later})
        assert done(tom) == "“Payments fail” will be published at 18:00."
        assert "Out 18:00" in tom.get(LIST).text
        post(tom, url.replace("/draft", "/call-off"), {"version": incident().version})
        assert incident().published_at is None

    def test_discarded_with_a_way_back(self, tom: FlaskClient, post: Post, url: str) -> None:
        post(tom, url.replace("/draft", "/discard"), {"version": incident().version})
        assert tom.get(url).status_code == 404
        change = db.session.scalars(sa.select(Change).order_by(Change.id.desc())).first()
        assert change is not None
        post(tom, f"/admin/changes/{change.id}/undo")
        assert tom.get(url).status_code == 200

    def test_two_at_once(self, tom: FlaskClient, ada: FlaskClient, post: Post, page: Page, url: str) -> None:
        mine = page(tom.get(url)).form(url)
        post(ada, url, {**page(ada.get(url)).form(url), "body": "Words of Ada", "do": "draft"})
        answer = post(tom, url, {**mine, "body": "Words of Tom", "do": "draft"})
        assert answer.status_code == 409
        assert "Words of Ada" in answer.text
        assert "Words of Tom" in answer.text
        again = page(answer).form(url)
        assert post(tom, url, again).status_code == 303

    def test_what_was_typed_before_the_other_saved_is_a_conflict(
        self, tom: FlaskClient, ada: FlaskClient, post: Post, page: Page, url: str
    ) -> None:
        mine = {**page(tom.get(url)).form(url), "body": "Words of Tom"}
        post(tom, f"{LIST}/typed/incident-{incident().id}", mine)
        post(ada, url, {**page(ada.get(url)).form(url), "body": "Words of Ada", "do": "draft"})
        answer = post(tom, url, {**page(tom.get(url)).form(url), "do": "draft"})
        assert answer.status_code == 409
        assert "Words of Ada" in answer.text

    def test_published_meanwhile(self, tom: FlaskClient, ada: FlaskClient, post: Post, page: Page, url: str) -> None:
        mine = {**page(tom.get(url)).form(url), "body": "Words of Tom"}
        post(ada, url, {**page(ada.get(url)).form(url), "body": "Words of Ada", "do": "publish"})
        answer = post(tom, url, {**mine, "do": "publish"})
        assert answer.status_code == 409
        assert "was published while you were at it" in answer.text
        assert "Save mine" not in answer.text

    @pytest.mark.parametrize("what", ["draft", "discard", "call-off"])
    def test_one_needs_a_version(self, tom: FlaskClient, post: Post, url: str, what: str) -> None:
        assert post(tom, url.replace("/draft", f"/{what}"), {"title": "x"}).status_code == 428

    @pytest.mark.parametrize("what", ["discard", "call-off"])
    def test_an_old_version_does_nothing(self, tom: FlaskClient, post: Post, page: Page, url: str, what: str) -> None:
        later = {"when": "later", "when_at": "2026-11-21T18:00", "body": "Soon.", "next": "none", "do": "publish"}
        post(tom, url, {**page(tom.get(url)).form(url), **later})
        post(tom, url.replace("/draft", f"/{what}"), {"version": "1"})
        assert incident().published_at is not None
        assert "Look at it again" in done(tom)


class TestDetails:
    @pytest.fixture
    def url(self, app: object) -> str:
        made = make.incident("Payments fail", broken="Payments")
        make.update(made)
        return f"{LIST}/{made.id}/edit"

    def test_edited_and_undone(self, tom: FlaskClient, post: Post, page: Page, url: str) -> None:
        post(tom, url, {**page(tom.get(url)).form(url), "instead": "Call us."})
        assert (incident().instead, incident().broken) == ("Call us.", "Payments")
        strip = read(tom.get(url.removesuffix("/edit")).text).one("div", class_="done")
        post(tom, strip.one("form").attrs["action"])
        assert incident().instead == ""

    def test_a_title_is_needed(self, tom: FlaskClient, post: Post, page: Page, url: str) -> None:
        answer = post(tom, url, {**page(tom.get(url)).form(url), "title": "", "instead": "Call us."})
        assert (answer.status_code, page(answer).form(url)["instead"]) == (422, "Call us.")

    def test_two_at_once(self, tom: FlaskClient, ada: FlaskClient, post: Post, page: Page, url: str) -> None:
        mine = page(tom.get(url)).form(url)
        post(ada, url, {**page(ada.get(url)).form(url), "title": "Ada’s title"})
        answer = post(tom, url, {**mine, "title": "Tom’s title"})
        assert answer.status_code == 409
        assert "Ada’s title" in answer.text
        assert "Tom’s title" in answer.text

    def test_a_draft_has_another_form(self, tom: FlaskClient) -> None:
        draft = make.incident(published_at=None)
        make.update(draft)
        assert tom.get(f"{LIST}/{draft.id}/edit").location == f"{LIST}/{draft.id}/draft"


@pytest.mark.parametrize("what", ["", "/draft", "/edit", "/updates/1/words"])
def test_what_is_not_there(tom: FlaskClient, what: str) -> None:
    assert tom.get(f"{LIST}/99{what}").status_code == 404


class TestTyping:
    KEEP = f"{LIST}/typed/incident-new"

    def test_it_is_kept_and_offered_again(self, tom: FlaskClient, post: Post, page: Page, form: dict[str, str]) -> None:
        answer = post(tom, self.KEEP, {**form, "title": "Half a ti"}, headers=HTMX)
        assert answer.text.strip() == "Draft saved 14:30"
        root = page(tom.get(NEW))
        assert root.form(NEW)["title"] == "Half a ti"
        assert root.form(NEW)["once"] != form["once"]
        assert "Draft saved 14:30" in root.text

    def test_also_for_who_signs_in_again(self, client_of: Client, post: Post, page: Page) -> None:
        post(client_of("delivery_manager"), self.KEEP, {"title": "Half a ti"})
        assert page(client_of("delivery_manager").get(NEW)).form(NEW)["title"] == "Half a ti"
        assert page(client_of("admin").get(NEW)).form(NEW)["title"] == ""

    def test_it_is_gone_once_it_was_sent(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> None:
        post(tom, self.KEEP, form)
        post(tom, NEW, form)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0

    def test_it_is_dropped(self, tom: FlaskClient, post: Post, page: Page, form: dict[str, str]) -> None:
        post(tom, self.KEEP, form)
        assert post(tom, f"{self.KEEP}/drop").location == NEW
        assert page(tom.get(NEW)).form(NEW)["title"] == ""

    def test_others_see_who_is_at_it(self, tom: FlaskClient, ada: FlaskClient, post: Post) -> None:
        post(tom, self.KEEP, {"title": "x"})
        assert "Tom Reed is editing this too." in ada.get(NEW).text
        assert ada.get(self.KEEP, headers=HTMX).text.strip() == "Tom Reed is editing this too."
        assert tom.get(self.KEEP, headers=HTMX).text.strip() == ""
        with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
            assert ada.get(self.KEEP, headers=HTMX).text.strip() == ""

    @pytest.mark.parametrize("form", ["incident-0", "incident-99", "x", "incident-new2", "incident-" + "9" * 30])
    def test_a_form_that_is_not_there(self, tom: FlaskClient, post: Post, form: str) -> None:
        assert post(tom, f"{LIST}/typed/{form}", {"title": "x"}).status_code == 404

    def test_not_for_who_may_not_write(self, viewer: FlaskClient, post: Post) -> None:
        assert post(viewer, self.KEEP, {"title": "x"}).status_code == 403

    def test_too_much_is_refused(self, tom: FlaskClient, post: Post) -> None:
        assert post(tom, self.KEEP, {"title": "x" * 300_000}).status_code == 413


class TestPreview:
    URL = f"{NEW}/preview"

    def test_the_section_and_the_incident_as_they_will_be(
        self, tom: FlaskClient, post: Post, form: dict[str, str], section: Section, payments: Component
    ) -> None:
        given = {f"section-{section.id}": "off:60", f"component-{payments.id}": "major_outage", "broken": "Payments"}
        look = read(post(tom, self.URL, {**form, **given}, headers=HTMX).text)
        titles = [node.text for node in look.all("p", class_="notice__title")]
        assert titles == ["Direct deposit is unavailable until 15:30", "Payments fail"]
        assert "Payments: Major outage" in look.text
        assert "1 of 5 told" in look.text
        assert "Next update by 15:00" in look.text
        assert (count(), db.session.scalar(sa.select(sa.func.count(Outage.id)))) == (0, 0)

    def test_the_checks_come_with_it(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> None:
        look = read(post(tom, self.URL, {**form, "body": "You cannot pay. Call us instead."}, headers=HTMX).text)
        assert [node.text for node in look.all("li", class_="good")] == [
            "What is broken",
            "Who is affected",
            "Another way",
        ]
        assert "6 words" in look.text

    def test_a_half_filled_form_has_a_preview_too(self, tom: FlaskClient, post: Post) -> None:
        answer = post(tom, self.URL, {"when": "later", "when_at": "x", "stage": "x", "zone": "x"}, headers=HTMX)
        assert answer.status_code == 200
        assert "A time is not clear yet" in answer.text

    def test_nothing_of_it_is_told_of_a_private_one(self, tom: FlaskClient, post: Post, form: dict[str, str]) -> None:
        look = post(tom, self.URL, {**form, "is_private": "y"}, headers=HTMX).text
        assert "nobody outside sees any of this" in look
        assert "notice__title" not in look
