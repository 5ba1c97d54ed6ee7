"""What a channel is: a line of the table CHANNELS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.channels.message import Letter, Outcome

if TYPE_CHECKING:
    from dashboard.channels.lines import Lines


class Unfit(ValueError):
    """An address that cannot be followed by; the sentence is for the person who typed it."""


class Failed(Exception):
    """Nobody answered as they should; the sentence says what was seen."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    retry_after: str
    body: bytes

    @property
    def is_well(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Channel:
    """``fit`` gives the address as it is kept, or raises Unfit. ``lane`` names what a slow receiver of that address may
    hold up: "email", or the host. ``send`` never raises for what the receiver does: that is its Outcome."""

    name: str
    label: str
    fit: Callable[[str], str]
    lane: Callable[[str], str]
    send: Callable[[Letter, Lines], Awaitable[Outcome]]
    is_for_staff: bool = False  # and for nobody else
