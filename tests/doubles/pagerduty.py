"""A PagerDuty that follows a script of faults: one for each request, then it is polite again."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler

from dashboard.demo.pagerduty_double import Answer, Asked, Double, Record, error, send_head

Fault = Callable[[Answer], Answer]


class Faulty(Double):
    """``script`` holds a fault for each request to come (None: polite); ``always`` one for every request, by the
    beginning of its path."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock, key="test-key")
        self.script: list[Fault | None] = []
        self.always: dict[str, Fault] = {}
        self.unnamed: set[str] = set()  # services that make a 400 which does not say why
        self.page_size = 100
        self.shuffle: Callable[[list[Record], int], list[Record]] = lambda records, offset: records
        self.ending = threading.Event()

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        super().__exit__()

    def secure(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self.scheme = "https"
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def answer(self, asked: Asked) -> Answer:
        polite = super().answer(asked)
        if self.unnamed & set(asked.query.get("service_ids[]", [])):
            polite = error(400, "Invalid Input Provided", 2001)
        always = next((fault for path, fault in self.always.items() if asked.path.startswith(path)), None)
        fault = always or (self.script.pop(0) if self.script else None)
        return fault(polite) if fault else polite

    def _page(self, name: str, records: list[Record], query: dict[str, list[str]]) -> Answer:
        """Fewer than were asked for, and in an order that may change from page to page."""
        limit, offset = int(query["limit"][0]), int(query["offset"][0])
        records = self.shuffle(records, offset)
        return super()._page(name, records, {"limit": [str(min(limit, self.page_size))], "offset": [str(offset)]})

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


def status(code: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Answer(code, b'{"error":{"message":"No","code":2000}}', named)


def bare(code: int) -> Fault:
    """A status without a word: no body, no type."""
    return lambda _: Answer(code, b"", {"Content-Type": ""})


def body(text: bytes, content_type: str = "application/json") -> Fault:
    return lambda _: Answer(200, text, {"Content-Type": content_type})


def half(polite: Answer) -> Answer:
    """JSON that stops in the middle, with a length that fits."""
    return Answer(200, polite.body[: len(polite.body) // 2])


def cut(polite: Answer) -> Answer:
    """A connection that ends before the length it promised."""

    def deliver(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        send_head(handler, answer)
        handler.wfile.write(answer.body[:-5])
        handler.close_connection = True

    return Answer(200, polite.body, deliver=deliver)


def drip(pagerduty: Faulty, head: bool = False) -> Fault:
    """A byte now and a byte then, for ever: of the body, or of the first header line."""

    def deliver(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if not head:
            send_head(handler, answer)
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 5_000 if head else answer.body:
                handler.wfile.write(bytes([byte]))
                if pagerduty.ending.wait(0.02):
                    break
        except OSError:
            pass  # the other side gave up, as it should
        handler.close_connection = True

    return lambda polite: Answer(200, polite.body, deliver=deliver)


def hang(pagerduty: Faulty) -> Fault:
    def deliver(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        pagerduty.ending.wait(20)
        handler.close_connection = True

    return lambda _: Answer(deliver=deliver)


def close(_: Answer) -> Answer:
    def deliver(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.close_connection = True

    return Answer(deliver=deliver)


def zipped(polite: Answer) -> Answer:
    return Answer(200, gzip.compress(polite.body), {"Content-Encoding": "gzip"})


def redirect(url: str) -> Fault:
    return status(302, Location=url)
