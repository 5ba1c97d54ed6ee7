import pytest

from dashboard.rules.span import end_through, later
from tests.rules.given import at, span


@pytest.mark.parametrize(
    ("name", "given", "t", "want"),
    [
        ("the start belongs to it", "14:00-18:00", "14:00", True),
        ("before the start it does not hold", "14:00-18:00", "13:59", False),
        ("within", "14:00-18:00", "17:59", True),
        ("the end does not belong to it", "14:00-18:00", "18:00", False),
        ("an end that is not known is never reached", "14:00", "23:59", True),
        ("an empty span covers nothing", "14:00-14:00", "14:00", False),
    ],
)
def test_covers(name: str, given: str, t: str, want: bool) -> None:
    assert span(given).covers(at(t)) is want


@pytest.mark.parametrize(
    ("a", "b", "want"),
    [("14:00", "15:00", "15:00"), ("15:00", "14:00", "15:00"), ("", "14:00", ""), ("14:00", "", ""), ("", "", "")],
)
def test_not_known_is_later_than_any(a: str, b: str, want: str) -> None:
    assert later(at(a) if a else None, at(b) if b else None) == (at(want) if want else None)


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("nothing ends at once", [], "14:00"),
        ("one", ["13:00-15:00"], "15:00"),
        ("the latest of two", ["13:00-15:00", "13:30-16:00"], "16:00"),
        ("through one that overlaps later", ["13:00-15:00", "14:30-17:00"], "17:00"),
        ("through one that touches", ["13:00-15:00", "15:00-17:00"], "17:00"),
        ("not across a break", ["13:00-15:00", "15:01-17:00"], "15:00"),
        ("in whatever order they come", ["15:00-17:00", "13:00-15:00", "17:00-18:00"], "18:00"),
        ("not known if any is not known", ["13:00-15:00", "13:00"], ""),
        ("not known once it leads into what is not known", ["13:00-15:00", "15:00"], ""),
        ("a longer one is not shortened by one within it", ["13:00-17:00", "14:30-15:00"], "17:00"),
    ],
)
def test_end_through(name: str, given: list[str], want: str) -> None:
    assert end_through([span(words) for words in given], at("14:00")) == (at(want) if want else None)
