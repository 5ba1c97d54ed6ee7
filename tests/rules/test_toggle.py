import pytest

from dashboard.rules.state import State
from dashboard.rules.toggle import toggle_value


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
