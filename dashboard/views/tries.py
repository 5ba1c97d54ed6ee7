"""A message that is sent at once, while somebody waits for the page: they read what its receiver answered."""

from __future__ import annotations

import asyncio
from datetime import datetime

from dashboard import channels
from dashboard.actions.outbox import new_key
from dashboard.channels.message import Letter, Link, Message, Outcome, Recipient
from dashboard.config import settings

PATIENCE = 8.0  # seconds, before the browser says that nothing answers
_SILENT = f"Nothing answered within {PATIENCE:.0f} seconds."


def message(at: datetime) -> Message:
    site = settings().site_name
    return Message(
        kind="test",
        thing="test",
        look="op",
        title=f"This is a test from {site}",
        lines=("Messages arrive here. Nothing is wrong, and there is nothing to do.",),
        link=Link("See the status page", f"{settings().public_url}/"),
        at=at,
    )


def recipient(channel: str, address: str, name: str = "", zone: str = "", secret: str = "") -> Recipient:
    """A team's channel, which is managed on our own screens."""
    manage = f"{settings().public_url}/admin/channels"
    secrets = (secret,) if secret else ()
    return Recipient(channel, address, zone or settings().time_zone.key, manage, manage, secrets, True, name)


def letter(message: Message, to: Recipient, at: datetime) -> Letter:
    return Letter(f"msg_{new_key()}_0", message, to, settings().site_name, at)


def send(letter: Letter) -> Outcome:
    return asyncio.run(_send(letter))


async def _send(letter: Letter) -> Outcome:
    try:
        async with asyncio.timeout(PATIENCE), channels.open_lines(settings()) as lines:
            return await channels.CHANNELS[letter.to.channel].send(letter, lines)
    except TimeoutError:
        return Outcome(_SILENT)
