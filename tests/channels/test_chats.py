"""Slack, Teams, and what Apprise knows: nobody's words are read as marks, and only their own hosts are posted to."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
import trustme

from dashboard.channels import CHANNELS, Lines, Unfit, apprise, open_lines, slack, teams
from dashboard.channels.fetch import Fetcher
from dashboard.channels.message import Link, Outcome
from dashboard.channels.network import Gate
from dashboard.config import from_environment
from tests.channels.given import a_letter
from tests.channels.receivers import PUBLIC, Behave, Diverted, answering, receiver, says, says_ok

SLACK = "https://hooks.slack.com/services/T0001/B0001/abcdef"
TEAMS = "https://prod-12.westeurope.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?sig=abc"
NASTY = [
    "<!channel> <!here> <!everyone> <!subteam^S1>",
    "<@U123> <#C123> <https://evil.example|our bank>",
    "&lt;!channel&gt;",
    "*bold* _it_ ~no~ `code` ```block``` > quote",
    "[our bank](https://evil.example) ![x](https://evil.example/x.png) # heading",
    "<at>Everybody</at> <b>b</b> <script>alert(1)</script>",
    "{{DATE(2026-11-21T14:20:00Z, SHORT)}} ${body} @{triggerBody()} {{{x}}}",
    ":rotating_light: @channel @everyone",
]


def sent(channel: str, address: str, behave: Behave = says_ok, **words: Any) -> tuple[Outcome, dict[str, Any]]:
    """By TLS to a receiver that plays their host."""
    authority, serving = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.slack.com", "*.westeurope.logic.azure.com").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def run() -> tuple[Outcome, dict[str, Any]]:
        async with AsyncExitStack() as stack:
            there = await stack.enter_async_context(receiver(behave, tls=serving))
            web = Fetcher(Gate(answering((PUBLIC,)), (), Diverted(0, there.port)), trusting)
            stack.push_async_callback(web.close)
            threads = stack.enter_context(ThreadPoolExecutor(1))
            lines = Lines(web, None, "", "https://status.larkfield.example", threads)
            outcome = await CHANNELS[channel].send(a_letter(address=address, **words), lines)
            return outcome, json.loads(there.asked[0].partition(b"\r\n\r\n")[2])

    return asyncio.run(run())


def strings(found: Any, under: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a body, with the type of what it stands in."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from strings(value, str(found.get("type", under)) if name == "text" else name)
    elif isinstance(found, list):
        for value in found:
            yield from strings(value, under)
    elif isinstance(found, str):
        yield under, found


def test_slack_is_posted_blocks_and_a_text_for_notifications() -> None:
    outcome, body = sent("slack", SLACK)
    assert outcome == Outcome("It answered 200.", sent=True)
    assert body["text"].startswith("Direct deposit is unavailable until 18:00 GMT\nYou cannot")
    assert [block["type"] for block in body["blocks"]] == ["header", "section", "section", "context"]
    assert "|See what works>" in body["blocks"][2]["text"]["text"]


@pytest.mark.parametrize("words", NASTY)
def test_slack_reads_no_marks_in_what_was_written(words: str) -> None:
    letter = replace(a_letter(title=words, lines=(words,)), site=words)
    body = slack.body_of(letter)
    marked = [text for kind, text in strings(body) if kind == "mrkdwn"]
    assert all(text.startswith("<https://status.larkfield.example/") and text.count("<") == 1 for text in marked)
    everything = [text for kind, text in strings(body) if kind in ("plain_text", "text")]
    assert not [text for text in everything if "<" in text or ">" in text]
    assert body["mrkdwn"] is False


def test_slack_links_end_where_they_end() -> None:
    letter = a_letter(link=Link("See|this> <!here>", "https://status.larkfield.example/?a=1&b=<!here>|x"))
    text = slack.body_of(letter)["blocks"][2]["text"]["text"]
    assert text == "<https://status.larkfield.example/?a=1&amp;b=%3C!here%3E%7Cx|Seethis&gt; &lt;!here&gt;>"


def test_slack_takes_no_more_than_it_says() -> None:
    body = slack.body_of(a_letter(title="&" * 200, lines=("<" * 2_000,) * 5))
    assert len(body["blocks"][0]["text"]["text"]) <= 150
    assert len(body["blocks"][1]["text"]["text"]) <= 3_000


def test_teams_is_posted_a_card() -> None:
    outcome, body = sent(
        "teams", TEAMS, says("202 Accepted"), actions=(Link("Extend 1 h", "https://status.larkfield.example/x"),)
    )
    assert outcome == Outcome("It answered 202.", sent=True)
    card = body["attachments"][0]["content"]
    assert (body["type"], card["type"], card["version"]) == ("message", "AdaptiveCard", "1.4")
    assert card["body"][0]["style"] == "attention"
    assert [action["title"] for action in card["actions"]] == [
        "See what works",
        "Extend 1 h",
        "Change your updates, or stop them",
    ]


@pytest.mark.parametrize("words", NASTY)
def test_teams_reads_no_markdown_and_computes_nothing(words: str) -> None:
    body = teams.body_of(replace(a_letter(title=words, lines=(words,)), site=words))
    kinds = {kind for kind, text in strings(body) if words[:3] in text}
    assert kinds <= {"TextRun", "summary", "fallbackText"}
    assert not [text for _, text in strings(body) if "{{" in text or "${" in text or "@{" in text]


def test_of_an_older_hook_200_may_be_a_failure() -> None:
    failed = says(
        "200 OK", b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"
    )
    outcome, _ = sent("teams", TEAMS, failed)
    assert outcome == Outcome("Teams took it and could not show it.")


@pytest.mark.parametrize(("channel", "address"), [("slack", SLACK), ("teams", TEAMS)])
@pytest.mark.parametrize(
    ("head", "want"),
    [
        ("404 Not Found", {"gone": True}),
        ("403 Forbidden", {"gone": True}),
        ("410 Gone", {"gone": True}),
        ("400 Bad Request", {}),
        ("429 Slow\r\nRetry-After: 30", {"wait": 30.0}),
    ],
)
def test_a_hook_that_was_taken_away_is_gone(channel: str, address: str, head: str, want: dict[str, Any]) -> None:
    outcome, _ = sent(channel, address, says(head))
    assert outcome == Outcome(f"It answered {head[:3]}.", **want)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("slack", "https://hooks.slack.com.evil.example/services/T/B/x"),
        ("slack", "https://evil.example/hooks.slack.com/services"),
        ("slack", "http://hooks.slack.com/services/T/B/x"),
        ("slack", "https://hooks.slack.com:80/services/T/B/x"),
        ("slack", "https://hooks.slack.com@evil.example/services/T/B/x"),
        ("slack", "https://hooks.slack.com"),
        ("teams", "https://logic.azure.com/x"),
        ("teams", "https://evil-logic.azure.com.example/x"),
        ("teams", "https://xlogic.azure.com/x"),
        ("teams", "http://prod-12.westeurope.logic.azure.com/x"),
        ("apprise", "json://hooks.example.org"),
        ("apprise", "jsons://hooks.example.org/x"),
        ("apprise", "xml://127.0.0.1/"),
        ("apprise", "form://127.0.0.1/"),
        ("apprise", "syslog://"),
        ("apprise", "dbus://"),
        ("apprise", "mailto://u:p@mail.example.org"),
        ("apprise", "file:///etc/passwd"),
        ("apprise", "tgram://123456789:abcdefg_hijklmnop/1?template=/etc/passwd"),
        ("apprise", "matrixs://u:p@matrix.example.org/#room?verify=no"),
        ("apprise", "matrix://u:p@matrix.example.org/#room"),
        ("apprise", "tgram://"),
        ("apprise", "tgram"),
    ],
)
def test_nobody_elses_host_is_an_address(channel: str, address: str) -> None:
    with pytest.raises(Unfit, match=r"\.$"):
        CHANNELS[channel].fit(address)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("slack", SLACK),
        ("slack", "https://hooks.slack-gov.com/services/T/B/x"),
        ("teams", TEAMS),
        ("teams", "https://default1.12.environment.api.powerplatform.com:443/powerautomate/x?sig=1"),
        ("teams", "https://larkfield.webhook.office.com/webhookb2/x"),
        ("apprise", "tgram://123456789:abcdefg_hijklmnop/12315544/"),
        ("apprise", "pagerduty://A1BRTD4JD@TIiajkdnlazkcOXrIdevi7F/"),
        ("apprise", "matrixs://user:secret@matrix.example.org/#status"),
    ],
)
def test_their_own_hosts_are(channel: str, address: str) -> None:
    fit = CHANNELS[channel].fit(address)
    assert CHANNELS[channel].fit(fit) == fit
    assert CHANNELS[channel].lane(fit).startswith(f"{channel}:")


def test_without_apprise_it_is_said_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise, "find_spec", lambda name: None)
    with pytest.raises(Unfit, match="pip install"):
        apprise.fit("tgram://123456789:abcdefg_hijklmnop/12315544/")


def test_apprise_is_not_sent_to_a_host_inside() -> None:
    async def run() -> Outcome:
        async with open_lines(from_environment({})) as lines:
            return await CHANNELS["apprise"].send(a_letter(address="ntfys://127.0.0.1/topic"), lines)

    assert asyncio.run(run()) == Outcome("That host is not on the public internet.", refused=True)


def test_apprise_takes_it_with_nobody_called() -> None:
    async def run() -> tuple[bool, bytes]:
        async with receiver(says("200 OK", b"{}")) as there:
            letter = a_letter(address=f"ntfy://127.0.0.1:{there.port}/status", lines=("Ask @everyone.",))
            return await asyncio.to_thread(apprise.tell, letter), there.asked[0]

    told, asked = asyncio.run(run())
    body = json.loads(asked.partition(b"\r\n\r\n")[2])
    assert told
    assert body["title"] == "Direct deposit is unavailable until 18:00 GMT"
    assert "@everyone" not in body["message"]
