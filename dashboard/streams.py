"""``/ofrep/v1/events``: tells those who listen when to ask for their flags again. A process of its own.

A listener costs a socket here, and none of the threads that answer the public. Neither Flask nor the database is
known here. Every connection is one request: a stream, or an answer and the end.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import cast

import msgspec

from dashboard import config, leash, open_files
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.refetch import Watch, digest_in

PATH = "/ofrep/v1/events"
LOOK_EVERY = 0.05  # seconds: what changes within them is one change
BEAT_EVERY = 15.0  # seconds between two signs of life
HEAD_WITHIN = 10.0  # seconds that a caller may take to send the head, or to take an answer
LARGEST_HEAD = 8_192  # bytes
SPARE = 1_024  # connections beside the streams: of those who are still asking, or are being refused
LATELY = 30.0  # seconds: who asked for the flags before a change may connect that long after it
SETTLES, AT_MOST = 0.1, 0.3  # seconds that the web's processes are given to take a change over, as they do meanwhile
AGAIN_AFTER = 2.0  # seconds after which every host shows a change, however busy it is
STEPS, STEP, FEW = 15, 0.02, 2  # everybody is told within 15 steps of 0.02 s, 2 in each at the least
UNSENT = 16_384  # bytes that may wait in the system for a listener
SILENT = 30_000  # milliseconds after which a listener that takes nothing is given up, where the system can (Linux)

_HEADERS = (
    "Server: Signpost\r\nCache-Control: no-store\r\nConnection: close\r\nAccess-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: Retry-After\r\nCross-Origin-Resource-Policy: cross-origin\r\n"
    "X-Content-Type-Options: nosniff\r\n"
)
_STREAM = f"HTTP/1.1 200 OK\r\n{_HEADERS}Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n\r\n"
_ALLOW = "GET, OPTIONS"
_PREFLIGHT = (
    f"Allow: {_ALLOW}\r\nAccess-Control-Allow-Methods: {_ALLOW}\r\nAccess-Control-Max-Age: 86400\r\n"
    "Access-Control-Allow-Headers: Authorization, Cache-Control, Last-Event-ID, X-API-Key\r\n"
)
_BEAT = b":\n\n"
_FIRST_LINE = re.compile(rb"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.[01]")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~\w-]+):[ \t]*+([^\x00-\x08\x0a-\x1f\x7f]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` is without the query: there may be a token in it, which is nobody's business here."""

    method: str
    path: str
    last_id: str


def request_of(head: bytes) -> Request:
    """Raises ValueError for what is no head of HTTP/1.1."""
    first, *lines = head.split(b"\r\n")
    asked = _FIRST_LINE.fullmatch(first)
    fields = [_FIELD.fullmatch(line) for line in lines]
    if asked is None or None in fields:
        raise ValueError("no head of HTTP/1.1")
    said = {field[1].lower(): field[2].strip() for field in fields if field}
    path = asked[2].partition(b"?")[0].decode()
    return Request(asked[1].decode(), path, said.get(b"last-event-id", b"").decode("latin-1"))


