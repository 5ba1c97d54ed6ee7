"""Components are made, edited, ordered, archived and restored; and said to be how they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import components
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.models import Change, Component
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]
VALUES: Values = {"name": "Ledger", "group": "Suppliers"}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ledger(app: Flask) -> Component:
    components.create("ledger", VALUES, PRIYA, NOW)
    return db.session.scalars(sa.select(Component)).one()


def keys() -> list[str]:
    return list(db.session.scalars(sa.select(Component.key).order_by(Component.position)))


def test_create_says_what_it_is(ledger: Component) -> None:
    change = db.session.scalars(sa.select(Change)).one()
    assert (change.kind, change.subject_name, change.after) == (
        "component.create",
        "Ledger",
        {"key": "ledger", **VALUES},
    )
    assert ledger.status == "operational"


def test_the_same_form_twice_is_one_component(ledger: Component, kinds: Kinds) -> None:
    assert components.create("ledger", VALUES, PRIYA, NOW) is None
    assert kinds() == ["component.create"]


@pytest.mark.parametrize("archived", [False, True])
def test_a_key_is_never_used_again(ledger: Component, archived: bool) -> None:
    if archived:
        components.archive(ledger.id, 1, PRIYA, NOW)
    with pytest.raises(Refused, match="is taken, or was"):
        components.create("ledger", {**VALUES, "name": "Another"}, TOM, NOW)


def test_a_new_status_counts_from_then(ledger: Component) -> None:
    components.edit(ledger.id, 1, {"status": "partial_outage"}, TOM, LATER)
    assert db.session.execute(sa.select(Component.status, Component.status_at)).one() == ("partial_outage", LATER)


def test_the_same_status_again_writes_nothing(ledger: Component, kinds: Kinds) -> None:
    assert components.edit(ledger.id, 1, {"status": "operational"}, TOM, LATER) is None
    assert kinds() == ["component.create"]


def test_two_people_at_once(ledger: Component) -> None:
    components.edit(ledger.id, 1, {"status": "partial_outage"}, TOM, LATER)
    with pytest.raises(Conflict):
        components.edit(ledger.id, 1, {"name": "Other"}, PRIYA, LATER)


def test_move_stays_within_the_group(ledger: Component, kinds: Kinds) -> None:
    make.component("elsewhere", position=0)
    components.create("bank", {"name": "Bank", "group": "Suppliers"}, PRIYA, NOW)
    bank = db.session.scalars(sa.select(Component).where(Component.key == "bank")).one()
    components.move(bank.id, True, PRIYA, NOW)
    assert [key for key in keys() if key != "elsewhere"] == ["bank", "ledger"]
    assert components.move(bank.id, True, PRIYA, NOW) is None
    assert kinds()[-1] == "component.move"
    assert set(db.session.scalars(sa.select(Component.version))) == {1}


def test_an_archived_one_is_not_moved(ledger: Component) -> None:
    components.archive(ledger.id, 1, PRIYA, NOW)
    assert components.move(ledger.id, True, PRIYA, NOW) is None


def test_archive_is_refused_while_a_section_depends_on_it(ledger: Component) -> None:
    make.dependency(make.section("direct_deposit", "Direct deposit"), ledger)
    with pytest.raises(Refused, match="These sections depend on it: Direct deposit"):
        components.archive(ledger.id, 1, PRIYA, NOW)


def test_archive_and_restore(ledger: Component, kinds: Kinds) -> None:
    components.archive(ledger.id, 1, PRIYA, NOW)
    assert components.archive(ledger.id, 2, PRIYA, NOW) is None
    components.restore(ledger.id, 2, PRIYA, NOW)
    assert kinds() == ["component.create", "component.archive", "component.restore"]
