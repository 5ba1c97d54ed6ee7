"""Which of PagerDuty's services stand for which component."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import services
from dashboard.actions.writing import Refused
from dashboard.db import db
from dashboard.models import Service
from tests import make
from tests.actions.conftest import PRIYA
from tests.conftest import NOW


def mapped() -> list[tuple[str, int, str]]:
    return [(row.external_id, row.component_id, row.name) for row in db.session.scalars(sa.select(Service))]


def test_a_service_stands_for_a_component(app: Flask) -> None:
    component = make.component("ledger")
    change = services.map_service("P0AAAA1", "External: Ledger", component.id, PRIYA, NOW)
    assert mapped() == [("P0AAAA1", component.id, "External: Ledger")]
    assert change is not None
    assert (change.kind, change.subject) == ("component.map", f"component-{component.id}")
    assert (change.actor, change.after) == ("Priya Shah", {"service": "P0AAAA1", "name": "External: Ledger"})


def test_said_twice_it_is_said_once(app: Flask) -> None:
    component = make.component("ledger")
    services.map_service("P0AAAA1", "Ledger", component.id, PRIYA, NOW)
    assert services.map_service("P0AAAA1", "Ledger", component.id, PRIYA, NOW) is None
    assert len(mapped()) == 1


def test_it_stands_for_it_no_more(app: Flask) -> None:
    component = make.component("ledger")
    make.service(component)
    change = services.unmap_service("P0AAAA1", component.id, PRIYA, NOW)
    assert change is not None
    assert (change.kind, mapped()) == ("component.unmap", [])
    assert services.unmap_service("P0AAAA1", component.id, PRIYA, NOW) is None


@pytest.mark.parametrize("external_id", ["", "../users", "P 1", "P" * 65, "naïve"])
def test_what_is_no_id_is_refused(app: Flask, external_id: str) -> None:
    component = make.component("ledger")
    with pytest.raises(Refused, match="not the id of a PagerDuty service"):
        services.map_service(external_id, "Ledger", component.id, PRIYA, NOW)
