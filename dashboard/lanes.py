"""What was taken and is not sent yet, and which of it is sent next: no lane holds up another."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

WIDE = 16  # letters at a time in one lane
NARROW = 2  # once one of them was a long time under way and did not arrive
DEEP = 100  # that wait in one lane: no more of it are taken
FAILING = 50  # letters at a time, in all lanes, to those whom the last did not reach: they may hang, each by itself


class InLane(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def lane(self) -> str: ...
    @property
    def is_failing(self) -> bool: ...


Letter = TypeVar("Letter", bound=InLane)
_Queue = tuple[str, bool]  # a lane, and whether they are failing


@dataclass(slots=True)
class Lanes(Generic[Letter]):
    """Times are seconds of any clock that only goes forward."""

    _waiting: dict[_Queue, deque[tuple[float, Letter]]] = field(default_factory=dict)  # with when each is stale
    _under_way: Counter[str] = field(default_factory=Counter)
    _failing: int = 0  # of those under way
    _slow: set[str] = field(default_factory=set)

    def add(self, found: Iterable[Letter], stale_at: float) -> None:
        for one in found:
            self._waiting.setdefault((one.lane, one.is_failing), deque()).append((stale_at, one))

    def begin(self, most: int, t: float) -> list[Letter]:
        """Up to so many, from every lane in its turn. What is stale by now is dropped: somebody else may have it."""
        begun: list[Letter] = []
        for queue in list(self._waiting):
            before = len(begun)
            while len(begun) < most and self._has_room(queue) and (one := self._next(queue, t)):
                self._under_way[one.lane] += 1
                self._failing += one.is_failing
                begun.append(one)
            if len(begun) > before and queue in self._waiting:
                self._waiting[queue] = self._waiting.pop(queue)  # the others come first the next time
        return begun

    def end(self, one: Letter, was_slow: bool) -> None:
        """It is through."""
        self._failing -= one.is_failing
        self._under_way[one.lane] -= 1
        if not self._under_way[one.lane]:
            del self._under_way[one.lane]
        (self._slow.add if was_slow else self._slow.discard)(one.lane)

    def full(self) -> set[str]:
        """Lanes of which no more should be taken now. In one that is quick those who fail keep nobody out."""
        deep = (queue for queue, waiting in self._waiting.items() if len(waiting) >= self._deep(queue[0]))
        return {lane for lane, is_failing in deep if not is_failing or lane in self._slow}

    def do_many_fail(self) -> bool:
        """Then only letters to others should be taken now."""
        return sum(len(waiting) for (_, is_failing), waiting in self._waiting.items() if is_failing) >= FAILING

    def leave(self, t: float) -> list[int]:
        """Nothing more is begun. The ids of what could be; what is stale by now somebody else may have."""
        left = [one.id for waiting in self._waiting.values() for stale_at, one in waiting if t < stale_at]
        self._waiting.clear()
        return left

    def _has_room(self, queue: _Queue) -> bool:
        lane, is_failing = queue
        return self._under_way[lane] < self._width(lane) and not (is_failing and self._failing >= FAILING)

    def _next(self, queue: _Queue, t: float) -> Letter | None:
        waiting = self._waiting.get(queue)
        while waiting:
            stale_at, one = waiting.popleft()
            if not waiting:
                del self._waiting[queue]
            if t < stale_at:
                return one
        return None

    def _width(self, lane: str) -> int:
        return NARROW if lane in self._slow else WIDE

    def _deep(self, lane: str) -> int:
        return NARROW if lane in self._slow else DEEP
