"""Whom we tell: one table of the ways by which a message reaches a follower. No channel knows the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from dashboard.channels.channel import Channel, Unfit
from dashboard.channels.lines import Lines, open_lines
from dashboard.channels.mail import EMAIL
from dashboard.channels.webhook import WEBHOOK, fit
from dashboard.config import Settings

__all__ = ["CHANNELS", "Channel", "Lines", "Unfit", "offered", "open_lines"]

CHANNELS: Mapping[str, Channel] = {channel.name: channel for channel in (EMAIL, WEBHOOK)}


def offered(settings: Settings) -> dict[str, Channel]:
    """Those that this installation can use, in the order of the table. ``fit`` knows what the operator allows."""
    webhook = replace(WEBHOOK, fit=partial(fit, allowed=settings.webhook_allowed))
    found = {**CHANNELS, WEBHOOK.name: webhook}
    if not settings.smtp_url:
        del found[EMAIL.name]
    return found
