"""Followers taken out as a file and taken in from one: wrong lines are told, right ones are taken at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.actions.follower_import import MOST_ASKED
from dashboard.actions.follower_rows import Wants, wants_of
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Change, Delivery, Follower, Notification
from tests import make
from tests.conftest import NOW
from tests.views.conftest import token_of
from tests.views.page import Page

FILE, TAKE = "/admin/followers/followers.csv", "/admin/followers/import"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, smtp_url="smtp://127.0.0.1:9")


def take(client: FlaskClient, text: str | bytes, agreed: bool = True) -> TestResponse:
    given = text if isinstance(text, bytes) else text.encode()
    data = {"csrf_token": token_of(client), "file": (io.BytesIO(given), "followers.csv")}
    return client.post(TAKE, data=data | ({"agreed": "y"} if agreed else {}), content_type="multipart/form-data")


def live() -> dict[str, Follower]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(Follower).where(Follower.left_at.is_(None)).order_by(Follower.id))
    return {row.address: row for row in rows}


def cells(client: FlaskClient, query: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(client.get(f"{FILE}?{query}").text.removeprefix("\ufeff"))))


class TestOut:
    def test_who_has_confirmed_and_what_they_follow(self, tom: FlaskClient) -> None:
        section, component = make.section("documents"), make.component("ledger")
        make.follower("lin@larkfield.example", section, component, confirmed_at=NOW, planned=False, zone="Asia/Tokyo")
        make.follower("kim@larkfield.example", confirmed_at=None)
        make.follower("ops@larkfield.example", is_staff=True)
        make.follower("", left_at=NOW)
        _, *lines = cells(tom)
        what = "section:documents component:ledger"
        assert lines == [
            ["email", "lin@larkfield.example", what, "yes", "no", "Asia/Tokyo", "2026-11-21T14:30:00Z"],
        ]

    def test_nothing_is_a_formula(self, tom: FlaskClient) -> None:
        make.follower("=cmd@larkfield.example")
        assert cells(tom)[1][1] == "'=cmd@larkfield.example"

    def test_as_it_was_narrowed(self, tom: FlaskClient) -> None:
        make.follower("lin@larkfield.example")
        make.follower("sam@larkfield.example", paused_at=NOW)
        assert [line[1] for line in cells(tom, "state=paused")[1:]] == ["sam@larkfield.example"]

    def test_what_was_taken_out_can_be_taken_in(self, tom: FlaskClient) -> None:
        section = make.section("documents")
        make.follower("lin@larkfield.example", section, confirmed_at=NOW, problems=False)
        make.follower("+sam@larkfield.example", confirmed_at=NOW)
        before, written = cells(tom), tom.get(FILE).data
        for row in live().values():
            row.left_at, row.address = NOW, ""
        db.session.commit()
        assert take(tom, written).status_code == 303
        assert sorted(cells(tom)) == sorted(before)


class TestIn:
    def test_who_agreed_is_told_from_now_on(self, tom: FlaskClient) -> None:
        section = make.section("documents")
        text = (
            "address;what;planned;zone;confirmed_at\n"
            "Lin@Larkfield.example;section:documents;no;Europe/Berlin;2025-03-01\n"
            "sam@larkfield.example;;;;\n"
        )
        assert take(tom, text).status_code == 303
        lin, sam = live().values()
        assert (lin.address, lin.zone, f"{lin.confirmed_at:%Y-%m-%d}") == (
            *("lin@larkfield.example", "Europe/Berlin"),
            "2025-03-01",
        )
        assert wants_of(lin) == Wants(sections=frozenset({section.id}), planned=False, zone="Europe/Berlin")
        assert (sam.everything, sam.confirmed_at) == (True, NOW)
        [change] = db.session.scalars(sa.select(Change).where(Change.kind == "follower.import"))
        assert (change.subject_name, change.after) == ("2 addresses", {"number": 2})

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("email,lin,,,,,", "not an e-mail address"),
            ("email,,,,,,", "It has no address."),
            ("pigeon,lin@larkfield.example,,,,,", "“pigeon” is no channel."),
            ("webhook,http://127.0.0.1/x,,,,,", "public"),
            ("email,lin@larkfield.example,section:nowhere,,,,", "Nothing here is called “section:nowhere”."),
            ("email,lin@larkfield.example,,maybe,,,", "Under problems write yes or no."),
            ("email,lin@larkfield.example,,no,no,,", "neither problems nor planned work"),
            ("email,lin@larkfield.example,,,,Mars/Base,", "not a time zone"),
            ("email,lin@larkfield.example,,,,,tomorrow", "Write confirmed_at like"),
            ("email,lin@larkfield.example,,,,,2999-01-01", "from 2000 until now"),
            ("email,sam@larkfield.example,,,,,", "The same address stands in line 2."),
        ],
    )
    def test_a_wrong_line_is_told_and_the_right_ones_are_taken(
        self, tom: FlaskClient, page: Page, line: str, why: str
    ) -> None:
        head = "channel,address,what,problems,planned,zone,confirmed_at"
        found = page(take(tom, f"{head}\nemail,sam@larkfield.example,,,,,\n{line}\n"))
        assert "1 follower was taken in" in found.text
        assert "Line 3" in found.text
        assert why in found.text
        assert list(live()) == ["sam@larkfield.example"]

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            (b"", "Its first line must name the columns"),
            (b"name,mail\nx,y\n", "Its first line must name the columns"),
            (b"address\n\xff\xfe\n", "It is not written in UTF-8."),
            (b"address\n" + b"a@b.example\n" * 25_001, "It has more than 25,000 lines."),
            (b'address\n"' + b"x" * 200_000, "It cannot be read as CSV."),
        ],
    )
    def test_a_file_that_is_none_of_ours(self, tom: FlaskClient, page: Page, given: bytes, why: str) -> None:
        answer = take(tom, given)
        assert answer.status_code == 422
        assert why in page(answer).text

    def test_no_file(self, tom: FlaskClient, page: Page) -> None:
        answer = tom.post(TAKE, data={"csrf_token": token_of(tom)})
        assert "Choose a file." in page(answer).text

    def test_more_than_a_megabyte(self, tom: FlaskClient) -> None:
        answer = tom.post(TAKE, data=b"x" * 1_100_000, content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 413

    def test_who_follows_already_stays_as_they_are(self, tom: FlaskClient, page: Page) -> None:
        make.follower("lin@larkfield.example", planned=False)
        found = page(take(tom, "address\nlin@larkfield.example\nsam@larkfield.example\n"))
        assert "1 follows already and stays as it is: line 2" in found.text
        assert live()["lin@larkfield.example"].planned is False

    def test_who_was_asked_and_has_not_answered_is_told_now(self, tom: FlaskClient) -> None:
        make.follower("lin@larkfield.example", confirmed_at=None)
        assert take(tom, "address\nlin@larkfield.example\n").status_code == 303
        assert live()["lin@larkfield.example"].confirmed_at == NOW

    def test_a_webhook_has_a_secret(self, tom: FlaskClient) -> None:
        take(tom, "channel,address\nwebhook,https://hooks.larkfield.example/x\n")
        assert live()["https://hooks.larkfield.example/x"].secret.startswith("whsec_")

    def test_many_at_once(self, tom: FlaskClient) -> None:
        text = "address\n" + "".join(f"person{number}@larkfield.example\n" for number in range(1_234))
        assert take(tom, text).status_code == 303
        assert len(live()) == 1_234


class TestAsked:
    """Without their word that they agreed, each gets a link."""

    def test_each_gets_a_link_to_confirm(self, tom: FlaskClient, page: Page) -> None:
        make.section("documents", "Documents")
        text = "channel,address,what\nemail,lin@larkfield.example,section:documents\nwebhook,https://x.example/,\n"
        found = page(take(tom, text, agreed=False))
        assert "Only mail can be asked to confirm." in found.text
        assert live()["lin@larkfield.example"].confirmed_at is None
        [told] = db.session.scalars(sa.select(Notification).where(Notification.kind == "confirm"))
        assert "Documents" in str(told.message)
        assert db.session.scalars(sa.select(Delivery)).one().state == "waiting"

    def test_one_letter_a_day_however_often_the_file_is_taken_in(self, tom: FlaskClient) -> None:
        for _ in range(3):
            assert take(tom, "address\nlin@larkfield.example\n", agreed=False).status_code == 303
        assert len(db.session.scalars(sa.select(Delivery)).all()) == 1

    def test_a_few_at_a_time(self, tom: FlaskClient, page: Page) -> None:
        text = "address\n" + "".join(f"person{number}@larkfield.example\n" for number in range(MOST_ASKED + 1))
        answer = take(tom, text, agreed=False)
        assert answer.status_code == 422
        assert f"At most {MOST_ASKED} can be asked" in page(answer).text
        assert not live()


class TestWithoutAMailServer:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, smtp_url="")

    def test_nobody_can_be_asked(self, tom: FlaskClient, page: Page) -> None:
        assert "No mail server is set" in page(take(tom, "address\nlin@larkfield.example\n", agreed=False)).text
