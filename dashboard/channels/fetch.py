"""The one function that asks an address that a user gave. Bounded in time, in bytes, and in where it may lead."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from typing import cast

from httpcore2 import (
    URL,
    AsyncHTTPConnection,
    ConnectTimeout,
    NetworkError,
    ProtocolError,
    ReadError,
    RemoteProtocolError,
    Request,
    Response,
    TimeoutException,
    WriteError,
    default_ssl_context,
)

from dashboard.channels.channel import Answer, Failed, Unfit
from dashboard.channels.network import Flood, Gate, Inside
from dashboard.channels.url import NOT_PUBLIC, Target, target

TOTAL = 15.0  # seconds for all of it: names, connection, question and answer
MOST = 64 * 1024  # bytes of an answer that are looked at
KEPT = 128  # connections that stay open for the next letter
_REST = 15.0  # seconds that one may idle
_AGENT = "Signpost"


class Fetcher:
    """Connections are kept open for the next question to the same place; each new one passes the gate."""

    def __init__(self, gate: Gate, trusted: ssl.SSLContext | None = None, total: float = TOTAL) -> None:
        self._gate, self._total = gate, total
        self._trusted = trusted or default_ssl_context()
        self._idle: OrderedDict[Target, list[AsyncHTTPConnection]] = OrderedDict()
        self._kept = 0

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises Unfit for what may never be asked, and Failed."""
        to = target(url, self._gate.allowed)
        request = _request(to, body, headers)
        try:
            async with asyncio.timeout(self._total):
                return await self._asked(to, request)
        except Inside:
            raise Unfit(NOT_PUBLIC) from None
        except (TimeoutError, OSError, NetworkError, ProtocolError, TimeoutException) as trouble:
            raise Failed(self._said(trouble)) from None

    async def looked_at(self, host: str, port: int) -> None:
        """For those who connect by themselves. Raises Unfit or OSError."""
        try:
            await self._gate.addresses(host, port)
        except Inside:
            raise Unfit(NOT_PUBLIC) from None

    async def close(self) -> None:
        while self._idle:
            await self._drop_oldest()

    async def _asked(self, to: Target, request: Request) -> Answer:
        """A kept connection may have been closed at its other end in the meantime: then once more, on a new one."""
        place = _place(to)
        if kept := await self._take(place):
            try:
                return await self._over(kept, place, request)
            except (RemoteProtocolError, ReadError, WriteError):
                pass
        fresh = AsyncHTTPConnection(request.url.origin, self._trusted, _REST, network_backend=self._gate)
        return await self._over(fresh, place, request)

    async def _over(self, connection: AsyncHTTPConnection, place: Target, request: Request) -> Answer:
        try:
            answer = await _read(await connection.handle_async_request(request))
        except BaseException:
            await connection.aclose()
            raise
        if connection.is_idle():
            await self._keep(place, connection)
        return answer

    async def _take(self, place: Target) -> AsyncHTTPConnection | None:
        while idle := self._idle.get(place):
            self._kept -= 1
            found = idle.pop()
            if not idle:
                del self._idle[place]
            if not found.has_expired():
                return found
            await found.aclose()
        return None

    async def _keep(self, place: Target, connection: AsyncHTTPConnection) -> None:
        self._idle.setdefault(place, []).append(connection)
        self._idle.move_to_end(place)
        self._kept += 1
        if self._kept > KEPT:
            await self._drop_oldest()

    async def _drop_oldest(self) -> None:
        place, idle = next(iter(self._idle.items()))
        self._kept -= 1
        oldest = idle.pop(0)
        if not idle:
            del self._idle[place]
        await oldest.aclose()

    def _said(self, trouble: Exception) -> str:
        match trouble:
            case ConnectTimeout():
                return "Nobody answered there."
            case TimeoutError() | TimeoutException():
                return f"It did not answer within {self._total:.0f} seconds."
            case socket.gaierror():
                return "The name of its host was not found."
            case Flood():
                return "Its answer had no end."
            case ProtocolError():
                return "It did not answer as web servers do."
        if isinstance(trouble.__cause__ or trouble.__context__, ssl.SSLError):
            return "Its certificate could not be verified."
        return "The connection was refused or broke off."


def _place(to: Target) -> Target:
    return Target(to.scheme, to.host, to.port, "")


def _request(to: Target, body: bytes, headers: Mapping[str, str]) -> Request:
    own = {
        "Host": to.authority,
        "User-Agent": _AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    url = URL(scheme=to.scheme, host=to.host, port=to.port, target=to.path)
    return Request("POST", url, headers=list((own | dict(headers)).items()), content=body)


async def _read(response: Response) -> Answer:
    """As much of the body as is looked at: a connection with more of it on the way is not used again."""
    body = b""
    async with aclosing(cast(AsyncGenerator[bytes], aiter(cast(AsyncIterable[bytes], response.stream)))) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > MOST:
                break
    await response.aclose()
    named = {name.lower(): value for name, value in response.headers}
    return Answer(response.status, named.get(b"retry-after", b"").decode("latin-1"), body[:MOST])
