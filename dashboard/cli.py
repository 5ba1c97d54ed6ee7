"""The command ``signpost``."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import FlaskGroup

from dashboard import create_app, publish, schema
from dashboard.clock import now
from dashboard.config import WrongSetting


def install(app: Flask) -> None:
    app.cli.add_command(init)


@click.command()
def init() -> None:
    """Make or update the database of this instance."""
    schema.upgrade()
    publish.after_commit(now())


@click.group(cls=FlaskGroup, create_app=lambda: _create_app())
def group() -> None:
    """Close a part of a website, tell people until when, and open it again."""


def _create_app() -> Flask:
    app = create_app()
    schema.install(app)
    return app


def main() -> None:
    try:
        group()
    except WrongSetting as wrong:
        raise SystemExit(f"signpost: {wrong}") from None
