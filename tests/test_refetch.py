"""When those who listen are told to ask again: by injected time, from the file that whoever commits leaves."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from dashboard import facts as facts_of
from dashboard.answers import ofrep
from dashboard.facts import Facts
from dashboard.files import write_at_once
from dashboard.refetch import Watch, digest_of, word_of
from dashboard.snapshot import snapshot_at
from tests import given
from tests.rules.given import at

KEY = b"ours"
TOGGLE = given.toggle("profile_hide_direct_deposit")
PRIVATE = replace(given.toggle("new_payments_engine"), is_private=True)
QUIET = given.facts(TOGGLE, revision=1)
OFF = given.facts(TOGGLE, given.outage("14:00-18:00"), revision=2)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path / "facts.json", KEY)


def leave(watch: Watch, facts: Facts) -> None:
    write_at_once(watch.path, facts_of.to_bytes(facts))


def test_before_anything_was_published_there_is_no_news(watch: Watch) -> None:
    assert not watch.look(at("14:30"))
    assert watch.word is None


def test_a_commit_is_news_once(watch: Watch) -> None:
    for facts in (QUIET, OFF):
        leave(watch, facts)
        assert [watch.look(at("14:30")) for _ in range(3)] == [True, False, False]


def test_what_changes_no_flag_is_no_news(watch: Watch) -> None:
    leave(watch, OFF)
    watch.look(at("14:30"))
    before = watch.word
    leave(watch, given.facts(TOGGLE, given.outage("14:00-18:00"), given.announcement(), revision=3))
    assert not watch.look(at("14:31"))
    assert watch.word is before


def test_the_clock_brings_news(watch: Watch) -> None:
    leave(watch, given.facts(given.outage("15:00-18:00")))
    times = ("14:30", "14:59", "15:00", "17:59", "18:00", "18:01")
    assert [watch.look(at(t)) for t in ("12:00", *times)] == [True, True, False, True, False, True, False]


def test_a_clock_that_was_set_back_is_followed(watch: Watch) -> None:
    leave(watch, given.facts(given.outage("15:00-18:00")))
    watch.look(at("16:00"))
    assert watch.look(at("13:00"))


def test_facts_that_cannot_be_used_change_nothing(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    leave(watch, QUIET)
    watch.look(at("14:30"))
    watch.path.write_bytes(b"{")
    assert not watch.look(at("14:30"))
    assert not watch.look(at("14:31"))
    assert caplog.text.count("the facts cannot be used") == 1
    leave(watch, OFF)
    assert watch.look(at("14:31"))


def test_facts_that_cannot_be_read_at_this_moment_are_read_later(watch: Watch) -> None:
    watch.path.mkdir()
    assert not watch.look(at("14:30"))
    watch.path.rmdir()
    leave(watch, QUIET)
    assert watch.look(at("14:30"))


def test_the_event_is_as_the_protocol_wants_it() -> None:
    word = word_of(snapshot_at(OFF, at("14:30")), KEY)
    assert word.id == f"2-{word.digest}"
    assert word.event.decode() == (
        f'id: {word.id}\nevent: message\ndata: {{"type":"refetchEvaluation","etag":"\\"{word.digest}\\"",'
        f'"lastModified":{int(at("14:30").timestamp())}}}\n\n'
    )


def test_a_private_flag_is_news_too_but_nobody_can_guess_its_name() -> None:
    snapshot = snapshot_at(given.facts(PRIVATE), at("14:30"))
    assert digest_of(snapshot, KEY) != digest_of(snapshot_at(given.facts(), at("14:30")), KEY)
    assert digest_of(snapshot, KEY) != digest_of(snapshot, b"theirs")


def test_whoever_would_read_another_answer_is_told() -> None:
    """The digest is not made of the answer itself, so the two are held together here."""
    situations = [
        given.facts(),
        QUIET,
        replace(QUIET, toggles=(replace(TOGGLE, aliases=("hide_bank_details",)),)),
        replace(QUIET, toggles=(replace(TOGGLE, while_down=False),)),
        replace(QUIET, site=replace(given.SITE, events_url="http://status.example.org:8001")),
        replace(QUIET, sections=(given.section(name="Bank details"),)),
        OFF,
        given.facts(PRIVATE, given.outage("14:00-18:00")),
        given.facts(TOGGLE, given.outage("14:00-18:00", message="You cannot see your bank details.")),
        given.facts(TOGGLE, given.outage("14:00-16:00 hold")),
        given.facts(TOGGLE, given.outage("14:00-")),
        given.facts(TOGGLE, given.component(), given.dependency(), given.window("15:15-17:00")),
        given.facts(
            given.section(1), given.section(2), given.toggle("hide_both", 1, 2), given.outage("14:00-18:00", 2)
        ),
    ]
    shown = [snapshot_at(facts, at(t)) for facts in situations for t in ("13:00", "14:30", "16:30", "23:30")]
    shown += [snapshot_at(replace(OFF, outages=(given.outage("14:00-"),)), at("14:30").replace(day=22))]
    for one, other in combinations(shown, 2):
        if any(ofrep.say_all(one, reader) != ofrep.say_all(other, reader) for reader in ofrep.Reader):
            assert digest_of(one, KEY) != digest_of(other, KEY)
