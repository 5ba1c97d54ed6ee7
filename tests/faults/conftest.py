"""Shared by the tests that really kill processes; they look at them through /proc."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.running import Running

Serve = Callable[..., Running]
SHARED = frozenset({"lasting", "demo"})  # of all tests of a file, which so go to one process


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.faults)
            item.add_marker(pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc"))
            if SHARED & set(getattr(item, "fixturenames", ())):
                item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start Signpost on this test's folder, with settings if need be; everything is ended after the test."""
    started = []

    def start(port: int = 0, **environ: str) -> Running:
        started.append(Running(tmp_path, port, **environ))
        return started[-1]

    yield start
    for running in started:
        running.end()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One Signpost for all tests of a file that leave it as well as they found it."""
    running = Running(tmp_path_factory.mktemp("lasting"))
    try:
        yield running.until_up()
    finally:
        running.end()
