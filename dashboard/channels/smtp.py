"""The one mailer: a few connections to the operator's server, each used again for the next letter."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from dashboard.channels.message import Outcome
from dashboard.rules.text import clean_line

TOTAL = 15.0  # seconds for one letter, with the wait for a connection
CONNECTIONS = 8
_AN_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
_POLICY = re.compile(r"\b5\.7\.\d")  # before the words: refused is who sends, not who receives
_SENDER = re.compile(r"\b[45]\.7\.2[0-79]\b")  # after the words too: DKIM, SPF, reverse DNS, ARC (RFC 7372, 8617)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """``is_tls``: from the first byte. ``starttls``: before anything is said; a server that cannot gets no letter."""

    host: str
    port: int
    is_tls: bool = False
    starttls: bool = False
    user: str | None = None
    password: str | None = None


def server_of(url: str) -> Server:
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    user, password = (unquote(given) if given else None for given in (parts.username, parts.password))
    host, port = parts.hostname or "", parts.port or (465 if is_tls else 587)
    return Server(host, port, is_tls, not is_tls and host not in _LOOPBACK, user, password)


class Mailer:
    def __init__(
        self, server: Server, sender: str, trusted: ssl.SSLContext | None = None, total: float = TOTAL
    ) -> None:
        """``sender`` is the bare address."""
        self._server, self._sender, self._total = server, sender, total
        self._trusted = trusted or ssl.create_default_context()
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._idle: list[SMTP] = []

    async def outcome(self, letter: EmailMessage, to: str) -> Outcome:
        """What does not depend on who receives it is a fault of ours."""
        try:
            await self.send(letter, to)
        except SMTPRecipientRefused as refused:
            is_ours = bool(_POLICY.search(refused.message))
            return Outcome(_said(refused), refused=500 <= refused.code < 600 and not is_ours, ours=is_ours)
        except SMTPDataError as refused:
            is_ours = bool(_SENDER.search(refused.message))
            return Outcome(_said(refused), unfit=500 <= refused.code < 600 and not is_ours, ours=is_ours)
        except SMTPResponseException as refused:
            return Outcome(_said(refused), ours=True)
        except (TimeoutError, SMTPTimeoutError):
            return Outcome("The mail server did not answer in time.", ours=True)
        except (SMTPException, OSError) as trouble:
            return Outcome(clean_line(f"The mail server could not be used: {type(trouble).__name__}."), ours=True)
        return Outcome("The mail server took it.", sent=True)

    async def send(self, letter: EmailMessage, to: str) -> None:
        """Raises SMTPException, TimeoutError or OSError."""
        async with asyncio.timeout(self._total), self._free:
            line = await self._begun()
            try:
                await line.rcpt(to)
                await line.data(letter.as_bytes())
            except SMTPException:
                await self._again(line)
                raise
            except BaseException:
                _drop(line)
                raise
            self._idle.append(line)

    async def close(self) -> None:
        for line in self._idle:
            with suppress(SMTPException, OSError):
                await line.execute_command(b"QUIT", timeout=1)
            _drop(line)
        await asyncio.sleep(0)  # for the sockets to go

    async def _begun(self) -> SMTP:
        """A connection that has taken our address. A kept one may have been closed, or have had enough letters."""
        while self._idle:
            line = self._idle.pop()
            try:
                await line.mail(self._sender)
            except (SMTPServerDisconnected, SMTPSenderRefused):
                _drop(line)
            except BaseException:
                _drop(line)
                raise
            else:
                return line
        return await self._fresh()

    async def _fresh(self) -> SMTP:
        line = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            local_hostname=self._sender.rpartition("@")[2],
            use_tls=self._server.is_tls,
            start_tls=False,
            tls_context=self._trusted,
            timeout=self._total,
        )
        try:
            await line.connect()
            if self._server.starttls:
                await line.starttls()
            if self._server.user is not None:
                await line.login(self._server.user, self._server.password or "")
            await line.mail(self._sender)
        except BaseException:
            _drop(line)
            raise
        return line

    async def _again(self, line: SMTP) -> None:
        """After a refusal the connection serves for the next letter, if it still does."""
        try:
            await line.rset()
        except (SMTPException, OSError):
            _drop(line)
        else:
            self._idle.append(line)


def _drop(line: SMTP) -> None:
    """At once: over TLS a farewell would be waited for."""
    if isinstance(line.transport, asyncio.WriteTransport):
        line.transport.abort()
    line.close()


def _said(refused: SMTPResponseException) -> str:
    """Without the address, which is kept in one place alone."""
    return clean_line(f"The mail server answered {refused.code}: {_AN_ADDRESS.sub('…', refused.message[:500])}")[:200]
