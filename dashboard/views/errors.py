"""What went wrong, in plain words, with the status it deserves."""

from __future__ import annotations

import structlog
from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

log = structlog.get_logger()

_WORDS = {
    400: ("This request was not understood", "Go back and try again."),
    403: ("You may not do this", "Your account does not have the role for it. An admin can give it to you."),
    404: ("There is nothing here", "The address may be mistyped, or what was here has been archived."),
    405: ("This address does something else", "It cannot be used in this way."),
    413: ("That is too much at once", "Shorten what you are sending."),
    428: ("This form is out of date", "Open the page again and repeat your change."),
    429: ("Too many tries", "Wait a few minutes and try again."),
    503: ("The database does not answer", "The public page and the banner go on. Try again in a moment."),
}


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, known)
    for trouble in (RecursionError, OverflowError, DataError):
        app.register_error_handler(trouble, not_understood)
    app.register_error_handler(OperationalError, database_away)


def known(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    heading, advice = _WORDS.get(status, ("Something went wrong", "It is not your doing. Try again in a moment."))
    return render_template("errors/index.html", status=status, heading=heading, advice=advice), status


def not_understood(error: Exception) -> ResponseReturnValue:
    log.warning("input.refused", error=type(error).__name__)
    return render_template("errors/index.html", status=400, heading=_WORDS[400][0], advice=_WORDS[400][1]), 400


def database_away(error: Exception) -> ResponseReturnValue:
    log.error("database.unreachable", error=str(error))
    page = render_template("errors/index.html", status=503, heading=_WORDS[503][0], advice=_WORDS[503][1])
    return page, 503, {"Retry-After": "5"}
