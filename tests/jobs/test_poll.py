"""A poll from end to end: a real PagerDuty on the loopback, a real database, and what the public is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import polling, publish
from dashboard.alone import alone
from dashboard.config import Settings
from dashboard.db import db
from dashboard.demo.pagerduty_double import Answer
from dashboard.editions import edition_at
from dashboard.models import Change, Component, Source, Window, WindowComponent
from dashboard.polling import Report
from dashboard.sources import pagerduty
from dashboard.sources.pagerduty import Limits
from tests import make
from tests.conftest import NOW
from tests.doubles import pagerduty as faults
from tests.doubles.pagerduty import Fault, Faulty

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LEDGER = "P0AAAA1"


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.t = NOW

    def __call__(self) -> datetime:
        return self.t


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def double(clock: Clock) -> Iterator[Faulty]:
    with Faulty(clock) as double:
        double.add_service(LEDGER, "External: Ledger")
        yield double


@pytest.fixture
def settings(settings: Settings, double: Faulty) -> Settings:
    return replace(settings, pagerduty_url=double.url, pagerduty_api_key="test-key")


@pytest.fixture
def ledger(app: Flask) -> Component:
    """A component with a PagerDuty service, and a section that is down while there is a window on it."""
    component = make.component("ledger")
    make.service(component, LEDGER)
    make.dependency(make.section("direct_deposit"), component)
    return component


async def no_pause(seconds: float) -> None:
    """The pauses themselves are tested elsewhere."""


@pytest.fixture
def poll(app: Flask, clock: Clock) -> Callable[[], Report]:
    limits = Limits(request_seconds=0.5, list_seconds=3, confirm_seconds=1, sleep=no_pause)

    def poll(minutes: float = 1) -> Report:
        clock.t += timedelta(minutes=minutes)
        return polling.poll(clock, limits)

    return poll


@pytest.fixture
def known(double: Faulty, ledger: Component, poll: Callable[..., Report]) -> Window:
    """One window is known, read by a good poll at NOW."""
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, LEDGER, description="CHG-12 USER_MESSAGE: New hardware.")
    assert poll(minutes=0).complete
    return db.session.scalars(sa.select(Window)).one()


def stored() -> list[Any]:
    """Every window and what it is on."""
    db.session.rollback()
    tables = (Window.__table__, WindowComponent.__table__)
    return [tuple(row) for table in tables for row in db.session.execute(sa.select(table))]


def source() -> Source:
    return db.session.get_one(Source, "pagerduty")


def banner(at: datetime) -> dict[str, Any]:
    """What every embedding page reads at that time."""
    answer = edition_at(publish.read_facts(at), at).answer("/embed/v1/status.json")
    assert answer is not None
    return dict(json.loads(answer.variants[""].body))


def page(*records: object, more: bool = False) -> bytes:
    return json.dumps({"maintenance_windows": records, "more": more}).encode()


FAULTS: list[tuple[str, Callable[[Faulty], Fault], str]] = [
    ("400", lambda _: faults.status(400), "does not understand the question"),
    ("401", lambda _: faults.status(401), "does not accept the API key"),
    ("402", lambda _: faults.status(402), "plan for this account"),
    ("403", lambda _: faults.status(403), "does not let this API key"),
    ("404", lambda _: faults.status(404), "nothing at that address"),
    ("408", lambda _: faults.status(408), "gave up"),
    ("429 with its header", lambda _: faults.status(429, ratelimit_reset="9"), "wants fewer questions"),
    ("429 without a word", lambda _: faults.bare(429), "wants fewer questions"),
    ("500", lambda _: faults.status(500), "trouble of its own (500)"),
    ("502 in HTML", lambda _: faults.status(502, Content_Type="text/html"), "trouble of its own (502)"),
    ("503", lambda _: faults.bare(503), "trouble of its own (503)"),
    ("204", lambda _: faults.bare(204), "makes no sense"),
    ("a time-out", faults.hang, "did not answer within"),
    ("a dripping body", faults.drip, "did not answer within"),
    ("a dripping head", lambda double: faults.drip(double, head=True), "did not answer within"),
    ("a redirect", lambda _: faults.redirect("http://127.0.0.1:9/"), "leads elsewhere"),
    ("HTML", lambda _: faults.body(b"<p>Sign in</p>", "text/html"), "other than JSON"),
    ("truncated JSON", lambda _: faults.half, "cut off or wrong"),
    ("a cut connection", lambda _: faults.cut, "cut off"),
    ("a closed connection", lambda _: faults.close, "cut off"),
    ("null", lambda _: faults.body(b"null"), "another shape"),
    ("null windows", lambda _: faults.body(b'{"maintenance_windows":null,"more":false}'), "another shape"),
    ("an empty object", lambda _: faults.body(b"{}"), "another shape"),
    ("no bytes", lambda _: faults.body(b""), "cut off or wrong"),
    ("empty with more", lambda _: faults.body(page(more=True)), "said that there is more"),
    ("deep JSON", lambda _: faults.body(b"[" * 100_000), "nested too deep"),
    ("an oversized answer", lambda _: faults.body(b" " * 8_000_001), "larger than 8 MB"),
    ("an encoding", lambda _: faults.zipped, "encoding"),
]


@pytest.mark.parametrize(("fault", "words"), [line[1:] for line in FAULTS], ids=[line[0] for line in FAULTS])
def test_an_error_is_never_an_empty_list(
    double: Faulty, known: Window, poll: Callable[[], Report], fault: Callable[[Faulty], Fault], words: str
) -> None:
    before = stored()
    double.windows.clear()
    double.always["/maintenance_windows"] = fault(double)
    report = poll()
    assert not report.complete
    assert words in report.sentence
    assert stored() == before
    row = source()
    assert words in row.error
    assert (row.error_at, row.failing_since, row.checked_at) == (NOW + MINUTE, NOW + MINUTE, NOW)


def test_a_second_page_that_fails_throws_away_the_first(
    double: Faulty, known: Window, poll: Callable[[], Report]
) -> None:
    double.page_size = 1
    double.add_window("PW2", NOW, NOW + HOUR, LEDGER)
    double.windows["PW1"]["end_time"] = (NOW + 5 * HOUR).isoformat()
    before = stored()
    double.script = [None, faults.status(500), faults.status(500)]
    assert "trouble of its own" in poll().sentence
    assert stored() == before


def test_a_key_never_follows_a_redirect(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    with Faulty(lambda: NOW) as elsewhere:
        double.always["/"] = faults.redirect(elsewhere.url)
        poll()
        assert elsewhere.asked == []


def test_a_service_list_emptied_by_mistake_clears_nothing(
    double: Faulty, known: Window, poll: Callable[[], Report]
) -> None:
    make_nothing_mapped()
    before, asked = stored(), len(double.asked)
    assert "No PagerDuty service belongs to a component any more" in poll().sentence
    assert (stored(), len(double.asked)) == (before, asked)
    assert source().error_at == NOW + MINUTE


def make_nothing_mapped() -> None:
    db.session.execute(sa.text("DELETE FROM services"))
    db.session.commit()


def test_one_bad_id_leaves_the_rest_in_the_same_poll(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    dead = make.component("dead")
    make.service(dead, "P0DEAD1")
    double.add_window("PW2", NOW, NOW + HOUR, LEDGER)
    report = poll()
    assert "P0DEAD1" in report.warnings[0]
    assert (report.complete, len(source().warnings), source().error) == (False, 1, "")
    assert db.session.scalar(sa.select(sa.func.count(Window.id))) == 2


def test_the_window_of_a_service_that_is_refused_stays(
    double: Faulty, known: Window, poll: Callable[[], Report]
) -> None:
    double.services.pop(LEDGER)
    double.add_service("P0BBBB2", "Payments")
    make.service(make.component("payments"), "P0BBBB2")
    before = stored()
    poll()
    assert stored() == before
    assert "was left out" in source().warnings[0]


def test_one_poison_record_is_skipped_and_told(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    double.windows["PW1"]["end_time"] = "soon"
    double.add_window("PW2", NOW, NOW + HOUR, LEDGER)
    before = stored()
    report = poll()
    assert report.warnings == ("Window PW1 was skipped: its start or its end is not a time.",)
    assert set(before) < set(stored())


def test_a_genuinely_empty_answer_clears(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    double.windows.clear()
    assert poll().complete
    assert banner(NOW + MINUTE)["sections"] == []


def test_a_momentary_empty_list_clears_nothing(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    before = stored()
    double.script = [faults.body(page())]
    assert poll().complete
    assert stored() == before
    assert double.paths()[-1] == "/maintenance_windows/PW1"


@pytest.mark.parametrize("services", [[], [{"id": "P0ZZZZ9"}]])
def test_a_record_on_none_of_the_services_asked_for_clears_nothing(
    double: Faulty, known: Window, poll: Callable[[], Report], services: list[object]
) -> None:
    before = stored()
    double.script = [faults.body(page({**double.windows["PW1"], "services": services}))]
    poll()
    assert stored() == before


def test_a_window_that_moved_to_another_service_follows(
    double: Faulty, known: Window, poll: Callable[[], Report]
) -> None:
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, "P0ZZZZ9")
    assert poll().complete
    assert banner(NOW + MINUTE)["sections"] == []


def test_what_nobody_foresaw_is_told_to_staff(
    double: Faulty, known: Window, poll: Callable[[], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagerduty, "read_window", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        poll()
    assert "could not be worked through" in source().error
    assert banner(NOW + MINUTE)["sections"]


@pytest.mark.parametrize("date", ["Sat, 21 Nov 99999999999 10:00:00 GMT", "21 Nov 2026 10:00:00 +99999999999999", "?"])
def test_a_date_that_makes_no_sense_is_let_go(
    double: Faulty, known: Window, poll: Callable[[], Report], date: str
) -> None:
    double.always["/"] = lambda polite: Answer(polite.status, polite.body, {**polite.headers, "Date": date})
    assert poll().complete


def test_a_deleted_window_follows(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    double.add_window("PW2", NOW, NOW + HOUR, LEDGER)
    poll()
    double.windows.pop("PW1")
    poll()
    gone = db.session.scalars(sa.select(Window.external_id).where(Window.gone_at.is_not(None)))
    assert list(gone) == ["PW1"]


def test_a_window_that_was_ended_early_follows(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    double.windows["PW1"]["end_time"] = (NOW + 0.5 * MINUTE).isoformat()
    assert poll().complete
    db.session.refresh(known)
    assert (known.ends_at, known.gone_at) == (NOW + 0.5 * MINUTE, None)
    assert banner(NOW + MINUTE)["sections"] == []


@pytest.mark.parametrize(("start", "end"), [(-60, 30), (-60, 600), (30, 90)])
def test_a_shortened_or_moved_window_follows(
    double: Faulty, known: Window, poll: Callable[[], Report], start: int, end: int
) -> None:
    double.add_window("PW1", NOW + start * MINUTE, NOW + end * MINUTE, LEDGER)
    poll()
    db.session.refresh(known)
    assert (known.starts_at, known.ends_at) == (NOW + start * MINUTE, NOW + end * MINUTE)


def test_a_window_that_loses_a_service_follows(double: Faulty, known: Window, poll: Callable[[], Report]) -> None:
    double.add_service("P0BBBB2", "Payments")
    payments = make.component("payments")
    make.service(payments, "P0BBBB2")
    double.add_window("PW1", NOW - HOUR, NOW + HOUR, "P0BBBB2")
    poll()
    assert list(db.session.scalars(sa.select(WindowComponent.component_id))) == [payments.id]


def test_times_with_the_accounts_offset_are_the_same_times(
    double: Faulty, ledger: Component, poll: Callable[..., Report]
) -> None:
    double.add_window("PW1", NOW, NOW + HOUR, LEDGER)
    double.windows["PW1"] |= {"start_time": "2026-11-21T09:30:00-05:00", "end_time": "2026-11-21T10:30:00-05:00"}
    poll(minutes=0)
    row = db.session.scalars(sa.select(Window)).one()
    assert (row.starts_at, row.ends_at) == (NOW, NOW + HOUR)


def test_a_skewed_clock_is_told_and_moves_nothing(
    double: Faulty, known: Window, clock: Clock, poll: Callable[[], Report]
) -> None:
    double.clock = lambda: clock() + 10 * MINUTE
    before = stored()
    report = poll()
    assert (report.complete, stored()) == (True, before)
    assert "differ by more than a minute" in source().warnings[0]


def test_the_words_before_the_mark_are_never_public(known: Window) -> None:
    entry = banner(NOW)["sections"][0]
    assert (entry["state"], entry["message"], entry["until"]) == ("down", "New hardware.", "2026-11-21T15:30:00Z")
    edition = edition_at(publish.read_facts(NOW), NOW)
    bodies = [edition.answer(path) for path in edition.lines]
    assert not any(b"CHG-12" in answer.variants[""].body for answer in bodies if answer)


def test_after_three_missed_polls_the_public_is_told_and_the_window_stays(
    double: Faulty, known: Window, poll: Callable[[], Report]
) -> None:
    double.always["/"] = faults.status(503)
    for _ in range(3):
        poll()
    before, after = banner(NOW + 2.9 * MINUTE), banner(NOW + 3 * MINUTE)
    assert (before["stale"], after["stale"]) == ([], ["pagerduty"])
    assert after["checked_at"] == {"pagerduty": "2026-11-21T14:30:00Z"}
    assert [entry["state"] for entry in after["sections"]] == ["down"]


def test_a_recovery_is_told_too(double: Faulty, known: Window, poll: Callable[..., Report]) -> None:
    double.script = [faults.status(401)]
    poll(minutes=5)
    assert poll().complete
    assert (source().error, banner(NOW + 6 * MINUTE)["stale"]) == ("", [])
    kinds = list(db.session.scalars(sa.select(Change.kind).order_by(Change.id)))
    assert kinds[-2:] == ["source.fail", "source.recover"]


class TestOneAtATime:
    @pytest.fixture(params=["with Redis", "without Redis"], autouse=True)
    def either_way(self, request: pytest.FixtureRequest, app: Flask) -> None:
        if request.param == "with Redis":
            app.extensions["redis"] = request.getfixturevalue("connection")

    def test_a_second_poll_asks_nothing(
        self, app: Flask, double: Faulty, known: Window, poll: Callable[[], Report]
    ) -> None:
        asked = len(double.asked)
        with alone("poll", 30):
            assert "under way" in poll().sentence
        assert len(double.asked) == asked
        assert poll().complete

    def test_two_at_once_have_one_effect(self, app: Flask, double: Faulty, ledger: Component, clock: Clock) -> None:
        double.add_window("PW1", NOW, NOW + HOUR, LEDGER)
        reports: list[Report] = []

        def run() -> None:
            with app.app_context():
                reports.append(polling.poll(clock))

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(reports) == 3
        kinds = list(db.session.scalars(sa.select(Change.kind)))
        assert kinds.count("window.add") == 1


class TestTheCommand:
    @pytest.fixture
    def run(self, app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[int, str]]:
        monkeypatch.setattr("dashboard.cli.now", clock)

        def run() -> tuple[int, str]:
            result = app.test_cli_runner().invoke(args=["poll"])
            return result.exit_code, result.output

        return run

    def test_a_complete_poll_succeeds(
        self, double: Faulty, ledger: Component, run: Callable[[], tuple[int, str]]
    ) -> None:
        double.add_window("PW1", NOW, NOW + HOUR, LEDGER)
        assert run() == (0, "1 window read from PagerDuty, 1 changed.\n")

    def test_one_that_fails_says_why(self, double: Faulty, known: Window, run: Callable[[], tuple[int, str]]) -> None:
        double.always["/"] = faults.status(401)
        code, said = run()
        assert (code, "Check PAGERDUTY_API_KEY. Everything stays as it was." in said) == (1, True)

    def test_one_that_skips_something_warns(
        self, double: Faulty, known: Window, run: Callable[[], tuple[int, str]]
    ) -> None:
        double.windows["PW1"]["end_time"] = "soon"
        code, said = run()
        assert (code, "Warning: Window PW1 was skipped" in said) == (1, True)

    def test_nothing_mapped_is_nothing_to_ask(self, double: Faulty, run: Callable[[], tuple[int, str]]) -> None:
        code, said = run()
        assert (code, "nothing to ask" in said, double.asked) == (0, True, [])


def test_without_a_key_the_command_says_so(app: Flask) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], pagerduty_api_key="")
    result = app.test_cli_runner().invoke(args=["poll"])
    assert (result.exit_code, "PAGERDUTY_API_KEY is not set" in result.output) == (2, True)
