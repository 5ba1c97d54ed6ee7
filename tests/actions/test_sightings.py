"""Sightings are added up, whoever writes them; they are no change of the website."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import sightings
from dashboard.actions.sightings import note
from dashboard.db import db
from dashboard.models import Change, Ledger, Sighting
from dashboard.sightings import Key, Seen
from tests.conftest import NOW

KEY: Key = ("toggle", "hide_it", "www.example.org")
HOUR = 3600.0
T = NOW.timestamp()


def stored() -> list[Sighting]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Sighting).order_by(Sighting.place)))


def test_several_processes_write_the_same_row(app: Flask) -> None:
    note({KEY: Seen(3, T, T + 2 * HOUR)}, NOW)
    note({KEY: Seen(4, T - HOUR, T + HOUR)}, NOW)
    (row,) = stored()
    assert (row.times, row.first_at, row.last_at) == (7, NOW - timedelta(hours=1), NOW + timedelta(hours=2))


def test_it_is_no_change_and_no_revision(app: Flask) -> None:
    before = db.session.execute(sa.select(Ledger.revision, Ledger.revised_at, Ledger.head)).one()
    note({KEY: Seen(1, T, T)}, NOW)
    assert db.session.execute(sa.select(Ledger.revision, Ledger.revised_at, Ledger.head)).one() == before
    assert db.session.scalar(sa.select(sa.func.count(Change.id))) == 0


def test_what_was_last_seen_long_ago_is_forgotten(app: Flask) -> None:
    note({KEY: Seen(1, T, T), (*KEY[:2], "other"): Seen(1, T, T + HOUR)}, NOW)
    note({}, NOW + timedelta(days=90, minutes=1))
    assert [row.place for row in stored()] == ["other"]


def test_more_than_fits_into_a_number_of_32_bits(app: Flask) -> None:
    for _ in range(2):
        note({KEY: Seen(2**31 - 1, T, T)}, NOW)
    assert stored()[0].times == 2**32 - 2


def test_ever_new_places_drive_out_what_was_seen_the_least(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "MOST", 10)
    note({KEY: Seen(2, T, T)}, NOW)
    note({(*KEY[:2], f"x{n:02}.example"): Seen(1, T + n, T + n) for n in range(30)}, NOW)
    assert [row.place for row in stored()] == [KEY[2], *(f"x{n}.example" for n in range(21, 30))]
