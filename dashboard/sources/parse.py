"""What another server answered, read with suspicion: values, or trouble by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from dashboard.rules.nesting import is_deep

T = TypeVar("T")


class Trouble(Exception):
    """Why no answer was had: ``kind`` for code, ``sentence`` for staff. It never holds a key.

    The sentence of one kind of trouble is the same each time, so that a second failure like the first changes nothing.
    """

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def parse(reply: Reply, name: str, kind: type[T]) -> T:
    """The JSON of an answer as ``kind``; raises Trouble for anything else."""
    media = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise Trouble("not_json", f"{name} answered with something other than JSON.")
    try:
        if is_deep(reply.body):
            raise Trouble("too_deep", f"{name} answered with JSON that is nested too deep.")
        return msgspec.json.decode(reply.body, type=kind)
    except msgspec.ValidationError:
        raise Trouble("shape", f"{name} answered with JSON of another shape than expected.") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Trouble("bad_json", f"{name} answered with JSON that is cut off or wrong.") from None


def parse_part(raw: msgspec.Raw, kind: type[T]) -> T | None:
    """One record out of an answer; None when it is not what it should be."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
