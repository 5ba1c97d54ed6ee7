"""What a plan would come to, before it is saved: how long it really is, what goes dark, what it clashes with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.actions import series
from dashboard.actions.series import Occurrence
from dashboard.actions.window_rows import Asked, Touches
from dashboard.actions.writing import Refused
from dashboard.causes import causes_by_section
from dashboard.config import settings
from dashboard.facts import Facts, OutageFact, SectionFact, Touch, WindowFact
from dashboard.rules import mistypes, recurrence, walltime, window, wording
from dashboard.rules.state import Effect, State
from dashboard.rules.wording import Check
from dashboard.snapshot import in_tree_order

_MOST = 5  # clashes, and times of a series, that are told
_TOLD_OF_TIMES = ("too_long", "past", "far")  # the others are asked, or shown as the length


@dataclass(frozen=True, slots=True)
class Reached:
    """A section that the work takes off or makes slow, and by what."""

    section: SectionFact
    state: State
    through: str


@dataclass(frozen=True, slots=True)
class Zoned:
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Timing:
    """``length`` is the real one. ``note`` says where the clocks make it another than it seems."""

    length: str
    zones: tuple[Zoned, ...]
    note: str
    rule: str
    times: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """``theirs``: the window of PagerDuty's, which may be announced in place of planning its work twice."""

    words: str
    theirs: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    reached: tuple[Reached, ...]
    timing: Timing | None
    clashes: tuple[Clash, ...]
    more_clashes: int
    title: str  # as the public would read it of the first section; "" of none
    message: str
    checks: tuple[Check, ...]
    advice: tuple[str, ...]


def preview(
    facts: Facts, asked: Asked | None, things: tuple[frozenset[int], Touches], message: str, mine: str, at: datetime,
    besides: WindowFact | None = None,
) -> Preview:  # fmt: skip
    """``asked`` is None as long as its times are not clear; ``things`` are the components and sections chosen so far.
    ``besides`` is the window that is being edited."""
    found = reached(facts, *things)
    times = _times(asked, at)
    clashes = _clashes(facts, things[0], found, times, besides)
    message = message or next((one.section.message for one in found if one.section.message), "")
    return Preview(
        reached=found,
        timing=_timing(asked, times, mine, at) if asked else None,
        clashes=tuple(clashes[:_MOST]),
        more_clashes=max(0, len(clashes) - _MOST),
        title=_title(found[0], asked, at) if found else "",
        message=message,
        checks=wording.checks(message, asked is not None, False, found[0].section.alternative if found else ""),
        advice=tuple(wording.discouraged(message)),
    )


def reached(facts: Facts, components: frozenset[int], touches: Touches) -> tuple[Reached, ...]:
    """By dependencies and by the tree, in its order; the worst effect counts."""
    on = WindowFact(
        id=0,
        source="signpost",
        external_id="",
        starts_at=facts.revised_at,
        ends_at=facts.revised_at + timedelta(hours=1),
        title="",
        message="",
        url="",
        created_at=facts.revised_at,
        component_ids=tuple(sorted(components)),
        touches=tuple(Touch(id, Effect(word)) for id, word in touches),
    )
    causes = causes_by_section(replace(facts, windows=(on,), outages=(), incidents=(), overrules=()))
    names = {section.key: section.name for section in facts.sections}
    chosen = {id for id, word in touches if word != Effect.NOTHING}
    found = []
    for section, _ in in_tree_order(facts.sections):
        own = [cause for cause in causes[section.id] if cause.ref == on.ref]
        if own:
            worst = max(own, key=lambda cause: cause.state.rank)
            through = _through(facts, section, components, chosen) if worst.via == section.key else ""
            found.append(Reached(section, worst.state, through or f"part of {names[worst.via]}"))
    return tuple(found)


def _through(facts: Facts, section: SectionFact, components: frozenset[int], chosen: set[int]) -> str:
    if section.id in chosen:
        return "chosen"
    names = {one.id: one.name for one in facts.components}
    on = [names[one.component_id] for one in facts.dependencies if one.section_id == section.id
          and one.component_id in components and one.on_window is not Effect.NOTHING]  # fmt: skip
    return f"depends on {', '.join(on)}"


def _times(asked: Asked | None, at: datetime) -> list[Occurrence]:
    try:
        return series.first_of(asked, at) if asked else []
    except Refused:
        return []


def _timing(asked: Asked, times: Sequence[Occurrence], mine: str, at: datetime) -> Timing:
    zone = ZoneInfo(asked.zone)
    length = asked.ends_at - asked.starts_at
    seems = datetime.fromisoformat(asked.typed_end) - datetime.fromisoformat(asked.typed_start)
    note = ""
    if length != seems:
        note = f"The clocks change: it seems to be {wording.length_words(seems)}."
    found = mistypes.doubts(asked.starts_at, asked.ends_at, at, zone)
    return Timing(
        length=wording.length_words(length),
        zones=tuple(_zoned(asked, name, at) for name in _zone_names(asked.zone, mine)),
        note=note,
        rule=recurrence.words(asked.rule) if asked.rule else "",
        times=tuple(_said(one, asked.zone, at) for one in times) if asked.rule else (),
        doubts=tuple(doubt.sentence for doubt in found if doubt.kind in _TOLD_OF_TIMES),
    )


