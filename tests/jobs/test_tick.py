"""The way through the queue: the beat's asking, a real worker, and what the clock did is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from dashboard import queue
from dashboard.actions import ticking
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Change, Follower
from jobs.schedule import Beat, lines
from jobs.worker import Worker
from tests import make
from tests.jobs.conftest import worker_of


@pytest.fixture
def settings(settings: Settings, redis_url: str) -> Settings:
    return replace(settings, redis_url=redis_url)


@pytest.fixture
def worker(app: Flask, connection: redis.Redis, handlers: None) -> Worker:
    ticking.tick(now() - timedelta(hours=2))
    make.window(make.component(), start=now() - timedelta(hours=1), minutes=30)
    return worker_of(app)


def test_the_beat_asks_and_a_worker_records_once(worker: Worker, settings: Settings, connection: redis.Redis) -> None:
    for _ in range(2):
        queue.ask(connection, queue.TICK)
        Beat(lines(settings), connection).round(now())
        worker.work(burst=True, logging_level="WARNING")
    kinds = list(db.session.scalars(sa.select(Change.kind).order_by(Change.id)))
    assert kinds == ["window.remind", "window.begin", "window.complete"]


def test_addresses_that_nobody_confirmed_are_erased(worker: Worker, connection: redis.Redis) -> None:
    make.follower("lin@larkfield.example", confirmed_at=None, asked_at=now() - timedelta(days=4))
    db.session.remove()
    db.engine.dispose()
    queue.ask(connection, queue.TICK)
    worker.work(burst=True, logging_level="WARNING")
    assert db.session.scalars(sa.select(Follower.address)).all() == [""]
