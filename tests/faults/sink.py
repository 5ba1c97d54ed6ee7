"""A receiver of webhooks that counts what it got, and answers as its path says: /ok/7, /hang/1, /flood/1."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 9))  # each a lane of its own
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Sink:
    """In a thread of its own. ``arrived`` are the paths and the ids of it all, in order."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, str]] = []
        self.pause = 0.0  # seconds before it says that all is well
        self.flooded = 0  # bytes
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(5)

    def got(self, prefix: str) -> list[str]:
        return [id for path, id in self.arrived if path.startswith(prefix)]

    def twice(self, prefix: str) -> int:
        return sum(number - 1 for number in Counter(self.got(prefix)).values())

    def allowed(self) -> str:
        return " ".join(f"{host}:{self.port}" for host in HOSTS)

    def url(self, path: str, number: int = 0) -> str:
        return f"http://{HOSTS[number % len(HOSTS)]}:{self.port}{path}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._ready.set()
        self._loop.run_forever()
        for server in self._servers:
            server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    async def _serve(self) -> None:
        first = await asyncio.start_server(self._talk, HOSTS[0], 0)
        self.port = first.sockets[0].getsockname()[1]
        self._servers = [first, *[await asyncio.start_server(self._talk, host, self.port) for host in HOSTS[1:]]]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers: dict[str, Answer] = {
            "ok": self._ok,
            "hang": self._hang,
            "drip": self._drip,
            "redirect": self._redirect,
            "garbage": self._garbage,
            "flood": self._flood,
        }
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                named = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head.split("\r\n")}
                await reader.readexactly(int(named["content-length"]))
                path = head.split(" ")[1]
                self.arrived.append((path, named["webhook-id"]))
                await answers[path.split("/")[1]](writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _ok(self, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.pause)
        writer.write(OK)

    async def _hang(self, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        for letter in OK:
            writer.write(bytes([letter]))
            await asyncio.sleep(1)

    async def _redirect(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /ok/elsewhere\r\nContent-Length: 0\r\n\r\n")

    async def _garbage(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xff\xfe so there\r\n\r\n")
        await writer.drain()
        raise OSError

    async def _flood(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 5000000000\r\n\r\n")
        for _ in range(5_000_000_000 // 65_536):
            writer.write(b"x" * 65_536)
            await writer.drain()
            self.flooded += 65_536
