"""How much of a time something worked: from the statuses it went through, never from a guess."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from dashboard.rules.span import Span
from dashboard.rules.status import Status, status_of

Weights = Mapping[Status, float]  # how much of its time a status counts as down, 0 to 1; one not named does not


@dataclass(frozen=True, slots=True)
class Known:
    """A component was ``status`` from ``start`` until ``end``."""

    start: datetime
    end: datetime
    status: Status

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


def history(
    baseline: Sequence[tuple[datetime, Status]],
    windows: Iterable[Span],
    impacts: Iterable[tuple[Span, Status]],
    within: Span,
) -> tuple[Known, ...]:
    """What it went through, in order. ``baseline`` has each standing status with its start; before the first nothing
    is known. ``within`` has an end."""
    windows, impacts = list(windows), list(impacts)
    spans = [*windows, *(span for span, _ in impacts)]
    times = {start for start, _ in baseline} | {edge for span in spans for edge in (span.start, span.end) if edge}
    end = max(within.end or within.start, within.start)
    edges = sorted({within.start, end} | {time for time in times if within.covers(time)})
    found: list[Known] = []
    for start, stop in itertools.pairwise(edges):
        standing = next((status for since, status in reversed(baseline) if since <= start), None)
        if standing is None:
            continue
        struck = (status for span, status in impacts if span.covers(start))
        status = status_of(standing, any(window.covers(start) for window in windows), struck)
        if found and found[-1].status is status and found[-1].end == start:
            found[-1] = Known(found[-1].start, stop, status)
        else:
            found.append(Known(start, stop, status))
    return tuple(found)


def cut(known: Iterable[Known], within: Span) -> tuple[Known, ...]:
    """Only what lies within a span that has an end."""
    end = within.end or within.start
    parts = (Known(max(one.start, within.start), min(one.end, end), one.status) for one in known)
    return tuple(part for part in parts if part.start < part.end)


def uptime(known: Iterable[Known], weights: Weights) -> float | None:
    """0 to 1; None when nothing is known. What is not known counts on neither side."""
    whole = down = 0.0
    for one in known:
        whole += one.seconds
        down += one.seconds * weights.get(one.status, 0.0)
    return None if not whole else 1 - down / whole


def mean(shares: Iterable[float | None]) -> float | None:
    """A group is the mean of its members, without those of which nothing is known."""
    told = [share for share in shares if share is not None]
    return fmean(told) if told else None


def worst(known: Iterable[Known]) -> Status | None:
    return max((one.status for one in known), key=lambda status: status.severity, default=None)


def share_words(share: float) -> str:
    """ "99.95 %": never rounded up to what it was not."""
    return f"{math.floor(round(share * 10_000, 6)) / 100:g} %"
