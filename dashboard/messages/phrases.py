"""Parts of sentences that more than one kind of message uses."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 5  # names in a sentence
_FEW = 3  # and in a title


def listed(names: Sequence[str], most: int = _MOST) -> str:
    """ "Payments, Search and 2 more"."""
    more = len(names) - most
    *first, last = [*names[:most], f"{more} more"] if more > 0 else names
    return f"{', '.join(first)} and {last}" if first else last


def titled(names: Sequence[str]) -> str:
    return listed(names, _FEW)
