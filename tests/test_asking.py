"""Questions over HTTP: methods, who may read the answer, what is kept, and what a bad question does (nothing)."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

import pytest
import time_machine
from werkzeug.test import Client

from dashboard import answers, asking
from dashboard.answers.question import Question, in_json
from dashboard.config import Settings
from dashboard.front import Front
from dashboard.press import Press
from tests import given
from tests.conftest import NOW
from tests.test_front import fail

TOGGLES = "/v0/feature_toggles"
FRIEND = "https://www.example.org"
FACTS = given.facts(
    given.section(1), given.section(2), given.outage("14:00-18:00"), given.toggle("hide_it", 1), given.toggle("b_2", 2)
)


@pytest.fixture
def press(settings: Settings) -> Iterator[Press]:
    press = Press(replace(settings, front_end_origins=(FRIEND,)))
    press.put(FACTS, NOW)
    with time_machine.travel(NOW, tick=False):
        yield press


@pytest.fixture
def client(press: Press) -> Client:
    return Client(Front(fail, press, 2, {"admin"}))


def test_it_is_answered_and_kept_for_who_asks_the_same(client: Client, press: Press) -> None:
    first = client.get(f"{TOGGLES}?features=hide_it")
    again = client.get(f"{TOGGLES}/?&cookie_id=7&features=hide_it")
    assert first.json == again.json == {"data": {"type": "feature_toggles", "features": [told("hide_it", True)]}}
    assert first.headers["Cache-Control"].startswith("public, max-age=10")
    assert press.edition is not None
    assert len(press.edition.said) == 1


def test_long_questions_do_not_fill_the_memory(client: Client, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_KEPT_BYTES", 20_000)
    for number in range(9):
        assert client.get(f"{TOGGLES}?features={number},{'x' * 5_000}").status_code == 200
    assert press.edition is not None
    assert 0 < len(press.edition.said) < 9
    assert press.edition.said_bytes < 30_000


def test_what_it_has_already_is_not_sent_again(client: Client) -> None:
    first = client.get(TOGGLES)
    unchanged = client.get(TOGGLES, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "Content-Type" not in unchanged.headers
    assert client.get(f"{TOGGLES}?features=b_2", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_it_is_packed(client: Client) -> None:
    packed = client.get(TOGGLES, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get(TOGGLES).data


def test_head_and_other_methods(client: Client) -> None:
    assert client.head(TOGGLES).data == b""
    refused = client.post(TOGGLES, data=b"{}")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert refused.json is not None


def test_a_page_of_a_known_origin_may_ask_with_its_cookies(client: Client) -> None:
    asks = {"Origin": FRIEND, "Access-Control-Request-Headers": "x-key-inflection, source-app-name, x-csrf-token"}
    for answer in (client.options(TOGGLES, headers=asks), client.get(TOGGLES, headers=asks)):
        assert answer.headers.getlist("Access-Control-Allow-Origin") == [FRIEND]
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.headers["Vary"]
    allowed = client.options(TOGGLES, headers=asks).headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"x-key-inflection", "source-app-name", "x-csrf-token", "content-type"} <= set(allowed)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_everybody_else_asks_without(client: Client, origin: str) -> None:
    answer = client.get(TOGGLES, headers={"Origin": origin})
    assert answer.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_so_many_are_kept_and_no_more(client: Client, press: Press) -> None:
    for number in range(600):
        client.get(f"{TOGGLES}?features=x{number}")
    assert press.edition is not None
    assert 0 < len(press.edition.said) <= 512


@pytest.mark.parametrize("query", ["features=%ff%00", "features=" + "a," * 5_000, "&" * 3_000, "features=%", "=&=;"])
def test_a_bad_question_gets_an_answer(client: Client, query: str) -> None:
    assert client.get(f"{TOGGLES}?{query}").status_code == 200


def test_an_answer_that_breaks_is_a_503_in_json(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Question(TOGGLES, read=lambda *_: None, say=lambda *_: 1 / 0, methods=("GET", "POST"))  # type: ignore[arg-type, return-value]
    monkeypatch.setitem(answers._BY_PATH, TOGGLES, broken)
    answer = client.get(TOGGLES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json == {"error": "This cannot be answered at the moment."}


def test_a_body_that_is_too_large_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    said = Question(
        TOGGLES, read=lambda _, asked: asked.body, say=lambda _, body: in_json(len(body)), methods=("POST",)
    )
    monkeypatch.setitem(answers._BY_PATH, TOGGLES, said)
    assert client.post(TOGGLES, data=b"x" * 65_536).json == 65_536
    assert client.post(TOGGLES, data=b"x" * 65_537).status_code == 413


class TestSlowBodies:
    """Who sends a body slowly takes one of a few seats, and shuts nobody out."""

    @pytest.fixture
    def line(self, monkeypatch: pytest.MonkeyPatch) -> Question:
        said = Question(
            TOGGLES, read=lambda _, asked: asked.body, say=lambda _, body: in_json(body.decode()), methods=("POST",)
        )
        monkeypatch.setitem(answers._BY_PATH, TOGGLES, said)
        return said

    def test_while_nothing_moves_nobody_waits_for_them(self, line: Question, press: Press) -> None:
        client = Client(Front(fail, press, 4, {"admin"}))
        with slowly(client) as answers_later:
            unread = client.post(TOGGLES, data=b"quick")
            assert (unread.status_code, unread.json, unread.headers["Connection"]) == (200, "", "close")
            known = client.post(TOGGLES, data=b"quick", headers={"If-None-Match": unread.headers["ETag"]})
            assert (known.status_code, known.headers["Connection"]) == (304, "close")
        assert answers_later() == ["slow"]
        assert client.post(TOGGLES, data=b"quick").json == "quick"

    def test_else_one_waits_a_moment(self, line: Question, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(asking, "_MOMENT", 10)
        client, quick = Client(Front(fail, press, 4, {"admin"})), []
        other = threading.Thread(target=lambda: quick.append(client.post(TOGGLES, data=b"quick").json))
        with slowly(client):
            other.start()
        other.join(10)
        assert quick == ["quick"]


@contextmanager
def slowly(client: Client) -> Iterator[Callable[[], list[object]]]:
    """Somebody whose body comes when the block ends; and then what they were told."""
    begun, end, told = threading.Event(), threading.Event(), []

    class Body(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            begun.set()
            assert end.wait(10)
            return b"slow"

    def post() -> None:
        told.append(client.post(TOGGLES, input_stream=Body(), content_length=4).json)

    somebody = threading.Thread(target=post)
    somebody.start()
    try:
        assert begun.wait(10)
        yield lambda: told
    finally:
        end.set()
        somebody.join(10)


def test_before_anything_was_published_it_is_a_503(settings: Settings) -> None:
    answer = Client(Front(fail, Press(settings), 2, {"admin"})).get(TOGGLES)
    assert (answer.status_code, answer.content_type) == (503, "application/json; charset=utf-8")


def told(name: str, value: bool) -> dict[str, object]:
    return {"name": name, "value": value}
