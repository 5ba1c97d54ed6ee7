"""The bare callable in front of Flask: every public document, from memory, without Flask, database or Redis."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterable
from html import escape
from typing import Any

from dashboard.answers import PLACES, question_of
from dashboard.asking import Asking, asked_of
from dashboard.clock import now, seconds
from dashboard.documents import SHORT
from dashboard.editions import ANYWHERE, PAGE_POLICY, SERVER, Edition, Headers
from dashboard.negotiation import Encodings, matches
from dashboard.press import Press
from dashboard.sightings import Sightings

Environ = dict[str, Any]
Start = Callable[..., Any]
Wsgi = Callable[[Environ, Start], Iterable[bytes]]

_LOOK_EVERY = 0.002  # seconds between two looks for another process's publication
_READING = frozenset(("GET", "HEAD"))
_ALLOW = "GET, HEAD, OPTIONS"
_PREFLIGHT: Headers = [
    SERVER,
    ("Allow", _ALLOW),
    ("Access-Control-Allow-Methods", _ALLOW),
    ("Access-Control-Allow-Headers", "Content-Type, If-None-Match"),
    ("Access-Control-Max-Age", "86400"),
    *ANYWHERE,
]
_ALIVE = b'{"ok":true}\n'
_ALIVE_HEADERS: Headers = [
    SERVER,
    ("Content-Type", "application/json; charset=utf-8"),
    ("Content-Length", str(len(_ALIVE))),
    ("Cache-Control", "no-store"),
    *ANYWHERE,
]
_FOR_PROGRAMS = (
    "/api/",
    "/embed/",
    "/badge/",
    *(f"/{place}/" for place in PLACES),
)  # below these even an error is JSON
_PAGE = (
    '<!doctype html><html lang="en-GB"><meta name="viewport" content="width=device-width"><title>{words}</title>'
    '<main><h1>{words}</h1><p><a href="{url}/">How everything is now</a></p></main></html>'
)


class Front:
    """WSGI. What begins with one of ``inside`` ("admin") is for Flask, half of the threads at a time. What is posted to
    others is waited for by a quarter of them, so that flags are read while a database that hangs holds up the admin.

    The threads of a process take turns at every step of it, so `__call__` spells out its one common way.
    """

    def __init__(self, inner: Wsgi, press: Press, threads: int, inside: Collection[str]) -> None:
        self.inner = inner
        self.press = press
        self.inside = frozenset(inside)
        self._seats = threading.BoundedSemaphore(max(1, threads // 2))
        self._looked_at = self._look_at = math.inf
        self.seen = Sightings(press.settings.public_url)
        seats = threading.BoundedSemaphore(threads // 4) if threads >= 4 else self._seats
        self._asking = Asking(press.settings.front_end_origins, seats, self.seen)
        self._encodings = Encodings()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        t = seconds()
        if not self._looked_at <= t < self._look_at:  # also when the clock was set back
            self._looked_at, self._look_at = t, t + _LOOK_EVERY
            self.press.look(now())
        edition = self.press.edition
        if edition is None or t >= edition.ends:
            edition = self.press.at(now())
        path = environ["PATH_INFO"]
        answer = (edition.answers.get(path) or edition.answer(path)) if edition else None
        if answer is None:
            return self._other_path(edition, path, environ, start)
        method = environ["REQUEST_METHOD"]
        if method not in _READING:
            return self._other_method(method, environ, start)
        if answer.form:
            self.seen.embedded(answer.form, environ, t)
        variant = answer.variants[self._encodings[environ.get("HTTP_ACCEPT_ENCODING", "")]]
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked is not None and matches(asked, answer.etags):
            start("304 Not Modified", variant.unchanged)
            return []
        start("200 OK", variant.headers)
        return [variant.body] if method == "GET" else []

    def _other_path(self, edition: Edition | None, path: str, environ: Environ, start: Start) -> Iterable[bytes]:
        if path == "/healthz":  # answered here, so that a crowded admin does not pass for a dead process
            start("200 OK", _ALIVE_HEADERS)
            return [_ALIVE]
        if path[1:].partition("/")[0] in self.inside:
            return self._inside(environ, start)
        found = question_of(path) if edition else None
        if edition and found:
            question, key = found
            encoding = self._encodings[environ.get("HTTP_ACCEPT_ENCODING", "")]
            return self._asking(question, asked_of(environ, key, now()), edition, encoding, environ, start)
        return self._no_answer(edition, path, environ, start)

    def _no_answer(self, edition: Edition | None, path: str, environ: Environ, start: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return self._other_method("OPTIONS", environ, start)
        if edition is None:
            return self._error("503 Service Unavailable", "Nothing has been published yet", environ, start)
        if edition.line(path) or not edition.is_whole:
            return self._error("503 Service Unavailable", "This cannot be shown at the moment", environ, start)
        if edition.line(f"{path}/"):
            where = path.rpartition("/")[2] + "/"  # relative: a proxy may have taken something off the front
            start("308 Permanent Redirect", [SERVER, ("Location", where), ("Content-Length", "0"), *ANYWHERE])
            return []
        return self._error("404 Not Found", "There is nothing here", environ, start)

    def _other_method(self, method: str, environ: Environ, start: Start) -> Iterable[bytes]:
        if method == "OPTIONS":
            start("204 No Content", _PREFLIGHT)
            return []
        return self._error("405 Method Not Allowed", "This address answers GET and HEAD", environ, start)

    def _error(self, status: str, words: str, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if question := question_of(path):
            kind, body = question[0].content_type, question[0].error(status, f"{words}.", question[1]).body
        elif path.startswith(_FOR_PROGRAMS) or path.endswith(".json"):
            kind, body = "application/json; charset=utf-8", f'{{"error":"{words}."}}'.encode()
        else:
            page = _PAGE.format(words=words, url=escape(self.press.settings.public_url))
            kind, body = "text/html; charset=utf-8", page.encode()
        headers = [SERVER, ("Content-Type", kind), ("Content-Length", str(len(body))), *ANYWHERE]
        if status.startswith("503"):
            headers += [("Retry-After", "2"), ("Cache-Control", "no-store")]
        elif status.startswith("405"):
            headers += [("Allow", _ALLOW), ("Cache-Control", "no-store")]
        else:
            headers += [("Cache-Control", SHORT)]
        start(status, [*headers, ("Referrer-Policy", "no-referrer"), ("Content-Security-Policy", PAGE_POLICY)])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _inside(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not self._seats.acquire(blocking=False):
            return self._error("503 Service Unavailable", "Too many people are asking at once", environ, start)
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
