"""The bare callable in front of Flask: every public document, from memory, without Flask, database or Redis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from dashboard.clock import now
from dashboard.editions import ANYWHERE, SERVER, Answer, Variant
from dashboard.publish import Press

Environ = dict[str, Any]
Start = Callable[..., Any]
Wsgi = Callable[[Environ, Start], Iterable[bytes]]

_LOOK_EVERY = 0.010  # seconds between two looks for another process's publication
_ALLOW = "GET, HEAD, OPTIONS"
_PREFLIGHT = [
    ("Allow", _ALLOW),
    ("Access-Control-Allow-Methods", _ALLOW),
    ("Access-Control-Allow-Headers", "Content-Type, If-None-Match"),
    ("Access-Control-Max-Age", "86400"),
    ("Content-Length", "0"),
    *ANYWHERE,
]
_JSON = ("Content-Type", "application/json; charset=utf-8")
_UNKNOWN = b'{"error":"There is nothing here under that key."}'
_ALIVE = b'{"ok":true}\n'
_NOT_READY = b'{"error":"Nothing has been published yet."}'
_NOT_ALLOWED = b'{"error":"This address answers GET and HEAD."}'
_BUSY = b"Too many people are using the admin at this moment. Try again in a few seconds.\n"


class Front:
    """WSGI. Everything that is not a public document goes to ``inner``, half of the threads at a time."""

    def __init__(self, inner: Wsgi, press: Press, threads: int) -> None:
        self.inner = inner
        self.press = press
        self._seats = threading.BoundedSemaphore(max(1, threads // 2))
        self._look_at = 0.0
        self._encodings: dict[str, str] = {}

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        t = now()
        monotonic = time.monotonic()
        if monotonic >= self._look_at:
            self._look_at = monotonic + _LOOK_EVERY
            self.press.look(t)
        edition = self.press.at(t)
        answer = edition.answer(path) if edition is not None else None
        if answer is not None:
            return self._answer(answer, environ, start)
        if path == "/healthz":  # answered here, so that a crowded admin does not pass for a dead process
            return _plain(start, "200 OK", _ALIVE)
        if path.startswith(("/embed/v1/", "/badge/")):
            return _plain(
                start,
                "503 Service Unavailable" if edition is None else "404 Not Found",
                _NOT_READY if edition is None else _UNKNOWN,
            )
        if edition is not None and f"{path}/" in edition.lines:
            start("308 Permanent Redirect", [("Location", f"{path}/"), ("Content-Length", "0"), *ANYWHERE])
            return []
        return self._inside(environ, start)

    def _answer(self, answer: Answer, environ: Environ, start: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            start("204 No Content", _PREFLIGHT)
            return []
        if method not in ("GET", "HEAD"):
            return _plain(start, "405 Method Not Allowed", _NOT_ALLOWED, [("Allow", _ALLOW)])
        variant = self._variant(answer, environ.get("HTTP_ACCEPT_ENCODING", ""))
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked is not None and _matches(asked, answer):
            start("304 Not Modified", variant.unchanged)
            return []
        start("200 OK", variant.headers)
        return [] if method == "HEAD" else [variant.body]

    def _variant(self, answer: Answer, accepts: str) -> Variant:
        chosen = self._encodings.get(accepts)
        if chosen is None:
            chosen = _choose(accepts)
            if len(self._encodings) < 1000:
                self._encodings[accepts] = chosen
        return answer.variants.get(chosen) or answer.variants[""]

    def _inside(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not self._seats.acquire(blocking=False):
            start(
                "503 Service Unavailable", [SERVER, ("Retry-After", "2"), ("Content-Type", "text/plain; charset=utf-8")]
            )
            return [_BUSY]
        try:
            body = self.inner(environ, start)
            try:
                return list(body)
            finally:
                close = getattr(body, "close", None)
                if close:
                    close()
        finally:
            self._seats.release()


def _choose(accepts: str) -> str:
    """The best encoding that the caller takes: br, gzip or none ("")."""
    taken = {}
    for part in accepts.lower().split(","):
        name, _, quality = part.strip().partition(";")
        taken[name.strip()] = not quality.replace(" ", "").startswith("q=0") or quality.strip(" q=0.") != ""
    return next((name for name in ("br", "gzip") if taken.get(name, taken.get("*", False))), "")


def _matches(asked: str, answer: Answer) -> bool:
    if asked in answer.etags or asked.strip() == "*":
        return True
    return any(part.strip().removeprefix("W/") in answer.etags for part in asked.split(","))


def _plain(start: Start, status: str, body: bytes, more: list[tuple[str, str]] | None = None) -> Iterable[bytes]:
    headers = [_JSON, ("Content-Length", str(len(body))), ("Cache-Control", "no-store"), *ANYWHERE, *(more or [])]
    start(status, headers)
    return [body]
