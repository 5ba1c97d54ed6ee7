"""What Signpost itself says in the notices, in any language: the sentences, and whether somebody's are complete."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

from dashboard.rules import wording
from dashboard.rules.state import State

TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_LONGEST = 200
_NO_WORDS = ("Cc", "Cs", "Zl", "Zp")  # of Unicode: controls, halves of a sign, line ends
_BRACES = re.compile(r"\{[^}]*\}?|\}")


@dataclass(frozen=True, slots=True)
class Language:
    """``tag`` as a page's ``lang`` has it, in lower case. The rest may hold {section}, {from}, {until}, {next}, {n}."""

    tag: str
    down: str
    down_open: str
    late: str
    soon: str
    soon_open: str
    degraded: str
    degraded_soon: str
    degraded_soon_open: str
    restored: str
    expected: str
    not_known: str
    next: str
    hide: str
    other: str
    others: str
    updates: str

    def title(self, section: str, state: State, until_known: bool, late: bool, soon: bool) -> str:
        template: str = getattr(self, wording.title_name(state, until_known, late, soon))
        return template.replace("{section}", section)


ENGLISH = Language(
    "en",
    **wording.TITLES,
    restored=wording.TITLE_BACK,
    expected=wording.EXPECTED,
    not_known=wording.NOT_KNOWN,
    next=wording.NEXT,
    hide="Hide",
    other="1 other problem",
    others="{n} other problems",
    updates=wording.UPDATES,
)
NAMES = tuple(one.name for one in fields(Language) if one.name != "tag")


def language_of(tag: str, said: object) -> Language:
    """Raises ValueError with the end of a sentence that says what is wrong: "lacks “late”"."""
    if not TAG.fullmatch(tag):
        raise ValueError("is not named after a language, like cy.json or pt-br.json in lower case")
    if not isinstance(said, Mapping):
        raise ValueError("is not an object of sentences")
    if missing := [name for name in NAMES if name not in said]:
        raise ValueError(f"lacks {_listed(missing)}")
    if unknown := [name for name in said if name not in NAMES]:
        raise ValueError(f"has {_listed(unknown)}, which nothing asks for")
    for name in NAMES:
        _require_sentence(name, said[name])
    return Language(tag, **said)


def _require_sentence(name: str, said: object) -> None:
    if not isinstance(said, str) or not _is_one_line(said) or not 0 < len(said.strip()) <= _LONGEST:
        raise ValueError(f"must have one line of 1 to {_LONGEST} characters as “{name}”")
    wanted = set(_BRACES.findall(getattr(ENGLISH, name)))
    if set(_BRACES.findall(said)) != wanted:
        raise ValueError(f"must have {' and '.join(sorted(wanted)) or 'nothing'} in braces in “{name}”, and no more")


def _is_one_line(said: str) -> bool:
    """French needs spaces that do not break, Persian and Arabic marks that nobody sees."""
    return not any(unicodedata.category(sign) in _NO_WORDS for sign in said)


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
