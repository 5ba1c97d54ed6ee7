"""Mail: what a letter says in its two forms, and how it is handed to a real server."""

from __future__ import annotations

import asyncio
import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

import pytest
import trustme

from dashboard.channels import CHANNELS, Lines, Unfit, mail
from dashboard.channels.fetch import Fetcher
from dashboard.channels.message import Letter, Link, Outcome
from dashboard.channels.network import Gate
from dashboard.channels.smtp import Mailer, Server, server_of
from tests.channels.given import a_letter
from tests.channels.post_office import PASSWORD, USER, Office, post_office
from tests.channels.receivers import answering

SENDER = "Larkfield status <status@larkfield.example>"
READER = "reader@example.org"


def letters(number: int) -> list[Letter]:
    return [replace(a_letter(address=READER), id=f"msg_8f3a_{n}") for n in range(number)]


def sent(
    server: Server, given: list[Letter], trusted: ssl.SSLContext | None = None, at_once: bool = False, total: float = 5
) -> list[Outcome]:
    async def run() -> list[Outcome]:
        mailer = Mailer(server, "status@larkfield.example", trusted, total)
        with ThreadPoolExecutor(1) as threads:
            lines = Lines(Fetcher(Gate(answering(()), ())), mailer, SENDER, "https://status.larkfield.example", threads)
            send = CHANNELS["email"].send
            if at_once:
                found = await asyncio.gather(*(send(letter, lines) for letter in given))
            else:
                found = [await send(letter, lines) for letter in given]
        await mailer.close()
        return found

    return asyncio.run(run())


def arrived(letter: Letter) -> EmailMessage:
    with post_office(Office()) as office:
        assert sent(Server("127.0.0.1", office.port), [letter])[0].sent
    return office.letters[0]


