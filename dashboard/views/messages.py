"""How messages look: each kind in each channel, of samples that are made and shaped as the real ones are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from email.message import EmailMessage
from html import unescape
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard import channels, publish
from dashboard.channels import mail, slack, teams, webhook
from dashboard.channels.message import Letter, Message
from dashboard.clock import now
from dashboard.config import settings
from dashboard.views import guard, tries
from dashboard.views.access import may, me
from dashboard.views.htmx import is_partial, leave
from dashboard.views.message_samples import KINDS, sample

blueprint = Blueprint("messages", __name__, url_prefix="/admin/messages")

_FIRST = "off"
_LINK = re.compile(r"\|([^>]*)>")  # the words of one, as Slack has it
_NOBODY = "Signpost <status@example.org>"  # as from whom mail comes while there is no mail server
_MAIL = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; sandbox"


@blueprint.get("")
@may("followers.read")
def index() -> ResponseReturnValue:
    kind, channel = request.args.get("kind", _FIRST), request.args.get("channel", "email")
    kind, channel = kind if kind in KINDS else _FIRST, channel if channel in SHAPES else "email"
    page = render_template(
        "messages/_sample.html" if is_partial() else "messages/index.html",
        kind=kind,
        channel=channel,
        kinds=KINDS,
        channels={name: channels.CHANNELS[name] for name in SHAPES},
        email=me().email,
        can_mail="email" in channels.offered(settings()),
        **SHAPES[channel](_letter(kind, channel)),
    )
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = f"{guard.policy()}; frame-src 'self'"
    return answer


@blueprint.get("/<kind>/mail")
@may("followers.read")
def as_mail(kind: str) -> ResponseReturnValue:
    """The HTML part as a mail program would show it: in a frame, where it can do nothing."""
    letter = _letter(kind if kind in KINDS else abort(404), "email")
    headers = {"Content-Security-Policy": _MAIL, "X-Frame-Options": "SAMEORIGIN"}
    return Response(_part(_composed(letter), "html"), content_type="text/html; charset=utf-8", headers=headers)


@blueprint.post("/<kind>/send")
@may("followers.write")
def send(kind: str) -> ResponseReturnValue:
    """To the address of who asks, now."""
    back = url_for(".index", kind=kind if kind in KINDS else abort(404))
    if "email" not in channels.offered(settings()):
        return leave(back, "No mail server is set (SMTP_URL), so it was not sent.")
    message = _sample(kind)
    to = tries.recipient("email", me().email)
    outcome = tries.send(tries.letter(replace(message, title=f"Sample: {message.title}"), to, now()))
    said = f"It is on its way to {me().email}." if outcome.sent else f"It was not sent. {outcome.answer}"
    return leave(back, said)


def _sample(kind: str) -> Message:
    return sample(kind, publish.read_facts(now()).site, now())


def _letter(kind: str, channel: str) -> Letter:
    to = tries.recipient(channel, "lin@example.org" if channel == "email" else "https://hooks.example.org/status")
    manage = f"{settings().public_url}/follow/manage/…"
    if not KINDS[kind].is_staff:
        to = replace(to, manage_url=manage, stop_url=manage.replace("manage", "stop"), is_staff=False)
    return replace(tries.letter(_sample(kind), to, now()), id="msg_0f3a9c51d2e87b46_12")


def _composed(letter: Letter) -> EmailMessage:
    return mail.composed(letter, settings().mail_from or _NOBODY)


def _part(composed: EmailMessage, kind: str) -> str:
    part = composed.get_body((kind,))
    return str(part.get_content()) if part else ""


def _as_email(letter: Letter) -> dict[str, Any]:
    composed = _composed(letter)
    return {"subject": composed["Subject"], "plain": _part(composed, "plain")}


def _as_webhook(letter: Letter) -> dict[str, Any]:
    return {"json": _pretty(webhook.body_of(letter, settings().public_url))}


def _as_slack(letter: Letter) -> dict[str, Any]:
    body = slack.body_of(letter)
    links = [label for one in _texts(body["blocks"], "mrkdwn") for label in _LINK.findall(one)]
    return {"texts": list(_texts(body["blocks"], "plain_text")), "links": links, "json": _pretty(body)}


def _as_teams(letter: Letter) -> dict[str, Any]:
    body = teams.body_of(letter)
    card = body["attachments"][0]["content"]
    links = [action["title"] for action in card["actions"]]
    return {"texts": list(_texts(card["body"], "TextRun")), "links": links, "json": _pretty(body)}


# What is shown of a letter, by its channel.
SHAPES: Mapping[str, Callable[[Letter], dict[str, Any]]] = {
    "email": _as_email,
    "webhook": _as_webhook,
    "slack": _as_slack,
    "teams": _as_teams,
}


def _texts(node: Any, kind: str) -> Iterator[str]:
    """All that is written in objects of this type, in order."""
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield unescape(node["text"])
        node = list(node.values())
    for one in node if isinstance(node, list) else ():
        yield from _texts(one, kind)


def _pretty(body: Mapping[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False, default=str)
