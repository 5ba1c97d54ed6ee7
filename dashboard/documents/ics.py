"""Planned work for calendars: all of it, what reaches one section, and what is on one component."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vDatetime, vDuration, vInt, vText, vUri

from dashboard.documents.entries import Planner, called_off, coming, over
from dashboard.facts import DependencyFact, Facts, OverruleFact, SiteFact, WindowFact
from dashboard.history import History
from dashboard.rules.state import Effect
from dashboard.rules.text import clean, clean_line
from dashboard.snapshot import Snapshot, in_tree_order

MOST = 200  # events of the calendar of everything
MOST_OF_ONE = 50
_AGAIN = timedelta(hours=1)  # when a calendar should look again
_DOES = {Effect.DOWN: "unavailable", Effect.WARN: "may be slow"}

_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})

Reach = dict[int, Effect]  # by the place in the plan, what it does


@dataclass(frozen=True, slots=True)
class Happening:
    """A window in a calendar. ``changed_at`` and ``version`` are of the last change to it, also of its being moved."""

    ref: str
    name: str
    message: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    changed_at: datetime
    version: int
    is_off: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A calendar: its events in order of start, each with what it does to the section that the calendar is of."""

    site: SiteFact
    name: str
    happenings: tuple[tuple[Happening, Effect | None], ...]
    section: str = ""


class Planned:
    """All that is told of, what matters most first: to come and under way, called off, over."""

    def __init__(self, history: History) -> None:
        self._planner = Planner(history)
        not_done = called_off(history)
        self._off = {window.ref for window in not_done}
        self._made: dict[int, Happening] = {}
        self.windows = [*coming(history), *not_done, *over(history)]

    def happenings(self, reach: Mapping[int, Effect | None]) -> tuple[tuple[Happening, Effect | None], ...]:
        """Those at these places, in order of start."""
        found = [(self._happening(place), does) for place, does in reach.items()]
        return tuple(sorted(found, key=lambda one: (one[0].starts_at, one[0].ref)))

    def _happening(self, place: int) -> Happening:
        made = self._made.get(place)
        if made is None:
            window = self.windows[place]
            work = self._planner.work(window, window.ref in self._off)
            made = self._made[place] = Happening(**{name: getattr(work, name) for name in Happening.__slots__})
        return made


@lru_cache(maxsize=2)
def _planned(history: History) -> Planned:
    return Planned(history)


def history(snapshot: Snapshot) -> Iterable[tuple[str, Plan]]:
    planned = _planned(snapshot.history)
    found = planned.happenings(dict.fromkeys(range(min(MOST, len(planned.windows)))))
    yield "/history.ics", Plan(snapshot.site, f"Planned work of {snapshot.site.name}", found)


def components(snapshot: Snapshot) -> Iterable[tuple[str, Plan]]:
    planned = _planned(snapshot.history)
    places = _by_component(planned.windows)
    for component in snapshot.components:
        found = planned.happenings(dict.fromkeys(places[component.id][:MOST_OF_ONE]))
        yield f"/components/{component.key}.ics", Plan(snapshot.site, f"Planned work on {component.name}", found)


def sections(snapshot: Snapshot) -> Iterable[tuple[str, Plan]]:
    planned = _planned(snapshot.history)
    reaches = _reaches(snapshot.history.facts, planned.windows)
    for section in snapshot.sections:
        reach = reaches[section.id]
        found = planned.happenings({place: reach[place] for place in sorted(reach)[:MOST_OF_ONE]})
        name = f"Planned work: {section.name}"
        yield f"/sections/{section.key}.ics", Plan(snapshot.site, name, found, section.name)


