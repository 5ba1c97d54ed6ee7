"""Where else a team wants to be told: SMS, Telegram, Matrix, IRC, PagerDuty …, by Apprise, which is an extra.

It speaks to the network by itself, past our fetcher. So it is for teams' channels alone, which staff add, and only for
services that are named here: none that runs something, reads a file, or posts to any address.
"""

from __future__ import annotations

import asyncio
import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from dashboard.channels import words
from dashboard.channels.channel import Channel, Unfit
from dashboard.channels.lines import Lines
from dashboard.channels.message import Letter, Outcome
from dashboard.channels.url import LONGEST, NOT_PUBLIC, name

TOTAL = 15.0  # seconds
SERVICES = frozenset(
    (
        *("tgram", "discord", "gchat", "wxteams", "zulip", "twist", "line", "threema", "whatsapp"),
        *("pagerduty", "opsgenie", "splunk", "signl4", "squadcast", "betterstack", "pover", "pbul"),
        *("twilio", "vonage", "sinch", "msgbird", "clicksend", "plivo", "bulksms", "sns"),
    )
)
OWN_HOST = frozenset({"matrixs", "ircs", "mmosts", "rockets", "ntfys", "gotifys"})  # runs where the address says
MISSING = "Apprise is not installed here. Whoever runs Signpost adds it with: pip install 'apprise>=2.2,<3'."
NO_ADDRESS = "That is not an address of a service that can be used here. Write it like tgram://token/chat."
_LOOKS = {"op": "success", "maint": "info", "degraded": "warning", "partial": "warning", "major": "failure"}


def is_installed() -> bool:
    return find_spec("apprise") is not None


def fit(address: str) -> str:
    """No options after a "?": some would have it read a file, or believe any certificate."""
    address = address.strip()
    scheme, _, rest = address.partition("://")
    known = scheme.lower() in SERVICES | OWN_HOST
    if not known or not rest or len(address) > LONGEST or re.search(r"[?\s\\\x00-\x20\x7f]", address):
        raise Unfit(NO_ADDRESS)
    if not is_installed():
        raise Unfit(MISSING)
    if not _is_understood(address):
        raise Unfit(NO_ADDRESS)
    return f"{scheme.lower()}://{rest}"


def _is_understood(address: str) -> bool:
    from apprise import Apprise  # an extra

    return Apprise.instantiate(address) is not None


def lane(address: str) -> str:
    return f"apprise:{address.partition('://')[0]}"


async def send(letter: Letter, lines: Lines) -> Outcome:
    if not is_installed():
        return Outcome(MISSING, ours=True)
    try:
        async with asyncio.timeout(TOTAL):
            await _looked_at(letter.to.address, lines)
            told = await asyncio.get_running_loop().run_in_executor(lines.threads, tell, letter)
    except Unfit:
        return Outcome(NOT_PUBLIC, refused=True)
    except TimeoutError:
        return Outcome(f"It did not answer within {TOTAL:.0f} seconds.")
    except OSError:
        return Outcome("The name of its host was not found.")
    return Outcome("The service took it." if told else "The service did not take it.", sent=told)


async def _looked_at(address: str, lines: Lines) -> None:
    """Of a service with a host of its own: that it is on the public internet. Raises Unfit or OSError."""
    scheme, _, rest = address.partition("://")
    if scheme in OWN_HOST:
        parts = urlsplit(f"https://{rest}")
        host = parts.hostname or ""
        await lines.web.looked_at(host if ":" in host else name(host), parts.port or 443)


def tell(letter: Letter) -> bool:
    """In a thread of its own: whether it was taken."""
    from apprise import Apprise, NotifyFormat

    told = words.told(letter)
    links = "\n".join(f"{link.label}: {link.href}" for link in words.links(letter))
    found = Apprise()
    found.add(letter.to.address)
    return bool(
        found.notify(
            title=_unmarked(told.title),
            body=f"{_unmarked(told.text)}\n\n{links}\n{told.told}",
            notify_type=_LOOKS.get(letter.message.look, "info"),
            body_format=NotifyFormat.TEXT,
            interpret_escapes=False,
        )
    )


def _unmarked(text: str) -> str:
    """Nobody is called by an @ in what was written."""
    return re.sub(r"@(?=\S)", "@\u2060", text)


APPRISE = Channel("apprise", "Other service", fit, lane, send, is_for_staff=True)
