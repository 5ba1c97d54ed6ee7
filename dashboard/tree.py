"""A tree of processes: starts its parts, starts those again that end, and ends them all together.

One thread, one loop: it sleeps until a part says something, a part ends, a signal comes or a start is due. Each part
is a session of its own, so that what it started can be ended with it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

LONGEST_PAUSE = 10.0  # seconds between two starts of a part that keeps failing
RAN_WELL = 10.0  # seconds after which an end is not counted with those before it
PARTS_END_WITHIN, LAST_ENDS_WITHIN = 2.6, 1.0  # seconds, then they are killed

Say = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What to run. ``once``: until it ends well. ``after``: not before that part has ended well."""

    name: str
    command: Sequence[str]
    once: bool = False
    after: str = ""
    ends_last: bool = False


@dataclass(slots=True)
class Child:
    """A part as it runs at present, or waits for ``due_at``."""

    part: Part
    process: subprocess.Popen[bytes] | None = None
    begun_at: float = 0.0
    due_at: float = 0.0
    failures: int = 0
    done: bool = False
    unsaid: bytes = b""


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(0.1 * 2.0 ** min(failures, 20), LONGEST_PAUSE)


@dataclass(slots=True)
class Tree:
    """``say`` is told each line that a part writes, with the part's name."""

    parts: Iterable[Part]
    environ: Mapping[str, str]
    say: Say
    stopping: bool = False
    _children: list[Child] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _signals: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)

    def listen(self) -> None:
        """From now on signals end the tree, and wake the loop."""
        self._children = [Child(part) for part in self.parts]
        for end in self._signals:
            end.setblocking(False)
        self._selector.register(self._signals[0], selectors.EVENT_READ)
        signal.set_wakeup_fd(self._signals[1].fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop_soon)

    def is_done(self, name: str) -> bool:
        return any(child.done for child in self._children if child.part.name == name)

    @property
    def is_prepared(self) -> bool:
        """Has everything that runs only once ended well?"""
        return all(child.done for child in self._children if child.part.once)

    def turn(self, longest: float) -> None:
        """Start what is due, sleep ``longest`` seconds at the most, and see to what happened meanwhile."""
        for child in self._children:
            if self._is_due(child):
                self._start(child)
        self._sleep(min([longest, *self._waits()]))
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child)

    def stop(self) -> None:
        """End every part: asked first, killed when it takes too long; those that the others need come last."""
        self.stopping = True
        self._end([child for child in self._children if not child.part.ends_last], PARTS_END_WITHIN)
        self._end([child for child in self._children if child.part.ends_last], LAST_ENDS_WITHIN)

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _is_due(self, child: Child) -> bool:
        is_free = not child.part.after or self.is_done(child.part.after)
        return child.process is None and not child.done and is_free and child.due_at <= time.monotonic()

    def _waits(self) -> list[float]:
        now = time.monotonic()
        waiting = [child for child in self._children if child.process is None and not child.done]
        return [max(0.0, child.due_at - now) for child in waiting if child.due_at > now]

    def _start(self, child: Child) -> None:
        child.begun_at = time.monotonic()
        try:
            child.process = subprocess.Popen(
                child.part.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self.environ,
                start_new_session=True,
            )
        except OSError as error:  # the machine is short of something at this moment
            self._later(child, f"could not be started ({error})")
            return
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _sleep(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                self._signals[0].recv(4096)
            else:
                self._hear(key.data, key.fd)

    def _hear(self, child: Child, pipe: int) -> bool:
        """False when there is no more to hear for now."""
        try:
            said = os.read(pipe, 65536)
        except BlockingIOError:
            return False
        if not said:
            self._selector.unregister(pipe)
            return False
        *lines, child.unsaid = (child.unsaid + said).split(b"\n")
        for line in lines:
            self.say(child.part.name, line.decode(errors="replace"))
        return True

    def _bury(self, child: Child) -> None:
        """The part has ended. What it left behind is killed before it is started again: it may hold the port."""
        process, child.process = child.process, None
        assert process is not None
        assert process.stdout is not None
        kill_group(process)
        pipe = process.stdout.fileno()
        while pipe in self._selector.get_map() and self._hear(child, pipe):
            pass
        if pipe in self._selector.get_map():
            self._selector.unregister(pipe)
        process.stdout.close()
        child.unsaid = b""
        child.done = child.part.once and process.returncode == 0
        if not child.done and not self.stopping:
            self._later(child, f"ended ({process.returncode})")

    def _later(self, child: Child, what: str) -> None:
        now = time.monotonic()
        child.failures = 1 if now - child.begun_at > RAN_WELL else child.failures + 1
        child.due_at = now + pause(child.failures)
        self.say(child.part.name, f"{what}; starting it again in {pause(child.failures):g} s")

    def _end(self, children: list[Child], within: float) -> None:
        running = [child for child in children if child.process is not None]
        for child in running:
            if child.process:
                child.process.terminate()
        deadline = time.monotonic() + within
        while running and time.monotonic() < deadline:
            self._sleep(max(0.0, deadline - time.monotonic()))
            running = [child for child in running if child.process and child.process.poll() is None]
        for child in children:
            if child.process is not None:
                kill_group(child.process)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(0.5)
                self._bury(child)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """The process and whatever of its session's first group is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
