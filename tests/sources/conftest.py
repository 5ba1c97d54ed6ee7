"""A PagerDuty on the loopback that misbehaves on command, and a short way to ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.sources import pagerduty
from dashboard.sources.pagerduty import Account, Fetch, Limits, Question
from tests.conftest import NOW
from tests.doubles.pagerduty import Faulty


@pytest.fixture
def double() -> Iterator[Faulty]:
    with Faulty(lambda: NOW) as double:
        double.add_service("P0AAAA1", "External: Ledger")
        double.add_service("P0BBBB2", "External: Payments")
        yield double


class Asking:
    """Asks the double as a poll would, with short limits; ``slept`` are the pauses it would have made."""

    def __init__(self, double: Faulty) -> None:
        self.slept: list[float] = []
        self.account = Account(double.url, "test-key")
        self.limits = Limits(request_seconds=0.5, list_seconds=5, confirm_seconds=2, sleep=self._sleep)

    def __call__(self, *services: str, open_ids: tuple[str, ...] = ()) -> Fetch:
        question = Question(NOW, frozenset(services or ("P0AAAA1", "P0BBBB2")), open_ids)
        return pagerduty.ask(self.account, question, self.limits)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def ask(double: Faulty) -> Asking:
    return Asking(double)
