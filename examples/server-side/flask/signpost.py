"""A section's notice from Signpost, for a page that a server prints. Standard library only; copy it as it is."""

from __future__ import annotations

import re
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException

WAIT = 1.0  # seconds that a page waits, at most
FRESH, STALE = 15.0, 300.0  # seconds for which a copy is as good as new, and for which it stands in
LARGEST = 64_000  # bytes
NOTICE = re.compile(rb'\s*<div class="signpost signpost--\w+"[^>]*>.*</div>\s*', re.DOTALL)


@dataclass
class Copy:
    html: str = ""
    got_at: float = float("-inf")
    asked_at: float = float("-inf")
    answered: threading.Event = field(default_factory=threading.Event)


class Signpost:
    """``Signpost("https://status.example.org").notice("direct_deposit")`` is HTML, "" when there is nothing to show."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._copies: dict[str, Copy] = {}
        self._lock = threading.Lock()

    def notice(self, key: str) -> str:
        """Never raises. It waits only where there is no copy, and then for one answer in 15 seconds."""
        with self._lock:
            copy = self._copies.setdefault(key, Copy())
            now = time.monotonic()
            if now - copy.asked_at >= FRESH:
                copy.asked_at, copy.answered = now, threading.Event()
                threading.Thread(target=self._ask, args=(key, copy, copy.answered), daemon=True).start()
        if now - copy.got_at >= STALE:
            copy.answered.wait(copy.asked_at + WAIT - now)
        return copy.html if time.monotonic() - copy.got_at < STALE else ""

    def _ask(self, key: str, copy: Copy, answered: threading.Event) -> None:
        with suppress(OSError, ValueError, HTTPException):  # then what was known stands, for a while
            body = _read(f"{self._url}/embed/v1/sections/{key}.html")
            if NOTICE.fullmatch(body):
                copy.html, copy.got_at = body.decode(), time.monotonic()
        answered.set()


def _read(address: str) -> bytes:
    """All of it or nothing. The socket's own time-out starts anew with each byte, so ours is looked at too."""
    until, body = time.monotonic() + WAIT, b""
    with urllib.request.urlopen(address, timeout=WAIT) as answer:
        while piece := answer.read1(8_192):
            body += piece
            if len(body) > LARGEST or time.monotonic() > until:
                return b""
    return body
