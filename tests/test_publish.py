"""Who publishes, and when: from the database to what every process of every host shows."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.exc import OperationalError

from dashboard import heartbeat, publish
from dashboard.actions.writing import SIGNPOST, writing
from dashboard.app import assemble
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.files import file_of
from dashboard.models import Ledger, Section
from dashboard.press import Press
from dashboard.publish import Keeper
from tests import make
from tests.conftest import NOW

SECOND = timedelta(seconds=1)
BANNER = "/embed/v1/status.json"


class Line:
    """What the product uses of Redis, where it answers."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def set(self, key: str, value: str) -> None:
        self.kept[key] = value

    def get(self, key: str) -> bytes | None:
        return self.kept[key].encode() if key in self.kept else None


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def keeper(app: Flask) -> Keeper:
    return Keeper(app)


@contextmanager
def dead_database() -> Iterator[None]:
    def refuse(*_: Any) -> None:
        raise OperationalError("", {}, Exception("gone"))

    sa.event.listen(db.engine, "before_cursor_execute", refuse)
    yield
    sa.event.remove(db.engine, "before_cursor_execute", refuse)


def served(press: Press | None = None, at: datetime = NOW, path: str = BANNER) -> str:
    edition = (press or publish.press()).at(at)
    answer = edition.answer(path) if edition else None
    return answer.variants[""].body.decode() if answer else ""


def state(press: Press | None = None, at: datetime = NOW) -> str:
    edition = (press or publish.press()).at(at)
    return edition.snapshot.sections[0].state if edition else "nothing"


def on_disk(path: str = BANNER) -> str:
    return file_of(publish.press().settings.published, path).read_text()


def from_another_host() -> None:
    """A commit that this host hears of from nobody."""
    values = {"key": "direct_deposit", "name": "Direct deposit", "created_at": NOW}
    with db.engine.begin() as connection:
        connection.execute(sa.insert(Section).values(values))
        connection.execute(sa.update(Ledger).values(revision=Ledger.revision + 1))


class TestCommit:
    def test_is_published_at_once(self, app: Flask) -> None:
        with writing(SIGNPOST, NOW) as work:
            db.session.add(Section(key="direct_deposit", name="Direct deposit", created_at=NOW))
            work.record("section.create", "section-1", "Direct deposit")
        assert "Direct deposit" in served(path="/")
        assert "Direct deposit" in on_disk("/")

    def test_is_seen_by_the_other_processes_of_the_host(self, app: Flask, settings: Settings) -> None:
        other = Press(settings)
        make.outage(make.section())
        publish.publish(NOW)
        other.look(NOW)
        assert state(other) == "down"

    def test_that_changes_nothing_publishes_nothing(self, app: Flask) -> None:
        with writing(SIGNPOST, NOW):
            pass
        assert publish.press().facts is None

    def test_stands_although_nothing_can_be_published(self, app: Flask, settings: Settings) -> None:
        settings.published.write_text("in the way")
        (settings.instance / "facts.json" / "in the way").mkdir(parents=True)
        with writing(SIGNPOST, NOW) as work:
            db.session.add(Section(key="direct_deposit", name="Direct deposit", created_at=NOW))
            work.record("section.create", "section-1", "Direct deposit")
        assert db.session.scalar(sa.select(sa.func.count(Section.id))) == 1
        assert state() == "ok"

    def test_leaves_the_files_to_the_thread_that_keeps_them(self, app: Flask) -> None:
        publish.press().is_kept = True
        make.outage(make.section())
        publish.publish(NOW)
        assert state() == "down"
        assert publish.press().woken.is_set()
        Keeper(app).tend(NOW)
        assert '"state":"down"' in on_disk()


class TestAsking:
    def test_a_commit_of_another_host_is_there_after_one_round(self, keeper: Keeper) -> None:
        keeper.ask(NOW)
        from_another_host()
        keeper.ask(NOW + SECOND)
        assert "Direct deposit" in served(path="/")
        assert "Direct deposit" in on_disk("/")

    def test_nothing_new_is_one_question(self, keeper: Keeper) -> None:
        keeper.ask(NOW)
        asked: list[str] = []
        listen = lambda *given: asked.append(given[2])  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listen)
        keeper.ask(NOW + SECOND)
        sa.event.remove(db.engine, "before_cursor_execute", listen)
        assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1

    def test_what_could_not_be_written_is_written_later(self, keeper: Keeper, settings: Settings) -> None:
        blocked = settings.instance / "facts.json" / "in the way"
        blocked.mkdir(parents=True)
        make.outage(make.section())
        keeper.ask(NOW)
        assert state() == "down"
        blocked.rmdir()
        blocked.parent.rmdir()
        keeper.ask(NOW + SECOND)
        other = Press(settings)
        other.look(NOW)
        assert state(other) == "down"

    def test_the_plain_files_follow_when_they_can(self, keeper: Keeper, settings: Settings) -> None:
        settings.published.write_text("in the way")
        make.outage(make.section())
        keeper.ask(NOW)
        keeper.tend(NOW)
        settings.published.unlink()
        keeper.tend(NOW + SECOND)
        assert '"state":"down"' in on_disk()

    def test_an_edge_of_time_is_written_out_without_a_commit(self, keeper: Keeper) -> None:
        make.outage(make.section(), minutes=60)
        keeper.ask(NOW)
        with dead_database():
            keeper.tend(NOW + timedelta(minutes=60))
        assert '"sections":[]' in on_disk()


