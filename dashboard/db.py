"""The database: one session, times that are always aware UTC, and SQLite told to be careful."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_READS_ONLY = "25006"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out; a naive time is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[frozenset[str]]):
    """A small set of words, kept sorted in one column: "admin viewer"."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> str:
        return " ".join(sorted(value or ()))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[str]:
        return frozenset((value or "").split())


class Base(DeclarativeBase):
    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime, frozenset[str]: Words, str: sa.Text},
    )


db = SQLAlchemy(model_class=Base)


def engine_options(url: str) -> dict[str, Any]:
    """An error in the log tells no password hash. A PostgreSQL that is gone without a word is noticed in seconds."""
    options: dict[str, Any] = {"hide_parameters": True}
    if url.startswith("postgresql"):
        options["pool_pre_ping"] = True
        options["connect_args"] = {
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
        }
    return options


def make_sqlite_careful(engine: Engine) -> None:
    """WAL, a full sync at each commit, 5 s of patience, foreign keys; a transaction takes its lock when told to.

    The driver's own BEGIN is switched off: `actions` begin theirs with BEGIN IMMEDIATE, so that two writers
    queue up instead of overwriting each other.
    """
    if engine.dialect.name != "sqlite":
        return
    path = sqlite_file(engine)

    @sa.event.listens_for(engine, "do_connect")
    def must_be_there(*_: Any) -> None:
        """SQLite would make an empty one in its place, and nobody would notice."""
        if path is not None and not path.exists():
            raise sqlite3.OperationalError(f"the database {path} is gone")

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def notice_read_only(engine: Engine) -> None:
    """A PostgreSQL that only reads, like the copy of one that is gone, is away as if it did not answer."""

    @sa.event.listens_for(engine, "handle_error")
    def away(context: sa.engine.ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlstate", "") == _READS_ONLY:
            raise OperationalError(None, None, context.original_exception) from context.original_exception


def sqlite_file(engine: Engine) -> Path | None:
    """Where the whole database lies, if it is one file."""
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    return Path(name) if name and name != ":memory:" else None


def make_file(path: Path) -> None:
    """An empty database, which only its owner may read. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def begin_writing() -> None:
    """Begin this session's transaction as a writer; whatever it had read before is let go."""
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})


@contextmanager
def transaction() -> Iterator[None]:
    """One of a writer: committed at the end, or none of it happened."""
    begin_writing()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
