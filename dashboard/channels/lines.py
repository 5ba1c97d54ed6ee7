"""What is held open while letters are sent, and shared by all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from dashboard.config import Settings

if TYPE_CHECKING:
    from dashboard.channels.fetch import Fetcher
    from dashboard.channels.smtp import Mailer

_THREADS = 8


@dataclass(frozen=True, slots=True)
class Lines:
    """Open connections of one turn of the outbox. ``page`` is the address of the status page, ``sender`` that which
    mail comes from; without ``mail`` there is no server for it. ``threads`` are for what cannot wait without one."""

    web: Fetcher
    mail: Mailer | None
    sender: str
    page: str
    threads: ThreadPoolExecutor


@asynccontextmanager
async def open_lines(settings: Settings) -> AsyncIterator[Lines]:
    """Within the event loop that sends."""
    from dashboard.channels.fetch import Fetcher  # only here: who sends nothing has no use for its megabytes
    from dashboard.channels.network import Gate, Names
    from dashboard.channels.smtp import Mailer, server_of

    sender = settings.mail_from
    names = Names()
    web = Fetcher(Gate(names, settings.webhook_allowed))
    mail = Mailer(server_of(settings.smtp_url), parseaddr(sender)[1]) if settings.smtp_url else None
    threads = ThreadPoolExecutor(_THREADS, "channels")
    try:
        yield Lines(web, mail, sender, settings.public_url, threads)
    finally:
        names.close()
        threads.shutdown(wait=False, cancel_futures=True)
        await web.close()
        if mail:
            await mail.close()
