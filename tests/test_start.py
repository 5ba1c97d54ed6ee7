"""The app starts on an empty database and publishes."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from dashboard import config, create_app, publish, schema, serve
from dashboard.config import Settings
from dashboard.db import db, sqlite_file
from tests.conftest import NOW


def test_empty_instance_publishes_its_page(app: Flask) -> None:
    publish.publish(NOW)
    page = app.test_client().get("/")
    assert page.status_code == 200
    assert "Larkfield" in page.text


def test_a_database_that_is_gone_is_not_replaced_by_an_empty_one(app: Flask) -> None:
    path = sqlite_file(db.engine)
    if path is None:
        pytest.skip("PostgreSQL makes no database in passing")
    publish.publish(NOW)
    db.session.close()
    db.engine.dispose()
    path.unlink()
    with pytest.raises(OperationalError, match="is gone"):
        db.engine.connect()
    with pytest.raises(schema.DatabaseGone, match="Put it back"):
        schema.upgrade()
    assert not path.exists()


def test_a_new_instance_begins_with_an_empty_database(settings: Settings) -> None:
    fresh = config.from_environment({"INSTANCE": str(settings.instance.with_name("fresh"))})
    with create_app(fresh).app_context():
        schema.upgrade()
        assert schema.is_newest()


def test_links_lead_to_where_it_runs(settings: Settings) -> None:
    elsewhere = config.from_environment({"INSTANCE": str(settings.instance), "LISTEN": "127.0.0.1:8123"})
    assert serve.served_at(settings) == "http://status.example.org"
    with serve.alone(elsewhere):
        assert serve.served_at(settings) == "http://127.0.0.1:8123"
