"""What PagerDuty's records become: windows with their words, or a reason for leaving them out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.sources.pagerduty import Fetch
from tests.doubles import pagerduty as faults
from tests.doubles.pagerduty import Faulty
from tests.sources.conftest import LEDGER, Asking


def ids(fetch: Fetch) -> list[str]:
    return sorted(window.external_id for window in fetch.windows)


GOOD = {
    "id": "PW1",
    "start_time": "2026-11-21T09:30:00-05:00",
    "end_time": "2026-11-21T16:00:00Z",
    "services": [{"id": LEDGER}],
}
POISON = [
    ({"start_time": "tomorrow"}, "its start or its end is not a time"),
    ({"start_time": "2026-11-21T14:30:00"}, "its start or its end is not a time"),
    ({"end_time": "0001-01-01T00:00:00+05:00"}, "its start or its end is not a time"),
    ({"end_time": "9999-12-31T23:59:59Z"}, "its start or its end is not a time"),
    ({"end_time": "2026-11-21T14:00:00Z"}, "its end is before its start"),
    ({"end_time": None}, "a field is missing or is not what it should be"),
    ({"start_time": 1795271400}, "a field is missing or is not what it should be"),
    ({"services": None}, "a field is missing or is not what it should be"),
    ({"services": [{"id": 7}]}, "a field is missing or is not what it should be"),
    ({"services": [{"id": "../users"}]}, "a field is missing or is not what it should be"),
    ({"description": ["no", "text"]}, "a field is missing or is not what it should be"),
    ({"id": "PW 1"}, "it has no id"),
    ({"id": None}, "it has no id"),
]


OTHER = {**GOOD, "id": "PW2"}


def page(*records: Any) -> faults.Fault:
    return faults.body(json.dumps({"maintenance_windows": records, "more": False}).encode())


@pytest.mark.parametrize(("wrong", "why"), POISON)
def test_one_poison_record_is_skipped_and_told(double: Faulty, ask: Asking, wrong: dict[str, Any], why: str) -> None:
    double.script = [page({**GOOD, **wrong}, OTHER)]
    fetch = ask()
    assert ids(fetch) == ["PW2"]
    assert [skipped.why for skipped in fetch.skipped] == [why]
    assert why in fetch.warnings[0]
    assert not fetch.complete


@pytest.mark.parametrize("record", [None, 7, [], {}, "PW1", {"id": ""}])
def test_what_is_no_record_is_skipped(double: Faulty, ask: Asking, record: Any) -> None:
    double.script = [page(record, OTHER)]
    fetch = ask()
    assert (ids(fetch), fetch.skipped[0].external_id) == (["PW2"], None)


@pytest.mark.parametrize("field", ["start_time", "end_time", "services"])
def test_a_missing_field_spoils_only_its_record(double: Faulty, ask: Asking, field: str) -> None:
    double.script = [page({name: value for name, value in GOOD.items() if name != field}, OTHER)]
    fetch = ask()
    assert (ids(fetch), fetch.skipped[0].external_id) == (["PW2"], "PW1")


def test_one_skipped_record_is_not_asked_for_as_missing(double: Faulty, ask: Asking) -> None:
    double.script = [page({**GOOD, "end_time": "later"})]
    fetch = ask(open_ids=("PW1",))
    assert (fetch.gone, fetch.unconfirmed, len(double.asked)) == (frozenset(), frozenset(), 1)


def test_poison_told_by_id_is_that_window(double: Faulty, ask: Asking) -> None:
    double.always["/maintenance_windows/"] = faults.body(b'{"maintenance_window":{}}')
    fetch = ask(open_ids=("PW1",))
    assert (fetch.skipped[0].external_id, fetch.gone) == ("PW1", frozenset())


def test_a_flood_of_warnings_is_cut(double: Faulty, ask: Asking) -> None:
    double.script = [page(*({**GOOD, "id": f"PW{number}", "services": None} for number in range(50)))]
    assert len(ask().warnings) == 21


WORDS = [
    ("CHG-1 USER_MESSAGE: We are moving.", "CHG-1", "We are moving."),
    ("USER_MESSAGE: One USER_MESSAGE: two", "", "One USER_MESSAGE: two"),
    ("user_message: not this", "user_message: not this", ""),
    ("Ops notes only", "Ops notes only", ""),
    ("a\nb USER_MESSAGE:\nOne.\nTwo.", "a b", "One.\nTwo."),
    ("x USER_MESSAGE: <b>bold</b>", "x", "<b>bold</b>"),
    ("x\u0000y\u202e USER_MESSAGE: \u0007z", "xy", "z"),
    ("t" * 5_000, "t" * 200, ""),
    ("USER_MESSAGE:" + "m" * 5_000, "", "m" * 2_000),
    ("", "", ""),
    (None, "", ""),
]


@pytest.mark.parametrize(("description", "title", "message"), WORDS)
def test_words_for_the_public_are_those_after_the_mark(
    double: Faulty, ask: Asking, description: str | None, title: str, message: str
) -> None:
    double.script = [page({**GOOD, "description": description})]
    (window,) = ask().windows
    assert (window.title, window.message) == (title, message)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://larkfield.pagerduty.example/w/1", "https://larkfield.pagerduty.example/w/1"),
        ("javascript:alert(1)", ""),
        ("mailto:x@larkfield.example", ""),
        ("https://larkfield.example/" + "a" * 600, ""),
        (None, ""),
    ],
)
def test_only_a_web_address_is_kept_as_a_link(double: Faulty, ask: Asking, given: str | None, kept: str) -> None:
    double.script = [page({**GOOD, "html_url": given})]
    assert ask().windows[0].url == kept
