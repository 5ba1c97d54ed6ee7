"""Webhooks: what is posted, how it is signed, and what each answer means. The receivers are real."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from dashboard.channels import CHANNELS, Unfit, offered, open_lines, webhook
from dashboard.channels.message import Letter, Link, Outcome
from dashboard.config import ROOT, from_environment
from tests.channels.given import AT, a_letter
from tests.channels.receivers import Behave, Receiver, receiver, says, says_ok

LATER = format_datetime(AT + timedelta(seconds=90), usegmt=True)
SECRETS = ("whsec_c2VjcmV0IG9mIHRoZSBmb2xsb3dlcg==", "whsec_dGhlIG9uZSBiZWZvcmUgdGhhdCBvbmU=")


def sent(letter: Letter, behave: Behave = says_ok) -> tuple[Outcome, Receiver]:
    async def run() -> tuple[Outcome, Receiver]:
        async with AsyncExitStack() as stack:
            there = await stack.enter_async_context(receiver(behave))
            here = from_environment(
                {"WEBHOOK_ALLOWED": f"127.0.0.1:{there.port}", "PUBLIC_URL": "https://status.larkfield.example"}
            )
            lines = await stack.enter_async_context(open_lines(here))
            to = replace(letter.to, address=f"http://127.0.0.1:{there.port}/hook")
            return await CHANNELS["webhook"].send(replace(letter, to=to), lines), there

    return asyncio.run(run())


def posted(letter: Letter) -> tuple[dict[str, str], bytes]:
    head, _, body = sent(letter)[1].asked[0].partition(b"\r\n\r\n")
    named = (line.split(": ", 1) for line in head.decode().splitlines()[1:])
    return {name.lower(): value for name, value in named}, body


def verified(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As a receiver does it, by the words of the Standard Webhooks."""
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    key = base64.b64decode(secret.split("_", 1)[1])
    want = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return want in headers["webhook-signature"].split(" ")


def test_what_is_posted_is_signed() -> None:
    headers, body = posted(a_letter())
    assert verified(headers, body, SECRETS[0])
    assert not verified(headers, body + b" ", SECRETS[0])
    assert not verified(headers, body, SECRETS[1])
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_8f3a_12", str(int(AT.timestamp())))


def test_while_a_secret_is_changed_both_of_them_verify() -> None:
    letter = a_letter()
    headers, body = posted(replace(letter, to=replace(letter.to, secrets=SECRETS)))
    assert all(verified(headers, body, secret) for secret in SECRETS)


def test_a_body_is_as_statuspage_posts_it() -> None:
    body = json.loads(posted(a_letter())[1])
    assert body["meta"] == {
        "unsubscribe": "https://status.larkfield.example/follow/stop/12-abc",
        "documentation": "https://status.larkfield.example/follow/",
        "event_type": "outage.start",
    }
    assert (body["page"], body["incident"]) == ({"id": "abc"}, {"name": "Direct deposit"})


def test_a_body_says_the_same_in_words() -> None:
    notice = json.loads(posted(a_letter(actions=(Link("Extend 1 h", "https://status.larkfield.example/x"),)))[1])[
        "notice"
    ]
    assert notice["title"] == "Direct deposit is unavailable until 18:00 GMT"
    assert notice["body"].splitlines()[-1] == "You can still ring us."
    assert (notice["starts_at"], notice["ends_at"]) == ("2026-11-21T14:20:00Z", "2026-11-21T18:00:00Z")
    assert notice["actions"] == [{"label": "Extend 1 h", "url": "https://status.larkfield.example/x"}]


@pytest.mark.parametrize(
    ("behave", "is_sent"),
    [
        (says("200 OK", b'{"challenge":"f3b1"}'), True),
        (says("200 OK", b"f3b1"), True),
        (says("200 OK", b'"f3b1"'), False),
        (says("200 OK", b'{"type": "challenge", "challenge":"f3b1"}'), False),
        (says("200 OK", b'{"data": {"challenge":"f3b1"}}'), False),
        (says("200 OK", b"{"), False),
        (says("200 OK", b"\xff\xfe"), False),
        (says("200 OK", b"ok"), False),
        (says("500 Oh", b"f3b1"), False),
    ],
)
def test_a_challenge_has_to_come_back(behave: Behave, is_sent: bool) -> None:
    outcome, there = sent(a_letter(kind="challenge", wire={"challenge": "f3b1"}), behave)
    assert outcome.sent is is_sent
    assert json.loads(there.asked[0].partition(b"\r\n\r\n")[2]) == {"type": "challenge", "challenge": "f3b1"}


