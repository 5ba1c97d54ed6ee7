"""The prepared answers: for now and for each known edge to come, so that a reader only picks by the clock."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import brotli
import msgspec
import structlog

from dashboard.config import ROOT
from dashboard.documents import DOCUMENTS, Document
from dashboard.facts import Facts, SiteFact
from dashboard.snapshot import Snapshot, snapshot_at

Headers = list[tuple[str, str]]
ENCODINGS = {"": "", "br": ".br", "gzip": ".gz"}  # each with what its file's name ends in

# Nothing on a public page runs but its own script; it may be shown in a frame nowhere.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A picture or a fragment that somebody opens by itself: text and its own styles, and nothing more.
INERT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# A page for a frame on whatever website: like a page, but that it may be shown there.
FRAME_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors *"
)
_XML = ("image/svg+xml", "application/atom+xml", "application/rss+xml")
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
SERVER = ("Server", "Signpost")  # in place of the WSGI server's own name
ANYWHERE: Headers = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Age, Date, ETag"),  # a script sets its clock by the first two
    ("X-Content-Type-Options", "nosniff"),
]
_UNCHANGED = ("Server", "Cache-Control", "Access-Control-Allow-Origin", "Vary", "ETag")  # all that a 304 need say

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding of an answer: its bytes and the headers of a full and of a 304 answer, ready to send."""

    etag: str
    body: bytes
    headers: Headers
    unchanged: Headers


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for a path. ``etags`` are those of all its variants: any of them makes a 304. ``form``: of the
    embed, if it is one."""

    digest: str
    variants: dict[str, Variant]
    etags: frozenset[str]
    form: str = ""


def make_answer(digest: str, body: bytes, constant: Headers, vary: str = "Accept-Encoding", form: str = "") -> Answer:
    bodies = {"": body, "br": brotli.compress(body, quality=5), "gzip": gzip.compress(body, 6, mtime=0)}
    variants = {
        encoding: _variant(digest, encoding, data, [*constant, ("Vary", vary)]) for encoding, data in bodies.items()
    }
    return Answer(digest, variants, frozenset(variant.etag for variant in variants.values()), form)


def constant_headers(document: Document, site: SiteFact) -> Headers:
    """What is said with every copy of a document, whoever serves it."""
    headers = [
        ("Content-Type", document.content_type),
        ("Cache-Control", document.cache),
        *ANYWHERE,
        ("Cross-Origin-Resource-Policy", "cross-origin" if document.embeddable else "same-origin"),
    ]
    if site.is_https:
        headers.append(HTTPS_ONLY)
    if document.is_framed:
        headers.append(("Cross-Origin-Embedder-Policy", "require-corp"))  # else pages that ask for it show no frame
    if policy := policy_of(document):
        headers += [("Referrer-Policy", "no-referrer"), ("Content-Security-Policy", policy)]
    return headers


def policy_of(document: Document) -> str:
    """Pages run their own script; a picture, a feed or a fragment that is opened by itself runs nothing."""
    if document.is_framed:
        return FRAME_POLICY
    if document.content_type.startswith("text/html"):
        return INERT_POLICY if document.embeddable else PAGE_POLICY
    return INERT_POLICY if document.content_type.startswith(_XML) else ""


def _variant(digest: str, encoding: str, body: bytes, constant: Headers) -> Variant:
    etag = f'"{digest}{"-" if encoding else ""}{encoding}"'
    said = [SERVER, *constant, ("ETag", etag)]
    headers = [*said, ("Content-Length", str(len(body)))]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    return Variant(etag, body, headers, [header for header in said if header[0] in _UNCHANGED])


@cache
def build() -> str:
    """What made the documents: another code or template makes other answers of the same facts."""
    sources = [
        *(ROOT / "templates" / "public").rglob("*.*"),
        *(ROOT / "dashboard" / "documents").glob("*.py"),
        *(ROOT / "dashboard" / "rules").glob("*.py"),
        ROOT / "dashboard" / "editions.py",
        ROOT / "static" / "icons.svg",
    ]
    digest = hashlib.sha256("".join(version(name) for name in ("brotli", "icalendar", "jinja2")).encode())
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()


Line = tuple[Document, Any]  # a document and what it is made of


class Edition:
    """Every public document as it is from ``snapshot.at`` until ``until``; made when first asked for."""

    def __init__(self, snapshot: Snapshot, before: dict[str, Answer]) -> None:
        self.snapshot = snapshot
        self.until = snapshot.until
        self.ends = self.until.timestamp()  # the same, for the front
        self.before = before  # of earlier editions: what is the same is not made again
        self.answers: dict[str, Answer | None] = {}
        self.said: dict[Any, Any] = {}  # what was asked with arguments, and the answer
        self.said_bytes = 0  # of these answers together
        self.failed: set[str] = set()  # paths and documents that could not be made, for staff
        self._lost: list[Document] = []  # of which not even the paths are known
        self._documents = DOCUMENTS
        self._parts: list[dict[str, Line] | None] = [None] * len(DOCUMENTS)

    @property
    def is_whole(self) -> bool:
        """Are all the lines there, as far as they were needed?"""
        return not self._lost

    @property
    def lines(self) -> dict[str, Line]:
        """By the path, the banner first."""
        return {path: line for number in range(len(self._parts)) for path, line in self._part(number).items()}

    def line(self, path: str) -> Line | None:
        for number in range(len(self._parts)):
            found = self._part(number).get(path)
            if found is not None:
                return found
        return None

    def answer(self, path: str) -> Answer | None:
        """None when there is no such document, or it cannot be made and never could."""
        found = self.answers.get(path)
        if found is None and path not in self.answers:
            line = self.line(path)
            if line is not None:
                found = self.answers[path] = self._make(path, line)
            elif self.keeps(path):
                found = self.before.get(path)
        return found

    def keeps(self, path: str) -> bool:
        """May it be of a document whose paths are not known now? All others that are not there were withdrawn."""
        return any(_may_be_of(document, path) for document in self._lost)

    def _part(self, number: int) -> dict[str, Line]:
        """One document's lines, found out when first needed: who waits for the banner waits for nothing else."""
        part = self._parts[number]
        if part is None:
            part = self._parts[number] = self._find(self._documents[number])
        return part

    def _find(self, document: Document) -> dict[str, Line]:
        try:
            return {path: (document, subject) for path, subject in document.subjects(self.snapshot)}
        except Exception:
            log.exception("document.failed", path=document.path)
            self._lost.append(document)
            self.failed.add(document.path)
            return {}

    def _make(self, path: str, line: Line) -> Answer | None:
        """A document that cannot be made does not take the others down: what was there before stays."""
        document, subject = line
        digest = digest_of(line)
        earlier = self.before.get(path)
        if earlier is not None and earlier.digest == digest:
            return earlier
        try:
            constant = constant_headers(document, self.snapshot.site)
            return make_answer(digest, document.render(subject), constant, form=document.form)
        except Exception:
            log.exception("document.failed", path=path)
            self.failed.add(path)
            return earlier


def _may_be_of(document: Document, path: str) -> bool:
    """A path with or without a key; further pages lie below the first."""
    start, _, end = document.path.partition("{key}")
    return path == start or (start != "/" and path.startswith(start) and path.endswith(end))


def digest_of(line: Line) -> str:
    """Of all that a document is made of: as long as it is the same, so is the document."""
    document, subject = line
    return digest_of_bytes(msgspec.json.encode([build(), document.path, subject]))


def digest_of_bytes(said: bytes) -> str:
    return hashlib.blake2b(said, digest_size=12).hexdigest()


def edition_at(facts: Facts, t: datetime, earlier: Edition | None = None) -> Edition:
    return Edition(snapshot_at(facts, t), _made(earlier) if earlier else {})


def _made(edition: Edition) -> dict[str, Answer]:
    """What was made for it and before it."""
    return {**edition.before, **{path: answer for path, answer in edition.answers.copy().items() if answer}}
