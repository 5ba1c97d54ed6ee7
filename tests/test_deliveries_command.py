"""``signpost deliveries``: what waits, what was given up, and sending it again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import delivering
from dashboard.db import begin_writing, db
from dashboard.models import Delivery, Notification
from tests import make
from tests.conftest import NOW

Run = Callable[..., str]


@pytest.fixture
def run(app: Flask) -> Run:
    def run(*words: str, code: int = 0) -> str:
        db.session.rollback()
        result = app.test_cli_runner().invoke(args=["deliveries", *words])
        assert result.exit_code == code, result.output
        return result.output

    return run


@pytest.fixture
def dead(app: Flask) -> int:
    """What was given up."""
    follower = make.follower("lin@larkfield.example")
    begin_writing()
    told = {"kind": "incident.update", "thing": "incident-7", "audience": "public", "made_at": NOW, "due_at": NOW}
    notification = Notification(key="key", state="told", **told)
    db.session.add(notification)
    db.session.flush()
    ids = {"notification_id": notification.id, "follower_id": follower.id}
    row = Delivery(lane="email", state="dead", due_at=NOW, done_at=NOW, answer="550 No such person.", **ids)
    db.session.add(row)
    db.session.commit()
    return row.id


def test_it_counts(run: Run, dead: int) -> None:
    assert run().split() == ["dead", "1"]


def test_it_lists_what_was_given_up_without_an_address(run: Run, dead: int) -> None:
    listed = run("dead")
    assert "550 No such person." in listed
    assert "@" not in listed


@pytest.mark.parametrize("words", [("--all",), ("1", "99")])
def test_it_sends_again(run: Run, dead: int, words: tuple[str, ...]) -> None:
    words = tuple(str(dead) if word == "1" else word for word in words)
    assert run("replay", *words).endswith("1 is sent again.\n")
    assert db.session.scalars(sa.select(Delivery.state)).one() == "waiting"


def test_it_asks_what_to_send_again(run: Run, dead: int) -> None:
    assert "Give the numbers, or --all." in run("replay", code=2)


def test_it_holds_all_sending(run: Run) -> None:
    run("hold")
    assert delivering.is_held()
    assert "Sending is held since" in run()
    run("go")
    assert not delivering.is_held()
