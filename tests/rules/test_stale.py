from datetime import datetime, timedelta

import pytest

from dashboard.rules.span import Span
from dashboard.rules.stale import Use, is_stale, sentence, settled_at
from tests.conftest import NOW

OLD = 200


def ago(days: float | None) -> datetime | None:
    return None if days is None else NOW - timedelta(days=days)


def use(
    added: float, read: float | None, settled: float = OLD, touched: float | None = None, counted: float | None = OLD
) -> Use:
    """In days before now."""
    touched_at, added_at, settled_at = ago(touched if touched is not None else added), ago(added), ago(settled)
    assert touched_at
    assert added_at
    assert settled_at
    return Use(added_at, touched_at, max(added_at, settled_at), ago(read), ago(counted))


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("the same for long, and not read", use(OLD, read=12, settled=41), True),
        ("at the very limits", use(OLD, read=10, settled=30), True),
        ("read a week ago, as by what runs once in one", use(OLD, read=9.9, settled=41), False),
        ("it changed lately", use(OLD, read=12, settled=29.9), False),
        ("it changes, but nobody reads it", use(OLD, read=30, settled=1), True),
        ("just added", use(1, read=None), False),
        ("added a while ago, never read", use(30, read=None), True),
        ("added not so long ago, never read", use(29.9, read=None), False),
        ("somebody was at it lately", use(OLD, read=None, touched=3), False),
        ("nobody has counted yet", use(OLD, read=None, counted=None), False),
        ("counted for a few days only", use(OLD, read=None, counted=5), False),
        ("counted for long enough", use(OLD, read=None, counted=10), True),
        ("what was read longer ago is forgotten", use(OLD, read=None), True),
        ("read now", use(OLD, read=0), False),
    ],
)
def test_is_stale(name: str, given: Use, want: bool) -> None:
    assert is_stale(given, NOW) is want


@pytest.mark.parametrize(
    ("given", "value", "want"),
    [
        (use(OLD, read=12.5, settled=41), False, "Off for 41 days, not read for 12 days."),
        (use(OLD, read=30, settled=1), True, "On for 1 day, not read for 30 days."),
        (use(34, read=None), False, "Never read since it was added 34 days ago."),
        (use(OLD, read=None, settled=100), False, "Off for 100 days, not read for 90 days or more."),
        (use(OLD, read=None, settled=100, counted=12), True, "On for 100 days, not read for 12 days or more."),
    ],
)
def test_sentence(given: Use, value: bool, want: str) -> None:
    assert sentence(given, value, NOW) == want


def span(start: float, end: float | None) -> Span:
    since = ago(start)
    assert since
    return Span(since, ago(end))


@pytest.mark.parametrize(
    ("name", "downs", "want"),
    [
        ("never", [], None),
        ("still to come", [span(-1, -2)], None),
        ("down until a time", [span(5, 4)], 4),
        ("the last of several", [span(9, 8), span(5, 4), span(7, 6)], 4),
        ("down now", [span(5, -1)], 5),
        ("down for nobody knows how long", [span(9, 8), span(5, None)], 5),
        ("down now, through what touches", [span(9, 8), span(7, 5), span(5, 3), span(4, -1)], 7),
        ("one within another", [span(9, 2), span(8, 7)], 2),
    ],
)
def test_settled_at(name: str, downs: list[Span], want: float | None) -> None:
    assert settled_at(downs, NOW) == ago(want)
