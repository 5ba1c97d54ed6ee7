"""Planning work, changing the plan, and what is done to it until it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import planning, undo
from dashboard.actions.ticking import tick
from dashboard.actions.window_rows import Asked
from dashboard.actions.writing import Actor, Conflict, Refused
from dashboard.db import db
from dashboard.models import Change, Window, WindowSection, WindowSeries
from dashboard.publish import read_facts
from dashboard.rules.state import State
from dashboard.rules.window import Stage
from dashboard.snapshot import snapshot_at
from tests import make
from tests.conftest import NOW

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOM = Actor("Tom Reed", None, "192.0.2.7")
START = datetime(2026, 11, 22, 2, tzinfo=UTC)


def asked(**given: Any) -> Asked:
    """Sunday 02:00 to 04:00 on Documents."""
    if "sections" not in given and "components" not in given:
        given["sections"] = ((make.section("documents").id, "down"),)
    values = {
        "title": "New disks",
        "message": "",
        "components": frozenset(),
        "sections": (),
        "starts_at": START,
        "ends_at": START + 2 * HOUR,
        "zone": "Europe/London",
        "typed_start": "2026-11-22T02:00",
        "typed_end": "2026-11-22T04:00",
        "once": "a-form-of-this-test",
    }
    return Asked(**{**values, **given})


def plan(**given: Any) -> Window:
    planning.plan(asked(**given), TOM, NOW)
    return windows()[0]


def window_section() -> int:
    return db.session.scalars(sa.select(WindowSection.section_id)).first() or 0


def windows() -> list[Window]:
    return list(db.session.scalars(sa.select(Window).order_by(Window.starts_at)))


def state(t: datetime) -> State:
    return snapshot_at(read_facts(t), t).sections[0].state


def last() -> Change:
    return db.session.scalars(sa.select(Change).order_by(Change.id.desc())).first() or pytest.fail("no change")


@pytest.fixture(autouse=True)
def _app(app: Flask) -> None: ...


class TestPlanning:
    def test_takes_the_section_off_for_just_that_time(self) -> None:
        plan()
        times = (START - MINUTE, START, START + 2 * HOUR - MINUTE, START + 2 * HOUR)
        assert [state(t) for t in times] == [State.APPROACHING, State.DOWN, State.DOWN, State.OK]
        assert (last().kind, last().subject_name) == ("window.plan", "New disks")

    def test_through_a_component(self) -> None:
        payments = make.component()
        make.dependency(make.section("documents"), payments, on_window="warn")
        plan(components=frozenset({payments.id}))
        assert state(START) is State.DEGRADED

    def test_the_same_form_twice_is_one(self) -> None:
        first = asked()
        assert planning.plan(first, TOM, NOW).id == planning.plan(first, TOM, NOW + MINUTE).id
        assert len(windows()) == 1

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"title": ""}, "title"),
            ({"sections": ()}, "sections"),
            ({"ends_at": START}, "to_time"),
            ({"ends_at": START - HOUR}, "to_time"),
            ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW}, "from_time"),
            ({"starts_at": NOW - 2 * HOUR}, "from_time"),
            ({"checks": 2 * HOUR}, "checks"),
            ({"sections": ((999, "down"),)}, "sections"),
            ({"components": frozenset({999})}, "components"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, given: dict[str, Any], field: str) -> None:
        with pytest.raises(Refused) as refused:
            planning.plan(asked(**given), TOM, NOW)
        assert refused.value.field == field
        assert windows() == []

    def test_an_archived_section_is_refused(self) -> None:
        gone = make.section("old", archived_at=NOW)
        with pytest.raises(Refused, match="Old is archived"):
            planning.plan(asked(sections=((gone.id, "down"),)), TOM, NOW)

    def test_checks_are_the_end_of_it(self) -> None:
        window = plan(checks=30 * MINUTE)
        assert window.verifying_at == START + 90 * MINUTE
        assert planning.stage_of(window, START + 100 * MINUTE) is Stage.VERIFYING


def test_sent_again_with_another_plan_is_refused() -> None:
    window = plan()
    assert planning.plan(asked(sections=((window_section(), "down"),)), TOM, NOW).subject == f"window-{window.id}"
    with pytest.raises(Refused, match="sent before"):
        planning.plan(asked(sections=((window_section(), "down"),), message="All night."), TOM, NOW)


class TestTheCourse:
    """What is done to it by hand, each with its way back."""

    def test_start_early_and_undo(self) -> None:
        window = plan()
        change = planning.start(window.id, 1, TOM, NOW + MINUTE)
        assert (state(NOW + MINUTE), change and change.kind) == (State.DOWN, "window.start")
        undo.undo(last().id, TOM, NOW + 2 * MINUTE)
        assert (window.starts_at, window.typed_start) == (START, "2026-11-22T02:00")

    def test_start_is_not_done_twice(self) -> None:
        window = plan()
        planning.start(window.id, 1, TOM, NOW)
        assert planning.start(window.id, 1, TOM, NOW + MINUTE) is None

    def test_what_was_under_way_for_long_did_begin(self) -> None:
        window = plan()
        planning.start(window.id, 1, TOM, NOW)
        with pytest.raises(Refused, match="under way"):
            undo.undo(last().id, TOM, NOW + HOUR)

    def test_taken_back_and_done_again_within_a_second(self) -> None:
        window = plan()
        for _ in range(2):
            planning.start(window.id, window.version, TOM, NOW)
            undo.undo(last().id, TOM, NOW)
        assert window.starts_at == START

    def test_extend_moves_the_checks_and_undo_moves_them_back(self) -> None:
        window = plan(checks=30 * MINUTE)
        planning.extend(window.id, 1, START + 3 * HOUR, "Europe/London", "2026-11-22T05:00", TOM, START + HOUR)
        assert (window.ends_at, window.verifying_at) == (START + 3 * HOUR, START + 2.5 * HOUR)
        undo.undo(last().id, TOM, START + HOUR)
        assert (window.ends_at, window.verifying_at) == (START + 2 * HOUR, START + 1.5 * HOUR)

    def test_an_end_that_has_passed_is_refused(self) -> None:
        window = plan()
        with pytest.raises(Refused):
            planning.extend(window.id, 1, START, "Europe/London", "", TOM, START + HOUR)

    def test_verify_and_undo(self) -> None:
        window = plan()
        planning.verify(window.id, 1, TOM, START + HOUR)
        assert planning.stage_of(window, START + HOUR) is Stage.VERIFYING
        assert state(START + HOUR) is State.DOWN
        undo.undo(last().id, TOM, START + HOUR)
        assert planning.stage_of(window, START + HOUR) is Stage.IN_PROGRESS

    def test_finish_brings_the_section_back_and_undo_takes_it_off(self) -> None:
        window = plan()
        planning.finish(window.id, 1, TOM, START + HOUR)
        assert (window.gone_at, state(START + HOUR)) == (START + HOUR, State.OK)
        undo.undo(last().id, TOM, START + HOUR + MINUTE)
        assert state(START + HOUR + MINUTE) is State.DOWN

    def test_what_was_finished_long_ago_stays_so(self) -> None:
        window = plan()
        planning.finish(window.id, 1, TOM, START + HOUR)
        with pytest.raises(Refused, match="stays as it was"):
            undo.undo(last().id, TOM, START + HOUR + 11 * MINUTE)

    def test_cancel_before_it_begins_and_undo(self) -> None:
        window = plan()
        planning.cancel(window.id, 1, False, TOM, NOW + MINUTE)
        assert window.gone_at == NOW + MINUTE <= window.starts_at
        assert state(START) is State.OK
        undo.undo(last().id, TOM, START - MINUTE)
        assert state(START) is State.DOWN

    def test_what_was_cancelled_is_not_begun_by_an_undo(self) -> None:
        window = plan()
        planning.cancel(window.id, 1, False, TOM, NOW + MINUTE)
        with pytest.raises(Refused, match="Plan it anew"):
            undo.undo(last().id, TOM, START + MINUTE)

    def test_undo_of_the_plan_cancels_it(self) -> None:
        plan()
        undo.undo(last().id, TOM, NOW + MINUTE)
        assert state(START) is State.OK

    @pytest.mark.parametrize(
        ("deed", "t"),
        [
            (lambda id, t: planning.cancel(id, 1, False, TOM, t), START),
            (lambda id, t: planning.verify(id, 1, TOM, t), NOW),
            (lambda id, t: planning.finish(id, 1, TOM, t), NOW),
            (lambda id, t: planning.start(id, 1, TOM, t), START + 2 * HOUR),
            (lambda id, t: planning.extend(id, 1, START + DAY, "UTC", "", TOM, t), START + 2 * HOUR),
        ],
    )
    def test_what_does_not_fit_its_stage_is_refused(self, deed: Any, t: datetime) -> None:
        window = plan()
        with pytest.raises(Refused):
            deed(window.id, t)

    def test_an_old_version_is_a_conflict_that_names_who_was_quicker_and_not_the_clock(self) -> None:
        window = plan()
        tick(NOW)
        planning.say(window.id, 1, "You cannot upload documents.", TOM, NOW)
        tick(START + MINUTE)
        with pytest.raises(Conflict) as found:
            planning.finish(window.id, 1, TOM, START + HOUR)
        assert found.value.change is not None
        assert found.value.change.actor == "Tom Reed"


class TestEditing:
    def test_times_words_and_things_and_undo(self) -> None:
        window, search = plan(), make.section("search")
        sections = ((search.id, "warn"),)
        times = {"starts_at": START + HOUR, "typed_start": "2026-11-22T03:00"}
        planning.edit(window.id, 1, asked(sections=sections, title="Old disks", **times), False, TOM, NOW)
        assert (last().kind, window.title, window.starts_at) == ("window.edit", "Old disks", START + HOUR)
        assert state(START + HOUR) is State.OK
        undo.undo(last().id, TOM, NOW)
        assert (window.title, window.starts_at, state(START)) == ("New disks", START, State.DOWN)

    def test_nothing_new_is_no_change(self) -> None:
        first = asked()
        planning.plan(first, TOM, NOW)
        assert planning.edit(windows()[0].id, 7, first, False, TOM, NOW) is None

    def test_not_once_it_has_begun(self) -> None:
        window = plan()
        with pytest.raises(Refused, match="under way"):
            planning.edit(window.id, 1, asked(sections=(), title="Other"), False, TOM, START)


class TestPagerDutys:
    def test_gets_words_and_nothing_else(self) -> None:
        documents, payments = make.section("documents"), make.component()
        make.dependency(documents, payments)
        window = make.window(payments, start=START, message="Its own words")
        planning.say(window.id, 1, "You cannot upload documents.", TOM, NOW)
        assert (window.words, window.message) == ("You cannot upload documents.", "Its own words")
        notice = snapshot_at(read_facts(START), START).sections[0].notice
        assert notice
        assert notice.message == "You cannot upload documents."
        for deed in (planning.start, planning.verify, planning.finish):
            with pytest.raises(Refused, match="planned in PagerDuty"):
                deed(window.id, window.version, TOM, START)

    def test_when_followers_are_told_of_it_is_chosen_here(self) -> None:
        window = make.window(make.component(), start=START)
        chosen = {"tells": False, "reminds": True, "tells_start": True, "tells_end": False}
        change = planning.tell(window.id, window.version, chosen, TOM, NOW)
        assert change
        assert change.before == {"tells": True, "tells_start": False}
        assert (window.tells, window.tells_start) == (False, True)
        assert planning.tell(window.id, 1, chosen, TOM, NOW) is None
        undo.undo(change.id, TOM, NOW)
        assert (window.tells, window.tells_start) == (True, False)

    def test_its_words_can_be_taken_back(self) -> None:
        window = make.window(make.component(), start=START, message="Its own words")
        planning.say(window.id, 1, "Ours", TOM, NOW)
        undo.undo(last().id, TOM, NOW)
        assert window.words == ""


class TestSeries:
    """Work that comes again."""

    WEEKLY = "FREQ=WEEKLY;BYDAY=SU"

    def test_half_a_year_of_windows_at_the_same_wall_time(self) -> None:
        plan(rule=self.WEEKLY)
        found = windows()
        assert len(found) == 26
        assert {window.typed_start[11:] for window in found} == {"02:00"}
        assert {f"{window.starts_at:%H:%M}" for window in found} == {"02:00", "01:00"}  # the clocks go forward
        assert (last().kind, last().after and last().after["windows"]) == ("series.plan", 26)  # type: ignore[index]

    def test_at_most_sixty(self) -> None:
        plan(rule="FREQ=DAILY")
        assert len(windows()) == 60

    @pytest.mark.parametrize(("rule", "number"), [(";COUNT=3", 3), (";UNTIL=20261206T235959", 3), (";COUNT=1", 1)])
    def test_its_end(self, rule: str, number: int) -> None:
        plan(rule=self.WEEKLY + rule)
        assert len(windows()) == number
        tick(NOW)
        tick(NOW + 10 * DAY)
        assert len(windows()) == number

    def test_in_a_gap_it_is_at_the_later_time(self) -> None:
        plan(
            rule="FREQ=WEEKLY;BYDAY=SU",
            zone="Europe/Berlin",
            starts_at=datetime(2027, 3, 21, 1, tzinfo=UTC),
            ends_at=datetime(2027, 3, 21, 3, tzinfo=UTC),
            typed_start="2027-03-21T02:00",
            typed_end="2027-03-21T04:00",
        )
        spans = [(window.starts_at, window.ends_at) for window in windows()[:3]]
        assert spans[1] == (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 3, 28, 2, tzinfo=UTC))
        assert spans[2][0] == datetime(2027, 4, 4, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=WEEKLY;UNTIL=20200101T000000",
            "FREQ=WEEKLY;BYDAY=X",
            "BYDAY=SU",
        ],
    )
    def test_a_rule_that_never_comes_is_refused(self, rule: str) -> None:
        with pytest.raises(Refused) as refused:
            planning.plan(asked(rule=rule), TOM, NOW)
        assert (refused.value.field, windows()) == ("rule", [])

    def test_the_tick_adds_what_comes_into_sight_once(self) -> None:
        plan(rule=self.WEEKLY, title="Weekly restart", components=frozenset({make.component().id}))
        tick(NOW)
        for _ in range(3):
            tick(NOW + 14 * DAY)
        found = windows()
        assert len(found) == 28
        assert len({window.external_id for window in found}) == 28
        assert found[-1].title == "Weekly restart"
        grown = list(db.session.scalars(sa.select(Change).where(Change.kind == "series.grow")))
        assert len(grown) == 1

    def test_one_is_edited_alone(self) -> None:
        plan(rule=self.WEEKLY)
        one = windows()[1]
        week = asked(
            sections=((make.section("search").id, "down"),),
            starts_at=one.starts_at + HOUR,
            ends_at=one.ends_at,
            typed_start="2026-11-29T03:00",
            typed_end="2026-11-29T04:00",
        )
        planning.edit(one.id, 1, week, False, TOM, NOW)
        assert {window.typed_start[11:] for window in windows()} == {"02:00", "03:00"}
        assert windows()[2].typed_start == "2026-12-06T02:00"

    def test_all_that_follow_are_edited_and_so_are_those_to_come(self) -> None:
        plan(rule=self.WEEKLY)
        one = windows()[1]
        later = replace(
            asked(sections=((make.section("search").id, "down"),)),
            title="Later",
            starts_at=one.starts_at + HOUR,
            ends_at=one.ends_at + HOUR,
            typed_start="2026-11-29T03:00",
            typed_end="2026-11-29T05:00",
        )
        planning.edit(one.id, 1, later, True, TOM, NOW)
        tick(NOW)
        tick(NOW + 14 * DAY)
        assert [window.typed_start[11:] for window in windows()] == ["02:00"] + ["03:00"] * 27
        assert [window.title for window in windows()][:2] == ["New disks", "Later"]

    def test_all_that_follow_keep_their_day(self) -> None:
        plan(rule=self.WEEKLY)
        moved = asked(sections=((make.section("search").id, "down"),), typed_start="2026-11-23T02:00")
        with pytest.raises(Refused, match="keep their day"):
            planning.edit(windows()[0].id, 1, moved, True, TOM, NOW)

    def test_cancel_one(self) -> None:
        plan(rule=self.WEEKLY)
        planning.cancel(windows()[1].id, 1, False, TOM, NOW)
        assert [window.gone_at for window in windows()].count(None) == 25

    def test_cancel_all_that_follow_and_undo(self) -> None:
        plan(rule=self.WEEKLY)
        planning.cancel(windows()[1].id, 1, True, TOM, NOW)
        tick(NOW)
        tick(NOW + 30 * DAY)
        assert [window.gone_at for window in windows()].count(None) == 1
        called_off = db.session.scalars(sa.select(Change).where(Change.kind == "series.cancel")).one()
        undo.undo(called_off.id, TOM, NOW + MINUTE)
        assert [window.gone_at for window in windows()].count(None) == 26
        assert db.session.scalars(sa.select(WindowSeries.ended_at)).one() is None


class TestZonesThatChange:
    """The rules of a zone are changed by law; what was typed stands."""

    def moved(self, window: Window) -> None:
        """As if it had been planned by older rules, an hour off."""
        window.starts_at, window.ends_at = window.starts_at + HOUR, window.ends_at + HOUR
        db.session.commit()

    def test_before_it_starts_it_follows(self) -> None:
        window = plan(checks=30 * MINUTE)
        tick(NOW)
        self.moved(window)
        tick(NOW + 10 * MINUTE)
        assert (window.starts_at, window.ends_at) == (START, START + 2 * HOUR)
        assert (last().kind, last().actor) == ("window.zone", "Signpost")

    def test_once_only_and_not_what_has_begun(self) -> None:
        window = plan()
        tick(NOW)
        self.moved(window)
        for minutes in (10, 20, 30):
            tick(NOW + minutes * MINUTE)
        self.moved(window)
        tick(START + HOUR)
        kinds = list(db.session.scalars(sa.select(Change.kind)))
        assert kinds.count("window.zone") == 1

    def test_what_was_begun_early_keeps_its_start(self) -> None:
        window = plan()
        planning.start(window.id, 1, TOM, NOW)
        tick(NOW)
        tick(NOW + 20 * MINUTE)
        assert window.starts_at == NOW
