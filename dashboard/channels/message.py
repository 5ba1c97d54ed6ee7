"""What is told, and to whom: all that a channel needs, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Message:
    """The same for everybody who is told. ``title`` and ``lines`` may hold {from}, {until} and {next}, which are filled
    in as the follower's zone has them.

    ``lines``: what is down, until when, what still works, what to do instead; each a paragraph. ``actions`` are for
    staff. ``at`` is when it became true. ``wire`` is what a webhook carries of it: ``page`` and ``incident`` or
    ``component_update`` and ``component``, as Statuspage has them; of a challenge, ``challenge``: the word that has to
    come back.
    """

    kind: str
    thing: str
    look: str  # op, maint, degraded, partial or major
    title: str
    lines: tuple[str, ...]
    link: Link
    at: datetime
    start: datetime | None = None
    end: datetime | None = None
    next: datetime | None = None
    is_late: bool = False
    actions: tuple[Link, ...] = ()
    wire: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """``zone`` is an IANA name. ``secrets`` sign what is posted: the present one, and the one before while it counts.
    ``manage_url`` shows what they follow; a POST to ``stop_url`` ends it with one click. Of staff's both are a page of
    the admin."""

    channel: str
    address: str
    zone: str
    manage_url: str
    stop_url: str
    secrets: tuple[str, ...] = ()
    is_staff: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one follower. ``id`` is the same however often it is sent: "msg_8f…_12"."""

    id: str
    message: Message
    to: Recipient
    site: str  # the website's name
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try. ``answer`` is a short line for staff, with nothing secret in it. Not ``sent``: try again,
    in ``wait`` seconds at the soonest if the receiver said so; or never, where it is ``refused`` for good; and where
    it is ``gone`` nothing else either. Where the letter is ``unfit`` another may arrive; where a fault is ``ours`` the
    receiver was not even asked."""

    answer: str
    sent: bool = False
    refused: bool = False
    gone: bool = False
    unfit: bool = False
    ours: bool = False
    wait: float | None = None
