"""The public pages that a program answers: in the looks of the published ones, without a cookie, kept by nobody."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from dashboard.clock import now
from dashboard.documents import HTML, assets, frame, html
from dashboard.publish import press, read_facts
from dashboard.snapshot import Snapshot, snapshot_at
from dashboard.views.guard import nonce


def published() -> Snapshot:
    """Asks the database only before anything was ever published."""
    at = now()
    edition = press().at(at)
    return edition.snapshot if edition else snapshot_at(read_facts(at), at)


def page(template: str, title: str, root: str, status: int = 200, **words: Any) -> Response:
    """``root`` leads from the page's own address to the first page."""
    snapshot = published()
    body = html.render(
        f"public/{template}",
        root=root,
        frame=frame.still(snapshot),
        head=frame.plain("op", title),
        nonce=nonce(),
        form_style=assets.form_style_path().lstrip("/"),
        form_script=assets.form_script_path().lstrip("/"),
        **words,
    )
    return Response(body, status, content_type=HTML)


def said(title: str, *lines: str, status: int = 200, back: str = "") -> Response:
    """A page of a few sentences. ``back``: the way to the form, from here."""
    return page("follow_said.html", title, _root(), status, lines=lines, back=back)


def again() -> Response:
    """What was sent and could not be kept, to be sent again at the press of a button."""
    fields = list(request.form.items(multi=True))
    return page("follow_again.html", "This cannot be done at the moment", _root(), 503, fields=fields)


def _root() -> str:
    return "../" * (request.path.count("/") - 1)


def quiet(response: Response) -> Response:
    """No other page, nor any search engine, learns an address by which somebody manages what they follow. Were nothing
    said of where a form comes from, browsers would not say either that it comes from us."""
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def secret() -> str:
    found: str = current_app.config["SECRET_KEY"]
    return found
