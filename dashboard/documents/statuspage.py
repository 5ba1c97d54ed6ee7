"""Atlassian Statuspage's API, version 2, for reading: ``/api/v2/….json``, and each incident's own document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from dashboard import months
from dashboard.documents import data, entries, wire
from dashboard.documents.entries import Group, Part, Planner, Work
from dashboard.facts import ComponentFact, IncidentFact, SiteFact, WindowFact
from dashboard.rules.rollup import Indicator, rollup
from dashboard.snapshot import Snapshot

MOST = 50  # incidents and planned works of a list


@dataclass(frozen=True, slots=True)
class Listing:
    """A document's lists; None is not in it. ``updated_at`` is the revision's time, never that of the making.

    ``board`` holds the components, or as many of them as the other lists name.
    """

    site: SiteFact
    updated_at: datetime
    board: tuple[Group, ...] = ()
    status: tuple[Indicator, str] | None = None
    incidents: tuple[IncidentFact, ...] | None = None
    works: tuple[Work, ...] | None = None
    lists_components: bool = False

    @property
    def parts(self) -> wire.Parts:
        return {part.id: part for group in self.board for part in group.parts}


@dataclass(frozen=True, slots=True)
class Lately:
    """An incident of the last 90 days, with the components that it names."""

    site: SiteFact
    incident: IncidentFact
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class LongAgo:
    """An incident in a month's file."""

    site: SiteFact
    id: int
    path: str


def summary(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    yield (
        "/api/v2/summary.json",
        Listing(
            snapshot.site,
            snapshot.revised_at,
            entries.board(snapshot),
            status=_status(snapshot),
            incidents=_unresolved(snapshot),
            works=_works(snapshot, entries.coming(snapshot.history)[:MOST]),
            lists_components=True,
        ),
    )


def status(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    yield "/api/v2/status.json", Listing(snapshot.site, snapshot.revised_at, status=_status(snapshot))


def components(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    board = entries.board(snapshot)
    yield "/api/v2/components.json", Listing(snapshot.site, snapshot.revised_at, board, lists_components=True)


def incidents(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    yield "/api/v2/incidents.json", _of_incidents(snapshot, entries.latest(snapshot, MOST))


def unresolved(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    yield "/api/v2/incidents/unresolved.json", _of_incidents(snapshot, _unresolved(snapshot))


def maintenances(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    """What is to come has its place before what is over."""
    found = [*entries.coming(snapshot.history), *entries.over(snapshot.history)][:MOST]
    newest = sorted(found, key=lambda window: (window.starts_at, window.id), reverse=True)
    yield "/api/v2/scheduled-maintenances.json", _of_works(snapshot, newest)


def upcoming(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    found = [window for window in entries.coming(snapshot.history) if window.starts_at > snapshot.at]
    yield "/api/v2/scheduled-maintenances/upcoming.json", _of_works(snapshot, found[:MOST])


def active(snapshot: Snapshot) -> Iterable[tuple[str, Listing]]:
    found = [window for window in entries.coming(snapshot.history) if window.starts_at <= snapshot.at]
    yield "/api/v2/scheduled-maintenances/active.json", _of_works(snapshot, found)


def incident(snapshot: Snapshot) -> Iterable[tuple[str, Lately | LongAgo]]:
    parts = [part for group in entries.board(snapshot) for part in group.parts]
    lately = {fact.id for fact in snapshot.incidents}
    for fact in snapshot.incidents:
        named = tuple(part for part in parts if part.id in fact.latest.impacts)
        yield _path(fact.id), Lately(snapshot.site, fact, named)
    for month in snapshot.history.facts.months:
        for id in month.incident_ids:
            if id not in lately:
                yield _path(id), LongAgo(snapshot.site, id, month.path)


def render(listing: Listing) -> bytes:
    site, parts = listing.site, listing.parts
    said: wire.Object = {"page": wire.page(site, listing.updated_at)}
    if listing.lists_components:
        said["components"] = list(wire.components(site, listing.board))
    if listing.incidents is not None:
        said["incidents"] = [wire.incident(site, fact, parts) for fact in listing.incidents]
    if listing.works is not None:
        said["scheduled_maintenances"] = [wire.maintenance(site, work, parts) for work in listing.works]
    if listing.status is not None:
        indicator, description = listing.status
        said["status"] = {"indicator": indicator, "description": description}
    return data.encode(said)


def render_incident(subject: Lately | LongAgo) -> bytes:
    """Raises OSError when a month's file is gone."""
    told = _from_its_month(subject) if isinstance(subject, LongAgo) else subject
    return data.encode(wire.incident(told.site, told.incident, {part.id: part for part in told.parts}))


def _path(id: int) -> str:
    return f"/incidents/{id}.json"


def _status(snapshot: Snapshot) -> tuple[Indicator, str]:
    return rollup([component.status for component in snapshot.components])


def _unresolved(snapshot: Snapshot) -> tuple[IncidentFact, ...]:
    return tuple(fact for fact in snapshot.incidents if fact.is_open)


def _of_incidents(snapshot: Snapshot, found: tuple[IncidentFact, ...]) -> Listing:
    board = entries.board(snapshot, {id for fact in found for id in fact.latest.impacts})
    return Listing(snapshot.site, snapshot.revised_at, board, incidents=found)


def _of_works(snapshot: Snapshot, windows: list[WindowFact]) -> Listing:
    board = entries.board(snapshot, {id for window in windows for id in window.component_ids})
    return Listing(snapshot.site, snapshot.revised_at, board, works=_works(snapshot, windows))


def _works(snapshot: Snapshot, windows: list[WindowFact]) -> tuple[Work, ...]:
    planner = Planner(snapshot.history)
    return tuple(planner.work(window) for window in windows)


def _from_its_month(subject: LongAgo) -> Lately:
    """Its components are as it left them."""
    month = months.load(subject.path)
    fact = next(fact for fact in month.incidents if fact.id == subject.id)
    named = (component for component in month.components if component.id in fact.latest.impacts)
    return Lately(subject.site, fact, tuple(_left(fact, named)))


def _left(incident: IncidentFact, components: Iterable[ComponentFact]) -> Iterator[Part]:
    for position, component in enumerate(components, 1):
        yield Part(
            id=component.id,
            key=component.key,
            name=component.name,
            group=component.group,
            status=incident.latest.impacts[component.id],
            position=position,
            description=component.description,
            start_date=component.start_date,
            only_if_degraded=component.only_if_degraded,
            created_at=component.created_at or component.status_at,
            changed_at=incident.resolved_at or incident.latest.at,
        )
