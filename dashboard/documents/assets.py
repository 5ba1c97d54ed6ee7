"""The files that public documents need beside them: the embed script, the style sheet, the page's own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache

from dashboard.config import ROOT
from dashboard.documents.shorten import shorten
from dashboard.snapshot import Snapshot

SCRIPT_VERSION = "1.0.0"
STATIC = ROOT / "static"


@cache
def _text(*names: str) -> str:
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


@cache
def style(theme: str) -> str:
    """Our style sheet, and the adopter's theme as its last layer if there is one."""
    return _text("tokens.css", "base.css", "public.css") + (f"\n@layer theme {{\n{theme}\n}}" if theme else "")


@cache
def style_path(theme: str) -> str:
    return f"/assets/{_short(style(theme))}.css"


@cache
def script_path() -> str:
    return f"/assets/{_short(_text('page.js'))}.js"


@cache
def embed_script() -> str:
    return shorten(_text("embed/embed.js"))


def integrity() -> str:
    """The embed script's hash for ``<script integrity>``."""
    digest = hashlib.sha384(embed_script().encode()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


def script(_: Snapshot) -> Iterable[tuple[str, str]]:
    yield "/embed/v1.js", embed_script()


def versioned_script(_: Snapshot) -> Iterable[tuple[str, str]]:
    yield f"/embed/v{SCRIPT_VERSION}.js", embed_script()


def stylesheet(snapshot: Snapshot) -> Iterable[tuple[str, str]]:
    yield style_path(snapshot.theme), style(snapshot.theme)


def page_script(_: Snapshot) -> Iterable[tuple[str, str]]:
    yield script_path(), _text("page.js")


def favicons(_: Snapshot) -> Iterable[tuple[str, str]]:
    for look in ("op", "maint", "degraded", "major", "unknown"):
        yield f"/favicon/{look}.svg", _text(f"favicon/{look}.svg")


def render(text: str) -> bytes:
    return text.encode()
