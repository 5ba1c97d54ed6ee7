"""E-mail: one letter to one reader, as plain text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard.channels import words
from dashboard.channels.channel import Channel, Unfit
from dashboard.channels.lines import Lines
from dashboard.channels.message import Letter, Outcome
from dashboard.channels.url import name
from dashboard.config import ROOT
from dashboard.rules.text import clean_line

NO_ADDRESS = "That is not an e-mail address. Write it like name@example.org."
_LOCAL = re.compile(r"(?=.{1,64}$)(?!.*=\?)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class _Folding(policy.EmailPolicy):
    """Words are folded. Addresses are not: what is broken in the middle of one does not lead anywhere."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        wide = str(value).isascii()
        return policy.EmailPolicy.fold_binary(_WIDE if wide else policy.SMTP, name, value)


_WIDE = policy.SMTP.clone(max_line_length=998)
_FOLDING = _Folding(linesep="\r\n", max_line_length=78)


def fit(address: str) -> str:
    local, at, host = address.strip().lower().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(address) > 254:
        raise Unfit(NO_ADDRESS)
    try:
        found = name(host)
    except Unfit:
        raise Unfit(NO_ADDRESS) from None
    if "." not in found or found.rpartition(".")[2].isdecimal():
        raise Unfit(NO_ADDRESS)
    return f"{local}@{found}"


def lane(address: str) -> str:
    return "email"


async def send(letter: Letter, lines: Lines) -> Outcome:
    if lines.mail is None:
        return Outcome("No mail server is set (SMTP_URL).", ours=True)
    return await lines.mail.outcome(composed(letter, lines.sender), letter.to.address)


def composed(letter: Letter, sender: str) -> EmailMessage:
    told = words.told(letter)
    found = EmailMessage(policy=_FOLDING)
    for header, value in _headers(letter, told, sender).items():
        found[header] = value
    shown = {
        "letter": letter,
        "told": told,
        "links": words.links(letter),
        "manage": words.MANAGE,
        "is_asking": letter.message.kind == "confirm",
    }
    found.set_content(_rendered("letter.txt", shown), cte="quoted-printable")
    found.add_alternative(_rendered("letter.html", shown), subtype="html", cte="quoted-printable")
    return found


def _headers(letter: Letter, told: words.Told, sender: str) -> Mapping[str, Any]:
    shown, address = parseaddr(sender)
    domain = address.rpartition("@")[2]
    headers = {
        "From": Address(_as_it_is(clean_line(shown) or clean_line(letter.site)), addr_spec=address),
        "To": Address(addr_spec=letter.to.address),
        "Subject": _as_it_is(told.title),
        "Date": format_datetime(letter.sent_at),
        "Message-ID": f"<{letter.id}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    if letter.message.kind == "confirm":
        return headers
    headers["References"] = f"<{letter.message.thing}@{domain}>"  # what is about one thing is read as one thread
    if letter.to.is_staff:
        return headers
    return headers | {
        "List-Unsubscribe": f"<{letter.to.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _as_it_is(words: str) -> str:
    """Of what looks encoded, like =?utf-8?q?=0D=0ABcc:…?=, a reader of headers would make other words, and headers."""
    return words.replace("=?", "=\u2060?")


def _rendered(template: str, shown: Mapping[str, Any]) -> str:
    return _templates().get_template(template).render(**shown)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates" / "emails"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


EMAIL = Channel("email", "E-mail", fit, lane, send)
