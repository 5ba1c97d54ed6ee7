"""Settings: where to go from here, and how the parts behind the admin are running, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from dashboard.clock import now
from dashboard.db import db
from dashboard.rules.wording import length_words
from dashboard.views import health
from dashboard.views.access import may
from dashboard.views.health import Figures

blueprint = Blueprint("settings", __name__, url_prefix="/admin/settings")


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    is_well: bool
    sentence: str


@blueprint.get("")
@may("pagerduty.read")
def index() -> ResponseReturnValue:
    found = health.figures(now())
    return render_template("settings/index.html", facts=[told(check, found[check]) for check in _TOLD])


def told(check: str, figures: Figures) -> Fact:
    name, tell = _TOLD[check]
    is_well = figures["ok"] and not any(figures.get(trouble) for trouble in ("failing", "warnings", "held"))
    return Fact(name, is_well, tell(figures))


def _database(figures: Figures) -> str:
    kind = "PostgreSQL" if db.engine.dialect.name == "postgresql" else "SQLite, in the instance folder"
    return kind if figures["ok"] else "Does not answer. What is published stays."


def _queue(figures: Figures) -> str:
    if not figures["ok"]:
        return "Does not answer. PagerDuty is not asked and followers are not told; everything else goes on."
    waiting = figures["waiting_jobs"]
    return "Nothing waits" if not waiting else f"{waiting} {'job waits' if waiting == 1 else 'jobs wait'}"


def _worker(figures: Figures) -> str:
    return _heard(figures, "PagerDuty is asked and followers are told only while it runs; everything else goes on.")


def _beat(figures: Figures) -> str:
    return _heard(figures, "PagerDuty is asked and followers are told only while it runs; everything else goes on.")


def _published(figures: Figures) -> str:
    if figures["ok"]:
        return "Shows the latest change"
    if figures.get("failed"):
        return f"Could not be made, and stay as they were: {', '.join(figures['failed'])}. The log says why."
    behind = figures.get("behind_seconds")
    return "Not known" if behind is None else f"Behind by {_length(behind)}"


def _pagerduty(figures: Figures) -> str:
    if not figures.get("asked", True):
        return "Not asked: PAGERDUTY_API_KEY is not set"
    if figures.get("failing"):
        return "Does not answer as it should. What was known stays; see the PagerDuty page."
    heard = _heard(figures, "What was known stays.", "Asked")
    if not figures.get("warnings"):
        return heard
    return f"{heard.rstrip('.')}. Something was left out or looks wrong; see the PagerDuty page."


def _outbox(figures: Figures) -> str:
    if "age_seconds" not in figures:
        return "Not known"
    age = figures["age_seconds"]
    if figures["held"]:
        return f"Held by an admin for {_length(age)}: nobody is told anything"
    if not age:
        return "All is told"
    return f"The oldest message has been waiting for {_length(age)}"


def _heard(figures: Figures, otherwise: str, heard: str = "Heard from") -> str:
    age = figures.get("age_seconds")
    if age is None:
        return f"Not {heard.lower()} yet. {otherwise}"
    return f"{heard} {_length(age)} ago" + ("" if figures["ok"] else f". {otherwise}")


def _length(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else length_words(timedelta(seconds=seconds))


_TOLD: dict[str, tuple[str, Callable[[Figures], str]]] = {
    "published": ("Public page", _published),
    "database": ("Database", _database),
    "redis": ("Queue", _queue),
    "worker": ("Worker", _worker),
    "beat": ("Scheduler", _beat),
    "pagerduty": ("PagerDuty", _pagerduty),
    "outbox": ("Followers", _outbox),
}
