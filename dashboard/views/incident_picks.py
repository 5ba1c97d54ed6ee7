"""What an incident affects, as it is chosen: a status for each component, and what becomes of each section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from dashboard import publish
from dashboard.actions.incident_parts import Touching
from dashboard.db import db
from dashboard.documents.html import STATUS_WORDS
from dashboard.facts import SectionFact
from dashboard.models import Component, Outage
from dashboard.rules.state import Effect, State
from dashboard.rules.status import Status
from dashboard.snapshot import in_tree_order, snapshot_at
from dashboard.views import times
from dashboard.views.times import Asked, Unclear
from dashboard.views.words import at_end

OFF = "off:"
_FEW = 8  # so many are all in sight
_WORST_FIRST = (Status.MAJOR_OUTAGE, Status.PARTIAL_OUTAGE, Status.DEGRADED_PERFORMANCE, Status.UNDER_MAINTENANCE)


@dataclass(frozen=True, slots=True)
class Held:
    """What an incident does now: the status of each component, its effect on each section, and the outages it began.
    Of one that is not out yet: what was chosen for it."""

    impacts: Mapping[int, Status] = field(default_factory=dict)
    effects: Mapping[int, Effect] = field(default_factory=dict)
    outages: Mapping[int, Outage] = field(default_factory=dict)
    is_out: bool = False


@dataclass(slots=True)
class Pick:
    """One row: a menu, and for a section a time to type. ``is_near``: shown without being asked for."""

    id: int
    field: str
    name: str
    hint: str
    choices: list[tuple[str, str]]
    chosen: str
    is_near: bool
    typed: str = ""
    exact: str = ""
    error: str = ""
    asked: Asked | None = None


@dataclass(slots=True)
class Picks:
    components: list[Pick]
    sections: list[Pick]

    def impacts(self) -> dict[int, Status]:
        return {pick.id: Status(pick.chosen) for pick in self.components if pick.chosen}

    def touches(self, zone: ZoneInfo, at: datetime) -> tuple[Touching, ...]:
        """What was chosen for sections; those that stay as they are, are left out. Raises Unclear."""
        return tuple(_touching(pick, zone, at) for pick in self.sections if pick.chosen)

    def blame(self, wrong: Any) -> bool:
        """Put a sentence at the row that it is about; False if it is about none."""
        found = next((pick for pick in self.sections if pick.field == wrong.field), None)
        if found is None:
            return False
        found.error, found.is_near = wrong.sentence, True
        found.asked = wrong.asked if isinstance(wrong, Unclear) else None
        return True

    def near(self) -> list[Pick]:
        return [pick for pick in (*self.components, *self.sections) if pick.is_near]

    def far_components(self) -> list[Pick]:
        return [pick for pick in self.components if not pick.is_near]

    def far_sections(self) -> list[Pick]:
        return [pick for pick in self.sections if not pick.is_near]


def picks(given: Mapping[str, str], held: Held, at: datetime) -> Picks:
    """``given`` is what was typed, or is offered by a template; nothing else than what is offered is taken."""
    facts = publish.read_facts(at)
    off = {section.key for section in snapshot_at(facts, at).sections if section.state is State.DOWN}
    sections = list(in_tree_order(facts.sections))
    components = _components(held)
    few = len(sections) <= _FEW
    return Picks(
        [_component(component, given, held, len(components) <= _FEW) for component in components],
        [_section(section, depth, given, held, section.key in off, few, at) for section, depth in sections],
    )


def _components(held: Held) -> list[Component]:
    here = sa.or_(Component.archived_at.is_(None), Component.id.in_(list(held.impacts)))
    found = list(db.session.scalars(sa.select(Component).where(here).order_by(Component.position, Component.id)))
    return sorted(found, key=lambda one: one.id not in held.impacts) if held.impacts else found


def _component(component: Component, given: Mapping[str, str], held: Held, few: bool) -> Pick:
    now = held.impacts.get(component.id)
    first = [("", "Not affected")] if now is None or not held.is_out else [("operational", "Operational")]
    choices = [*first, *((str(status), STATUS_WORDS[status]) for status in _WORST_FIRST)]
    name = f"component-{component.id}"
    chosen = _of(choices, given.get(name), now or "")
    is_near = bool(chosen) or (few and not held.impacts)
    return Pick(component.id, name, component.name, component.group, choices, chosen, is_near)


def _section(
    section: SectionFact, depth: int, given: Mapping[str, str], held: Held, is_off: bool, few: bool, at: datetime
) -> Pick:
    effect, name = held.effects.get(section.id), f"section-{section.id}"
    choices = _choices(section, effect if held.is_out else None, held.outages.get(section.id), is_off, at)
    planned = "" if held.is_out or effect is None else _offered(section, effect)
    wanted = given.get(name)
    chosen = _of(choices, _offered(section, Effect.DOWN) if wanted == Effect.DOWN else wanted, planned)
    return Pick(
        id=section.id,
        field=name,
        name=section.name,
        hint="section",
        choices=choices,
        chosen=chosen,
        is_near=bool(chosen) or effect is not None or (few and not held.is_out and depth == 0),
        typed=given.get(f"{name}-at") or times.typed(times.end_of_day(at)),
        exact=given.get(f"{name}-exact", ""),
    )


def _offered(section: SectionFact, effect: Effect) -> str:
    return f"{OFF}{section.default_minutes}" if effect is Effect.DOWN else str(effect)


def _of(choices: list[tuple[str, str]], given: str | None, otherwise: str) -> str:
    """A moment or a length that is not offered any more is still what was chosen."""
    offered = {value for value, _ in choices}
    if given is None:
        return str(otherwise) if otherwise in offered else ""
    if given.startswith(f"{OFF}@") and given not in offered and len(given) <= 20:
        choices.append((given, "Off until the time chosen before"))
        return given
    return given if given in offered else ""


def _choices(
    section: SectionFact, effect: Effect | None, outage: Outage | None, is_off: bool, at: datetime
) -> list[tuple[str, str]]:
    lengths = [
        (f"{OFF}{choice.value}", f"Off {choice.means.replace('to ', 'until ', 1)} ({choice.name.lower()})")
        for choice in times.lengths(section.default_minutes, at)
        if choice.value not in ("at", "unknown")
    ]
    on = "Bring it back" if outage else "Leave it as it is" if is_off else "Leave on"
    return [
        ("", _as_it_is(effect, outage, is_off) if effect else "Not affected"),
        (str(Effect.NOTHING), on),
        (str(Effect.WARN), "Show a warning"),
        *lengths,
        (f"{OFF}at", "Off until another time"),
        (f"{OFF}unknown", "Off, end not known"),
    ]


def _as_it_is(effect: Effect, outage: Outage | None, is_off: bool) -> str:
    if outage is not None:
        return f"As it is: off until {at_end(outage.planned_end)}" if outage.planned_end else "As it is: off"
    if is_off:
        return "As it is: off by itself"
    return "As it is: a warning" if effect is Effect.WARN else "As it is: on"


def _touching(pick: Pick, zone: ZoneInfo, at: datetime) -> Touching:
    if not pick.chosen.startswith(OFF):
        return Touching(pick.id, Effect(pick.chosen))
    chosen, typed = pick.chosen.removeprefix(OFF), ""
    try:
        if chosen == "at":
            typed = pick.typed
            until: datetime | None = times.moment(pick.field, typed, pick.exact, zone)
        else:
            until = times.chosen_end(chosen, at, at)
    except Unclear as wrong:
        raise Unclear(pick.field, wrong.sentence, wrong.asked) from None
    return Touching(pick.id, Effect.DOWN, until, zone.key, typed)
