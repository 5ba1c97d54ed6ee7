"""The worker: RQ's own, on the one queue. Each job runs in a process of its own, within the app's context."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any

import rq
from flask import Flask
from rq.job import Job
from rq.serializers import JSONSerializer

from dashboard import config, leash
from dashboard.app import bare
from dashboard.queue import patient, queue

JOB_MAY_END_WITHIN = 1.2  # seconds after the worker is told to stop; then the job is killed, to be asked for again
ENDS_WITHIN = 2.2  # seconds, whatever Redis does
ABANDONED_AFTER = 25  # seconds without a word from the worker of a job; it speaks every 10


class Worker(rq.Worker):
    def __init__(self, app: Flask, **options: Any) -> None:
        connection = patient(config.redis_url(app.extensions["settings"]))
        super().__init__([queue(connection)], connection=connection, serializer=JSONSerializer, **options)
        self.app = app

    def perform_job(self, job: Job, queue: rq.Queue) -> bool:
        """Called in the process that was made for the job. Told to end, it may end in its own way, if it has one."""
        leash.hold()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with self.app.app_context():
            return super().perform_job(job, queue)

    def get_heartbeat_ttl(self, job: Job) -> int:
        return ABANDONED_AFTER

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        _after(ENDS_WITHIN, os._exit, 0)
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)
            _after(JOB_MAY_END_WITHIN, self.kill_horse)
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def _after(seconds: float, deed: Any, *words: Any) -> None:
    timer = threading.Timer(seconds, deed, words)
    timer.daemon = True
    timer.start()


def main() -> None:
    leash.hold()
    worker = Worker(bare(), worker_ttl=60, maintenance_interval=30, job_monitoring_interval=10)
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main()
