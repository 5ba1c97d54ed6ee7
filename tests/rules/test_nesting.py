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
