"""What was seen is written down: at once what is new, every minute the rest; kept while the database is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from dashboard.actions import sightings as actions
from dashboard.db import db
from dashboard.models import Sighting
from dashboard.noting import Noter
from dashboard.sightings import Sightings
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
def seen() -> Sightings:
    return Sightings("http://status.example.org")


@pytest.fixture
def noter(app: Flask, seen: Sightings) -> Noter:
    noter = Noter(app, seen)
    noter.look(NOW)
    return noter


def read(seen: Sightings, place: str = "www") -> None:
    seen.read(["hide_it"], {"HTTP_ORIGIN": f"https://{place}.example.org"}, NOW.timestamp())


def times() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Sighting.times).order_by(Sighting.place)))


def test_what_is_new_is_written_at_once_and_the_rest_each_minute(noter: Noter, seen: Sightings) -> None:
    read(seen)
    noter.look(NOW + 5 * SECOND)
    read(seen)
    noter.look(NOW + 10 * SECOND)
    assert times() == [1]
    noter.look(NOW + 65 * SECOND)
    assert times() == [2]
    read(seen, "zzz")
    noter.look(NOW + 70 * SECOND)
    assert times() == [2, 1]


def test_with_the_database_away_it_is_kept_and_tried_again(
    noter: Noter, seen: Sightings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("gone"))

    with monkeypatch.context() as gone:
        gone.setattr(actions, "transaction", away)
        for n in range(3):
            read(seen)
            noter.look(NOW + 70 * n * SECOND)
    assert times() == []
    noter.look(NOW + 300 * SECOND)
    assert times() == [3]


def test_what_was_seen_long_ago_is_forgotten_though_nothing_is_seen(noter: Noter, seen: Sightings) -> None:
    read(seen)
    noter.write(NOW)
    noter.look(NOW + timedelta(days=91))
    assert times() == []
