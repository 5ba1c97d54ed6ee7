"""What one process serves, and the files it leaves: by injected time, without a database."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard import editions, files, press
from dashboard import facts as facts_of
from dashboard.config import Settings
from dashboard.documents import DOCUMENTS
from dashboard.facts import SourceFact
from dashboard.files import file_of, write_documents
from dashboard.press import Press
from dashboard.rules.state import State
from tests import given
from tests.conftest import NOW
from tests.rules.given import at

BANNER = "/embed/v1/status.json"
QUIET = given.facts(revision=1)
OFF = given.facts(given.outage("14:00-18:00"), revision=2)


@pytest.fixture
def mine(settings: Settings) -> Press:
    return Press(settings)


@pytest.fixture
def other(settings: Settings) -> Press:
    """Another process of the same host."""
    return Press(settings)


def state(press: Press, t: str = "14:30") -> str:
    edition = press.at(at(t))
    return edition.snapshot.sections[0].state if edition else "nothing"


def body(press: Press, path: str = BANNER, t: str = "14:30") -> bytes:
    edition = press.at(at(t))
    assert edition is not None
    answer = edition.answer(path)
    assert answer is not None
    return answer.variants[""].body


def write(press: Press, t: str = "14:30") -> int:
    edition = press.at(at(t))
    assert edition is not None
    return write_documents(press.settings.published, edition)


def changed_files(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_ino for path in folder.rglob("*") if path.is_file()}


class TestFacts:
    def test_before_anything_was_published_there_is_nothing(self, mine: Press) -> None:
        mine.look(NOW)
        assert mine.at(NOW) is None

    def test_what_one_process_puts_another_finds_when_it_looks(self, mine: Press, other: Press) -> None:
        mine.put(OFF, NOW)
        other.look(NOW)
        assert (state(mine), state(other)) == ("down", "down")
        assert body(mine) == body(other)

    def test_then_what_is_put_later(self, mine: Press, other: Press) -> None:
        mine.put(QUIET, NOW)
        other.look(NOW)
        mine.put(OFF, NOW)
        assert state(other) == "ok"
        other.look(NOW)
        assert state(other) == "down"

    def test_a_start_reads_what_is_on_the_disk(self, mine: Press, other: Press) -> None:
        mine.put(OFF, NOW)
        other.look(NOW)
        assert other.facts == OFF

    def test_only_their_owner_may_read_them(self, mine: Press) -> None:
        mine.put(OFF, NOW)
        assert mine.path.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b'{"revision":"x"}', b"[" * 100_000])
    def test_what_are_no_facts_is_passed_over(self, mine: Press, other: Press, data: bytes) -> None:
        mine.put(OFF, NOW)
        other.look(NOW)
        files.write_whole({mine.path: data})
        other.look(NOW)
        assert state(other) == "down"
        mine.put(QUIET, NOW)
        other.look(NOW)
        assert state(other) == "ok"

    def test_facts_that_cannot_be_shown_are_passed_over(
        self, mine: Press, other: Press, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine.put(OFF, NOW)
        other.look(NOW)
        mine.put(QUIET, NOW)
        monkeypatch.setattr(press, "edition_at", raising)
        other.look(NOW)
        assert state(other) == "down"

    def test_facts_that_cannot_be_read_are_tried_once(
        self, mine: Press, other: Press, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine.put(OFF, NOW)
        tries: list[bytes] = []
        monkeypatch.setattr(facts_of, "from_bytes", lambda data: tries.append(data) or 1 / 0)
        for _ in range(3):
            other.look(NOW)
        assert len(tries) == 1
        assert other.is_behind(OFF.revision)

    def test_a_file_that_is_gone_changes_nothing(self, mine: Press, other: Press) -> None:
        mine.put(OFF, NOW)
        other.look(NOW)
        mine.path.unlink()
        other.look(NOW)
        assert state(other) == "down"

    def test_a_database_from_a_backup_may_go_back(self, mine: Press, other: Press) -> None:
        mine.put(OFF, NOW)
        other.look(NOW)
        mine.put(QUIET, NOW)
        other.look(NOW)
        assert other.facts == QUIET

    def test_where_the_disk_takes_nothing_this_process_shows_it_still(self, mine: Press) -> None:
        mine.put(QUIET, NOW)
        mine.path.unlink()
        (mine.path / "in the way").mkdir(parents=True)
        with pytest.raises(OSError, match="directory"):
            mine.put(OFF, NOW)
        assert state(mine) == "down"
        assert mine.is_behind(OFF.revision)
        mine.look(NOW)
        assert state(mine) == "down"

    def test_and_the_others_once_it_takes_something(self, mine: Press, other: Press) -> None:
        (mine.path / "in the way").mkdir(parents=True)
        with pytest.raises(OSError, match="directory"):
            mine.put(OFF, NOW)
        (mine.path / "in the way").rmdir()
        mine.path.rmdir()
        mine.put(OFF, NOW)
        other.look(NOW)
        assert state(other) == "down"
        assert not mine.is_behind(OFF.revision)


class TestTime:
    PLANNED = given.facts(given.outage("15:00-16:00"), given.source("14:30", every=3600))

    @pytest.mark.parametrize(
        ("t", "want"), [("14:30", "approaching"), ("14:59", "approaching"), ("15:00", "down"), ("16:00", "ok")]
    )
    @pytest.mark.parametrize("ready", [True, False])
    def test_an_edge_flips_at_its_moment(self, mine: Press, t: str, want: str, ready: bool) -> None:
        mine.put(self.PLANNED, NOW)
        if ready:
            mine.top_up(at(t) - timedelta(seconds=3))
        assert state(mine, t) == want

    def test_to_the_millisecond(self, mine: Press) -> None:
        mine.put(self.PLANNED, NOW)
        mine.top_up(at("14:59"))
        just_before = mine.at(at("15:00") - timedelta(milliseconds=1))
        assert just_before is not None
        assert just_before.snapshot.sections[0].state is State.APPROACHING
        assert state(mine, "15:00") == "down"

    def test_what_was_asked_for_is_ready_before_its_edge(self, mine: Press) -> None:
        mine.put(self.PLANNED, NOW)
        body(mine)
        mine.top_up(at("15:00") - timedelta(seconds=3))
        following = mine.at(at("15:00"))
        assert following is not None
        assert list(following.answers) == [BANNER]

    def test_the_timeline_stays_short(self, mine: Press) -> None:
        soon = [given.outage("15:00", id=n, starts_at=NOW + timedelta(seconds=n)) for n in range(1, 40)]
        mine.put(given.facts(soon), NOW)
        mine.top_up(NOW)
        mine.top_up(NOW)
        assert len(mine._editions) == press.MOST

    def test_nothing_changes_while_nothing_is_known_to(self, mine: Press) -> None:
        mine.put(self.PLANNED, NOW)
        first = mine.at(NOW)
        mine.top_up(NOW)
        assert mine.at(NOW + timedelta(minutes=20)) is first

    def test_at_an_edge_that_nobody_prepared_one_reader_works_for_all(self, mine: Press) -> None:
        mine.put(self.PLANNED, NOW)
        together = threading.Barrier(8)
        found: list[object] = []

        def read() -> None:
            together.wait(10)
            found.append(mine.at(at("15:00")))

        run_all([read] * 8)
        assert len(found) == 8
        assert len(set(map(id, found))) == 1

    def test_a_rule_that_fails_at_an_edge_leaves_what_was_there(
        self, mine: Press, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine.put(self.PLANNED, NOW)
        with monkeypatch.context() as patched:
            patched.setattr(press, "edition_at", raising)
            assert state(mine, "15:00") == "approaching"
        assert state(mine, "15:01") == "down"

    def test_a_clock_that_goes_back_is_no_trouble(self, mine: Press) -> None:
        mine.put(self.PLANNED, NOW)
        assert state(mine, "15:30") == "down"
        assert state(mine, "15:00") == "down"


class TestSources:
    def test_a_later_word_keeps_a_source_fresh(self, mine: Press) -> None:
        mine.put(given.facts(given.source("14:30")), NOW)
        mine.hear({"pagerduty": at("14:35")}, None, at("14:35"))
        assert b'"stale":[]' in body(mine, t="14:37")
        assert b'"stale":["pagerduty"]' in body(mine, t="14:38")

    def test_and_what_is_published_meanwhile_does_not_undo_it(self, mine: Press, other: Press) -> None:
        mine.put(given.facts(given.source("14:30")), NOW)
        mine.hear({"pagerduty": at("14:35")}, None, at("14:35"))
        other.put(given.facts(given.source("14:30"), revision=43), at("14:36"))
        mine.look(at("14:36"))
        assert b'"stale":[]' in body(mine, t="14:37")

    def test_a_database_that_is_silent_is_a_source_until_it_answers(self, mine: Press, other: Press) -> None:
        silent = SourceFact("signpost", at("14:30"), 20, "", None)
        mine.put(given.facts(), NOW)
        mine.hear({}, silent, at("14:31"))
        other.put(given.facts(revision=43), at("14:32"))
        mine.look(at("14:32"))
        assert b'"stale":["signpost"]' in body(mine, t="14:32")
        mine.hear({}, None, at("14:33"))
        assert b'"stale":[]' in body(mine, t="14:33")

    def test_a_word_that_changes_nothing_makes_nothing(self, mine: Press) -> None:
        mine.put(given.facts(given.source("14:30")), NOW)
        first = mine.at(NOW)
        mine.hear({"pagerduty": at("14:30"), "another": at("14:30")}, None, NOW)
        assert mine.at(NOW) is first


class TestFiles:
    def test_what_is_written_once_is_not_written_again(self, mine: Press) -> None:
        mine.put(OFF, NOW)
        assert write(mine) > 10
        before = changed_files(mine.settings.published)
        assert write(mine) == 0
        assert changed_files(mine.settings.published) == before

    def test_only_what_changed_is_written(self, mine: Press) -> None:
        many = [given.section(n) for n in range(1, 101)]
        mine.put(given.facts(many), NOW)
        write(mine)
        before = changed_files(mine.settings.published)
        mine.put(given.facts(many, given.outage("14:00-18:00", 7), revision=43), NOW)
        assert write(mine) == 8
        after = changed_files(mine.settings.published)
        changed = {name for name in after if after[name] != before[name] and not name.endswith((".gz", ".br"))}
        assert changed == {
            ".manifest",
            "index.html",
            "badge/section_7.svg",
            "sections/section_7/index.html",
            "embed/v1/status.json",
            "embed/v1/frame/section_7/index.html",
            *(f"embed/v1/sections/section_7.{kind}" for kind in ("json", "html", "va.json")),
        }

    def test_what_goes_away_is_removed(self, mine: Press) -> None:
        mine.put(given.facts(given.section(1), given.section(2)), NOW)
        write(mine)
        mine.put(given.facts(given.section(1)), NOW)
        write(mine)
        assert not list(mine.settings.published.rglob("documents.*"))
        assert not list(mine.settings.published.glob("sections/documents/*"))

    def test_what_somebody_deleted_comes_back(self, mine: Press) -> None:
        mine.put(OFF, NOW)
        write(mine)
        file = file_of(mine.settings.published, BANNER)
        file.unlink()
        assert write(mine) == 1
        assert file.exists()

    def test_everybody_may_read_them(self, mine: Press) -> None:
        mine.put(OFF, NOW)
        write(mine)
        assert file_of(mine.settings.published, BANNER).stat().st_mode & 0o444 == 0o444

    def test_nothing_is_left_lying_about(self, mine: Press) -> None:
        mine.put(OFF, NOW)
        write(mine)
        assert not list(mine.settings.instance.rglob("*.new"))

    def test_a_folder_that_takes_nothing_leaves_readers_what_they_had(self, mine: Press) -> None:
        mine.settings.published.parent.mkdir(exist_ok=True)
        mine.settings.published.write_text("in the way")
        mine.put(OFF, NOW)
        with pytest.raises(OSError, match="published"):
            write(mine)
        assert state(mine) == "down"
        mine.settings.published.unlink()
        assert write(mine) > 10

    def test_a_write_that_fails_leaves_the_old_file_whole(self, mine: Press, monkeypatch: pytest.MonkeyPatch) -> None:
        mine.put(QUIET, NOW)
        write(mine)
        before = file_of(mine.settings.published, BANNER).read_bytes()
        mine.put(OFF, NOW)
        monkeypatch.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="No space left"):
            write(mine)
        monkeypatch.undo()
        assert file_of(mine.settings.published, BANNER).read_bytes() == before
        assert not list(mine.settings.published.rglob("*.new"))
        write(mine)
        assert file_of(mine.settings.published, BANNER).read_bytes() == body(mine)

    def test_hosts_of_pages_are_told_the_headers(self, mine: Press) -> None:
        mine.put(OFF, NOW)
        write(mine)
        told = (mine.settings.published / "_headers").read_text()
        assert "/embed/v1/sections/*.json\n  Content-Type: application/json; charset=utf-8\n" in told
        assert "  Access-Control-Allow-Origin: *\n" in told


class TestDocumentThatCannotBeMade:
    @pytest.fixture(autouse=True)
    def broken(self, mine: Press, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        """First all is well; when called, the banner cannot be made any more."""
        mine.put(QUIET, NOW)
        write(mine)
        table = [replace(line, render=raising) if line.path == BANNER else line for line in DOCUMENTS]
        return lambda: monkeypatch.setattr(editions, "DOCUMENTS", table)

    def test_stays_as_it_was_and_the_others_change(self, mine: Press, broken: Callable[[], None]) -> None:
        before, page = body(mine), body(mine, "/")
        broken()
        mine.put(OFF, NOW)
        write(mine)
        assert body(mine) == before == file_of(mine.settings.published, BANNER).read_bytes()
        assert body(mine, "/") != page
        assert body(mine, "/") == file_of(mine.settings.published, "/").read_bytes()

    def test_it_is_known_which(self, mine: Press, broken: Callable[[], None]) -> None:
        broken()
        mine.put(OFF, NOW)
        write(mine)
        assert mine.edition is not None
        assert mine.edition.failed == {BANNER}

    def test_nor_does_one_go_away_of_which_not_even_the_paths_are_known(
        self, mine: Press, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = body(mine)
        table = [replace(line, subjects=raising) if line.path == BANNER else line for line in DOCUMENTS]
        monkeypatch.setattr(editions, "DOCUMENTS", table)
        mine.put(OFF, NOW)
        write(mine)
        assert body(mine) == before == file_of(mine.settings.published, BANNER).read_bytes()
        assert body(mine, "/") == file_of(mine.settings.published, "/").read_bytes()

    def test_what_was_withdrawn_goes_away_all_the_same(self, mine: Press, monkeypatch: pytest.MonkeyPatch) -> None:
        told = "/incidents/1.json"
        mine.put(given.facts(given.incident("13:00 investigating"), revision=2), NOW)
        write(mine)
        assert b"Payments" in body(mine, told)
        table = [replace(line, subjects=raising) if line.path == BANNER else line for line in DOCUMENTS]
        monkeypatch.setattr(editions, "DOCUMENTS", table)
        mine.put(replace(OFF, revision=3), NOW)
        write(mine)
        assert mine.edition is not None
        assert mine.edition.answer(told) is None
        assert not file_of(mine.settings.published, told).exists()

    def test_is_made_as_soon_as_it_can_be(
        self, mine: Press, broken: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken()
        mine.put(OFF, NOW)
        write(mine)
        monkeypatch.undo()
        mine.put(replace(OFF, revision=3), NOW)
        write(mine)
        assert b'"state":"down"' in body(mine)
        assert body(mine) == file_of(mine.settings.published, BANNER).read_bytes()

    def test_is_not_there_where_it_never_could_be(self, other: Press, broken: Callable[[], None]) -> None:
        broken()
        other.look(NOW)
        edition = other.at(NOW)
        assert edition is not None
        assert edition.answer(BANNER) is None
        assert edition.answer("/") is not None


def test_readers_and_writers_at_once_see_whole_answers_that_only_go_forward(mine: Press, other: Press) -> None:
    versions = [given.facts(given.outage("14:00", message=f"{n} " * n), revision=n) for n in range(1, 60)]
    mine.put(versions[0], NOW)
    wrong: list[object] = []
    done = threading.Event()

    def put() -> None:
        for facts in versions:
            mine.put(facts, NOW)
        done.set()

    def read(press: Press) -> Callable[[], None]:
        def until_done() -> None:
            seen = 0
            while not done.is_set():
                press.look(NOW)
                press.top_up(NOW)
                said = read_banner(press)
                wrong.extend([said] * (said[0] < seen or said[1] != said[0]))
                seen = said[0]

        return until_done

    other.look(NOW)
    run_all([put, read(mine), read(other), read(other)])
    assert wrong == []


def read_banner(press: Press) -> tuple[int, int]:
    """The revision, and the one that the message was written in."""
    found: dict[str, Any] = json.loads(body(press))
    words = found["sections"][0]["message"].split(" We ")[0].split()
    return int(found["revision"]), len(words)


def run_all(each: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def raising(*_: Any) -> Any:
    raise RuntimeError("cannot be made")


def no_space(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")
