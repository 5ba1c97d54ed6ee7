"""What the tests of outages share: addresses, the values of chips, what the strip says, the newest row."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.db import db
from dashboard.models import Outage
from tests.views.page import read

HOSTILE = ["", "0", "²", "@²", "+²", "@", "@0", "9" * 5_000, "@" + "9" * 5_000, "-5", "1e3", "525601", "\x00"]
OFF = "/admin/sections/direct_deposit/off"
START = "/admin/sections/direct_deposit/outage"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/admin/sections"}


def at(t: str) -> str:
    """The value of a chip or button that shows this moment."""
    return f"@{int(datetime.fromisoformat(t).timestamp())}"


def done(client: FlaskClient, url: str = "/admin/sections") -> str:
    """What the strip says first."""
    return read(client.get(url).text).one("div", class_="done").all("p")[0].text


def chips(answer: TestResponse) -> dict[str, str]:
    """What may be chosen, by its words."""
    root = read(answer.text)
    labels = [(label, label.all("input", name="until")) for label in root.all("label", class_="chip")]
    buttons = [(button, [button]) for button in root.all("button", name="until")]
    return {words.text: found[0].attrs["value"] for words, found in [*labels, *buttons] if found}


def outage() -> Outage:
    db.session.expire_all()
    return db.session.scalars(sa.select(Outage).order_by(Outage.id.desc())).first() or pytest.fail("no outage")
