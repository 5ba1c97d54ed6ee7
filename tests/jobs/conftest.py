"""Shared by the tests of jobs: the bundled server, really running."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import pytest
import redis

from dashboard import bundled


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the run; `connection` empties it for each test."""
    folder = tmp_path_factory.mktemp("queue")
    server = subprocess.Popen(bundled.command(folder, folder / "queue.sock"))
    deadline = time.monotonic() + 10
    while not (folder / "queue.sock").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield f"unix://{folder}/queue.sock"
    server.terminate()
    server.wait(10)


@pytest.fixture
def connection(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as found:
        found.flushall()
        yield found
