"""What stands at the other end in these tests: real servers on the loopback, of which each does one thing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from httpcore2 import SOCKET_OPTION, AnyIOBackend, AsyncNetworkStream, ConnectError

Behave = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PUBLIC = "93.184.216.34"  # in these tests the address of the receiver that may be reached
DEAD = "93.184.216.35"  # and where nobody is


@dataclass(slots=True)
class Receiver:
    """``asked``: each question as it came, its body too."""

    port: int
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def receiver(
    behave: Behave, hosts: Sequence[str] = ("127.0.0.1",), tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    found, serving = Receiver(0), set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        serving.add(cast(asyncio.Task[None], asyncio.current_task()))
        try:
            while not writer.is_closing():
                found.asked.append(await question(reader))
                await behave(found.asked[-1], writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, list(hosts), 0 if len(hosts) == 1 else free_port(), ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def question(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head + await reader.readexactly(length)


class Diverted(AnyIOBackend):
    """The network's edge: the ports 80 and 443 of an address lead to the same address, at the port of a server of
    these tests; and the public address to this machine. Which address it is, the product has chosen."""

    def __init__(self, canary: int, public: int) -> None:
        self._canary, self._public = canary, public
        self.wanted: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        self.wanted.append(host)
        if host == DEAD:
            raise ConnectError
        if host == PUBLIC:
            return await super().connect_tcp("127.0.0.1", self._public, timeout)
        return await super().connect_tcp(host, self._canary, timeout)


def answering(*names: tuple[str, ...]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A name server that answers in turn, and then as it did last."""
    turns = list(names)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return turns.pop(0) if len(turns) > 1 else turns[0]

    return resolve


async def says_ok(question: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)


def says(head: str, body: bytes = b"") -> Behave:
    async def behave(question: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    return behave


async def hangs(question: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drips(question: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    for _ in range(600):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def floods(question: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def floods_heads(question: bytes, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)
        await writer.drain()


async def says_garbage(question: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff SSH-2.0-garbage\r\n\r\n" * 20)


async def closes(question: bytes, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def says_ok_and_closes(question: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    await writer.drain()
    writer.close()
