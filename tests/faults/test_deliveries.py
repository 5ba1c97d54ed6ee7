"""What followers are sent while workers, queue and receivers fail: nothing is lost, hardly anything comes twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import redis
import sqlalchemy as sa

from dashboard import config, queue
from dashboard.app import bare
from dashboard.channels.message import Link, Message
from dashboard.clock import now
from dashboard.db import begin_writing, db
from dashboard.models import Follower, Notification
from tests.faults.conftest import Serve
from tests.faults.running import Running, wait_for
from tests.faults.sink import Sink

KILLS = int(os.environ.get("KILLS", "20"))  # at random; by hand more
SLOTS = 100  # letters that one worker may have under way
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("sending"), WEBHOOK_ALLOWED=sink.allowed())
    try:
        yield made.until_up()
    finally:
        made.end()


def tell(running: Running, urls: list[str]) -> None:
    """These, and nobody else, follow everything; and there is something to tell them."""
    message = Message("incident.update", "incident-1", "partial", "Payments fail", (), Link("More", "http://x"), now())
    app = bare(config.from_environment(running.environ))
    with app.app_context():
        begin_writing()
        at = now()
        db.session.execute(sa.update(Follower).values(left_at=at))
        given = {"channel": "webhook", "everything": True, "is_staff": False, "problems": True, "planned": True}
        given |= {"asked_at": at, "confirmed_at": at, "created_at": at, "salt": "salt", "secret": SECRET}
        db.session.execute(sa.insert(Follower), [{**given, "address": url} for url in urls])
        number = db.session.scalar(sa.select(sa.func.count(Notification.id)))
        words = {"kind": message.kind, "thing": f"incident-{number}", "audience": "public", "state": "sending"}
        words |= {"made_at": at, "due_at": at, "reach": {}, "message": msgspec.to_builtins(message)}
        db.session.add(Notification(key=f"n{number}", **words))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def states(running: Running) -> dict[str, int]:
    """Of the deliveries of the newest notification."""
    with sqlite3.connect(running.instance / "signpost.db", timeout=5) as line:
        newest = "(SELECT max(id) FROM notifications)"
        rows = line.execute(f"SELECT state, count(*) FROM deliveries WHERE notification_id = {newest} GROUP BY 1")
        found = dict(rows.fetchall())
    line.close()
    return found


def all_sent(running: Running, number: int) -> bool:
    return states(running) == {"sent": number}


def horse(running: Running) -> int:
    """The process that a job runs in, once there is one."""
    return wait_for(lambda: [pid for pid in running.pids("worker") if os.getpgid(pid) == pid and is_child(pid)], 20)[0]


def children(pid: int) -> list[str]:
    """It runs a job."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def is_child(pid: int) -> bool:
    parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return "jobs.worker" in Path(f"/proc/{parent}/cmdline").read_text()


def hurry(running: Running) -> None:
    """As whoever commits does."""
    with redis.Redis(unix_socket_path=str(config.queue_socket(running.instance))) as line, suppress(redis.RedisError):
        queue.ask(line, queue.DELIVER)


def kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_killed_at_random_nothing_is_lost(serve: Serve, sink: Sink) -> None:
    """The web once, right after the commit; each tenth time the worker itself, and else the process of its job."""
    number, sink.pause = 200 * KILLS, 0.05
    running = serve(WEBHOOK_ALLOWED=sink.allowed()).until_up()
    tell(running, [sink.url(f"/ok/random/{n}", n) for n in range(number)])
    kill(running.pids("web"))
    for turn in range(KILLS):
        hurry(running)
        doomed, more = horse(running), len(sink.got("/ok/random/")) + random.randint(1, 200)
        wait_for(lambda more=more: len(sink.got("/ok/random/")) >= min(more, number), 45)
        kill([doomed] if turn % 10 else running.pids("worker"))
    wait_for(lambda: all_sent(running, number), 40 + KILLS)
    assert len(set(sink.got("/ok/random/"))) == number
    assert sink.twice("/ok/random/") <= KILLS * SLOTS
    sys.stderr.write(f"{KILLS} kills, {number} sent, {sink.twice('/ok/random/')} twice\n")


