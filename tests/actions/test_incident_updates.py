"""What is said of an incident that is out: in any order, resolved and open again, with its sections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import publish
from dashboard.actions import drafts, incident_updates, incidents, undo
from dashboard.actions.incident_parts import Details, Said, Touching
from dashboard.actions.writing import Conflict, Refused
from dashboard.db import db
from dashboard.facts import IncidentFact
from dashboard.models import Change, Draft, Incident, IncidentUpdate, Outage, Person, Section
from dashboard.rules.incident import Stage
from dashboard.rules.state import Effect, State
from dashboard.rules.status import Status
from dashboard.snapshot import snapshot_at
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

HOUR = timedelta(hours=1)
Kinds = Callable[[], list[str]]
MAJOR, PARTIAL, OPERATIONAL = Status.MAJOR_OUTAGE, Status.PARTIAL_OUTAGE, Status.OPERATIONAL
_number = count(1)


@pytest.fixture
def components(app: Flask) -> tuple[int, int]:
    return make.component("payments").id, make.component("search").id


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section("direct_deposit")


@pytest.fixture
def incident(components: tuple[int, int], section: Section) -> Incident:
    """Declared at 14:30: payments are down, and so is a section."""
    said = Said(Stage.INVESTIGATING, "We are looking into it.", {components[0]: MAJOR})
    touches = (Touching(section.id, Effect.DOWN, NOW + 3 * HOUR, "Europe/London"),)
    incidents.declare(Details("Payments fail"), said, touches, "the-first-form", NOW, TOM, NOW)
    return db.session.scalars(sa.select(Incident)).one()


def post(
    incident: Incident, stage: str, at=NOW + HOUR, impacts: dict[int, Status] | None = None, **given: object
) -> Change | None:
    said = Said(Stage(stage), str(given.get("body", "More.")), impacts or {}, at=given.get("said_of"))  # type: ignore[arg-type]
    once = str(given.get("once", f"form-{next(_number)}"))
    touches, restores = given.get("touches", ()), bool(given.get("restores", True))
    version = int(given.get("version", incident.version))  # type: ignore[call-overload]
    return incident_updates.post(incident.id, version, said, touches, restores, once, TOM, at)  # type: ignore[arg-type]


def fact(t=NOW + HOUR) -> IncidentFact:
    return publish.read_facts(t).seen(t).incidents[0]


def test_what_is_not_named_keeps_its_status(incident: Incident, components: tuple[int, int]) -> None:
    post(incident, "identified", impacts={components[1]: PARTIAL})
    assert fact().latest.impacts == {components[0]: MAJOR, components[1]: PARTIAL}


def test_resolved_all_works_and_the_section_is_back(
    incident: Incident, components: tuple[int, int], kinds: Kinds
) -> None:
    post(incident, "resolved")
    now = snapshot_at(publish.read_facts(NOW + HOUR), NOW + HOUR)
    assert {component.status for component in now.components} == {OPERATIONAL}
    assert (now.sections[0].state, incident.over_at) == (State.OK, NOW + HOUR)
    assert kinds() == ["outage.start", "incident.declare", "outage.end", "incident.resolve"]


def test_or_the_section_stays_off(incident: Incident, kinds: Kinds) -> None:
    post(incident, "resolved", restores=False)
    assert snapshot_at(publish.read_facts(NOW + HOUR), NOW + HOUR).sections[0].state is State.DOWN
    assert kinds()[-1] == "incident.resolve"


def test_open_again(incident: Incident, kinds: Kinds) -> None:
    post(incident, "resolved")
    post(incident, "investigating", NOW + 2 * HOUR)
    assert (incident.over_at, fact(NOW + 2 * HOUR).is_open, kinds()[-1]) == (None, True, "incident.reopen")


def test_a_last_word_after_the_end_leaves_its_end(incident: Incident, kinds: Kinds) -> None:
    post(incident, "resolved")
    post(incident, "resolved", NOW + 2 * HOUR)
    assert (incident.over_at, kinds()[-1]) == (NOW + HOUR, "incident.update")


def test_a_section_gets_another_end_or_comes_back(incident: Incident, section: Section, kinds: Kinds) -> None:
    post(incident, "identified", touches=(Touching(section.id, Effect.DOWN, None, "Europe/London"),))
    assert db.session.scalars(sa.select(Outage.planned_end)).one() is None
    post(incident, "identified", touches=(Touching(section.id, Effect.WARN),))
    assert snapshot_at(publish.read_facts(NOW + HOUR), NOW + HOUR).sections[0].state is State.DEGRADED
    assert kinds()[2:] == ["outage.extend", "incident.update", "outage.end", "incident.update"]


def test_back_dated_in_between(incident: Incident, components: tuple[int, int]) -> None:
    post(incident, "monitoring", NOW + 2 * HOUR)
    post(incident, "identified", NOW + 3 * HOUR, {components[1]: PARTIAL}, said_of=NOW + HOUR)
    said = fact(NOW + 3 * HOUR)
    assert [update.stage for update in said.updates] == ["investigating", "identified", "monitoring"]
    assert said.latest.impacts == {components[0]: MAJOR, components[1]: PARTIAL}


def test_a_resolution_of_earlier_does_not_close_what_was_said_later(incident: Incident) -> None:
    post(incident, "monitoring", NOW + 2 * HOUR)
    post(incident, "resolved", NOW + 3 * HOUR, said_of=NOW + HOUR)
    assert incident.over_at is None


def test_twice_is_once(incident: Incident, kinds: Kinds) -> None:
    first = post(incident, "identified", once="a-form", version=2)
    again = post(incident, "identified", once="a-form", version=2)
    assert first is not None
    assert again is not None
    assert (first.id, kinds().count("incident.update")) == (again.id, 1)


def test_twice_with_other_words_is_refused(incident: Incident) -> None:
    post(incident, "identified", once="a-form", version=2)
    with pytest.raises(Refused, match="said something else"):
        post(incident, "identified", once="a-form", version=2, body="And this.")


def test_a_form_that_was_of_another_incident_is_refused(incident: Incident) -> None:
    """The words are the same: those of its own first update, then those of another's."""
    opening = db.session.scalars(sa.select(IncidentUpdate)).one()
    other = make.incident()
    for one, once in ((incident, opening.once), (other, opening.once)):
        with pytest.raises(Refused, match="said something else"):
            post(one, "investigating", once=once, body=opening.body)


