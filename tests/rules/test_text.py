import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.rules.text import (
    BODY,
    clean,
    clean_line,
    is_component_key,
    is_key,
    is_link,
    is_path,
    key_from,
    user_message,
    whole_number,
)


@pytest.mark.parametrize(
    ("name", "typed", "want"),
    [
        ("plain words stay", "Call 0300 000 0000.", "Call 0300 000 0000."),
        ("other scripts stay", "Zahlung später · 支払い · الدفع", "Zahlung später · 支払い · الدفع"),
        ("joined emoji stay", "\U0001f469‍\U0001f4bb", "\U0001f469‍\U0001f4bb"),
        ("lines and tabs stay", "one\n\ttwo", "one\n\ttwo"),
        ("around it is trimmed", "  a \n", "a"),
        ("every kind of line end is one", "a\r\nb\rc\x85d\u2028e\u2029f\vg\fh", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("control characters go", "a\x00b\x07c\x1b[31m", "abc[31m"),
        ("lone surrogates go", "a\ud800b", "ab"),
        ("what turns the reading direction goes", "a\u202eb\u2066c\u200f", "abc"),
        ("what XML refuses goes", "a\ufffeb\uffffc", "abc"),
        ("a byte order mark goes", "\ufeffa", "a"),
        ("one form for the same letter", "u\u0308", "ü"),
        ("markup is only text here", "<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_clean(name: str, typed: str, want: str) -> None:
    assert clean(typed) == want


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.text(st.characters(), max_size=40))
def test_cleaned_text_is_clean(typed: str) -> None:
    once = clean(typed)
    assert clean(once) == once
    assert once.encode().decode() == once


def test_a_line_has_no_line_ends() -> None:
    assert clean_line(" Direct\r\n deposit\t\tnow ") == "Direct deposit now"


@pytest.mark.parametrize(
    ("typed", "want"),
    [
        ("direct_deposit", True),
        ("a", True),
        ("9", True),
        ("a" * 100, True),
        ("a" * 101, False),
        ("", False),
        ("Direct", False),
        ("direct-deposit", False),
        ("direct deposit", False),
        ("direct_deposit\n", False),
        ("späti", False),
        ("../x", False),
    ],
)
def test_is_key(typed: str, want: bool) -> None:
    assert is_key(typed) is want


@pytest.mark.parametrize(
    ("typed", "want"),
    [
        ("payments", True),
        ("LIGHTHOUSE_DIRECT_DEPOSIT", True),
        ("vet360", True),
        ("x" * 100, True),
        ("x" * 101, False),
        ("", False),
        ("direct-deposit", False),
        ("Zahlungsd\u00e4mon", False),
        ("a b", False),
        ("../up", False),
        ("payments\n", False),
    ],
)
def test_a_component_may_have_a_key_in_capitals(typed: str, want: bool) -> None:
    assert is_component_key(typed) is want


@pytest.mark.parametrize(
    ("typed", "want"),
    [
        ("/", True),
        ("/account", True),
        ("/account/payments.html", True),
        ("/konto/\u00fcberblick", True),
        ("", False),
        ("account", False),
        ("https://www.example.org/account", False),
        ("//evil.example/account", False),
        ("/\\evil.example", False),
        ("/account?tab=1", False),
        ("/account#top", False),
        ("/my account", False),
        ("/account\n", False),
    ],
)
def test_is_path(typed: str, want: bool) -> None:
    assert is_path(typed) is want


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("Direct deposit", "direct_deposit"),
        ("  Forms & letters! ", "forms_letters"),
        ("Prüfung", "prufung"),
        ("支払い", ""),
        ("x" * 120, "x" * 100),
    ],
)
def test_key_from(name: str, want: str) -> None:
    assert key_from(name) == want


@pytest.mark.parametrize(
    ("typed", "want"),
    [
        ("https://larkfield.example/contact?a=1#b", True),
        ("http://localhost:8000", True),
        ("mailto:help@larkfield.example", True),
        ("tel:+443000000000", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("//larkfield.example", False),
        ("/contact", False),
        ("https://", False),
        ("https:contact", False),
        ("https://a b", False),
        ("http://[::1", False),
        ("mailto:", False),
        ("", False),
    ],
)
def test_is_link(typed: str, want: bool) -> None:
    assert is_link(typed) is want


@pytest.mark.parametrize(
    ("name", "description", "want"),
    [
        ("none at all", None, ""),
        ("none for the public", "Moving the ledger. Ticket 4711.", ""),
        ("what follows is public", "Ticket 4711 USER_MESSAGE: We are moving house.", "We are moving house."),
        ("over several lines", "x\nUSER_MESSAGE: One.\r\nTwo.", "One.\nTwo."),
        ("a backslash and an n stay as they are", r"x\nUSER_MESSAGE: One.\nTwo.", r"One.\nTwo."),
        ("the first mark counts", "USER_MESSAGE: a USER_MESSAGE: b", "a USER_MESSAGE: b"),
        ("in capitals only", "user_message: secret", ""),
        ("with its colon only", "USER_MESSAGE secret", ""),
        ("nothing after it", "x USER_MESSAGE:  ", ""),
        ("markup is only text here", "USER_MESSAGE:<b>x</b>", "<b>x</b>"),
        ("not longer than a text may be", "USER_MESSAGE:" + "x" * 9000, "x" * BODY),
    ],
)
def test_user_message(name: str, description: str | None, want: str) -> None:
    assert user_message(description) == want


@pytest.mark.parametrize(
    ("typed", "want"),
    [("0", 0), ("60", 60), ("007", 7), ("100", 100), ("101", None), ("0007", None), ("9" * 5_000, None)]
    + [(typed, None) for typed in ("", " 6", "-1", "+1", "1_0", "1.0", "1e1", "²", "٣", "６", "6\n", "6\x00")],
)
def test_whole_number(typed: str, want: int | None) -> None:
    assert whole_number(typed, 100) == want
