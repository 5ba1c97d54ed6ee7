"""Who asks: the admin's screens. Each noun has its file and its blueprint."""

from __future__ import annotations

from flask import Flask

from dashboard.config import Settings


def install(app: Flask, settings: Settings) -> None:
    pass
