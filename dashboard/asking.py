"""A question over HTTP, for the front: what of the request matters, who may read the answer, is it known already?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from threading import BoundedSemaphore
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

import structlog

from dashboard.answers.question import LARGEST_BODY, Asked, Question, Refused, Said
from dashboard.editions import HTTPS_ONLY, SERVER, Answer, Edition, Headers, digest_of_bytes, make_answer
from dashboard.negotiation import matches
from dashboard.sightings import Sightings

Environ = dict[str, Any]
Start = Callable[..., Any]
Found = tuple[Said, Answer]

_KEPT = 512  # answers of one edition that are kept; to more different questions, all begin anew
_KEPT_BYTES = 8 * 2**20  # of them together; a question may be long, and so is its answer then
_MOMENT = 0.05  # seconds
_MOST_FIELDS = 100  # of a query; what comes after them is not read
_TAKES = "Authorization, Content-Type, If-None-Match, Source-App-Name, X-API-Key, X-CSRF-Token, X-Key-Inflection"
_LAST = ("Connection", "close")  # where a body was left unread the server hangs up, and clients are to know
_EXPOSES = "Age, Date, ETag, Retry-After, X-CSRF-Token"

log = structlog.get_logger()


class Asking:
    """``origins``: those whose pages may ask with their cookies, where the question allows it. No answer depends on a
    cookie, but a browser hides one that does not name the origin. ``seats``: a body may come slowly, so that whoever
    sends one takes one of them for as long. While none is free a body is left unread: no answer is another one for what
    is in it, but for what is no question, and a few that never end must not shut everybody out. ``seen``: where it is
    counted who reads which toggle."""

    def __init__(self, origins: Collection[str], seats: BoundedSemaphore, seen: Sightings) -> None:
        self.origins = frozenset(origins)
        self._seats = seats
        self._moved_at = 0.0  # when a seat was last taken or left
        self._seen = seen

    def __call__(
        self, question: Question, asked: Asked, edition: Edition, encoding: str, environ: Environ, start: Start
    ) -> Iterable[bytes]:
        if asked.method == "OPTIONS":
            return self._options(question, environ, start)
        said, answer = self._found(question, asked, edition, environ)
        if question.form:
            self._seen.embedded(question.form, environ, asked.t.timestamp())
        if said.reads:
            self._seen.read(said.reads, environ, asked.t.timestamp())
        variant = answer.variants[encoding]
        readers = self._readers(question, environ)
        has = environ.get("HTTP_IF_NONE_MATCH")
        if has is not None and said.status.startswith("200") and matches(has, answer.etags):
            start("304 Not Modified", [*variant.unchanged, *readers, *said.more])
            return []
        start(said.status, [*variant.headers, *readers, *said.more])
        return [] if asked.method == "HEAD" else [variant.body]

    def _found(self, question: Question, asked: Asked, edition: Edition, environ: Environ) -> Found:
        if asked.method not in question.methods:
            said = question.error("405 Method Not Allowed", f"This address answers {_allowed(question)}.", asked.key)
            return _packed(question, replace(said, more=(("Allow", _allowed(question)),)), edition)
        if asked.method != "POST":
            return _find(question, asked, edition)
        if not self._take_seat():
            said, answer = _find(question, asked, edition)
            return replace(said, more=(*said.more, _LAST)), answer
        try:
            body = environ["wsgi.input"].read(_length(environ))
        finally:
            self._moved_at = monotonic()
            self._seats.release()
        if len(body) > LARGEST_BODY:
            words = f"The body is larger than {LARGEST_BODY} bytes."
            return _packed(question, question.error("413 Content Too Large", words, asked.key), edition)
        return _find(question, replace(asked, body=body), edition)

    def _take_seat(self) -> bool:
        """Who finds none free waits for a moment, unless all of them are taken by bodies that do not come: then nobody
        waits, so that some threads are left for everybody else."""
        is_moving = monotonic() < self._moved_at + _MOMENT
        taken = self._seats.acquire(timeout=_MOMENT) if is_moving else self._seats.acquire(blocking=False)
        if taken:
            self._moved_at = monotonic()
        return taken

    def _options(self, question: Question, environ: Environ, start: Start) -> Iterable[bytes]:
        headers = [
            ("Allow", _allowed(question)),
            ("Access-Control-Allow-Methods", _allowed(question)),
            ("Access-Control-Allow-Headers", _TAKES),
            ("Access-Control-Max-Age", "86400"),
        ]
        start("204 No Content", [SERVER, *headers, ("Vary", "Origin"), *self._readers(question, environ)])
        return []

    def _readers(self, question: Question, environ: Environ) -> Headers:
        """Whose pages may read the answer."""
        origin, headers = environ.get("HTTP_ORIGIN", ""), [("Access-Control-Expose-Headers", _EXPOSES)]
        if question.origins and origin in self.origins:
            return [*headers, ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")]
        return [*headers, ("Access-Control-Allow-Origin", "*")]


def _length(environ: Environ) -> int:
    """How much of a body to wait for. Some servers hand over the connection itself, which does not end there."""
    said = environ.get("CONTENT_LENGTH", "")
    if said.isdecimal():
        return min(int(said), LARGEST_BODY + 1)
    return LARGEST_BODY + 1 if environ.get("wsgi.input_terminated") else 0


def asked_of(environ: Environ, key: str, now: datetime) -> Asked:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    key = key.encode("latin-1", "replace").decode(errors="replace")
    return Asked(now, key, environ["REQUEST_METHOD"], _query(environ), headers)


def _query(environ: Environ) -> Mapping[str, str]:
    """What is no UTF-8 in it becomes a question mark. Old clients begin it with ``&``."""
    fields = environ.get("QUERY_STRING", "").split("&")[:_MOST_FIELDS]
    return dict(parse_qsl("&".join(fields), keep_blank_values=True, errors="replace"))


def _allowed(question: Question) -> str:
    return ", ".join((*question.methods, "OPTIONS"))


def _find(question: Question, asked: Asked, edition: Edition) -> Found:
    """What is said, made once for all that ask the same of this edition."""
    try:
        args = question.read(edition.snapshot, asked)
        known = edition.said.get((question.path, args))
        if known is None:
            if len(edition.said) >= _KEPT or edition.said_bytes >= _KEPT_BYTES:
                edition.said.clear()
                edition.said_bytes = 0
            said = question.say(edition.snapshot, args)
            known = edition.said[question.path, args] = _packed(question, said, edition)
            edition.said_bytes += sum(len(variant.body) for variant in known[1].variants.values())
        return known
    except Refused as refused:
        return _packed(question, refused.said, edition)
    except Exception:
        log.exception("answer.failed", path=question.path)
        said = question.error("503 Service Unavailable", "This cannot be answered at the moment.", asked.key)
        return _packed(question, replace(said, more=(("Retry-After", "2"),)), edition)


def _packed(question: Question, said: Said, edition: Edition) -> Found:
    constant: Headers = [
        ("Content-Type", question.content_type),
        ("Cache-Control", said.cache),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        *([HTTPS_ONLY] if edition.snapshot.site.is_https else ()),
    ]
    vary = ", ".join(("Accept-Encoding", *question.varies, *(("Origin",) if question.origins else ())))
    return said, make_answer(digest_of_bytes(said.body), said.body, constant, vary)
