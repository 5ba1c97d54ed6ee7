"""Making, editing, ordering, archiving and restoring sections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import sections
from dashboard.actions.sections import Depends
from dashboard.actions.writing import Conflict, Refused
from dashboard.db import db
from dashboard.models import Dependency, Section
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

VALUES = {"name": "Direct deposit", "parent_id": None, "message": "You cannot see your bank details."}


def test_create_takes_the_last_place(app: Flask) -> None:
    sections.create("first", {**VALUES, "name": "First"}, (), PRIYA, NOW)
    sections.create("second", {**VALUES, "name": "Second"}, (), PRIYA, NOW)
    assert list(db.session.scalars(sa.select(Section.key).order_by(Section.position))) == ["first", "second"]


def test_a_key_is_never_used_again(app: Flask) -> None:
    make.section("direct_deposit", archived_at=NOW)
    with pytest.raises(Refused, match="never used again"):
        sections.create("direct_deposit", VALUES, (), PRIYA, NOW)


def test_the_same_form_twice_makes_one_section(app: Flask) -> None:
    depends = (Depends(make.component().id),)
    for _ in range(2):
        sections.create("first", VALUES, depends, PRIYA, NOW)
    assert db.session.scalars(sa.select(Section.key)).all() == ["first"]
    with pytest.raises(Refused, match="is taken"):
        sections.create("first", VALUES, (), PRIYA, NOW)


def test_edit_records_only_what_differs(app: Flask) -> None:
    section = make.section("direct_deposit", "Direct deposit")
    change = sections.edit(section.id, 1, VALUES, (), PRIYA, NOW)
    assert change is not None
    assert change.before == {"message": ""}
    assert change.after == {"message": VALUES["message"], "version": 2}


def test_edit_of_nothing_writes_nothing(app: Flask) -> None:
    section = make.section("direct_deposit", "Direct deposit")
    assert sections.edit(section.id, 1, {"name": "Direct deposit", "parent_id": None}, (), PRIYA, NOW) is None
    assert section.version == 1


def test_dependencies_are_replaced_and_counted_as_a_change(app: Flask) -> None:
    section, component = make.section(), make.component()
    values = {"name": section.name, "parent_id": None}
    change = sections.edit(section.id, 1, values, (Depends(component.id, "warn"),), PRIYA, NOW)
    assert change is not None
    assert (change.before, change.after) == (
        {"depends": []},
        {"depends": [[component.id, "warn", "nothing"]], "version": 2},
    )
    assert db.session.scalars(sa.select(Dependency.on_window)).all() == ["warn"]
    with pytest.raises(Conflict):
        sections.edit(section.id, 1, values, (), TOM, NOW)


def test_what_it_depended_on_from_the_start_is_told(app: Flask) -> None:
    component = make.component()
    change = sections.create("first", {"name": "First"}, (Depends(component.id),), PRIYA, NOW)
    assert change is not None
    assert change.after == {"key": "first", "name": "First", "depends": [[component.id, "down", "nothing"]]}


@pytest.mark.parametrize("given", ["parent", "component"])
def test_nothing_is_laid_on_what_is_archived(app: Flask, given: str) -> None:
    parent, component = make.section("money", archived_at=NOW), make.component("ledger", archived_at=NOW)
    depends = (Depends(component.id),) if given == "component" else ()
    values = {"name": "First", "parent_id": parent.id if given == "parent" else None}
    with pytest.raises(Refused, match="is archived"):
        sections.create("first", values, depends, PRIYA, NOW)
    section = make.section("second")
    with pytest.raises(Refused, match="is archived"):
        sections.edit(section.id, 1, values, depends, PRIYA, NOW)


def test_a_section_cannot_lie_within_itself(app: Flask) -> None:
    parent = make.section("money")
    child = make.section("direct_deposit", parent=parent)
    with pytest.raises(Refused, match="part of itself"):
        sections.edit(parent.id, 1, {"name": "Money", "parent_id": child.id}, (), PRIYA, NOW)


@pytest.mark.parametrize(("key", "up", "want"), [("b", True, "bac"), ("b", False, "acb"), ("a", True, "abc")])
def test_move(app: Flask, key: str, up: bool, want: str) -> None:
    rows = {name: make.section(name, position=place) for place, name in enumerate("abc")}
    sections.move(rows[key].id, up, PRIYA, NOW)
    assert "".join(db.session.scalars(sa.select(Section.key).order_by(Section.position))) == want


def test_a_move_is_in_no_editor_s_way(app: Flask) -> None:
    rows = [make.section(name, position=1) for name in "abc"]
    sections.move(rows[1].id, False, PRIYA, NOW)
    assert [(row.key, row.position, row.version) for row in rows] == [("a", 1, 1), ("b", 3, 1), ("c", 2, 1)]


def test_a_conflict_names_who_edited_not_who_moved(app: Flask) -> None:
    row, _ = make.section("a"), make.section("b")
    sections.edit(row.id, 1, {"owner": "Payments"}, (), PRIYA, NOW)
    sections.move(row.id, False, TOM, NOW)
    with pytest.raises(Conflict) as found:
        sections.edit(row.id, 1, {"owner": "Letters"}, (), TOM, NOW)
    assert found.value.change is not None
    assert (found.value.change.kind, found.value.change.actor) == ("section.edit", "Priya Shah")


def test_an_archived_one_is_not_moved(app: Flask) -> None:
    row, _ = make.section("a", archived_at=NOW), make.section("b")
    assert sections.move(row.id, False, PRIYA, NOW) is None


def test_archive_and_restore(app: Flask, kinds: Callable[[], list[str]]) -> None:
    section = make.section()
    sections.archive(section.id, 1, PRIYA, NOW)
    assert section.archived_at == NOW
    sections.restore(section.id, 2, PRIYA, NOW)
    assert section.archived_at is None
    assert kinds() == ["section.archive", "section.restore"]


def test_archived_twice_is_archived_once(app: Flask) -> None:
    section = make.section(archived_at=NOW)
    assert sections.archive(section.id, 1, PRIYA, NOW + timedelta(hours=1)) is None
    assert section.archived_at == NOW


def test_archive_is_refused_while_it_is_off_or_has_parts(app: Flask) -> None:
    parent = make.section("money")
    child = make.section("direct_deposit", parent=parent)
    make.outage(child)
    with pytest.raises(Refused, match="Archive its parts first"):
        sections.archive(parent.id, 1, PRIYA, NOW)
    with pytest.raises(Refused, match="Bring it back first"):
        sections.archive(child.id, 1, PRIYA, NOW)


def test_restore_below_an_archived_parent_stands_at_the_top(app: Flask) -> None:
    parent = make.section("money", archived_at=NOW)
    child = make.section("direct_deposit", parent=parent, archived_at=NOW)
    sections.restore(child.id, 1, PRIYA, NOW)
    assert child.parent_id is None


def test_restore_is_refused_while_what_it_depends_on_is_archived(app: Flask) -> None:
    section, ledger = make.section(archived_at=NOW), make.component("ledger", archived_at=NOW)
    make.dependency(section, ledger)
    with pytest.raises(Refused, match="depends on is archived: Ledger"):
        sections.restore(section.id, 1, PRIYA, NOW)
