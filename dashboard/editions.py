"""The prepared answers: for now and for each known edge to come, so that a reader only picks by the clock."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import brotli
import msgspec

from dashboard.config import ROOT
from dashboard.documents import DOCUMENTS, Document
from dashboard.facts import Facts
from dashboard.snapshot import Snapshot, snapshot_at

Headers = list[tuple[str, str]]
ENCODINGS = {"br": ".br", "gzip": ".gz"}

# Nothing on a public page runs but its own script; it may be shown in a frame nowhere.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SERVER = ("Server", "Signpost")  # in place of the WSGI server's own name
ANYWHERE: Headers = [
    SERVER,
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding of an answer: its bytes and the headers of a full and of a 304 answer, ready to send."""

    etag: str
    body: bytes
    headers: Headers
    unchanged: Headers


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for a path. ``etags`` are those of all its variants: any of them makes a 304."""

    digest: str
    variants: dict[str, Variant]
    etags: frozenset[str]


def make_answer(document: Document, digest: str, body: bytes) -> Answer:
    bodies = {"": body}
    if not document.content_type.startswith("image/png"):
        bodies["br"] = brotli.compress(body, quality=5)
        bodies["gzip"] = gzip.compress(body, 6, mtime=0)
    variants = {name: _variant(document, digest, name, bytes_) for name, bytes_ in bodies.items()}
    return Answer(digest, variants, frozenset(variant.etag for variant in variants.values()))


def _variant(document: Document, digest: str, encoding: str, body: bytes) -> Variant:
    etag = f'"{digest}{"-" if encoding else ""}{encoding}"'
    unchanged = [("ETag", etag), ("Cache-Control", document.cache), ("Vary", "Accept-Encoding"), *ANYWHERE]
    policy = "cross-origin" if document.embeddable else "same-origin"
    headers = [
        ("Content-Type", document.content_type),
        ("Content-Length", str(len(body))),
        *unchanged,
        ("Cross-Origin-Resource-Policy", policy),
    ]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    if not document.embeddable and document.content_type.startswith("text/html"):
        headers.append(("Content-Security-Policy", PAGE_POLICY))
    return Variant(etag, body, headers, unchanged)


@cache
def build() -> str:
    """What made the documents: another code or template makes other answers of the same facts."""
    sources = [
        *(ROOT / "templates" / "public").rglob("*.*"),
        *(ROOT / "static" / "embed").rglob("*.*"),
        *(ROOT / "dashboard" / "documents").glob("*.py"),
        ROOT / "dashboard" / "rules" / "wording.py",
        ROOT / "dashboard" / "editions.py",
    ]
    digest = hashlib.sha256()
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()


@dataclass(slots=True)
class Edition:
    """Every public document as it is from ``snapshot.at`` until ``snapshot.until``; made when first asked for."""

    snapshot: Snapshot
    lines: dict[str, tuple[Document, Any]]
    before: dict[str, Answer]  # of the edition before: what is the same is not made again
    answers: dict[str, Answer] = field(default_factory=dict)

    def answer(self, path: str) -> Answer | None:
        """None when there is no such document."""
        found = self.answers.get(path)
        if found is None and path in self.lines:
            found = self.answers[path] = self._make(path)
        return found

    def digest(self, path: str) -> str:
        document, subject = self.lines[path]
        said = msgspec.json.encode([build(), document.path, subject])
        return hashlib.blake2b(said, digest_size=12).hexdigest()

    def _make(self, path: str) -> Answer:
        document, subject = self.lines[path]
        digest = self.digest(path)
        earlier = self.before.get(path)
        if earlier is not None and earlier.digest == digest:
            return earlier
        return make_answer(document, digest, document.render(subject))


def edition_at(facts: Facts, t: datetime, before: dict[str, Answer] | None = None) -> Edition:
    snapshot = snapshot_at(facts, t)
    lines = {path: (document, subject) for document in DOCUMENTS for path, subject in document.subjects(snapshot)}
    return Edition(snapshot, lines, before or {})
