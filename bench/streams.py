"""The banner while 500 front ends keep an event stream open, beside the same without. ``python bench/streams.py``.

The two take turns. Then sections go off, and every listener has to hear of it, and to be given the new answer when it
asks at once.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
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
_STREAM = b"GET /ofrep/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
_FLAGS = (
    b"POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 14\r\n\r\n" + b'{"context":{}}'
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one listener: when it was told, and how many sections were off by what it was answered then."""

    at: float
    status: int
    off: int


class Listeners:
    """Open event streams, in an event loop of their own."""

    def __init__(self, port: int, events_port: int, count: int) -> None:
        self.heard: list[Heard] = []
        self.count = count
        self._ports = port, events_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        opened = [asyncio.run_coroutine_threadsafe(self._open(), self._loop) for _ in range(count)]
        lines = [one.result(_GIVE_UP) for one in opened]
        self._tasks = [asyncio.run_coroutine_threadsafe(self._listen(*line), self._loop) for line in lines]

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[1])
        writer.write(_STREAM)
        await reader.readuntil(b"\r\n\r\n")
        await reader.readuntil(b"\n\n")
        return reader, writer

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                if b"refetchEvaluation" in await reader.readuntil(b"\n\n"):
                    told_at = time.perf_counter()
                    self.heard.append(Heard(told_at, *await self._ask()))
        finally:
            writer.close()

    async def _ask(self) -> tuple[int, int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[0])
        writer.write(_FLAGS)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        flags = json.loads(body).get("flags", ())
        return int(head.split()[1]), sum(flag["key"].startswith("section.") and flag["value"] for flag in flags)

    def of(self, change: contextlib.AbstractContextManager[None]) -> tuple[list[float], list[Heard], list[Heard]]:
        """How many seconds after the change each was told of it, and what became of it both times that it was told."""
        self.heard = []
        with change:
            changed_at = time.perf_counter()
        give_up = time.perf_counter() + _GIVE_UP
        while len(self.heard) < 2 * self.count and time.perf_counter() < give_up:
            time.sleep(0.01)
        assert len(self.heard) == 2 * self.count, f"{len(self.heard)} of {self.count} were told"
        first, again = self.heard[: self.count], self.heard[self.count :]
        return [heard.at - changed_at for heard in first], first, again

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


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
    words.add_argument("--sections", type=int, default=20)
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        serving.filled(instance, sections=given.sections, ended=10)
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
        with contextlib.closing(Listeners(port, events_port, given.streams)):
            before = cpu_seconds(events_pid)
            beside.append(p99(paced(port, question, given.seconds, RATE)))
            spent.append((cpu_seconds(events_pid) - before) / given.seconds)
            with_all = sum(shares(events_pid).values())
    row("banner at 200/s beside the streams, p99", f"{median(beside):.2f} ms", within(median(beside), 50))
    row("the same without streams", f"{median(without):.2f} ms")
    ratios = [one / other for one, other in zip(beside, without, strict=True)]
    row("ratio", f"{median(ratios):.2f}", f"{min(ratios):.2f}-{max(ratios):.2f}")
    row("a core's time while nothing happens", f"{median(spent):.1%}")
    row("memory at rest", f"{at_rest:.1f} MB", within(at_rest, 30))
    row(f"memory with {given.streams} streams", f"{with_all:.1f} MB")
    follow(given, instance, port, events_port)


def follow(given: argparse.Namespace, instance: Path, port: int, events_port: int) -> None:
    told, refused, stale, still = [], 0, 0, 0
    with contextlib.closing(Listeners(port, events_port, given.streams)) as listeners:
        for number in range(given.rounds):
            delays, first, again = listeners.of(committed(instance, port, number + 2))
            told += delays
            refused += sum(one.status != 200 for one in (*first, *again))
            stale += sum(one.off < number + 2 for one in first)
            still += sum(one.off < number + 2 for one in again)
    row(
        "commit until the last is told", f"{max(told):.2f} s", f"{within(max(told), 1)}   (median {median(told):.2f} s)"
    )
    row("of those who then ask at once, refused", f"{refused}", within(refused, 0))
    row("answered as before", f"{stale}", within(stale, 0))
    row("answered as before when told again", f"{still}", within(still, 0))


def row(name: str, figure: str, beside: str = "") -> None:
    print(f"{name:<50}{figure:>10}   {beside}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
