"""One answer, two doors: a partial for htmx, a page or a redirect for everybody else."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from htmx_flask import request


def is_partial() -> bool:
    """Does htmx ask, for a part of a page?"""
    return bool(request.htmx)


def respond(
    partial: str, to: str, said: str = "", undo: int | None = None, tells: int | None = None, **words: Any
) -> ResponseReturnValue:
    """After something was done: the partial that shows it, or a redirect (303) to a page that includes it.

    ``said`` is the sentence of the strip that tells what happened; ``undo`` the id of the change it offers to undo,
    ``tells`` the revision of the one that followers may be told of.
    """
    if is_partial():
        return render_template(partial, said=said, undo=undo, tells=tells, **words)
    if said:
        flash(said, _category(undo, tells))
    return redirect(to, 303)


def leave(to: str, said: str, undo: int | None = None, tells: int | None = None) -> ResponseReturnValue:
    """After a form that has a page of its own: on to another page, which shows the strip."""
    flash(said, _category(undo, tells))
    return Response(headers={"HX-Redirect": to}) if is_partial() else redirect(to, 303)


def _category(undo: int | None, tells: int | None) -> str:
    """What a strip offers, as `_done.html` reads it."""
    return f"said-{undo or 0}-{tells or 0}"


def refuse(partial: str, page: str, status: int = 422, **words: Any) -> ResponseReturnValue:
    """The form again, with what was typed and what to mend."""
    return render_template(partial if is_partial() else page, **words), status


def vary(response: Response) -> Response:
    response.vary.add("HX-Request")
    return response
