"""A browser's own EventSource, which OpenFeature's provider for the web uses, and our event streams."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page

from dashboard import facts as facts_of
from dashboard.files import write_at_once
from tests import given
from tests.faults.running import free_port, wait_for

LISTEN = """url => {
    window.heard = [], window.ids = [];
    const source = new EventSource(url);
    source.onmessage = event => { heard.push(JSON.parse(event.data).type); ids.push(event.lastEventId) };
    return new Promise(opened => source.onopen = opened).then(() => null);
}"""


@contextmanager
def streams(instance: Path, port: int) -> Iterator[None]:
    environ = {"PATH": os.environ["PATH"], "INSTANCE": str(instance), "EVENTS_LISTEN": f"127.0.0.1:{port}"}
    process = subprocess.Popen([sys.executable, "-P", "-m", "dashboard.streams"], env=environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait(5)


def leave(instance: Path, name: str) -> None:
    write_at_once(instance / "facts.json", facts_of.to_bytes(given.facts(given.section(name=name))))


def answers(port: int) -> bool:
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
        return answer.status == 200  # type: ignore[no-any-return]
    return False


def test_it_hears_of_a_change_and_comes_again_for_what_it_missed(page: Page, tmp_path: Path) -> None:
    port = free_port()
    leave(tmp_path, "Direct deposit")
    with streams(tmp_path, port):
        wait_for(lambda: answers(port))
        page.evaluate(LISTEN, f"http://127.0.0.1:{port}/ofrep/v1/events?token=none")
        leave(tmp_path, "Bank details")
        page.wait_for_function(
            "new Set(ids).size === 2"
        )  # it listens since just after a start, so the first is told too
    leave(tmp_path, "Payments")
    with streams(tmp_path, port):
        page.wait_for_function("new Set(ids).size === 3", timeout=15_000)
    assert set(page.evaluate("heard")) == {"refetchEvaluation"}
