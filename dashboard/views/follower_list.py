"""Who follows: how many by channel and by thing, and the list of them, asked for in the same few questions however many
there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import request

from dashboard.audience import LIVE
from dashboard.channels import CHANNELS
from dashboard.db import db
from dashboard.models import Component, Follow, Follower, Incident, Section
from dashboard.rules import text

PAGE = 50
PUBLIC = {name: channel for name, channel in CHANNELS.items() if not channel.is_for_staff}

# What a reader may ask for: its name, and who that is.
STATES: Mapping[str, tuple[str, tuple[sa.ColumnElement[bool], ...]]] = {
    "told": ("Told", LIVE),
    "paused": ("Paused", (Follower.paused_at.is_not(None),)),
    "unconfirmed": ("Not confirmed", (Follower.confirmed_at.is_(None),)),
    "bounced": ("Refused lately", (Follower.bounces > 0,)),
}
_HERE: tuple[sa.ColumnElement[bool], ...] = (Follower.left_at.is_(None), Follower.is_staff.is_(sa.false()))
_PLAIN = ("email", "webhook")  # of the others the address is what lets one write there


@dataclass(frozen=True, slots=True)
class Filters:
    """ "" where nothing is asked."""

    q: str = ""
    channel: str = ""
    state: str = ""

    @classmethod
    def of_request(cls) -> Filters:
        q, channel, state = (request.args.get(name, "") for name in ("q", "channel", "state"))
        return cls(
            text.clean_line(q)[: text.LINE], channel if channel in CHANNELS else "", state if state in STATES else ""
        )

    def narrow(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = list(_HERE)
        if self.channel:
            found.append(Follower.channel == self.channel)
        if self.state:
            found += STATES[self.state][1]
        if self.q:
            found.append(Follower.address.icontains(self.q, autoescape=True))
        return found

    @property
    def asked(self) -> dict[str, str]:
        """What an address says of them."""
        given = {"q": self.q, "channel": self.channel, "state": self.state}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Count:
    name: str
    number: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the public. ``states`` by the names of STATES; the rest is of those who are told."""

    total: int
    channels: list[Count]
    everything: int
    sections: list[Count]
    components: list[Count]
    states: dict[str, int]


@dataclass(slots=True)
class Things:
    """What one of them follows, by name."""

    sections: list[str] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [*self.sections, *self.components, *self.incidents]


def counts() -> Counts:
    by_channel, everything = _by_channel()
    by_section, by_component = _by_thing()
    sections = sa.select(Section.id, Section.name).where(Section.archived_at.is_(None)).order_by(Section.name)
    components = sa.select(Component.id, Component.name).where(Component.archived_at.is_(None)).order_by(Component.name)
    return Counts(
        total=sum(by_channel.values()),
        channels=[Count(channel.label, by_channel.get(name, 0), name) for name, channel in PUBLIC.items()],
        everything=everything,
        sections=_named(sections, by_section),
        components=_named(components, by_component),
        states=_by_state(),
    )


def page(filters: Filters, before: int | None, most: int = PAGE + 1) -> list[Follower]:
    """The newest ``most`` of those that came before one's id."""
    rows = sa.select(Follower).where(*filters.narrow()).order_by(Follower.id.desc()).limit(most)
    return list(db.session.scalars(rows if before is None else rows.where(Follower.id < before)))


def team() -> list[Follower]:
    here = Follower.left_at.is_(None), Follower.is_staff.is_(sa.true())
    return list(
        db.session.scalars(sa.select(Follower).where(*here).order_by(sa.func.lower(Follower.name), Follower.id))
    )


def things(followers: Iterable[Follower]) -> dict[int, Things]:
    """What each of them follows beside everything, by its id."""
    found: dict[int, Things] = defaultdict(Things)
    for model, column in ((Section, Follow.section_id), (Component, Follow.component_id)):
        rows = sa.select(Follow.follower_id, model.name).join(model, model.id == column)
        for follower_id, name in _of(rows.order_by(model.name), followers):
            here = found[follower_id]
            (here.sections if model is Section else here.components).append(name)
    incidents = sa.select(Follow.follower_id, Incident.title).join(Incident, Incident.id == Follow.incident_id)
    incidents = incidents.where(Follow.let_go.is_(sa.false()))
    for follower_id, title in _of(incidents.order_by(Incident.id), followers):
        found[follower_id].incidents.append(title)
    return found


def shown(follower: Follower) -> str:
    """Its address for staff; of one that is itself the key to a place, where it is and its last letters."""
    if follower.channel in _PLAIN:
        return follower.address
    parts = urlsplit(follower.address)
    where = parts.hostname if parts.scheme == "https" else f"{parts.scheme}://"  # of Apprise's the host may be the key
    return f"{where}…{follower.address[-4:]}"


def _of(rows: sa.Select[int, str], followers: Iterable[Follower]) -> Iterable[tuple[int, str]]:
    ids = [follower.id for follower in followers]
    return ((id, name) for id, name in db.session.execute(rows.where(Follow.follower_id.in_(ids))))


def _by_channel() -> tuple[dict[str, int], int]:
    """Those who are told; asked in the order of the index that holds all of it."""
    columns = (Follower.channel, Follower.is_staff, Follower.problems, Follower.planned, Follower.everything)
    rows = sa.select(*columns, sa.func.count().label("number")).where(*LIVE).group_by(*columns)
    found = [row for row in db.session.execute(rows) if not row.is_staff]
    channels: dict[str, int] = defaultdict(int)
    for row in found:
        channels[row.channel] += row.number
    return channels, sum(row.number for row in found if row.everything)


def _by_thing() -> tuple[dict[int, int], dict[int, int]]:
    """By the ids of sections and of components, how many are told of it by name: all who chose it but the few who are
    not told. To look each of them up would take ten times as long."""
    sections, components = (_chosen(column) for column in (Follow.section_id, Follow.component_id))
    untold = sa.or_(Follower.confirmed_at.is_(None), Follower.paused_at.is_not(None), Follower.is_staff.is_(sa.true()))
    both = Follow.section_id, Follow.component_id
    less = sa.select(*both, sa.func.count()).where(Follow.follower_id.in_(sa.select(Follower.id).where(untold)))
    for section, component, number in db.session.execute(less.group_by(*both)):
        if section:
            sections[section] -= number
        elif component:
            components[component] -= number
    return sections, components


def _chosen(column: Any) -> dict[int, int]:
    rows = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
    return dict(db.session.execute(rows).all())


def _by_state() -> dict[str, int]:
    sums = [sa.func.sum(sa.case((sa.and_(*where), 1), else_=0)) for _, where in STATES.values()]
    row = db.session.execute(sa.select(*sums).select_from(Follower).where(*_HERE)).one()
    return {name: number or 0 for name, number in zip(STATES, row, strict=True)}


def _named(rows: sa.Select[int, str], numbers: Mapping[int, int]) -> list[Count]:
    """Those that somebody follows, the most followed first."""
    found = [Count(name, numbers[id]) for id, name in db.session.execute(rows) if numbers.get(id)]
    return sorted(found, key=lambda count: -count.number)
