"""What follows from facts alone."""

from __future__ import annotations

import msgspec
import pytest

from dashboard import facts as facts_of
from dashboard.facts import Facts
from dashboard.rules.incident import Impact, Stage
from tests import given
from tests.conftest import NOW
from tests.rules.given import HOUR, at

MAJOR = {1: "major_outage"}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"revision":1}', b"\xff\xfe", b"null"])
def test_what_are_no_facts_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        facts_of.from_bytes(data)


def test_a_later_word_on_a_source_counts_and_an_earlier_one_does_not() -> None:
    found = given.facts(given.source("14:30"))
    assert found.with_check("pagerduty", NOW + HOUR).sources[0].checked_at == NOW + HOUR
    assert found.with_check("pagerduty", NOW - HOUR) is found
    assert found.with_check("pagerduty", None) is found
    assert found.with_check("another", NOW + HOUR) is found


def test_a_source_is_stale_after_three_missed_askings() -> None:
    assert given.source("14:30").stale_from == at("14:33")
    assert given.source("").stale_from is None


def test_a_scheduled_incident_is_not_seen_before_its_time() -> None:
    facts = given.facts(given.incident("15:00 investigating", published_at=at("15:00")))
    assert facts.seen(at("14:59")).incidents == ()
    assert facts.seen(at("15:00")).incidents == facts.incidents


def test_a_scheduled_update_is_not_seen_before_its_time() -> None:
    incident = given.incident("13:00 investigating", given.update("16:00 resolved", id=2))
    early, late = (seen_at(given.facts(incident), clock) for clock in ("15:59", "16:00"))
    assert (early.stage, late.stage) == (Stage.INVESTIGATING, Stage.RESOLVED)


def seen_at(facts: Facts, clock: str) -> facts_of.IncidentFact:
    return facts.seen(at(clock)).incidents[0]


def test_an_incident_is_as_bad_as_it_is_or_was() -> None:
    struck = given.update("13:00 investigating", impacts=MAJOR)
    better = given.update("14:00 monitoring", id=2, impacts={1: "degraded_performance"})
    over = given.update("15:00 resolved", id=3, impacts={1: "operational"})
    assert given.incident(struck, better).impact is Impact.MINOR
    assert given.incident(struck, better, over).impact is Impact.CRITICAL
    assert given.incident(struck, impact_override="none").impact is Impact.NONE


def test_what_was_promised_counts_while_it_is_open() -> None:
    promised = given.update("13:00 investigating", next_at=at("14:00"))
    assert given.incident(promised).next_at == at("14:00")
    assert given.incident(promised, given.update("13:30 resolved", id=2, next_at=at("14:00"))).next_at is None


def test_a_published_review_makes_it_a_postmortem() -> None:
    review = facts_of.ReviewFact(1, "A disk was full.", "", "", "", NOW, None)
    assert given.incident("13:00 investigating", "14:00 resolved", review=review).stage is Stage.POSTMORTEM
    assert given.incident("13:00 investigating", review=review).stage is Stage.INVESTIGATING