def render(plan: Plan) -> bytes:
    calendar = Calendar()
    calendar["VERSION"] = vText("2.0")
    calendar["PRODID"] = vText("-//Signpost//Planned work//EN")
    calendar["CALSCALE"] = vText("GREGORIAN")
    calendar["METHOD"] = vText("PUBLISH")
    calendar["NAME"] = calendar["X-WR-CALNAME"] = _Words(clean_line(plan.name))
    calendar["X-PUBLISHED-TTL"] = vDuration(_AGAIN)
    for happening, does in plan.happenings:
        calendar.add_component(_event(plan, happening, does))
    return bytes(calendar.to_ical())


class _Words(vText):
    """Escaped as RFC 5545 says: the library itself takes a typed ``\\N`` for the end of a line."""

    def to_ical(self) -> bytes:
        return self.translate(_ESCAPED).encode()


def _event(plan: Plan, happening: Happening, does: Effect | None) -> Event:
    site, title, words = plan.site, happening.name, happening.message
    if does:
        title, words = f"{plan.section}: {_DOES[does]}", f"{happening.name}\n\n{words}"
    event = Event()
    event["UID"] = vText(f"{happening.ref}@{urlsplit(site.url).hostname}")
    event["SEQUENCE"] = vInt(happening.version - 1)
    event["DTSTAMP"] = event["LAST-MODIFIED"] = vDatetime(happening.changed_at)
    event["CREATED"] = vDatetime(happening.created_at)
    event["DTSTART"] = vDatetime(happening.starts_at)
    event["DTEND"] = vDatetime(happening.ends_at)
    event["SUMMARY"] = _Words(clean_line(title))
    event["DESCRIPTION"] = _Words(clean(words))
    event["STATUS"] = vText("CANCELLED" if happening.is_off else "CONFIRMED")
    event["TRANSP"] = vText("TRANSPARENT")
    event["URL"] = vUri(f"{site.url}/planned/#{happening.ref}")
    return event


def _by_component(windows: Iterable[WindowFact]) -> defaultdict[int, list[int]]:
    """By the component's id, the places of the windows on it."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place, window in enumerate(windows):
        for id in window.component_ids:
            found[id].append(place)
    return found


def _reaches(facts: Facts, windows: list[WindowFact]) -> dict[int, Reach]:
    """By the section's id: what is on itself, on what it depends on, and on the sections that it is in."""
    own = _own(facts, windows)
    opened = _opened(facts.overrules, windows)
    found: dict[int, Reach] = {}
    for section, _ in in_tree_order(facts.sections):
        reach = dict(found.get(section.parent_id or 0, {}))
        _join(reach, own[section.id])
        found[section.id] = {place: does for place, does in reach.items() if place not in opened[section.id]}
    return found


def _own(facts: Facts, windows: list[WindowFact]) -> defaultdict[int, Reach]:
    on = _by_component(windows)
    found: defaultdict[int, Reach] = defaultdict(dict)
    for dependency in facts.dependencies:
        _join(found[dependency.section_id], _through(dependency, on[dependency.component_id]))
    for place, window in enumerate(windows):
        for touch in window.touches:
            _join(found[touch.section_id], {place: touch.effect})
    return found


def _through(dependency: DependencyFact, places: list[int]) -> Reach:
    return dict.fromkeys(places[:MOST_OF_ONE], dependency.on_window)


def _join(reach: Reach, more: Reach) -> None:
    """The worst that each does."""
    for place, does in more.items():
        if does is Effect.DOWN or (does is Effect.WARN and place not in reach):
            reach[place] = does


def _opened(overrules: Iterable[OverruleFact], windows: list[WindowFact]) -> defaultdict[int, set[int]]:
    """By the section's id, the places of the windows in spite of which it stays open from the first to the last."""
    places = {window.id: place for place, window in enumerate(windows)}
    found: defaultdict[int, set[int]] = defaultdict(set)
    for overrule in overrules:
        place = places.get(overrule.window_id)
        if place is not None and _is_whole(overrule, windows[place]):
            found[overrule.section_id].add(place)
    return found


def _is_whole(overrule: OverruleFact, window: WindowFact) -> bool:
    return overrule.starts_at <= window.starts_at and window.ends_at <= overrule.ends_at
