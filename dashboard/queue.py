"""Enqueues a job by its name. Nothing in this package imports ``jobs``; a worker does."""

from __future__ import annotations

import redis
import structlog
from flask import current_app
from rq import Queue
from rq.serializers import JSONSerializer

NAME = "signpost"
POLL = "jobs.poll.run"

log = structlog.get_logger()


def queue(connection: redis.Redis) -> Queue:
    return Queue(NAME, connection=connection, serializer=JSONSerializer)


def enqueue(job: str, timeout: int = 120) -> bool:
    """Ask for a job soon; asked twice before it begins, it runs once. False when the queue does not answer: a job
    only hurries what the beat asks for anyway."""
    try:
        queue(current_app.extensions["redis"]).enqueue(
            job, job_id=job.replace(".", "-"), unique=True, job_timeout=timeout, result_ttl=0, failure_ttl=3600
        )
    except Exception as error:  # RQ raises its own for a job that is waiting already
        log.info("queue.not_taken", job=job, error=type(error).__name__)
        return False
    return True
