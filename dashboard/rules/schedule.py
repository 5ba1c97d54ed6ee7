"""What a section will go through: its states from now on, one stretch after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.rules.state import Cause, SectionState, State, state_at

_NO_WARNING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` until ``end`` (None: not known) the section is ``state``, for ``cause``.

    With ``hold`` the end is what was promised, and the stretch lasts until somebody ends it.
    """

    state: State
    start: datetime
    end: datetime | None
    hold: bool
    cause: Cause
    warn_from: datetime | None


def schedule(causes: Sequence[Cause], t: datetime, horizon: datetime, warn_ahead: timedelta) -> tuple[Stretch, ...]:
    """The stretches that hold at ``t`` or begin before ``horizon``, in order; a reader's own clock can play them."""
    edges = sorted({edge for cause in causes for edge in cause.edges(_NO_WARNING) if t < edge < horizon})
    stretches: list[Stretch] = []
    before = SectionState(State.OK)
    for edge in (t, *edges):
        now = state_at(causes, edge, _NO_WARNING)
        if now.state is not State.OK and _is_new(before, now):
            stretches.append(_stretch(now, edge, before, warn_ahead))
        before = now
    return tuple(stretches)


def _is_new(before: SectionState, now: SectionState) -> bool:
    if now.late and before.late:
        return now.state is not before.state
    return now.state is not before.state or now.causes[0] != before.causes[0] or now.until != before.until


def _stretch(now: SectionState, edge: datetime, before: SectionState, warn_ahead: timedelta) -> Stretch:
    start = now.since if now.since is not None and before.state is State.OK else edge
    warn_from = start - warn_ahead if before.state is State.OK else start
    hold = now.late or any(cause.hold and cause.end == now.until for cause in now.causes)
    return Stretch(now.state, start, now.until, hold, now.causes[0], warn_from)
