"""Every minute: what the clock did becomes a Change, and followers are looked after. The beat asks for this."""

from __future__ import annotations

import structlog
from flask import current_app

from dashboard import owed
from dashboard.actions import following, sending, ticking
from dashboard.actions.following import Site
from dashboard.clock import now
from dashboard.config import settings
from dashboard.links import Links

log = structlog.get_logger()


def run() -> None:
    """Run twice, or late, it records the same."""
    if made := ticking.tick(now()):
        log.info("clock.ticked", changes=made)
    if erased := following.sweep(now()):
        log.info("followers.swept", addresses=erased)
    site = Site(settings().site_name, Links(settings().public_url, current_app.config["SECRET_KEY"]))
    if told := following.tell_owners(site, now()):
        log.info("owners.told", webhooks=told)
    if forgotten := sending.sweep(now()):
        log.info("deliveries.swept", rows=forgotten)
    if found := owed.leave(now()):
        log.info("followers.owed", things=found)
