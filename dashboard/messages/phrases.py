"""Parts of sentences that more than one kind of message uses."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.rules import wording

CALLED_OFF = "Called off: {section} stays available {from} to {until}"
CALLED_OFF_OPEN = "Called off: {section} stays available from {from}"
_MOST = 5  # names in a sentence
_FEW = 3  # and in a title


def listed(names: Sequence[str], most: int = _MOST) -> str:
    """ "Payments, Search and 2 more"."""
    more = len(names) - most
    *first, last = [*names[:most], f"{more} more"] if more > 0 else names
    return f"{', '.join(first)} and {last}" if first else last


def of_several(title: str, names: Sequence[str]) -> str:
    """A notice's title, of one section or of more."""
    plural = title.replace(" is ", " are ", 1).replace(" stays ", " stay ", 1) if len(names) > 1 else title
    return wording.filled(plural, section=listed(names, _FEW))
