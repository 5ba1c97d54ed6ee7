"""A language of the notices: complete, and with the same things in braces as the English one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from dashboard.rules import wording
from dashboard.rules.languages import ENGLISH, language_of
from dashboard.rules.state import State

WHOLE = {name: said for name, said in asdict(ENGLISH).items() if name != "tag"}


def test_a_whole_one_is_taken() -> None:
    assert language_of("en", WHOLE) == ENGLISH


@pytest.mark.parametrize(
    ("tag", "said", "sentence"),
    [
        ("Cymraeg!", WHOLE, "is not named after a language"),
        ("cy_GB", WHOLE, "is not named after a language"),
        ("cy", [], "is not an object of sentences"),
        ("cy", {**WHOLE, "hidden": "x"}, "has “hidden”, which nothing asks for"),
        ("cy", {name: said for name, said in WHOLE.items() if name not in ("late", "next")}, "lacks “late”, “next”"),
        ("cy", {**WHOLE, "hide": 7}, "as “hide”"),
        ("cy", {**WHOLE, "hide": " "}, "as “hide”"),
        ("cy", {**WHOLE, "hide": "two\nlines"}, "as “hide”"),
        ("cy", {**WHOLE, "hide": "x" * 201}, "as “hide”"),
        ("cy", {**WHOLE, "soon": "{section} {from}"}, "must have {from} and {section} and {until} in braces in “soon”"),
        ("cy", {**WHOLE, "other": "{n} other"}, "must have nothing in braces in “other”"),
        ("cy", {**WHOLE, "down": "{section} {until} {"}, "in braces in “down”"),
    ],
)
def test_a_wrong_one_is_refused_by_what_is_wrong(tag: str, said: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("{", r"\{")):
        language_of(tag, said)


@pytest.mark.parametrize("state", [State.DOWN, State.DEGRADED])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("when", ["now", "soon", "late"])
def test_its_titles_are_chosen_as_ours_are(state: State, known: bool, when: str) -> None:
    told = {"until_known": known, "late": when == "late", "soon": when == "soon"}
    assert ENGLISH.title("Search", state, **told) == wording.title("Search", state, **told)
