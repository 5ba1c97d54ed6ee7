"""What a feature toggle reads."""

from collections.abc import Iterable

from dashboard.rules.state import State


def toggle_value(while_down: bool, states: Iterable[State]) -> bool:
    """Its while-down value when any of its sections is down, else the opposite."""
    return while_down if State.DOWN in states else not while_down
