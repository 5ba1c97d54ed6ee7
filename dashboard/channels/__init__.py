"""Whom we tell: one table of the ways by which a message reaches a follower. No channel knows the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from dashboard.channels.apprise import APPRISE, is_installed
from dashboard.channels.channel import Channel, Unfit
from dashboard.channels.lines import Lines, open_lines
from dashboard.channels.mail import EMAIL
from dashboard.channels.slack import SLACK
from dashboard.channels.teams import TEAMS
from dashboard.channels.webhook import WEBHOOK, fit
from dashboard.config import Settings

__all__ = ["CHANNELS", "Channel", "Lines", "Unfit", "offered", "open_lines"]

CHANNELS: Mapping[str, Channel] = {channel.name: channel for channel in (EMAIL, WEBHOOK, SLACK, TEAMS, APPRISE)}


def offered(settings: Settings, is_staff: bool = False) -> dict[str, Channel]:
    """Those that can be used in this installation, in the order of the table; a team's own channels may be of more
    kinds. Each ``fit`` knows what the operator allows."""
    can = {EMAIL.name: bool(settings.smtp_url), APPRISE.name: is_installed()}
    found = {
        one.name: one for one in CHANNELS.values() if can.get(one.name, True) and (is_staff or not one.is_for_staff)
    }
    return found | {WEBHOOK.name: replace(WEBHOOK, fit=partial(fit, allowed=settings.webhook_allowed))}
