from pathlib import Path

import pytest
import redis
from flask import Flask
from rq.job import JobStatus

from dashboard import config, queue
from jobs.worker import Worker

KNOWN = "tests-faults-deeds-fail"
FAIL = "tests.faults.deeds.fail"
RUNNING = "rq:wip:signpost"


@pytest.fixture
def worker(
    app: Flask, redis_url: str, connection: redis.Redis, handlers: None, monkeypatch: pytest.MonkeyPatch
) -> Worker:
    monkeypatch.setattr(config, "redis_url", lambda settings: redis_url)
    return Worker(app)


def enqueued_at(connection: redis.Redis) -> object:
    job = queue.queue(connection).fetch_job(KNOWN)
    return job and job.enqueued_at


def ask_twice(connection: redis.Redis) -> bool:
    """Was the second asking heard, so that the first job has made way?"""
    first = enqueued_at(connection)
    queue.ask(connection, FAIL)
    return enqueued_at(connection) != first


def test_a_job_runs_within_the_app(worker: Worker, connection: redis.Redis, tmp_path: Path) -> None:
    queue.queue(connection).enqueue("tests.faults.deeds.note", str(tmp_path / "noted"), result_ttl=0)
    worker.work(burst=True, logging_level="WARNING")
    assert (tmp_path / "noted").read_text().startswith("dashboard ")


def test_a_job_that_waits_is_not_asked_for_again(connection: redis.Redis) -> None:
    queue.ask(connection, FAIL)
    assert not ask_twice(connection)
    assert queue.queue(connection).count == 1


def test_a_job_that_failed_makes_way(worker: Worker, connection: redis.Redis) -> None:
    queue.ask(connection, FAIL)
    worker.work(burst=True, logging_level="CRITICAL")
    assert ask_twice(connection)
    assert queue.queue(connection).job_ids == [KNOWN]


@pytest.mark.parametrize(("speaks_until", "makes_way"), [(1, True), (99_999_999_999, False)])
def test_a_job_makes_way_when_its_worker_is_silent(connection: redis.Redis, speaks_until: int, makes_way: bool) -> None:
    queue.ask(connection, FAIL)
    job = queue.queue(connection).fetch_job(KNOWN)
    assert job is not None
    job.set_status(JobStatus.STARTED)
    connection.delete("rq:queue:signpost")
    connection.zadd(RUNNING, {f"{KNOWN}:one": speaks_until})
    assert ask_twice(connection) == makes_way


def test_a_job_that_was_lost_on_the_way_makes_way(connection: redis.Redis) -> None:
    queue.ask(connection, FAIL)
    connection.delete("rq:queue:signpost")
    assert ask_twice(connection)


def test_a_job_whose_execution_is_forgotten_makes_way(connection: redis.Redis) -> None:
    """As it is half a minute after its worker was killed."""
    queue.ask(connection, FAIL)
    connection.delete("rq:queue:signpost")
    connection.zadd(f"rq:executions:{KNOWN}", {"gone": 99_999_999_999})
    assert ask_twice(connection)


def test_a_web_process_does_not_wait_for_a_queue_that_is_gone(app: Flask) -> None:
    assert queue.enqueue(FAIL) is False
