"""The small files of the embed's further forms: of the page in a frame, the module, and the hook for React."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from dashboard.documents.assets import STATIC
from dashboard.snapshot import Snapshot

Subjects = Callable[[Snapshot], Iterable[tuple[str, str]]]


@cache
def text(name: str) -> str:
    """A file as it is sent: without the comment at its head."""
    whole = (STATIC / "embed" / name).read_text(encoding="utf-8")
    return re.sub(r"\A/\*.*?\*/\n", "", whole, count=1, flags=re.DOTALL)


def _sent(path: str, name: str) -> Subjects:
    return lambda _: [(path, text(name))]


frame_style = _sent("/embed/v1/frame.css", "frame.css")
frame_script = _sent("/embed/v1/frame.js", "frame.js")
module = _sent("/embed/v1.mjs", "v1.mjs")
react = _sent("/embed/v1.react.mjs", "v1.react.mjs")
