"""The banner while 500 front ends keep an event stream open, beside the same without. ``python bench/streams.py``.

The two take turns. Then sections go off, and every listener has to hear of it.
"""

from __future__ import annotations

import argparse
import contextlib
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent))

import serving
from budget import verdict, within
from load import cpu_seconds, paced
from read_path import BANNER, wanted
from tree import shares

RATE = 200  # of the banner, each second
_GIVE_UP = 5  # seconds


class Listeners:
    """Open event streams, read by one thread; ``delays`` are from a change to when each heard of it."""

    def __init__(self, port: int, count: int) -> None:
        self.delays: list[float] = []
        self._selector = selectors.DefaultSelector()
        self._changed_at = 0.0
        self._is_open = True
        self._lines = [self._listen(port) for _ in range(count)]
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _listen(self, port: int) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", port), _GIVE_UP)
        line.sendall(b"GET /ofrep/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        said = b""
        while b"\nid: " not in said or not said.endswith(b"\n\n"):
            piece = line.recv(65_536)
            assert piece, said
            said += piece
        self._selector.register(line, selectors.EVENT_READ)
        return line

    def _read(self) -> None:
        while self._is_open:
            for key, _ in self._selector.select(0.1):
                said = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                assert said, "a stream ended"
                if b"refetchEvaluation" in said:
                    self.delays.append(time.perf_counter() - self._changed_at)

    def told_of(self, change: contextlib.AbstractContextManager[None]) -> list[float]:
        """How long each waited to hear of it."""
        self.delays = []
        with change:
            self._changed_at = time.perf_counter()
        give_up = time.perf_counter() + _GIVE_UP
        while len(self.delays) < len(self._lines) and time.perf_counter() < give_up:
            time.sleep(0.01)
        assert len(self.delays) == len(self._lines), f"{len(self.delays)} of {len(self._lines)} were told"
        return self.delays

    def close(self) -> None:
        self._is_open = False
        self._thread.join()
        for line in self._lines:
            line.close()


@contextlib.contextmanager
def streams(instance: Path) -> Iterator[tuple[int, int]]:
    """Its port and its process."""
    port = serving.free_port()
    environ = {"INSTANCE": str(instance), "EVENTS_LISTEN": f"127.0.0.1:{port}", "LISTEN": "127.0.0.1:1"}
    with serving.running([sys.executable, "-P", "-m", "dashboard.streams"], port, environ) as pid:
        yield port, pid


@contextlib.contextmanager
def committed(instance: Path, port: int, number: int) -> Iterator[None]:
    """An outage begins in the database; it is published once whoever waits is ready."""
    import publish as publishing

    from dashboard import config, create_app, publish
    from dashboard.clock import now

    environ = {"INSTANCE": str(instance), "LISTEN": f"127.0.0.1:{port}"}  # as the web's, or they would not agree
    with create_app(config.from_environment(environ)).app_context():
        publishing.change(number)
        yield
        publish.publish(now())


def p99(taken: list[float]) -> float:
    return quantiles(taken, n=100, method="inclusive")[98] * 1000


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=float, default=3.0)
    words.add_argument("--streams", type=int, default=500)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        serving.filled(instance, sections=20, ended=10)
        with serving.signpost(instance) as (port, _), streams(instance) as (events_port, events_pid):
            measure(given, instance, port, events_port, events_pid)
    return verdict()


def measure(given: argparse.Namespace, instance: Path, port: int, events_port: int, events_pid: int) -> None:
    question = wanted(port, BANNER, unchanged=False)
    paced(port, question, 1, RATE)  # to warm up
    at_rest = sum(shares(events_pid).values())
    without, beside, spent = [], [], []
    for _ in range(given.rounds):
        without.append(p99(paced(port, question, given.seconds, RATE)))
        with contextlib.closing(Listeners(events_port, given.streams)):
            before = cpu_seconds(events_pid)
            beside.append(p99(paced(port, question, given.seconds, RATE)))
            spent.append((cpu_seconds(events_pid) - before) / given.seconds)
    with contextlib.closing(Listeners(events_port, given.streams)) as listeners:
        open_, told = sum(shares(events_pid).values()), []
        for number in range(given.rounds):
            told += listeners.told_of(committed(instance, port, number + 2))
    row("banner at 200/s beside the streams, p99", f"{median(beside):.2f} ms", within(median(beside), 50))
    row("the same without streams", f"{median(without):.2f} ms")
    ratios = [one / other for one, other in zip(beside, without, strict=True)]
    row("ratio", f"{median(ratios):.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}")
    row(
        "commit until the last is told", f"{max(told):.2f} s", f"{within(max(told), 1)}   (median {median(told):.2f} s)"
    )
    row("a core's time while nothing happens", f"{median(spent):.1%}")
    row("memory at rest", f"{at_rest:.1f} MB", within(at_rest, 30))
    row(f"memory with {given.streams} streams", f"{open_:.1f} MB")


def row(name: str, figure: str, beside: str = "") -> None:
    print(f"{name:<50}{figure:>10}   {beside}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
