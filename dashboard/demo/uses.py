"""Who reads the fictional website's toggles and embeds its status: one that nobody reads any more among them."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.actions import sightings, toggles
from dashboard.actions.writing import SIGNPOST
from dashboard.db import db
from dashboard.models import Toggle
from dashboard.sightings import EMBED, TOGGLE, Key, Seen

SITE, APP = "www.larkfield.example", "larkfield-app"
BEFORE = timedelta(days=60)
OLD = ("old_search_enabled", False, "Search team", "Shows the search box that was there before.")
PRIVATE = ("ledger_batch_enabled", False, "Payments team", "Lets the nightly payment file start.")
OLD_NAME, NAME = "documents_upload_on", "documents_upload_enabled"

# What was seen, how often, and how long before now the last time.
_SEEN: dict[Key, tuple[int, timedelta]] = {
    (TOGGLE, "profile_hide_direct_deposit", SITE): (48_210, timedelta(seconds=12)),
    (TOGGLE, "profile_hide_direct_deposit", "help.larkfield.example"): (1_204, timedelta(minutes=3)),
    (TOGGLE, "profile_hide_direct_deposit", "python-httpx"): (86, timedelta(hours=5)),
    (TOGGLE, NAME, SITE): (12_480, timedelta(seconds=40)),
    (TOGGLE, OLD_NAME, APP): (310, timedelta(minutes=4)),
    (TOGGLE, "health_pages_enabled", SITE): (9_002, timedelta(seconds=25)),
    (TOGGLE, PRIVATE[0], "ledger-nightly"): (60, timedelta(hours=9)),
    (TOGGLE, OLD[0], SITE): (230, timedelta(days=12, hours=3)),
    (EMBED, "script", SITE): (51_300, timedelta(seconds=12)),
    (EMBED, "badge", "wiki.larkfield.example"): (40, timedelta(hours=2)),
}


def begin(section_ids: frozenset[int], at: datetime) -> None:
    """What was there long before the rest."""
    for name, while_down, owner, sentence in (OLD, PRIVATE):
        values = {"while_down": while_down, "owner": owner, "sentence": sentence, "is_private": name == PRIVATE[0]}
        toggles.create(name, values, section_ids, SIGNPOST, at - BEFORE)


def rename(at: datetime) -> None:
    found = db.session.scalars(sa.select(Toggle).where(Toggle.name == OLD_NAME)).one()
    toggles.rename(found.id, found.version, NAME, SIGNPOST, at)


def see(at: datetime) -> None:
    sightings.note({key: _seen(times, at - ago, at - BEFORE) for key, (times, ago) in _SEEN.items()}, at)


def _seen(times: int, last: datetime, first: datetime) -> Seen:
    return Seen(times, first.timestamp(), last.timestamp())
