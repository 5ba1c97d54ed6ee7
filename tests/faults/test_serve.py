"""The process tree, really started and really killed."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
import redis

from dashboard import bundled, config
from dashboard.queue import patient, queue
from tests.faults.conftest import Serve
from tests.faults.running import COMMAND, PARTS, Running, wait_for


def redis_of(running: Running) -> redis.Redis:
    return patient(f"unix://{config.queue_socket(running.instance)}")


def ask(running: Running, deed: str, *words: object) -> None:
    queue(redis_of(running)).enqueue(f"tests.faults.deeds.{deed}", *words)


def test_it_says_where_it_is_and_how_to_make_the_first_account(lasting: Running) -> None:
    link = re.search(rf"{lasting.url}/setup/[\w-]+", lasting.said())
    assert lasting.get("/") == 200
    assert f"Signpost is up:   {lasting.url}\n" in lasting.said()
    assert link is not None


def test_what_it_keeps_is_private(lasting: Running) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in lasting.instance.iterdir()}
    assert (modes["secret.key"], modes["signpost.db"], modes["queue"]) == (0o600, 0o600, 0o700)


def test_a_second_start_is_refused(lasting: Running) -> None:
    refused = lasting.again()
    assert refused.returncode == 1
    assert f"as process {lasting.process.pid} at {lasting.url}" in refused.stderr


def test_health_has_figures(lasting: Running) -> None:
    assert lasting.get("/healthz") == 200
    assert wait_for(lambda: lasting.get("/readyz") == 200)


def test_a_job_runs_within_the_app(lasting: Running, tmp_path: Path) -> None:
    ask(lasting, "note", str(tmp_path / "noted"))
    assert wait_for(lambda: (tmp_path / "noted").exists() and (tmp_path / "noted").read_text()) == (
        f"dashboard {lasting.instance}"
    )


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_comes_back(lasting: Running, part: str, tmp_path: Path) -> None:
    killed = wait_for(lambda: lasting.pids(part))[0]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: lasting.pids(part) and killed not in lasting.pids(part))
    wait_for(lambda: lasting.get("/") == 200)
    ask(lasting, "note", str(tmp_path / "noted"))
    wait_for((tmp_path / "noted").exists, 20)


def test_a_killed_web_worker_comes_back(lasting: Running) -> None:
    killed = wait_for(lambda: lasting.pids("web"))[-1]
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: killed not in lasting.pids("web") and lasting.get("/") == 200)


def test_readers_who_stay_connected_keep_nobody_out(lasting: Running) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_000, hard), hard))
    lines = [socket.create_connection(("127.0.0.1", lasting.port), 5) for _ in range(1_500)]
    assert [lasting.get("/embed/v1/status.json") for _ in range(20)] == [200] * 20
    for line in lines:
        line.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_readers_notice_nothing_while_the_queue_is_down(lasting: Running) -> None:
    for _ in range(3):
        os.kill(wait_for(lambda: lasting.pids("queue"))[0], signal.SIGKILL)
        assert [lasting.get("/") for _ in range(20)] == [200] * 20


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_all_within_five_seconds(serve: Serve, number: signal.Signals) -> None:
    running = serve().until_up()
    began = time.monotonic()
    running.kill(number)
    assert time.monotonic() - began < 5
    assert running.process.returncode == 0
    assert running.members() == {}


def test_neither_a_long_job_nor_a_stopped_queue_delays_the_end(serve: Serve, tmp_path: Path) -> None:
    running = serve().until_up()
    ask(running, "linger", str(tmp_path / "begun"), 60)
    wait_for((tmp_path / "begun").exists)
    os.kill(running.pids("queue")[0], signal.SIGSTOP)
    began = time.monotonic()
    running.kill(signal.SIGTERM)
    assert time.monotonic() - began < 5
    assert running.members() == {}


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_works(serve: Serve, tmp_path: Path) -> None:
    running = serve().until_up()
    ask(running, "linger", str(tmp_path / "begun"), 60)
    wait_for((tmp_path / "begun").exists)
    running.kill(signal.SIGKILL)
    wait_for(lambda: running.members() == {}, 5)
    serve(port=running.port).until_up()


def test_what_was_asked_for_outlives_a_restart(serve: Serve, tmp_path: Path) -> None:
    """What waits behind another job. What a frozen worker was handed is not waiting any more: the beat asks anew."""
    running = serve().until_up()
    ask(running, "linger", str(tmp_path / "begun"), 60)
    wait_for((tmp_path / "begun").exists)
    ask(running, "note", str(tmp_path / "noted"))
    running.kill(signal.SIGTERM)
    assert not (tmp_path / "noted").exists()
    serve().until_up()
    wait_for((tmp_path / "noted").exists)


def test_a_restart_with_a_dead_database_serves_what_was_published(serve: Serve) -> None:
    serve().until_up().kill(signal.SIGTERM)
    running = serve(DATABASE_URL="postgresql://127.0.0.1:1/nowhere")
    wait_for(lambda: running.get("/") == 200, 60)
    wait_for(lambda: "the database does not answer" in running.said())
    assert running.get("/readyz") == 503


@pytest.mark.parametrize(
    ("name", "value"),
    [("PROXIES", "many"), ("LISTEN", "127.0.0.1"), ("TIME_ZONE", "Mars/North"), ("INSTANCE", "/proc/nowhere")],
)
def test_a_wrong_setting_stops_the_start_by_name(serve: Serve, name: str, value: str) -> None:
    running = serve(**{name: value, "PUBLIC_URL": "http://status.example.org"})
    assert running.process.wait(10) == 2
    assert running.said().startswith(f"signpost: {name} ")


def test_a_taken_port_stops_the_start(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        running = serve(port=other.getsockname()[1])
        assert running.process.wait(10) == 1
    assert "is taken by another program" in running.said()


def test_an_instance_may_lie_deep_and_have_spaces_in_its_name(tmp_path: Path) -> None:
    """The system refuses a socket's path over 107 bytes; then it lies in the folder for temporary files."""
    running = Running(tmp_path / "our status page" / ("deep" * 20))
    try:
        running.until_up()
        assert wait_for(lambda: running.get("/readyz") == 200)
    finally:
        running.end()


def test_those_that_start_together_migrate_once(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "INSTANCE": str(tmp_path / "instance")}
    starts = [subprocess.Popen([*COMMAND[:-1], "init"], env=environ) for _ in range(3)]
    assert [start.wait(30) for start in starts] == [0, 0, 0]


def test_a_server_left_behind_is_ended_first(tmp_path: Path) -> None:
    """Where the system has no leash for it, a killed supervisor leaves the bundled server."""
    at = tmp_path / "queue" / "queue.sock"
    server = subprocess.Popen(bundled.command(tmp_path / "queue", at))
    wait_for(at.exists)
    bundled.end_stale(at)
    assert server.wait(5) == 0


def test_a_folder_of_somebody_else_is_no_place_for_the_socket(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "queue").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(bundled.NoServer, match="belongs to somebody else"):
        bundled.command(tmp_path / "queue", tmp_path / "queue" / "queue.sock")
