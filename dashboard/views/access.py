"""Who may ask for what. Every view declares it; one that does not keeps the app from starting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user

from dashboard.actions.writing import Actor
from dashboard.models import Person
from dashboard.rules import roles

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
    app.before_request(guard)
    app.jinja_env.globals["may"] = i_may
    app.jinja_env.globals["who_may"] = roles.who_may


def guard() -> ResponseReturnValue | None:
    """Sign in first; then 403 for what one may not do."""
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access == PUBLIC:
        return None
    if not current_user.is_authenticated:
        return sign_in_first()
    if access != SIGNED_IN and not i_may(access):
        abort(403)
    return None


def sign_in_first() -> ResponseReturnValue:
    there = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("account.sign_in", next=there or None), 303)


def i_may(permission: str) -> bool:
    return current_user.is_authenticated and roles.may(me().roles, permission)


def me() -> Person:
    """The person who asks; only for views that need one signed in."""
    person: Person = current_user.person
    return person


def actor() -> Actor:
    return Actor(me().name, me().id, request.remote_addr or "")
