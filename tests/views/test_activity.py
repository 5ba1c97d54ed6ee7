"""Activity: every change as a sentence with what it altered, filtered, paged, and as a file."""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.actions import components, outages, people, sections, toggles, undo
from dashboard.actions.outages import Plan
from dashboard.actions.writing import PAGERDUTY, Actor, writing
from dashboard.db import db
from dashboard.models import Change, Component, Person, Section
from dashboard.rules.state import AtEnd
from dashboard.rules.status import Status
from dashboard.views.activity import KINDS, PAGE
from dashboard.views.deeds import DEEDS
from tests import make
from tests.conftest import NOW
from tests.views.page import Client, Node, Page, check_parts, read
from tests.views.queries import questions

LIST, FILE = "/admin/activity", "/admin/activity/changes.csv"
ACTIONS = Path(components.__file__).parent
HOSTILE = "<img src=x onerror=alert(1)>"
TOM = Actor("Tom Reed", None, "192.0.2.7")


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def entries(page: Node) -> list[str]:
    return [li.text for li in page.one("ol", class_="ledger card").all("li")]


def record(times: int = 1, kind: str = "outage.words", by: Actor = TOM, section: Section | None = None) -> None:
    with writing(by, NOW) as work:
        for number in range(times):
            after = {"message": f"Words {number}"}
            work.record(kind, "outage-1", "Documents", {"message": ""}, after, section.id if section else None)


def written(client: FlaskClient, query: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"{FILE}?{query}").text.removeprefix("\ufeff"))))


def test_what_is_planned_was_not_done_yet(viewer: FlaskClient, page: Page) -> None:
    section = make.section("documents")
    times = {"starts_at": (NOW + timedelta(days=1)).isoformat(), "planned_end": (NOW + timedelta(days=2)).isoformat()}
    with writing(TOM, NOW) as work:
        work.record("outage.start", "outage-1", "Documents", None, times, section.id)
    (said,) = entries(page(viewer.get(LIST)))
    assert "Tom Reed planned to take Documents off from tomorrow 14:30 until Monday 14:30" in said


def test_an_end_at_midnight_is_told_as_everywhere(viewer: FlaskClient, page: Page) -> None:
    with writing(TOM, NOW) as work:
        work.record("outage.extend", "outage-1", "Documents", {}, {"planned_end": "2026-11-22T00:00:00+00:00"})
    (said,) = entries(page(viewer.get(LIST)))
    assert "23:59" in said
    assert "00:01" not in said


def test_an_empty_list_says_what_to_do(viewer: FlaskClient, page: Page) -> None:
    assert "Nothing has happened yet" in page(viewer.get(LIST)).text


