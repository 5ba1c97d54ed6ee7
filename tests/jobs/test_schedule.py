from datetime import UTC, datetime, timedelta

import pytest
import redis

from dashboard import queue
from dashboard.config import from_environment
from jobs.schedule import Beat, Line, due, lines

MINUTE = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
POLL = Line(queue.POLL, 60)
SLOT = int(MINUTE.timestamp()) // 60


@pytest.mark.parametrize(
    ("asked", "seconds", "expected"),
    [
        ({}, 0, [POLL]),
        ({}, 59, [POLL]),
        ({queue.POLL: SLOT - 1}, 0, [POLL]),
        ({queue.POLL: SLOT - 9}, 30, [POLL]),  # slots that were slept through are not made up for
        ({queue.POLL: SLOT}, 0, []),
        ({queue.POLL: SLOT}, 59.9, []),
        ({queue.POLL: SLOT}, 60, [POLL]),
        ({queue.POLL: SLOT}, -1, [POLL]),  # the clock was set back
        ({"jobs.other.run": SLOT}, 0, [POLL]),
    ],
)
def test_due(asked: dict[str, int], seconds: float, expected: list[Line]) -> None:
    assert due([POLL], asked, MINUTE + timedelta(seconds=seconds)) == expected


def test_nothing_is_due_without_lines() -> None:
    assert due([], {}, MINUTE) == []


def test_the_clock_and_the_outbox_are_always_seen_to_and_pagerduty_only_with_a_key() -> None:
    always = Line(queue.TICK, 60), Line(queue.DELIVER, 2, queue.SLOTS)
    assert set(lines(from_environment({}))) == set(always)
    asked = lines(from_environment({"PAGERDUTY_API_KEY": "k", "POLL_SECONDS": "180"}))
    assert set(asked) == {*always, Line(queue.POLL, 180)}


def test_several_beats_ask_once(connection: redis.Redis) -> None:
    for _ in range(3):
        Beat([POLL], connection).round(MINUTE)
    assert queue.queue(connection).job_ids == ["jobs-poll-run"]


def test_the_next_slot_is_asked_for_once_the_job_has_run(connection: redis.Redis) -> None:
    beat = Beat([POLL], connection)
    beat.round(MINUTE)
    queue.queue(connection).empty()
    beat.round(MINUTE + timedelta(seconds=30))
    assert queue.queue(connection).count == 0
    beat.round(MINUTE + timedelta(seconds=60))
    assert queue.queue(connection).count == 1


def test_each_time_the_next_slot_of_a_job_is_asked_for(connection: redis.Redis) -> None:
    beat = Beat([Line(queue.POLL, 60, slots=2)], connection)
    for minute in range(4):
        beat.round(MINUTE + timedelta(minutes=minute))
    assert sorted(queue.queue(connection).job_ids) == ["jobs-poll-run", "jobs-poll-run-1"]


def test_polls_do_not_pile_up_while_no_worker_runs(connection: redis.Redis) -> None:
    beat = Beat([POLL], connection)
    for minute in range(10):
        beat.round(MINUTE + timedelta(minutes=minute))
    assert queue.queue(connection).count == 1


def test_the_beat_says_that_it_lives(connection: redis.Redis) -> None:
    Beat([], connection).round(MINUTE)
    assert connection.get(queue.BEAT) == MINUTE.isoformat().encode()


def test_a_round_without_redis_is_made_up_for(connection: redis.Redis) -> None:
    nowhere = redis.Redis(unix_socket_path="/nowhere.sock")
    beat = Beat([POLL], nowhere)
    with pytest.raises(redis.ConnectionError):
        beat.round(MINUTE)
    beat.connection = connection
    beat.round(MINUTE + timedelta(seconds=1))
    assert queue.queue(connection).count == 1
