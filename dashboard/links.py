"""Addresses by which a follower manages what it follows. Nothing of them is kept: each is derived from the instance's
secret and the follower's salt, with 256 bits that nobody can guess."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass

CONFIRM, CHALLENGE, MANAGE = "confirm", "challenge", "manage"


@dataclass(frozen=True, slots=True)
class Links:
    """The whole addresses, for messages: below ``public_url``."""

    public_url: str
    secret: str

    def confirm(self, follower_id: int, salt: str) -> str:
        return f"{self.public_url}/follow/confirm/{token(self.secret, CONFIRM, follower_id, salt)}"

    def manage(self, follower_id: int, salt: str) -> str:
        return f"{self.public_url}/follow/manage/{token(self.secret, MANAGE, follower_id, salt)}"

    def stop(self, follower_id: int, salt: str) -> str:
        """What is posted there, by a mail program too, ends it at once."""
        return f"{self.public_url}/follow/stop/{token(self.secret, MANAGE, follower_id, salt)}"


def token(secret: str, purpose: str, follower_id: int, salt: str) -> str:
    """ "12-5fX…": begins with the follower's id. Another salt makes another token."""
    said = f"{purpose}:{follower_id}:{salt}".encode()
    digest = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return f"{follower_id}-{urlsafe_b64encode(digest).decode().rstrip('=')}"


def follower_id(token: str) -> int | None:
    """Whose it claims to be; whether it is, `is_of` tells."""
    number = token.partition("-")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= 10 else None


def is_of(given: str, secret: str, purpose: str, follower_id: int, salt: str) -> bool:
    return hmac.compare_digest(given.encode(), token(secret, purpose, follower_id, salt).encode())
