"""One place up or down in a list that people order."""

from collections.abc import Sequence
from typing import Protocol


class Ordered(Protocol):
    position: int


def moved(rows: Sequence[Ordered], row: Ordered, up: bool) -> bool:
    """Swap ``row`` with its neighbour in ``rows`` (which are in order) and number them anew; False at the end."""
    order = list(rows)
    here = order.index(row)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return False
    order[here], order[there] = order[there], order[here]
    for place, one in enumerate(order, 1):
        if one.position != place:
            one.position = place
    return True
