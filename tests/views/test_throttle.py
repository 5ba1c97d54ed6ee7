"""Wrong tries counted in a real Redis, by every web process alike."""

from __future__ import annotations

import pytest
import redis
from redis import ConnectionPool

from dashboard.views.throttle import Throttle, TooManyTries
from tests.jobs.conftest import connection, redis_url

__all__ = ["connection", "redis_url"]


@pytest.fixture
def pool(connection) -> ConnectionPool:
    return connection.connection_pool


def counted(*throttles: Throttle, times: int) -> int:
    """How many of ``times`` tries, taken in turns, are heard."""
    heard = 0
    for number in range(times):
        try:
            throttles[number % len(throttles)].count("ada")
            heard += 1
        except TooManyTries:
            pass
    return heard


def test_two_processes_count_together(pool):
    assert counted(Throttle(pool), Throttle(pool), times=20) == 9


def test_it_outlives_the_process(pool):
    assert counted(Throttle(pool), times=9) == 9
    assert counted(Throttle(pool), times=1) == 0


def test_a_right_one_is_forgotten_everywhere(pool):
    here, there = Throttle(pool), Throttle(pool)
    counted(here, times=9)
    there.forget("ada")
    assert counted(there, times=1) == 1


def test_without_redis_each_counts_for_itself(tmp_path):
    gone = redis.Redis.from_url(f"unix://{tmp_path}/none.sock").connection_pool
    assert counted(Throttle(gone), times=20) == 9
