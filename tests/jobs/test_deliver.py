"""The way through the queue: the beat asks, a real worker sends; slots, and others who wait."""

from __future__ import annotations

from dataclasses import replace

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from dashboard import queue
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import begin_writing, db
from dashboard.models import Delivery, Follower, Notification
from jobs.schedule import Beat, lines
from jobs.worker import Worker
from tests import make
from tests.jobs.conftest import worker_of


@pytest.fixture
def settings(settings: Settings, redis_url: str) -> Settings:
    return replace(settings, redis_url=redis_url)


@pytest.fixture
def worker(app: Flask, connection: redis.Redis, handlers: None) -> Worker:
    """Somebody is to be told, by a channel that this installation does not have."""
    make.follower(channel="pigeon")
    begin_writing()
    told = {"kind": "test", "thing": "follower-1", "audience": "one", "made_at": now(), "due_at": now()}
    words = {"kind": "test", "thing": "", "look": "op", "title": "", "lines": [], "link": {"label": "", "href": ""}}
    row = Notification(key="key", state="told", message={**words, "at": now().isoformat()}, **told)
    db.session.add(row)
    db.session.flush()
    id = db.session.scalars(sa.select(Follower.id)).one()
    db.session.add(Delivery(notification_id=row.id, follower_id=id, lane="pigeon", due_at=now()))
    db.session.commit()
    return worker_of(app)


def test_the_beat_asks_and_a_worker_sends(worker: Worker, settings: Settings, connection: redis.Redis) -> None:
    Beat(lines(settings), connection).round(now())
    worker.work(burst=True, logging_level="WARNING")
    assert db.session.scalars(sa.select(Delivery.tries)).one() == 1


def test_a_slot_is_a_job_beside_the_others(connection: redis.Redis) -> None:
    for slot in (0, 1, 1):
        queue.ask(connection, queue.DELIVER, slot=slot)
    assert queue.queue(connection).job_ids == ["jobs-deliver-run", "jobs-deliver-run-1"]


def test_only_another_kind_of_job_waits(app: Flask, connection: redis.Redis) -> None:
    queue.ask(connection, queue.DELIVER, slot=1)
    assert not queue.do_others_wait(queue.DELIVER)
    queue.ask(connection, queue.TICK)
    assert queue.do_others_wait(queue.DELIVER)


def test_nobody_waits_in_a_queue_that_is_gone(app: Flask) -> None:
    app.extensions["redis"] = redis.Redis(unix_socket_path="/nowhere.sock")
    assert not queue.do_others_wait(queue.DELIVER)
