import pytest

from dashboard.rules.state import State
from dashboard.rules.toggle import camel, spellings, toggle_value


@pytest.mark.parametrize(
    ("name", "while_down", "states", "want"),
    [
        ("hide_* hides while down", True, [State.DOWN], True),
        ("*_enabled is off while down", False, [State.DOWN], False),
        ("else the opposite", True, [State.OK], False),
        ("else the opposite, the other way round", False, [State.OK], True),
        ("any of its sections suffices", True, [State.OK, State.DOWN, State.DEGRADED], True),
        ("degraded is not down", True, [State.DEGRADED], False),
        ("approaching is not down", True, [State.APPROACHING], False),
        ("a toggle of no section reads as when all is well", True, [], False),
    ],
)
def test_toggle_value(name: str, while_down: bool, states: list[State], want: bool) -> None:
    assert toggle_value(while_down, states) is want


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("profile_hide_bank_details", "profileHideBankDetails"),
        ("form_21_0966", "form210966"),
        ("search", "search"),
        ("a__b_", "aB"),
        ("_hidden", "Hidden"),
    ],
)
def test_camel(name: str, want: str) -> None:
    assert camel(name) == want


def test_spellings() -> None:
    assert spellings("hide_it") == ("hide_it", "hideIt", "HideIt")
