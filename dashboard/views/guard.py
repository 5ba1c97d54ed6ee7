"""What stands before every view: CSRF, the caller's origin, and the security headers with a nonce."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf import CSRFProtect

from dashboard.config import Settings
from dashboard.editions import SERVER

_SAFE = ("GET", "HEAD", "OPTIONS")


def install(app: Flask, settings: Settings) -> None:
    CSRFProtect(app)
    app.before_request(same_origin)
    app.after_request(headers)
    app.jinja_env.globals["nonce"] = nonce
    app.extensions["origins"] = frozenset(_origin(url) for url in (settings.public_url, *settings.allowed_origins))


def nonce() -> str:
    """One for each answer; the templates put it on their scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    found: str = g.nonce
    return found


def same_origin() -> None:
    """A browser says from where a form comes: it must be from us. Programs that say nothing need the token alone."""
    origin = request.headers.get("Origin")
    if request.method in _SAFE or origin is None:
        return

    if origin != _origin(request.host_url) and origin not in current_app.extensions["origins"]:
        abort(403, "This form came from another website.")


def headers(response: Response) -> Response:
    """Only what is ours may load; nobody may frame it; the browser keeps no copy."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers.setdefault(*SERVER)
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
