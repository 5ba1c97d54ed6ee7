"""Spans of time, half-open: the start belongs to the span, the end does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """``[start, end)`` in aware UTC. An ``end`` of None is not known: the span covers every later time."""

    start: datetime
    end: datetime | None

    def covers(self, t: datetime) -> bool:
        return self.start <= t and (self.end is None or t < self.end)


def later(a: datetime | None, b: datetime | None) -> datetime | None:
    """The later of two ends, where None (not known) is later than any."""
    return None if a is None or b is None else max(a, b)


def sooner(a: datetime | None, b: datetime | None) -> datetime | None:
    """The sooner of two ends, where None (not known) is later than any."""
    return min(a, b) if a is not None and b is not None else a or b


def end_through(spans: Iterable[Span], t: datetime) -> datetime | None:
    """When the spans that cover ``t`` end, looking through those that touch or overlap; None is not known."""
    end: datetime | None = t
    for span in sorted(spans, key=lambda span: span.start):
        if end is None or span.start > end:
            break
        end = later(end, span.end)
    return end


def cut(span: Span, gaps: Iterable[Span]) -> Iterator[Span]:
    """What is left of a span without the gaps, in order."""
    start, end = span.start, span.end
    for gap in sorted(gaps, key=lambda gap: gap.start):
        if end is not None and gap.start >= end:
            break
        if gap.start > start:
            yield Span(start, gap.start)
        if gap.end is None:
            return
        start = max(start, gap.end)
    if end is None or start < end:
        yield Span(start, end)


def shared(one: Span, other: Span) -> Span | None:
    """The time that belongs to both; None if there is none."""
    start, end = max(one.start, other.start), sooner(one.end, other.end)
    return None if end is not None and end <= start else Span(start, end)
