"""What may be tried so often and not oftener: a password, for each account and address; and asking to follow, for each
address that is asked for and for each that asks."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import UTC, datetime

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import ConnectionPool, RedisError

from dashboard.rules.inbox import inbox
from dashboard.rules.telling import MAIL

log = structlog.get_logger()

_NINE = RateLimitItemPerMinute(9, 15, "wrong-passwords")
_FOR_ADDRESS = RateLimitItemPerDay(5, 1, "follow-for")
_CHALLENGES = RateLimitItemPerDay(20, 1, "follow-challenge")
_CHALLENGES_FROM = RateLimitItemPerHour(60, 1, "follow-challenge-from")
_FROM_ADDRESS = RateLimitItemPerHour(30, 1, "follow-from")


class TooManyTries(Exception):
    """``until`` is when the next one is heard."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries")
        self.until = until


class _InRedis(RedisStorage):
    """It would load the client of Valkey beside that of Redis, which is 2.5 MB for each process."""

    DEPENDENCIES = {"redis": None}  # noqa: RUF012


class Throttle:
    """Counts in this process, and in Redis for all of them; while Redis is away each process counts for itself."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._here = MovingWindowRateLimiter(MemoryStorage())
        self._everywhere = MovingWindowRateLimiter(_InRedis("redis://", connection_pool=pool))

    def count(self, key: str, most: RateLimitItem = _NINE) -> None:
        """One more, before it is known to be wrong: tries at the same moment count as well. Raises TooManyTries."""
        for limiter in (self._here, self._everywhere):
            try:
                if not limiter.hit(most, key):
                    raise TooManyTries(datetime.fromtimestamp(limiter.get_window_stats(most, key).reset_time, UTC))
            except RedisError as error:
                log.warning("throttle.alone", error=type(error).__name__)

    def forget(self, key: str) -> None:
        """The password was right."""
        for limiter in (self._here, self._everywhere):
            try:
                limiter.clear(_NINE, key)
            except RedisError as error:
                log.warning("throttle.alone", error=type(error).__name__)


def install(app: Flask) -> None:
    app.extensions["throttle"] = Throttle(app.extensions["redis"].connection_pool)


def count(account: str) -> None:
    """A try at the password of an account, from where the request comes. Raises TooManyTries."""
    _throttle().count(_key(account))


def forget(account: str) -> None:
    _throttle().forget(_key(account))


def count_ask(channel: str, address: str, contact: str) -> None:
    """Somebody asks that this address be told, and ``contact`` when nothing arrives there, unless that is nobody. The
    same whether they are told already or not. Raises TooManyTries."""
    _throttle().count(_network(request.remote_addr or ""), _FROM_ADDRESS)
    _count_for(channel, address)
    if contact:
        count_contact(contact)


def count_contact(contact: str) -> None:
    """Somebody names an inbox that did not ask for anything. Raises TooManyTries."""
    _count_for(MAIL, contact)


def _count_for(channel: str, address: str) -> None:
    whose = inbox(address) if channel == MAIL else address
    _throttle().count(_hashed(f"{channel}:{whose}"), _FOR_ADDRESS)


def count_challenge(address: str) -> None:
    """Somebody has us post to an address of which we do not know yet whether it wants it. Raises TooManyTries."""
    _throttle().count(_network(request.remote_addr or ""), _CHALLENGES_FROM)
    _throttle().count(_hashed(address), _CHALLENGES)


def _throttle() -> Throttle:
    found: Throttle = current_app.extensions["throttle"]
    return found


def _key(account: str) -> str:
    return f"{_hashed(account)}/{_network(request.remote_addr or '')}"


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _network(address: str) -> str:
    """The address; of IPv6 the first half, which is one subscriber's."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
