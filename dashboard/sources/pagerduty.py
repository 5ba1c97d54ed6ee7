"""PagerDuty's maintenance windows and services: asked in series and in bounded time, and believed only when whole.

What comes back is a `Fetch` or a `Trouble`: an error is never an empty list. Next: `actions.windows`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import msgspec

from dashboard.rules.text import LINE, clean_line
from dashboard.sources.fetch import Params
from dashboard.sources.pagerduty_line import NAME, Account, Limits, Line, open_line, trouble_of
from dashboard.sources.pagerduty_records import (
    Fetch,
    Question,
    ServiceRecord,
    Skipped,
    WindowRecord,
    read_service,
    read_window,
)
from dashboard.sources.parse import Reply, Trouble, parse

__all__ = [
    "Account",
    "Fetch",
    "Limits",
    "Question",
    "ServiceRecord",
    "Trouble",
    "WindowRecord",
    "ask",
    "seen",
    "services",
]

PAGE = 100  # records asked for at a time
CEILING = 10_000  # PagerDuty counts no further
NAMED = 100  # services named in one question
CONFIRMED = 300  # missing windows asked for by id in one poll


class _Refused(Trouble):
    """PagerDuty answered 400, and ``said`` why."""

    def __init__(self, said: str) -> None:
        super().__init__("refused", "PagerDuty does not understand the question (400).")
        self.said = said


class _TooMany(Trouble):
    def __init__(self) -> None:
        super().__init__("too_many", f"PagerDuty has more than {CEILING:,} records for one question.")


class _Error(msgspec.Struct):
    message: str = ""
    errors: list[str] = []


class _ErrorBody(msgspec.Struct):
    error: _Error


class _WindowPage(msgspec.Struct):
    records: list[msgspec.Raw] = msgspec.field(name="maintenance_windows")
    more: bool


class _ServicePage(msgspec.Struct):
    records: list[msgspec.Raw] = msgspec.field(name="services")
    more: bool


class _OneWindow(msgspec.Struct):
    record: msgspec.Raw = msgspec.field(name="maintenance_window")


_Page = TypeVar("_Page", _WindowPage, _ServicePage)


def ask(account: Account, question: Question, limits: Limits | None = None) -> Fetch:
    """One poll. Raises Trouble when there is no whole and valid list."""
    if not question.services and question.open_ids:
        sentence = "No PagerDuty service belongs to a component any more, though windows are open. They stay."
        raise Trouble("no_services", sentence)
    return asyncio.run(_ask(account, question, limits or Limits())) if question.services else Fetch(question.asked_at)


def services(account: Account, prefix: str, at: datetime, limits: Limits | None = None) -> tuple[ServiceRecord, ...]:
    """The account's services whose names begin with ``prefix``, by name. Raises Trouble."""
    return asyncio.run(_services(account, prefix, at, limits or Limits()))


def seen(account: Account, ids: Iterable[str], at: datetime, limits: Limits | None = None) -> dict[str, int]:
    """How PagerDuty answers for each service by itself: 200, 403 (the key may not see it) or 404. Raises Trouble when
    one has no such answer."""
    return asyncio.run(_seen(account, ids, at, limits or Limits()))


async def _seen(account: Account, ids: Iterable[str], at: datetime, limits: Limits) -> dict[str, int]:
    found = {}
    async with open_line(account, limits, at) as line, _within(limits.list_seconds):
        for id in ids:
            try:
                found[id] = _of_service(await line.ask(f"/services/{id}"))
            except Trouble as trouble:
                if trouble.kind != "forbidden":
                    raise
                found[id] = 403
    return found


def _of_service(reply: Reply) -> int:
    """A 400 is PagerDuty's answer to an id that cannot be one."""
    return 200 if reply.status == 200 else 404


async def _ask(account: Account, question: Question, limits: Limits) -> Fetch:
    async with open_line(account, limits, question.asked_at) as line:
        async with _within(limits.list_seconds):
            walk, unknown = await _list(line, question.services)
        missing = [id for id in question.open_ids if id not in walk.found and id not in walk.unreadable]
        gone = await _confirm(line, missing, walk, limits.confirm_seconds) if missing else frozenset()
    return Fetch(
        asked_at=question.asked_at,
        windows=tuple(walk.found.values()),
        gone=gone,
        unconfirmed=frozenset(missing) - gone - walk.found.keys() - walk.unreadable,
        skipped=tuple(walk.skipped),
        unknown=tuple(sorted(unknown.items())),
        skewed=line.skewed,
    )


async def _services(account: Account, prefix: str, at: datetime, limits: Limits) -> tuple[ServiceRecord, ...]:
    found: dict[str, ServiceRecord] = {}
    async with open_line(account, limits, at) as line, _within(limits.list_seconds):
        async for raw in _pages(line, "/services", [("query", prefix)] if prefix else [], _ServicePage):
            service = read_service(raw)
            if service and service.name.startswith(prefix):
                found[service.external_id] = service
    return tuple(sorted(found.values(), key=lambda service: (service.name, service.external_id)))


