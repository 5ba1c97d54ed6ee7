"""Components are made, edited, ordered, archived and restored; and said to be how they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish
from dashboard.actions import components, undo
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.models import Change, Component, Incident
from dashboard.rules.status import Status
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]
VALUES: Values = {"name": "Ledger", "group": "Suppliers"}
HOUR = timedelta(hours=1)
LATER = NOW + HOUR


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
        {"key": "ledger", **VALUES, "status": "operational"},
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


def test_keys_differ_in_more_than_their_capitals(ledger: Component) -> None:
    with pytest.raises(Refused, match="“ledger” is taken"):
        components.create("LEDGER", VALUES, PRIYA, NOW)


def stored() -> tuple[str, datetime, datetime | None]:
    columns = sa.select(Component.status, Component.status_at, Component.status_until)
    return tuple(db.session.execute(columns).one())


def say(ledger: Component, status: str, until: datetime | None = None, at: datetime = LATER) -> Change | None:
    return components.set_status(ledger.id, ledger.version, Status(status), until, TOM, at)


class TestStatus:
    def test_it_counts_from_then(self, ledger: Component) -> None:
        say(ledger, "partial_outage")
        assert stored() == ("partial_outage", LATER, None)

    def test_it_may_hold_for_a_time_only(self, ledger: Component) -> None:
        change = say(ledger, "partial_outage", LATER + HOUR)
        assert stored() == ("partial_outage", LATER, LATER + HOUR)
        assert change.after["status_until"] == (LATER + HOUR).isoformat()

    def test_the_same_again_writes_nothing(self, ledger: Component, kinds: Kinds) -> None:
        assert say(ledger, "operational") is None
        say(ledger, "partial_outage", LATER + HOUR)
        assert components.set_status(ledger.id, 1, Status.PARTIAL_OUTAGE, LATER + HOUR, PRIYA, LATER) is None
        assert kinds() == ["component.create", "component.status"]

    def test_another_status_clears_the_end(self, ledger: Component) -> None:
        say(ledger, "partial_outage", LATER + HOUR)
        say(ledger, "major_outage")
        assert stored() == ("major_outage", LATER, None)

    def test_what_works_works_until_further_notice(self, ledger: Component) -> None:
        say(ledger, "partial_outage")
        say(ledger, "operational", LATER + HOUR)
        assert stored() == ("operational", LATER, None)

    def test_another_end_leaves_the_beginning(self, ledger: Component) -> None:
        say(ledger, "partial_outage", LATER + HOUR)
        say(ledger, "partial_outage", LATER + 2 * HOUR, LATER + HOUR / 2)
        assert stored() == ("partial_outage", LATER, LATER + 2 * HOUR)

    def test_what_had_passed_begins_anew(self, ledger: Component) -> None:
        say(ledger, "partial_outage", LATER + HOUR)
        say(ledger, "partial_outage", None, LATER + 2 * HOUR)
        assert stored() == ("partial_outage", LATER + 2 * HOUR, None)

    @pytest.mark.parametrize("until", [LATER, LATER - HOUR])
    def test_a_time_that_has_passed_is_refused(self, ledger: Component, until: datetime) -> None:
        with pytest.raises(Refused, match="That time has passed") as found:
            say(ledger, "partial_outage", until)
        assert found.value.field == "until_at"
        assert stored()[0] == "operational"

    def test_a_change_tells_status_and_end_even_where_one_stays(self, ledger: Component) -> None:
        say(ledger, "partial_outage", LATER + HOUR)
        change = say(ledger, "partial_outage")
        assert change.before == {"status": "partial_outage", "status_until": (LATER + HOUR).isoformat()}
        assert change.after == {"status": "partial_outage", "status_until": None, "version": 3}

    def test_undo_brings_the_end_back(self, ledger: Component) -> None:
        say(ledger, "partial_outage", LATER + HOUR)
        change = say(ledger, "operational", at=LATER + HOUR / 2)
        undo.undo(change.id, TOM, LATER + HOUR / 2)
        assert stored() == ("partial_outage", LATER, LATER + HOUR)

    def test_no_undo_brings_back_what_would_be_over(self, ledger: Component) -> None:
        say(ledger, "partial_outage", LATER + HOUR)
        change = say(ledger, "operational", at=LATER + HOUR / 2)
        with pytest.raises(Refused):
            undo.undo(change.id, TOM, LATER + HOUR)

    def test_the_reader_knows_each_of_them(self, ledger: Component) -> None:
        say(ledger, "partial_outage", LATER + HOUR)
        change = say(ledger, "major_outage", at=LATER + HOUR / 2)
        undo.undo(change.id, TOM, LATER + HOUR * 3 / 4)
        [fact] = publish.read_facts(LATER + HOUR).components
        assert [(one.at, str(one.status), one.until) for one in fact.standings] == [
            (NOW, "operational", None),
            (LATER, "partial_outage", LATER + HOUR),
            (LATER + HOUR / 2, "major_outage", None),
            (LATER + HOUR * 3 / 4, "partial_outage", LATER + HOUR),
        ]
        assert fact.baseline(LATER + HOUR) is Status.OPERATIONAL

    def test_two_people_at_once(self, ledger: Component) -> None:
        say(ledger, "partial_outage")
        with pytest.raises(Conflict):
            components.set_status(ledger.id, 1, Status.MAJOR_OUTAGE, None, PRIYA, LATER)


def test_two_people_at_once(ledger: Component) -> None:
    components.edit(ledger.id, 1, {"name": "Theirs"}, TOM, LATER)
    with pytest.raises(Conflict):
        components.edit(ledger.id, 1, {"name": "Mine"}, PRIYA, LATER)


def test_a_day_can_be_given_and_taken_back(ledger: Component) -> None:
    components.edit(ledger.id, 1, {"start_date": date(2026, 11, 1)}, TOM, NOW)
    change = components.edit(ledger.id, 2, {"start_date": date(2026, 11, 20)}, TOM, NOW)
    assert change.after == {"start_date": "2026-11-20", "version": 3}
    undo.undo(change.id, TOM, NOW)
    assert db.session.scalar(sa.select(Component.start_date)) == date(2026, 11, 1)


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


class TestArchiveAndIncidents:
    @pytest.fixture
    def incident(self, ledger: Component) -> Incident:
        found = make.incident("Payments are late")
        make.update(found, impacts={ledger: "partial_outage"})
        return found

    def test_refused_while_an_open_one_names_it(self, ledger: Component, incident: Incident) -> None:
        with pytest.raises(Refused, match="An open incident names it: Payments are late"):
            components.archive(ledger.id, 1, PRIYA, NOW)

    def test_not_for_one_that_is_resolved(self, ledger: Component, incident: Incident) -> None:
        make.update(incident, "resolved", impacts={ledger: "operational"})
        assert components.archive(ledger.id, 1, PRIYA, NOW)

    def test_nor_for_one_that_was_discarded(self, ledger: Component, incident: Incident) -> None:
        incident.discarded_at = NOW
        db.session.commit()
        assert components.archive(ledger.id, 1, PRIYA, NOW)


def test_archive_and_restore(ledger: Component, kinds: Kinds) -> None:
    components.archive(ledger.id, 1, PRIYA, NOW)
    assert components.archive(ledger.id, 2, PRIYA, NOW) is None
    components.restore(ledger.id, 2, PRIYA, NOW)
    assert kinds() == ["component.create", "component.archive", "component.restore"]
