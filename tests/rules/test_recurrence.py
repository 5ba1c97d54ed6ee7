"""Rules of recurrence: made from choices, typed, and in words."""

from datetime import date

import pytest

from dashboard.rules.recurrence import NoRule, Repeat, clean, ending, rule_for, words

SUNDAY = date(2026, 11, 29)  # the fifth


@pytest.mark.parametrize(
    ("repeat", "first", "rule", "said"),
    [
        (Repeat.WEEKLY, SUNDAY, "FREQ=WEEKLY;BYDAY=SU", "every week on Sunday"),
        (Repeat.FORTNIGHTLY, SUNDAY, "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "every two weeks on Sunday"),
        (Repeat.MONTHLY, SUNDAY, "FREQ=MONTHLY;BYDAY=-1SU", "every month on the last Sunday"),
        (Repeat.MONTHLY, date(2026, 11, 2), "FREQ=MONTHLY;BYDAY=1MO", "every month on the first Monday"),
        (Repeat.MONTHLY, date(2026, 11, 28), "FREQ=MONTHLY;BYDAY=4SA", "every month on the fourth Saturday"),
    ],
)
def test_choices(repeat: Repeat, first: date, rule: str, said: str) -> None:
    assert (rule_for(repeat, first), words(rule)) == (rule, said)


def test_ends() -> None:
    assert words(ending("FREQ=WEEKLY;BYDAY=SU", count=4)) == "every week on Sunday, 4 times"
    assert ending("FREQ=WEEKLY;BYDAY=SU", date(2027, 3, 1)) == "FREQ=WEEKLY;BYDAY=SU;UNTIL=20270301T235959"
    assert words("FREQ=WEEKLY;BYDAY=SU;UNTIL=20270301T235959") == "every week on Sunday, until 1 March 2027"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" rrule:freq=monthly;byday=1su; ", "FREQ=MONTHLY;BYDAY=1SU"),
        ("FREQ=YEARLY;BYMONTH=2,12;BYMONTHDAY=-31", "FREQ=YEARLY;BYMONTH=2,12;BYMONTHDAY=-31"),
        ("FREQ=MONTHLY;BYDAY=MO,+2TU,-1FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO,+2TU,-1FR;BYSETPOS=-1"),
        ("FREQ=DAILY;UNTIL=20270301", "FREQ=DAILY;UNTIL=20270301T235959"),
        ("FREQ=DAILY;UNTIL=20270301T020000Z", "FREQ=DAILY;UNTIL=20270301T020000"),
    ],
)
def test_typed(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "every Sunday",
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "INTERVAL=2",
        "FREQ=WEEKLY;BYHOUR=1,2,3",
        "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20270301",
        "FREQ=WEEKLY;UNTIL=tomorrow",
        "FREQ=WEEKLY;BYDAY=SU;UNTIL=20271399",
        "FREQ=WEEKLY;UNTIL=20270301T250000",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=1000",
        "FREQ=MONTHLY;BYDAY=9MO",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=DAILY;BYMONTHDAY=30,31;BYMONTH=2",
        "FREQ=DAILY;BYSETPOS=2",
        "FREQ=WEEKLY\nEXDATE:20270301",
        "FREQ=WEEKLY;BYDAY=" + "SU," * 50,
    ],
)
def test_refused(typed: str) -> None:
    with pytest.raises(NoRule):
        clean(typed)


@pytest.mark.parametrize("rule", ["FREQ=YEARLY;BYMONTH=2", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SU"])
def test_what_has_no_words_is_told_as_it_is(rule: str) -> None:
    assert words(rule) == rule
