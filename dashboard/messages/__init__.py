"""What is said: a thing, what became of it, how everything stands and what was said before -> one message, or none.

The same Snapshot as the page and the banner, and their words, so that they cannot disagree. Knows no database.
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.messages import components, incidents, sections, series, windows
from dashboard.messages.asked import Asked, Deed, Past, Told
from dashboard.messages.components import is_untold
from dashboard.messages.sections import is_owed
from dashboard.messages.staff import STAFF
from dashboard.rules.telling import Audience
from dashboard.snapshot import Snapshot

__all__ = ["Asked", "Deed", "Past", "Told", "is_owed", "is_untold", "tell"]

Teller = Callable[[Asked, Snapshot, Past], Told | None]

# Who tells of a thing to the public, by its noun.
PUBLIC: dict[str, Teller] = {
    "incident": incidents.tell,
    "section": sections.tell,
    "window": windows.tell,
    "series": series.tell,
    "component": components.tell,
}


def tell(asked: Asked, snapshot: Snapshot, past: Past) -> Told | None:
    """None where there is nothing to say any more."""
    if asked.audience is Audience.STAFF:
        return STAFF[asked.noun](asked, snapshot)
    return PUBLIC[asked.noun](asked, snapshot, past)
