"""OFREP 0.3.0 as types: every answer of ours is one of these and holds nothing else (T35)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
import time_machine
from werkzeug.test import Client

from dashboard.config import Settings
from dashboard.front import Front
from dashboard.press import Press
from tests import given
from tests.conftest import NOW
from tests.test_front import fail

FLAGS = "/ofrep/v1/evaluate/flags"
HERE = Path(__file__).parent
Metadata = dict[str, bool | str | int | float]
ErrorCode = Literal["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL", "FLAG_NOT_FOUND"]


class Struct(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    pass


class Success(Struct):
    """Of what the protocol lets a server leave out, clients need everything but metadata."""

    key: str
    value: bool | str | int | float | dict[str, Any] | list[Any]
    reason: Literal["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"]
    variant: str
    metadata: Metadata = {}


class Failure(Struct):
    key: str
    error_code: ErrorCode
    error_details: str


class BulkFailure(Struct):
    error_code: ErrorCode
    error_details: str


class Endpoint(Struct):
    request_uri: str
    origin: str | msgspec.UnsetType = msgspec.UNSET


class EventStream(Struct):
    type: Literal["sse"]
    endpoint: Endpoint
    inactivity_delay_sec: int


class Bulk(Struct):
    flags: list[msgspec.Raw]
    metadata: Metadata
    event_streams: list[EventStream] | msgspec.UnsetType = msgspec.UNSET


class Polling(Struct):
    enabled: bool
    min_polling_interval_ms: int


class CacheInvalidation(Struct):
    polling: Polling


class FlagEvaluation(Struct):
    supported_types: list[str]


class Caching(Struct):
    enabled: bool
    ttl: int


class Capabilities(Struct):
    cache_invalidation: CacheInvalidation
    flag_evaluation: FlagEvaluation
    caching: Caching


class Configuration(Struct):
    name: str
    capabilities: Capabilities


def flag(body: bytes | msgspec.Raw) -> Success | Failure:
    is_failure = "errorCode" in msgspec.json.decode(body)
    return msgspec.json.decode(body, type=Failure if is_failure else Success)


def flags(body: bytes) -> list[Success | Failure]:
    return [flag(one) for one in msgspec.json.decode(body, type=Bulk).flags]


@pytest.fixture(params=["ok", "down", "late", "approaching", "degraded", "no end"])
def client(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Client]:
    """Of a website in each state."""
    states: dict[str, list[Any]] = {
        "ok": [],
        "down": [given.outage("14:00-18:00", message="“You” cannot <pay>.", alternative="Call us.")],
        "late": [given.outage("14:00-14:20 hold")],
        "approaching": [given.outage("15:00-18:00")],
        "degraded": [given.incident(given.update("14:00 identified"), touches={1: "warn"})],
        "no end": [given.outage("14:00-")],
    }
    toggles = [given.toggle("hide_it", 1), replace(given.toggle("lonely"), section_ids=())]
    site = replace(given.SITE, events_url="https://events.example.org")
    facts = given.facts(given.section(1), toggles, *states[request.param], site=site)
    press = Press(settings)
    press.put(replace(facts, tokens=(hashlib.sha256(b"t").hexdigest(),)), NOW)
    with time_machine.travel(NOW, tick=False):
        yield Client(Front(fail, press, 2, {"admin"}))


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "t"}, {"X-API-Key": "revoked"}])
def test_all_flags(client: Client, headers: dict[str, str]) -> None:
    found = flags(client.post(FLAGS, headers=headers).data)
    assert {type(one) for one in found} == {Success}
    assert [one.key for one in found] == ["section.direct_deposit.down", "hide_it", "lonely"]


@pytest.mark.parametrize("key", ["section.direct_deposit.down", "hide_it", "lonely"])
def test_one_flag(client: Client, key: str) -> None:
    found = flag(client.post(f"{FLAGS}/{key}", data=b'{"context":{}}').data)
    assert isinstance(found, Success)
    assert found.key == key
    assert found.variant in ("up", "down")
    assert all(found.metadata.values())


@pytest.mark.parametrize(
    ("method", "body"),
    [("POST", b"{}"), ("POST", b"{"), ("POST", b'{"context":1}'), ("GET", b""), ("POST", b"x" * 70_000)],
)
def test_failures(client: Client, method: str, body: bytes) -> None:
    assert isinstance(flag(client.open(f"{FLAGS}/nope", method=method, data=body).data), Failure)
    if body != b"{}":
        msgspec.json.decode(client.open(FLAGS, method=method, data=body).data, type=BulkFailure)


def test_the_configuration(client: Client) -> None:
    assert msgspec.json.decode(client.get("/ofrep/v1/configuration").data, type=Configuration).capabilities


def test_the_types_take_what_the_protocol_shows() -> None:
    """So that they are not narrower than it is."""
    assert isinstance(flag(recorded("single_ok")), Success)
    assert isinstance(flag(recorded("single_404")), Failure)
    assert isinstance(flag(recorded("single_500")), Failure)
    assert len(flags(recorded("bulk_ok"))) == 2
    assert msgspec.json.decode(recorded("bulk_error"), type=BulkFailure).error_code == "GENERAL"


def recorded(name: str) -> bytes:
    return (HERE / f"ofrep_{name}.json").read_bytes()
