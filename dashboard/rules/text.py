"""The one gate that typed text passes: what is left is safe to keep, to compare and to show."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

KEY = re.compile(r"[a-z0-9_]{1,100}")
COMPONENT_KEY = re.compile(r"[A-Za-z0-9_]{1,100}")  # other front ends know services by names in capitals

LINE = 200  # characters of a one-line field
BODY = 2_000  # characters of a text
ADDRESS = 500  # characters of a link

_KEPT = {"\n", "\t"}
_NEW_LINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_NEVER = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF, 0xFFFE, 0xFFFF])


def clean(text: str) -> str:
    """One form for the same letters; nothing that XML refuses, that controls a terminal or changes the direction."""
    text = _NEW_LINES.sub("\n", text).translate(_NEVER)
    text = "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", text).strip()


def clean_line(text: str) -> str:
    """The same for a field of one line."""
    return " ".join(clean(text).split())


def is_key(text: str) -> bool:
    return KEY.fullmatch(text) is not None


def is_component_key(text: str) -> bool:
    return COMPONENT_KEY.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Is it where a page is on a website: "/account/payments"? No other website, query or place within a page."""
    return re.fullmatch(r"/(?![/\\])[^\s?#\\]*", text) is not None


def key_from(name: str) -> str:
    """A key to offer for a name: "Direct deposit" gives "direct_deposit". May be empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:100]


def whole_number(text: str, most: int) -> int | None:
    """The number that plain digits tell, 0 to ``most``; None for anything else, however long."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    return int(text) if int(text) <= most else None


def is_link(text: str) -> bool:
    """May this stand in an ``href``? http, https, mailto and tel; nothing that runs."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if re.search(r"\s", text):
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname)
    return parts.scheme in ("mailto", "tel") and bool(parts.path)


def user_message(description: str | None) -> str:
    """The words for the public in a PagerDuty window's description: what follows the first ``USER_MESSAGE:``.

    Case-sensitive; the rest is for staff and never leaves. Source: the VA's maintenance windows.
    """
    _, mark, words = (description or "").partition("USER_MESSAGE:")
    return clean(words)[:BODY] if mark else ""
