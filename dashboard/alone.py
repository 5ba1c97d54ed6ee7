"""One at a time: on this host through a lock on a file, across hosts through Redis when it answers."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from flask import current_app
from redis.exceptions import LockError
from redis.lock import Lock

from dashboard.config import settings


@contextmanager
def alone(name: str, seconds: float) -> Iterator[bool]:
    """False when another is at it. What a killed one held is free at once on its host, after ``seconds`` on others."""
    with _on_this_host(settings().instance / f"{name}.lock") as host:
        if not host:
            yield False
            return
        with _everywhere(f"signpost:{name}", seconds, host) as mine:
            yield mine


@contextmanager
def _on_this_host(path: Path) -> Iterator[bytes]:
    """A word that stands for this host, kept in the file; empty when another process has the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield b""
            return
        file.seek(0)
        host = file.read(100)
        if not host:
            host = secrets.token_hex(16).encode()
            file.write(host)
            file.flush()
        yield host


@contextmanager
def _everywhere(name: str, seconds: float, host: bytes) -> Iterator[bool]:
    lock: Lock = current_app.extensions["redis"].lock(name, timeout=seconds, blocking=False)
    try:
        mine = lock.acquire(token=host.decode()) or _was_ours(lock, host)
    except redis.RedisError:
        yield True  # then this host's own lock has to do
        return
    try:
        yield mine
    finally:
        if mine:
            with suppress(redis.RedisError):
                lock.release()


def _was_ours(lock: Lock, host: bytes) -> bool:
    """Another process of this host left it behind: it is dead, or we should not have the file."""
    lock.local.token = host
    try:
        return lock.reacquire()
    except LockError:
        lock.local.token = None
        return False
