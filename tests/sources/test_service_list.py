"""The list of services in the VA's shape: read, written, and refused in words."""

from __future__ import annotations

import pytest

from dashboard.sources.service_list import NotAList, read, write

LIST = {"payments_core": ("P0AAAA1",), "LIGHTHOUSE_DIRECT_DEPOSIT": ("P0BBBB2",)}


@pytest.mark.parametrize(
    "text",
    [
        "maintenance:\n services:\n  payments_core: P0AAAA1\n  maps: null\n  LIGHTHOUSE_DIRECT_DEPOSIT: P0BBBB2\n",
        "services:\n  payments_core: 'P0AAAA1'\n  maps: ~\n  LIGHTHOUSE_DIRECT_DEPOSIT: P0BBBB2",
        "payments_core: P0AAAA1\nmaps:\nLIGHTHOUSE_DIRECT_DEPOSIT: P0BBBB2",
        '{"payments_core": "P0AAAA1", "maps": null, "LIGHTHOUSE_DIRECT_DEPOSIT": "P0BBBB2"}',
        '{"maintenance": {"services": {"payments_core": ["P0AAAA1"], "LIGHTHOUSE_DIRECT_DEPOSIT": "P0BBBB2"}}, "x": 1}',
    ],
)
def test_read(text: str) -> None:
    assert read(text) == LIST


def test_no_word_becomes_another_value() -> None:
    assert read("no: 0123\non: P1E5\n404: '1e5'") == {"no": ("0123",), "on": ("P1E5",), "404": ("1e5",)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a line for each service"),
        ("P0AAAA1", "a line for each service"),
        ("- P0AAAA1", "a line for each service"),
        ("maintenance:\n  services: [", "neither YAML nor JSON. Look at line 2"),
        ("a b: P0AAAA1", "“a b” cannot be a name"),
        ("a: P0 AAAA1", "“P0 AAAA1” beside a is no PagerDuty id"),
        ("a: {b: c}", "beside a is no PagerDuty id"),
        ("? [a]\n: P0AAAA1", "neither YAML nor JSON"),
        ("a: &x [*x]", "neither YAML nor JSON"),
        ("[" * 5_000, "neither YAML nor JSON"),
        ("a: \x00", "neither YAML nor JSON"),
        ("!!python/object/apply:os.system [a]", "a line for each service"),
        ("a: P0AAAA1\n" * 6_000, "longer than"),
    ],
)
def test_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(NotAList, match=says):
        read(text)


def test_what_is_written_reads_the_same() -> None:
    assert read(write({**LIST, "two": ("P1", "P2")})) == {**LIST, "two": ("P1", "P2")}
    assert write({}) == "maintenance:\n  services: {}\n"


def test_a_list_of_names_alone_maps_nothing() -> None:
    assert read("maps: null") == {}