class Streams:
    """All connections, and what those of them are told that are streams."""

    def __init__(self, watch: Watch, most: int) -> None:
        self.watch = watch
        self.most = most
        self.lines: set[Line] = set()
        self.open: dict[Line, None] = {}  # the streams among them, in their order
        self._changed_at = -inf

    async def keep(self) -> None:
        """Until it is cancelled. Each change is told twice: whoever asks at once may ask a host that has not heard of
        it yet, and to ask in vain costs little."""
        loop = asyncio.get_running_loop()
        beat_at, tell_at, again_at = loop.time() + BEAT_EVERY, inf, inf
        while True:
            t = loop.time()
            if self.watch.look(now()):
                self._changed_at = loop.time()
                tell_at = min(tell_at, self._changed_at + min(AT_MOST, SETTLES + 2 * (self._changed_at - t)))
                again_at = self._changed_at + AGAIN_AFTER
            if t >= min(tell_at, again_at) and self.watch.word is not None:
                tell_at, again_at = inf, again_at if t < again_at else inf
                await self.tell(self.watch.word.event)
            elif t >= beat_at:
                beat_at = t + BEAT_EVERY
                await self.tell(_BEAT)
            await asyncio.sleep(LOOK_EVERY)

    async def tell(self, said: bytes) -> None:
        """To all of them, a few at a time: they all ask then, and need not do so in the same moment."""
        lines = list(self.open)
        each = max(FEW, -(-len(lines) // STEPS))
        for first in range(0, len(lines), each):
            for line in lines[first : first + each]:
                line.say(said)
            await asyncio.sleep(STEP)

    def greeting(self, last_id: str, t: float) -> bytes:
        """The event at once for who may have missed it; for others the id alone, which is no event, but is what they
        name when they come again. They come again after a while that differs, lest all come at once."""
        word = self.watch.word
        assert word is not None
        missed = digest_in(last_id) != word.digest if last_id else t - self._changed_at < LATELY
        said = word.event if missed else b"id: %b\n\n" % word.id.encode()
        return b": Signpost\nretry: %d\n%b" % (random.randrange(2_000, 6_000), said)

    def end(self) -> None:
        for line in tuple(self.lines):
            line.transport.close()


class Line(asyncio.Protocol):
    """One connection. Nobody waits for a slow one: what it cannot take at once ends it."""

    transport: asyncio.Transport

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._loop = asyncio.get_running_loop()
        self._head = b""
        self._is_answered = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=0)
        if len(self._streams.lines) >= self._streams.most + SPARE:
            self.transport.abort()
            return
        _limit(self.transport.get_extra_info("socket"))
        self._streams.lines.add(self)
        self._deadline = self._loop.call_later(HEAD_WITHIN, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        if self._is_answered:
            if self in self._streams.open:  # a listener has nothing to say
                self.transport.abort()
            return
        self._head += data
        head, end, _ = self._head.partition(b"\r\n\r\n")
        if len(head) > LARGEST_HEAD:
            self._refuse("431 Request Header Fields Too Large", f"The head is larger than {LARGEST_HEAD} bytes.")
        elif end:
            try:
                self._answer(request_of(head))
            except ValueError:
                self._refuse("400 Bad Request", "This is not a request of HTTP/1.1.")

    def pause_writing(self) -> None:
        self.transport.abort()

    def connection_lost(self, _: Exception | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._streams.lines.discard(self)
        self._streams.open.pop(self, None)

    def say(self, said: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(said)

    def _answer(self, request: Request) -> None:
        path = request.path.removesuffix("/")
        if path not in (PATH, "/healthz"):
            self._refuse("404 Not Found", f"There is nothing here; the event stream is {PATH}.")
        elif request.method == "OPTIONS":
            self._end("204 No Content", _PREFLIGHT)
        elif request.method != "GET":
            self._refuse("405 Method Not Allowed", f"This address answers {_ALLOW}.", f"Allow: {_ALLOW}\r\n")
        elif path == "/healthz":
            self._end("200 OK", "Content-Type: application/json\r\n", b'{"ok":true}\n')
        elif self._streams.watch.word is None:
            self._refuse("503 Service Unavailable", "Nothing has been published yet.", "Retry-After: 2\r\n")
        elif len(self._streams.open) >= self._streams.most:
            words = "There are as many event streams as this server allows. Poll instead."
            self._refuse("503 Service Unavailable", words, "Retry-After: 60\r\n")
        else:
            self._open(request.last_id)

    def _open(self, last_id: str) -> None:
        self._is_answered, self._head = True, b""
        if self._deadline:
            self._deadline.cancel()
        self._streams.open[self] = None
        self.say(_STREAM.encode() + self._streams.greeting(last_id, self._loop.time()))

    def _refuse(self, status: str, words: str, more: str = "") -> None:
        body = msgspec.json.encode({"errorCode": "GENERAL", "errorDetails": words})
        self._end(status, f"Content-Type: application/json\r\n{more}", body)

    def _end(self, status: str, more: str, body: bytes = b"") -> None:
        """The caller may still be sending, and would lose the answer if we hung up: that is for the deadline."""
        self._is_answered, self._head = True, b""
        length = "" if status.startswith("204") else f"Content-Length: {len(body)}\r\n"
        self.say(f"HTTP/1.1 {status}\r\n{_HEADERS}{more}{length}\r\n".encode() + body)
        if not self.transport.is_closing():
            self.transport.write_eof()


def _limit(connection: socket.socket) -> None:
    """Little is kept for who does not read, and who has gone without a word is missed."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNSENT)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT)


async def serve(streams: Streams, listen: tuple[str, int]) -> None:
    """Until a signal ends it, and all streams with it. Raises OSError when it cannot listen there."""
    loop = asyncio.get_running_loop()
    host, port = listen
    server = await loop.create_server(lambda: Line(streams), host, port, backlog=1_024)
    keeping = loop.create_task(streams.keep())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, keeping.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await keeping
    finally:
        server.close()
        streams.end()
        await asyncio.sleep(0)  # for the last words to each


def streams_of(settings: Settings) -> Streams:
    key = config.secret_key(settings.instance).encode()[:64]
    return Streams(Watch(settings.instance / "facts.json", key), settings.events_most)


def main() -> None:
    leash.hold()
    settings = config.from_environment(os.environ)
    if settings.events_listen is None:
        raise SystemExit("There are to be no event streams: EVENTS_LISTEN is off.")
    open_files.allow(settings.events_most + SPARE + 64)
    try:
        asyncio.run(serve(streams_of(settings), settings.events_listen))
    except OSError as error:
        host, port = settings.events_listen
        raise SystemExit(f"EVENTS_LISTEN {host}:{port} cannot be used: {error.strerror}. Flags are polled.") from None


if __name__ == "__main__":
    main()