def test_a_queue_that_is_flushed_frozen_or_killed_loses_nothing_and_doubles_nothing(
    lasting: Running, sink: Sink
) -> None:
    sink.pause = 0.1
    tell(lasting, [sink.url(f"/ok/queue/{n}", n) for n in range(3_000)])
    wait_for(lambda: len(sink.got("/ok/queue/")) > 100)
    with redis.Redis(unix_socket_path=str(config.queue_socket(lasting.instance))) as line:
        line.flushall()
    (server,) = lasting.pids("queue")
    os.kill(server, signal.SIGSTOP)
    wait_for(lambda: len(sink.got("/ok/queue/")) > 1_000)
    os.kill(server, signal.SIGCONT)
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: all_sent(lasting, 3_000), 40)
    assert (len(sink.got("/ok/queue/")), sink.twice("/ok/queue/")) == (3_000, 0)


def test_it_goes_on_within_35_seconds_however_many_were_killed(serve: Serve, sink: Sink) -> None:
    """In each slot of the queue one, and each with all that it had taken; and then some as soon as they are there."""
    sink.pause = 0.2
    running = serve(WEBHOOK_ALLOWED=sink.allowed()).until_up()
    tell(running, [sink.url(f"/ok/resumed/{n}", n) for n in range(2_500)])
    for _ in range(queue.SLOTS + 1):
        before = len(sink.got("/ok/resumed/"))
        wait_for(lambda before=before: len(sink.got("/ok/resumed/")) > before, 35)
        kill(running.pids("worker"))
    for _ in range(4):
        kill(wait_for(lambda: running.pids("worker"), 35))
    before, killed = len(sink.got("/ok/resumed/")), time.monotonic()
    wait_for(lambda: len(sink.got("/ok/resumed/")) > before, 35)
    wait_for(lambda: all_sent(running, 2_500), 60)
    assert len(set(sink.got("/ok/resumed/"))) == 2_500
    sys.stderr.write(f"all arrived {time.monotonic() - killed:.0f} s after the last kill\n")


def test_restarts_in_the_middle_lose_nothing_and_double_nothing(serve: Serve, sink: Sink) -> None:
    sink.pause, allowed = 0.05, {"WEBHOOK_ALLOWED": sink.allowed()}
    running = serve(**allowed).until_up()
    tell(running, [sink.url(f"/ok/restart/{n}", n) for n in range(3_000)])
    for number in (300, 1_200):
        wait_for(lambda number=number: len(sink.got("/ok/restart/")) > number, 40)
        running.kill(signal.SIGTERM)
        assert running.members() == {}
        running = serve(**allowed).until_up()
    wait_for(lambda: all_sent(running, 3_000), 40)
    assert (len(sink.got("/ok/restart/")), sink.twice("/ok/restart/")) == (3_000, 0)


def test_bad_receivers_delay_nobody_and_are_tried_again(lasting: Running, sink: Sink) -> None:
    sink.pause = 0.0
    bad = ("hang", "drip", "redirect", "garbage", "flood")
    tell(
        lasting,
        [sink.url(f"/{how}/{n}", 0) for how in bad for n in range(4)]
        + [sink.url(f"/ok/good/{n}", 1 + n % 7) for n in range(200)],
    )
    wait_for(lambda: len(sink.got("/ok/good/")) == 200, 10)
    wait_for(lambda: all(sink.got(f"/{how}/") for how in bad))
    wait_for(lambda: len(sink.got("/redirect/")) > 4 and len(sink.got("/flood/")) > 4, 40)
    assert (sink.got("/ok/elsewhere"), states(lasting)["sent"]) == ([], 200)
    assert sink.flooded < 100_000_000


def test_two_workers_share_and_one_that_is_told_to_end_doubles_nothing(lasting: Running, sink: Sink) -> None:
    sink.pause = 0.1
    with open(lasting.log, "a") as log:
        second = subprocess.Popen([sys.executable, "-P", "-m", "jobs.worker"], env=lasting.environ, stderr=log)
    try:
        wait_for(lambda: children(second.pid), 30)
        tell(lasting, [sink.url(f"/ok/two/{n}", n) for n in range(6_000)])
        wait_for(lambda: len(sink.got("/ok/two/")) > 3_000 and children(second.pid), 40)
        second.send_signal(signal.SIGTERM)
        assert second.wait(5) == 0
        wait_for(lambda: all_sent(lasting, 6_000), 40)
        assert (len(sink.got("/ok/two/")), sink.twice("/ok/two/")) == (6_000, 0)
    finally:
        second.kill()
        second.wait()
