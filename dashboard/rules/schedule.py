"""What a section will go through: its stretches of trouble from now on, for a reader's own clock to play."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.rules.span import Span, later
from dashboard.rules.state import Cause, State, in_voice_order, state_at

# Stretches to come that are told of one section; the next come into sight as these pass. A reader's copy is at most an
# hour old, and four last for an hour of restarts each quarter of one, or for a month of weekly work.
MOST = 4

_NO_WARNING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` until ``end`` (None: not known) the section is ``state``, for ``cause``.

    With ``hold`` the end is what was promised, and the stretch lasts until somebody ends it. ``warn_from`` is None
    where it begins out of other trouble, or has begun. Stretches may overlap: then the worst of them counts.
    """

    state: State
    start: datetime
    end: datetime | None
    hold: bool
    cause: Cause
    warn_from: datetime | None


def schedule(causes: Sequence[Cause], t: datetime, horizon: datetime, warn_ahead: timedelta) -> tuple[Stretch, ...]:
    """The stretches that hold at ``t`` or begin by ``horizon``, in order."""
    down, degraded = (list(_runs(causes, state, t)) for state in (State.DOWN, State.DEGRADED))
    coming = [
        *(_stretch(run, run.start, degraded, warn_ahead) for run in down if t < run.start <= horizon),
        *(
            _stretch(run, seen, down, warn_ahead)
            for run in degraded
            if (seen := _first_seen(run, down, t)) and t < seen <= horizon
        ),
    ]
    coming.sort(key=lambda stretch: (stretch.start, -stretch.state.rank))
    return (*_current(causes, t), *coming[:MOST])


def in_sight(causes: Iterable[Cause], t: datetime, horizon: datetime) -> list[Cause]:
    """Of causes in order of start, those on which the state at ``t`` and its schedule depend, and the first of the
    others: before that one's edges, none of them matters."""
    seen: list[Cause] = []
    end: datetime | None = t  # of the trouble so far: what begins by then is part of it
    apart = 0  # how often it begins anew
    for cause in causes:
        pieces = cause.pieces
        if not pieces:
            continue
        seen.append(cause)
        if end is not None and cause.start > end:
            if apart == MOST or cause.start > horizon:
                break
            apart += not cause.gaps  # in a gap, nothing may be left of it
        end = later(end, pieces[-1].end)
    return seen


@dataclass(slots=True)
class _Run:
    """One state without a break. ``end`` is the truth and ``told`` what the public is told; None is not known."""

    state: State
    start: datetime
    end: datetime | None
    told: datetime | None
    parts: list[tuple[Span, Cause]]

    def covers(self, t: datetime) -> bool:
        return Span(self.start, self.end).covers(t)


def _runs(causes: Iterable[Cause], state: State, t: datetime) -> Iterator[_Run]:
    """The runs of one state that are not over at ``t``, in order."""
    parts = [
        (piece, cause)
        for cause in causes
        if cause.state is state
        for piece in cause.pieces
        if piece.end is None or piece.end > t
    ]
    run: _Run | None = None
    for piece, cause in sorted(parts, key=lambda part: part[0].start):
        told = cause.told_end(piece)
        if run is not None and (run.end is None or piece.start <= run.end):
            run.parts.append((piece, cause))
            run.end = later(run.end, piece.end)
            if run.told is None or piece.start <= run.told:
                run.told = later(run.told, told)
            continue
        if run is not None:
            yield run
        run = _Run(state, piece.start, piece.end, told, [(piece, cause)])
    if run is not None:
        yield run


def _run_at(runs: Sequence[_Run], t: datetime) -> _Run | None:
    """The run that covers ``t`` or ends there."""
    place = bisect_right(runs, t, key=lambda run: run.start)
    run = runs[place - 1] if place else None
    return run if run is not None and (run.covers(t) or run.end == t) else None


def _first_seen(run: _Run, worse: Sequence[_Run], t: datetime) -> datetime | None:
    """When it first shows beside what is worse, from ``t`` on; None if never."""
    start = max(run.start, t)
    hidden = _run_at(worse, start)
    if hidden is None or hidden.end == start:
        return start
    return hidden.end if hidden.end is not None and run.covers(hidden.end) else None


def _stretch(run: _Run, start: datetime, others: Sequence[_Run], warn_ahead: timedelta) -> Stretch:
    other = _run_at(others, start)
    out_of_trouble = other is not None and other.start < start
    return Stretch(
        state=run.state,
        start=start,
        end=run.told if run.told is None or run.told > start else None,
        hold=run.told is not None and run.told != run.end,
        cause=in_voice_order(cause for piece, cause in run.parts if piece.covers(start))[0],
        warn_from=None if out_of_trouble else start - warn_ahead,
    )


def _current(causes: Sequence[Cause], t: datetime) -> tuple[Stretch, ...]:
    now = state_at(causes, t, _NO_WARNING)
    if now.state is State.OK or now.since is None:
        return ()
    held = now.late or any(cause.state is now.state and now.until and cause.is_late(now.until) for cause in causes)
    return (Stretch(now.state, now.since, now.until, held, now.causes[0], None),)