def test_a_test_says_that_it_is_one() -> None:
    assert json.loads(posted(a_letter(kind="test", wire=None))[1])["type"] == "test"


@pytest.mark.parametrize(
    ("head", "want"),
    [
        ("200 OK", {"sent": True}),
        ("204 No Content", {"sent": True}),
        ("302 Found\r\nLocation: http://127.0.0.1/", {}),
        ("400 Bad Request", {}),
        ("404 Not Found", {}),
        ("410 Gone", {"gone": True}),
        ("429 Slow\r\nRetry-After: 120", {"wait": 120.0}),
        (f"503 Busy\r\nRetry-After: {LATER}", {"wait": 90.0}),
        ("429 Slow\r\nRetry-After: soon", {}),
        ("429 Slow\r\nRetry-After: -5", {}),
        ("429 Slow\r\nRetry-After: 99999999", {"wait": 86_400.0}),
        ("500 Oh\r\nRetry-After: 120", {}),
    ],
)
def test_what_an_answer_means(head: str, want: dict[str, Any]) -> None:
    outcome, _ = sent(a_letter(), says(head))
    found = {"sent": outcome.sent, "gone": outcome.gone, "wait": outcome.wait, "refused": outcome.refused}
    assert found == {"sent": False, "gone": False, "wait": None, "refused": False} | want
    assert head[:3] in outcome.answer


@pytest.mark.parametrize("head", ["200 OK", "302 Found\r\nLocation: http://x/", "410 Gone", "500 Oh"])
def test_nothing_of_what_was_answered_is_kept_or_shown(head: str) -> None:
    outcome, _ = sent(a_letter(), says(head, b"root:x:0:0:"))
    assert "root" not in repr(outcome)


def test_nobody_there_is_tried_again() -> None:
    async def run() -> Outcome:
        async with open_lines(from_environment({"WEBHOOK_ALLOWED": "127.0.0.1:9"})) as lines:
            return await CHANNELS["webhook"].send(a_letter(address="http://127.0.0.1:9/"), lines)

    assert asyncio.run(run()) == Outcome("The connection was refused or broke off.")


def test_what_may_not_be_asked_is_refused_for_good() -> None:
    async def run() -> Outcome:
        async with open_lines(from_environment({})) as lines:
            return await CHANNELS["webhook"].send(a_letter(address="http://127.0.0.1/"), lines)

    assert asyncio.run(run()) == Outcome("That host is not on the public internet.", refused=True)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" https://Hooks.Example.org\n", "https://hooks.example.org/"),
        ("HTTPS://hooks.example.org:443/a?b=c#d", "https://hooks.example.org/a?b=c"),
        ("http://hooks.example.org./é/ä", "http://hooks.example.org/%C3%A9/%C3%A4"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://[2606:2800:220:1::1]/x", "https://[2606:2800:220:1::1]/x"),
        ("http://93.184.216.34/x", "http://93.184.216.34/x"),
    ],
)
def test_an_address_has_one_form(given: str, kept: str) -> None:
    assert webhook.fit(given) == kept
    assert webhook.fit(kept) == kept


def test_what_the_operator_named_may_be_elsewhere() -> None:
    here = offered(from_environment({"WEBHOOK_ALLOWED": "redis:8443 [::1]:9000"}))["webhook"]
    assert here.fit("https://redis:8443/x") == "https://redis:8443/x"
    assert here.fit("http://[0::1]:9000/x") == "http://[::1]:9000/x"
    with pytest.raises(Unfit, match="ports 80 and 443"):
        here.fit("https://redis:8444/x")


def test_a_slow_host_holds_up_its_own_lane_only() -> None:
    lanes = [webhook.lane(f"https://{place}") for place in ("a.example/x", "a.example/y", "b.example/x")]
    assert lanes == ["webhook:a.example", "webhook:a.example", "webhook:b.example"]


def test_the_docs_know_how_to_verify_it() -> None:
    page = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
    written: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], written)
    headers, body = posted(a_letter())
    assert written["is_ours"](headers, body, SECRETS[0])
    assert not written["is_ours"](headers, body, SECRETS[1])
