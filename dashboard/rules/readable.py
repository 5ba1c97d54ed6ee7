"""How an incident reads: which of the five facts are told, what a message says, and how hard it is to read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from dashboard.rules.wording import DOWN_WORDS, OTHER_WAY, Check

FACTS = {
    "broken": "What is broken",
    "affected": "Who is affected",
    "instead": "What to do instead",
    "expected": "When to expect a fix",
    "third_party": "Where it comes from",
}

_WHO = re.compile(
    r"\b(you|your|people|everyone|everybody|anyone|nobody|customers?|members?|users?|visitors?|patients?|clients?)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d[\d.,:]*")
_SENTENCE = re.compile(r"[.!?]+(?=\s|$)|\n{2,}")
_FEWEST = 8  # words of which an age can be told
_YOUNGEST, _OLDEST = 6, 20


def told(facts: Mapping[str, str]) -> int:
    """How many of the five are told."""
    return sum(1 for name in FACTS if facts.get(name, "").strip())


def message_checks(message: str, facts: Mapping[str, str]) -> tuple[Check, ...]:
    """What readers look for: in the message, or among the facts shown beside it. They advise; they never block."""
    found = (
        Check("What is broken", bool(facts.get("broken")) or bool(DOWN_WORDS.search(message))),
        Check("Who is affected", bool(facts.get("affected")) or bool(_WHO.search(message))),
        Check("Another way", bool(facts.get("instead")) or bool(OTHER_WAY.search(message))),
    )
    if not facts.get("third_party"):
        return found
    return *found, Check("Link to supplier", bool(facts.get("third_party_url")) or bool(_LINK.search(message)))


def word_count(text: str) -> int:
    return len(_WORD.findall(text))


def reading_age(text: str) -> int | None:
    """The age at which it is mostly understood, by the length of sentences and words (Flesch and Kincaid); None for a
    text too short to tell."""
    words = _WORD.findall(text)
    if len(words) < _FEWEST:
        return None
    sentences = max(1, sum(1 for part in _SENTENCE.split(text) if _WORD.search(part)))
    grade = 0.39 * len(words) / sentences + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59
    return max(_YOUNGEST, min(_OLDEST, round(grade) + 5))


def _syllables(word: str) -> int:
    """Groups of vowels; an "e" at the end is mostly silent."""
    vowels = [letter in "aeiouyàâäåæéèêëíîïóôöøúûü" for letter in word.lower()]
    groups = int(vowels[0]) + sum(1 for before, this in pairwise(vowels) if this and not before)
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee"))
    return max(1, groups - silent)
