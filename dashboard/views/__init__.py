"""Who asks: the admin's screens. Each noun has its file, its blueprint and its template folder."""

from __future__ import annotations

from flask import Blueprint, Flask
from htmx_flask import Htmx

from dashboard.config import Settings
from dashboard.views import access, errors, guard, htmx, words

NOUNS: tuple[Blueprint, ...] = ()


def install(app: Flask, settings: Settings) -> None:
    Htmx(app)
    guard.install(app, settings)
    words.install(app)
    errors.install(app)
    for noun in NOUNS:
        app.register_blueprint(noun)
    app.after_request(htmx.vary)
    access.install(app)
