"""A change is taken back as a whole, unless somebody has changed its subject since."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import components, outages, sections, toggles, undo
from dashboard.actions.outages import Plan
from dashboard.actions.sections import Depends
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.models import Change, Component, Outage, Section, Toggle
from dashboard.rules.state import AtEnd
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

HOUR = timedelta(hours=1)
VALUES: Values = {"while_down": True, "owner": "Payments team", "sentence": "Hides the form."}


@pytest.fixture
def toggle(app: Flask) -> Toggle:
    return make.toggle("hide_direct_deposit", make.section("direct_deposit"))


def started(section: Section) -> Change:
    plan = Plan(NOW, NOW + HOUR, AtEnd.RESTORE, "Why", "", "", "Europe/London", "", "", "a-form-of-its-own")
    change = outages.start(section.id, plan, PRIYA, NOW)
    assert change is not None
    return change


def undone(change: Change | None, minutes: int = 1) -> Change | None:
    assert change is not None
    assert undo.undoable(change)
    return undo.undo(change.id, TOM, NOW + timedelta(minutes=minutes))


def test_a_start_taken_back_is_an_outage_that_is_over(app: Flask) -> None:
    undone(started(make.section("documents")))
    assert db.session.scalar(sa.select(Outage.over_at)) == NOW + timedelta(minutes=1)


def test_an_end_taken_back_is_off_again_until_the_same_time(app: Flask) -> None:
    outage_id = int(started(make.section("documents")).subject.removeprefix("outage-"))
    undone(outages.end(outage_id, 1, PRIYA, NOW + timedelta(minutes=5)), minutes=6)
    assert db.session.execute(sa.select(Outage.ended_at, Outage.over_at)).one() == (None, NOW + HOUR)


def test_an_end_is_not_taken_back_once_it_would_be_over_anyway(app: Flask) -> None:
    outage_id = int(started(make.section("documents")).subject.removeprefix("outage-"))
    change = outages.end(outage_id, 1, PRIYA, NOW + timedelta(minutes=5))
    with pytest.raises(Refused, match="over anyway"):
        undone(change, minutes=61)


def test_a_toggle_gets_its_columns_and_its_sections_back(toggle: Toggle) -> None:
    held = toggles.section_ids_of(toggle.id)
    change = toggles.edit(toggle.id, 1, {**VALUES, "while_down": False}, frozenset(), PRIYA, NOW)
    back = undone(change)
    assert back is not None
    assert (back.kind, back.actor) == ("toggle.undo", "Tom Reed")
    assert db.session.scalar(sa.select(Toggle.while_down)) is True
    assert toggles.section_ids_of(toggle.id) == held


def test_a_section_gets_what_it_depended_on_back(app: Flask) -> None:
    section, ledger = make.section(), make.component("ledger")
    make.dependency(section, ledger)
    change = sections.edit(section.id, 1, {"name": "Another"}, (), PRIYA, NOW)
    undone(change)
    assert section.name != "Another"
    assert sections.depends_of(section.id) == (Depends(ledger.id),)


def test_a_section_does_not_depend_on_what_was_archived_since(app: Flask) -> None:
    section, ledger = make.section(), make.component("ledger")
    make.dependency(section, ledger)
    change = sections.edit(section.id, 1, {}, (), PRIYA, NOW)
    components.archive(ledger.id, ledger.version, PRIYA, NOW)
    with pytest.raises(Refused, match="is archived"):
        undone(change)


def test_taking_back_can_be_taken_back(toggle: Toggle) -> None:
    change = toggles.edit(toggle.id, 1, {**VALUES, "while_down": False}, frozenset(), PRIYA, NOW)
    undone(undone(change))
    assert db.session.scalar(sa.select(Toggle.while_down)) is False
    assert toggles.section_ids_of(toggle.id) == frozenset()


def test_archived_taken_back_is_in_the_list(toggle: Toggle) -> None:
    undone(toggles.archive(toggle.id, 1, PRIYA, NOW))
    assert db.session.scalar(sa.select(Toggle.archived_at)) is None


def test_a_status_taken_back_has_its_old_time_too(app: Flask) -> None:
    ledger = make.component("ledger", status_at=NOW - HOUR)
    undone(components.edit(ledger.id, 1, {"status": "major_outage"}, PRIYA, NOW))
    assert db.session.execute(sa.select(Component.status, Component.status_at)).one() == ("operational", NOW - HOUR)


def test_a_section_gets_its_words_back(app: Flask) -> None:
    section = make.section("documents", message="Old words")
    undone(sections.edit(section.id, 1, {"name": "Documents", "message": "New words"}, (), PRIYA, NOW))
    assert db.session.scalar(sa.select(Section.message)) == "Old words"


def test_nothing_is_taken_back_over_a_later_change(toggle: Toggle) -> None:
    change = toggles.edit(toggle.id, 1, {**VALUES, "owner": "Mine"}, frozenset(), PRIYA, NOW)
    toggles.edit(toggle.id, 2, {**VALUES, "owner": "Theirs"}, frozenset(), TOM, NOW)
    with pytest.raises(Conflict):
        undone(change)
    assert db.session.scalar(sa.select(Toggle.owner)) == "Theirs"


def test_what_was_made_is_archived_rather_than_undone(app: Flask) -> None:
    change = toggles.create("hide_it", VALUES, frozenset(), PRIYA, NOW)
    assert change is not None
    assert not undo.undoable(change)
    with pytest.raises(Refused, match="cannot be undone"):
        undo.undo(change.id, PRIYA, NOW)


def test_a_change_that_nobody_made(app: Flask) -> None:
    with pytest.raises(Refused):
        undo.undo(999, PRIYA, NOW)
