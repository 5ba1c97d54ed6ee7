"""Asks for a job by its name. Nothing in this package imports ``jobs``; a worker does."""

from __future__ import annotations

import redis
import structlog
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

NAME = "signpost"
POLL = "jobs.poll.run"
TICK = "jobs.tick.run"
DELIVER = "jobs.deliver.run"
SLOTS = 4  # of it that may run at a time
BEAT = "signpost:beat"  # the key under which the beat says when it last went round

log = structlog.get_logger()


def patient(url: str) -> redis.Redis:
    """For the worker: it waits out a restart of the server."""
    retry = Retry(ExponentialBackoff(cap=2, base=0.1), 60)
    return redis.Redis.from_url(url, retry=retry, socket_timeout=10, socket_connect_timeout=3)


def queue(connection: redis.Redis) -> Queue:
    return Queue(NAME, connection=connection, serializer=JSONSerializer)


def enqueue(job: str, timeout: int = 120) -> bool:
    """Ask for a job soon. False when the queue does not answer: a job only hurries what the beat asks for anyway."""
    from flask import current_app  # only here: the beat asks without an app

    try:
        ask(current_app.extensions["redis"], job, timeout)
    except redis.RedisError as error:
        log.info("queue.not_taken", job=job, error=type(error).__name__)
        return False
    return True


def ask(connection: redis.Redis, job: str, timeout: int = 120, slot: int = 0) -> None:
    """Asked twice, it runs once; in another slot, beside it. One that failed, or whose worker was killed, makes way for
    the next."""
    waiting, known = queue(connection), name_of(job, slot)
    for _ in range(2):
        try:
            waiting.enqueue(
                job,
                job_id=known,
                unique=True,
                job_timeout=timeout,
                result_ttl=0,
                failure_ttl=3600,
            )
            return
        except DuplicateJobError:
            if is_alive(waiting, known):
                return
            _forget(Job(known, connection=connection, serializer=JSONSerializer))


def _forget(job: Job) -> None:
    """What is known of its executions goes first: one may have expired, over which RQ would stumble."""
    job.connection.delete(job.execution_registry.key)
    job.delete()


def name_of(job: str, slot: int = 0) -> str:
    """By which the queue knows it."""
    return "-".join([*job.split("."), *([str(slot)] if slot else [])])


def do_others_wait(job: str) -> bool:
    """For a worker, while this one runs. False when the queue does not answer: then nothing is got from it anyway."""
    from flask import current_app

    try:
        waiting = queue(current_app.extensions["redis"]).get_job_ids()
    except redis.RedisError:
        return False
    return any(not known.startswith(name_of(job)) for known in waiting)


def is_alive(waiting: Queue, known: str) -> bool:
    """Waiting, about to begin, or running: looked for in this order, which is the way that a job goes."""
    return (
        waiting.get_job_position(known) is not None
        or known in waiting.intermediate_queue.get_job_ids()
        or known in waiting.started_job_registry.get_job_ids()
    )
