"""Declaring an incident, now, later or not yet; its details; taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish
from dashboard.actions import incident_updates, incidents, outages, undo
from dashboard.actions.incident_parts import Details, Said, Touching
from dashboard.actions.writing import Conflict, Refused
from dashboard.db import db
from dashboard.facts import IncidentFact
from dashboard.models import Change, Component, Incident, IncidentUpdate, Outage, Section
from dashboard.rules.incident import Stage
from dashboard.rules.state import Effect, State
from dashboard.rules.status import Status
from dashboard.snapshot import snapshot_at
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

HOUR = timedelta(hours=1)
Kinds = Callable[[], list[str]]
DETAILS = Details("Payments are not going through", broken="Payments", third_party="Northpay")
SAID = Said(Stage.INVESTIGATING, "We are looking into it.", {})


@pytest.fixture
def payments(app: Flask) -> Component:
    return make.component("payments")


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section("direct_deposit", message="You cannot see your bank details.", alternative="Call us.")


def declare(
    said: Said = SAID, touches: tuple[Touching, ...] = (), once: str = "one-form-sent-twice", **given: object
) -> Change:
    out_at = given.pop("out_at", NOW)
    return incidents.declare(replace(DETAILS, **given), said, touches, once, out_at, TOM, NOW)  # type: ignore[arg-type]


def incident() -> Incident:
    return db.session.scalars(sa.select(Incident)).one()


def facts(t=NOW) -> tuple[IncidentFact, ...]:
    return publish.read_facts(t).seen(t).incidents


def test_declared_it_is_out(payments: Component) -> None:
    change = declare(replace(SAID, impacts={payments.id: Status.MAJOR_OUTAGE}, next_at=NOW + HOUR))
    (found,) = facts()
    assert (found.title, found.stage, found.impact, found.next_at) == (
        DETAILS.title,
        "investigating",
        "critical",
        NOW + HOUR,
    )
    assert (change.kind, change.subject, change.section_id) == ("incident.declare", f"incident-{found.id}", None)
    assert snapshot_at(publish.read_facts(NOW), NOW).components[0].status is Status.MAJOR_OUTAGE


def test_the_change_tells_all_of_it(payments: Component) -> None:
    after = declare(replace(SAID, impacts={payments.id: Status.PARTIAL_OUTAGE})).after
    assert after is not None
    assert (after["title"], after["body"], after["stage"]) == (DETAILS.title, SAID.body, "investigating")
    assert (after["statuses"], after["version"]) == ([[payments.id, "partial_outage"]], 2)


def test_twice_is_once(app: Flask, kinds: Kinds) -> None:
    assert declare().id == declare().id
    assert kinds() == ["incident.declare"]


@pytest.mark.parametrize("given", [{"is_private": True}, {"out_at": None}, {"out_at": NOW + HOUR}])
def test_what_is_not_for_the_public_is_in_no_facts(app: Flask, given: dict[str, object]) -> None:
    declare(**given)
    assert facts() == ()


def test_the_clock_publishes_what_was_scheduled(app: Flask, kinds: Kinds) -> None:
    declare(out_at=NOW + HOUR)
    assert [one.started_at for one in facts(NOW + HOUR)] == [NOW + HOUR]
    assert kinds() == ["incident.schedule"]


def test_back_dated(app: Flask) -> None:
    declare(replace(SAID, at=NOW - HOUR))
    update = db.session.scalars(sa.select(IncidentUpdate)).one()
    assert (update.at, update.visible_from, facts()[0].started_at) == (NOW - HOUR, NOW, NOW - HOUR)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"said": replace(SAID, at=NOW + HOUR)}, "when_at"),
        ({"out_at": NOW - HOUR}, "when_at"),
        ({"said": replace(SAID, next_at=NOW)}, "next_at"),
        ({"said": replace(SAID, next_at=NOW + HOUR), "out_at": NOW + HOUR}, "next_at"),
        ({"said": replace(SAID, stage=Stage.POSTMORTEM)}, "stage"),
        ({"said": replace(SAID, impacts={99: Status.MAJOR_OUTAGE})}, "components"),
    ],
)
def test_what_makes_no_sense_is_refused(app: Flask, kinds: Kinds, given: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        declare(**given)  # type: ignore[arg-type]
    assert (refused.value.field, kinds()) == (field, [])


class TestSections:
    def test_one_is_taken_off_and_held(self, section: Section, kinds: Kinds) -> None:
        declare(touches=(Touching(section.id, Effect.DOWN, NOW + HOUR, "Europe/London"),))
        outage = db.session.scalars(sa.select(Outage)).one()
        assert (outage.incident_id, outage.at_end, outage.over_at) == (incident().id, "hold", None)
        assert (outage.message, outage.alternative) == ("You cannot see your bank details.", "Call us.")
        assert outage.reason == DETAILS.title
        assert kinds() == ["outage.start", "incident.declare"]

    def test_what_the_public_reads_leads_to_the_incident(self, section: Section) -> None:
        declare(touches=(Touching(section.id, Effect.DOWN, None, "Europe/London"),))
        now = snapshot_at(publish.read_facts(NOW), NOW).sections[0]
        assert now.state is State.DOWN
        assert now.notice is not None
        assert now.notice.links[-1].href.endswith(f"/incidents/{incident().id}/")

    def test_one_is_shown_with_a_warning(self, section: Section) -> None:
        declare(touches=(Touching(section.id, Effect.WARN),))
        assert snapshot_at(publish.read_facts(NOW), NOW).sections[0].state is State.DEGRADED

    def test_off_already_is_refused_at_its_field(self, section: Section, kinds: Kinds) -> None:
        make.outage(section)
        with pytest.raises(Refused, match="off already") as refused:
            declare(touches=(Touching(section.id, Effect.DOWN, None, "Europe/London"),))
        assert refused.value.field == f"section-{section.id}"
        assert (kinds(), db.session.scalar(sa.select(sa.func.count(Incident.id)))) == ([], 0)

    def test_a_draft_takes_nothing_off(self, section: Section, kinds: Kinds) -> None:
        declare(touches=(Touching(section.id, Effect.DOWN, None, "Europe/London"),), out_at=None)
        assert kinds() == ["incident.draft"]

    def test_later_nothing_can_be_taken_off(self, section: Section) -> None:
        with pytest.raises(Refused, match="no section off yet"):
            declare(touches=(Touching(section.id, Effect.DOWN, None, "Europe/London"),), out_at=NOW + HOUR)

    def test_a_private_one_says_nothing_of_itself(self, section: Section) -> None:
        section.message = section.alternative = ""
        db.session.commit()
        declare(touches=(Touching(section.id, Effect.DOWN, None, "Europe/London"),), is_private=True, instead="Hide")
        outage = db.session.scalars(sa.select(Outage)).one()
        assert (outage.message, outage.alternative, outage.reason) == ("", "", "Part of a private incident")


class TestDrafts:
    def rewrite(self, out_at, said: Said = SAID, version: int = 2, **given: object) -> Change | None:
        details = replace(DETAILS, title="Another title")
        touches = given.get("touches", ())
        return incidents.rewrite(incident().id, version, details, said, touches, out_at, TOM, NOW + HOUR)  # type: ignore[arg-type]

    def test_another_text(self, app: Flask, kinds: Kinds) -> None:
        declare(out_at=None)
        self.rewrite(None, replace(SAID, body="Other words", stage=Stage.IDENTIFIED))
        update = db.session.scalars(sa.select(IncidentUpdate)).one()
        assert (incident().title, update.body, update.stage) == ("Another title", "Other words", "identified")
        assert kinds() == ["incident.draft", "incident.draft"]

    def test_published_it_is_of_now(self, section: Section, kinds: Kinds) -> None:
        declare(out_at=None)
        touches = (Touching(section.id, Effect.DOWN, None, "Europe/London"),)
        self.rewrite(NOW + HOUR, touches=touches)
        (found,) = facts(NOW + HOUR)
        assert (found.started_at, found.published_at) == (NOW + HOUR, NOW + HOUR)
        assert kinds() == ["incident.draft", "outage.start", "incident.publish"]

    def test_scheduled_moved_and_called_off(self, app: Flask, kinds: Kinds) -> None:
        declare(out_at=None)
        self.rewrite(NOW + 2 * HOUR)
        assert incident().published_at == NOW + 2 * HOUR
        incidents.call_off(incident().id, 3, TOM, NOW + HOUR)
        assert incident().published_at is None
        assert kinds() == ["incident.draft", "incident.schedule", "incident.call_off"]

    def test_what_came_out_meanwhile_is_a_conflict(self, app: Flask) -> None:
        declare(out_at=NOW + HOUR / 2)
        with pytest.raises(Conflict):
            self.rewrite(None)
        with pytest.raises(Conflict):
            incidents.discard(incident().id, 2, TOM, NOW + HOUR)

    def test_discarded_and_taken_back(self, app: Flask, kinds: Kinds) -> None:
        declare(out_at=NOW + HOUR)
        change = incidents.discard(incident().id, 2, TOM, NOW)
        assert facts(NOW + HOUR) == ()
        assert change is not None
        undo.undo(change.id, TOM, NOW)
        assert (incident().discarded_at, incident().published_at) == (None, NOW + HOUR)
        assert kinds() == ["incident.schedule", "incident.discard", "incident.undo"]

    def test_it_is_not_published_by_taking_back(self, app: Flask) -> None:
        declare(out_at=NOW + HOUR)
        change = incidents.call_off(incident().id, 2, TOM, NOW)
        assert change is not None
        with pytest.raises(Refused, match="has passed"):
            undo.undo(change.id, TOM, NOW + HOUR)

    def test_an_old_version_is_a_conflict(self, app: Flask) -> None:
        declare(out_at=None)
        self.rewrite(None)
        with pytest.raises(Conflict) as found:
            self.rewrite(None)
        assert found.value.change is not None


class TestDetails:
    def test_edit_and_undo(self, app: Flask, kinds: Kinds) -> None:
        declare()
        change = incidents.edit(incident().id, 2, replace(DETAILS, title="Other", instead="Wait"), PRIYA, NOW + HOUR)
        assert change is not None
        assert (facts(NOW + HOUR)[0].title, facts(NOW + HOUR)[0].revised_at) == ("Other", NOW + HOUR)
        undo.undo(change.id, TOM, NOW + HOUR)
        assert (incident().title, incident().instead) == (DETAILS.title, "")
        assert kinds() == ["incident.declare", "incident.edit", "incident.undo"]

    def test_the_same_details_change_nothing(self, app: Flask, kinds: Kinds) -> None:
        declare()
        assert incidents.edit(incident().id, 1, DETAILS, PRIYA, NOW) is None
        assert kinds() == ["incident.declare"]

    def test_an_old_version_is_a_conflict(self, app: Flask) -> None:
        declare()
        with pytest.raises(Conflict):
            incidents.edit(incident().id, 1, replace(DETAILS, title="Other"), PRIYA, NOW)

    def test_what_was_private_is_published_by_an_edit(self, app: Flask) -> None:
        declare(is_private=True)
        incidents.edit(incident().id, 2, DETAILS, TOM, NOW)
        assert len(facts()) == 1

    def test_made_private_what_it_took_off_tells_nothing_of_it(self, app: Flask, kinds: Kinds) -> None:
        off = Touching(make.section("documents").id, Effect.DOWN, None, "Europe/London")
        declare(touches=(off,), affected="Everybody")
        assert publish.read_facts(NOW).outages[0].message == "Payments Everybody"
        incidents.edit(incident().id, 2, replace(DETAILS, affected="Everybody", is_private=True), TOM, NOW)
        assert "Payments" not in repr(publish.read_facts(NOW))
        assert kinds()[-2:] == ["outage.words", "incident.edit"]

    def test_an_impact_that_somebody_sets_stands(self, payments: Component) -> None:
        declare(replace(SAID, impacts={payments.id: Status.MAJOR_OUTAGE}), impact_override="minor")
        assert facts()[0].impact == "minor"

    def test_a_declaration_is_not_undone(self, app: Flask) -> None:
        change = declare()
        assert not undo.undoable(change)


def test_an_outage_of_the_board_is_untouched(section: Section) -> None:
    declare(touches=(Touching(section.id, Effect.DOWN, None, "Europe/London"),))
    outage = db.session.scalars(sa.select(Outage)).one()
    outages.end(outage.id, outage.version, PRIYA, NOW + HOUR)
    assert facts(NOW + HOUR)[0].is_open


def test_declared_when_it_was_over_it_takes_nothing_off(section: Section) -> None:
    over = replace(SAID, stage=Stage.RESOLVED, at=NOW - HOUR)
    declare(over, (Touching(section.id, Effect.DOWN, None, "Europe/London"),))
    assert db.session.scalars(sa.select(Outage)).all() == []
    assert facts()[0].touches[0].effect is Effect.DOWN


def test_sent_again_with_other_words_nothing_is_lost(app: Flask, kinds: Kinds) -> None:
    declare()
    with pytest.raises(Refused, match="sent before") as refused:
        declare(replace(SAID, body="It is the bank."))
    assert (refused.value.field, kinds()) == ("once", ["incident.declare"])


def test_a_form_that_was_an_update_of_another_makes_no_incident(app: Flask) -> None:
    declare()
    incident_updates.post(incident().id, 2, SAID, (), True, "another-form", TOM, NOW)
    with pytest.raises(Refused, match="made “"):
        declare(once="another-form")
