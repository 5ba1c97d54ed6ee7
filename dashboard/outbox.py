"""The outbox's loop, one turn of it: find out what to say, and to whom, and send it to many at a time.

A slot takes its next letter only when what became of its last is committed. So whoever is killed here has sent at most
one letter a slot that nobody knows of; it is sent again, with the id that it had.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf

import msgspec
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import OperationalError

from dashboard import telling
from dashboard.actions import delivering, following
from dashboard.actions.delivering import Result, Taken
from dashboard.channels import Channel, Lines
from dashboard.channels.message import Letter, Message, Outcome, Recipient
from dashboard.config import Settings
from dashboard.db import db
from dashboard.lanes import Lanes
from dashboard.links import Links
from dashboard.models import Notification
from dashboard.rules.telling import UNDO, Audience, is_late

IN_FLIGHT = 100
TURN = 20.0  # seconds; then other jobs have theirs
SHORT_TURN = 3.0  # while other jobs wait
LAST_WORDS = 0.8  # seconds for what is under way when the worker is told to end
FRESH = 5.0  # seconds that what was taken may wait; with the patience below the lease has some to spare, for commits
_PATIENCE = 17.0  # seconds for one letter; a channel has its own, which is shorter
_SLOW = 5.0  # seconds after which it is called slow that something did not arrive
_BATCH = 400  # that are taken at a time
_LOOK, _AGAIN, _RELEASE = 0.1, 0.3, 2.0  # seconds between two looks: how it goes, for more, for what there is to say
_ASK = 1.0  # between two questions whether other jobs wait
_GATHER = 0.005  # seconds in which results come together for one commit

Open = Callable[[Settings], AbstractAsyncContextManager[Lines]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Around:
    """What a turn is told of the world: the clock, and what ends it early."""

    now: Callable[[], datetime]
    is_told_to_end: Callable[[], bool] = lambda: False
    do_others_wait: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Post:
    """By which channels, over which lines, and what each letter says of this installation."""

    channels: Mapping[str, Channel]
    open_lines: Open
    settings: Settings
    secret: str

    @property
    def links(self) -> Links:
        return Links(self.settings.public_url, self.secret)

    def lane(self, channel: str, address: str) -> str:
        """An address that cannot be read fails when it is written to, and holds up nobody else."""
        try:
            return self.channels[channel].lane(address) if channel in self.channels else channel
        except ValueError:
            return channel


def turn(post: Post, around: Around) -> int:
    """How many letters were sent, or tried."""
    return asyncio.run(_Turn(post, around).run())


@dataclass(frozen=True, slots=True)
class _Told:
    """A notification as it was frozen."""

    key: str
    audience: str
    made_at: datetime
    message: Message


@dataclass(slots=True)
class _Turn:
    post: Post
    around: Around
    lanes: Lanes[Taken] = field(default_factory=Lanes)
    flying: dict[asyncio.Task[Result], float] = field(default_factory=dict)  # and since when
    results: list[Result] = field(default_factory=list)  # that are not committed
    told: dict[int, _Told] = field(default_factory=dict)
    is_expanding: bool = True
    released: float = -inf
    took: float = -inf
    asked: float = -inf
    began: float = 0.0
    ends: float = inf  # once it is set nothing is begun; then what is under way is let go
    number: int = 0

    async def run(self) -> int:
        self.began = _clock()
        async with self.post.open_lines(self.post.settings) as lines:
            while self._goes_on():
                if self.ends == inf:
                    self._begin(lines)
                if self.ends < inf:
                    self._leave()
                await self._land()
                self._keep()
            self._leave()
            for task in self.flying:
                task.cancel()
            await asyncio.gather(*self.flying, return_exceptions=True)
        return self.number

    def _goes_on(self) -> bool:
        ran = _clock() - self.began
        if self.around.is_told_to_end():
            self._end(LAST_WORDS)
        elif self.ends == inf and (ran > TURN or self._is_in_the_way(ran)):
            self._end(_PATIENCE)
        is_busy = bool(self.flying or self.results)
        return self.ends == inf or (is_busy and _clock() < self.ends)

    def _is_in_the_way(self, ran: float) -> bool:
        if ran < SHORT_TURN or _clock() - self.asked < _ASK:
            return False
        self.asked = _clock()
        return self.around.do_others_wait()

    def _end(self, within: float) -> None:
        self.ends = min(self.ends, _clock() + within)

    def _leave(self) -> None:
        """What is not begun is for others now; or when its lease ends, where the database does not answer."""
        if left := self.lanes.leave(_clock()):
            try:
                delivering.give_back(left, self.around.now())
            except OperationalError as error:
                log.warning("outbox.not_given_back", letters=len(left), error=type(error.orig).__name__)

    def _begin(self, lines: Lines) -> None:
        """A database that does not answer ends the turn; what is under way is waited for, and kept if that answers.
        Where no words are found for one thing, what has its words is sent all the same."""
        try:
            self._prepare()
        except Exception:
            db.session.rollback()
            log.exception("outbox.not_prepared")
            self.is_expanding = False
        try:
            self._take(lines)
        except OperationalError as error:
            db.session.rollback()
            log.warning("outbox.database", error=type(error.orig).__name__)
            self._end(_PATIENCE)
        if not (self.flying or self.results or self.is_expanding):
            self._end(0)

    def _prepare(self) -> None:
        """Look now and then for what there is to say; and one batch of those to whom."""
        if _clock() - self.released > _RELEASE:
            self.released = _clock()
            if delivering.is_held():
                return self._end(_PATIENCE)
            telling.release(self.around.now())
            self.is_expanding = True
        if self.is_expanding:
            self.is_expanding = delivering.expand(self.around.now(), self.post.lane)
        return None

    def _take(self, lines: Lines) -> None:
        """Fill the free slots; from the database, if what is here already does not fill them."""
        self._fly(lines)
        is_short = len(self.flying) + len(self.results) < IN_FLIGHT
        if self.ends < inf or not is_short or (self.flying and _clock() - self.took < _AGAIN):
            return
        before = _clock()
        taken = delivering.claim(self.around.now(), _BATCH, self.lanes.full(), self.lanes.do_many_fail())
        if len(taken) < _BATCH:
            self.took = _clock()
        self._know(taken)
        self.lanes.add(taken, before + FRESH)
        self._fly(lines)

    def _fly(self, lines: Lines) -> None:
        for one in self.lanes.begin(IN_FLIGHT - len(self.flying) - len(self.results), _clock()):
            task = asyncio.create_task(self._send(one, lines))
            self.flying[task] = _clock()

    async def _land(self) -> None:
        """Wait for results; a few that come together are committed together."""
        if not self.flying:
            await asyncio.sleep(_LOOK if self.results else 0)
            return
        within = 0 if self.is_expanding else _LOOK
        done, rest = await asyncio.wait(self.flying, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if done and rest:
            done |= (await asyncio.wait(rest, timeout=_GATHER))[0]
        for task in done:
            result, since = task.result(), self.flying.pop(task)
            self.lanes.end(result.taken, not result.outcome.sent and _clock() - since > _SLOW)
            self.results.append(result)
            self.number += 1

    def _keep(self) -> None:
        """Until it is kept, their slots stay taken."""
        try:
            for result in self.results:
                told = self.told.get(result.taken.notification_id)
                if told and told.message.kind == "challenge" and result.outcome.sent:
                    following.confirmed(result.taken.follower_id, self.around.now())
            delivering.mark(self.results, self.around.now(), random.random)
            self.results = []
        except OperationalError as error:
            log.warning("outbox.not_kept", results=len(self.results), error=type(error.orig).__name__)

    def _know(self, taken: list[Taken]) -> None:
        missing = {one.notification_id for one in taken} - self.told.keys()
        if missing:
            columns = Notification.id, Notification.key, Notification.audience, Notification.made_at
            rows = sa.select(*columns, Notification.message).where(Notification.id.in_(missing))
            for id, key, audience, made_at, message in db.session.execute(rows):
                try:
                    self.told[id] = _Told(key, audience, made_at, msgspec.convert(message, Message))
                except msgspec.ValidationError:
                    log.exception("outbox.unreadable", notification=id)
            db.session.rollback()

    async def _send(self, one: Taken, lines: Lines) -> Result:
        """Whatever a channel does, there is a result."""
        channel = self.post.channels.get(one.channel)
        if channel is None:
            return Result(one, Outcome(f"This installation sends nothing by {one.channel}.", ours=True))
        if one.notification_id not in self.told:
            return Result(one, Outcome("Its words cannot be read.", ours=True))
        try:
            async with asyncio.timeout(_PATIENCE):
                return Result(one, await channel.send(self._letter(one), lines))
        except TimeoutError:
            return Result(one, Outcome("It took too long."))
        except Exception as error:
            log.exception("outbox.failed", delivery=one.id)
            return Result(one, Outcome(f"It could not be sent: {type(error).__name__}.", ours=True))

    def _letter(self, one: Taken) -> Letter:
        at, told = self.around.now(), self.told[one.notification_id]
        message = told.message
        if told.audience != Audience.ONE and not message.is_late and is_late(told.made_at + UNDO, at):
            message = replace(message, is_late=True)
        site = self.post.settings.site_name
        return Letter(f"msg_{told.key}_{one.follower_id}", message, self._recipient(one, at), site, at)

    def _recipient(self, one: Taken, at: datetime) -> Recipient:
        """A team's channel, which many read, is managed on our own screens."""
        ours = f"{self.post.settings.public_url}/admin/followers/{one.follower_id}"
        was = one.old_secret if one.old_secret_until is not None and at < one.old_secret_until else ""
        return Recipient(
            channel=one.channel,
            address=one.address,
            zone=one.zone or self.post.settings.time_zone.key,
            manage_url=ours if one.is_staff else self.post.links.manage(one.follower_id, one.salt),
            stop_url=ours if one.is_staff else self.post.links.stop(one.follower_id, one.salt),
            secrets=tuple(secret for secret in (one.secret, *was.split()) if secret),
            is_staff=one.is_staff,
            name=one.name,
        )


def _clock() -> float:
    """Seconds that only go forward."""
    return asyncio.get_running_loop().time()
