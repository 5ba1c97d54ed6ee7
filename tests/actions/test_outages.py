"""Taking a section off, and everything until it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import outages, undo
from dashboard.actions.outages import Plan
from dashboard.actions.writing import Conflict, Refused, chained
from dashboard.db import db
from dashboard.models import Change, Ledger, Outage, Section
from dashboard.rules.state import AtEnd
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

HOUR = timedelta(hours=1)
Kinds = Callable[[], list[str]]

PLAN = Plan(
    starts_at=NOW,
    planned_end=NOW + HOUR,
    at_end=AtEnd.RESTORE,
    reason="Northpay file is late",
    message="You cannot see your bank details.",
    alternative="Call 0300 000 0000.",
    zone="Europe/London",
    typed_start="",
    typed_end="",
    once="one-form-sent-twice",
)


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section("direct_deposit")


@pytest.fixture
def outage(section: Section) -> Outage:
    outages.start(section.id, PLAN, PRIYA, NOW)
    return db.session.scalars(sa.select(Outage)).one()


def test_start_writes_the_outage_and_who_did_it(outage: Outage) -> None:
    change = db.session.scalars(sa.select(Change)).one()
    assert (outage.reason, outage.over_at, outage.started_by) == ("Northpay file is late", NOW + HOUR, "Priya Shah")
    assert (change.kind, change.actor, change.address, change.at) == ("outage.start", "Priya Shah", "192.0.2.7", NOW)


def test_the_change_holds_all_that_was_said(outage: Outage) -> None:
    after = db.session.scalars(sa.select(Change.after)).one()
    assert after == {
        "starts_at": NOW.isoformat(),
        "planned_end": (NOW + HOUR).isoformat(),
        "at_end": "restore",
        "reason": "Northpay file is late",
        "message": "You cannot see your bank details.",
        "alternative": "Call 0300 000 0000.",
        "zone": "Europe/London",
        "typed_start": "",
        "typed_end": "",
        "tells": "length",
        "version": 1,
    }


def test_whether_it_is_told_can_change_with_its_end(outage: Outage) -> None:
    change = outages.extend(outage.id, outage.version, outage.planned_end, "Europe/London", "", PRIYA, NOW, "no")
    assert change
    assert (change.kind, change.before, outage.tells) == ("outage.extend", {"tells": "length"}, "no")
    assert outages.extend(outage.id, outage.version, outage.planned_end, "Europe/London", "", PRIYA, NOW) is None


def test_the_same_form_twice_is_one_outage(outage: Outage, kinds: Kinds) -> None:
    assert outages.start(outage.section_id, PLAN, PRIYA, NOW).subject == f"outage-{outage.id}"
    assert kinds() == ["outage.start"]


def test_the_same_form_after_the_outage_asks_to_be_sent_again(outage: Outage, kinds: Kinds) -> None:
    with pytest.raises(Refused, match="sent before"):
        outages.start(outage.section_id, replace(PLAN, planned_end=NOW + 3 * HOUR), PRIYA, NOW + HOUR)
    assert kinds() == ["outage.start"]


def test_two_clicks_at_once_are_one_outage(app: Flask, section: Section, kinds: Kinds) -> None:
    section_id, done = section.id, []
    db.session.rollback()

    def click() -> None:
        with app.app_context():
            done.append(outages.start(section_id, PLAN, PRIYA, NOW).id)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join(30)
    assert len(done) == 4
    assert len(set(done)) == 1
    assert kinds() == ["outage.start"]


@pytest.mark.parametrize(
    ("name", "start", "end", "sentence"),
    [
        ("past end", NOW - 2 * HOUR, NOW - HOUR, "has passed"),
        ("end now", NOW, NOW, "has passed"),
        ("end before start", NOW + 2 * HOUR, NOW + HOUR, "end before it starts"),
    ],
)
def test_times_that_make_no_sense(section: Section, name: str, start: datetime, end: datetime, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        outages.start(section.id, replace(PLAN, starts_at=start, planned_end=end), PRIYA, NOW)
    assert db.session.scalar(sa.select(sa.func.count(Outage.id))) == 0


def test_a_second_outage_of_the_same_time_is_a_conflict(outage: Outage) -> None:
    with pytest.raises(Conflict) as found:
        outages.start(outage.section_id, replace(PLAN, once="another-form-altogether"), TOM, NOW)
    assert found.value.change is not None
    assert found.value.change.actor == "Priya Shah"


@pytest.mark.parametrize(
    ("name", "theirs", "mine", "is_taken"),
    [
        ("off now", (0, 2), (0, 1), True),
        ("off now, end not known", (0, None), (1, 2), True),
        ("mine begins as theirs ends", (0, 1), (1, 2), False),
        ("theirs is planned for later, mine ends before", (3, 4), (0, 1), False),
        ("theirs is planned for later, mine lasts beyond", (3, 4), (0, 9), False),
        ("theirs is planned for later, nobody knows how long mine lasts", (3, 4), (0, None), False),
        ("both are planned for one time", (3, 4), (3, 4), True),
        ("mine is planned into theirs", (3, 6), (4, 5), True),
    ],
)
def test_where_it_is_off_already_the_first_one_stands(
    section: Section, name: str, theirs: tuple[int, int | None], mine: tuple[int, int | None], is_taken: bool
) -> None:
    first, second = (
        replace(PLAN, starts_at=NOW + span[0] * HOUR, planned_end=span[1] and NOW + span[1] * HOUR, once=f"form-{n}")
        for n, span in enumerate((theirs, mine))
    )
    outages.start(section.id, first, PRIYA, NOW)
    with pytest.raises(Conflict) if is_taken else nullcontext():
        outages.start(section.id, second, TOM, NOW)


def test_one_that_is_over_or_called_off_is_in_nobody_s_way(outage: Outage, kinds: Kinds) -> None:
    outages.end(outage.id, 1, PRIYA, NOW + HOUR / 2)
    outages.start(outage.section_id, replace(PLAN, once="another-form-altogether"), TOM, NOW + HOUR / 2)
    assert kinds() == ["outage.start", "outage.end", "outage.start"]


def test_what_is_asked_for_is_not_in_its_own_way(outage: Outage) -> None:
    outages.refuse_overlap(outage.section_id, outage.starts_at, NOW, besides=outage.id)
    with pytest.raises(Conflict):
        outages.refuse_overlap(outage.section_id, outage.starts_at, NOW)


@pytest.mark.parametrize("planned_end", [NOW + HOUR, None])
def test_a_held_outage_has_no_end_of_its_own(section: Section, planned_end: datetime | None) -> None:
    outages.start(section.id, replace(PLAN, planned_end=planned_end, at_end=AtEnd.HOLD), PRIYA, NOW)
    outages.extend(db.session.scalars(sa.select(Outage.id)).one(), 1, NOW + 2 * HOUR, "Europe/London", "", PRIYA, NOW)
    assert db.session.scalars(sa.select(Outage.over_at)).one() is None


def test_an_archived_section_cannot_be_taken_off(section: Section) -> None:
    section.archived_at = NOW
    db.session.commit()
    with pytest.raises(Refused, match="archived"):
        outages.start(section.id, PLAN, PRIYA, NOW)


def test_extend(outage: Outage, kinds: Kinds) -> None:
    change = outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/London", "", TOM, NOW)
    assert (outage.planned_end, outage.over_at) == (NOW + 3 * HOUR, NOW + 3 * HOUR)
    assert change is not None
    assert change.before is not None
    assert change.before["planned_end"] == (NOW + HOUR).isoformat()


def test_extend_to_the_same_end_changes_nothing(outage: Outage, kinds: Kinds) -> None:
    assert outages.extend(outage.id, 1, NOW + HOUR, "Europe/London", "", TOM, NOW) is None
    assert kinds() == ["outage.start"]


@pytest.mark.parametrize(
    ("name", "start", "end", "kept"),
    [
        ("neither was typed", "", "", ("Europe/London", "")),
        ("only the end was", "", "2026-11-21T18:30", ("Europe/Berlin", "2026-11-21T18:30")),
        ("the start was, elsewhere", "2026-11-21T14:30", "2026-11-21T18:30", ("Europe/London", "")),
    ],
)
def test_a_wall_time_keeps_the_zone_it_was_typed_in(
    section: Section, name: str, start: str, end: str, kept: tuple[str, str]
) -> None:
    outages.start(section.id, replace(PLAN, typed_start=start), PRIYA, NOW)
    outage = db.session.scalars(sa.select(Outage)).one()
    outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/Berlin", end, TOM, NOW)
    assert (outage.zone, outage.typed_end) == kept
    assert (outage.typed_start, outage.planned_end) == (start, NOW + 3 * HOUR)


ACTS = {
    "extend": lambda outage, by: outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/London", "", by, NOW),
    "words": lambda outage, by: outages.edit_words(outage.id, 1, "Other words", "", "Why", by, NOW),
    "end": lambda outage, by: outages.end(outage.id, 1, by, NOW + HOUR / 2),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_second_click_is_answered_as_the_first(outage: Outage, kinds: Kinds, act: str) -> None:
    first = ACTS[act](outage, PRIYA)
    assert ACTS[act](outage, PRIYA) is first
    assert kinds() == ["outage.start", f"outage.{act}"]


@pytest.mark.parametrize("act", ACTS)
def test_what_somebody_else_did_just_so_is_no_conflict(outage: Outage, kinds: Kinds, act: str) -> None:
    ACTS[act](outage, PRIYA)
    assert ACTS[act](outage, TOM) is None
    assert kinds() == ["outage.start", f"outage.{act}"]


def test_an_old_version_is_a_conflict_that_names_the_other(outage: Outage) -> None:
    outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/London", "", TOM, NOW)
    with pytest.raises(Conflict) as found:
        outages.edit_words(outage.id, 1, "Other words", "", "Why", PRIYA, NOW)
    assert found.value.change is not None
    assert (found.value.change.actor, found.value.change.kind) == ("Tom Reed", "outage.extend")


def test_end_brings_it_back_now(outage: Outage, kinds: Kinds) -> None:
    outages.end(outage.id, 1, TOM, NOW + HOUR / 2)
    assert (outage.ended_at, outage.over_at) == (NOW + HOUR / 2, NOW + HOUR / 2)
    assert kinds() == ["outage.start", "outage.end"]


def test_a_planned_one_is_called_off(section: Section, kinds: Kinds) -> None:
    outages.start(section.id, replace(PLAN, starts_at=NOW + HOUR, planned_end=NOW + 2 * HOUR), PRIYA, NOW)
    planned = db.session.scalars(sa.select(Outage)).one()
    outages.end(planned.id, 1, PRIYA, NOW)
    assert kinds()[-1] == "outage.cancel"


@pytest.mark.parametrize("act", ["extend", "words"])
def test_what_is_over_is_refused(outage: Outage, act: str) -> None:
    outages.end(outage.id, 1, TOM, NOW)
    with pytest.raises(Refused, match="over already"):
        ACTS[act](outage, PRIYA)


def test_what_came_back_by_itself_needs_no_bringing_back(outage: Outage, kinds: Kinds) -> None:
    assert outages.end(outage.id, 1, TOM, NOW + HOUR) is None
    assert (outage.ended_at, kinds()) == (None, ["outage.start"])


def test_undo_of_each_change_restores_what_was(outage: Outage) -> None:
    change = outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/London", "2026-11-21T17:30", TOM, NOW)
    assert change is not None
    undo.undo(change.id, TOM, NOW)
    assert (outage.planned_end, outage.over_at, outage.typed_end) == (NOW + HOUR, NOW + HOUR, "")


def test_undo_of_a_start_brings_it_back(outage: Outage, kinds: Kinds) -> None:
    undo.undo(db.session.scalars(sa.select(Change.id)).one(), PRIYA, NOW + HOUR / 2)
    assert outage.over_at == NOW + HOUR / 2
    assert kinds() == ["outage.start", "outage.undo"]


def test_undo_of_an_end_takes_it_off_again(outage: Outage) -> None:
    change = outages.end(outage.id, 1, TOM, NOW + HOUR / 2)
    assert change is not None
    undo.undo(change.id, TOM, NOW + HOUR / 2)
    assert (outage.ended_at, outage.over_at) == (None, NOW + HOUR)


def test_undo_too_late_says_so(outage: Outage) -> None:
    change = outages.end(outage.id, 1, TOM, NOW + HOUR / 2)
    assert change is not None
    with pytest.raises(Refused, match="over anyway"):
        undo.undo(change.id, TOM, NOW + HOUR)


def test_undo_after_somebody_else_is_a_conflict(outage: Outage) -> None:
    change = outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/London", "", TOM, NOW)
    outages.edit_words(outage.id, 2, "Other words", "", "Why", PRIYA, NOW)
    assert change is not None
    with pytest.raises(Conflict):
        undo.undo(change.id, TOM, NOW)


def test_nothing_is_kept_of_an_action_that_fails(app: Flask, section: Section, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("dashboard.actions.writing.chained", fails)
    with pytest.raises(RuntimeError):
        outages.start(section.id, PLAN, PRIYA, NOW)
    assert db.session.scalar(sa.select(sa.func.count(Outage.id))) == 0


def test_changes_are_chained(outage: Outage) -> None:
    outages.extend(outage.id, 1, NOW + 3 * HOUR, "Europe/London", "", TOM, NOW)
    first, second = db.session.scalars(sa.select(Change).order_by(Change.id))
    assert second.hash == chained(first.hash, second)
    assert db.session.scalars(sa.select(Ledger.head)).one() == second.hash


def test_eight_writers_lose_nothing(app: Flask, section: Section, kinds: Kinds) -> None:
    section_id = section.id
    db.session.rollback()

    def write(writer: int) -> None:
        with app.app_context():
            for turn in range(6):
                start = NOW + (writer * 6 + turn) * HOUR
                plan = replace(PLAN, starts_at=start, planned_end=start + HOUR, once=f"writer-{writer}-{turn}")
                outages.start(section_id, plan, PRIYA, NOW)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
    assert kinds() == ["outage.start"] * 48
