"""What a message is made from, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from dashboard.channels.message import Message
from dashboard.rules.telling import Audience, Reach

T = TypeVar("T")
Past = Mapping[str, Mapping[str, Any]]  # what was last said in public, by the thing


@dataclass(frozen=True, slots=True)
class Deed:
    """A change that is to be told: who did what, and what differs."""

    kind: str
    subject: str
    name: str
    by: str
    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """All that is to be told of one thing by now, the oldest first. ``repeats``: how work of a series comes again."""

    thing: str
    audience: Audience
    deeds: tuple[Deed, ...]
    repeats: str = ""

    @property
    def noun(self) -> str:
        return self.thing.partition("-")[0]

    @property
    def id(self) -> int:
        return int(self.thing.partition("-")[2])

    @property
    def newest(self) -> Deed:
        return self.deeds[-1]

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(deed.kind for deed in self.deeds)


@dataclass(frozen=True, slots=True)
class Told:
    """``said`` is kept for the next one to compare. ``replaces``: it says how all of its thing stands, so that the
    last of such is enough. ``has_more``: there is more to say of it, to others perhaps."""

    message: Message
    reach: Reach
    said: Any = None
    is_planned: bool = False
    replaces: bool = True
    has_more: bool = False


def known(past: Past, thing: str, shape: type[T]) -> T | None:
    """What was last said of a thing; None if nothing."""
    return read(past.get(thing), shape)


def read(said: Any, shape: type[T]) -> T | None:
    """Of what was kept in another shape, by another version, nothing is known."""
    try:
        return msgspec.convert(said, shape, str_keys=True) if said is not None else None
    except msgspec.ValidationError:
        return None
