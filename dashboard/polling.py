"""One poll of PagerDuty from end to end: what to ask, asking, and what became of it. The worker and the command line
both come through here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard.actions import windows
from dashboard.alone import alone
from dashboard.config import Settings, settings
from dashboard.db import db
from dashboard.models import Service, Window
from dashboard.sources import pagerduty
from dashboard.sources.pagerduty import Account, Fetch, Limits, Question, Trouble

_UNFORESEEN = "PagerDuty’s answer could not be worked through. The log of the worker says more."
LONGEST = 90  # seconds: then a poll whose host died no longer stands in the way


@dataclass(frozen=True, slots=True)
class Report:
    """What a poll came to, for staff. ``complete``: everything was asked, answered and believed."""

    complete: bool
    sentence: str
    warnings: tuple[str, ...] = ()


def account(settings: Settings) -> Account:
    return Account(settings.pagerduty_url, settings.pagerduty_api_key, settings.pagerduty_ca)


def poll(clock: Callable[[], datetime], limits: Limits | None = None) -> Report:
    """Ask once and follow the answer, unless a poll is under way. Raises what the database raises."""
    with alone("poll", LONGEST) as mine:
        return _poll(clock, limits) if mine else Report(False, "Another poll is under way; this one asked nothing.")


def _poll(clock: Callable[[], datetime], limits: Limits | None) -> Report:
    question = what_to_ask(clock())
    try:
        fetch = pagerduty.ask(account(settings()), question, limits)
    except Trouble as trouble:
        windows.apply_failure(trouble.sentence, question.asked_at, clock())
        return Report(False, f"{trouble.sentence} Everything stays as it was.")
    except Exception:
        windows.apply_failure(_UNFORESEEN, question.asked_at, clock())
        raise
    applied = windows.apply_poll(fetch, clock())
    return _report(fetch, question, applied)


def what_to_ask(at: datetime) -> Question:
    is_open = sa.and_(Window.source == windows.NAME, Window.gone_at.is_(None), Window.ends_at > at)
    services = db.session.scalars(sa.select(Service.external_id).distinct())
    open_ids = db.session.scalars(sa.select(Window.external_id).where(is_open).order_by(Window.starts_at, Window.id))
    question = Question(at, frozenset(services), tuple(open_ids))
    db.session.rollback()
    return question


def _report(fetch: Fetch, question: Question, applied: windows.Applied) -> Report:
    if applied.late:
        return Report(False, "A newer answer came first; this one was let go.")
    if not question.services:
        return Report(True, "No PagerDuty service belongs to a component yet, so there was nothing to ask.")
    sentence = f"{_count(len(fetch.windows), 'window')} read from PagerDuty, {applied.changed} changed."
    return Report(fetch.complete, sentence, tuple(fetch.warnings))


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
