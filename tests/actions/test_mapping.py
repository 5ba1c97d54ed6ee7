"""From a PagerDuty service to the sections that its windows take off: one form, one transaction."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import components, mapping, sections, undo
from dashboard.actions.mapping import Mapping
from dashboard.actions.writing import Refused
from dashboard.db import db
from dashboard.models import Change, Component, Dependency, Section, Service
from tests import make
from tests.actions.conftest import PRIYA
from tests.conftest import NOW

Kinds = Callable[[], list[str]]


@pytest.fixture
def documents(app: Flask) -> Section:
    return make.section("documents")


def wanted(*sections: Section, component: Component | None = None, name: str = "Ledger") -> Mapping:
    component_id = component.id if component else None
    return Mapping("P0AAAA1", "External: Ledger", component_id, name, frozenset(section.id for section in sections))


def depends() -> list[tuple[int, str]]:
    rows = sa.select(Dependency.section_id, Dependency.on_window).order_by(Dependency.section_id)
    return [(section_id, effect) for section_id, effect in db.session.execute(rows)]


def test_a_new_component_its_service_and_its_sections(documents: Section, kinds: Kinds) -> None:
    component = mapping.connect(wanted(documents), PRIYA, NOW)
    assert (component.key, component.name, component.status) == ("ledger", "Ledger", "operational")
    assert db.session.scalars(sa.select(Service.external_id)).one() == "P0AAAA1"
    assert depends() == [(documents.id, "down")]
    assert kinds() == ["component.create", "component.map", "section.depends"]


def test_a_new_components_key_leads_to_it_and_to_no_other_screen(app: Flask) -> None:
    assert mapping.connect(wanted(name="New"), PRIYA, NOW).key == "new_2"


def test_an_existing_component(documents: Section, kinds: Kinds) -> None:
    ledger = make.component("ledger")
    mapping.connect(wanted(documents, component=ledger), PRIYA, NOW)
    assert kinds() == ["component.map", "section.depends"]
    assert db.session.scalar(sa.select(Service.component_id)) == ledger.id


def test_sent_twice_it_is_done_once(documents: Section, kinds: Kinds) -> None:
    for _ in range(2):
        mapping.connect(wanted(documents), PRIYA, NOW)
    assert kinds() == ["component.create", "component.map", "section.depends"]


def test_what_a_section_depends_on_already_stays(documents: Section) -> None:
    ledger, bank = make.component("ledger"), make.component("bank")
    make.dependency(documents, ledger, on_window="warn")
    make.dependency(documents, bank)
    mapping.connect(wanted(documents, component=ledger), PRIYA, NOW)
    assert depends() == [(documents.id, "warn"), (documents.id, "down")]


def test_a_section_that_did_not_mind_is_taken_off_from_now_on(documents: Section) -> None:
    ledger = make.component("ledger")
    make.dependency(documents, ledger, on_window="nothing", on_major="warn")
    mapping.connect(wanted(documents, component=ledger), PRIYA, NOW)
    assert sections.depends_of(documents.id) == (sections.Depends(ledger.id, "down", "warn"),)


def test_a_section_that_is_being_edited_meets_a_conflict(documents: Section) -> None:
    mapping.connect(wanted(documents), PRIYA, NOW)
    assert db.session.scalar(sa.select(Section.version)) == 2
    change = db.session.scalars(sa.select(Change).order_by(Change.id.desc())).all()[0]
    assert change.after is not None
    assert [component_id for component_id, *_ in change.after["depends"]] == [
        one.component_id for one in sections.depends_of(documents.id)
    ]


@pytest.mark.parametrize(
    ("name", "key"), [("Ledger", "ledger_2"), ("Ⓛedger", "ledger_2"), ("–", "component"), ("Maps", "maps_2")]
)
def test_a_key_that_nobody_had(app: Flask, name: str, key: str) -> None:
    make.component("ledger", archived_at=NOW)
    make.component("MAPS", archived_at=NOW)
    assert mapping.connect(wanted(name=name), PRIYA, NOW).key == key


@pytest.mark.parametrize("name", ["Ledger", "ledger"])
def test_no_second_component_of_a_name(app: Flask, kinds: Kinds, name: str) -> None:
    make.component("ledger")
    with pytest.raises(Refused, match="Ledger is there already") as refused:
        mapping.connect(wanted(name=name), PRIYA, NOW)
    assert (refused.value.field, kinds()) == ("new_name", [])


def test_an_archived_section_is_left_alone(app: Flask) -> None:
    mapping.connect(wanted(make.section("old", archived_at=NOW)), PRIYA, NOW)
    assert depends() == []


def test_an_archived_component_is_refused(app: Flask) -> None:
    with pytest.raises(Refused, match="not there any more") as refused:
        mapping.connect(wanted(component=make.component("ledger", archived_at=NOW)), PRIYA, NOW)
    assert refused.value.field == "component"


@pytest.mark.parametrize("external_id", ["", "../users", "P 1", "P" * 65, "naïve"])
def test_what_is_no_id_is_refused_and_nothing_is_made(external_id: str, app: Flask, kinds: Kinds) -> None:
    with pytest.raises(Refused, match="not the id of a PagerDuty service"):
        mapping.connect(Mapping(external_id, "x", None, "x"), PRIYA, NOW)
    assert kinds() == []


def test_the_change_says_what_stands_for_what(app: Flask) -> None:
    ledger = make.component("ledger")
    mapping.connect(wanted(component=ledger), PRIYA, NOW)
    change = db.session.scalars(sa.select(Change)).one()
    assert (change.kind, change.subject) == ("component.map", f"component-{ledger.id}")
    assert (change.actor, change.after) == ("Priya Shah", {"service": "P0AAAA1", "name": "External: Ledger"})


def test_it_stands_for_it_no_more(app: Flask) -> None:
    ledger = make.component("ledger")
    make.service(ledger)
    change = mapping.disconnect("P0AAAA1", ledger.id, PRIYA, NOW)
    assert change is not None
    assert (change.kind, db.session.scalars(sa.select(Service)).all()) == ("component.unmap", [])
    assert mapping.disconnect("P0AAAA1", ledger.id, PRIYA, NOW) is None


def test_undone_it_stands_for_it_again(app: Flask) -> None:
    ledger = make.component("ledger")
    make.service(ledger, name="External: Ledger")
    change = mapping.disconnect("P0AAAA1", ledger.id, PRIYA, NOW)
    undone = undo.undo(undo.offered(change) or 0, PRIYA, NOW)
    assert undone is not None
    assert (undone.kind, db.session.scalars(sa.select(Service.name)).one()) == ("component.map", "External: Ledger")
    assert undo.undo(undo.offered(change) or 0, PRIYA, NOW) is None


def test_not_for_an_archived_component(app: Flask) -> None:
    ledger = make.component("ledger")
    make.service(ledger)
    change = mapping.disconnect("P0AAAA1", ledger.id, PRIYA, NOW)
    components.archive(ledger.id, 1, PRIYA, NOW)
    with pytest.raises(Refused, match="Ledger is archived"):
        undo.undo(undo.offered(change) or 0, PRIYA, NOW)


class TestList:
    """A list of services by the names that front ends know."""

    def test_names_become_components_that_stand_for_their_services(self, app: Flask, kinds: Kinds) -> None:
        taken = mapping.take_list({"payments_core": ("P0AAAA1",), "MAPS": ("P0BBBB2", "P0CCCC3")}, PRIYA, NOW)
        assert (taken.mapped, taken.made, taken.known) == (("payments_core", "MAPS"), 2, 0)
        assert mapping.list_of_services() == {"MAPS": ("P0BBBB2", "P0CCCC3"), "payments_core": ("P0AAAA1",)}
        assert kinds() == ["component.create", "component.map", "component.create", *["component.map"] * 2]

    def test_what_is_there_stays_and_is_not_said_again(self, app: Flask, kinds: Kinds) -> None:
        make.service(make.component("ledger"), "P0ZZZZ9")
        for _ in range(2):
            taken = mapping.take_list({"ledger": ("P0AAAA1",)}, PRIYA, NOW)
        assert (taken.mapped, taken.made, taken.known) == ((), 0, 1)
        assert mapping.list_of_services() == {"ledger": ("P0AAAA1", "P0ZZZZ9")}
        assert kinds() == ["component.map"]

    def test_all_or_nothing(self, app: Flask, kinds: Kinds) -> None:
        make.component("old", archived_at=NOW)
        with pytest.raises(Refused, match="is archived"):
            mapping.take_list({"fine": ("P0AAAA1",), "old": ("P0BBBB2",)}, PRIYA, NOW)
        assert (kinds(), mapping.list_of_services()) == ([], {})

    def test_a_name_that_differs_in_its_capitals_alone_is_refused(self, app: Flask) -> None:
        make.component("ledger")
        with pytest.raises(Refused, match="LEDGER differs from ledger"):
            mapping.take_list({"LEDGER": ("P0AAAA1",)}, PRIYA, NOW)

    def test_nor_may_two_of_a_list(self, app: Flask, kinds: Kinds) -> None:
        with pytest.raises(Refused, match="LEDGER differs from ledger"):
            mapping.take_list({"ledger": ("P0AAAA1",), "LEDGER": ("P0BBBB2",)}, PRIYA, NOW)
        assert kinds() == []

    def test_what_is_archived_is_not_listed(self, app: Flask) -> None:
        make.service(make.component("old", archived_at=NOW))
        assert mapping.list_of_services() == {}
