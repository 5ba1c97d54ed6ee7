"""One place up or down in a list that people order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import sqlalchemy as sa

from dashboard.db import db
from dashboard.models import Component, Section, Template

Row = TypeVar("Row", Component, Section, Template)


def moved(rows: Sequence[Row], row: Row, up: bool) -> list[Row] | None:
    """``rows``, which are in order, with ``row`` and its neighbour swapped and all numbered anew; None where there is
    no neighbour. An order belongs to the list: no row gets another version, and nobody who edits one is in the way."""
    order = list(rows)
    here = order.index(row) if row in order else -1
    there = here - 1 if up else here + 1
    if here < 0 or not 0 <= there < len(order):
        return None
    order[here], order[there] = order[there], order[here]
    model = type(row)
    for place, one in enumerate(order, 1):
        if one.position != place:
            db.session.execute(sa.update(model).where(model.id == one.id).values(position=place))
    return order
