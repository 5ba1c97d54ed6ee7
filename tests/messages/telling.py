"""What tests of messages start from: what is asked, and what a message says."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard import messages
from dashboard.facts import Facts
from dashboard.messages import Asked, Deed, Told, bodies
from dashboard.rules.telling import Audience
from dashboard.snapshot import Snapshot, snapshot_at
from tests.given import facts
from tests.rules.given import at

UNTIL_18 = "Direct deposit is unavailable until 21 November 2026, 18:00 GMT"


def asked(thing: str, *kinds: str | Deed, t: str = "14:30", audience: Audience = Audience.PUBLIC, **more: Any) -> Asked:
    deeds = (
        one if isinstance(one, Deed) else Deed(one, thing, "Direct deposit", "Priya Shah", at(t), {}, {})
        for one in kinds
    )
    return Asked(thing, audience, tuple(deeds), **more)


def tell(what: Asked, known: Facts, t: str = "14:30", **past: Any) -> Told | None:
    """``past``: what was said, by the thing with "_" for "-"."""
    plain = {thing.replace("_", "-"): msgspec.to_builtins(said, str_keys=True) for thing, said in past.items()}
    return messages.tell(what, snapshot_at(known, at(t)), plain)


def title(told: Told | None, t: str = "14:30") -> str:
    """With its times in words, "" if nothing is told."""
    return bodies.plain(told.message.title, told.message, _clock(t)) if told else ""


def _clock(t: str) -> Snapshot:
    return snapshot_at(facts(), at(t))


def lines(told: Told | None) -> tuple[str, ...]:
    assert told is not None
    return told.message.lines
