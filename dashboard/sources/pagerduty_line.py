"""Asking PagerDuty one question after another: its key, its limits, and how long we are patient with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.sources import fetch
from dashboard.sources.fetch import Params
from dashboard.sources.parse import Reply, Trouble

if TYPE_CHECKING:
    import httpx2

NAME = "PagerDuty"
_TRANSIENT = {"slow", "cut", "unreachable"}
_PAUSE = 1.0  # seconds before a second try
_WAIT, _LONGEST_WAIT = 5.0, 20.0  # seconds on 429: when nothing is said, and at the most
_SKEW = timedelta(seconds=60)

_SENTENCES = {
    401: ("key", "PagerDuty does not accept the API key. Check PAGERDUTY_API_KEY."),
    402: ("plan", "PagerDuty’s plan for this account does not allow the question."),
    403: ("forbidden", "PagerDuty does not let this API key see that."),
    404: ("not_found", "PagerDuty has nothing at that address. Check PAGERDUTY_URL."),
    408: ("gave_up", "PagerDuty gave up on the question (408)."),
    429: ("too_many_questions", "PagerDuty wants fewer questions (429)."),
}


@dataclass(frozen=True, slots=True)
class Account:
    """Where PagerDuty is, and the key that opens it. ``ca`` is a file of certificates, None for the system's."""

    url: str
    key: str = field(repr=False)
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: for one question, for a whole list, for asking after missing windows one by one."""

    request_seconds: float = 10
    list_seconds: float = 60
    confirm_seconds: float = 15
    most_bytes: int = 8_000_000
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


class Line:
    """An open line for one poll. ``skewed`` says that PagerDuty's clock and ours were seen to differ."""

    def __init__(self, client: httpx2.AsyncClient, limits: Limits, asked_at: datetime) -> None:
        self.skewed = False
        self._client = client
        self._limits = limits
        self._asked_at = asked_at
        self._opened = asyncio.get_running_loop().time()
        self._may_wait = True

    async def ask(self, path: str, params: Params = ()) -> Reply:
        """An answer of 200, or of 400 or 404, which are the caller's to judge; Trouble for any other."""
        reply = await self._patiently(path, params)
        if reply.status in (200, 400, 404):
            return reply
        raise trouble_of(reply)

    async def _patiently(self, path: str, params: Params) -> Reply:
        """A second try for what may pass, and once a poll the wait that PagerDuty asks for."""
        tries = 2
        while True:
            tries -= 1
            try:
                reply = await self._once(path, params)
            except Trouble as trouble:
                if not tries or trouble.kind not in _TRANSIENT:
                    raise
                await self._limits.sleep(_PAUSE)
                continue
            if reply.status == 429 and self._may_wait:
                self._may_wait, tries = False, 1
                await self._limits.sleep(_wait(reply))
            elif tries and (reply.status == 408 or reply.status >= 500):
                await self._limits.sleep(_PAUSE)
            else:
                return reply

    async def _once(self, path: str, params: Params) -> Reply:
        limits = self._limits
        reply = await fetch.get(self._client, NAME, path, params, limits.request_seconds, limits.most_bytes)
        here = self._asked_at + timedelta(seconds=asyncio.get_running_loop().time() - self._opened)
        there = _date(reply)
        self.skewed |= there is not None and abs(there - here) > _SKEW
        return reply


@asynccontextmanager
async def open_line(account: Account, limits: Limits, asked_at: datetime) -> AsyncIterator[Line]:
    headers = {
        "Accept": "application/vnd.pagerduty+json;version=2",
        "Authorization": f"Token token={account.key}",
    }
    async with fetch.open_client(NAME, account.url, headers, account.ca) as client:
        yield Line(client, limits, asked_at)


def trouble_of(reply: Reply) -> Trouble:
    """What an answer other than 200 means, in words for staff."""
    if reply.status in _SENTENCES:
        return Trouble(*_SENTENCES[reply.status])
    if 300 <= reply.status < 400:
        sentence = "PagerDuty’s address leads elsewhere; the API key is not sent there. Check PAGERDUTY_URL."
        return Trouble("redirect", sentence)
    if reply.status >= 500:
        return Trouble("broken", f"PagerDuty has trouble of its own ({reply.status}).")
    return Trouble("unexpected", f"PagerDuty gave an answer that makes no sense here ({reply.status}).")


def _wait(reply: Reply) -> float:
    try:
        seconds = float(reply.headers.get("ratelimit-reset", _WAIT))
    except ValueError:
        return _WAIT
    return min(seconds, _LONGEST_WAIT) if seconds > 0 else _WAIT


def _date(reply: Reply) -> datetime | None:
    try:
        found = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else None
