"""What was over in one month long ago: a file named by what is in it, which never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from dashboard.facts import ComponentFact, IncidentFact, OutageFact, WindowFact

_KEPT = 6  # months in memory


@dataclass(frozen=True, slots=True)
class Month:
    incidents: tuple[IncidentFact, ...]
    outages: tuple[OutageFact, ...]
    windows: tuple[WindowFact, ...]
    components: tuple[ComponentFact, ...]  # those that are named
    section_names: Mapping[int, str]  # the same, by the id

    @property
    def items(self) -> tuple[IncidentFact | OutageFact | WindowFact, ...]:
        return (*self.incidents, *self.outages, *self.windows)


@lru_cache(maxsize=_KEPT)
def load(path: str) -> Month:
    """Raises OSError, and msgspec.MsgspecError when the bytes are not a month of this version."""
    return msgspec.json.decode(Path(path).read_bytes(), type=Month)


def to_bytes(month: Month) -> bytes:
    return msgspec.json.encode(month)
