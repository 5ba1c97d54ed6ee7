"""Who acts in these tests, and what the ledger says afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish
from dashboard.actions.writing import Actor
from dashboard.db import db
from dashboard.models import Change

PRIYA = Actor("Priya Shah", None, "192.0.2.7")
TOM = Actor("Tom Reed")


@pytest.fixture
def app(app: Flask) -> Flask:
    """The app as in a web process, where a thread (which is not there) writes the documents' files."""
    publish.press().is_kept = True
    return app


@pytest.fixture
def kinds(app: Flask) -> Callable[[], list[str]]:
    """The kinds of all changes so far, oldest first."""
    return lambda: list(db.session.scalars(sa.select(Change.kind).order_by(Change.id)))