def test_what_was_so_before_its_end_leaves_its_sections_off(incident: Incident) -> None:
    post(incident, "resolved", NOW + 2 * HOUR, restores=False)
    post(incident, "monitoring", NOW + 3 * HOUR, said_of=NOW + HOUR)
    assert db.session.scalars(sa.select(Outage.ended_at)).one() is None


def test_an_old_version_is_a_conflict(incident: Incident) -> None:
    post(incident, "identified")
    with pytest.raises(Conflict) as found:
        post(incident, "resolved", version=2)
    assert found.value.change is not None
    assert found.value.change.kind == "incident.update"


@pytest.mark.parametrize("given", [{"published_at": None}, {"published_at": NOW + 9 * HOUR}])
def test_what_is_not_out_yet_takes_no_update(app: Flask, given: dict[str, object]) -> None:
    made = make.incident(**given)
    with pytest.raises(Refused, match="not published"):
        post(made, "identified")


class TestWords:
    def edit(self, incident: Incident, body: str = "Other words", version: int = 2) -> Change | None:
        update = db.session.scalars(sa.select(IncidentUpdate)).first()
        assert update is not None
        return incident_updates.edit_words(incident.id, version, update.id, body, PRIYA, NOW + HOUR)

    def test_the_old_ones_are_kept(self, incident: Incident) -> None:
        change = self.edit(incident)
        assert change is not None
        assert change.before is not None
        assert (change.kind, change.before["body"]) == ("incident.words", "We are looking into it.")
        assert (fact().latest.body, fact().latest.edited_at) == ("Other words", NOW + HOUR)

    def test_undo(self, incident: Incident, kinds: Kinds) -> None:
        change = self.edit(incident)
        assert change is not None
        undo.undo(change.id, TOM, NOW + HOUR)
        assert fact().latest.body == "We are looking into it."
        assert kinds()[-1] == "incident.undo"

    def test_the_same_words_change_nothing(self, incident: Incident) -> None:
        assert self.edit(incident, "We are looking into it.", 1) is None

    def test_an_old_version_is_a_conflict(self, incident: Incident) -> None:
        self.edit(incident)
        with pytest.raises(Conflict):
            self.edit(incident, "Words of a third")

    def test_not_of_another_incident(self, incident: Incident) -> None:
        other = make.update(make.incident())
        with pytest.raises(Refused):
            incident_updates.edit_words(incident.id, 2, other.id, "x", TOM, NOW)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["investigating", "identified", "monitoring", "resolved"]),
        st.integers(1, 12),
        st.dictionaries(st.integers(0, 1), st.sampled_from(list(Status)), max_size=2),
    ),
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_in_any_order_the_row_and_the_facts_agree(components: tuple[int, int], steps: list[tuple]) -> None:
    """``over_at`` is what the updates say, and every update knows every component touched before it."""
    said = Said(Stage.INVESTIGATING, "First.", {components[0]: MAJOR})
    change = incidents.declare(Details("Any"), said, (), f"form-{next(_number)}", NOW, TOM, NOW)
    made = db.session.get_one(Incident, int(change.subject.removeprefix("incident-")))
    t = NOW + 20 * HOUR
    for stage, hours, named in steps:
        impacts = {components[place]: status for place, status in named.items()}
        post(made, stage, t, impacts, said_of=NOW + hours * HOUR)
    found = next(one for one in publish.read_facts(t).incidents if one.id == made.id)
    assert found.resolved_at == made.over_at
    known: set[int] = set()
    for update in found.updates:
        assert known <= update.impacts.keys()
        assert update.stage.is_open or set(update.impacts.values()) == {OPERATIONAL}
        known |= update.impacts.keys()


class TestTyped:
    @pytest.fixture
    def person(self, app: Flask) -> Person:
        tom = Person(name="Tom Reed", email="tom@example.org", password_hash="", roles=frozenset(), created_at=NOW)
        db.session.add(tom)
        db.session.commit()
        return tom

    def test_the_newest_is_kept_and_nothing_becomes_true(self, person: Person, kinds: Kinds) -> None:
        for words in ("Pay", "Payments"):
            drafts.keep(person.id, "incident-new", {"title": [words]}, TOM, NOW)
        assert [one.fields for one in db.session.scalars(sa.select(Draft))] == [{"title": ["Payments"]}]
        assert kinds() == []

    def test_dropped(self, person: Person) -> None:
        drafts.keep(person.id, "incident-new", {"title": ["x"]}, TOM, NOW)
        drafts.drop(person.id, "incident-new", TOM, NOW)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0
