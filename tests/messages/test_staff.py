"""What a team's own channel is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard import messages
from dashboard.facts import Facts
from dashboard.messages import Deed, Told
from dashboard.rules.telling import Audience
from dashboard.snapshot import snapshot_at
from tests.given import component, facts, incident, outage, update
from tests.messages.telling import asked, lines, title
from tests.rules.given import at

ADMIN = "http://status.example.org/admin"


FOLDED = {"follower.pause": "followers", "notification.fail": "deliveries"}


def tell(thing: str, kind: str, known: Facts, by: str = "Priya Shah", t: str = "14:30", **after: Any) -> Told | None:
    deed = Deed(kind, thing, after.pop("name", "PagerDuty"), by, at(t), {}, after)
    thing = FOLDED.get(kind, thing)
    return messages.tell(asked(thing, deed, audience=Audience.STAFF), snapshot_at(known, at(t)), {})


END = "21 November 2026, 18:00 GMT"


@pytest.mark.parametrize(
    ("kind", "planned", "wanted"),
    [
        ("outage.start", "14:30-18:00", f"Priya Shah took Direct deposit off until {END}"),
        ("outage.start", "14:30", "Priya Shah took Direct deposit off, end not known"),
        (
            "outage.start",
            "16:00-18:00",
            f"Priya Shah planned Direct deposit to be off 21 November 2026, 16:00 GMT to {END}",
        ),
        ("outage.extend", "14:30-18:00", f"Priya Shah set another end: Direct deposit is off until {END}"),
        ("outage.late", "14:00-14:30 hold", "Direct deposit is past its end and still off"),
        ("outage.begin", "14:30-18:00", f"Direct deposit is off until {END}, as planned"),
        ("outage.undo", "14:30-18:00", f"Priya Shah took the last change back: Direct deposit is off until {END}"),
        (
            "outage.undo",
            "16:00",
            "Priya Shah took the last change back: Direct deposit is to be off 21 November 2026, 16:00 GMT on",
        ),
    ],
)
def test_an_outage_by_whom(kind: str, planned: str, wanted: str) -> None:
    assert title(tell("outage-1", kind, facts(outage(planned)))) == wanted


def test_an_outage_why_and_what_can_be_done() -> None:
    told = tell("outage-1", "outage.start", facts(outage("14:30-18:00")), by="Tom Reed")
    assert lines(told) == ("Why: Northpay is down", "Taken off by Priya Shah.")
    assert told is not None
    assert told.message.link.href == f"{ADMIN}/sections/direct_deposit"
    assert [(act.label, act.href) for act in told.message.actions] == [
        ("Extend 1 h", f"{ADMIN}/outages/1/extend?minutes=60"),
        ("Bring Direct deposit back", f"{ADMIN}/outages/1/end"),
    ]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("outage.end", "Priya Shah brought Direct deposit back"),
        ("outage.restore", "Direct deposit is back, as planned"),
        ("outage.undo", "Priya Shah took the last change back: Direct deposit is not off by it"),
    ],
)
def test_it_is_back(kind: str, wanted: str) -> None:
    known = replace(facts(), ended_outages=(outage("14:00-18:00", ended_at=at("14:20")),))
    told = tell("outage-1", kind, known)
    assert title(told) == wanted
    assert told is not None
    assert (told.message.look, told.message.end, told.message.actions) == ("op", at("14:20"), ())


def test_a_planned_one_is_called_off() -> None:
    known = replace(facts(), ended_outages=(outage("16:00-18:00", ended_at=at("14:20")),))
    told = tell("outage-1", "outage.cancel", known)
    assert title(told).startswith("Priya Shah called off a planned outage of Direct deposit, 21 November 2026, 16:00")


def test_what_was_done_along_with_an_incident_is_told_with_it() -> None:
    known = facts(outage("14:00-18:00", incident_id=1), incident("14:00 investigating", touches={1: "down"}))
    assert tell("outage-1", "outage.start", known, t="14:00") is None
    assert tell("outage-1", "outage.extend", known, t="14:30") is not None


def test_an_incident() -> None:
    problem = incident(update("14:00 investigating", impacts={1: "major_outage"}), touches={1: "down"})
    known = facts(problem, component(name="Payments"), outage("14:00-18:00", incident_id=1))
    told = tell("incident-1", "incident.declare", known, by="Tom Reed")
    assert title(told) == "Tom Reed declared an incident: Payments are not going through"
    assert lines(told) == (
        "We are looking into it.",
        "Affected: Payments (major outage).",
        f"Direct deposit is unavailable until {END}.",
    )
    assert told is not None
    assert told.message.actions[0].href == f"{ADMIN}/incidents/1"


def test_of_a_private_incident_nobody_is_told() -> None:
    assert tell("incident-1", "incident.declare", facts()) is None


@pytest.mark.parametrize(("next_at", "is_told"), [("14:30", True), ("15:00", False), ("", False)])
def test_a_promise_that_was_not_kept(next_at: str, is_told: bool) -> None:
    """None when somebody said more meanwhile."""
    problem = incident(update("14:00 investigating", next_at=at(next_at) if next_at else None))
    told = tell("incident-1", "incident.overdue", facts(problem), by="Signpost")
    assert title(told) == ("An update is overdue: Payments are not going through" if is_told else "")
    assert told is None or (told.message.actions[0].label, told.message.next) == ("Write an update", at("14:30"))


def test_a_source_that_fails_and_recovers() -> None:
    told = tell("source-pagerduty", "source.fail", facts(), error="PagerDuty refused the key.")
    assert title(told) == "PagerDuty does not answer as it should"
    assert lines(told)[0] == "PagerDuty refused the key."
    assert title(tell("source-pagerduty", "source.recover", facts(), error="")) == "PagerDuty answers again"


def test_a_follower_that_nothing_reaches() -> None:
    told = tell("follower-12", "follower.pause", facts(), name="number 12", why="The address is gone.")
    assert title(told) == "Nothing arrives any more at the follower number 12"
    assert told is not None
    assert (told.message.link.href, lines(told)[0]) == (f"{ADMIN}/followers/12", "The address is gone.")


def test_many_at_once_are_one_message() -> None:
    deeds = (Deed("follower.pause", f"follower-{n}", "x", "Signpost", at("14:30"), {}, {}) for n in range(12))
    told = messages.tell(asked("followers", *deeds, audience=Audience.STAFF), snapshot_at(facts(), at("14:30")), {})
    assert title(told) == "Nothing arrives any more at 12 followers"


def test_a_message_that_does_not_reach_all() -> None:
    failed = {"title": "Documents goes on until {until}", "end": "2026-11-21T18:00:00Z"}
    told = tell("notification-40", "notification.fail", facts(), told=failed)
    assert title(told) == f"Some messages could not be delivered: Documents goes on until {END}"
    assert told is not None
    assert (told.message.link.href, told.replaces) == (f"{ADMIN}/notifications/40", False)


def test_several_are_one_message_too() -> None:
    failed = {"told": {"title": "Documents is working again"}}
    deeds = (Deed("notification.fail", f"notification-{n}", "x", "Signpost", at("14:30"), {}, failed) for n in range(3))
    told = messages.tell(asked("deliveries", *deeds, audience=Audience.STAFF), snapshot_at(facts(), at("14:30")), {})
    assert title(told) == "Some messages could not be delivered: Documents is working again, and 2 more"
    assert told is not None
    assert told.message.link.href == f"{ADMIN}/notifications"
