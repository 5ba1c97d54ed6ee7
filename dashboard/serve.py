"""``signpost serve``: one command, one process tree. Nothing heavy is imported here, for it stays in memory.

::

    serve -+- queue    the bundled Redis-compatible server, unless REDIS_URL names another
           +- init     once: the database's shape, the first publication, the set-up link
           +- web      granian and its worker processes
           +- events   the event streams of feature flags
           +- worker   RQ; each job in a work horse of its own
           +- beat     asks for the jobs that are due
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import math
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from dashboard import bundled, config, languages
from dashboard.config import Settings, WrongSetting
from dashboard.leash import PARENT
from dashboard.tree import Part, Tree

SETUP_LINK = "setup-link "  # begins the line by which ``init`` says it
READY_WITHIN = 30  # seconds after which it is said that something is amiss


class CannotStart(RuntimeError):
    """A sentence that says why."""


def main(more: Sequence[Part] = ()) -> None:
    """Until it is told to stop; ``more`` runs beside the product's own parts.

    Exits with 2 for a wrong setting, with 1 when it may not or cannot start."""
    try:
        settings = config.from_environment(os.environ)
        for sentence in languages.read(settings.languages, settings.instance)[1]:
            _refuse(sentence, 0)
        with alone(settings):
            require_free(settings.listen, "LISTEN")
            Served(with_streams(settings), more).run()
    except WrongSetting as wrong:
        raise SystemExit(_refuse(str(wrong), 2)) from None
    except (CannotStart, bundled.NoServer) as reason:
        raise SystemExit(_refuse(str(reason), 1)) from None


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(f"signpost: {sentence}\n")
    return code


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold this instance. Raises CannotStart when another Signpost does, WrongSetting when it cannot be written."""
    with _lock_file(settings) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid, _, address = file.read().strip().partition(" ")
            raise CannotStart(
                f"it runs already on {settings.instance}, as process {pid or '?'} at {address or '?'}. "
                "Stop that one first, or give this one a folder of its own with INSTANCE."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {settings.public_url}\n")
        file.flush()
        yield


def served_at(settings: Settings) -> str:
    """Where this instance runs at present, if it does: it may have been started with other settings than these."""
    with _lock_file(settings) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            return file.read().strip().partition(" ")[2] or settings.public_url
    return settings.public_url


def _lock_file(settings: Settings) -> TextIO:
    try:
        settings.instance.mkdir(parents=True, exist_ok=True)
        return open(settings.instance / "serve.lock", "a+")
    except OSError as error:
        raise WrongSetting(f"INSTANCE {settings.instance} cannot be used: {error.strerror}.") from None


def require_free(listen: tuple[str, int], name: str) -> None:
    """Two servers may share a port without a word, so it is tried first. Raises CannotStart or WrongSetting."""
    host, port = listen
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStart(
                    f"{host}:{port} is taken by another program. Choose another: {name}={host}:{port + 1}"
                ) from None
            raise WrongSetting(f"{name} {host}:{port} cannot be used: {error.strerror}.") from None


def with_streams(settings: Settings) -> Settings:
    """The port beside LISTEN may be another program's. If nobody chose it, nothing but event streams is missing then,
    and they are not offered. Raises CannotStart or WrongSetting."""
    if settings.events_listen is None:
        return settings
    try:
        require_free(settings.events_listen, "EVENTS_LISTEN")
    except CannotStart as reason:
        if os.environ.get("EVENTS_LISTEN", "").strip() or os.environ.get("EVENTS_URL", "").strip():
            raise
        sys.stderr.write(f"signpost: there are no event streams, so flags are polled: {reason}\n")
        os.environ["EVENTS_LISTEN"] = "off"  # for all parts
        return config.from_environment(os.environ)
    return settings


def parts(settings: Settings, is_first: bool) -> list[Part]:
    """``is_first``: whoever starts it may need the link for the first account. Raises bundled.NoServer."""
    found = [
        Part("init", _python("dashboard", "init", *(["--setup-link"] if is_first else [])), once=True),
        Part("web", _python("dashboard.web")),
        Part("worker", _python("jobs.worker"), after="init"),
        Part("beat", _python("jobs.schedule"), after="init"),
    ]
    if settings.events_listen:
        found.append(Part("events", _python("dashboard.streams")))
    if not settings.redis_url:
        socket_ = config.queue_socket(settings.instance)
        bundled.end_stale(socket_)
        found.insert(0, Part("queue", bundled.command(settings.instance / "queue", socket_), ends_last=True))
    return found


def _python(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", *words)


class Served:
    """The tree, and what is told to the person who started it."""

    def __init__(self, settings: Settings, more: Sequence[Part]) -> None:
        self.settings = settings
        self.setup_link = ""
        self.is_ready = False
        self.complain_at = time.monotonic() + READY_WITHIN
        environ = {
            "MALLOC_ARENA_MAX": "2",  # glibc would keep memory for each of the web's threads
            **os.environ,
            "INSTANCE": str(settings.instance),
            "PYTHONUNBUFFERED": "1",
            PARENT: str(os.getpid()),
        }
        self.tree = Tree([*parts(settings, not more), *more], environ, self.hear)

    def run(self) -> None:
        self.tree.listen()
        try:
            while not self.tree.stopping:
                self.tree.turn(60 if self.is_ready else 0.02)
                if not self.is_ready:
                    self._look()
        finally:
            self.tree.stop()

    def hear(self, name: str, line: str) -> None:
        if line.startswith(SETUP_LINK):
            self.setup_link = line.removeprefix(SETUP_LINK)
        else:
            self.say(f"{name:<6} | {line}")

    def say(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more: that is no reason to end
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def _look(self) -> None:
        self.is_ready = self.tree.is_prepared and answers(self.settings.listen)
        if self.is_ready:
            self._greet()
        elif time.monotonic() > self.complain_at:
            self.say(f"Signpost is not ready after {READY_WITHIN} s and goes on trying; the lines above say why.")
            self.complain_at = math.inf

    def _greet(self) -> None:
        self.say(f"\n  Signpost is up:   {self.settings.public_url}")
        self.say(f"  Staff sign in:    {self.settings.public_url}/admin")
        if self.setup_link:
            self.say(f"  First account:    {self.setup_link}   (works once)")
            self.say("  Only looking?     make demo shows it with a fictional website.")
        self.say("  Ctrl-C stops it.\n")


def answers(listen: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(config.reachable(listen), timeout=0.5) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return line.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
