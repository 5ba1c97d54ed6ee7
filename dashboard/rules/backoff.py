"""When a delivery that did not arrive is tried again, and when that ends: pure, by a table."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

_S, _M, _H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WAITS = (5 * _S, 5 * _M, 30 * _M, 2 * _H, 5 * _H, 10 * _H, 14 * _H, 20 * _H, 24 * _H)
TRIED_FOR = timedelta(hours=72)  # at least so long
ONE_FOR = timedelta(hours=12)  # what is told to one alone: by then a link in it is about to end
MOST = timedelta(hours=24)  # that a receiver may ask us to wait
LOOK_AGAIN = 15 * _M  # between two tries, at the longest, while a fault of ours lasts
OURS = 300  # tries; at the longest of waits three days too
FEW = 3  # tries of one message are enough where nothing else arrived for all that time either
REFUSALS = 3  # for good, in a row: then its address is believed to be wrong
_SPREAD = 0.2  # of a wait, so that those who failed together do not come back together


def wait(tries: int, tried_for: timedelta, jitter: float, said: float | None = None) -> timedelta | None:
    """After so many tries over so long a time; None when it is given up. A try out of turn, as something new was to be
    sent, makes no wait longer. ``jitter`` is chance, from 0 to 1; ``said`` are the seconds that the receiver asked for.
    """
    if tries > len(WAITS) and tried_for >= TRIED_FOR:
        return None
    in_turn = sum(passed <= tried_for for passed in accumulate(WAITS))
    own = WAITS[min(tries - 1, in_turn, len(WAITS) - 1)] * (1 + _SPREAD * jitter)
    return max(own, asked(said))


def is_lost(tries: int, failing_for: timedelta) -> bool:
    """Of whom is told so often that no message is tried for long before the next says it: nothing at all arrived."""
    return tries >= FEW and failing_for >= TRIED_FOR


def until_mended(tries: int, jitter: float) -> timedelta | None:
    """After a fault of ours, as when our mail server is down; None when it is given up, for it is news no more. Nobody
    is paused for it."""
    if tries >= OURS:
        return None
    return min(WAITS[min(tries, len(WAITS)) - 1], LOOK_AGAIN) * (1 + _SPREAD * jitter)


def asked(said: float | None) -> timedelta:
    """How long the receiver wants to be left alone, as far as that is granted."""
    return timedelta(seconds=min(max(said or 0.0, 0.0), MOST.total_seconds()))
