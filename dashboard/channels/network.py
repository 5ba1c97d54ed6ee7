"""The gate to the network: connects to the very address that was looked at, and only to the public internet."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from httpcore2 import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, NetworkError

from dashboard.channels.url import is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

TRIED = 3  # addresses of one name
PATIENCE = 4.0  # seconds for each of them
MOST = 192 * 1024  # bytes that are read of one answer, its head and its framing too
_LOOKING_UP = 32  # names at a time: a slow name server keeps a thread


class Inside(NetworkError):
    """A name that leads, with one of its addresses at least, where it may not."""


class Flood(NetworkError):
    """An answer that does not end."""


class Gate(AsyncNetworkBackend):
    """``allowed``: hosts and ports that the operator named, wherever they are."""

    def __init__(
        self, resolve: Resolve, allowed: Collection[tuple[str, int]], network: AsyncNetworkBackend | None = None
    ) -> None:
        self.allowed = allowed
        self._resolve, self._network = resolve, network or AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        *others, last = (await self.addresses(host, port))[:TRIED]
        for address in others:
            try:
                return Metered(await self._network.connect_tcp(address, port, timeout=PATIENCE))
            except NetworkError:
                continue
        return Metered(await self._network.connect_tcp(last, port, timeout=PATIENCE))

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """All of them. Raises Inside when it may not be connected to one, or OSError."""
        found = [host] if _is_literal(host) else await self._resolve(host, port)
        if not found:
            raise socket.gaierror(f"no address of {host}")
        if (host, port) not in self.allowed and not all(is_public(address) for address in found):
            raise Inside(host)
        return found


def _is_literal(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()


class Metered(AsyncNetworkStream):
    """A connection that reads so much for one answer, and no more. What is asked leaves in one piece."""

    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream, self._left = stream, MOST
        self._unsent = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            unsent, self._unsent = self._unsent, b""
            await self._stream.write(unsent)
        found = await self._stream.read(max_bytes, timeout)
        self._left -= len(found)
        if self._left < 0:
            raise Flood
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._left = MOST
        self._unsent += buffer

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncNetworkStream:
        try:
            return Metered(await self._stream.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:  # a deadline in mid-handshake leaves the socket to whoever opened it
            await self._stream.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Names:
    """Looks names up as the system does, in threads of its own: the deadline is the caller's."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKING_UP, "names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        ask = asyncio.get_running_loop().run_in_executor
        found = await ask(self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        return list(dict.fromkeys(str(place[0]).partition("%")[0] for *_, place in found))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
