"""Brings the database to the newest shape. Alembic is loaded only when there is something to bring."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask, current_app

from dashboard.config import ROOT, settings
from dashboard.db import db, make_file, sqlite_file

MIGRATIONS = ROOT / "dashboard" / "migrations"
_LOCK = 7_446_732  # any number: PostgreSQL's advisory lock that hosts which start together queue up on


def install(app: Flask) -> None:
    """For ``flask db`` and `upgrade`; the web and the worker do without."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS), compare_type=True)


class DatabaseGone(Exception):
    """Its file is not there, though this instance has published from it."""


def upgrade() -> None:
    """Nothing, when the database is the newest already. Raises DatabaseGone."""
    _make_sure_of_file()
    with _one_at_a_time():
        if is_newest():
            return
        from flask_migrate import upgrade as migrate

        if "migrate" not in current_app.extensions:
            install(current_app._get_current_object())  # type: ignore[attr-defined]
        migrate()


def is_newest() -> bool:
    with db.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest())


def newest() -> str:
    """Migrations are numbered, so that the newest is known without reading them."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _make_sure_of_file() -> None:
    """On SQLite a new instance begins with an empty file; an older one is not begun anew by mistake."""
    path, published = sqlite_file(db.engine), settings().instance / "facts.json"
    if path is None or path.exists():
        return
    if published.exists():
        raise DatabaseGone(
            f"The database {path} is gone, though this instance has had one. Put it back; or, to begin with an empty "
            f"one, remove {published}."
        )
    make_file(path)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with open(settings().instance / "schema.lock", "a") as file, db.engine.connect() as connection:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_lock(_LOCK)))
            connection.commit()
        try:
            yield
        finally:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