def recorded_kinds() -> set[str]:
    words = (
        node.value
        for path in ACTIONS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {word for word in words if re.fullmatch(r"[a-z]+\.[a-z_]+", word)} | {f"{noun}.undo" for noun in undo._ROWS}


def test_every_kind_that_an_action_records_has_a_sentence() -> None:
    assert recorded_kinds() == DEEDS.keys()


def test_every_kind_can_be_asked_for() -> None:
    nouns = [noun for _, of_kind in KINDS.values() for noun in of_kind]
    assert len(nouns) == len(set(nouns))
    assert {kind.partition(".")[0] for kind in DEEDS} <= set(nouns)


def test_who_what_when_and_from_where(ada: FlaskClient, page: Page) -> None:
    record()
    [entry] = entries(page(ada.get(LIST)))
    assert "Tom Reed changed the words for Documents 14:30 · from 192.0.2.7" in entry
    assert "Words for the public was nothing → , now Words 0" in entry


class TestWhatIsNotForEverybody:
    """Who may not see the accounts reads no e-mail address, role or network address of anybody here either."""

    SECRETS = ("eve@example.org", "tom.reed@", "Product manager", "192.0.2.7")

    @pytest.fixture(autouse=True)
    def changes(self, cast: dict[str, Person]) -> None:
        record()
        people.invite("eve@example.org", frozenset({"product_manager"}), TOM, NOW)
        tom = cast["delivery_manager"]
        values = {"name": tom.name, "email": "tom.reed@example.org", "roles": frozenset({"product_manager"})}
        people.edit(tom.id, 1, values, TOM, NOW)

    @pytest.mark.parametrize("url", [LIST, f"{LIST}?kind=people", f"{LIST}?who=1", FILE, f"{FILE}?kind=people"])
    @pytest.mark.parametrize("role", ["viewer", "product_manager", "delivery_manager"])
    def test_nobody_else_reads_them(self, client_of: Client, role: str, url: str) -> None:
        text = client_of(role).get(url).text
        assert [secret for secret in self.SECRETS if secret in text] == []

    @pytest.mark.parametrize("url", [LIST, FILE])
    def test_an_admin_does(self, ada: FlaskClient, url: str) -> None:
        text = ada.get(url).text
        assert [secret for secret in self.SECRETS if secret not in text] == []

    def test_the_others_are_told_whom_to_ask(self, viewer: FlaskClient, ada: FlaskClient, page: Page) -> None:
        told, offered = page(viewer.get(LIST)).text, page(viewer.get(LIST)).one("select", id="kind").text
        assert "To see what was done to accounts, and from which network addresses, ask an admin." in told
        assert "People" not in offered
        assert "ask an admin" not in page(ada.get(LIST)).text

    def test_the_rest_is_for_all(self, viewer: FlaskClient, page: Page) -> None:
        [entry] = entries(page(viewer.get(LIST)))
        assert "Tom Reed changed the words for Documents" in entry
        assert len(written(viewer)) == 2


class TestDifferences:
    """Before and after in words, never as they are stored."""

    def said(self, client: FlaskClient, page: Page) -> str:
        return entries(page(client.get(LIST)))[0]

    def test_an_outage(self, viewer: FlaskClient, page: Page) -> None:
        section = make.section("documents")
        plan = Plan(NOW, NOW + timedelta(hours=1), AtEnd.RESTORE, "Why", "", "", "Europe/London", "", "", "x" * 20)
        change = outages.start(section.id, plan, TOM, NOW)
        assert "took Documents off until 15:30" in self.said(viewer, page)
        assert "At the end it comes back by itself" in self.said(viewer, page)
        assert change is not None
        outage_id = int(change.subject.removeprefix("outage-"))
        outages.extend(outage_id, 1, None, "Europe/London", "", TOM, NOW)
        assert "Until was 15:30 → , now not known" in self.said(viewer, page)

    def test_a_section(self, viewer: FlaskClient, page: Page) -> None:
        parent, child, ledger = make.section("account"), make.section("documents"), make.component("ledger")
        depends = (sections.Depends(ledger.id, "warn"),)
        values = {"name": "Documents", "parent_id": parent.id, "warn_minutes": 30}
        sections.edit(child.id, 1, values, depends, TOM, NOW)
        text = " ".join(entries(page(viewer.get(LIST))))
        assert "Part of was nothing → , now Account" in text
        assert "Warned ahead was 60 min → , now 30 min" in text
        assert "now Ledger: planned work shows it as slow, a major outage changes nothing" in text

    def test_a_toggle(self, viewer: FlaskClient, page: Page) -> None:
        values = {"while_down": True, "owner": "Us", "sentence": "Hides it."}
        toggles.create("hide_it", values, frozenset({make.section("documents").id}), TOM, NOW)
        assert "While down it reads on Owner Us What it does Hides it. Sections Documents" in self.said(viewer, page)

    def test_a_component(self, viewer: FlaskClient, page: Page) -> None:
        ledger: Component = make.component("ledger")
        components.set_status(ledger.id, 1, Status.PARTIAL_OUTAGE, None, TOM, NOW)
        assert "Status was Operational → , now Partial outage" in self.said(viewer, page)
        components.archive(ledger.id, 2, TOM, NOW)
        assert "Archived was nothing → , now 14:30" in self.said(viewer, page)

    def test_what_is_gone_has_no_after(self, viewer: FlaskClient, page: Page) -> None:
        with writing(TOM, NOW) as work:
            work.record("component.unmap", "component-1", "Ledger", {"service": "P0AAAA1"}, None)
        assert "PagerDuty service was P0AAAA1 → , now nothing" in self.said(viewer, page)


def test_hostile_words_do_nothing(viewer: FlaskClient, page: Page) -> None:
    with writing(Actor(HOSTILE), NOW) as work:
        work.record("outage.words", "outage-1", HOSTILE, {"message": HOSTILE}, {"message": "{name} {end}"})
    assert HOSTILE not in viewer.get(LIST).text
    assert not page(viewer.get(LIST)).all("img")
    assert "{name} {end}" in page(viewer.get(LIST)).text


class TestFilters:
    @pytest.fixture(autouse=True)
    def changes(self, cast: dict[str, object], app: object) -> None:
        self.section = make.section("documents")
        self.priya = cast["product_manager"]
        record(by=Actor("Priya Shah", self.priya.id), section=self.section)  # type: ignore[attr-defined]
        record(by=PAGERDUTY, kind="window.add")
        record(by=TOM, kind="component.edit")

    @pytest.mark.parametrize(
        ("query", "want"),
        [
            ("", ["Tom Reed edited", "PagerDuty planned", "Priya Shah changed"]),
            ("who=PagerDuty", ["PagerDuty planned"]),
            ("section=documents", ["Priya Shah changed"]),
            ("kind=components", ["Tom Reed edited"]),
            ("who=&kind=windows&section=", ["PagerDuty planned"]),
            ("who=x%27y&kind=z&section=No%20Key&before=-1", ["Tom Reed edited", "PagerDuty planned", "Priya Shah"]),
        ],
    )
    def test_newest_first_and_only_what_was_asked(
        self, viewer: FlaskClient, page: Page, query: str, want: list[str]
    ) -> None:
        found = entries(page(viewer.get(f"{LIST}?{query}")))
        assert [entry.startswith(begins) for entry, begins in zip(found, want, strict=True)] == [True] * len(want)

    def test_by_person(self, viewer: FlaskClient, page: Page) -> None:
        asked = page(viewer.get(f"{LIST}?who={self.priya.id}"))  # type: ignore[attr-defined]
        assert [entry[:10] for entry in entries(asked)] == ["Priya Shah"]
        assert asked.form(LIST)["who"] == str(self.priya.id)  # type: ignore[attr-defined]

    def test_nothing_found_offers_everything(self, viewer: FlaskClient, page: Page) -> None:
        assert "Nothing here. Show everything" in page(viewer.get(f"{LIST}?kind=toggles")).text

    @pytest.mark.parametrize(
        "query", [f"who={2**31}", f"who={10**40}", f"before={10**40}", "who=²", "section=" + "x" * 200]
    )
    def test_a_number_too_great_is_not_asked_for(self, viewer: FlaskClient, query: str) -> None:
        assert viewer.get(f"{LIST}?{query}").status_code == 200

    def test_with_htmx_the_list_alone(self, viewer: FlaskClient) -> None:
        part = read(viewer.get(f"{LIST}?kind=windows", headers={"HX-Request": "true"}).text)
        check_parts(part)
        assert not part.all("h1")


def test_pages_by_id_lose_nothing_and_repeat_nothing(viewer: FlaskClient, page: Page) -> None:
    record(PAGE + 5)
    first = page(viewer.get(f"{LIST}?kind=outages"))
    older = next(a for a in first.all("a") if a.text == "Older").attrs["href"]
    record()  # something new does not move the next page
    second = page(viewer.get(older))
    assert (len(entries(first)), len(entries(second))) == (PAGE, 5)
    assert "kind=outages" in older
    assert not [a for a in second.all("a") if a.text == "Older"]


def test_the_same_number_of_questions_for_few_and_many(viewer: FlaskClient) -> None:
    record()
    few = questions(viewer, LIST)
    record(3 * PAGE)
    assert questions(viewer, LIST) == few


class TestFile:
    def test_the_same_in_cells(self, ada: FlaskClient) -> None:
        record()
        assert written(ada)[1][1:] == [
            "2026-11-21T14:30:00Z",
            "Tom Reed",
            "changed the words for Documents",
            "Words for the public: nothing",
            "Words for the public: Words 0",
            "192.0.2.7",
        ]

    def test_all_of_it_in_batches(self, viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dashboard.views.activity._BATCH", 2)
        record(5)
        numbers = [int(line[0]) for line in written(viewer)[1:]]
        assert numbers == sorted(db.session.scalars(sa.select(Change.id)), reverse=True)

    def test_only_what_was_asked(self, viewer: FlaskClient) -> None:
        record()
        assert len(written(viewer, "kind=toggles")) == 1

    @pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"])
    def test_a_cell_is_never_a_formula(self, viewer: FlaskClient, formula: str) -> None:
        record(by=Actor(formula))
        assert written(viewer)[1][2] == f"'{formula}"

    def test_quotes_and_lines_stay_in_their_cell(self, viewer: FlaskClient) -> None:
        record(by=Actor('a",b\nc'))
        assert written(viewer)[1][2] == 'a",b\nc'

    def test_what_it_is(self, viewer: FlaskClient) -> None:
        headers = viewer.get(FILE).headers
        assert headers["Content-Type"] == "text/csv; charset=utf-8"
        assert headers["Content-Disposition"] == 'attachment; filename="activity.csv"'
        assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("url", [LIST, FILE])
def test_nothing_can_be_done_to_it(client_of: Client, url: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client_of("admin").open(url, method=method).status_code == 405


@pytest.mark.parametrize("url", [LIST, FILE])
def test_everybody_with_an_account_sees_it(client_of: Client, url: str) -> None:
    for role in ("viewer", "product_manager", "delivery_manager", "admin"):
        assert client_of(role).get(url).status_code == 200
    assert client_of("nobody").get(url).status_code == 303
