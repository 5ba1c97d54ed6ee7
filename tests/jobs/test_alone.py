"""One at a time, whoever dies."""

from __future__ import annotations

import redis
from flask import Flask

from dashboard.alone import alone


def test_what_a_killed_poll_held_is_free_at_once(app: Flask, connection: redis.Redis) -> None:
    app.extensions["redis"] = connection
    with alone("poll", 60):
        connection.set("kept", connection.get("signpost:poll") or b"")
    connection.set("signpost:poll", connection.get("kept") or b"", px=60_000)
    with alone("poll", 60) as mine:
        assert mine


def test_another_hosts_poll_is_waited_for(app: Flask, connection: redis.Redis) -> None:
    app.extensions["redis"] = connection
    connection.set("signpost:poll", "another host", px=60_000)
    with alone("poll", 60) as mine:
        assert not mine
    assert connection.get("signpost:poll") == b"another host"
