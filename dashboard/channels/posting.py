"""One post of a letter, and what its answer means: the same for every channel that posts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from dashboard.channels.channel import Answer, Failed, Unfit
from dashboard.channels.lines import Lines
from dashboard.channels.message import Letter, Outcome
from dashboard.rules.text import whole_number

GONE = frozenset({410})
LONGEST_WAIT = 24 * 3600.0  # seconds that a receiver may ask for
_BUSY = frozenset({429, 503})


async def post(
    letter: Letter, lines: Lines, body: bytes, headers: Mapping[str, str], gone: Collection[int] = GONE
) -> tuple[Outcome, bytes]:
    """With what was answered, for those who look for something in it."""
    try:
        answer = await lines.web.post(letter.to.address, body, headers)
    except Unfit as unfit:
        return Outcome(str(unfit), refused=True), b""
    except Failed as failed:
        return Outcome(str(failed)), b""
    return outcome_of(answer, letter.sent_at, gone), answer.body


def outcome_of(answer: Answer, at: datetime, gone: Collection[int] = GONE) -> Outcome:
    said = f"It answered {answer.status}."
    if answer.is_well:
        return Outcome(said, sent=True)
    if answer.status in gone:
        return Outcome(said, gone=True)
    if 300 <= answer.status < 400:
        return Outcome(f"It answered {answer.status}: it sends elsewhere, where we do not go.")
    return Outcome(said, wait=_wait(answer.retry_after, at) if answer.status in _BUSY else None)


def _wait(retry_after: str, at: datetime) -> float | None:
    """Seconds, or a date; None for what is neither."""
    seconds = whole_number(retry_after.strip(), 10**9)
    if seconds is not None:
        return min(float(seconds), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(retry_after)
        return min(max((until - at).total_seconds(), 0.0), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None


def encoded(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(body)
