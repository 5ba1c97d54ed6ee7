"""The state of a section: a function of its causes and a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from dashboard.rules.span import Span, cut, end_through


class State(StrEnum):
    OK = "ok"
    APPROACHING = "approaching"
    DEGRADED = "degraded"
    DOWN = "down"

    @property
    def rank(self) -> int:
        return _RANK[self]


_RANK = {state: rank for rank, state in enumerate(State)}


class Effect(StrEnum):
    """What trouble with a component does to a section that depends on it."""

    DOWN = "down"
    WARN = "warn"
    NOTHING = "nothing"

    @property
    def state(self) -> State:
        return _STATE[self]


_STATE = {Effect.DOWN: State.DOWN, Effect.WARN: State.DEGRADED, Effect.NOTHING: State.OK}


class AtEnd(StrEnum):
    """What happens at an outage's planned end."""

    RESTORE = "restore"  # the section comes back by itself
    HOLD = "hold"  # it stays down, late, until somebody ends it


Kind = Literal["outage", "incident", "window", "component"]
_SPEAKS_FIRST: dict[Kind, int] = {"outage": 0, "incident": 1, "window": 2, "component": 3}


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a section to be down or degraded.

    ``ref`` names what it comes from ("outage-31"), ``via`` the section it was laid on (itself or an ancestor).
    ``end`` is the planned end, None if not known; with ``hold`` the cause lasts beyond it, until ``ended_at``.
    In a gap the cause does not apply: somebody overruled it, or something else takes its place.
    ``next`` is when the public is promised to hear more.
    """

    kind: Kind
    ref: str
    via: str
    state: State
    start: datetime
    end: datetime | None
    since: datetime  # when it became known: of two that compete to speak, the newest does
    hold: bool = False
    ended_at: datetime | None = None
    next: datetime | None = None
    gaps: tuple[Span, ...] = ()
    pieces: tuple[Span, ...] = field(init=False, compare=False, repr=False)  # its span without its gaps, in order

    def __post_init__(self) -> None:
        span = self.span
        is_whole = not self.gaps and span.start != span.end
        object.__setattr__(self, "pieces", (span,) if is_whole else tuple(cut(span, self.gaps)))

    @property
    def span(self) -> Span:
        """What it covers in truth: until it was ended, or its planned end, or nobody knows when."""
        end = None if self.hold else self.end
        if self.ended_at is not None:
            end = self.ended_at if end is None else min(self.ended_at, end)
        return Span(self.start, end if end is None else max(self.start, end))

    def holds(self, t: datetime) -> bool:
        return self.start <= t and any(piece.covers(t) for piece in self.pieces)

    def is_over(self, t: datetime) -> bool:
        """Will it never hold again?"""
        pieces = self.pieces
        return not pieces or not (pieces[-1].end is None or pieces[-1].end > t)

    def is_late(self, t: datetime) -> bool:
        return self.hold and self.end is not None and self.end <= t and self.holds(t)

    def starts(self) -> list[datetime]:
        """Every time at which it may begin to apply: its start, and the end of each gap."""
        return [self.start, *(gap.end for gap in self.gaps if gap.end is not None)]

    def edges(self, warn_ahead: timedelta) -> list[datetime]:
        """Every time at which what this cause does may change."""
        starts = self.starts()
        ends = [end for end in (self.span.end, self.end, self.next) if end is not None]
        return [*starts, *(start - warn_ahead for start in starts), *(gap.start for gap in self.gaps), *ends]

    def told_end(self, piece: Span) -> datetime | None:
        """When the public is told that a piece ends: one that is held, at its planned end."""
        return self.end if self.hold and piece.end is None else piece.end

    def began(self, t: datetime) -> datetime:
        """Since when it has held without a gap, at a time at which it holds."""
        return max(start for start in self.starts() if start <= t)


@dataclass(frozen=True, slots=True)
class SectionState:
    """How a section stands at a time.

    ``until`` is when it leaves this state as far as anybody has said, None if not known (or ok). ``late`` says that
    ``until`` has passed and nobody has ended it. ``causes`` are those that hold it there, the one that speaks first.
    """

    state: State
    since: datetime | None = None
    until: datetime | None = None
    late: bool = False
    causes: tuple[Cause, ...] = ()


def state_at(causes: Sequence[Cause], t: datetime, warn_ahead: timedelta) -> SectionState:
    """Worst wins: down > degraded > approaching > ok."""
    holding = [cause for cause in causes if cause.holds(t)]
    if not holding:
        return _approaching(causes, t, warn_ahead)
    worst = max((cause.state for cause in holding), key=lambda state: state.rank)
    holding = in_voice_order(cause for cause in holding if cause.state is worst)
    late = [cause.end for cause in holding if cause.end is not None and cause.is_late(t)]
    since = min(cause.began(t) for cause in holding)
    if late:
        return SectionState(worst, since, max(late), True, tuple(holding))
    return SectionState(worst, since, _end_of(causes, worst, t), False, tuple(holding))


def in_voice_order(causes: Iterable[Cause]) -> list[Cause]:
    """Whose message is shown first: a person's outage, an incident, a window; the newest of each first."""
    found = list(causes)
    if len(found) < 2:
        return found
    newest_first = sorted(found, key=lambda cause: (cause.since, cause.ref), reverse=True)
    return sorted(newest_first, key=lambda cause: _SPEAKS_FIRST[cause.kind])


def next_edge(causes: Iterable[Cause], t: datetime, warn_ahead: timedelta) -> datetime | None:
    """The first time after ``t`` at which the state may change; None if nothing is known to come."""
    first: datetime | None = None
    for cause in causes:
        if (first is not None and cause.start - warn_ahead >= first) or cause.is_over(t):
            continue
        edges = [edge for edge in cause.edges(warn_ahead) if edge > t]
        first = min(edges if first is None else [first, *edges], default=None)
    return first


def _end_of(causes: Iterable[Cause], state: State, t: datetime) -> datetime | None:
    told = [
        Span(piece.start, cause.told_end(piece)) for cause in causes if cause.state is state for piece in cause.pieces
    ]
    return end_through((span for span in told if span.end is None or span.end > t), t)


def _approaching(causes: Iterable[Cause], t: datetime, warn_ahead: timedelta) -> SectionState:
    coming = [
        (piece, cause) for cause in causes for piece in cause.pieces if piece.start - warn_ahead <= t < piece.start
    ]
    if not coming:
        return SectionState(State.OK)
    first = min(piece.start for piece, _ in coming)
    starters = in_voice_order(cause for piece, cause in coming if piece.start == first)
    return SectionState(State.APPROACHING, first - warn_ahead, first, False, tuple(starters))
