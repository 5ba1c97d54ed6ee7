"""What was: the past of Facts at a time, of components day by day and of all that is over. Found out when asked for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

from dashboard import months
from dashboard.facts import ComponentFact, Facts, IncidentFact, OutageFact, WindowFact
from dashboard.rules import uptime
from dashboard.rules.incident import impact_spans
from dashboard.rules.span import Span
from dashboard.rules.status import Status
from dashboard.rules.uptime import Known

DAYS = 90  # told of each component, this one included
_MOMENT = timedelta.resolution
_MONTHS = 64  # in memory: as many as it may take to find the incidents of a list

Item = IncidentFact | OutageFact | WindowFact


@dataclass(frozen=True, slots=True)
class Day:
    """The worst that a component went through on one day of the site's zone; None is not known. ``seconds``: for how
    long it was not operational."""

    day: date
    worst: Status | None
    seconds: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A component's last 90 days, the oldest first, and the share of the whole ones of them that it worked: 0 to 1,
    None where nothing is known. The day that is not over does not count, so that the number stands still on it."""

    days: tuple[Day, ...]
    uptime: float | None


class History:
    """``facts`` are as readers see them at ``t``."""

    def __init__(self, facts: Facts, t: datetime) -> None:
        self.facts, self.t = facts, t
        self.zone = ZoneInfo(facts.site.zone)
        self.today = t.astimezone(self.zone).date()
        self._pasts: dict[int, Past] = {}
        self._alike: dict[Hashable, Past] = {}

    def past(self, component: ComponentFact) -> Past:
        found = self._pasts.get(component.id)
        if found is None:
            found = self._pasts[component.id] = self._past(component)
        return found

    def over(self, start: datetime, end: datetime) -> list[Item]:
        """All that was over in ``[start, end)`` and by now, those that began last first. What is in the files of the
        months is not among it."""
        found = (item for item in self.recent if start <= over_at(item) < end)
        return sorted(found, key=_newest, reverse=True)

    def latest(self, most: int) -> list[IncidentFact]:
        """The incidents that began last, open ones among them, the newest first."""
        found = list(self.facts.incidents)
        for month in reversed(self.facts.months):
            if len(found) >= most:
                break
            if month.incident_ids:
                found += _incidents(month.path)
        return sorted(found, key=lambda incident: (incident.started_at, incident.id), reverse=True)[:most]

    @cached_property
    def changed(self) -> dict[int, datetime]:
        """By the component's id, since when, without a break, it has been as it is."""
        return {component.id: self._changed_at(component) for component in self.facts.components}

    def majors(self, component: ComponentFact) -> list[Span]:
        """When in these days it was in a major outage."""
        known = self._known(component, Span(self.since, self.t + _MOMENT))
        return [Span(one.start, one.end) for one in known if one.status is Status.MAJOR_OUTAGE]

    def _changed_at(self, component: ComponentFact) -> datetime:
        known = self._known(component, Span(self._midnights[0], self.t + _MOMENT))
        is_longer = not known or known[-1].start == self._midnights[0]
        return component.status_at if is_longer else known[-1].start

    @cached_property
    def recent(self) -> list[Item]:
        """What is over and not in a month's file, in no order."""
        facts = self.facts
        closed = (incident for incident in facts.incidents if not incident.is_open)
        outages = (one for one in (*facts.ended_outages, *facts.outages) if one.over_at and one.over_at <= self.t)
        windows = (one for one in (*facts.ended_windows, *facts.windows) if one.ends_at <= self.t)
        return [*closed, *outages, *windows]

    def _past(self, component: ComponentFact) -> Past:
        """Made once for all that went through the same: of a thousand components most went through nothing."""
        start = max(self.since, *_known_since(component, self.zone))
        quiet = component.id not in self._worked_on and component.id not in self._strikers
        gist = start, tuple((max(at, start), status) for at, status in _baseline(component))
        if not quiet:
            return self._told(component, start)
        if gist not in self._alike:
            self._alike[gist] = self._told(component, start)
        return self._alike[gist]

    def _told(self, component: ComponentFact, start: datetime) -> Past:
        known = self._known(component, Span(start, self.t))
        whole = uptime.cut(known, Span(self._midnights[0], self._midnights[-2]))
        return Past(self._days(known), uptime.uptime(whole, self.facts.site.weights))

    def _days(self, known: Iterable[Known]) -> tuple[Day, ...]:
        """Only the first and the last day of a stretch can be shared with another one."""
        edges = self._midnights
        worst: list[Status | None] = [None] * DAYS
        seconds = [0.0] * DAYS
        for one in known:
            first, last = bisect_right(edges, one.start) - 1, bisect_left(edges, one.end) - 1
            for n in {first, last}:
                worst[n] = max(worst[n] or one.status, one.status, key=_severity)
            worst[first + 1 : last] = [one.status] * (last - first - 1)
            for n in range(first, last + 1) if one.status is not Status.OPERATIONAL else ():
                seconds[n] += (min(one.end, edges[n + 1]) - max(one.start, edges[n])).total_seconds()
        return tuple(Day(day, worst[n], round(seconds[n])) for n, day in enumerate(self._dates))

    @cached_property
    def _dates(self) -> list[date]:
        return [edge.astimezone(self.zone).date() for edge in self._midnights[:-1]]

    @property
    def since(self) -> datetime:
        """When the first of the days began."""
        return self._midnights[0]

    @cached_property
    def _midnights(self) -> list[datetime]:
        """The start of each of the days, and of tomorrow."""
        days = (self.today - timedelta(days=DAYS - 1 - n) for n in range(DAYS + 1))
        return [datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC) for day in days]

    def _known(self, component: ComponentFact, within: Span) -> tuple[Known, ...]:
        windows = self._worked_on.get(component.id, [])
        struck = chain.from_iterable(impact_spans(one.entries, component.id) for one in self.struck(component.id))
        return uptime.history(list(_baseline(component)), windows, struck, within)

    @cached_property
    def _worked_on(self) -> dict[int, list[Span]]:
        found: dict[int, list[Span]] = {}
        for window in (*self.facts.ended_windows, *self.facts.windows):
            if window.starts_at <= self.t:
                for id in window.component_ids:
                    found.setdefault(id, []).append(Span(window.starts_at, window.ends_at))
        return found

    def struck(self, component_id: int) -> list[IncidentFact]:
        """The incidents of late that name it."""
        return self._strikers.get(component_id, [])

    @cached_property
    def _strikers(self) -> dict[int, list[IncidentFact]]:
        """The incidents by the id of each component that they name."""
        found: dict[int, list[IncidentFact]] = {}
        for incident in self.facts.incidents:
            for id in incident.latest.impacts:
                found.setdefault(id, []).append(incident)
        return found


