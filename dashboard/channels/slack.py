"""Slack: posts to an incoming webhook. Nothing in the words of a message is looked at as Slack's own marks."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from dashboard.channels import words
from dashboard.channels.channel import Channel, Unfit
from dashboard.channels.lines import Lines
from dashboard.channels.message import Letter, Link, Outcome
from dashboard.channels.posting import encoded, post
from dashboard.channels.url import target

HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
GONE = frozenset({403, 404, 410})  # the hook was taken away, or its channel archived
NO_ADDRESS = "That is not an incoming webhook of Slack. Write it like https://hooks.slack.com/services/T…/B…/…."
_HEADER, _SECTION = 150, 3_000  # characters that Slack takes
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def fit(address: str) -> str:
    found = target(address.strip())
    if found.scheme != "https" or found.host not in HOSTS or found.port != 443 or found.path == "/":
        raise Unfit(NO_ADDRESS)
    return str(found)


def lane(address: str) -> str:
    return f"slack:{'/'.join(urlsplit(address).path.split('/')[:3])}"  # Slack slows down one workspace at a time


async def send(letter: Letter, lines: Lines) -> Outcome:
    outcome, _ = await post(letter, lines, encoded(body_of(letter)), {}, GONE)
    return outcome


def body_of(letter: Letter) -> dict[str, Any]:
    told = words.told(letter)
    links = "   ".join(map(_link, words.links(letter)))
    return {
        "text": escaped(f"{told.title}\n{told.text}")[:_SECTION],  # what a notification shows
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [
            {"type": "header", "text": _plain(told.title, _HEADER)},
            *({"type": "section", "text": _plain(told.text, _SECTION)} for _ in range(bool(told.text))),
            {"type": "section", "text": _marked(links)},
            {"type": "context", "elements": _foot(letter, told)},
        ],
    }


def _foot(letter: Letter, told: words.Told) -> list[dict[str, Any]]:
    who = _plain(f"{letter.site}, {told.told}", _HEADER)
    if letter.message.kind == "confirm":
        return [who]
    return [who, _marked(_link(Link(words.MANAGE, letter.to.manage_url)))]


def _marked(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str, most: int) -> dict[str, Any]:
    """Of plain text Slack reads no marks, links or names of emoji."""
    return {"type": "plain_text", "text": escaped(_cut(text, most)), "emoji": False}


def _cut(text: str, most: int) -> str:
    """So that it is not too long once it is escaped."""
    if len(escaped(text)) <= most:
        return text
    text = text[:most]
    while len(escaped(text)) >= most:
        text = text[:-10]
    return f"{text.rstrip()}…"


def _link(link: Link) -> str:
    href = re.sub(r"[|<>\s]", lambda odd: f"%{ord(odd[0]):02X}", link.href)
    label = re.sub(r"[*_~`|]", "", link.label)
    return f"<{escaped(href)}|{escaped(label)}>"


def escaped(text: str) -> str:
    """The three characters by which Slack knows links, mentions and commands."""
    return text.translate(_ESCAPES)


SLACK = Channel("slack", "Slack", fit, lane, send)