def part(letter: EmailMessage, kind: str) -> str:
    found = letter.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def tls(*names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority, serving = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return serving, trusting


def test_a_letter_carries_what_mail_programs_want() -> None:
    found = arrived(a_letter(address=READER))
    assert {name: str(found[name]) for name in found if not name.startswith(("MIME", "Content", "X-"))} == {
        "From": "Larkfield status <status@larkfield.example>",
        "To": READER,
        "Subject": "Direct deposit is unavailable until 18:00 GMT",
        "Date": "Sat, 21 Nov 2026 14:20:00 +0000",
        "Message-ID": "<msg_8f3a_12@larkfield.example>",
        "Auto-Submitted": "auto-generated",
        "References": "<section-1@larkfield.example>",
        "List-Unsubscribe": "<https://status.larkfield.example/follow/stop/12-abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_both_forms_say_the_same() -> None:
    found = arrived(
        a_letter(address=READER, is_late=True, actions=(Link("Extend 1 h", "https://status.larkfield.example/x"),))
    )
    for text in (part(found, "plain"), re.sub("<[^>]+>", "", part(found, "html"))):
        for words in ("until 18:00 GMT", "You can still ring us.", "This comes late", "See what works", "Extend 1 h"):
            assert words in text
        assert "Larkfield, Saturday 21 November 2026, 14:20 GMT" in text
    assert "https://status.larkfield.example/follow/manage/12-abc" in part(found, "plain")


def test_a_link_to_confirm_comes_without_ways_to_stop() -> None:
    found = arrived(a_letter(address=READER, kind="confirm", title="Confirm that you want updates from Larkfield"))
    assert found["List-Unsubscribe"] is None
    assert "/follow/manage/" not in part(found, "plain") + part(found, "html")


def test_nor_does_what_staff_are_told() -> None:
    letter = a_letter(address=READER)
    found = mail.composed(replace(letter, to=replace(letter.to, is_staff=True)), SENDER)
    assert found["List-Unsubscribe"] is None
    assert found["References"] == "<section-1@larkfield.example>"


def test_nothing_that_was_written_is_read_as_a_header_or_as_html() -> None:
    nasty = "Down\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>\u2028{{ 7*7 }}"
    found = arrived(
        a_letter(address=READER, title=nasty, lines=(nasty,), link=Link('"><img src=x>', 'https://x.example/"><b>'))
    )
    html = part(found, "html")
    assert found["Bcc"] is None
    assert str(found["Subject"]).startswith("Down Bcc: all@example.org <script>")
    assert "<script" not in html
    assert "<img" not in html
    assert '"><b>' not in html
    assert "{{ 7*7 }}" in html


@pytest.mark.parametrize(
    "nasty", ["=?utf-8?q?x=0D=0ABcc:_all=40example.org?=", "=?utf-8?b?DQpCY2M6IHg=?=", "=?x?q?=0A?="]
)
def test_nothing_that_looks_encoded_is_taken_apart(nasty: str) -> None:
    letter = replace(a_letter(address=READER, title=nasty), site=nasty)
    raw = mail.composed(letter, "status@larkfield.example").as_bytes()
    found = message_from_bytes(raw, policy=policy.default)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert found["Bcc"] is None
    assert str(found["Subject"]).replace("\u2060", "") == nasty
    assert found["From"].addresses[0].display_name.replace("\u2060", "") == nasty


def test_html_is_light_alone_and_for_every_direction() -> None:
    arabic = "الإيداع المباشر غير متاح"
    found = arrived(a_letter(address=READER, title=arabic, lines=(arabic,) * 5))
    html = part(found, "html")
    assert str(found["Subject"]) == arabic
    assert html.count('dir="auto"') == 6  # the letter as its title is, and each of its lines
    assert "prefers-color-scheme: dark" in html
    assert 'name="color-scheme" content="light dark"' in html
    assert not re.search(r"src=|url\(|@import|<link|<table|javascript", html)
    assert len(found.as_bytes()) < 20_000


@pytest.mark.parametrize("words", ["Überweisungen und Löhne " * 20, "الإيداع " * 60, "x" * 900, "🚧" * 150])
def test_a_header_is_never_too_long_for_a_line(words: str) -> None:
    letter = replace(a_letter(address=READER, title=words), site=words)
    long = replace(letter, to=replace(letter.to, stop_url=f"https://status.larkfield.example/follow/stop/{'x' * 300}"))
    raw = mail.composed(long, SENDER).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert f"List-Unsubscribe: <{long.to.stop_url}>\r\n".encode() in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_one_connection_serves_letter_after_letter() -> None:
    with post_office(Office()) as office:
        assert all(outcome.sent for outcome in sent(Server("127.0.0.1", office.port), letters(10)))
    assert (len(office.letters), len(office.begun)) == (10, 1)
    assert office.to == [READER] * 10


def test_many_at_once_share_a_few_connections() -> None:
    with post_office(Office()) as office:
        assert all(outcome.sent for outcome in sent(Server("127.0.0.1", office.port), letters(40), at_once=True))
    assert len({found["Message-ID"] for found in office.letters}) == 40
    assert len(office.begun) <= 8


@pytest.mark.parametrize("hangs_up", [True, False])
def test_a_connection_that_had_enough_is_replaced(hangs_up: bool) -> None:
    with post_office(Office(takes=2, hangs_up=hangs_up)) as office:
        assert all(outcome.sent for outcome in sent(Server("127.0.0.1", office.port), letters(5)))
    assert (len(office.letters), len(office.begun)) == (5, 3)


@pytest.mark.parametrize(
    ("rcpt", "data", "refused"),
    [
        ("550 5.1.1 no such user", "", True),
        ("553 mailbox name not allowed", "", True),
        ("550 5.7.1 relaying denied", "", False),
        ("450 4.2.0 try later", "", False),
        ("421 too many", "", False),
        ("", "554 5.6.0 looks like spam", False),
        ("", "451 busy", False),
    ],
)
def test_only_an_address_is_refused_for_good(rcpt: str, data: str, refused: bool) -> None:
    with post_office(Office(rcpt=rcpt, data=data)) as office:
        outcomes = sent(Server("127.0.0.1", office.port), letters(2))
    assert [(outcome.sent, outcome.refused) for outcome in outcomes] == [(False, refused)] * 2
    assert (outcomes[0].ours, outcomes[0].unfit) == ("5.7.1" in rcpt, data.startswith("5"))
    assert outcomes[0].answer == f"The mail server answered {rcpt[:3] or data[:3]}: {(rcpt or data)[4:]}"


@pytest.mark.parametrize(
    ("answer", "ours"),
    [
        ("550 5.7.26 This mail is not authenticated: SPF, DKIM", True),
        ("550 5.7.25 No PTR record", True),
        ("550 5.7.29 ARC", True),
        ("421 4.7.26 This mail is not authenticated", True),
        ("550 5.7.28 A flood", False),
        ("550 5.7.1 looks like spam", False),
        ("550 5.7.260 no such code", False),
    ],
)
def test_what_is_wrong_with_who_sends_is_no_fault_of_the_letter(answer: str, ours: bool) -> None:
    with post_office(Office(data=answer)) as office:
        [outcome] = sent(Server("127.0.0.1", office.port), letters(1))
    assert (outcome.ours, outcome.unfit) == (ours, not ours)


def test_what_a_server_says_is_kept_without_the_address() -> None:
    with post_office(Office(rcpt=f"550 5.1.1 <{READER}>: {READER.upper()} is unknown")) as office:
        [outcome] = sent(Server("127.0.0.1", office.port), letters(1))
    assert outcome.answer == "The mail server answered 550: 5.1.1 …: … is unknown"


def test_a_server_that_hangs_costs_bounded_time() -> None:
    with post_office(Office(hangs=1.0)) as office:
        [outcome] = sent(Server("127.0.0.1", office.port), letters(1), total=0.3)
    assert outcome == Outcome("The mail server did not answer in time.", ours=True)


def test_nobody_there_is_tried_again() -> None:
    [outcome] = sent(Server("127.0.0.1", 9), letters(1))
    assert (outcome.sent, outcome.refused, outcome.ours) == (False, False, True)
    assert outcome.answer.startswith("The mail server could not be used")


@pytest.mark.parametrize("is_starttls", [True, False])
@pytest.mark.parametrize(("named", "is_sent"), [("127.0.0.1", True), ("other.example", False)])
def test_a_certificate_is_verified(is_starttls: bool, named: str, is_sent: bool) -> None:
    serving, trusting = tls(named)
    with post_office(Office(), serving, is_starttls) as office:
        server = Server("127.0.0.1", office.port, is_tls=not is_starttls, starttls=is_starttls)
        [outcome] = sent(server, letters(1), trusting)
    assert (outcome.sent, bool(office.letters)) == (is_sent, is_sent)


def test_without_starttls_nothing_is_said_to_a_server_elsewhere() -> None:
    with post_office(Office()) as office:
        [outcome] = sent(Server("127.0.0.1", office.port, starttls=True, user=USER, password=PASSWORD), letters(1))
    assert (outcome.sent, office.letters, office.user) == (False, [], "")


@pytest.mark.parametrize(("password", "is_sent"), [(PASSWORD, True), ("wrong", False)])
def test_the_server_is_told_who_we_are(password: str, is_sent: bool) -> None:
    serving, trusting = tls("127.0.0.1")
    with post_office(Office(), serving, needs_user=True) as office:
        given = server_of(f"smtp://{USER}:{quote(password, safe='')}@127.0.0.1:{office.port}")
        [outcome] = sent(replace(given, starttls=True), letters(1), trusting)
    assert (outcome.sent, office.user) == (is_sent, USER)
    assert "wrong" not in outcome.answer


@pytest.mark.parametrize(
    ("url", "want"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 587, False, True)),
        ("smtp://localhost:25", ("localhost", 25, False, False)),
        ("smtp://[::1]", ("::1", 587, False, False)),
        ("smtps://mail.example.org", ("mail.example.org", 465, True, False)),
    ],
)
def test_a_server_is_read_from_its_address(url: str, want: Any) -> None:
    found = server_of(url)
    assert (found.host, found.port, found.is_tls, found.starttls) == want


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Reader@Example.ORG", READER),
        (" a.b+c@bücher.example ", "a.b+c@xn--bcher-kva.example"),
        ("o'hara@a.ie", "o'hara@a.ie"),
    ],
)
def test_an_address_has_one_form(given: str, kept: str) -> None:
    assert mail.fit(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        *("", "reader", "@example.org", "reader@", "reader@localhost", "reader@127.0.0.1", "reader@[127.0.0.1]"),
        *(
            "a b@example.org",
            "a@b@example.org",
            "a@example.org\r\nBcc: b@example.org",
            "<a@example.org>",
            '"a b"@example.org',
        ),
        *("a..b@example.org", ".a@example.org", "a.@example.org", "=?utf-8?q?=0ax?=@example.org"),
        *("a,b@example.org", "é@example.org", "a@example..org", f"{'x' * 65}@example.org", f"a@{'x.' * 126}org"),
    ],
)
def test_what_is_no_address_is_said_to_be_none(given: str) -> None:
    with pytest.raises(Unfit, match="not an e-mail address"):
        mail.fit(given)
