"""What was over in one month (UTC) long ago: a file named by what is in it, which never changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from dashboard.facts import ComponentFact, IncidentFact, OutageFact, WindowFact

_KEPT = 24  # months in memory


@dataclass(frozen=True, slots=True)
class Month:
    incidents: tuple[IncidentFact, ...]
    outages: tuple[OutageFact, ...]
    windows: tuple[WindowFact, ...]
    components: tuple[ComponentFact, ...]  # those that the incidents name


@lru_cache(maxsize=_KEPT)
def load(path: str) -> Month:
    """Raises OSError, and msgspec.MsgspecError when the bytes are not a month of this version."""
    return msgspec.json.decode(Path(path).read_bytes(), type=Month)


def to_bytes(month: Month) -> bytes:
    return msgspec.json.encode(month)
