"""How many questions a page asks of the database: the same for few rows and for many."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from dashboard.db import db


def questions(client: FlaskClient, url: str) -> int:
    asked: list[str] = []

    def listen(connection: object, cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", listen)
    client.get(url)
    sa.event.remove(db.engine, "before_cursor_execute", listen)
    return len(asked)
