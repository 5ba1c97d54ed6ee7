"""Which changes are told, to whom and when; and whom a section concerns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dashboard.rules.telling import LATE, PUBLIC, STAFF, UNDO, Audience, Tells, around, is_late, is_told, tells, told_at
from tests.rules.given import at

NOW = at("14:30")


def told(kind: str, subject: str = "x-1", section: int | None = None, **after: Any) -> list[tuple[str, str, timedelta]]:
    return [(one.thing, one.audience, one.due_at - NOW) for one in tells(kind, subject, section, after, NOW)]


@pytest.mark.parametrize(
    ("kind", "public", "staff"),
    [
        ("outage.start", UNDO, True),
        ("outage.begin", timedelta(), True),
        ("outage.late", timedelta(), True),
        ("outage.words", None, False),
        ("window.plan", UNDO, False),
        ("window.remind", timedelta(), False),
        ("window.say", None, False),
        ("incident.declare", UNDO, True),
        ("incident.update", UNDO, False),
        ("incident.words", None, False),
        ("incident.overdue", None, True),
        ("component.status", UNDO, False),
        ("component.lapse", timedelta(), False),
        ("source.fail", None, True),
        ("section.edit", None, False),
        ("notification.cancel", None, False),
    ],
)
def test_to_whom_and_when(kind: str, public: timedelta | None, staff: bool) -> None:
    wanted = [("x-1", Audience.PUBLIC, public)] if public is not None else []
    wanted += [("x-1", Audience.STAFF, timedelta())] if staff else []
    assert told(kind) == wanted


@pytest.mark.parametrize(
    ("kind", "subject", "section", "things"),
    [
        ("outage.extend", "outage-31", 12, ["section-12", "outage-31"]),
        ("incident.resolve", "incident-7", None, ["incident-7", "incident-7"]),
        ("window.move", "window-3", None, ["window-3"]),
        ("follower.pause", "follower-9", None, ["followers"]),
        ("notification.fail", "notification-9", None, ["deliveries"]),
    ],
)
def test_what_is_folded_with_what(kind: str, subject: str, section: int | None, things: list[str]) -> None:
    assert [thing for thing, _, _ in told(kind, subject, section)] == things


def test_who_wants_nobody_to_be_told_is_heard() -> None:
    silent = {"tells": False, "reminds": False, "tells_start": False}
    assert told("window.plan", **silent) == []
    assert told("window.plan", **{**silent, "reminds": True}) == [("x-1", Audience.PUBLIC, UNDO)]
    assert [audience for _, audience, _ in told("incident.declare", tells=False)] == [Audience.STAFF]


def test_what_nobody_is_told_of_leaves_nothing() -> None:
    assert all(kind.count(".") == 1 for kind in PUBLIC | STAFF)
    assert told("toggle.edit") == told("series.grow") == told("person.join") == []


@pytest.mark.parametrize(
    ("wants", "end", "late", "wanted"),
    [
        (Tells.LENGTH, "15:00", False, True),
        (Tells.LENGTH, "14:59", False, False),
        (Tells.LENGTH, None, False, True),
        (Tells.LENGTH, "14:40", True, True),
        (Tells.YES, "14:31", False, True),
        (Tells.NO, None, True, False),
    ],
)
def test_a_short_outage_is_told_only_if_somebody_wants_it(
    wants: Tells, end: str | None, late: bool, wanted: bool
) -> None:
    assert is_told(wants, NOW, at(end) if end else None, late) is wanted


def test_late_by_more_than_ten_minutes() -> None:
    assert not is_late(NOW, NOW + LATE)
    assert is_late(NOW, NOW + LATE + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("last_due", "last_told", "seconds"),
    [(0, None, 0), (40, None, 40), (90, None, 60), (0, -10, 50), (40, -50, 40), (0, -90, 0)],
)
def test_when_it_is_told(last_due: int, last_told: int | None, seconds: int) -> None:
    def after(number: int) -> datetime:
        return NOW + timedelta(seconds=number)

    assert told_at(NOW, after(last_due), None if last_told is None else after(last_told)) == after(seconds)


@pytest.mark.parametrize(
    ("chosen", "parents", "wanted"),
    [
        ([2], {1: None, 2: 1, 3: 2, 4: 1, 5: None}, (1, 2, 3)),
        ([1], {1: None, 2: 1, 3: 2, 4: 1, 5: None}, (1, 2, 3, 4)),
        ([9], {1: None}, ()),
        ([1], {1: 2, 2: 1}, (1, 2)),
        ([2], {2: 7}, (2,)),
    ],
)
def test_what_a_section_is_part_of_and_its_parts(
    chosen: list[int], parents: dict[int, int | None], wanted: tuple[int, ...]
) -> None:
    assert around(chosen, parents) == wanted
