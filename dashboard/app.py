"""Puts the product together: settings, database, publication, views and commands around one Flask app."""

from __future__ import annotations

import os

import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import config, publish
from dashboard.config import Settings
from dashboard.db import db, engine_options, make_sqlite_careful, notice_read_only


def bare(settings: Settings | None = None) -> Flask:
    """What a job needs: settings, database, publication. Nobody can ask it anything. Raises WrongSetting."""
    chosen = settings or config.from_environment(os.environ)
    app = Flask(
        "dashboard",
        root_path=str(config.ROOT / "dashboard"),
        template_folder=str(config.ROOT / "templates"),
        static_folder=str(config.ROOT / "static"),
        static_url_path="/admin/static",
        instance_path=str(chosen.instance),
    )
    config.install(app, chosen)
    app.config.update(
        SECRET_KEY=config.secret_key(chosen.instance),
        SQLALCHEMY_DATABASE_URI=chosen.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(chosen.database_url),
        MAX_CONTENT_LENGTH=1_000_000,
        SESSION_COOKIE_NAME="__Host-signpost" if chosen.is_https else "signpost",
        SESSION_COOKIE_SECURE=chosen.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    db.init_app(app)
    with app.app_context():
        make_sqlite_careful(db.engine)
        notice_read_only(db.engine)
    app.extensions["redis"] = _redis(chosen)
    publish.install(app, chosen)
    return app


def assemble(settings: Settings | None = None) -> Flask:
    """The whole product. Raises WrongSetting."""
    from dashboard import cli, views  # only here: a worker has no use for their megabytes
    from dashboard.front import Front

    app = bare(settings)
    chosen: Settings = app.extensions["settings"]
    views.install(app, chosen)
    cli.install(app)
    inner = ProxyFix(app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies, x_host=0) if chosen.proxies else None
    inside = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    app.wsgi_app = Front(inner or app.wsgi_app, app.extensions["press"], chosen.web_threads, inside)  # type: ignore[method-assign, assignment]
    return app


def _redis(settings: Settings) -> redis.Redis:
    """For the web: answers at once or not at all. The worker and the beat make their own, which are patient."""
    return redis.Redis.from_url(
        config.redis_url(settings), socket_timeout=0.5, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
    )
