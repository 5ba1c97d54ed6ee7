"""Jobs for tests of the worker."""

from __future__ import annotations

import time
from pathlib import Path

from flask import current_app

from dashboard.config import settings


def note(path: str) -> None:
    """Shows that it ran, and within which app."""
    Path(path).write_text(f"{current_app.name} {settings().instance}")


def linger(path: str, seconds: float) -> None:
    """Shows that it began, and takes its time."""
    Path(path).write_text("begun")
    time.sleep(seconds)


def fail() -> None:
    raise ValueError("on purpose")
