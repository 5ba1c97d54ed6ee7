"""The way through the queue: the beat's asking, the bundled server, a real worker, and a window on the public page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from dashboard import heartbeat, queue
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Source, Window
from jobs.schedule import Beat, lines
from jobs.worker import Worker
from tests import make
from tests.doubles import pagerduty as faults
from tests.doubles.pagerduty import Faulty
from tests.jobs.conftest import worker_of

LEDGER = "P0AAAA1"


@pytest.fixture
def double() -> Iterator[Faulty]:
    with Faulty(now) as double:
        double.add_service(LEDGER, "External: Ledger")
        double.add_window("PW1", now(), now() + timedelta(hours=1), LEDGER)
        yield double


@pytest.fixture
def settings(settings: Settings, double: Faulty, redis_url: str) -> Settings:
    return replace(settings, redis_url=redis_url, pagerduty_url=double.url, pagerduty_api_key="test-key")


@pytest.fixture
def worker(app: Flask, connection: redis.Redis, handlers: None) -> Worker:
    make.service(make.component("ledger"), LEDGER)
    return worker_of(app)


def work(worker: Worker) -> None:
    worker.work(burst=True, logging_level="WARNING")


def test_the_beat_asks_and_a_worker_polls(worker: Worker, settings: Settings, connection: redis.Redis) -> None:
    Beat(lines(settings), connection).round(now())
    work(worker)
    window = db.session.scalars(sa.select(Window)).one()
    assert window.external_id == "PW1"
    assert heartbeat.last("pagerduty") is not None


def test_a_worker_that_meets_trouble_keeps_it_and_goes_on(
    worker: Worker, double: Faulty, connection: redis.Redis
) -> None:
    double.always["/"] = faults.status(401)
    queue.ask(connection, queue.POLL)
    work(worker)
    assert "PAGERDUTY_API_KEY" in db.session.get_one(Source, "pagerduty").error
    db.session.rollback()
    double.always.clear()
    queue.ask(connection, queue.POLL)
    work(worker)
    assert db.session.get_one(Source, "pagerduty").error == ""


def test_asked_twice_it_polls_once(worker: Worker, double: Faulty, connection: redis.Redis) -> None:
    for _ in range(2):
        queue.ask(connection, queue.POLL)
    work(worker)
    assert double.paths() == ["/maintenance_windows"]
