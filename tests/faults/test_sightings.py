"""What a real process has seen in use is written down, also what it saw last before it was told to end."""

from __future__ import annotations

import signal
import sqlite3
import urllib.request

from tests.faults.conftest import Serve
from tests.faults.running import Running, wait_for

BANNER = "/embed/v1/status.json"
SEEN = ("embed", "script", "www.example.org")


def ask(running: Running) -> None:
    request = urllib.request.Request(running.url + BANNER, headers={"Origin": "https://www.example.org"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


def times(running: Running) -> int:
    with sqlite3.connect(running.instance / "signpost.db") as connection:
        rows = connection.execute("SELECT times FROM sightings WHERE (kind, name, place) = (?, ?, ?)", SEEN)
        return sum(row[0] for row in rows)


def test_what_is_new_within_seconds_and_the_rest_at_the_end(serve: Serve) -> None:
    running = serve().until_up()
    ask(running)
    assert wait_for(lambda: times(running)) == 1
    for _ in range(3):
        ask(running)
    running.kill(signal.SIGTERM)
    assert wait_for(lambda: running.process.poll() is not None)
    assert times(running) == 4
