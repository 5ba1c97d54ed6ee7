"""What is told of planned work, of one and of a series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dashboard.messages import Deed, Told
from dashboard.messages.said import OfWork
from dashboard.rules.telling import Reach
from tests import given
from tests.given import component, dependency, facts, section, window
from tests.messages.telling import UNTIL_18, asked, lines, tell, title
from tests.rules.given import at

WORK = window("16:00-18:00", title="Ledger migration", message="You cannot pay {from} to {until}.")
BEHIND = (component(name="Payments"), dependency())
TIMES = "21 November 2026, 16:00 GMT to 21 November 2026, 18:00 GMT"
ANNOUNCED = OfWork(at("14:00"), at("16:00"), at("18:00"))
BEGUN = replace(ANNOUNCED, has_begun=True)


@pytest.mark.parametrize(
    ("kind", "given_", "before", "t", "wanted"),
    [
        ("window.plan", {}, None, "14:30", f"Direct deposit will be unavailable {TIMES}"),
        ("window.plan", {"tells": False}, None, "14:30", ""),
        ("window.edit", {}, ANNOUNCED, "14:30", ""),
        (
            "window.move",
            {},
            replace(ANNOUNCED, start=at("15:00")),
            "14:30",
            f"New time: Direct deposit will be unavailable {TIMES}",
        ),
        ("window.remind", {}, ANNOUNCED, "15:00", f"Reminder: Direct deposit will be unavailable {TIMES}"),
        ("window.remind", {"tells": False}, None, "15:00", f"Reminder: Direct deposit will be unavailable {TIMES}"),
        ("window.remind", {}, replace(ANNOUNCED, reminded=at("16:00")), "15:00", ""),
        ("window.edit", {"tells": False}, None, "15:00", f"Reminder: Direct deposit will be unavailable {TIMES}"),
        ("window.edit", {"tells": False}, None, "14:30", ""),
        ("window.edit", {"tells": False, "reminds": False}, None, "15:30", ""),
        ("window.edit", {"tells": False}, replace(ANNOUNCED, reminded=at("16:00")), "15:30", ""),
        ("window.begin", {}, ANNOUNCED, "16:00", ""),
        ("window.begin", {"tells_start": True}, ANNOUNCED, "16:00", UNTIL_18),
        ("window.begin", {"tells_start": True}, BEGUN, "16:00", ""),
        ("window.remind", {}, ANNOUNCED, "16:30", UNTIL_18),
        ("window.plan", {}, None, "16:30", UNTIL_18),
        ("window.add", {"tells": False, "tells_start": True}, None, "16:30", UNTIL_18),
        ("window.start", {}, replace(ANNOUNCED, start=at("17:00")), "16:30", UNTIL_18),
        ("window.extend", {}, replace(BEGUN, end=at("17:00")), "16:30", UNTIL_18),
        ("window.extend", {"tells": False}, replace(BEGUN, end=at("17:00")), "16:30", ""),
        ("window.complete", {}, ANNOUNCED, "18:00", ""),
        ("window.complete", {"tells_end": True}, ANNOUNCED, "18:00", "Direct deposit is working again"),
        ("window.finish", {}, replace(BEGUN, end=at("19:00")), "18:00", "Direct deposit is working again"),
        ("window.complete", {"tells_end": True}, replace(BEGUN, is_over=True), "18:00", ""),
    ],
)
def test_planned_work(kind: str, given_: Mapping[str, Any], before: OfWork | None, t: str, wanted: str) -> None:
    past = {"window_1": before} if before else {}
    known = facts(replace(WORK, **given_), *BEHIND)
    assert title(tell(asked("window-1", kind), known, t, **past), t) == wanted


@pytest.mark.parametrize(
    ("reach", "t", "wanted"),
    [
        (Reach((1,), ()), "14:30", Reach((), (1,))),
        (Reach((), (2,)), "14:30", Reach((1,), (1,))),
        (Reach((1,), (1, 2)), "14:30", None),
        (Reach((1,), ()), "16:30", None),
        (None, "14:30", None),
    ],
)
def test_work_that_is_on_more_than_was_said_is_told_to_those_whom_it_concerns_now(
    reach: Reach | None, t: str, wanted: Reach | None
) -> None:
    known = facts(WORK, *BEHIND)
    told = tell(asked("window-1", "window.components"), known, t, window_1=replace(ANNOUNCED, reach=reach))
    assert (told.reach if told else None) == wanted
    assert told is None or known_after(told) >= {*(reach.components if reach else ()), 1}


def known_after(told: Told) -> set[int]:
    return set(told.said.reach.components)


@pytest.mark.parametrize(
    ("before", "is_told"), [(ANNOUNCED, True), (None, False), (replace(ANNOUNCED, is_off=True), False)]
)
def test_work_that_will_not_be(before: OfWork | None, is_told: bool) -> None:
    past = {"window_1": before} if before else {}
    known = replace(facts(*BEHIND), cancelled=(replace(WORK, gone_at=at("14:20")),))
    told = tell(asked("window-1", "window.cancel"), known, **past)
    assert title(told) == (f"Called off: planned work on Payments, {TIMES}" if is_told else "")


def test_both_days_are_said_of_what_was_to_go_on_overnight() -> None:
    before = replace(ANNOUNCED, start=at("15:00") - timedelta(days=1))
    told = tell(asked("window-1", "window.move"), facts(WORK, *BEHIND), window_1=before)
    over = "20 November 2026, 15:00 GMT to 21 November 2026, 18:00 GMT"
    assert lines(told)[0] == f"Before, it was planned for {over}."


def test_work_is_told_with_its_words_and_what_was_said_before() -> None:
    before = replace(ANNOUNCED, start=at("15:00"))
    here = section(alternative="Call 0300 000 0000.")
    told = tell(asked("window-1", "window.move"), facts(here, WORK, *BEHIND), window_1=before)
    moved = "Before, it was planned for 21 November 2026, 15:00 to 18:00 GMT."
    assert lines(told) == (moved, "You cannot pay {from} to {until}.", "Call 0300 000 0000.")
    assert told is not None
    assert (told.is_planned, told.reach) == (True, Reach((1,), (1,)))


@pytest.mark.parametrize(("effect", "alternative"), [("down", ("Call us.",)), ("warn", ())])
def test_where_work_has_no_words_the_section_has(effect: str, alternative: tuple[str, ...]) -> None:
    here = section(message="You cannot upload.", alternative="Call us.")
    told = tell(asked("window-1", "window.add"), facts(here, window("16:00-18:00", touches={1: effect})))
    assert lines(told) == ("You cannot upload.", *alternative)


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        ({"touches": {1: "down", 2: "down"}}, "Direct deposit and Documents will be unavailable"),
        ({"touches": {1: "warn"}}, "Direct deposit may be slow"),
        ({"touches": {1: "down", 2: "warn"}}, "Direct deposit will be unavailable"),
        ({"touches": {1: "nothing"}}, "Planned work on Direct deposit,"),
    ],
)
def test_what_work_does_leads(on: dict[str, Any], wanted: str) -> None:
    told = tell(asked("window-1", "window.plan"), facts(section(), section(2), window("16:00-18:00", **on)))
    assert title(told).startswith(wanted)


def test_several_sections_are() -> None:
    work = window("14:00-18:00", touches={1: "down", 2: "down"}, tells_start=True)
    told = tell(asked("window-1", "window.begin"), facts(section(), section(2), work))
    assert title(told).startswith("Direct deposit and Documents are unavailable until")


def test_work_on_nothing_that_is_there_is_not_told() -> None:
    assert tell(asked("window-1", "window.add"), facts(window("16:00-18:00"))) is None


def test_work_far_away_is_not_told_yet() -> None:
    far = replace(WORK, starts_at=WORK.starts_at + timedelta(days=91), ends_at=WORK.ends_at + timedelta(days=91))
    assert tell(asked("window-1", "window.add"), facts(far, *BEHIND)) is None


def test_a_section_that_is_kept_open_is_not_reached() -> None:
    told = tell(asked("window-1", "window.plan"), facts(WORK, *BEHIND, given.overrule("16:00-18:00")))
    assert title(told) == f"Planned work on Payments, {TIMES}"
    assert told is not None
    assert told.reach == Reach((), (1,))


OFTEN = "every week on Sunday"
SERIES = (replace(WORK, series_id=2), replace(window("20:00-22:00", id=2), series_id=2))


def in_series(kind: str, after: Mapping[str, Any], *windows: Any, cancelled: Any = (), **past: Any) -> Told | None:
    one = Deed(kind, "series-2", "Ledger", "Tom Reed", at("14:30"), {}, after)
    known = replace(facts(*windows, *BEHIND), cancelled=tuple(cancelled))
    return tell(asked("series-2", one, repeats=OFTEN), known, **past)


def test_a_series_is_told_once_by_its_first_time() -> None:
    told = in_series("series.plan", {"windows": 2}, *SERIES)
    assert title(told) == f"Direct deposit will be unavailable {TIMES}"
    assert lines(told)[-1] == "It comes again every week on Sunday."


@pytest.mark.parametrize(
    ("after", "wanted"),
    [({"starts_at": "x", "windows": [2]}, "New time: Direct deposit will be unavailable"), ({"title": "x"}, "")],
)
def test_a_series_that_is_moved(after: dict[str, Any], wanted: str) -> None:
    told = in_series("series.edit", after, *SERIES, series_2=ANNOUNCED)
    assert title(told).startswith(wanted)
    assert told is None or told.message.start == at("20:00")


def test_a_series_that_is_called_off() -> None:
    off = [replace(one, gone_at=at("14:20")) for one in SERIES]
    told = in_series("series.cancel", {"windows": [1, 2]}, cancelled=off, series_2=ANNOUNCED)
    assert title(told) == f"Called off: planned work on Payments, {TIMES}"
    assert lines(told) == ("This work will not be done at this time.", "What was to follow is called off too.")
    assert in_series("series.cancel", {"windows": [1, 2]}, cancelled=off) is None


def test_one_of_a_series_is_known_by_the_series() -> None:
    moved = Deed(
        "window.edit", "window-1", "Ledger", "Tom Reed", at("14:30"), {"starts_at": "2026-11-21T15:00:00Z"}, {}
    )
    told = tell(asked("window-1", moved), facts(*SERIES, *BEHIND), series_2=ANNOUNCED)
    assert title(told).startswith("New time: ")
    assert lines(told)[0].startswith("Before, it was planned for 21 November 2026, 15:00")
