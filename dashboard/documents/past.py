"""What was, in public words: incidents, outages and planned work, by the day on which they were over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.documents.entries import work_name
from dashboard.facts import IncidentFact, OutageFact, WindowFact
from dashboard.history import Item, over_at
from dashboard.rules.incident import Impact
from dashboard.snapshot import Snapshot

IMPACT_LOOKS = {Impact.NONE: "unknown", Impact.MINOR: "degraded", Impact.MAJOR: "partial", Impact.CRITICAL: "major"}
IMPACT_WORDS = {
    Impact.NONE: "No impact",
    Impact.MINOR: "Minor impact",
    Impact.MAJOR: "Major impact",
    Impact.CRITICAL: "Critical impact",
}
LOOK_WORDS = {
    "major": "Critical impact, or unavailable",
    "partial": "Major impact",
    "degraded": "Minor impact",
    "unknown": "No impact",
    "maint": "Planned work",
}
_RANKS = {look: -place for place, look in enumerate(LOOK_WORDS)}
_LONGEST = 400  # characters of what was said last

Tell = Callable[[Item], "Over | None"]


@dataclass(frozen=True, slots=True)
class Over:
    """``kind``: incident, outage or work. ``path``, from the root, is of its own page; "" has none. ``end`` is None
    while an incident goes on."""

    kind: str
    title: str
    path: str
    look: str
    word: str
    start: datetime
    end: datetime | None
    words: str = ""
    has_review: bool = False


@dataclass(frozen=True, slots=True)
class DayOver:
    """A day on which something was over, the last to begin first."""

    day: date
    items: tuple[Over, ...]

    @property
    def worst(self) -> str:
        return max((item.look for item in self.items), key=_RANKS.__getitem__)


def teller(snapshot: Snapshot) -> Tell:
    sections = {section.id: section.name for section in snapshot.sections}
    return told_by(sections, {component.id: component.name for component in snapshot.components})


def told_by(sections: Mapping[int, str], components: Mapping[int, str]) -> Tell:
    """Tells of things by these names (by their ids); None of an outage whose section is in them no more."""

    def tell(item: Item) -> Over | None:
        if isinstance(item, IncidentFact):
            return _incident(item)
        if isinstance(item, WindowFact):
            name = work_name(item, sections, components)
            return Over("work", name, "", "maint", "Planned work", item.starts_at, item.ends_at)
        return _outage(item, sections)

    return tell


def _incident(incident: IncidentFact) -> Over:
    said = incident.message or incident.latest.body
    return Over(
        kind="incident",
        title=incident.title,
        path=f"incidents/{incident.id}/",
        look=IMPACT_LOOKS[incident.impact],
        word=impact_word(incident),
        start=incident.started_at,
        end=incident.resolved_at,
        words=said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1].rstrip()}…",
        has_review=incident.review is not None and not incident.is_open,
    )


def impact_word(incident: IncidentFact) -> str:
    """None where no component is struck, but a section is: it says itself how it stands."""
    return "" if incident.impact is Impact.NONE and incident.touches else IMPACT_WORDS[incident.impact]


def _outage(outage: OutageFact, sections: Mapping[int, str]) -> Over | None:
    name = sections.get(outage.section_id)
    if name is None:
        return None
    return Over("outage", name, "", "major", "Unavailable", outage.starts_at, over_at(outage))


def told(items: Iterable[Item], tell: Tell) -> Iterator[Over]:
    """In the same order. What an incident among them took off, it tells itself."""
    items = list(items)
    ids = {item.id for item in items if isinstance(item, IncidentFact)}
    for item in items:
        if isinstance(item, OutageFact) and item.incident_id in ids:
            continue
        found = tell(item)
        if found is not None:
            yield found


def by_day(items: Iterable[Over], zone: ZoneInfo) -> list[DayOver]:
    """The latest day first."""
    found: defaultdict[date, list[Over]] = defaultdict(list)
    for item in items:
        found[(item.end or item.start).astimezone(zone).date()].append(item)
    return [DayOver(day, tuple(found[day])) for day in sorted(found, reverse=True)]


def quiet_words(days: Iterable[date]) -> str:
    """Days on which nothing happened, the latest first: "20 November, 15 to 18 November"."""
    runs: list[list[date]] = []
    for day in sorted(days, reverse=True):
        if runs and runs[-1][-1] - day == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run_words(run[-1], run[0]) for run in runs)


def _run_words(first: date, last: date) -> str:
    if first == last:
        return f"{last.day} {last:%B}"
    month = f" {first:%B}" if first.month != last.month else ""
    return f"{first.day}{month} to {last.day} {last:%B}"
