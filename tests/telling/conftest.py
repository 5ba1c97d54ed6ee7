"""A section that people are told of, and a clock that goes on."""

from __future__ import annotations

import pytest
from flask import Flask

from dashboard import publish
from dashboard.actions import ticking
from dashboard.models import Section
from tests import make
from tests.conftest import NOW


@pytest.fixture
def app(app: Flask) -> Flask:
    publish.press().is_kept = True
    return app


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section(message="You cannot change your account.")


@pytest.fixture
def clock(section: Section) -> Section:
    ticking.tick(NOW)
    return section