@asynccontextmanager
async def _within(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Trouble("slow_list", f"PagerDuty did not finish within {seconds:g} seconds.") from None


class _Walk:
    """What the pages held so far: the same window twice is one, and its later page counts."""

    def __init__(self) -> None:
        self.found: dict[str, WindowRecord] = {}
        self.skipped: list[Skipped] = []

    @property
    def unreadable(self) -> set[str]:
        return {skipped.external_id for skipped in self.skipped if skipped.external_id}

    def take(self, read: WindowRecord | Skipped) -> None:
        if isinstance(read, WindowRecord):
            self.found[read.external_id] = read
        elif read not in self.skipped:
            self.skipped.append(read)


async def _list(line: Line, mapped: frozenset[str]) -> tuple[_Walk, dict[str, str]]:
    """Every window of the services, without those services that PagerDuty refuses; and what it says of these."""
    unknown: dict[str, str] = {}
    while True:
        asked = sorted(mapped - unknown.keys())
        if not asked:
            raise Trouble("no_known_service", "PagerDuty knows none of the services that belong to components here.")
        walk = _Walk()
        try:
            for start in range(0, len(asked), NAMED):
                await _walk(line, asked[start : start + NAMED], walk)
            return walk, unknown
        except _Refused as refused:
            bad = _blamed(refused.said, asked) or await _probed(line, asked)
            if not bad:
                raise
            unknown |= bad


async def _walk(line: Line, asked: Sequence[str], walk: _Walk) -> None:
    """All pages for these services; where PagerDuty counts no further, each half of the services by itself."""
    params = [("filter", "open"), *(("service_ids[]", id) for id in asked)]
    try:
        async for raw in _pages(line, "/maintenance_windows", params, _WindowPage):
            read = read_window(raw)
            if isinstance(read, Skipped) or not read.services.isdisjoint(asked):  # others were not asked for
                walk.take(read)
    except _TooMany:
        if len(asked) == 1:
            raise
        half = len(asked) // 2
        await _walk(line, asked[:half], walk)
        await _walk(line, asked[half:], walk)


async def _pages(line: Line, path: str, params: Params, kind: type[_Page]) -> AsyncIterator[msgspec.Raw]:
    """Each record of each page; the next page begins after as many as came, which may be fewer than asked for."""
    offset = 0
    while offset < CEILING:
        place: Params = [("limit", str(min(PAGE, CEILING - offset))), ("offset", str(offset))]
        page = parse(_found(await line.ask(path, [*params, *place])), NAME, kind)
        for raw in page.records:
            yield raw
        if not page.more:
            return
        if not page.records:
            raise Trouble("empty_page", "PagerDuty sent an empty page and said that there is more.")
        offset += len(page.records)
    raise _TooMany()


def _found(reply: Reply) -> Reply:
    if reply.status == 400:
        raise _Refused(_said(reply))
    if reply.status != 200:
        raise trouble_of(reply)
    return reply


def _said(reply: Reply) -> str:
    """PagerDuty's own words on an error, in one line."""
    try:
        error = parse(reply, NAME, _ErrorBody).error
    except Trouble:
        return ""
    return clean_line("; ".join([*error.errors, error.message]))[:LINE]


def _blamed(said: str, asked: Iterable[str]) -> dict[str, str]:
    """The services that an error names; none if it names all of them, which tells nothing."""
    asked = set(asked)
    named = asked & set(re.findall(r"[\w-]+", said))
    return {} if named == asked and len(asked) > 1 else dict.fromkeys(named, said)


async def _probed(line: Line, asked: Iterable[str]) -> dict[str, str]:
    """Those of the services that PagerDuty does not show when asked for one by one."""
    bad = {}
    for id in asked:
        try:
            reply = await line.ask(f"/services/{id}")
        except Trouble as trouble:
            if trouble.kind != "forbidden":
                raise
            bad[id] = trouble.sentence
        else:
            if reply.status != 200:
                bad[id] = _said(reply) or "there is no such service."
    return bad


async def _confirm(line: Line, missing: Sequence[str], walk: _Walk, seconds: float) -> frozenset[str]:
    """Which of these PagerDuty does not have, asking for each; those that it has join the walk. Trouble ends the
    asking, and the rest wait for the next poll."""
    gone = set()
    with suppress(Trouble):
        async with _within(seconds):
            for id in missing[:CONFIRMED]:
                reply = await line.ask(f"/maintenance_windows/{id}")
                if reply.status == 404:
                    parse(reply, NAME, _ErrorBody)  # its own 404, not that of a proxy on the way
                    gone.add(id)
                else:
                    walk.take(_answer_for(id, reply))
    return frozenset(gone)


def _answer_for(id: str, reply: Reply) -> WindowRecord | Skipped:
    read = read_window(parse(_found(reply), NAME, _OneWindow).record)
    if isinstance(read, Skipped):
        return replace(read, external_id=id)
    if read.external_id != id:
        raise Trouble("shape", "PagerDuty answered for another window than was asked for.")
    return read
