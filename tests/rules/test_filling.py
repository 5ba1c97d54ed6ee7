"""What stands in the place of a template's placeholders, and what does not."""

from __future__ import annotations

import pytest

from dashboard.rules import filling


@pytest.mark.parametrize(
    ("words", "reads"),
    [
        ("{section} is slow until {until}.", "Search is slow until 18:00."),
        ("{component}: more by {next}.", "Index: more by 15:30."),
        ("{section}{section}", "SearchSearch"),
        ("{sektion} { section } {SECTION} {} {0}", "{sektion} { section } {SECTION} {} {0}"),
        ("{{section}}", "{Search}"),
        ("{section.__class__} {section!r} %s ${until}", "{section.__class__} {section!r} %s $18:00"),
        ("", ""),
    ],
)
def test_filled(words: str, reads: str) -> None:
    assert filling.filled(words, "Search", "Index", "18:00", "15:30") == reads


def test_what_is_not_known_yet_stays() -> None:
    assert filling.filled("{section} until {until}", section="Search") == "Search until {until}"


def test_what_was_filled_in_is_not_looked_at_again() -> None:
    assert filling.filled("{section}", section="{until}", until="18:00") == "{until}"


def test_sampled() -> None:
    assert filling.sampled("{section} by {next} {x}") == "Direct deposit by 15:30 {x}"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("{section} {until}", []),
        ("{sektion} and {sektion}", ["{sektion}"]),
        ("{Section} { until } {}", ["{Section}", "{ until }", "{}"]),
        ("{a\nb} {", []),
    ],
)
def test_unknown(words: str, found: list[str]) -> None:
    assert filling.unknown(words) == found


def test_left() -> None:
    assert filling.left("{until}, {until}, {next} and {sektion}") == ["{until}", "{next}"]


@pytest.mark.parametrize(
    ("names", "words"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_listed(names: list[str], words: str) -> None:
    assert filling.listed(names) == words
