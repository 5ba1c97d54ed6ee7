"""Signpost closes a part of a website, says so where people are looking, says until when, and opens it again.

The way of the data, and the folders that show it::

    PagerDuty -> sources.pagerduty -> actions.windows --\\
    people    -> views.*           -> actions.*       ---> models (+ Change) -> facts -> snapshot (by rules)
                                                       -> documents -> editions -> publish -> front and plain files

    rules/      what is true     pure functions of facts and a time
    models/     what is stored   one table a file
    sources/    what comes in    fetch and parse; no database
    actions/    the only writers one function for each intent, one transaction each
    facts.py    the one reader   rows -> frozen Facts
    snapshot.py what holds at t  Facts + rules -> frozen Snapshot
    documents/  what goes out    one table of every public answer
    editions.py, publish.py, front.py   prepared answers, files, and the callable that serves them without Flask
    views/      who asks         the admin's screens
    jobs/       when             what the queue runs, beside this package
"""

from __future__ import annotations

import os

import redis
from flask import Flask
from flask_migrate import Migrate
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard import config, models, publish
from dashboard.config import Settings
from dashboard.db import db, make_sqlite_careful
from dashboard.front import Front

__all__ = ["create_app", "models"]

migrate = Migrate(db=db, directory=str(config.ROOT / "dashboard" / "migrations"), compare_type=True)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole product as one WSGI app. Raises WrongSetting when the environment holds a wrong setting."""
    from dashboard import cli, views

    chosen = settings or config.from_environment(os.environ)
    app = Flask(
        __name__,
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
        MAX_CONTENT_LENGTH=1_000_000,
        SESSION_COOKIE_NAME="__Host-signpost" if chosen.is_https else "signpost",
        SESSION_COOKIE_SECURE=chosen.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    db.init_app(app)
    migrate.init_app(app)
    with app.app_context():
        make_sqlite_careful(db.engine)
    app.extensions["redis"] = _redis(chosen)
    publish.install(app, chosen)
    views.install(app, chosen)
    cli.install(app)
    inner = ProxyFix(app.wsgi_app, x_for=chosen.proxies, x_proto=chosen.proxies, x_host=0) if chosen.proxies else None
    app.wsgi_app = Front(inner or app.wsgi_app, app.extensions["press"], chosen.web_threads)  # type: ignore[method-assign, assignment]
    return app


def _redis(settings: Settings) -> redis.Redis:
    """For the web: answers at once or not at all. The worker and the beat make their own, which are patient."""
    return redis.Redis.from_url(
        config.redis_url(settings), socket_timeout=0.5, socket_connect_timeout=0.3, retry=Retry(NoBackoff(), 0)
    )
