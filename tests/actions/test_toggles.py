"""Feature toggles are made, edited, archived and restored; each time with one change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish
from dashboard.actions import toggles, undo
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.models import Change, Section, Toggle, ToggleAlias
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]
VALUES: Values = {"while_down": True, "owner": "Payments team", "sentence": "Hides the form."}


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section("direct_deposit")


@pytest.fixture
def toggle(section: Section) -> Toggle:
    toggles.create("hide_direct_deposit", VALUES, frozenset({section.id}), PRIYA, NOW)
    return db.session.scalars(sa.select(Toggle)).one()


def last() -> Change:
    return db.session.scalars(sa.select(Change).order_by(Change.id.desc())).all()[0]


def test_create_says_what_it_is_and_which_sections_it_follows(toggle: Toggle, section: Section) -> None:
    assert last().after == {**VALUES, "sections": [section.id]}
    assert toggles.section_ids_of(toggle.id) == {section.id}


def test_the_same_form_twice_is_one_toggle(toggle: Toggle, section: Section, kinds: Kinds) -> None:
    assert toggles.create(toggle.name, VALUES, frozenset({section.id}), PRIYA, NOW) is None
    assert kinds() == ["toggle.create"]


@pytest.mark.parametrize("archived", [False, True])
def test_a_name_is_never_used_again(toggle: Toggle, archived: bool) -> None:
    if archived:
        toggles.archive(toggle.id, 1, PRIYA, NOW)
    with pytest.raises(Refused, match="is taken, or was") as refused:
        toggles.create("hide_direct_deposit", {**VALUES, "owner": "Others"}, frozenset(), TOM, NOW)
    assert refused.value.field == "name"


def test_edit_is_one_change_of_columns_and_sections(toggle: Toggle, section: Section, kinds: Kinds) -> None:
    other = make.section("documents")
    toggles.edit(toggle.id, 1, {**VALUES, "owner": "Others"}, frozenset({other.id}), TOM, NOW)
    assert kinds() == ["toggle.create", "toggle.edit"]
    assert last().before == {"owner": "Payments team", "sections": [section.id]}
    assert last().after == {"owner": "Others", "sections": [other.id], "version": 2}


def test_other_sections_alone_are_another_version(toggle: Toggle) -> None:
    toggles.edit(toggle.id, 1, VALUES, frozenset(), TOM, NOW)
    assert db.session.scalar(sa.select(Toggle.version)) == 2


def test_an_edit_that_changes_nothing_writes_nothing(toggle: Toggle, section: Section, kinds: Kinds) -> None:
    assert toggles.edit(toggle.id, 1, VALUES, frozenset({section.id}), TOM, NOW) is None
    assert kinds() == ["toggle.create"]


def test_two_people_at_once(toggle: Toggle) -> None:
    toggles.edit(toggle.id, 1, {**VALUES, "owner": "Others"}, frozenset(), TOM, NOW)
    with pytest.raises(Conflict) as conflict:
        toggles.edit(toggle.id, 1, VALUES, frozenset(), PRIYA, NOW)
    assert conflict.value.change is not None
    assert conflict.value.change.actor == "Tom Reed"


def test_archive_and_restore_once_each(toggle: Toggle, kinds: Kinds) -> None:
    assert toggles.restore(toggle.id, 1, PRIYA, NOW) is None
    toggles.archive(toggle.id, 1, PRIYA, NOW)
    assert toggles.archive(toggle.id, 2, PRIYA, NOW) is None
    toggles.restore(toggle.id, 2, PRIYA, NOW)
    assert kinds() == ["toggle.create", "toggle.archive", "toggle.restore"]


def named() -> tuple[str, dict[str, bool]]:
    """Its name, and the earlier ones: can it still be asked for by them?"""
    aliases = db.session.execute(sa.select(ToggleAlias.name, ToggleAlias.gone_at).order_by(ToggleAlias.name))
    return db.session.scalars(sa.select(Toggle.name)).one(), {name: gone_at is None for name, gone_at in aliases}


class TestRenaming:
    def test_the_name_that_it_had_reads_the_same(self, toggle: Toggle) -> None:
        change = toggles.rename(toggle.id, 1, "hide_payments", TOM, NOW)
        assert change is not None
        assert (change.kind, change.subject_name, toggle.version) == ("toggle.rename", "hide_payments", 2)
        assert named() == ("hide_payments", {"hide_direct_deposit": True})
        assert publish.read_facts(NOW).toggles[0].aliases == ("hide_direct_deposit",)

    def test_to_what_it_is_called_already(self, toggle: Toggle) -> None:
        assert toggles.rename(toggle.id, 1, "hide_direct_deposit", TOM, NOW) is None

    def test_back_to_an_earlier_name(self, toggle: Toggle) -> None:
        toggles.rename(toggle.id, 1, "hide_payments", TOM, NOW)
        toggles.rename(toggle.id, 2, "hide_direct_deposit", TOM, NOW)
        assert named() == ("hide_direct_deposit", {"hide_payments": True})

    @pytest.mark.parametrize("taken", ["other", "earlier", "let_go", "old"])
    def test_nobody_gets_a_name_that_was_ever_anothers(self, toggle: Toggle, taken: str) -> None:
        other = make.toggle("let_go")
        toggles.rename(other.id, 1, "earlier", TOM, NOW)
        toggles.release(other.id, 2, "let_go", TOM, NOW)
        toggles.rename(other.id, 3, "other", TOM, NOW)
        make.toggle("old", archived_at=NOW)
        with pytest.raises(Refused, match="is taken, or was"):
            toggles.rename(toggle.id, 1, taken, PRIYA, NOW)
        with pytest.raises(Refused, match="is taken, or was"):
            toggles.create(taken, {**VALUES, "owner": "Others"}, frozenset(), PRIYA, NOW)

    def test_two_people_at_once(self, toggle: Toggle) -> None:
        toggles.rename(toggle.id, 1, "hide_payments", TOM, NOW)
        with pytest.raises(Conflict):
            toggles.rename(toggle.id, 1, "hide_money", PRIYA, NOW)
        with pytest.raises(Conflict):
            toggles.release(toggle.id, 1, "hide_direct_deposit", PRIYA, NOW)

    def test_taken_back_the_new_name_is_known_no_more_and_stays_reserved(self, toggle: Toggle) -> None:
        change = toggles.rename(toggle.id, 1, "hide_payments", TOM, NOW)
        assert change is not None
        back = undo.undo(change.id, PRIYA, NOW)
        assert named() == ("hide_direct_deposit", {"hide_payments": False})
        assert back is not None
        undo.undo(back.id, PRIYA, NOW)
        assert named() == ("hide_payments", {"hide_direct_deposit": True})


class TestLettingGo:
    def test_code_that_asks_by_it_is_told_that_it_is_not_known(self, toggle: Toggle) -> None:
        toggles.rename(toggle.id, 1, "hide_payments", TOM, NOW)
        change = toggles.release(toggle.id, 2, "hide_direct_deposit", TOM, NOW)
        assert change is not None
        assert (change.before, toggle.version) == ({"aliases": ["hide_direct_deposit"]}, 3)
        assert named() == ("hide_payments", {"hide_direct_deposit": False})
        assert publish.read_facts(NOW).toggles[0].aliases == ()

    def test_twice_is_once(self, toggle: Toggle) -> None:
        assert toggles.release(toggle.id, 1, "hide_direct_deposit", TOM, NOW) is None
        assert toggles.release(toggle.id, 1, "never", TOM, NOW) is None

    def test_taken_back_it_reads_the_same_again(self, toggle: Toggle) -> None:
        toggles.rename(toggle.id, 1, "hide_payments", TOM, NOW)
        change = toggles.release(toggle.id, 2, "hide_direct_deposit", TOM, NOW)
        assert undo.offered(change)
        assert change is not None
        undo.undo(change.id, PRIYA, NOW)
        assert named() == ("hide_payments", {"hide_direct_deposit": True})
