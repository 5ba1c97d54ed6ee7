"""Who may ask for what. Every view declares it; one that does not keeps the app from starting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import structlog
from flask import Flask, abort, current_app, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.exc import OperationalError

from dashboard.actions import sign_ins
from dashboard.actions.writing import Actor
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Person, SignIn
from dashboard.rules import roles
from dashboard.views import held

log = structlog.get_logger()

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"


class Undeclared(RuntimeError):
    """A view says nothing about who may use it."""


class Visitor(UserMixin):
    """A signed-in person as Flask-Login keeps them: the cookie holds the sign-in's token, never the person's id."""

    def __init__(self, person: Person, token: str) -> None:
        self.person = person
        self.token = token

    def get_id(self) -> str:
        return self.token


def public(view: View) -> View:
    """Anybody may ask."""
    return _declare(view, PUBLIC)


def signed_in(view: View) -> View:
    """Everybody with an account may ask."""
    return _declare(view, SIGNED_IN)


def may(permission: str) -> Callable[[View], View]:
    """Only roles that hold the permission may ask."""
    if permission not in roles.EVERY_PERMISSION:
        raise Undeclared(f"no role holds {permission!r}; see rules/roles.py")
    return lambda view: _declare(view, permission)


def _declare(view: View, access: str) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def access_of(app: Flask, endpoint: str) -> str:
    """What the view behind an endpoint declares. Raises Undeclared with the remedy."""
    if endpoint == "static":
        return PUBLIC
    view = app.view_functions[endpoint]
    access: str | None = getattr(view, "access", None)
    if access is None:
        place = f"{view.__module__}.{view.__name__}"
        raise Undeclared(f"{place} declares no access: put @may(...), @signed_in or @public below its route")
    return access


def install(app: Flask) -> None:
    """To be called after every route is there."""
    for rule in app.url_map.iter_rules():
        access_of(app, rule.endpoint)
    login = LoginManager()
    login.init_app(app, add_context_processor=False)  # which looks the person up for every page, the 503 too
    login.session_protection = None  # the address of a phone changes; the token in the database is what counts
    login.user_loader(visitor_of)
    app.config.update(PERMANENT_SESSION_LIFETIME=sign_ins.LONGEST, SESSION_REFRESH_EACH_REQUEST=False)
    app.before_request(guard)
    app.jinja_env.globals["current_user"] = current_user
    app.jinja_env.globals["may"] = i_may
    app.jinja_env.globals["who_may"] = roles.who_may


def visitor_of(token: str) -> Visitor | None:
    """Who holds the token now: nobody once it ran out, was ended, or the person was disabled."""
    at = now()
    row = db.session.get(SignIn, sign_ins.token_hash(token))
    if row is None or not sign_ins.is_live(row, at):
        return None
    person_id = row.person_id
    if at >= row.seen_at + sign_ins.SEEN_EVERY:
        _seen(row.token_hash, at)
    person = db.session.get(Person, person_id)
    return Visitor(person, token) if person and person.disabled_at is None else None


def _seen(token_hash: str, at: datetime) -> None:
    try:
        sign_ins.seen(token_hash, at)
    except OperationalError:
        log.warning("sign_in.not_seen")  # a database that is busy writing can still be read


def guard() -> ResponseReturnValue | None:
    """Sign in first; then 403 for what one may not do."""
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access == PUBLIC:
        return None
    if not current_user.is_authenticated:
        return held.sign_in_first()
    if access != SIGNED_IN and not i_may(access):
        abort(403)
    return None


def i_may(permission: str) -> bool:
    return current_user.is_authenticated and roles.may(me().roles, permission)


def me() -> Person:
    """The person who asks; only for views that need one signed in."""
    person: Person = current_user.person
    return person


def actor() -> Actor:
    return Actor(me().name, me().id, request.remote_addr or "")