class TestDeadDatabase:
    @pytest.fixture(autouse=True)
    def off(self, keeper: Keeper) -> Iterator[None]:
        make.outage(make.section(), minutes=60)
        keeper.ask(NOW)
        keeper.tend(NOW)
        with dead_database():
            yield

    def live(self, keeper: Keeper, seconds: int) -> datetime:
        """As many seconds go by, each with its round."""
        for second in range(seconds + 1):
            keeper.ask(NOW + second * SECOND)
            keeper.tend(NOW + second * SECOND)
        return NOW + seconds * SECOND

    def test_readers_are_answered_and_edges_flip(self, keeper: Keeper) -> None:
        assert state(at=NOW + timedelta(minutes=59)) == "down"
        assert state(at=NOW + timedelta(minutes=60)) == "ok"

    def test_its_age_is_not_told_at_once(self, keeper: Keeper) -> None:
        at = self.live(keeper, 59)
        assert '"stale":[]' in served(at=at)

    def test_its_age_is_told_after_a_minute(self, keeper: Keeper) -> None:
        at = self.live(keeper, 60)
        assert '"stale":["signpost"]' in served(at=at)
        assert '"signpost":"2026-11-21T14:30:00Z"' in served(at=at)
        assert "out of date" in served(at=at, path="/")
        assert '"stale":["signpost"]' in on_disk()

    def test_a_start_serves_what_was_published_last(self, keeper: Keeper, settings: Settings) -> None:
        started = assemble(settings)
        answer = started.test_client().get(BANNER)
        assert answer.status_code == 200

    def test_and_says_how_old_it_is(self, keeper: Keeper, settings: Settings) -> None:
        started = assemble(settings)
        later = Keeper(started)
        for second in range(600, 607):
            later.tend(NOW + second * SECOND)
        said = served(started.extensions["press"], NOW + 606 * SECOND)
        assert '"signpost":"2026-11-21T14:30:00Z"' in said
        assert '"stale":["signpost"]' in said


def test_a_database_that_is_back_is_followed_and_no_longer_spoken_of(keeper: Keeper) -> None:
    keeper.ask(NOW)
    with dead_database():
        keeper.ask(NOW + 90 * SECOND)
        keeper.tend(NOW + 90 * SECOND)
    assert '"stale":["signpost"]' in served(at=NOW + 90 * SECOND)
    from_another_host()
    keeper.ask(NOW + 91 * SECOND)
    keeper.tend(NOW + 91 * SECOND)
    assert '"stale":[]' in served(at=NOW + 91 * SECOND)
    assert "Direct deposit" in served(at=NOW + 91 * SECOND, path="/")