def _zone_names(typed: str, mine: str) -> list[str]:
    """At least two: the one typed in, the page's, and the reader's own; else UTC."""
    own = mine if walltime.is_zone(mine) else typed
    names = list(dict.fromkeys([typed, settings().time_zone.key, own]))
    return names if len(names) > 1 else list(dict.fromkeys([*names, "UTC"]))


def _zoned(asked: Asked, name: str, at: datetime) -> Zoned:
    zone = ZoneInfo(name)
    start, end = asked.starts_at.astimezone(zone), asked.ends_at.astimezone(zone)
    last = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%A %H:%M}"
    return Zoned(name, f"{start:%A} {start.day} {start:%B}, {start:%H:%M} to {last}")


def _said(one: Occurrence, zone: str, at: datetime) -> str:
    """A time of a series; one that does not exist that day says where it went."""
    local = one.starts_at.astimezone(ZoneInfo(zone))
    moved = window.moved_to(one.typed_start, zone, one.starts_at)
    words = f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M}"
    return f"{words}, as {one.typed_start[11:]} does not exist that day" if moved else words


def _clashes(
    facts: Facts,
    components: frozenset[int],
    found: Iterable[Reached],
    times: Sequence[Occurrence],
    besides: WindowFact | None,
) -> list[Clash]:
    """Other work and outages at the same time that touch the same. It is said, and blocks nothing."""
    touched = _with_parents(facts, {one.section.id for one in found})
    through = {one.component_id for one in facts.dependencies
               if one.section_id in touched and one.on_window is not Effect.NOTHING} | components  # fmt: skip
    said = []
    for other in facts.windows:
        is_same = besides is not None and (other.id == besides.id or (other.series_id or 0) == besides.series_id)
        touches = through & set(other.component_ids) or touched & {touch.section_id for touch in other.touches}
        if touches and not is_same and any(_overlap(one, other.starts_at, other.ends_at) for one in times):
            said.append(_of_window(other))
    names = {section.id: section.name for section in facts.sections}
    for outage in facts.outages:
        hits = (_overlap(one, outage.starts_at, outage.planned_end or outage.over_at) for one in times)
        if outage.section_id in touched and any(hits):
            said.append(Clash(_of_outage(outage, names[outage.section_id])))
    return said


def _with_parents(facts: Facts, ids: set[int]) -> set[int]:
    parents = {section.id: section.parent_id for section in facts.sections}
    found = set(ids)
    for id in ids:
        above = parents.get(id)
        while above is not None and above not in found:
            found.add(above)
            above = parents.get(above)
    return found & parents.keys()


def _overlap(one: Occurrence, start: datetime, end: datetime | None) -> bool:
    return start < one.ends_at and (end is None or end > one.starts_at)


def _of_window(other: WindowFact) -> Clash:
    span = _span(other.starts_at, other.ends_at)
    if other.is_ours:
        return Clash(f"{other.name}, {span}")
    title = f" “{other.title}”" if other.title else ""
    return Clash(f"PagerDuty’s {other.name}{title}, {span}", other.id)


def _of_outage(outage: OutageFact, name: str) -> str:
    return f"{name} is off {_span(outage.starts_at, outage.planned_end)}, says {outage.started_by}"


def _span(start: datetime, end: datetime | None) -> str:
    zone = settings().time_zone
    local = start.astimezone(zone)
    begins = f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
    if end is None:
        return f"from {begins}"
    last = (end - timedelta(minutes=1)).astimezone(zone)  # midnight ends the day before it
    day = "" if last.date() == local.date() else f"{last:%A} {last.day} {last:%B}, "
    return f"{begins} to {day}{wording.clock_words(end, zone)}"


def _title(first: Reached, asked: Asked | None, at: datetime) -> str:
    """As the public will read it once it is near."""
    template = wording.title(first.section.name, first.state, asked is not None, late=False, soon=asked is not None)
    if asked is None:
        return template
    zone = settings().time_zone
    today = at.astimezone(zone).date()
    until = wording.to_words(asked.starts_at, asked.ends_at, today, zone)
    begins = wording.time_words(asked.starts_at, today, zone, is_end=False)
    return wording.filled(template, **{"from": begins, "until": until})


def suggested(found: Sequence[Reached], facts: Facts, components: frozenset[int]) -> str:
    """Words to begin with: what the sections say themselves, or what is worked on."""
    own = list(dict.fromkeys(one.section.message for one in found if one.section.message and one.through == "chosen"))
    own = own or list(dict.fromkeys(one.section.message for one in found if one.section.message))
    if own:
        return " ".join(own[:3])
    names = [one.name for one in facts.components if one.id in components]
    return f"We are working on {', '.join(names)}." if names else ""
