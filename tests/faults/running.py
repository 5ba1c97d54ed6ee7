"""A whole Signpost for a test: really started, looked at from outside, and all its processes counted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

COMMAND = (sys.executable, "-P", "-m", "dashboard", "serve")
DEMO = (*COMMAND[:-1], "demo")
PARTS = {  # what each part's command line holds
    "queue": "valkey-server",
    "web": "dashboard.web",
    "events": "dashboard.streams",
    "worker": "jobs.worker",
    "beat": "jobs.schedule",
}


def wait_for(what: Callable[[], T], within: float = 15) -> T:
    """What it gives once that is true. Asked for again and again, for so many seconds."""
    deadline = time.monotonic() + within
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


class Running:
    """``signpost serve`` on a folder of its own; environ may say more."""

    def __init__(self, folder: Path, port: int = 0, command: tuple[str, ...] = COMMAND, **environ: str) -> None:
        self.instance = folder / "instance"
        self.port = port or free_port()
        self.events_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "PATH": os.environ["PATH"],
            "INSTANCE": str(self.instance),
            "LISTEN": f"127.0.0.1:{self.port}",
            "EVENTS_LISTEN": f"127.0.0.1:{self.events_port}",
            **environ,
        }
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log)

    def until_up(self) -> Running:
        try:
            wait_for(lambda: "Signpost is up" in self.said() or self.process.poll() is not None, 60)
        finally:
            assert "Signpost is up" in self.said(), self.said()
        return self

    def said(self) -> str:
        return self.log.read_text()

    def again(self) -> subprocess.CompletedProcess[str]:
        """A second start that is expected to be refused."""
        return subprocess.run(COMMAND, env=self.environ, capture_output=True, text=True, timeout=20, check=False)

    def get(self, path: str = "/") -> int:
        """The status; 0 when nobody answers."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", path)
            return line.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            line.close()

    def members(self) -> dict[int, str]:
        """Every process that was started for this instance, whoever its parent is now: its command line."""
        mark, found = str(self.instance), {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                line = (path / "cmdline").read_text().replace("\0", " ")
                known = f"INSTANCE={mark}\0" in (path / "environ").read_text(errors="replace") or mark in line
                if known and "zombie" not in (path / "status").read_text():
                    found[int(path.name)] = line
            except OSError:
                continue
        return found

    def pids(self, part: str) -> list[int]:
        return sorted(pid for pid, line in self.members().items() if PARTS[part] in line)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(10)

    def end(self) -> None:
        """However the test left it."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)


def events_answer(running: Running) -> bool:
    """Have its event streams something to tell?"""
    line = HTTPConnection("127.0.0.1", running.events_port, timeout=5)
    try:
        line.request("GET", "/ofrep/v1/events")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()
