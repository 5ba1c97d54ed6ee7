"""Microsoft Teams: posts an Adaptive Card to a workflow that was started from “Send webhook alerts to a channel”."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from dashboard.channels import words
from dashboard.channels.channel import Channel, Unfit
from dashboard.channels.lines import Lines
from dashboard.channels.message import Letter, Link, Outcome
from dashboard.channels.posting import encoded, post
from dashboard.channels.url import target

DOMAINS = (".logic.azure.com", ".environment.api.powerplatform.com", ".webhook.office.com")
GONE = frozenset({403, 404, 410})  # the workflow was deleted or turned off
NO_ADDRESS = (
    "That is not the address of a workflow of Teams. Write it like https://….environment.api.powerplatform.com/…."
)
_STYLES = {"op": "good", "maint": "accent", "degraded": "warning", "partial": "warning", "major": "attention"}
_FAILED = b"delivery failed"  # which older hooks say with 200
_CODE = re.compile(r"\{(?=\{)|\$(?=\{)|@(?=\{)")


def fit(address: str) -> str:
    found = target(address.strip())
    if found.scheme != "https" or not found.host.endswith(DOMAINS) or found.port != 443 or found.path == "/":
        raise Unfit(NO_ADDRESS)
    return str(found)


def lane(address: str) -> str:
    return f"teams:{target(address).host}"


async def send(letter: Letter, lines: Lines) -> Outcome:
    outcome, answered = await post(letter, lines, encoded(body_of(letter)), {}, GONE)
    if outcome.sent and _FAILED in answered:
        return replace(outcome, sent=False, answer="Teams took it and could not show it.")
    return outcome


def body_of(letter: Letter) -> dict[str, Any]:
    return {
        "type": "message",
        "summary": plain(words.told(letter).title),
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": _card(letter),
            }
        ],
    }


def _card(letter: Letter) -> dict[str, Any]:
    told = words.told(letter)
    style = _STYLES.get(letter.message.look, "default")
    links = [*words.links(letter)]
    if letter.message.kind != "confirm":
        links.append(Link(words.MANAGE, letter.to.manage_url))
    foot = _run(f"{letter.site}, {told.told}", isSubtle=True, size="Small")
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": plain(told.title),
        "msteams": {"width": "Full"},
        "body": [
            {
                "type": "Container",
                "style": style,
                "bleed": True,
                "items": [_text(_run(told.title, size="Large", weight="Bolder"))],
            },
            *(_text(_run(line)) for line in told.lines),
            *(_text(_run(late, weight="Bolder")) for late in (told.late,) if late),
            _text(foot),
        ],
        "actions": [{"type": "Action.OpenUrl", "title": plain(link.label), "url": link.href} for link in links],
    }


def _text(run: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [run]}


def _run(text: str, **looks: Any) -> dict[str, Any]:
    """Of a run of rich text no Markdown is read, which that of a TextBlock is."""
    return {"type": "TextRun", "text": plain(text), **looks}


def plain(text: str) -> str:
    """What cards and workflows would compute, like {{DATE(…)}} and ${…}, is taken apart by a mark without width."""
    return _CODE.sub(lambda found: f"{found[0]}\u2060", text)


TEAMS = Channel("teams", "Microsoft Teams", fit, lane, send)
