"""A section is kept open in spite of a window that would take it off, and no longer than that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import overrules
from dashboard.actions.writing import Refused
from dashboard.db import db
from dashboard.models import Change, Overrule, Section, Window
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section("documents")


@pytest.fixture
def window(section: Section) -> Window:
    """From 14:30 to 15:30."""
    ledger = make.component("ledger")
    make.dependency(section, ledger)
    return make.window(ledger)


def kept_open(section: Section, window: Window, hours: float = 1, once: str = "x" * 20) -> Change | None:
    return overrules.start(section.id, window.id, NOW + hours * HOUR, "Reads only", once, PRIYA, NOW)


def test_it_ends_with_its_window(section: Section, window: Window) -> None:
    assert kept_open(section, window, hours=24 * 365) is not None
    assert db.session.scalar(sa.select(Overrule.ends_at)) == window.ends_at


def test_or_sooner(section: Section, window: Window) -> None:
    kept_open(section, window, hours=0.5)
    assert db.session.scalar(sa.select(Overrule.ends_at)) == NOW + HOUR / 2


def test_a_part_is_reached_by_what_is_on_the_whole(section: Section, window: Window) -> None:
    assert kept_open(make.section("letters", parent=section), window) is not None


@pytest.mark.parametrize("once", ["x" * 20, "y" * 20])
def test_once_is_enough(section: Section, window: Window, once: str) -> None:
    kept_open(section, window)
    assert kept_open(section, window, hours=2, once=once) is None
    assert len(db.session.scalars(sa.select(Overrule)).all()) == 1


def test_the_same_form_after_its_end_does_nothing(section: Section, window: Window) -> None:
    kept_open(section, window)
    overrules.end(1, 1, TOM, NOW)
    assert kept_open(section, window) is None


def test_it_may_be_longer(section: Section, window: Window) -> None:
    kept_open(section, window, hours=0.5)
    assert kept_open(section, window, once="y" * 20) is not None


def test_not_until_a_time_that_has_passed(section: Section, window: Window) -> None:
    with pytest.raises(Refused, match="has passed"):
        kept_open(section, window, hours=0)


@pytest.mark.parametrize("given", [{"gone_at": NOW}, {"start": NOW - HOUR}])
def test_not_in_spite_of_what_is_over(section: Section, window: Window, given: dict[str, object]) -> None:
    over = make.window(**given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="is over"):
        kept_open(section, over)


def test_not_where_nothing_takes_it_off(section: Section, window: Window) -> None:
    with pytest.raises(Refused, match="does not touch Letters"):
        kept_open(make.section("letters"), window)


def test_nor_where_the_window_changes_nothing(section: Section) -> None:
    bank = make.component("bank")
    make.dependency(section, bank, on_window="nothing")
    with pytest.raises(Refused, match="does not touch Documents"):
        kept_open(section, make.window(bank))


def test_its_end(section: Section, window: Window, kinds: Callable[[], list[str]]) -> None:
    kept_open(section, window)
    assert overrules.end(1, 1, TOM, NOW + HOUR / 2) is not None
    assert overrules.end(1, 2, TOM, NOW + HOUR / 2) is None
    assert kinds() == ["overrule.start", "overrule.end"]
