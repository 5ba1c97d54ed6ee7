"""How documents for programs are written: JSON that may stand in a page, and what an address is called in it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

_MARKUP = {character.encode(): f"\\u{ord(character):04x}".encode() for character in "<>&\u2028\u2029"}
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = 12


def encode(said: Any) -> bytes:
    """Websites print it inside ``<script>``, so it holds nothing that could end that: in JSON such characters stand
    in strings alone, where they may as well be escaped."""
    body = msgspec.json.encode(said)
    for character, escaped in _MARKUP.items():
        body = body.replace(character, escaped)
    return body


@lru_cache(maxsize=10_000)
def name_of(noun: str, which: object) -> str:
    """Twelve lower-case letters and digits, always the same for the same thing, as Statuspage's clients know them."""
    number = int.from_bytes(hashlib.sha256(f"{noun}-{which}".encode()).digest()[:16])
    letters = ""
    while len(letters) < _LENGTH:
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return letters


def number_of(what: str) -> int:
    """Always the same whole number for the same, and one that a browser can hold."""
    return (int.from_bytes(hashlib.blake2b(what.encode(), digest_size=8).digest()) >> 12) + 1


def moment(t: datetime) -> str:
    """Of a time in UTC. This is said ten thousand times in a document, so no format is looked at."""
    return t.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment_or_none(t: datetime | None) -> str | None:
    return moment(t) if t else None
