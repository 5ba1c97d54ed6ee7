"""Placeholders that nothing took the place of: they may stand in a draft, and nobody outside is to read them."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.actions.writing import Refused
from dashboard.rules import filling

_THINGS = ("{section}", "{component}")


def refuse(words: Mapping[str, str]) -> None:
    """``words`` of an incident, by field. Raises Refused."""
    _refuse({field: filling.left(said) for field, said in words.items()})


def refuse_of_notice(words: Mapping[str, str]) -> None:
    """The same of what is said on a section, where each reader is told the times. Raises Refused."""
    _refuse({field: [one for one in filling.left(said) if one in _THINGS] for field, said in words.items()})


def _refuse(left: Mapping[str, list[str]]) -> None:
    for field, found in left.items():
        if found:
            raise Refused(field, f"Fill in {filling.listed(found)} first: choose what is meant, or write it yourself.")
