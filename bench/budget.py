"""What was promised. A figure that misses it says so, and the measurement ends with 1."""

from __future__ import annotations

from math import inf

_missed: list[str] = []


def within(figure: float, most: float = inf, least: float = -inf) -> str:
    """How the budget is printed beside the figure."""
    words = f"≤ {most:,g}" if most < inf else f"≥ {least:g}" if least > -inf else ""
    if least <= figure <= most:
        return words
    _missed.append(words)
    return f"{words} MISSED"


def verdict() -> int:
    if _missed:
        print(f"\nmissed: {len(_missed)}")
    return int(bool(_missed))
