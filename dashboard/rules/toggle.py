"""What a feature toggle reads, and by which names code may ask for it."""

from collections.abc import Iterable

from dashboard.rules.state import State


def toggle_value(while_down: bool, states: Iterable[State]) -> bool:
    """Its while-down value when any of its sections is down, else the opposite."""
    return while_down if State.DOWN in states else not while_down


def camel(name: str) -> str:
    """As Rails would write it in JavaScript: "form_21_0966" is "form210966", from which no way leads back."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def spellings(name: str) -> tuple[str, ...]:
    """In snake case, in camel case and in Pascal case."""
    in_camel = camel(name)
    return name, in_camel, in_camel[:1].upper() + in_camel[1:]
