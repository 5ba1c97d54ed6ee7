"""What an incident's words tell, and how hard they are to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.rules.readable import FACTS, message_checks, reading_age, told, word_count

WORDS = st.text(max_size=300)
NORTHPAY = (
    "Our payments provider, Northpay, has told us their file processing has stopped. You cannot see or change your "
    "bank details. Payments already scheduled for Monday will still be paid.\n\n"
    "If it cannot wait, call 0300 000 0000, open until 20:00 today."
)


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({}, 0),
        ({"broken": "Payments"}, 1),
        ({"broken": "  "}, 0),
        (dict.fromkeys(FACTS, "x"), 5),
        ({"third_party_url": "https://northpay.example"}, 0),
    ],
)
def test_how_many_of_the_five_are_told(facts: dict[str, str], count: int) -> None:
    assert told(facts) == count


@pytest.mark.parametrize(
    ("message", "facts", "passed"),
    [
        ("", {}, []),
        ("We are looking into it.", {}, []),
        ("You cannot pay.", {}, ["What is broken", "Who is affected"]),
        ("Payments are down. Call us.", {}, ["What is broken", "Another way"]),
        ("", {"broken": "Payments", "affected": "All", "instead": "Wait"}, [*list(FACTS.values())[:2], "Another way"]),
        ("It is slow.", {"third_party": "Northpay"}, []),
        ("See https://northpay.example/", {"third_party": "Northpay"}, ["Another way", "Link to supplier"]),
        ("It is slow.", {"third_party": "Northpay", "third_party_url": "https://x.example"}, ["Link to supplier"]),
    ],
)
def test_what_a_message_says(message: str, facts: dict[str, str], passed: list[str]) -> None:
    assert [check.words for check in message_checks(message, facts) if check.passed] == passed


def test_a_link_is_looked_for_only_where_somebody_is_named() -> None:
    assert len(message_checks("", {})) == 3
    assert len(message_checks("", {"third_party": "Northpay"})) == 4


def test_the_words_and_the_age_of_a_good_message() -> None:
    assert word_count(NORTHPAY) == 41
    assert reading_age(NORTHPAY) in (9, 10, 11)


def test_long_words_and_sentences_are_for_the_old() -> None:
    hard = "Intermittent authentication unavailability necessitates comprehensive infrastructure reconfiguration " * 3
    assert (reading_age(hard) or 0) > (reading_age("We are on it. You can pay. Call us. It is slow.") or 99)


@pytest.mark.parametrize("text", ["", "Down.", "We are looking into it now.", "..."])
def test_a_short_text_has_no_age(text: str) -> None:
    assert reading_age(text) is None


@given(WORDS)
def test_any_text_has_an_age_of_a_person_or_none(text: str) -> None:
    age = reading_age(text)
    assert age is None or 6 <= age <= 20


@given(WORDS, WORDS)
def test_words_add_up(one: str, other: str) -> None:
    assert word_count(f"{one} . {other}") == word_count(one) + word_count(other)


@given(st.dictionaries(st.sampled_from([*FACTS, "title"]), WORDS))
def test_never_more_than_five(facts: dict[str, str]) -> None:
    assert 0 <= told(facts) <= 5
