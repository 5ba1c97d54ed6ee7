"""Every POLL_SECONDS: ask PagerDuty. The beat asks for this job, a worker runs it within the app's context."""

from __future__ import annotations

import structlog

from dashboard import polling
from dashboard.clock import now
from dashboard.config import settings

log = structlog.get_logger()


def run() -> None:
    """What goes wrong with PagerDuty is kept for staff; what goes wrong here fails the job."""
    if settings().pagerduty_api_key:
        report = polling.poll(now)
        tell = log.info if report.complete else log.warning
        tell("pagerduty.polled", complete=report.complete, said=report.sentence, warnings=report.warnings)
