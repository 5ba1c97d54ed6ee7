from time import process_time

import pytest

from dashboard.rules.nesting import is_deep


@pytest.mark.parametrize(
    ("body", "want"),
    [
        (b"[" * 32 + b"]" * 32, False),
        (b"[" * 33 + b"]" * 33, True),
        (b'{"a":' * 33, True),
        (b'"' + b"[" * 99 + b'"', False),
        (rb'"\"' + b"[" * 99 + b'"', False),
        (b"[]" * 99, False),
        (b"", False),
    ],
)
def test_brackets_outside_of_strings_are_counted(body: bytes, want: bool) -> None:
    assert is_deep(body) is want


@pytest.mark.parametrize("end", [b"", b"\\"])
def test_a_string_that_never_ends_is_gone_through_once(end: bytes) -> None:
    began = process_time()
    assert is_deep(b"[" * 33 + b'"' + rb"\"" * 8_000 + end)
    assert not is_deep(b'"' + rb"\"" * 8_000 + end)
    assert process_time() - began < 0.5
