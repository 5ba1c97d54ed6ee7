"""The placeholders of templates: what may stand in their words, and what takes its place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dashboard.rules import wording

PLACEHOLDERS = {
    "section": "the sections that were chosen",
    "component": "the components that were chosen",
    "until": "when it ends, or is expected to",
    "next": "when the next update is promised",
}
SAMPLES = {"section": "Direct deposit", "component": "Payments provider", "until": "18:00", "next": "15:30"}

_ANY = re.compile(r"\{[^{}\n]{0,60}\}")


def filled(words: str, section: str = "", component: str = "", until: str = "", next_: str = "") -> str:
    """Plain replacement; a placeholder for which there is nothing yet stays, and so does one that nobody knows."""
    given = {"section": section, "component": component, "until": until, "next": next_}
    return wording.filled(words, **{name: value for name, value in given.items() if value})


def sampled(words: str) -> str:
    """As a reader might get it."""
    return wording.filled(words, **SAMPLES)


def unknown(words: str) -> list[str]:
    """What looks like a placeholder and is none, as it was typed: "{sektion}". Each once."""
    return [found for found in dict.fromkeys(_ANY.findall(words)) if found[1:-1] not in PLACEHOLDERS]


def left(words: str) -> list[str]:
    """The placeholders that nothing has taken the place of yet: "{until}". Each once."""
    return [found for found in dict.fromkeys(_ANY.findall(words)) if found[1:-1] in PLACEHOLDERS]


def listed(names: Iterable[str]) -> str:
    """ "Direct deposit, Documents and Search"; "" of none."""
    *others, last = [*names] or [""]
    return f"{', '.join(others)} and {last}" if others else last
