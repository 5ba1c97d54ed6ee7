"""Passwords at rest: argon2id. Views hash and compare here, before an action takes the writer's lock."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app

SHORTEST = 12
LONGEST = 200  # characters: hashing takes time by the length


# OWASP's figures for argon2id: 19 MiB and two passes, some 30 ms on a small machine.
_STRONG = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def install(app: Flask) -> None:
    use(app, _STRONG)


def use(app: Flask, hasher: PasswordHasher) -> None:
    app.extensions["passwords"] = hasher
    app.extensions["nobody's password"] = _of_nobody(hasher)


@cache
def _of_nobody(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_urlsafe())


def hashed(password: str) -> str:
    return _hasher().hash(_one_form(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Without a hash (nobody has that address) it takes as long, and is False."""
    try:
        _hasher().verify(password_hash or current_app.extensions["nobody's password"], _one_form(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Was it hashed with other figures than today's?"""
    return _hasher().check_needs_rehash(password_hash)


def _one_form(password: str) -> str:
    """Keyboards write the same letter in different ways."""
    return unicodedata.normalize("NFC", password)


def _hasher() -> PasswordHasher:
    found: PasswordHasher = current_app.extensions["passwords"]
    return found
