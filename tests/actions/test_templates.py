"""Templates are made, edited, ordered, copied, archived and restored; six come with the product, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import templates, undo
from dashboard.actions.ready_made import READY_MADE
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.models import Change, Template
from dashboard.rules import filling, wording
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]
VALUES: Values = {
    "noun": "incident",
    "name": "Supplier outage",
    "stage": "investigating",
    "title": "{section} is unavailable",
    "body": "You cannot pay.",
    "impacts": {"payments": "major_outage"},
    "sections": {"direct_deposit": "down"},
    "next_minutes": 30,
    "tells": True,
}


@pytest.fixture
def template(app: Flask) -> Template:
    templates.create("a-form-of-its-own", VALUES, PRIYA, NOW)
    return db.session.scalars(sa.select(Template)).one()


def names(noun: str = "incident") -> list[str]:
    return [row.name for row in templates.in_order(noun)]


def count() -> int:
    return db.session.scalar(sa.select(sa.func.count(Template.id))) or 0


def test_create_says_what_it_is(template: Template) -> None:
    change = db.session.scalars(sa.select(Change)).one()
    assert (change.kind, change.subject_name, change.after) == (
        "template.create",
        "Supplier outage",
        {**VALUES, "version": 1},
    )
    assert (template.impacts, template.sections) == (VALUES["impacts"], VALUES["sections"])


def test_the_same_form_twice_is_one_template(template: Template, kinds: Kinds) -> None:
    assert templates.create("a-form-of-its-own", {**VALUES, "name": "Other"}, PRIYA, NOW) is None
    assert kinds() == ["template.create"]


def test_two_of_one_name_are_a_trap(template: Template) -> None:
    with pytest.raises(Refused, match="There is a template “Supplier outage” already"):
        templates.create("another-form", VALUES, TOM, NOW)
    templates.create("another-form", {**VALUES, "noun": "window"}, TOM, NOW)
    with pytest.raises(Refused):
        templates.edit(make.template("Other").id, 1, {"name": "Supplier outage"}, TOM, NOW)


def test_edit_and_undo(template: Template) -> None:
    change = templates.edit(template.id, 1, {"impacts": {}, "next_minutes": None, "name": "New"}, TOM, NOW)
    assert (template.impacts, template.next_minutes) == ({}, None)
    assert change
    assert undo.offered(change) == change.id
    undo.undo(change.id, PRIYA, NOW)
    assert (template.impacts, template.next_minutes, template.name) == (VALUES["impacts"], 30, "Supplier outage")


def test_an_edit_that_changes_nothing(template: Template, kinds: Kinds) -> None:
    assert templates.edit(template.id, 7, VALUES, TOM, NOW) is None
    assert kinds() == ["template.create"]


def test_two_people_at_once(template: Template) -> None:
    templates.edit(template.id, 1, {"body": "Theirs"}, TOM, NOW)
    with pytest.raises(Conflict):
        templates.edit(template.id, 1, {"body": "Mine"}, PRIYA, NOW)


def test_undoing_the_making_archives_it(template: Template) -> None:
    change = db.session.scalars(sa.select(Change)).one()
    undo.undo(change.id, TOM, NOW)
    assert names() == []
    assert template.archived_at == NOW


def test_copies_have_names_of_their_own(template: Template) -> None:
    for once in ("first-copy", "second-copy", "second-copy"):
        templates.copy(template.id, once, TOM, NOW)
    assert names() == ["Supplier outage", "Supplier outage (copy 1)", "Supplier outage (copy 2)"]
    copy = templates.in_order("incident")[-1]
    assert {name: getattr(copy, name) for name in templates.COPIED} == {name: VALUES[name] for name in templates.COPIED}


def test_a_copy_of_a_long_name_still_fits_a_line(app: Flask) -> None:
    templates.copy(make.template("x" * 200).id, "a-copy", TOM, NOW)
    assert len(names()[-1]) <= 200


def test_move_stays_among_those_for_the_same(template: Template, kinds: Kinds) -> None:
    make.template("Overnight", "window", position=2)
    templates.create("another-form", {**VALUES, "name": "Slow"}, TOM, NOW)
    slow = templates.in_order("incident")[-1]
    assert templates.move(slow.id, True, TOM, NOW)
    assert (names(), names("window")) == (["Slow", "Supplier outage"], ["Overnight"])
    assert templates.move(slow.id, True, TOM, NOW) is None
    assert kinds()[-1] == "template.move"


def test_archive_and_restore(template: Template, kinds: Kinds) -> None:
    templates.archive(template.id, 1, TOM, NOW)
    assert templates.archive(template.id, 1, TOM, NOW) is None
    assert templates.move(template.id, True, TOM, NOW) is None
    templates.restore(template.id, 2, TOM, NOW)
    assert kinds() == ["template.create", "template.archive", "template.restore"]


@pytest.mark.parametrize("way", ["restore", "undo"])
def test_one_whose_name_was_taken_since_stays_archived(template: Template, way: str) -> None:
    change = templates.archive(template.id, 1, TOM, NOW)
    templates.create("another-form", VALUES, TOM, NOW)
    assert change
    with pytest.raises(Refused, match="Choose another name"):
        templates.restore(template.id, 2, TOM, NOW) if way == "restore" else undo.undo(change.id, TOM, NOW)


class TestReadyMade:
    def test_six_are_made_once(self, app: Flask, kinds: Kinds) -> None:
        assert templates.make_ready(NOW) == 6
        assert templates.make_ready(NOW) == 0
        assert kinds() == ["template.create"] * 6
        assert (len(names()), len(names("window"))) == (5, 1)

    def test_what_was_archived_or_changed_stays_so(self, app: Flask) -> None:
        templates.make_ready(NOW)
        first, second = templates.in_order("incident")[:2]
        templates.archive(first.id, 1, TOM, NOW)
        templates.edit(second.id, 1, {"name": "Ours"}, TOM, NOW)
        assert templates.make_ready(NOW) == 0
        assert count() == 6
        assert names()[0] == "Ours"

    def test_one_that_is_new_comes_with_an_update(self, app: Flask) -> None:
        templates.make_ready(NOW)
        db.session.delete(templates.in_order("window")[0])
        db.session.commit()
        assert templates.make_ready(NOW) == 1

    @pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.once)
    def test_they_are_written_as_we_ask_others_to_write(self, ready) -> None:
        words = f"{ready.title} {ready.body}"
        assert filling.unknown(words) == []
        assert wording.discouraged(words) == []
        assert len(filling.sampled(ready.title).split()) <= 9
        assert len(filling.sampled(ready.body).split()) <= 60
        assert ("{next}" in words) == (ready.next_minutes is not None)

    def test_a_new_instance_has_them(self, app: Flask) -> None:
        for _ in range(2):
            assert app.test_cli_runner().invoke(args=["init"]).exit_code == 0
        assert count() == 6
