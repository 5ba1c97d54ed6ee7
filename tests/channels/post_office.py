"""A mail server of these tests: a real one, on the loopback, that can be told to refuse."""

from __future__ import annotations

import ssl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.channels.receivers import free_port

USER, PASSWORD = "signpost", "s3cret/@:"


@dataclass(slots=True)
class Office:
    """``rcpt`` and ``data`` are what it answers, where it is not "250 OK"."""

    port: int = 0
    rcpt: str = ""
    data: str = ""
    takes: int = 10**6  # letters over one connection
    hangs: float = 0.0
    hangs_up: bool = False  # rather than to say so
    begun: Counter[tuple[str, int]] = field(default_factory=Counter)  # letters over each connection
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    was_tls: bool = False
    user: str = ""

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.begun[session.peer] += 1
        if self.begun[session.peer] > self.takes:
            if self.hangs_up:
                server.transport.close()
            return "421 enough for one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        time.sleep(self.hangs)
        if self.data:
            return self.data
        self.was_tls = self.was_tls or session.ssl is not None
        self.to += envelope.rcpt_tos
        self.letters.append(message_from_bytes(bytes(envelope.content or b""), policy=policy.default))
        return "250 OK"

    def authenticated(self, server: SMTP, session: Session, envelope: Envelope, how: str, who: object) -> AuthResult:
        assert isinstance(who, LoginPassword)
        self.user = who.login.decode()
        return AuthResult(success=(self.user, who.password.decode()) == (USER, PASSWORD), handled=False)


@contextmanager
def post_office(
    office: Office, tls: ssl.SSLContext | None = None, is_starttls: bool = True, needs_user: bool = False
) -> Iterator[Office]:
    office.port = free_port()
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=office.port,
        ssl_context=None if is_starttls else tls,
        tls_context=tls if is_starttls else None,
        require_starttls=bool(tls and is_starttls),
        auth_required=needs_user,
        authenticator=office.authenticated if needs_user else None,
        timeout=5,
    )
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
