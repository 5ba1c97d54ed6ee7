"""A line of the table of answers: what of a request matters to it, and what is said then."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dashboard.documents import JSON, SHORT, data
from dashboard.snapshot import Snapshot

LARGEST_BODY = 65_536  # bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as an answer may depend on it. ``headers`` by their names in lower case."""

    t: datetime
    key: str = ""
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)  # of a name that comes twice the last
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer before it is packed. ``more`` are headers beside those that every answer has. ``reads`` are the toggles
    that it tells of, by the names that were asked for; "" is all of them at once."""

    body: bytes
    status: str = "200 OK"
    cache: str = SHORT
    more: tuple[tuple[str, str], ...] = ()
    reads: tuple[str, ...] = ()


class Refused(Exception):
    """What was asked cannot be answered; ``said`` says why, as its kind of client understands it."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.status)
        self.said = said


def error(status: str, words: str, key: str) -> Said:
    """Why something cannot be answered, for clients that expect nothing special."""
    return in_json({"error": words}, status, cache="no-store")


def in_json(what: Any, status: str = "200 OK", cache: str = SHORT, reads: tuple[str, ...] = ()) -> Said:
    return Said(data.encode(what), status, cache, reads=reads)


@dataclass(frozen=True, slots=True)
class Question:
    """``read`` takes from a request what matters, or raises Refused; the same is answered once for an edition."""

    path: str  # may end in {key}
    read: Callable[[Snapshot, Asked], Hashable]
    say: Callable[[Snapshot, Any], Said]
    methods: tuple[str, ...] = ("GET", "HEAD")
    varies: tuple[str, ...] = ()  # request headers that it depends on
    origins: bool = False  # may pages of FRONT_END_ORIGINS ask with their cookies?
    content_type: str = JSON
    form: str = ""  # as what it is counted among the forms of the embed; "" is not
    error: Callable[[str, str, str], Said] = error  # of a status, words and the key: as its clients understand it
