"""Which addresses of mail are one reader's: pure."""

from __future__ import annotations


def inbox(address: str) -> str:
    """Mail to "kim+any@…" arrives at "kim@…", and at some hosts so does "k.im@…"."""
    local, at, host = address.lower().rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}{at}{host}"
