"""Who follows the fictional website: readers by mail, a webhook, and a team's channel that is paused."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.actions import follower_import
from dashboard.actions import followers as actions
from dashboard.actions.follower_import import Brought
from dashboard.actions.follower_rows import Wants
from dashboard.actions.writing import SIGNPOST
from dashboard.db import db
from dashboard.models import Component, Follower, Section

# An address of mail, and the keys of what it follows; none is everything.
READERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lin@reader.example", ()),
    ("sam@reader.example", ("direct_deposit",)),
    ("noor@reader.example", ("direct_deposit", "documents")),
    ("kim@reader.example", ("prescriptions", "appointments")),
    ("ines@reader.example", ("health",)),
    ("joao@reader.example", ()),
    ("maeve@reader.example", ("documents", "search")),
    ("otto@reader.example", ("payments",)),
    ("rosa@reader.example", ("direct_deposit", "payments")),
    ("tariq@reader.example", ("sign_in", "account")),
    ("uma@reader.example", ()),
    ("wen@reader.example", ("search",)),
)
HOOK = "https://hooks.northpay.example/signpost"
TEAM = "https://hooks.slack.com/services/T0LARKFIELD/B0PAYMENTS/not-a-real-one"


def fill(at: datetime) -> None:
    """After the sections and components are there. What they are told of in the demonstration comes to nobody: the mail
    server is one that only shows it."""
    sections = dict(db.session.execute(sa.select(Section.key, Section.id)).all())
    components = dict(db.session.execute(sa.select(Component.key, Component.id)).all())
    long_ago = at - timedelta(days=90)
    readers = [
        Brought(line, "email", address, _wants(keys, sections, components), "", "email", long_ago)
        for line, (address, keys) in enumerate(READERS, 1)
    ]
    hook = Brought(
        0, "webhook", HOOK, Wants(everything=True, planned=False), "", "webhook:hooks.northpay.example", long_ago
    )
    follower_import.take([*readers, hook], SIGNPOST, at)
    actions.add_channel("slack", TEAM, "Payments team", _wants(("direct_deposit",), sections, components), SIGNPOST, at)
    for address, why in ((HOOK, "Nothing arrived for three days."), (TEAM, "This is only a demonstration.")):
        follower = db.session.scalars(sa.select(Follower).where(Follower.address == address)).one()
        actions.pause(follower.id, follower.version, why, SIGNPOST, at)


def _wants(keys: tuple[str, ...], sections: dict[str, int], components: dict[str, int]) -> Wants:
    chosen = frozenset(sections[key] for key in keys if key in sections)
    return Wants(not keys, chosen, frozenset(components[key] for key in keys if key in components))
