"""What was taken and is not sent yet, and which of it is sent next: no lane holds up another."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

WIDE = 16  # letters at a time in one lane
NARROW = 2  # once one of them was a long time under way and did not arrive
DEEP = 100  # that wait in one lane: no more of it are taken


class InLane(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def lane(self) -> str: ...


Letter = TypeVar("Letter", bound=InLane)


@dataclass(slots=True)
class Lanes(Generic[Letter]):
    """Times are seconds of any clock that only goes forward."""

    _waiting: dict[str, deque[tuple[float, Letter]]] = field(default_factory=dict)  # with when each is stale
    _under_way: Counter[str] = field(default_factory=Counter)
    _slow: set[str] = field(default_factory=set)

    def add(self, found: Iterable[Letter], stale_at: float) -> None:
        for one in found:
            self._waiting.setdefault(one.lane, deque()).append((stale_at, one))

    def begin(self, most: int, t: float) -> list[Letter]:
        """Up to so many, from every lane in its turn. What is stale by now is dropped: somebody else may have it."""
        begun: list[Letter] = []
        for lane in list(self._waiting):
            while len(begun) < most and self._under_way[lane] < self._width(lane) and (one := self._next(lane, t)):
                self._under_way[lane] += 1
                begun.append(one)
            if begun and begun[-1].lane == lane and lane in self._waiting:
                self._waiting[lane] = self._waiting.pop(lane)  # the others come first the next time
        return begun

    def end(self, lane: str, was_slow: bool) -> None:
        """One of it is through."""
        self._under_way[lane] -= 1
        if not self._under_way[lane]:
            del self._under_way[lane]
        (self._slow.add if was_slow else self._slow.discard)(lane)

    def full(self) -> set[str]:
        """Lanes of which no more should be taken now."""
        return {lane for lane, waiting in self._waiting.items() if len(waiting) >= self._deep(lane)}

    def left(self) -> list[int]:
        """The ids of what was not begun."""
        return [one.id for waiting in self._waiting.values() for _, one in waiting]

    def _next(self, lane: str, t: float) -> Letter | None:
        waiting = self._waiting.get(lane)
        while waiting:
            stale_at, one = waiting.popleft()
            if not waiting:
                del self._waiting[lane]
            if t < stale_at:
                return one
        return None

    def _width(self, lane: str) -> int:
        return NARROW if lane in self._slow else WIDE

    def _deep(self, lane: str) -> int:
        return NARROW if lane in self._slow else DEEP
