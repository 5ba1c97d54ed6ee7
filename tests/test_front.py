"""The bare callable in front of Flask: what it answers, with what headers, and whom it asks for it (nobody)."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import brotli
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.test import Client, TestResponse

from dashboard import publish
from dashboard.config import Settings
from dashboard.db import db
from dashboard.documents.assets import VERSIONS
from dashboard.editions import ENCODINGS
from dashboard.files import file_of, write_documents
from dashboard.front import Front
from dashboard.negotiation import choose
from dashboard.press import Press
from tests import given, make
from tests.conftest import NOW

BANNER = "/embed/v1/status.json"


FACTS = given.facts(
    given.section(1),
    given.section(2, parent=1),
    given.outage("14:00-18:00", message="You cannot pay."),
    given.source("14:30"),
)


@pytest.fixture
def press(settings: Settings) -> Iterator[Press]:
    """What one process serves of a published website, at a moment that stands still."""
    press = Press(settings)
    press.put(FACTS, NOW)
    with time_machine.travel(NOW, tick=False):
        yield press


@pytest.fixture
def client(press: Press) -> Client:
    return Client(Front(fail, press, 4, {"admin"}))


def paths(press: Press) -> list[str]:
    edition = press.at(NOW)
    assert edition is not None
    return list(edition.lines)


def fail(*_: Any, **__: Any) -> Any:
    raise AssertionError("asked somebody")


@contextmanager
def nobody_answers(app: Flask) -> Iterator[None]:
    """Flask, the database and Redis raise when they are as much as touched."""
    front = app.wsgi_app
    assert isinstance(front, Front)
    front.inner, app.extensions["redis"] = fail, None
    sa.event.listen(db.engine, "before_cursor_execute", fail)
    yield
    sa.event.remove(db.engine, "before_cursor_execute", fail)


def test_every_document_is_served_as_it_is_published(press: Press, client: Client) -> None:
    edition = press.at(NOW)
    assert edition is not None
    write_documents(press.settings.published, edition)
    unpack = {"": bytes, "br": brotli.decompress, "gzip": gzip.decompress}
    for path in edition.lines:
        plain = file_of(press.settings.published, path)
        for encoding, suffix in ENCODINGS.items():
            answer = client.get(path, headers={"Accept-Encoding": encoding})
            assert answer.status_code == 200
            assert answer.headers.get("Content-Encoding", "") == encoding
            assert answer.data == plain.with_name(plain.name + suffix).read_bytes()
            assert unpack[encoding](answer.data) == plain.read_bytes()


def test_nobody_is_asked_for_it(app: Flask) -> None:
    make.outage(make.section("documents"))
    publish.publish(NOW)
    client = Client(app.wsgi_app)
    with time_machine.travel(NOW, tick=False), nobody_answers(app):
        for path in paths(publish.press()):
            assert client.get(path).status_code == 200
        assert client.get("/embed/v1/sections/nowhere.json").status_code == 404
        assert client.get("/sections/nowhere/").status_code == 404
        assert client.get("/sections/documents").status_code == 308


def test_the_admin_is_flasks(app: Flask) -> None:
    assert Client(app.wsgi_app).get("/admin/sections").status_code in (302, 303)


def test_headers_of_the_banner(client: Client) -> None:
    headers = client.get(BANNER).headers
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Access-Control-Expose-Headers"] == "Age, Date, ETag"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["ETag"].startswith('"')
    assert "Access-Control-Allow-Credentials" not in headers


def test_no_answer_sets_a_cookie_or_names_the_host(press: Press, client: Client) -> None:
    for path in (*paths(press), "/nowhere", "/embed/v1/nowhere.json"):
        answer = client.get(path, headers={"Host": "evil.example", "Cookie": "signpost=1"})
        assert "Set-Cookie" not in answer.headers
        assert b"evil.example" not in answer.data


def test_a_page_may_run_only_its_own_script(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert client.get("/").headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/badge/documents.svg", "/embed/v1/sections/documents.html"])
def test_a_picture_or_fragment_that_is_opened_by_itself_runs_nothing(client: Client, path: str) -> None:
    assert client.get(path).headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors" not in client.get(path).headers["Content-Security-Policy"]


def test_over_https_a_browser_is_told_to_stay_there(press: Press, client: Client) -> None:
    assert "Strict-Transport-Security" not in client.get("/").headers
    press.put(replace(FACTS, site=replace(FACTS.site, url="https://status.example.org")), NOW)
    assert client.get("/").headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_what_never_changes_may_be_kept_for_ever(press: Press, client: Client) -> None:
    kept = [path for path in paths(press) if "immutable" in client.get(path).headers["Cache-Control"]]
    assert sorted(path.rpartition(".")[2] for path in kept) == [*2 * ["css"], *2 * ["js"], *("js" for _ in VERSIONS)]


def test_the_query_is_ignored(client: Client) -> None:
    plain, asked = client.get(BANNER), client.get(f"{BANNER}?v=2&x=<script>")
    assert (asked.status_code, asked.data, asked.headers["ETag"]) == (200, plain.data, plain.headers["ETag"])


class TestUnchanged:
    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_each_variants_tag_is_known(self, client: Client, encoding: str) -> None:
        tag = client.get(BANNER, headers={"Accept-Encoding": encoding}).headers["ETag"]
        answer = self.ask(client, tag, encoding)
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == tag
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Cache-Control" in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(answer.headers.keys())

    @pytest.mark.parametrize("form", ["W/{tag}", '"other", {tag}', '"a",W/{tag} , "b"', "*", " * "])
    def test_in_every_form(self, client: Client, form: str) -> None:
        tag = client.get(BANNER).headers["ETag"]
        assert self.ask(client, form.format(tag=tag)).status_code == 304

    @pytest.mark.parametrize("tag", ['"other"', "", ",", '"', "W/", "tag", '"' + "x" * 5000])
    def test_another_tag_is_answered_in_full(self, client: Client, tag: str) -> None:
        assert self.ask(client, tag).status_code == 200

    def test_a_tag_in_another_encoding_is_as_good(self, client: Client) -> None:
        tag = client.get(BANNER, headers={"Accept-Encoding": "br"}).headers["ETag"]
        assert self.ask(client, tag, "gzip").status_code == 304

    def test_each_variant_has_a_tag_of_its_own(self, client: Client) -> None:
        tags = {client.get(BANNER, headers={"Accept-Encoding": name}).headers["ETag"] for name in ENCODINGS}
        assert len(tags) == len(ENCODINGS)

    def test_a_change_makes_another_tag(self, press: Press, client: Client) -> None:
        tag = client.get(BANNER).headers["ETag"]
        press.put(replace(FACTS, outages=()), NOW)
        assert self.ask(client, tag).status_code == 200

    def ask(self, client: Client, tag: str, encoding: str = "") -> TestResponse:
        return client.get(BANNER, headers={"If-None-Match": tag, "Accept-Encoding": encoding})


class TestMethods:
    def test_head_says_all_but_the_body(self, client: Client) -> None:
        full, head = client.get(BANNER), client.head(BANNER)
        assert head.data == b""
        assert dict(head.headers) == dict(full.headers)

    @pytest.mark.parametrize("path", [BANNER, "/", "/embed/v1/sections/nowhere.json"])
    def test_options(self, client: Client, path: str) -> None:
        answer = client.options(path, headers={"Access-Control-Request-Headers": "content-type"})
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type, If-None-Match"
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
    def test_nothing_else(self, client: Client, method: str) -> None:
        answer = client.open(BANNER, method=method)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


class TestElsewhere:
    @pytest.mark.parametrize("path", ["/embed/v1/sections/nowhere.json", "/badge/nowhere.svg", "/embed/x"])
    def test_an_unknown_key_is_told_to_programs_as_json(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (404, {"error": "There is nothing here."})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"

    @pytest.mark.parametrize(
        "path", ["/nowhere", "/sections/nowhere/", "/assets/old.css", "/../etc/passwd", "/%2e%2e/"]
    )
    def test_to_people_as_a_page_that_leads_on(self, client: Client, path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text
        assert 'href="http://status.example.org/"' in answer.text

    def test_head_of_nothing_has_no_body(self, client: Client) -> None:
        assert client.head("/nowhere").data == b""

    def test_without_its_slash_a_page_is_found_too(self, client: Client) -> None:
        answer = client.get("/sections/documents")
        assert (answer.status_code, answer.headers["Location"]) == (308, "documents/")

    def test_before_anything_was_published_it_says_so(self, settings: Settings) -> None:
        answer = Client(Front(fail, Press(settings), 4, {"admin"})).get(BANNER)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("accepts", "want"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.0,gzip;q=0.000", ""),
        ("br; q=0.5, gzip;q=1", "br"),
        ("br;q=1.0", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("*, br;q=0", "gzip"),
        ("gzip;q=0, *", "br"),
        ("deflate", ""),
        (",,;;q=,", ""),
    ],
)
def test_encoding(accepts: str, want: str) -> None:
    assert choose(accepts) == want


def test_strange_encodings_are_not_kept_for_ever(press: Press, client: Client) -> None:
    for number in range(200):
        client.get(BANNER, headers={"Accept-Encoding": f"x{number}"})
    front = client.application
    assert isinstance(front, Front)
    client.get(BANNER, headers={"Accept-Encoding": "x" * 10_000})
    assert sum(len(accepts) for accepts in front._encodings) < 20_000


class TestSeats:
    """At most half of the threads may be inside Flask."""

    def test_the_banner_is_answered_while_the_admin_is_full(self, press: Press) -> None:
        entered, leave = threading.Semaphore(0), threading.Event()

        def slow(environ: Any, start: Any) -> Iterable[bytes]:
            entered.release()
            assert leave.wait(10)
            start("200 OK", [])
            return [b"done"]

        client = Client(Front(slow, press, 4, {"admin"}))
        people = [threading.Thread(target=client.get, args=("/admin",)) for _ in range(2)]
        for person in people:
            person.start()
            assert entered.acquire(timeout=10)
        crowded = client.get("/admin")
        assert (crowded.status_code, crowded.headers["Retry-After"]) == (503, "2")
        assert client.get(BANNER).status_code == 200
        assert client.post("/ofrep/v1/evaluate/flags", data=b"{}").status_code == 200
        leave.set()
        for person in people:
            person.join(10)
        assert client.get("/admin").data == b"done"

    def test_whatever_goes_wrong_inside_a_seat_is_given_back(self, press: Press) -> None:
        def fail(environ: Any, start: Any) -> Iterable[bytes]:
            raise ZeroDivisionError

        client = Client(Front(fail, press, 2, {"admin"}))
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                client.get("/admin")
