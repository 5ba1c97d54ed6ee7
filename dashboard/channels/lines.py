"""What is held open while letters are sent, and shared by all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lines:
    """Open connections of one turn of the outbox."""
