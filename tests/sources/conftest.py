"""A PagerDuty on the loopback that misbehaves on command, and a short way to ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboard.sources import pagerduty
from dashboard.sources.pagerduty import Account, Fetch, Limits, Question, Trouble
from tests.conftest import NOW
from tests.doubles.pagerduty import Faulty

LEDGER, PAYMENTS = "P0AAAA1", "P0BBBB2"


@pytest.fixture
def double() -> Iterator[Faulty]:
    with Faulty(lambda: NOW) as double:
        double.add_service(LEDGER, "External: Ledger")
        double.add_service(PAYMENTS, "External: Payments")
        yield double


class Asking:
    """Asks the double as a poll would, with short limits; ``slept`` are the pauses that it would have made."""

    def __init__(self, double: Faulty) -> None:
        self.slept: list[float] = []
        self.account = Account(double.url, "test-key")
        self.limits = Limits(request_seconds=0.5, list_seconds=5, confirm_seconds=2, sleep=self._sleep)

    def __call__(self, *services: str, open_ids: tuple[str, ...] = ()) -> Fetch:
        question = Question(NOW, frozenset(services or (LEDGER, PAYMENTS)), open_ids)
        return pagerduty.ask(self.account, question, self.limits)

    def trouble(self, *services: str, open_ids: tuple[str, ...] = ()) -> str:
        """What kind of trouble asking ends in."""
        with pytest.raises(Trouble) as caught:
            self(*services, open_ids=open_ids)
        assert "test-key" not in caught.value.sentence
        return caught.value.kind

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def ask(double: Faulty) -> Asking:
    return Asking(double)
