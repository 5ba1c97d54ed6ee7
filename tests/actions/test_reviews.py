"""A review is written, published, edited and taken back; the incident is another version whenever readers see that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish
from dashboard.actions import reviews, undo
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.facts import IncidentFact, ReviewFact
from dashboard.models import Change, Incident, Review
from dashboard.rules.incident import Stage
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]
HOUR = timedelta(hours=1)
VALUES: Values = {
    "happened": "A disk was full.",
    "affected": "Everybody.",
    "cause": "Nobody looked.",
    "actions": "We will look.",
    "public_parts": frozenset({"happened", "actions"}),
}


@pytest.fixture
def incident(app: Flask) -> Incident:
    """It was over an hour ago."""
    made = make.incident(start=NOW - 2 * HOUR)
    make.update(made, "investigating", NOW - 2 * HOUR)
    make.update(made, "resolved", NOW - HOUR)
    return made


def review() -> Review:
    return db.session.scalars(sa.select(Review)).one()


def fact() -> IncidentFact:
    return publish.read_facts(NOW + HOUR).incidents[0]


def public() -> ReviewFact:
    found = fact().review
    assert found
    return found


def versions() -> tuple[int, object]:
    return tuple(db.session.execute(sa.select(Incident.version, Incident.revised_at)).one())


def undone(change: Change | None) -> Change | None:
    assert change
    assert undo.offered(change) == change.id
    return undo.undo(change.id, PRIYA, NOW + HOUR)


class TestDraft:
    def test_nobody_outside_sees_it(self, incident: Incident, kinds: Kinds) -> None:
        before = versions()
        reviews.save(incident.id, 0, VALUES, TOM, NOW)
        reviews.save(incident.id, 1, {**VALUES, "cause": "A cable."}, TOM, NOW)
        assert kinds() == ["review.create", "review.edit"]
        assert (fact().review, fact().stage) == (None, Stage.RESOLVED)
        assert versions() == before

    def test_sent_twice_it_is_one(self, incident: Incident, kinds: Kinds) -> None:
        for _ in range(2):
            reviews.save(incident.id, 0, VALUES, TOM, NOW)
        assert kinds() == ["review.create"]

    def test_two_begin_at_once(self, incident: Incident) -> None:
        reviews.save(incident.id, 0, VALUES, TOM, NOW)
        with pytest.raises(Conflict) as found:
            reviews.save(incident.id, 0, {**VALUES, "cause": "Mine."}, PRIYA, NOW)
        assert found.value.change
        assert found.value.change.actor == "Tom Reed"

    def test_two_write_at_once(self, incident: Incident) -> None:
        reviews.save(incident.id, 0, VALUES, TOM, NOW)
        reviews.save(incident.id, 1, {**VALUES, "cause": "Theirs."}, TOM, NOW)
        with pytest.raises(Conflict):
            reviews.save(incident.id, 1, {**VALUES, "cause": "Mine."}, PRIYA, NOW)

    def test_an_edit_is_taken_back(self, incident: Incident) -> None:
        reviews.save(incident.id, 0, VALUES, TOM, NOW)
        undone(reviews.save(incident.id, 1, {**VALUES, "cause": "A.", "public_parts": frozenset()}, TOM, NOW))
        assert (review().cause, review().public_parts) == ("Nobody looked.", {"happened", "actions"})

    @pytest.mark.parametrize("over_at", [None, NOW + HOUR])
    def test_only_of_what_is_over(self, incident: Incident, over_at: object) -> None:
        db.session.execute(sa.update(Incident).values(over_at=over_at))
        db.session.commit()
        with pytest.raises(Refused, match="Resolve it first"):
            reviews.save(incident.id, 0, VALUES, TOM, NOW)


class TestPublished:
    @pytest.fixture(autouse=True)
    def published(self, incident: Incident) -> Change:
        change = reviews.save(incident.id, 0, VALUES, TOM, NOW, publishes=True)
        assert change
        return change

    def test_readers_get_the_public_parts(self, kinds: Kinds) -> None:
        assert kinds() == ["review.create", "review.publish"]
        assert fact().stage is Stage.POSTMORTEM
        assert public() == ReviewFact(review().id, "A disk was full.", "", "", "We will look.", NOW, None)
        assert versions() == (4, NOW)

    def test_publishing_is_taken_back(self, published: Change) -> None:
        undone(published)
        assert (fact().review, review().cause) == (None, "Nobody looked.")
        assert versions() == (5, NOW + HOUR)

    def test_an_edit_tells_when_it_was(self, incident: Incident) -> None:
        change = reviews.save(incident.id, 2, {**VALUES, "happened": "It was two disks."}, TOM, NOW + HOUR)
        assert (public().happened, public().edited_at, versions()) == ("It was two disks.", NOW + HOUR, (5, NOW + HOUR))
        undone(change)
        assert (public().happened, public().edited_at) == ("A disk was full.", None)

    def test_an_edit_for_staff_alone_tells_nothing(self, incident: Incident) -> None:
        reviews.save(incident.id, 2, {**VALUES, "cause": "A cable."}, TOM, NOW + HOUR)
        assert (public().edited_at, versions()) == (None, (4, NOW))

    def test_a_part_may_go_back_to_staff(self, incident: Incident) -> None:
        reviews.save(incident.id, 2, {**VALUES, "public_parts": frozenset({"actions"})}, TOM, NOW + HOUR)
        assert (public().happened, public().edited_at) == ("", NOW + HOUR)

    def test_sent_twice_it_is_published_once(self, incident: Incident, kinds: Kinds) -> None:
        assert reviews.save(incident.id, 0, VALUES, TOM, NOW + HOUR, publishes=True) is None
        assert kinds().count("review.publish") == 1
        assert public().published_at == NOW

    def test_unpublish_and_take_that_back(self, incident: Incident) -> None:
        change = reviews.unpublish(incident.id, 2, TOM, NOW + HOUR)
        assert (fact().review, fact().stage) == (None, Stage.RESOLVED)
        assert reviews.unpublish(incident.id, 2, TOM, NOW + HOUR) is None
        undone(change)
        assert public().published_at == NOW

    def test_unpublished_of_an_old_version(self, incident: Incident) -> None:
        with pytest.raises(Conflict):
            reviews.unpublish(incident.id, 1, TOM, NOW)

    def test_of_one_that_is_open_again_words_can_still_be_mended(self, incident: Incident) -> None:
        make.update(incident, "investigating", NOW)
        reviews.save(incident.id, 2, {**VALUES, "happened": "More to come."}, TOM, NOW + HOUR)
        assert (public().happened, fact().stage) == ("More to come.", Stage.INVESTIGATING)


@pytest.mark.parametrize(
    "values", [{"public_parts": frozenset()}, {"happened": "", "actions": ""}, {"public_parts": frozenset({"x"})}]
)
@pytest.mark.parametrize("version", [0, 2])
def test_nothing_is_not_published(incident: Incident, values: Values, version: int) -> None:
    if version:
        reviews.save(incident.id, 0, VALUES, TOM, NOW, publishes=True)
    with pytest.raises(Refused, match="Nothing in it is for the public"):
        reviews.save(incident.id, version, {**VALUES, **values}, TOM, NOW, publishes=True)


def test_of_a_private_incident_it_stays_among_staff(app: Flask) -> None:
    incident = make.incident(start=NOW - HOUR, is_private=True)
    make.update(incident, "resolved", NOW)
    reviews.save(incident.id, 0, VALUES, TOM, NOW, publishes=True)
    assert publish.read_facts(NOW).incidents == ()