def test_what_cannot_be_published_grows_old(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.ask(NOW)
    from_another_host()
    monkeypatch.setattr(publish.reader, "read", lambda *_: 1 / 0)
    for second in range(0, 91, 30):
        keeper.ask(NOW + second * SECOND)
        keeper.tend(NOW + second * SECOND)
    assert '"stale":["signpost"]' in served(at=NOW + 90 * SECOND)


def test_files_are_of_the_moment_they_are_written(app: Flask, settings: Settings) -> None:
    make.outage(make.section(), minutes=1)
    publish.publish(NOW)
    with time_machine.travel(NOW + 60 * SECOND, tick=False):
        publish.write_files(NOW + 59 * SECOND)
    assert '"state":"down"' not in on_disk()


def test_a_database_that_hangs_holds_up_nobody_else(keeper: Keeper) -> None:
    make.outage(make.section(), minutes=1)
    keeper.ask(NOW)
    hanging, leave = threading.Event(), threading.Event()

    def hang(*_: Any) -> None:
        hanging.set()
        leave.wait(10)

    sa.event.listen(db.engine, "before_cursor_execute", hang)
    asking = threading.Thread(target=keeper.ask, args=(NOW + SECOND,))
    asking.start()
    assert hanging.wait(10)
    keeper.tend(NOW + 60 * SECOND)
    assert state(at=NOW + 60 * SECOND) == "ok"
    assert '"stale":["signpost"]' in served(at=NOW + 60 * SECOND)
    leave.set()
    asking.join(10)
    sa.event.remove(db.engine, "before_cursor_execute", hang)


def test_a_database_that_was_restarted_is_asked_again_at_once(keeper: Keeper) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connections to lose")
    keeper.ask(NOW)
    with db.engine.connect() as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.exec_driver_sql(f"{ended} AND datname = current_database()")
    from_another_host()
    keeper.ask(NOW + SECOND)
    assert "Direct deposit" in served(path="/")


def test_a_theme_is_taken_up_with_the_next_change(app: Flask, settings: Settings) -> None:
    publish.publish(NOW)
    before = served(path="/")
    (settings.instance / "theme.css").write_bytes(b":root { --brand: teal; } /* \xe9 */")
    publish.publish(NOW)
    [path] = re.findall(r'href="(assets/[^"]+\.css)"', served(path="/"))
    assert path not in before
    assert "--brand: teal" in served(path=f"/{path}")


class TestHeartbeat:
    @pytest.fixture(autouse=True)
    def line(self, app: Flask) -> Line:
        app.extensions["redis"] = Line()
        found: Line = app.extensions["redis"]
        return found

    def test_an_unchanged_poll_keeps_its_source_fresh(self, keeper: Keeper) -> None:
        make.source(checked_at=NOW)
        keeper.ask(NOW)
        heartbeat.beat("pagerduty", NOW + timedelta(minutes=10))
        keeper.ask(NOW + timedelta(minutes=10))
        keeper.tend(NOW + timedelta(minutes=10))
        assert '"stale":[]' in served(at=NOW + timedelta(minutes=12))
        assert '"stale":["pagerduty"]' in served(at=NOW + timedelta(minutes=13))

    def test_a_commit_does_not_forget_it(self, keeper: Keeper) -> None:
        make.source(checked_at=NOW)
        heartbeat.beat("pagerduty", NOW + timedelta(minutes=10))
        publish.publish(NOW + timedelta(minutes=10))
        assert '"stale":[]' in served(at=NOW + timedelta(minutes=12))

    def test_without_redis_the_last_word_stands(self, app: Flask, keeper: Keeper) -> None:
        make.source(checked_at=NOW)
        keeper.ask(NOW)
        heartbeat.beat("pagerduty", NOW + timedelta(minutes=10))
        keeper.ask(NOW + timedelta(minutes=10))
        keeper.tend(NOW + timedelta(minutes=10))
        app.extensions["redis"] = redis.Redis(unix_socket_path="/nowhere")
        keeper.ask(NOW + timedelta(minutes=11))
        keeper.tend(NOW + timedelta(minutes=11))
        assert '"stale":[]' in served(at=NOW + timedelta(minutes=12))

    def test_a_silent_source_is_stale_by_the_clock_alone(self, keeper: Keeper) -> None:
        make.source(checked_at=NOW)
        keeper.ask(NOW)
        assert '"stale":[]' in served(at=NOW + timedelta(seconds=179))
        assert '"stale":["pagerduty"]' in served(at=NOW + timedelta(seconds=180))


def test_the_threads_keep_a_process_up_to_date_and_end(app: Flask) -> None:
    ending = threading.Event()
    threads = publish.keep(app, ending)
    from_another_host()
    give_up = time.monotonic() + 10
    while "Direct deposit" not in served(at=now(), path="/") and time.monotonic() < give_up:
        ending.wait(0.05)
    assert "Direct deposit" in served(at=now(), path="/")
    end(threads, ending)


def test_what_another_process_published_is_taken_over_before_anybody_asks(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_ASK_EVERY", "_TEND_EVERY"):
        monkeypatch.setattr(publish, name, 60)
    publish.publish(NOW)
    facts, ending = publish.press().facts, threading.Event()
    threads = publish.keep(app, ending)
    assert facts is not None
    Press(settings).put(replace(facts, theme="b { color: red }"), NOW)
    give_up = time.monotonic() + 10
    while publish.press().facts == facts and time.monotonic() < give_up:
        ending.wait(0.01)
    assert publish.press().facts != facts
    end(threads, ending)


def end(threads: list[threading.Thread], ending: threading.Event) -> None:
    ending.set()
    publish.press().woken.set()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
