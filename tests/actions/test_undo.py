"""A change is taken back as a whole, unless somebody has changed its subject since."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import components, outages, overrules, sections, toggles, undo
from dashboard.actions.outages import Plan
from dashboard.actions.sections import Depends
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.models import Change, Component, Outage, Overrule, Section, Toggle
from dashboard.rules.state import AtEnd
from dashboard.rules.status import Status
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

HOUR = timedelta(hours=1)
VALUES: Values = {"while_down": True, "owner": "Payments team", "sentence": "Hides the form."}


@pytest.fixture
def toggle(app: Flask) -> Toggle:
    return make.toggle("hide_direct_deposit", make.section("direct_deposit"))


def started(section: Section, at: datetime = NOW) -> Change:
    plan = Plan(at, at + HOUR, AtEnd.RESTORE, "Why", "", "", "Europe/London", "", "", "a-form-of-its-own")
    change = outages.start(section.id, plan, PRIYA, at)
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


def test_a_planned_one_that_was_called_off_is_planned_again(app: Flask) -> None:
    outage = make.outage(make.section("documents"), start=NOW + 5 * HOUR)
    undone(outages.end(outage.id, 1, PRIYA, NOW), minutes=120)
    assert (outage.ended_at, outage.over_at) == (None, NOW + 6 * HOUR)


def test_what_is_late_is_late_again(app: Flask) -> None:
    outage = make.outage(make.section("documents"), start=NOW - 2 * HOUR, at_end="hold")
    undone(outages.end(outage.id, 1, PRIYA, NOW))
    assert (outage.ended_at, outage.over_at) == (None, None)


def test_an_earlier_end_that_has_passed_is_now(app: Flask) -> None:
    outage = make.outage(make.section("documents"))
    undone(outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/London", "", PRIYA, NOW), minutes=90)
    assert (outage.planned_end, outage.over_at) == (NOW + HOUR, NOW + 1.5 * HOUR)


def test_an_end_that_counts_after_all_counts_from_now(app: Flask) -> None:
    outage = make.outage(make.section("documents"))
    back = undone(outages.end(outage.id, 1, PRIYA, NOW + timedelta(minutes=5)), minutes=6)
    undone(back, minutes=9)
    assert (outage.ended_at, outage.over_at) == (NOW + timedelta(minutes=9), NOW + timedelta(minutes=9))


class TestWhatIsOver:
    """It stays as it was: nothing that is told of the past becomes another thing."""

    @pytest.fixture
    def outage(self, app: Flask) -> Outage:
        return make.outage(make.section("documents"), minutes=60)

    def refused(self, outage: Outage, change: Change | None, minutes: int, sentence: str) -> None:
        kept = {column.name: getattr(outage, column.name) for column in Outage.__table__.columns}
        with pytest.raises(Refused, match=sentence):
            undone(change, minutes)
        assert {name: getattr(outage, name) for name in kept} == kept

    def test_a_start(self, app: Flask) -> None:
        change = started(make.section("documents"))
        outage = db.session.scalars(sa.select(Outage)).one()
        self.refused(outage, change, 61, "over anyway")

    def test_an_end_of_what_would_be_over(self, outage: Outage) -> None:
        change = outages.end(outage.id, 1, PRIYA, NOW + timedelta(minutes=55))
        self.refused(outage, change, 61, "over anyway")

    def test_an_end_of_long_ago(self, outage: Outage) -> None:
        change = outages.end(outage.id, 1, PRIYA, NOW + timedelta(minutes=5))
        self.refused(outage, change, 16, "stays as it was")

    def test_a_shorter_end(self, outage: Outage) -> None:
        change = outages.extend(outage.id, 1, NOW + HOUR / 2, "Europe/London", "", PRIYA, NOW)
        self.refused(outage, change, 31, "stays as it was")

    def test_its_words(self, outage: Outage) -> None:
        change = outages.edit_words(outage.id, 1, "Others", "", "Why", PRIYA, NOW)
        self.refused(outage, change, 61, "over anyway")

    def test_an_end_after_which_another_began(self, outage: Outage) -> None:
        change = outages.end(outage.id, 1, PRIYA, NOW + timedelta(minutes=1))
        started(db.session.get_one(Section, outage.section_id), NOW + timedelta(minutes=2))
        self.refused(outage, change, 3, "taken off anew")

    def test_an_end_after_which_the_section_was_archived(self, outage: Outage) -> None:
        change = outages.end(outage.id, 1, PRIYA, NOW + timedelta(minutes=1))
        sections.archive(outage.section_id, 1, PRIYA, NOW + timedelta(minutes=2))
        self.refused(outage, change, 3, "is archived")


class TestOverrules:
    @pytest.fixture
    def change(self, app: Flask) -> Change | None:
        self.section, ledger = make.section("documents"), make.component("ledger")
        make.dependency(self.section, ledger)
        self.window = make.window(ledger)
        return overrules.start(self.section.id, self.window.id, NOW + HOUR, "Reads only", "x" * 20, PRIYA, NOW)

    def ends_at(self) -> datetime | None:
        return db.session.scalar(sa.select(Overrule.ends_at))

    def test_a_start_taken_back_ends_it(self, change: Change | None) -> None:
        undone(change)
        assert self.ends_at() == NOW + timedelta(minutes=1)

    def test_an_end_taken_back_goes_on(self, change: Change | None) -> None:
        undone(overrules.end(1, 1, PRIYA, NOW))
        assert self.ends_at() == NOW + HOUR

    def test_not_when_the_window_is_gone(self, change: Change | None) -> None:
        back = overrules.end(1, 1, PRIYA, NOW)
        self.window.gone_at = NOW
        db.session.commit()
        with pytest.raises(Refused, match="is over: there is nothing"):
            undone(back)


class TestSameRefusals:
    """Nobody makes by Undo what could not be made by the action itself."""

    def test_no_section_comes_to_lie_within_itself(self, app: Flask) -> None:
        one, other = make.section("documents"), make.section("letters")
        sections.edit(one.id, 1, {"parent_id": other.id}, (), PRIYA, NOW)
        change = sections.edit(one.id, 2, {"parent_id": None}, (), PRIYA, NOW)
        sections.edit(other.id, 1, {"parent_id": one.id}, (), TOM, NOW)
        with pytest.raises(Refused, match="part of itself"):
            undone(change)

    def test_nor_within_what_was_archived_since(self, app: Flask) -> None:
        parent = make.section("letters")
        child = make.section("documents", parent=parent)
        change = sections.edit(child.id, 1, {"parent_id": None}, (), PRIYA, NOW)
        sections.archive(parent.id, 1, TOM, NOW)
        with pytest.raises(Refused, match="Letters is archived"):
            undone(change)

    def test_no_section_is_archived_while_it_is_off(self, app: Flask) -> None:
        section = make.section("documents", archived_at=NOW)
        change = sections.restore(section.id, 1, PRIYA, NOW)
        make.outage(section)
        with pytest.raises(Refused, match="Bring it back first"):
            undone(change)

    def test_no_section_is_restored_that_depends_on_what_was_archived_since(self, app: Flask) -> None:
        section, ledger = make.section(), make.component("ledger")
        make.dependency(section, ledger)
        change = sections.archive(section.id, 1, PRIYA, NOW)
        components.archive(ledger.id, 1, TOM, NOW)
        with pytest.raises(Refused, match="depends on is archived: Ledger"):
            undone(change)

    def test_no_component_is_archived_on_which_a_section_depends(self, app: Flask) -> None:
        ledger = make.component("ledger", archived_at=NOW)
        change = components.restore(ledger.id, 1, PRIYA, NOW)
        make.dependency(make.section("documents"), ledger)
        with pytest.raises(Refused, match="depend on it: Documents"):
            undone(change)


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
    undone(components.set_status(ledger.id, 1, Status.MAJOR_OUTAGE, None, PRIYA, NOW))
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
