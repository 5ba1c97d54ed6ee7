"""Wrong tries at a password, counted for each account and address: the tenth in a quarter of an hour is refused."""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import UTC, datetime

import structlog
from flask import Flask, current_app, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import ConnectionPool, RedisError

log = structlog.get_logger()

_NINE = RateLimitItemPerMinute(9, 15, "wrong-passwords")


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

    def count(self, key: str) -> None:
        """One more, before it is known to be wrong: tries at the same moment count as well. Raises TooManyTries."""
        for limiter in (self._here, self._everywhere):
            try:
                if not limiter.hit(_NINE, key):
                    raise TooManyTries(datetime.fromtimestamp(limiter.get_window_stats(_NINE, key).reset_time, UTC))
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


def _throttle() -> Throttle:
    found: Throttle = current_app.extensions["throttle"]
    return found


def _key(account: str) -> str:
    return f"{hashlib.sha256(account.encode()).hexdigest()}/{_network(request.remote_addr or '')}"


def _network(address: str) -> str:
    """The address; of IPv6 the first half, which is one subscriber's."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
