import pytest

from dashboard.rules.span import cut, end_through, later, shared, sooner
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
    ("a", "b", "want"),
    [("14:00", "15:00", "14:00"), ("", "14:00", "14:00"), ("14:00", "", "14:00"), ("", "", "")],
)
def test_the_sooner_of_two_is_one_that_is_known(a: str, b: str, want: str) -> None:
    assert sooner(at(a) if a else None, at(b) if b else None) == (at(want) if want else None)


@pytest.mark.parametrize(
    ("name", "one", "other", "want"),
    [
        ("within", "14:00-18:00", "15:00-16:00", "15:00-16:00"),
        ("overlapping", "14:00-16:00", "15:00-17:00", "15:00-16:00"),
        ("touching", "14:00-15:00", "15:00-16:00", ""),
        ("apart", "14:00-15:00", "16:00-17:00", ""),
        ("until the end that is known", "14:00", "13:00-15:00", "14:00-15:00"),
        ("for ever", "14:00", "15:00", "15:00"),
    ],
)
def test_shared(name: str, one: str, other: str, want: str) -> None:
    assert shared(span(one), span(other)) == shared(span(other), span(one)) == (span(want) if want else None)


@pytest.mark.parametrize(
    ("name", "gaps", "want"),
    [
        ("whole", [], ["14:00-18:00"]),
        ("the middle", ["15:00-16:00"], ["14:00-15:00", "16:00-18:00"]),
        ("both ends", ["17:00-19:00", "13:00-15:00"], ["15:00-17:00"]),
        ("two that overlap", ["15:00-17:00", "16:00-16:30"], ["14:00-15:00", "17:00-18:00"]),
        ("without an end", ["15:00"], ["14:00-15:00"]),
        ("all of it", ["13:00-18:00"], []),
        ("beside it", ["18:00-19:00", "12:00-14:00"], ["14:00-18:00"]),
    ],
)
def test_cut(name: str, gaps: list[str], want: list[str]) -> None:
    assert list(cut(span("14:00-18:00"), map(span, gaps))) == [span(words) for words in want]


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
