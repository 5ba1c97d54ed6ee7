"""Causes to start a rule's test from, in few words. Times of day are those of one Saturday in November, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.rules.span import Span
from dashboard.rules.state import Cause, SectionState, State

HOUR = timedelta(hours=1)


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, 21, int(hour), int(minute), tzinfo=UTC)


def span(words: str) -> Span:
    """ "14:00-18:00"; without a second time the end is not known."""
    start, _, end = words.partition("-")
    return Span(at(start), at(end) if end else None)


def cause(words: str, **given: Any) -> Cause:
    """ "slow 14:00-18:00 hold ended 17:00 gap 15:00-16:00": down unless slow, known since 9:00 unless told."""
    kind = given.pop("kind", "outage")
    state = State.DEGRADED if words.startswith("slow ") else State.DOWN
    planned, *rest = words.removeprefix("slow ").split()
    told = [(word, rest[place + 1]) for place, word in enumerate(rest) if word in ("gap", "ended", "next")]
    ended, next = ([at(value) for word, value in told if word == wanted] for wanted in ("ended", "next"))
    return Cause(
        kind=kind,
        ref=given.pop("ref", f"{kind}-1"),
        via=given.pop("via", "direct_deposit"),
        state=state,
        start=span(planned).start,
        end=span(planned).end,
        since=at(given.pop("known", "9:00")),
        hold="hold" in rest,
        ended_at=ended[0] if ended else None,
        next=next[0] if next else None,
        gaps=tuple(span(value) for word, value in told if word == "gap"),
        **given,
    )


def causes(words: str) -> list[Cause]:
    """Several of them between commas; "" is none."""
    return [cause(one, ref=f"outage-{n}") for n, one in enumerate(words.split(", "), 1) if one]


def gist(state: SectionState) -> str:
    """ "down 14:00-18:00 late"."""
    if state.since is None:
        return state.state
    until = f"{state.until:%H:%M}" if state.until else ""
    return f"{state.state} {state.since:%H:%M}-{until}{' late' if state.late else ''}"
