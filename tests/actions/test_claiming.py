"""Several workers take from one outbox at the same moment: each delivery is one worker's."""

from __future__ import annotations

import threading

import sqlalchemy as sa
from flask import Flask

from dashboard.actions.delivering import claim
from dashboard.db import db
from dashboard.models import Delivery
from tests import make
from tests.conftest import NOW

WORKERS, LETTERS = 4, 60


def test_what_several_take_at_once_is_taken_once(app: Flask) -> None:
    for number in range(LETTERS):
        make.delivery(make.follower(f"{number}@larkfield.example"), due_at=NOW)
    everything = set(db.session.scalars(sa.select(Delivery.id)))
    db.session.remove()
    began, taken = threading.Barrier(WORKERS), list[int]()

    def work() -> None:
        with app.app_context():
            began.wait(10)
            while found := claim(NOW, 7):
                taken.extend(one.id for one in found)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == LETTERS
    assert set(taken) == everything
