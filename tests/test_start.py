"""The app starts on an empty database and publishes."""

from flask import Flask

from dashboard import publish
from tests.conftest import NOW


def test_empty_instance_publishes_its_page(app: Flask) -> None:
    publish.publish(NOW)
    page = app.test_client().get("/")
    assert page.status_code == 200
    assert "Larkfield" in page.text
