"""What a caller takes and has already: encodings and entity tags."""

from __future__ import annotations

from collections.abc import Collection

_KINDS_KEPT, _LONGEST_KEPT = 100, 200  # Accept-Encoding headers that are remembered, and their length


class Encodings(dict[str, str]):
    """What to send, by what the caller takes. The first so many Accept-Encoding headers are remembered."""

    def __missing__(self, accepts: str) -> str:
        chosen = choose(accepts)
        if len(self) < _KINDS_KEPT and len(accepts) <= _LONGEST_KEPT:
            self[accepts] = chosen
        return chosen


def choose(accepts: str) -> str:
    """The best encoding that the caller takes: br, gzip or none ("")."""
    taken = {}
    for part in accepts.lower().split(","):
        name, _, quality = part.partition(";")
        taken[name.strip()] = quality.replace(" ", "").removeprefix("q=").strip("0.") != "" or not quality
    return next((name for name in ("br", "gzip") if taken.get(name, taken.get("*", False))), "")


def matches(asked: str, etags: Collection[str]) -> bool:
    """Does If-None-Match name one of these?"""
    if asked in etags or asked.strip() == "*":
        return True
    return any(part.strip().removeprefix("W/") in etags for part in asked.split(","))
