"""What staff see of toggles: what each reads and since when, by whom it was read, and whether anybody still does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dashboard import publish
from dashboard.db import db
from dashboard.models import Change, Section, Sighting, Toggle, ToggleAlias, ToggleSection
from dashboard.rules import stale
from dashboard.rules.state import State
from dashboard.rules.toggle import camel
from dashboard.settled import settled_by_toggle
from dashboard.sightings import ALL, TOGGLE
from dashboard.snapshot import snapshot_at
from dashboard.views.deeds import DEEDS

_DEEDS = [kind for kind in DEEDS if kind.startswith("toggle.")]


@dataclass(frozen=True, slots=True)
class Reading:
    """By which name it was read, "" with all the others at once, and where; "" where somebody does not say."""

    name: str
    place: str
    last_at: datetime
    times: int

    @property
    def where(self) -> str:
        return self.place or "somebody who does not say where"


@dataclass(frozen=True, slots=True)
class Row:
    """A toggle as it stands now. ``settled_at``: since when it has read so, None for longer than is known.
    ``readings``: by one of its names, and ``in_lists`` with all the others, the last first."""

    toggle: Toggle
    reads: bool
    settled_at: datetime | None
    sections: tuple[tuple[Section, State], ...]
    aliases: tuple[str, ...]
    readings: tuple[Reading, ...]
    in_lists: tuple[Reading, ...]
    use: stale.Use
    at: datetime

    @property
    def is_down(self) -> bool:
        return self.reads == self.toggle.while_down

    @property
    def camel(self) -> str:
        return camel(self.toggle.name)

    @property
    def is_stale(self) -> bool:
        return self.toggle.archived_at is None and stale.is_stale(self.use, self.at)

    @property
    def staleness(self) -> str:
        return stale.sentence(self.use, self.reads, self.at)

    @property
    def read_lately(self) -> tuple[Reading, ...]:
        """Of each place the last time, by its name or else with all the others."""
        return tuple({one.place: one for one in reversed(self.readings or self.in_lists)}.values())[::-1]

    def last_by(self, name: str) -> Reading | None:
        return next((one for one in self.readings if one.name == name), None)

    def asking_for(self, name: str) -> tuple[Reading, ...]:
        """Who asked for it by this name so lately that it may not be let go of, the last first."""
        return tuple(one for one in self.readings if one.name == name and self.at - one.last_at < stale.UNREAD)

    def matches(self, words: str) -> bool:
        names = " ".join(f"{section.name} {section.key}" for section, _ in self.sections)
        called = " ".join((self.toggle.name, self.camel, *self.aliases))
        said = f"{called} {self.toggle.sentence} {self.toggle.owner} {names}".lower()
        return all(word in said for word in words.lower().split())


def rows(at: datetime, *chosen: sa.ColumnElement[bool]) -> list[Row]:
    """By name; in a constant number of questions."""
    facts = publish.read_facts(at)
    snapshot = snapshot_at(facts, at)
    values = {toggle.fact.id: toggle.value for toggle in snapshot.toggles}
    settled = settled_by_toggle(facts, snapshot.history, at)
    sections = _sections({section.id: section.state for section in snapshot.sections})
    aliases, readings, touched = _aliases(), _readings(at), _touched()
    counted_from = db.session.scalar(sa.select(sa.func.min(Sighting.first_at)))

    def row(toggle: Toggle) -> Row:
        names = (toggle.name, *aliases.get(toggle.id, ()))
        read = _latest(one for name in names for one in readings.get(name, ()))
        listed = () if toggle.is_private else tuple(readings.get(ALL, ()))
        use = stale.Use(
            added_at=toggle.created_at,
            touched_at=max(toggle.created_at, touched.get(f"toggle-{toggle.id}", toggle.created_at)),
            settled_at=max(toggle.created_at, settled.get(toggle.id) or snapshot.history.since),
            read_at=max((one.last_at for one in (*read[:1], *listed[:1])), default=None),
            counted_from=counted_from,
        )
        return Row(
            toggle=toggle,
            reads=values.get(toggle.id, not toggle.while_down),
            settled_at=_since(toggle, settled.get(toggle.id), snapshot.history.since),
            sections=tuple(sections.get(toggle.id, ())),
            aliases=names[1:],
            readings=read,
            in_lists=listed,
            use=use,
            at=at,
        )

    return [row(toggle) for toggle in db.session.scalars(sa.select(Toggle).where(*chosen).order_by(Toggle.name))]


def _since(toggle: Toggle, edge: datetime | None, known_from: datetime) -> datetime | None:
    if edge is not None:
        return max(edge, toggle.created_at)
    return toggle.created_at if toggle.created_at >= known_from else None


def _sections(states: dict[int, State]) -> dict[int, list[tuple[Section, State]]]:
    """By the toggle's id, what it follows."""
    links = sa.select(ToggleSection.toggle_id, Section).join(Section, Section.id == ToggleSection.section_id)
    found: defaultdict[int, list[tuple[Section, State]]] = defaultdict(list)
    for toggle_id, section in db.session.execute(links.order_by(Section.name)):
        found[toggle_id].append((section, states.get(section.id, State.OK)))
    return found


def _aliases() -> dict[int, list[str]]:
    """By the toggle's id, the earlier names by which it can still be asked for."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    live = sa.select(ToggleAlias.toggle_id, ToggleAlias.name).where(ToggleAlias.gone_at.is_(None))
    for toggle_id, name in db.session.execute(live.order_by(ToggleAlias.name)):
        found[toggle_id].append(name)
    return found


def _readings(at: datetime) -> dict[str, list[Reading]]:
    """By the name that was asked for, the last first."""
    columns = sa.select(Sighting.name, Sighting.place, Sighting.last_at, Sighting.times)
    kept = columns.where(Sighting.kind == TOGGLE, Sighting.last_at >= at - stale.KEPT)
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading in _latest(Reading(*row) for row in db.session.execute(kept)):
        found[reading.name].append(reading)
    return found


def _latest(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    return tuple(sorted(readings, key=lambda one: (one.last_at, one.place), reverse=True))


def _touched() -> dict[str, datetime]:
    """By the subject of its changes, when somebody last did something to it."""
    last = sa.select(Change.subject, sa.func.max(Change.at)).where(Change.kind.in_(_DEEDS)).group_by(Change.subject)
    return dict(db.session.execute(last).all())
