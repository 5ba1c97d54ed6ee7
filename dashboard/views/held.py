"""Nothing typed is lost: a form that comes too late, signed out or with the token of another session, is offered again.

A password is never repeated. The views whose forms hold one check the token themselves and ask for it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.exc import OperationalError
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from dashboard import passwords
from dashboard.rules import text
from dashboard.views import errors
from dashboard.views.htmx import is_partial

View = TypeVar("View", bound=Callable[..., Any])
Fields = list[tuple[str, str]]

MOST = 200_000  # characters of a form that is held
SINCE = "This was typed before you signed in, so it has not been sent. Nothing of it is lost."
AWAY = "The database does not answer, so this has not been kept. Nothing of it is lost: wait a moment."
TOO_OLD = "This page was open for too long. Give your password once more."
_SAFE = ("GET", "HEAD", "OPTIONS")

csrf = CSRFProtect()


class SignInForm(FlaskForm):
    email = EmailField(
        "E-mail address",
        [InputRequired("Give your e-mail address."), Length(max=text.LINE, message="That is too long.")],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Give your password."), Length(max=passwords.LONGEST, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
    held = HiddenField()


def install(app: Flask) -> None:
    """To be called after `access.install`: who may not do it at all is told so first."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_SSL_STRICT=False)  # `guard.same_origin` looks at that
    csrf.init_app(app)
    app.before_request(check_token)
    app.register_error_handler(CSRFError, too_late)
    app.register_error_handler(OperationalError, database_away)


def asks_anew(view: View) -> View:
    """For a view whose form holds a password: it checks the token by the form, and shows the form again."""
    view.asks_anew = True  # type: ignore[attr-defined]
    return view


def without_token(view: View) -> View:
    """For a view that no cookie opens: who is made to send something there does nothing that the other could not."""
    view.without_token = True  # type: ignore[attr-defined]
    return view


def check_token() -> None:
    if request.endpoint and request.method not in _SAFE and not _asks_anew() and not _is_declared("without_token"):
        csrf.protect()


def is_valid(form: FlaskForm) -> bool:
    """Sent, and right. A token that is not this session's is said in words, above the form."""
    if not form.is_submitted():
        return False
    if form.validate():
        return True
    if form.csrf_token.errors:
        form.csrf_token.errors = []
        form.form_errors = [*form.form_errors, TOO_OLD]
    return False


def sign_in_first() -> ResponseReturnValue:
    """For somebody who is not signed in: what they typed goes with them through the sign-in form."""
    fields = _typed()
    if is_partial() and not _is_form():
        _, _, here = request.headers.get("HX-Current-URL", "").partition("://")[2].partition("/")
        there = url_for("account.sign_in", next=f"/{here}")
        return errors.strip(401, "You are signed out.", "What is typed on this page stays.", "Sign in", there)
    if not fields:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("account.sign_in", next=back), 303)
    form = SignInForm(formdata=None, held=_packed(fields))
    return _whole(render_template("account/sign_in.html", form=form), 401)


def too_late(error: CSRFError) -> ResponseReturnValue:
    """The token is of another session: one signed in anew since, in another tab perhaps."""
    if not current_user.is_authenticated:
        return sign_in_first()
    if is_partial() and not _is_form():
        return errors.strip(400, "You signed in again since.", "This page is of the time before.", "Load it again")
    return _whole(offer(request.full_path.rstrip("?"), _typed()), 400)


def database_away(error: OperationalError) -> ResponseReturnValue:
    """A page can be asked for again; what was typed into a plain form would be gone with it."""
    answer = errors.database_away(error)
    fields = _typed()
    if fields and not is_partial():
        answer.set_data(offer(request.full_path.rstrip("?"), fields, AWAY))
    return answer


def offer(to: str, fields: Fields, why: str = SINCE) -> str:
    """The page that sends it again at the press of a button."""
    shown = [(name.replace("_", " ").capitalize(), value) for name, value in fields if name not in ("version", "once")]
    return render_template(
        "errors/again.html", why=why, to=to, fields=fields, shown=[pair for pair in shown if pair[1]]
    )


def unpacked(held: str | None) -> tuple[str, Fields] | None:
    """Where a held form was going, and what it says."""
    try:
        found = _serializer().loads(held or "")
    except BadData:
        return None
    return found["to"], [(name, value) for name, value in found["fields"]]


def _packed(fields: Fields) -> str:
    return str(_serializer().dumps({"to": request.full_path.rstrip("?"), "fields": fields}))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="held")


def _typed() -> Fields:
    """The fields of this request that may be repeated; none of a form with a password, nor more than we carry."""
    if _asks_anew():
        return []
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return fields if sum(len(name) + len(value) for name, value in fields) <= MOST else []


def _asks_anew() -> bool:
    return _is_declared("asks_anew")


def _is_declared(name: str) -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), name, False)


def _is_form() -> bool:
    """Does htmx send a form? Not if it is a preview or rows that refresh themselves."""
    return request.method == "POST" and request.headers.get("HX-Source", "").startswith("form")


def _whole(page: str, status: int) -> Response:
    """A whole page, also where htmx asked for a part of one."""
    response = make_response(page, status)
    if is_partial():
        response.headers.update({"HX-Retarget": "body", "HX-Reswap": "innerHTML"})
    return response
