"""The cast, their signed-in browsers, and pages as a browser would read them."""

from __future__ import annotations

from contextvars import Context
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard import passwords, publish
from dashboard.actions import sign_ins
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Person
from tests.views.page import Client, Page, Post, check, read

PASSWORD = "a long enough password"
NAMES = {
    "viewer": "Vera Lund",
    "product_manager": "Priya Shah",
    "delivery_manager": "Tom Reed",
    "admin": "Ada Okafor",
}
EVERYBODY = (*NAMES, "nobody")


class Browser(FlaskClient):
    """Each request runs in a context of its own, as on a server: nothing of ``g`` or of the session is left over."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()  # so that the test reads what the request wrote
        return answer


FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def app(app: Flask) -> Flask:
    """The app as in a web process, where a thread (which is not there) writes the documents' files; with passwords
    hashed so fast that they protect nothing."""
    app.test_client_class = Browser
    publish.press().is_kept = True
    passwords.use(app, FAST)
    return app


@pytest.fixture
def cast(app: Flask) -> dict[str, Person]:
    """One person a role, by role. Each one's password is PASSWORD, and e-mail like priya@example.org."""
    people = {
        role: Person(
            name=name,
            email=f"{name.split()[0].lower()}@example.org",
            password_hash=passwords.hashed(PASSWORD),
            roles=frozenset({role}),
            created_at=now(),
        )
        for role, name in NAMES.items()
    }
    db.session.add_all(people.values())
    db.session.commit()
    return people


@pytest.fixture
def client_of(app: Flask, cast: dict[str, Person]) -> Client:
    """A browser in which the person of this role is signed in; of "nobody", one in which nobody is."""

    def signed_in(role: str) -> FlaskClient:
        client = app.test_client()
        if role != "nobody":
            token = sign_ins.start(cast[role].id, now())
            with client.session_transaction() as session:
                session["_user_id"] = token
        return client

    return signed_in


@pytest.fixture
def viewer(client_of: Client) -> FlaskClient:
    return client_of("viewer")


@pytest.fixture
def priya(client_of: Client) -> FlaskClient:
    return client_of("product_manager")


@pytest.fixture
def tom(client_of: Client) -> FlaskClient:
    return client_of("delivery_manager")


@pytest.fixture
def ada(client_of: Client) -> FlaskClient:
    return client_of("admin")


@pytest.fixture
def page() -> Page:
    """Reads a whole page and checks what every page must hold: see ``tests/views/page.py``."""
    return check


@pytest.fixture
def post() -> Post:
    return send


def token_of(client: FlaskClient) -> str:
    """A CSRF token for this browser, read where a person would get one."""
    answer = client.get("/admin/me", follow_redirects=True)
    return read(answer.text).all("input", name="csrf_token")[0].attrs["value"]


def send(client: FlaskClient, url: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
    """POST a form with a CSRF token of this browser; ``headers={"HX-Request": "true"}`` for htmx."""
    return client.post(url, data={"csrf_token": token_of(client), **(data or {})}, **more)
