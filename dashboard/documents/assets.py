"""The files that public documents need beside them: the embed script, the style sheet, the page's own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from functools import cache

from dashboard.config import ROOT
from dashboard.documents.shorten import shorten
from dashboard.snapshot import Snapshot

# Every version of the embed script that was ever served, the newest last, with the hash of its file in
# static/embed/versions. Pages have pinned them: a line here never changes, and none goes.
VERSIONS = {
    "1.0.0": "sha384-j2kNUPGvxw+6iHkJFkOv8oH7uvnL3GCieOSTIV3uhgTPv3goLp2BvYh1OkV9hg7Q",
    "1.1.0": "sha384-svUuCec46J5oCFG9dhf8/CfCMLj4sg0Vut1dPi64u2IyAJj/u7Lm3rDDNg7OGB1F",
    "1.1.1": "sha384-QjZT+xJjK3SVGIA/GBK+YsE//N2mlJ+Oc3RSgL8JbXRxwmr6YzQ7SrwytdXNoWEO",
    "1.2.0": "sha384-Agr52sRfXo2PLeN1Es+9cahQh9teivhkBszriiXAHvNYztnCN+jHu+W4w/pKmQvq",
}
SCRIPT_VERSION = [*VERSIONS][-1]
STATIC = ROOT / "static"
_FORM_SCRIPT = ("follow.js", "copy.js")


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
def form_style_path() -> str:
    return f"/assets/{_short(_text('forms.css', 'follow.css'))}.css"


@cache
def form_script_path() -> str:
    return f"/assets/{_short(_text(*_FORM_SCRIPT))}.js"


@cache
def embed_script() -> str:
    return shorten(_text("embed/embed.js"))


def integrity() -> str:
    """The hash of the newest version for ``<script integrity>``."""
    return VERSIONS[SCRIPT_VERSION]


def hash_of(script: str) -> str:
    return f"sha384-{base64.b64encode(hashlib.sha384(script.encode()).digest()).decode()}"


def script(_: Snapshot) -> Iterable[tuple[str, str]]:
    yield "/embed/v1.js", embed_script()


def version(number: str) -> Callable[[Snapshot], Iterable[tuple[str, str]]]:
    return lambda _: [(f"/embed/v{number}.js", _text(f"embed/versions/{number}.js"))]


def stylesheet(snapshot: Snapshot) -> Iterable[tuple[str, str]]:
    yield style_path(snapshot.theme), style(snapshot.theme)
    yield form_style_path(), _text("forms.css", "follow.css")


def page_script(_: Snapshot) -> Iterable[tuple[str, str]]:
    yield script_path(), _text("page.js")
    yield form_script_path(), _text(*_FORM_SCRIPT)


def favicons(_: Snapshot) -> Iterable[tuple[str, str]]:
    for look in ("op", "maint", "degraded", "major", "unknown"):
        yield f"/favicon/{look}.svg", _text(f"favicon/{look}.svg")


def render(text: str) -> bytes:
    return text.encode()
