"""Webhooks: a body as Statuspage posts it, signed as Standard Webhooks."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from dashboard.channels import words
from dashboard.channels.channel import Channel
from dashboard.channels.lines import Lines
from dashboard.channels.message import Letter, Outcome
from dashboard.channels.posting import encoded, post
from dashboard.channels.url import Places, target

_SECRET = "whsec_"


def fit(address: str, allowed: Places = ()) -> str:
    return str(target(address.strip(), allowed))


def lane(address: str) -> str:
    """Its host: several hooks of one receiver are held up together, and nobody else's."""
    return f"webhook:{address.partition('://')[2].partition('/')[0]}"


async def send(letter: Letter, lines: Lines) -> Outcome:
    body = encoded(body_of(letter, lines.page))
    outcome, answered = await post(letter, lines, body, headers_of(letter, body))
    if letter.message.kind == "challenge" and outcome.sent and not _is_answered(answered, challenge_of(letter)):
        return replace(outcome, sent=False, answer=f"{outcome.answer.removesuffix('.')}, without the challenge.")
    return outcome


def _is_answered(answered: bytes, word: str) -> bool:
    """The word alone, or as JSON. Who sends back whatever comes has agreed to nothing."""
    if answered.strip() == word.encode():
        return True
    with contextlib.suppress(msgspec.DecodeError):
        said = msgspec.json.decode(answered)
        return isinstance(said, dict) and said.get("challenge") == word and "type" not in said
    return False


def challenge_of(letter: Letter) -> str:
    return str((letter.message.wire or {}).get("challenge") or letter.id)


def body_of(letter: Letter, page: str) -> dict[str, Any]:
    match letter.message.kind:
        case "challenge":
            return {"type": "challenge", "challenge": challenge_of(letter)}
        case "test":
            return {"type": "test", **_meta(letter, page), "notice": _notice(letter)}
    return {**_meta(letter, page), **(letter.message.wire or {}), "notice": _notice(letter)}


def _meta(letter: Letter, page: str) -> dict[str, Any]:
    return {
        "meta": {
            "unsubscribe": letter.to.stop_url,
            "documentation": f"{page}/follow/",
            "event_type": letter.message.kind,
        }
    }


def _notice(letter: Letter) -> dict[str, Any]:
    """What every other channel says, in words: for what Statuspage has no form for, like sections."""
    message, told = letter.message, words.told(letter)
    return {
        "title": told.title,
        "body": told.text,
        "look": message.look,
        "url": message.link.href,
        "starts_at": _moment(message.start),
        "ends_at": _moment(message.end),
        "next_at": _moment(message.next),
        "at": _moment(message.at),
        "late": message.is_late,
        "actions": [{"label": action.label, "url": action.href} for action in message.actions],
    }


def _moment(t: datetime | None) -> str | None:
    return f"{t:%Y-%m-%dT%H:%M:%SZ}" if t else None


def headers_of(letter: Letter, body: bytes) -> dict[str, str]:
    stamp = str(int(letter.sent_at.timestamp()))
    signed = f"{letter.id}.{stamp}.".encode() + body
    return {
        "webhook-id": letter.id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in letter.to.secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(_SECRET))
    return b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


WEBHOOK = Channel("webhook", "Webhook", fit, lane, send)
