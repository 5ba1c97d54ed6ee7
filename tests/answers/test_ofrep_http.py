"""OFREP over HTTP, as its clients meet it: 304 (T36), slashes in keys (T38), browsers, and errors in its own form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from werkzeug.test import Client, TestResponse

from dashboard import answers
from dashboard.answers import ofrep
from dashboard.answers.question import Question
from dashboard.config import Settings
from dashboard.front import Front
from dashboard.press import Press
from tests import given
from tests.conftest import NOW
from tests.test_front import fail

FLAGS = "/ofrep/v1/evaluate/flags"
CONFIGURATION = "/ofrep/v1/configuration"
TOKEN = "signpost_larkfield"
FACTS = replace(
    given.facts(
        given.section(1),
        given.outage("14:00-18:00"),
        given.toggle("hide_it", 1),
        replace(given.toggle("payments/cards", 1)),
        replace(given.toggle("secret", 1), is_private=True),
    ),
    tokens=(hashlib.sha256(TOKEN.encode()).hexdigest(),),
)


@pytest.fixture
def press(settings: Settings) -> Iterator[Press]:
    press = Press(settings)
    press.put(FACTS, NOW)
    with time_machine.travel(NOW, tick=False):
        yield press


@pytest.fixture
def client(press: Press) -> Client:
    return Client(Front(fail, press, 2, {"admin"}))


def keys(answer: TestResponse) -> set[str]:
    assert answer.json is not None
    return {flag["key"] for flag in answer.json["flags"]}


@pytest.mark.parametrize("path", [f"{FLAGS}/hide_it", f"{FLAGS}/hide_it/"])
@pytest.mark.parametrize("kind", [None, "application/json", "application/json; charset=utf-8"])
def test_a_flag_is_read(client: Client, path: str, kind: str | None) -> None:
    answer = client.post(path, data=b'{"context":{}}', content_type=kind)
    assert (answer.status_code, answer.json["value"]) == (200, True)  # type: ignore[index]
    assert answer.content_type == "application/json; charset=utf-8"


def test_an_address_that_ends_in_a_slash_is_no_trouble(client: Client) -> None:
    assert client.post(FLAGS, environ_overrides={"PATH_INFO": f"/{FLAGS}/hide_it"}).json["value"] is True  # type: ignore[index]


@pytest.mark.parametrize("key", ["payments/cards", "payments%2Fcards"])
def test_a_key_may_hold_slashes(client: Client, key: str) -> None:
    assert client.post(f"{FLAGS}/{key}").json["key"] == "payments/cards"  # type: ignore[index]


@pytest.mark.parametrize("key", ["nope", "a/b c", "caffè/ü", "<script>", "hide_it/x", "a" * 2_000])
def test_a_flag_that_is_not_there_is_told_by_its_key(client: Client, key: str) -> None:
    answer = client.post(f"{FLAGS}/{key}", data=b"{}")
    assert (answer.status_code, answer.json["key"], answer.json["errorCode"]) == (404, key, "FLAG_NOT_FOUND")  # type: ignore[index]


@pytest.mark.parametrize(
    "path", [FLAGS, f"{FLAGS}/", f"{FLAGS}?flagConfigEtag=%22abc%22&flagConfigLastModified=1771622898"]
)
def test_all_flags_are_not_sent_again(client: Client, path: str) -> None:
    first = client.post(path, data=b'{"context":{}}')
    assert keys(first) == {"section.direct_deposit.down", "hide_it", "payments/cards"}
    unchanged = client.post(path, data=b'{"context":{}}', headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "Content-Type" not in unchanged.headers
    assert unchanged.headers["ETag"] == first.headers["ETag"]


def test_they_are_sent_again_once_they_differ(client: Client, press: Press) -> None:
    had = {"If-None-Match": client.post(FLAGS).headers["ETag"]}
    press.put(replace(FACTS, revision=43, outages=()), NOW)
    assert client.post(FLAGS, headers=had).json["flags"][0]["value"] is False  # type: ignore[index]


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {TOKEN}"}, {"X-API-Key": TOKEN}])
def test_a_token_opens_private_toggles_to_its_holder_alone(client: Client, headers: dict[str, str]) -> None:
    public, private = client.post(FLAGS), client.post(FLAGS, headers=headers)
    assert keys(private) - keys(public) == {"secret"}
    assert private.headers["Cache-Control"] == "private, no-store"
    assert {"Authorization", "X-API-Key"} <= set(public.headers["Vary"].split(", "))
    had = {"If-None-Match": public.headers["ETag"]}
    assert client.post(FLAGS, headers=had).status_code == 304
    assert client.post(FLAGS, headers={**had, **headers}).status_code == 200


def test_a_token_that_is_not_valid_switches_nothing_off(client: Client) -> None:
    answer = client.post(FLAGS, headers={"Authorization": "Bearer revoked"})
    assert keys(answer) == keys(client.post(FLAGS))
    assert answer.json["metadata"]["token"] == "not valid"  # type: ignore[index]
    assert client.post(f"{FLAGS}/secret", headers={"Authorization": "Bearer revoked"}).status_code == 404


def test_a_page_anywhere_may_ask(client: Client) -> None:
    asks = {"Origin": "https://www.example.org", "Access-Control-Request-Method": "POST"}
    preflight = client.options(f"{FLAGS}/hide_it", headers=asks)
    allowed = preflight.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"content-type", "if-none-match", "authorization", "x-api-key"} <= set(allowed)
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    for answer in (preflight, client.post(FLAGS, headers=asks), client.post(f"{FLAGS}/nope", headers=asks)):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert {"ETag", "Retry-After"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert "Set-Cookie" not in answer.headers


def test_the_configuration_is_not_sent_again(client: Client) -> None:
    first = client.get(CONFIGURATION)
    assert first.json["name"] == "Larkfield"  # type: ignore[index]
    assert client.get(CONFIGURATION, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [FLAGS, f"{FLAGS}/a/b"])
@pytest.mark.parametrize(
    ("method", "body", "status", "code"),
    [
        ("GET", b"", 405, "GENERAL"),
        ("PUT", b"{}", 405, "GENERAL"),
        ("POST", b"{", 400, "PARSE_ERROR"),
        ("POST", b'{"context":[]}', 400, "INVALID_CONTEXT"),
        ("POST", b"x" * 65_537, 413, "GENERAL"),
    ],
)
def test_every_error_is_told_alike(client: Client, path: str, method: str, body: bytes, status: int, code: str) -> None:
    answer = client.open(path, method=method, data=body)
    assert answer.status_code == status
    told_of(answer, code, "a/b" if path != FLAGS else None)


def test_what_breaks_is_a_500_whose_words_clients_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Question(FLAGS, read=lambda *_: None, say=lambda *_: 1 / 0, methods=("POST",), error=ofrep.error)  # type: ignore[arg-type, return-value]
    monkeypatch.setitem(answers._BY_PATH, FLAGS, broken)
    answer = client.post(FLAGS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (500, "2")
    told_of(answer, "GENERAL", None)


def test_before_anything_was_published_it_says_so(settings: Settings) -> None:
    answer = Client(Front(fail, Press(settings), 2, {"admin"})).post(f"{FLAGS}/hide_it")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    told_of(answer, "GENERAL", "hide_it")


def told_of(answer: TestResponse, code: str, key: str | None) -> None:
    said = dict(answer.json or {})
    assert said.pop("errorDetails")
    assert said == {"errorCode": code, **({"key": key} if key else {})}