def over_at(item: Item) -> datetime:
    """When something was over that is over."""
    if isinstance(item, IncidentFact):
        return item.resolved_at or item.latest.at
    return item.ends_at if isinstance(item, WindowFact) else item.over_at or item.starts_at


def _severity(status: Status) -> int:
    return status.severity


def _newest(item: Item) -> tuple[datetime, str]:
    return began_at(item), item.ref


def began_at(item: Item) -> datetime:
    return item.started_at if isinstance(item, IncidentFact) else item.starts_at


@lru_cache(maxsize=_MONTHS)
def _incidents(path: str) -> tuple[IncidentFact, ...]:
    return months.load(path).incidents


def _known_since(component: ComponentFact, zone: ZoneInfo) -> Iterator[datetime]:
    if component.start_date is not None:
        start = component.start_date
        yield datetime(start.year, start.month, start.day, tzinfo=zone).astimezone(UTC)
    else:
        yield datetime.min.replace(tzinfo=UTC)


def _baseline(component: ComponentFact) -> Iterator[tuple[datetime, Status]]:
    """What a person or a check said, with what followed by itself where it was said for a time only."""
    for standing, following in pairwise((*component.standings, None)):
        if standing is None:
            continue
        yield standing.at, standing.status
        if standing.until is not None and (following is None or standing.until < following.at):
            yield standing.until, Status.OPERATIONAL
