"""Planned work at a time: its stage, and what its typed times mean."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from dashboard.rules.walltime import Fold, Gap, moment_of


class Stage(StrEnum):
    """Wire names, in the order in which they come."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


def stage_at(
    starts_at: datetime, ends_at: datetime, verifying_at: datetime | None, gone_at: datetime | None, t: datetime
) -> Stage:
    """Called off before it began it is cancelled; ended early it is completed."""
    if gone_at is not None and gone_at <= t:
        return Stage.CANCELLED if gone_at <= starts_at else Stage.COMPLETED
    if t < starts_at:
        return Stage.SCHEDULED
    if t >= ends_at:
        return Stage.COMPLETED
    return Stage.VERIFYING if verifying_at is not None and verifying_at <= t else Stage.IN_PROGRESS


def settled(wall: datetime, zone: ZoneInfo) -> datetime:
    """What a wall time means where nobody can be asked: one in a gap the later choice, of two the first."""
    meant = moment_of(wall, zone)
    if isinstance(meant, Gap):
        return meant.later
    return meant.first if isinstance(meant, Fold) else meant


def still_meant(wall: datetime, zone: ZoneInfo, known: datetime) -> datetime:
    """The same where somebody once said which they mean: what they said, as long as it is a choice."""
    meant = moment_of(wall, zone)
    choices = {Gap: ("earlier", "later"), Fold: ("first", "second")}.get(type(meant), ())
    return known if known in [getattr(meant, name) for name in choices] else settled(wall, zone)


def moved_to(typed: str, zone: str, moment: datetime) -> datetime | None:
    """The wall time at which it is in truth, where the one that was typed does not exist that day."""
    if not typed:
        return None
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return local if isinstance(moment_of(datetime.fromisoformat(typed), ZoneInfo(zone)), Gap) else None
