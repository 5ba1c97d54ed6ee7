"""Shared by the tests of jobs: the bundled server, really running."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator

import pytest
import redis
from flask import Flask

from dashboard import bundled
from dashboard.db import db
from jobs.worker import Worker


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


@pytest.fixture
def handlers() -> Iterator[None]:
    """A worker that runs in this process takes the signals over; afterwards they are as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def worker_of(app: Flask) -> Worker:
    """Its jobs' own processes share none of this one's connections."""
    db.session.remove()
    db.engine.dispose()
    return Worker(app)
