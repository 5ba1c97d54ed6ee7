"""Flags as OpenFeature's clients read them: what is in them, for whom, and what a bad question is told (T35)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from dashboard.answers import ofrep, ofrep_flags
from dashboard.answers.ofrep import Reader
from dashboard.answers.question import Asked, Refused
from dashboard.snapshot import Snapshot, snapshot_at
from tests import given
from tests.conftest import NOW
from tests.rules.given import at

TOKEN = "signpost_larkfield"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()
PARTS = (
    given.section(1),
    given.section(2),
    given.toggle("hide_direct_deposit", 1),
    given.toggle("documents_enabled", 2, while_down=False),
    replace(given.toggle("search_down", 2), aliases=("search_is_down",)),
    replace(given.toggle("secret", 1), is_private=True),
    given.outage("14:00-18:00", message="You cannot pay.", alternative="Call 0300 000 0000."),
)


def shown(*of: Any, t: str = "14:30", events: str = "") -> Snapshot:
    facts = given.facts(*(of or PARTS), site=replace(given.SITE, events_url=events))
    return snapshot_at(replace(facts, tokens=(DIGEST, "0" * 64)), at(t))


SNAPSHOT = shown()


def one(key: str, reader: Reader = Reader.ANYBODY, snapshot: Snapshot = SNAPSHOT) -> dict[str, Any]:
    return msgspec.json.decode(ofrep.say_one(snapshot, (key, reader)).body)


def every(reader: Reader = Reader.ANYBODY, snapshot: Snapshot = SNAPSHOT) -> dict[str, Any]:
    return msgspec.json.decode(ofrep.say_all(snapshot, reader).body)


def keys(reader: Reader = Reader.ANYBODY, snapshot: Snapshot = SNAPSHOT) -> list[str]:
    return [flag["key"] for flag in every(reader, snapshot)["flags"]]


def test_a_flag_tells_all_that_a_notice_needs() -> None:
    assert one("hide_direct_deposit") == {
        "key": "hide_direct_deposit",
        "value": True,
        "reason": "STATIC",
        "variant": "down",
        "metadata": {
            "section": "direct_deposit",
            "name": "Direct deposit",
            "state": "down",
            "url": "http://status.example.org/sections/direct_deposit/",
            "from": "2026-11-21T14:00:00Z",
            "until": "2026-11-21T18:00:00Z",
            "title": "Direct deposit is unavailable until 18:00",
            "message": "You cannot pay.",
            "alternative": "Call 0300 000 0000.",
            "rev": SNAPSHOT.sections[0].notices[0].rev,
        },
    }


@pytest.mark.parametrize(
    ("key", "value", "variant", "state"),
    [
        ("section.direct_deposit.down", True, "down", "down"),
        ("section.documents.down", False, "up", "ok"),
        ("hide_direct_deposit", True, "down", "down"),
        ("documents_enabled", True, "up", "ok"),
        ("search_down", False, "up", "ok"),
        ("search_is_down", False, "up", "ok"),
    ],
)
def test_toggles_and_sections_are_flags(key: str, value: bool, variant: str, state: str) -> None:
    found = one(key)
    assert (found["key"], found["value"], found["variant"], found["metadata"]["state"]) == (key, value, variant, state)


def test_of_a_section_that_is_well_nothing_is_told_but_what_it_is() -> None:
    assert set(one("section.documents.down")["metadata"]) == {"section", "name", "state", "url"}


def test_times_in_words_are_filled_in_and_an_end_that_has_passed_is_none() -> None:
    late = one("hide_direct_deposit", snapshot=shown(*PARTS[:-1], given.outage("14:00-14:20 hold")))["metadata"]
    assert late["title"] == "Direct deposit is still unavailable"
    assert late["message"] == "We expected it back by 14:20. It is taking longer. We will say more by 15:20."
    assert "until" not in late
    assert "alternative" not in late


def test_what_is_to_come_is_told_before_it_begins() -> None:
    soon = one("hide_direct_deposit", snapshot=shown(*PARTS[:-1], given.outage("15:00-18:00")))
    assert (soon["value"], soon["variant"], soon["metadata"]["state"]) == (False, "up", "approaching")
    assert soon["metadata"]["title"] == "Direct deposit will be unavailable 15:00 to 18:00"
    assert soon["metadata"]["from"] == "2026-11-21T15:00:00Z"


def test_all_flags_are_told_by_each_of_their_names() -> None:
    assert keys() == [
        "section.direct_deposit.down",
        "section.documents.down",
        "hide_direct_deposit",
        "documents_enabled",
        "search_down",
        "search_is_down",
    ]
    assert every()["flags"][2] == one("hide_direct_deposit")


def test_a_name_of_its_own_counts_before_an_earlier_name_of_another() -> None:
    renamed = replace(given.toggle("new", 2), aliases=("old",))
    snapshot = shown(given.section(1), given.section(2), renamed, given.toggle("old", 1), PARTS[-1])
    assert one("old", snapshot=snapshot)["value"] is True
    assert keys(snapshot=snapshot).count("old") == 1


def test_a_flag_that_breaks_breaks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofrep_flags, "_of_toggle", lambda *_: 1 / 0)
    broken = every()["flags"][2]
    assert broken["key"] == "hide_direct_deposit"
    assert broken["errorCode"] == "GENERAL"
    assert broken["errorDetails"]
    assert every()["flags"][0]["value"] is True


def test_a_toggle_of_no_section_has_nothing_to_tell() -> None:
    snapshot = shown(given.section(1), replace(given.toggle("lonely"), section_ids=()))
    assert one("lonely", snapshot=snapshot)["metadata"] == {}


def test_a_private_one_is_told_to_who_has_a_token() -> None:
    assert one("secret")["errorCode"] == one("secret", Reader.STRANGER)["errorCode"] == "FLAG_NOT_FOUND"
    assert one("secret", Reader.HOLDER)["value"] is True
    assert ("secret" in keys(), "secret" in keys(Reader.STRANGER), "secret" in keys(Reader.HOLDER)) == (
        False,
        False,
        True,
    )


def test_who_asks_for_a_private_one_learns_no_more_than_of_one_that_is_not_there() -> None:
    assert one("secret") == {**one("nope"), "key": "secret"}


@pytest.mark.parametrize(
    ("headers", "want"),
    [
        ({}, Reader.ANYBODY),
        ({"authorization": f"Bearer {TOKEN}"}, Reader.HOLDER),
        ({"authorization": f"bearer  {TOKEN} "}, Reader.HOLDER),
        ({"x-api-key": TOKEN}, Reader.HOLDER),
        ({"authorization": "Basic dXNlcjpwdw==", "x-api-key": TOKEN}, Reader.HOLDER),
        ({"authorization": "Basic dXNlcjpwdw=="}, Reader.ANYBODY),
        ({"authorization": "Bearer "}, Reader.ANYBODY),
        ({"authorization": f"Bearer {TOKEN}x"}, Reader.STRANGER),
        ({"authorization": f"Bearer {DIGEST}"}, Reader.STRANGER),
        ({"x-api-key": "\xe9\u20ac"}, Reader.STRANGER),
    ],
)
def test_a_token_is_shown_in_either_header(headers: dict[str, str], want: Reader) -> None:
    assert ofrep.read_all(SNAPSHOT, Asked(NOW, headers=headers)) is want
    assert ofrep.read_one(SNAPSHOT, Asked(NOW, key="secret", headers=headers)) == ("secret", want)


def test_a_token_that_is_not_valid_reads_what_everybody_reads_and_is_told_so() -> None:
    assert every(Reader.STRANGER)["flags"] == every()["flags"]
    assert (every()["metadata"], every(Reader.STRANGER)["metadata"]) == (
        {"site": "Larkfield"},
        {"site": "Larkfield", "token": "not valid"},
    )


@pytest.mark.parametrize("reader", list(Reader))
def test_only_what_is_for_everybody_may_be_kept_for_others(reader: Reader) -> None:
    for said in (ofrep.say_all(SNAPSHOT, reader), ofrep.say_one(SNAPSHOT, ("hide_direct_deposit", reader))):
        assert said.cache.startswith("public") is (reader is Reader.ANYBODY)
    assert ofrep.say_one(SNAPSHOT, ("nope", reader)).cache == "no-store"


@pytest.mark.parametrize(
    "body", [b"", b" ", b"{}", b'{"context":{}}', b'{"context":null}', b'{"context":{"targetingKey":"u","age":7}}']
)
def test_any_context_will_do(body: bytes) -> None:
    assert ofrep.read_all(SNAPSHOT, Asked(NOW, body=body)) is Reader.ANYBODY


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "PARSE_ERROR"),
        (b"null", "PARSE_ERROR"),
        (b"[]", "PARSE_ERROR"),
        (b"\xff", "PARSE_ERROR"),
        (b'{"context":{"a":NaN}}', "PARSE_ERROR"),
        (b'{"context":{"a":1e999}}', "PARSE_ERROR"),
        (b'{"context":{"a":' + b"9" * 5_000 + b"}}", "PARSE_ERROR"),
        (b'{"context":' + b"[" * 50_000, "PARSE_ERROR"),
        (b'{"context":' + b'{"a":' * 32 + b"1" + b"}" * 33, "PARSE_ERROR"),
        (rb'{"context":{"a":"\ud800"}}', "PARSE_ERROR"),
        (b'{"context":[]}', "INVALID_CONTEXT"),
        (b'{"context":"u"}', "INVALID_CONTEXT"),
        (b'{"context":0}', "INVALID_CONTEXT"),
        (b'{"context":false}', "INVALID_CONTEXT"),
    ],
)
def test_a_bad_question_is_told_why(body: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        ofrep.read_one(SNAPSHOT, Asked(NOW, key="a/b", body=body))
    said = msgspec.json.decode(refused.value.said.body)
    assert (refused.value.said.status, said["key"], said["errorCode"]) == ("400 Bad Request", "a/b", code)
    assert said["errorDetails"]
    with pytest.raises(Refused) as refused:
        ofrep.read_all(SNAPSHOT, Asked(NOW, body=body))
    assert set(msgspec.json.decode(refused.value.said.body)) == {"errorCode", "errorDetails"}


@pytest.mark.parametrize(
    ("key", "reads"),
    [("search_is_down", ("search_is_down",)), ("section.documents.down", ()), ("secret", ()), ("nope", ())],
)
def test_it_is_told_which_toggle_was_read(key: str, reads: tuple[str, ...]) -> None:
    assert ofrep.say_one(SNAPSHOT, (key, Reader.ANYBODY)).reads == reads
    assert ofrep.say_all(SNAPSHOT, Reader.ANYBODY).reads == ("",)


def test_clients_of_the_first_version_are_told_how_often_to_ask() -> None:
    said = msgspec.json.decode(ofrep.say_configuration(SNAPSHOT, None).body)
    assert said["capabilities"]["cacheInvalidation"]["polling"] == {"enabled": True, "minPollingIntervalMs": 5_000}
    assert said["capabilities"]["flagEvaluation"] == {"supportedTypes": ["boolean"]}


def test_event_streams_are_told_of_where_there_are_some() -> None:
    assert "eventStreams" not in every()
    assert every(snapshot=shown(events="https://events.example.org"))["eventStreams"] == [
        {
            "type": "sse",
            "endpoint": {"origin": "https://events.example.org", "requestUri": "/ofrep/v1/events"},
            "inactivityDelaySec": 120,
        }
    ]
