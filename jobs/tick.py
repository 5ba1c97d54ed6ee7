"""Every minute: what the clock did becomes a Change, and addresses that nobody confirmed are erased, and old
deliveries. The beat asks for this, a worker runs it in the app's context."""

from __future__ import annotations

import structlog

from dashboard.actions import following, sending, ticking
from dashboard.clock import now

log = structlog.get_logger()


def run() -> None:
    """Run twice, or late, it records the same."""
    if made := ticking.tick(now()):
        log.info("clock.ticked", changes=made)
    if erased := following.sweep(now()):
        log.info("followers.swept", addresses=erased)
    if forgotten := sending.sweep(now()):
        log.info("deliveries.swept", deliveries=forgotten)
