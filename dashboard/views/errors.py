"""What went wrong, in plain words, with the status it deserves: a page, or a strip on the page where htmx asked."""

from __future__ import annotations

import structlog
from flask import Flask, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from dashboard.views.htmx import is_partial

log = structlog.get_logger()

_OURS = ("Something went wrong", "It is not your doing. Try again in a moment.")
_WORDS = {
    400: ("This request was not understood", "Go back and try again."),
    403: ("You may not do this", "Your account does not have the role for it. An admin can give it to you."),
    404: ("There is nothing here", "The address may be mistyped, or what was here has been archived."),
    405: ("This address does something else", "It cannot be used in this way."),
    413: ("That is too much at once", "Shorten what you are sending."),
    415: ("This request was not understood", "Send it as a plain form, not packed."),
    421: ("This server does not go by that name", "An admin can add it: see PUBLIC_URL and ALLOWED_ORIGINS."),
    428: ("This form is out of date", "Open the page again and repeat your change."),
    429: ("Too many tries", "Wait a few minutes and try again."),
    503: ("The database does not answer", "The public page and the banner go on. Try again in a moment."),
}


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, known)
    for trouble in (RecursionError, OverflowError, DataError):
        app.register_error_handler(trouble, not_understood)


def known(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    is_told = error.description is not None and error.description != type(error).description
    answer = _answer(status, str(error.description) if is_told else "")
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
    return answer


def not_understood(error: Exception) -> ResponseReturnValue:
    log.warning("input.refused", error=type(error).__name__)
    return _answer(400)


def database_away(error: OperationalError) -> Response:
    log.error("database.unreachable", error=str(error.orig))
    answer = _answer(503)
    answer.headers["Retry-After"] = "5"
    return answer


def strip(status: int, heading: str, advice: str, link: str = "", there: str = "") -> Response:
    """A sentence at the top of the page that is open; whatever is typed in it stays."""
    answer = make_response(
        render_template("errors/_strip.html", heading=heading, advice=advice, link=link, there=there), status
    )
    answer.headers.update({"HX-Retarget": "#done", "HX-Reswap": "innerHTML"})
    return answer


def _answer(status: int, told: str = "") -> Response:
    heading, advice = _WORDS.get(status, _OURS)
    advice = told or advice
    if is_partial():
        return strip(status, heading, advice)
    return make_response(render_template("errors/index.html", status=status, heading=heading, advice=advice), status)
