"""What PagerDuty told becomes true here, once, and a failure changes nothing but what is said of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from dashboard import heartbeat, publish
from dashboard.actions import windows
from dashboard.actions.writing import chained
from dashboard.db import db
from dashboard.models import Change, Component, Ledger, Service, Source, Window, WindowComponent
from dashboard.sources.pagerduty_records import Fetch, Skipped, WindowRecord
from tests import make
from tests.conftest import NOW
from tests.jobs.conftest import connection, redis_url  # noqa: F401 (fixtures)

HOUR = timedelta(hours=1)
LEDGER, PAYMENTS = "P0AAAA1", "P0BBBB2"
TOLD = WindowRecord(
    external_id="PW1",
    starts_at=NOW - HOUR,
    ends_at=NOW + HOUR,
    title="CHG-12",
    message="We are moving the ledger.",
    url="https://larkfield.pagerduty.example/w/PW1",
    services=frozenset({LEDGER}),
)


@pytest.fixture
def ledger(app: Flask) -> Component:
    component = make.component("ledger")
    make.service(component, LEDGER)
    return component


@pytest.fixture
def payments(app: Flask) -> Component:
    component = make.component("payments")
    make.service(component, PAYMENTS)
    return component


def poll(*records: WindowRecord, at: datetime = NOW, **given: Any) -> windows.Applied:
    """A whole answer with these windows, asked for and applied at ``at``."""
    return windows.apply_poll(Fetch(at, records, **given), at)


def fail(sentence: str = "PagerDuty could not be reached.", at: datetime = NOW) -> None:
    windows.apply_failure(sentence, at, at)


def window(external_id: str = "PW1") -> Window:
    return db.session.scalars(sa.select(Window).where(Window.external_id == external_id)).one()


def source() -> Source:
    return db.session.get_one(Source, "pagerduty")


def components(of: Window) -> list[int]:
    found = sa.select(WindowComponent.component_id).where(WindowComponent.window_id == of.id)
    return sorted(db.session.scalars(found))


def last() -> Change:
    return db.session.scalars(sa.select(Change).order_by(Change.id.desc())).first()  # type: ignore[return-value]


def everything() -> list[Any]:
    """All rows that a poll may write, as they are in the database."""
    db.session.rollback()
    tables = [row.__table__ for row in (Window, WindowComponent, Source, Change, Ledger, Service)]
    return [[tuple(row) for row in db.session.execute(sa.select(table))] for table in tables]


def test_a_new_window_is_added_for_its_component(ledger: Component, kinds: Callable[[], list[str]]) -> None:
    assert poll(TOLD).changed == 1
    row = window()
    assert (row.starts_at, row.ends_at, row.title, row.message) == (NOW - HOUR, NOW + HOUR, TOLD.title, TOLD.message)
    assert components(row) == [ledger.id]
    assert kinds() == ["window.add", "source.begin"]
    assert last().actor == "PagerDuty"


def test_a_window_on_no_component_here_is_none_of_ours(ledger: Component) -> None:
    poll(replace(TOLD, services=frozenset({"P0ZZZZ9"})))
    assert db.session.scalar(sa.select(sa.func.count(Window.id))) == 0


def test_a_service_that_is_unknown_here_adds_nothing(ledger: Component) -> None:
    poll(replace(TOLD, services=frozenset({LEDGER, "P0ZZZZ9"})))
    assert components(window()) == [ledger.id]


def test_a_service_may_stand_for_several_components(ledger: Component, payments: Component) -> None:
    make.service(payments, LEDGER)
    poll(TOLD)
    assert components(window()) == [ledger.id, payments.id]


def test_a_window_that_is_over_is_not_added(ledger: Component) -> None:
    assert poll(replace(TOLD, ends_at=NOW)).changed == 0


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ({"ends_at": NOW + 2 * HOUR}, "window.move"),
        ({"ends_at": NOW + HOUR / 2}, "window.move"),
        ({"starts_at": NOW + HOUR / 2}, "window.move"),
        ({"ends_at": NOW - HOUR / 2}, "window.end"),
        ({"message": "Slower than usual."}, "window.words"),
        ({"title": "CHG-13"}, "window.words"),
        ({"message": "Longer.", "ends_at": NOW + 2 * HOUR}, "window.move"),
    ],
)
def test_what_is_altered_follows(
    ledger: Component, kinds: Callable[[], list[str]], new: dict[str, Any], kind: str
) -> None:
    poll(TOLD)
    poll(replace(TOLD, **new), at=NOW + timedelta(minutes=1))
    row = window()
    assert {name: getattr(row, name) for name in new} == new
    assert (kinds()[2:], row.version) == ([kind], 2)
    assert set(last().before or {}) == set(last().after or {}) == set(new)


def test_a_window_that_loses_a_service_leaves_its_component(ledger: Component, payments: Component) -> None:
    poll(replace(TOLD, services=frozenset({LEDGER, PAYMENTS})))
    poll(replace(TOLD, services=frozenset({PAYMENTS})), at=NOW + HOUR / 2)
    assert components(window()) == [payments.id]
    assert (last().kind, last().after) == ("window.components", {"components": [payments.id]})


def test_a_window_that_loses_its_last_service_is_dropped(ledger: Component) -> None:
    poll(TOLD)
    poll(replace(TOLD, services=frozenset({"P0ZZZZ9"})), at=NOW + HOUR / 2)
    assert (window().gone_at, last().kind) == (NOW + HOUR / 2, "window.drop")


def test_a_window_that_pagerduty_does_not_have_is_dropped(ledger: Component) -> None:
    poll(TOLD)
    poll(gone=frozenset({"PW1"}), at=NOW + HOUR / 2)
    assert (window().gone_at, last().kind, window().version) == (NOW + HOUR / 2, "window.drop", 2)


def test_a_window_that_is_only_missing_stays(ledger: Component) -> None:
    poll(TOLD)
    poll(unconfirmed=frozenset({"PW1"}), at=NOW + HOUR / 2)
    assert window().gone_at is None


def test_a_window_that_comes_back_counts_again(ledger: Component) -> None:
    poll(TOLD)
    poll(gone=frozenset({"PW1"}), at=NOW + HOUR / 4)
    poll(TOLD, at=NOW + HOUR / 2)
    assert (window().gone_at, last().kind) == (None, "window.add")


def test_a_genuinely_empty_answer_clears(ledger: Component) -> None:
    poll(TOLD, replace(TOLD, external_id="PW2"))
    poll(gone=frozenset({"PW1", "PW2"}), at=NOW + HOUR / 2)
    assert publish.read_facts(NOW + HOUR / 2).windows == ()


def test_a_nameless_record_might_be_any_that_is_missing(ledger: Component) -> None:
    poll(TOLD)
    poll(gone=frozenset({"PW1"}), skipped=(Skipped(None, "it has no id"),), at=NOW + HOUR / 2)
    assert window().gone_at is None


def test_a_skipped_record_leaves_its_window(ledger: Component) -> None:
    poll(TOLD)
    poll(skipped=(Skipped("PW1", "its end is before its start"),), at=NOW + HOUR / 2)
    assert (window().gone_at, window().ends_at) == (None, NOW + HOUR)
    assert source().warnings == ["Window PW1 was skipped: its end is before its start."]


def test_a_service_that_is_refused_keeps_its_component(ledger: Component, payments: Component) -> None:
    poll(replace(TOLD, services=frozenset({LEDGER, PAYMENTS})))
    poll(replace(TOLD, services=frozenset({PAYMENTS})), unknown=((LEDGER, "Not Found"),), at=NOW + HOUR / 2)
    assert components(window()) == [ledger.id, payments.id]
    assert db.session.get_one(Service, (LEDGER, ledger.id)).problem == "Not Found"


def test_a_service_that_is_known_again_has_no_problem(ledger: Component) -> None:
    poll(unknown=((LEDGER, "Not Found"),))
    poll(at=NOW + HOUR)
    assert db.session.get_one(Service, (LEDGER, ledger.id)).problem == ""
    assert source().warnings == []


def test_many_windows_are_chained_like_one(ledger: Component) -> None:
    poll(*(replace(TOLD, external_id=f"PW{number}") for number in range(1_200)))
    changes = list(db.session.scalars(sa.select(Change).order_by(Change.id)))
    assert len(changes) == 1_201
    assert all(change.hash == chained(before.hash, change) for before, change in pairwise(changes))
    assert db.session.scalars(sa.select(Ledger)).one().head == changes[-1].hash


class TestWritingNothing:
    @pytest.fixture(autouse=True)
    def remembered(self, app: Flask, connection: redis.Redis) -> None:  # noqa: F811
        app.extensions["redis"] = connection

    def test_an_unchanged_poll_writes_no_row(self, ledger: Component) -> None:
        poll(TOLD)
        before = everything()
        for minutes in range(1, 4):
            poll(TOLD, at=NOW + timedelta(minutes=minutes))
        assert everything() == before
        assert heartbeat.last("pagerduty") == NOW + timedelta(minutes=3)

    def test_what_is_skipped_each_time_is_written_once(self, ledger: Component) -> None:
        poll(TOLD, skipped=(Skipped("PW2", "it has no id"),))
        before = everything()
        poll(TOLD, skipped=(Skipped("PW2", "it has no id"),), at=NOW + HOUR / 2)
        assert everything() == before

    def test_an_answer_older_than_an_unchanged_one_is_let_go(self, ledger: Component) -> None:
        poll(TOLD)
        poll(TOLD, at=NOW + timedelta(minutes=2))
        late = poll(at=NOW + timedelta(minutes=1), gone=frozenset({"PW1"}))
        assert (late.late, window().gone_at) == (True, None)

    def test_the_first_failure_keeps_when_it_last_went_well(self, ledger: Component) -> None:
        poll(TOLD)
        poll(TOLD, at=NOW + timedelta(minutes=2))
        fail(at=NOW + timedelta(minutes=3))
        assert source().checked_at == NOW + timedelta(minutes=2)


def test_without_redis_the_database_keeps_the_time_and_shows_it(ledger: Component) -> None:
    poll(TOLD)
    poll(TOLD, at=NOW + timedelta(minutes=1))
    assert source().checked_at == NOW + timedelta(minutes=1)
    facts = publish.press().facts
    assert facts is not None
    assert facts.sources[0].checked_at == NOW + timedelta(minutes=1)


class TestFailing:
    def test_windows_stay_and_the_error_is_kept(self, ledger: Component) -> None:
        poll(TOLD)
        before = everything()[:2]
        fail(at=NOW + timedelta(minutes=1))
        assert everything()[:2] == before
        row = source()
        assert (row.error, row.error_at) == ("PagerDuty could not be reached.", NOW + timedelta(minutes=1))
        assert (row.failing_since, row.checked_at) == (NOW + timedelta(minutes=1), NOW)

    def test_a_first_poll_that_fails_is_a_source_that_never_answered(self, app: Flask) -> None:
        fail()
        assert (source().checked_at, source().failing_since) == (None, NOW)

    def test_only_a_beginning_another_error_and_an_end_are_recorded(
        self, ledger: Component, kinds: Callable[[], list[str]]
    ) -> None:
        for minute, error in enumerate(["cut", "cut", "slow", "slow"], 1):
            fail(error, at=NOW + timedelta(minutes=minute))
        assert source().failing_since == NOW + timedelta(minutes=1)
        assert source().error_at == NOW + timedelta(minutes=4)
        poll(at=NOW + timedelta(minutes=5))
        assert kinds() == ["source.fail", "source.error", "source.recover"]
        assert (source().error, source().error_at, source().failing_since) == ("", None, None)

    def test_a_late_failure_is_let_go(self, ledger: Component) -> None:
        poll(TOLD)
        fail(at=NOW - timedelta(minutes=1))
        assert source().error == ""


def test_an_answer_that_was_asked_for_earlier_is_let_go(ledger: Component) -> None:
    poll(TOLD)
    late = poll(replace(TOLD, ends_at=NOW + 5 * HOUR), at=NOW - timedelta(seconds=1))
    assert (late.late, window().ends_at) == (True, NOW + HOUR)


def test_two_that_apply_at_once_have_one_effect(app: Flask, ledger: Component, kinds: Callable[[], list[str]]) -> None:
    start = threading.Barrier(2)

    def apply() -> None:
        with app.app_context():
            start.wait(5)
            poll(TOLD, replace(TOLD, external_id="PW2"))

    threads = [threading.Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert kinds() == ["window.add", "window.add", "source.begin"]


def test_an_answer_from_the_future_stands_in_nobodys_way(ledger: Component) -> None:
    poll(TOLD, at=NOW + 1_000 * HOUR)
    poll(TOLD, at=NOW)
    assert (source().checked_at, last().kind) == (NOW, "source.clock")
    assert window().ends_at == NOW + HOUR


def test_one_who_is_not_asked_any_more_is_not_spoken_of(app: Flask, kinds: Callable[[], list[str]]) -> None:
    make.source()
    windows.let_go(NOW)
    windows.let_go(NOW)
    assert (db.session.get(Source, windows.NAME), kinds()) == (None, ["source.end"])


def test_as_long_as_a_window_of_his_is_open_he_is(ledger: Component) -> None:
    poll(TOLD)
    windows.let_go(NOW)
    assert source().checked_at == NOW


def test_work_that_is_planned_here_is_none_of_its_business(ledger: Component) -> None:
    ours = make.window(ledger, start=NOW - HOUR, minutes=120, source="signpost", external_id="PW1", title="Ours")
    poll(TOLD)
    poll(at=NOW + HOUR / 4, gone=frozenset({"PW1"}))
    windows.let_go(NOW + HOUR / 2)
    db.session.refresh(ours)
    assert (ours.title, ours.gone_at, ours.version) == ("Ours", None, 1)
    theirs = db.session.scalars(sa.select(Window).where(Window.source == "pagerduty")).one()
    assert theirs.gone_at is not None
