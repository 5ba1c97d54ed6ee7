"""The process that tells listeners of changes: in its tree, really started and really killed."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard import create_app, publish
from dashboard.actions import outages
from dashboard.actions.outages import Plan
from dashboard.actions.writing import SIGNPOST
from dashboard.clock import now
from dashboard.config import from_environment
from dashboard.rules.state import AtEnd
from tests import make
from tests.faults.conftest import Serve
from tests.faults.running import Running, events_answer, free_port, wait_for

LARGEST = 30_720  # kB
pytestmark = pytest.mark.timed


class Listener:
    """An open stream."""

    def __init__(self, running: Running, last_id: str = "") -> None:
        more = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        self.line = socket.create_connection(("127.0.0.1", running.events_port), 5)
        self.line.sendall(f"GET /ofrep/v1/events HTTP/1.1\r\nHost: localhost\r\n{more}\r\n".encode())
        self.heard = ""

    def until(self, words: str, within: float = 5) -> str:
        deadline = time.monotonic() + within
        while words not in self.heard:
            self.line.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self.line.recv(65_536)
            assert piece, f"ended after: {self.heard}"
            self.heard += piece.decode()
        return self.heard

    @property
    def id(self) -> str:
        return re.findall(r"^id: (.*)$", self.heard, re.MULTILINE)[-1]  # type: ignore[no-any-return]

    def is_ended(self, within: float = 1) -> bool:
        self.line.settimeout(within)
        with suppress(ConnectionError):
            while self.line.recv(65_536):
                pass
        return True


@pytest.fixture(scope="module")
def section_ids(lasting: Running) -> list[int]:
    with create_app(from_environment(lasting.environ)).app_context():
        found = [make.section(key).id for key in ("direct_deposit", "documents")]
        publish.publish(now())
    return found


@pytest.fixture
def listener(lasting: Running, section_ids: list[int]) -> Iterator[Listener]:
    """One that has nothing more to hear of what was before."""
    wait_for(lambda: events_answer(lasting))
    first = Listener(lasting)
    first.until("id: ")
    again = Listener(lasting, first.id)
    first.line.close()
    assert "refetchEvaluation" not in again.until("id: ")
    with closing(again.line):
        yield again


def take_off(running: Running, section_id: int, seconds: float) -> None:
    """As the web or the worker would, in another process than that which tells of it."""
    with create_app(from_environment(running.environ)).app_context():
        at = now()
        plan = Plan(
            at, at + timedelta(seconds=seconds), AtEnd.RESTORE, "", "", "", "Europe/London", "", "", str(section_id)
        )
        outages.start(section_id, plan, SIGNPOST, at)


def test_t37_taking_a_section_off_is_told_within_a_second(
    lasting: Running, listener: Listener, section_ids: list[int]
) -> None:
    take_off(lasting, section_ids[0], seconds=3_600)
    assert '"type":"refetchEvaluation"' in listener.until("refetchEvaluation", within=1)


def test_the_end_of_an_outage_is_told_by_the_clock_alone(
    lasting: Running, listener: Listener, section_ids: list[int]
) -> None:
    take_off(lasting, section_ids[1], seconds=1.5)
    began = time.monotonic()
    listener.until("refetchEvaluation", within=1)
    listener.heard = ""
    listener.until("refetchEvaluation", within=2.5)
    assert time.monotonic() - began > 0.5


def test_it_is_small(lasting: Running, listener: Listener) -> None:
    rollup = Path(f"/proc/{lasting.pids('events')[0]}/smaps_rollup").read_text()
    assert int(re.findall(r"^Pss: +(\d+)", rollup, re.MULTILINE)[0]) <= LARGEST


def test_killed_it_comes_back_and_tells_nothing_that_was_known(lasting: Running, listener: Listener) -> None:
    killed = lasting.pids("events")[0]
    os.kill(killed, signal.SIGKILL)
    assert listener.is_ended()
    wait_for(lambda: killed not in lasting.pids("events") and events_answer(lasting))
    again = Listener(lasting, listener.id)
    with closing(again.line):
        assert "refetchEvaluation" not in again.until("id: ")


def test_told_to_stop_it_ends_all_streams_within_a_second(lasting: Running, listener: Listener) -> None:
    stopped = lasting.pids("events")[0]
    os.kill(stopped, signal.SIGTERM)
    assert listener.is_ended(within=1)
    wait_for(lambda: stopped not in lasting.pids("events"), 1)
    assert wait_for(lambda: re.findall(r"events \| ended \((\d+)\)", lasting.said()))[-1] == "0"


def test_a_killed_supervisor_takes_it_along(serve: Serve) -> None:
    running = serve().until_up()
    wait_for(lambda: events_answer(running))
    listener = Listener(running)
    running.kill(signal.SIGKILL)
    with closing(listener.line):
        assert listener.is_ended(within=2)
    wait_for(lambda: not running.members(), 5)


def test_a_taken_port_beside_ours_takes_nothing_but_the_streams(serve: Serve) -> None:
    port, other = two_ports()
    with other:
        running = serve(port=port, EVENTS_LISTEN="").until_up()
        assert "there are no event streams, so flags are polled: " in running.said()
        assert f"EVENTS_LISTEN=127.0.0.1:{port + 2}" in running.said()
        assert not running.pids("events")
        wait_for((running.instance / "facts.json").exists)
        assert '"events_url":""' in (running.instance / "facts.json").read_text()


@pytest.mark.parametrize("chosen", ["EVENTS_LISTEN", "EVENTS_URL"])
def test_a_taken_port_that_somebody_counts_on_stops_the_start(serve: Serve, chosen: str) -> None:
    port, other = two_ports()
    values = {"EVENTS_LISTEN": f"127.0.0.1:{port + 1}", "EVENTS_URL": "https://status.example.org"}
    with other:
        running = serve(port=port, **{"EVENTS_LISTEN": "", chosen: values[chosen]})
        assert running.process.wait(10) == 1
    assert f"127.0.0.1:{port + 1} is taken by another program" in running.said()


def two_ports() -> tuple[int, socket.socket]:
    """One that is free, and a server on the next."""
    while True:
        port = free_port()
        with suppress(OSError):
            return port, socket.create_server(("127.0.0.1", port + 1))
