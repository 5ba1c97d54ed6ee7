"""What stands before every view: the caller's host, origin and encoding; and the security headers behind it."""

from __future__ import annotations

import ipaddress
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from werkzeug.routing import IntegerConverter, Map

from dashboard.config import Settings
from dashboard.editions import SERVER
from dashboard.rules.place import origin_of

_SAFE = ("GET", "HEAD", "OPTIONS")
_FROM_ANYWHERE = ("follow.stop",)  # a mail program's own button; who has the link may press it


class RowNumber(IntegerConverter):
    """``<int:...>`` in an address. No database has a row beyond, and asked for one some break: there is nothing."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


def install(app: Flask, settings: Settings) -> None:
    """To be called before any route is there."""
    app.url_map.converters["int"] = RowNumber
    ours = (settings.public_url, *settings.allowed_origins)
    app.extensions["origins"] = frozenset(origin_of(url) for url in ours)
    app.extensions["hosts"] = frozenset(urlsplit(url).hostname or "" for url in ours)
    app.extensions["is https"] = settings.is_https
    for check in (only_looks, known_host, same_origin, plain_body):
        app.before_request(check)
    app.after_request(headers)
    app.jinja_env.globals["nonce"] = nonce


def nonce() -> str:
    """One for each answer; the templates put it on their scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    found: str = g.nonce
    return found


def only_looks() -> None:
    """Who asks by HEAD whether something is there is answered as by GET: no view takes that for a form."""
    if request.method == "HEAD":
        request.method = "GET"


def known_host() -> None:
    """A name of the open internet must be one of ours, or somebody else's name could be pointed at this server. An
    address, or a name without a dot, as machines of one network call each other, is nobody else's."""
    host = request.host.rpartition(":")[0] or request.host
    host = host.strip("[]").rstrip(".").lower()
    if "." in host and not _is_address(host) and host not in current_app.extensions["hosts"]:
        abort(421)


def same_origin() -> None:
    """A browser says from where a form comes: it must be from us. Programs that say nothing need the token alone."""
    origin = request.headers.get("Origin")
    if request.method in _SAFE or origin is None or request.endpoint in _FROM_ANYWHERE:
        return
    if origin != request.host_url.rstrip("/") and origin not in current_app.extensions["origins"]:
        abort(403, "This form came from an address that is not ours. An admin can add it to ALLOWED_ORIGINS.")


def plain_body() -> None:
    """A body that would have to be unpacked first may grow without measure; and a form would read JSON too, where a
    field can be anything."""
    is_packed = request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity")
    if is_packed or (request.is_json and request.method not in _SAFE):
        abort(415)


def headers(response: Response) -> Response:
    """Only what is ours may load; nobody may frame it; the browser keeps no copy."""
    response.headers.setdefault(*SERVER)
    response.headers.setdefault("Content-Security-Policy", policy())
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if current_app.extensions["is https"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def policy() -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
