"""The tree without its parts; with them it is tests/faults/test_serve.py."""

import pytest

from dashboard.tree import pause


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.2), (2, 0.4), (5, 3.2), (6, 6.4), (7, 10), (2000, 10)])
def test_the_pause_grows_to_ten_seconds(failures: int, seconds: float) -> None:
    assert pause(failures) == seconds
