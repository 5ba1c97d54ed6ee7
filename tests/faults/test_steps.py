"""Killed at each step between what somebody did and the last answer of a receiver: everybody is told, by one id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import outbox
from dashboard.actions import delivering, incidents
from dashboard.actions.incident_parts import Details, Said
from dashboard.actions.writing import Actor
from dashboard.channels import CHANNELS, open_lines
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Delivery, Notification
from dashboard.rules.incident import Stage
from tests import make
from tests.faults.sink import Sink
from tests.faults.test_deliveries import SECRET

FOLLOWERS = 40
ACTIONS, FETCH = "dashboard.actions", "dashboard.channels.fetch"
STEPS = [  # how many may come twice: those that had left by then
    ("before", "dashboard.telling.release", 1, 0),
    ("after", f"{ACTIONS}.notifying._release", 1, 0),  # its words are not committed
    ("after", "dashboard.telling.release", 1, 0),
    ("after", f"{ACTIONS}.delivering._expand", 1, 0),
    ("after", f"{ACTIONS}.delivering._expand", 3, FOLLOWERS),
    ("after", f"{ACTIONS}.delivering.expand", 1, 0),
    ("after", f"{ACTIONS}.delivering._read", 1, 0),  # taken, and that is not committed
    ("after", f"{ACTIONS}.delivering.claim", 1, 0),
    ("before", f"{FETCH}._request", 7, FOLLOWERS),
    ("after", f"{FETCH}._read", 1, FOLLOWERS),
    ("after", f"{FETCH}._read", 7, FOLLOWERS),
    ("before", f"{ACTIONS}.delivering._keep", 1, FOLLOWERS),
    ("after", f"{ACTIONS}.delivering._keep", 1, FOLLOWERS),
    ("before", f"{ACTIONS}.delivering._keep", 2, FOLLOWERS),
]


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


@pytest.fixture
def environ(settings: Settings, database_url: str, sink: Sink) -> dict[str, str]:
    given = {"INSTANCE": str(settings.instance), "DATABASE_URL": database_url, "WEBHOOK_ALLOWED": sink.allowed()}
    return {"PATH": os.environ["PATH"], **given}


@pytest.fixture
def followers(app: Flask, sink: Sink) -> list[int]:
    sink.arrived.clear()
    urls = [sink.url(f"/ok/{number}", number) for number in range(FOLLOWERS)]
    return [make.follower(url, channel="webhook", secret=SECRET).id for url in urls]


def declare(number: int) -> list[str]:
    """So many incidents, a minute ago; by which keys they are told."""
    said = Said(Stage.INVESTIGATING, "You cannot pay.", {})
    for n in range(number):
        at = now() - timedelta(seconds=65 - n)
        incidents.declare(Details("Payments fail"), said, (), f"once-{n}", at, Actor("Tom Reed", None, ""), at)
    public = Notification.audience == "public"
    keys = list(db.session.scalars(sa.select(Notification.key).where(public).order_by(Notification.id)))
    db.session.remove()
    db.engine.dispose()
    return keys


def die(environ: dict[str, str], when: str, deed: str, number: int) -> None:
    command = [sys.executable, "-P", "-m", "tests.faults.doomed", when, deed, str(number)]
    assert subprocess.run(command, env=environ, timeout=60, check=False).returncode == -signal.SIGKILL


def turn(app: Flask, settings: Settings, sink: Sink) -> None:
    """Of another worker, as soon as what the first had taken is free again."""
    allowed = frozenset((host, sink.port) for host in (f"127.0.0.{n}" for n in range(1, 9)))
    post = outbox.Post(CHANNELS, open_lines, replace(settings, webhook_allowed=allowed), str(app.config["SECRET_KEY"]))
    outbox.turn(post, outbox.Around(lambda: now() + delivering.LEASE))


@pytest.mark.parametrize(("when", "deed", "number", "most"), STEPS)
def test_killed_at_this_step_nobody_is_lost(
    app: Flask,
    settings: Settings,
    environ: dict[str, str],
    sink: Sink,
    followers: list[int],
    when: str,
    deed: str,
    number: int,
    most: int,
) -> None:
    (key,) = declare(1)
    die(environ, when, deed, number)
    turn(app, settings, sink)
    assert set(sink.got("/ok/")) == {f"msg_{key}_{id}" for id in followers}
    assert sink.twice("/ok/") <= most
    assert list(db.session.scalars(sa.select(Delivery.state))) == ["sent"] * FOLLOWERS


@pytest.mark.parametrize("number", [20, 60, 100])
def test_killed_among_several_messages_each_has_them_in_their_order(
    app: Flask, settings: Settings, environ: dict[str, str], sink: Sink, followers: list[int], number: int
) -> None:
    keys = declare(3)
    die(environ, "after", f"{FETCH}._read", number)
    turn(app, settings, sink)
    for path in {path for path, _ in sink.arrived}:
        came = [keys.index(id.split("_")[1]) for where, id in sink.arrived if where == path]
        assert came == sorted(came)
        assert set(came) == {0, 1, 2}
