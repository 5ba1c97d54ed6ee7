"""``/ofrep/v1``: flags as OpenFeature's Remote Evaluation Protocol (OFREP 0.3.0) asks for them.

Everybody is told the same but for private toggles, whatever the context says: a flag follows its sections.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from hmac import compare_digest
from typing import Any

import msgspec

from dashboard.answers import ofrep_flags as flags
from dashboard.answers.question import Asked, Refused, Said, in_json
from dashboard.documents import SHORT
from dashboard.rules.nesting import is_deep
from dashboard.snapshot import Snapshot

EVENTS = "/ofrep/v1/events"
VARIES = ("Authorization", "X-API-Key")
_QUIET_AFTER = 120  # seconds in the background, after which a client may let go of its event stream
_POLL_AT_MOST = 5_000  # one asking in so many milliseconds
_ONE_CLIENT_ONLY = "private, no-store"


class Reader(StrEnum):
    """Who asks. A token that is not valid is no reason to tell less than to everybody: to refuse the whole question
    would switch every flag of a front end to its default, and hide an outage, because somebody revoked a token."""

    ANYBODY = "anybody"
    HOLDER = "holder"
    STRANGER = "stranger"  # with a token that is not valid

    @property
    def cache(self) -> str:
        return SHORT if self is Reader.ANYBODY else _ONE_CLIENT_ONLY


def read_all(snapshot: Snapshot, asked: Asked) -> Reader:
    _check_body(asked)
    return _reader(snapshot, asked)


def say_all(snapshot: Snapshot, reader: Reader) -> Said:
    said: dict[str, Any] = {"flags": flags.every(snapshot, reader is Reader.HOLDER)}
    said["metadata"] = {"site": snapshot.site.name} | ({"token": "not valid"} if reader is Reader.STRANGER else {})
    if snapshot.site.events_url:
        endpoint = {"origin": snapshot.site.events_url, "requestUri": EVENTS}
        said["eventStreams"] = [{"type": "sse", "endpoint": endpoint, "inactivityDelaySec": _QUIET_AFTER}]
    return in_json(said, cache=reader.cache, reads=("", *_private(snapshot, reader)))


def _private(snapshot: Snapshot, reader: Reader) -> Iterator[str]:
    """By name, for "all of them" is all that everybody is told."""
    if reader is Reader.HOLDER:
        yield from (toggle.fact.name for toggle in snapshot.toggles if toggle.fact.is_private)


def read_one(snapshot: Snapshot, asked: Asked) -> tuple[str, Reader]:
    _check_body(asked)
    return asked.key.removesuffix("/"), _reader(snapshot, asked)


def say_one(snapshot: Snapshot, args: tuple[str, Reader]) -> Said:
    key, reader = args
    found = flags.one(snapshot, reader is Reader.HOLDER, key)
    if found is not None:
        return in_json(found, cache=reader.cache, reads=() if flags.is_of_section(key) else (key,))
    more = "; a private one is told only with a token that is valid" if reader is not Reader.HOLDER else ""
    return _refusal("404 Not Found", "FLAG_NOT_FOUND", f"There is no flag of this name{more}.", key)


def read_configuration(_: Snapshot, __: Asked) -> None:
    """It is the same for everybody."""


def say_configuration(snapshot: Snapshot, _: None) -> Said:
    """For clients of protocol 0.1, which ask for it before anything else."""
    capabilities = {
        "cacheInvalidation": {"polling": {"enabled": True, "minPollingIntervalMs": _POLL_AT_MOST}},
        "flagEvaluation": {"supportedTypes": ["boolean"]},
        "caching": {"enabled": True, "ttl": _POLL_AT_MOST},
    }
    return in_json({"name": snapshot.site.name, "capabilities": capabilities})


def error(status: str, words: str, key: str) -> Said:
    """Clients read the words of a 500, and of no other status above it."""
    return _refusal("500 Internal Server Error" if status.startswith("5") else status, "GENERAL", words, key)


def _reader(snapshot: Snapshot, asked: Asked) -> Reader:
    shown = list(_tokens(asked))
    if not shown:
        return Reader.ANYBODY
    digests = [hashlib.sha256(token.encode(errors="replace")).hexdigest() for token in shown]
    known = sum(compare_digest(one, other) for one in digests for other in snapshot.tokens)
    return Reader.HOLDER if known else Reader.STRANGER


def _tokens(asked: Asked) -> Iterator[str]:
    """Another scheme than Bearer is between the caller and a server before us."""
    scheme, _, token = asked.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        yield token.strip()
    if token := asked.headers.get("x-api-key", "").strip():
        yield token


def _check_body(asked: Asked) -> None:
    """Raises Refused for what is no question. The context is not used, so that any object will do, or none."""
    if not asked.body.strip():
        return
    try:
        said = None if is_deep(asked.body) else msgspec.json.decode(asked.body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _refused("PARSE_ERROR", "The body must be a JSON object, of numbers and depth within reason.", asked)
    if not isinstance(said.get("context"), dict | None):
        raise _refused("INVALID_CONTEXT", "The context must be a JSON object.", asked)


def _refused(code: str, words: str, asked: Asked) -> Refused:
    return Refused(_refusal("400 Bad Request", code, words, asked.key))


def _refusal(status: str, code: str, words: str, key: str) -> Said:
    return in_json(flags.trouble(code, words, key), status, cache="no-store")
