"""What was: the past of Facts at a time, of components day by day and of all that is over. Found out when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

from dashboard import months
from dashboard.facts import ComponentFact, Facts, IncidentFact, MonthFact, OutageFact, WindowFact
from dashboard.rules import uptime
from dashboard.rules.incident import impact_spans
from dashboard.rules.span import Span
from dashboard.rules.status import Status
from dashboard.rules.uptime import Known

DAYS = 90  # told of each component, this one included
_MOMENT = timedelta.resolution

Item = IncidentFact | OutageFact | WindowFact


@dataclass(frozen=True, slots=True)
class Day:
    """The worst that a component went through on one day of the site's zone; None is not known."""

    day: date
    worst: Status | None


@dataclass(frozen=True, slots=True)
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

    def past(self, component: ComponentFact) -> Past:
        edges = self._midnights
        start = max(edges[0], *_known_since(component, self.zone))
        known = self._known(component, Span(start, self.t))
        days = tuple(
            Day(begin.astimezone(self.zone).date(), uptime.worst(uptime.cut(known, Span(begin, end))))
            for begin, end in pairwise(edges)
        )
        whole = uptime.cut(known, Span(edges[0], edges[-2]))
        return Past(days, uptime.uptime(whole, self.facts.site.weights))

    def over(self, start: datetime, end: datetime) -> list[Item]:
        """All that was over in ``[start, end)`` and by now, those that began last first."""
        items = chain(self._recent, chain.from_iterable(self._of_months(start, end)))
        found = (item for item in items if start <= over_at(item) < end)
        return sorted(found, key=lambda item: (began_at(item), item.ref), reverse=True)

    def latest(self, most: int) -> list[IncidentFact]:
        """The incidents that began last, open ones among them, the newest first."""
        found = list(self.facts.incidents)
        for month in reversed(self.facts.months):
            if len(found) >= most:
                break
            found += months.load(month.path).incidents
        return sorted(found, key=lambda incident: (incident.started_at, incident.id), reverse=True)[:most]

    @cached_property
    def first(self) -> datetime:
        """When the first thing of which anything is told was over, or now."""
        if self.facts.months:
            return _month_start(self.facts.months[0])
        return min((over_at(item) for item in self._recent), default=self.t)

    @cached_property
    def changed(self) -> dict[int, datetime]:
        """By the component's id, since when, without a break, it has been as it is."""
        return {component.id: self._changed_at(component) for component in self.facts.components}

    def _changed_at(self, component: ComponentFact) -> datetime:
        known = self._known(component, Span(self._midnights[0], self.t + _MOMENT))
        is_longer = not known or known[-1].start == self._midnights[0]
        return component.status_at if is_longer else known[-1].start

    @cached_property
    def _recent(self) -> list[Item]:
        """What is over and not in a month's file."""
        facts = self.facts
        closed = (incident for incident in facts.incidents if not incident.is_open)
        outages = (one for one in (*facts.ended_outages, *facts.outages) if one.over_at and one.over_at <= self.t)
        windows = (one for one in (*facts.ended_windows, *facts.windows) if one.ends_at <= self.t)
        return [*closed, *outages, *windows]

    def _of_months(self, start: datetime, end: datetime) -> Iterator[Sequence[Item]]:
        for month in self.facts.months:
            if f"{start.astimezone(UTC):%Y-%m}" <= month.month <= f"{end.astimezone(UTC):%Y-%m}":
                held = months.load(month.path)
                yield (*held.incidents, *held.outages, *held.windows)

    @cached_property
    def _midnights(self) -> list[datetime]:
        """The start of each of the days, and of tomorrow."""
        days = (self.today - timedelta(days=DAYS - 1 - n) for n in range(DAYS + 1))
        return [datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC) for day in days]

    def _known(self, component: ComponentFact, within: Span) -> tuple[Known, ...]:
        windows = self._worked_on.get(component.id, [])
        struck = chain.from_iterable(impact_spans(one.entries, component.id) for one in self._struck(component.id))
        return uptime.history(list(_baseline(component)), windows, struck, within)

    @cached_property
    def _worked_on(self) -> dict[int, list[Span]]:
        found: dict[int, list[Span]] = {}
        for window in (*self.facts.ended_windows, *self.facts.windows):
            if window.starts_at <= self.t:
                for id in window.component_ids:
                    found.setdefault(id, []).append(Span(window.starts_at, window.ends_at))
        return found

    def _struck(self, component_id: int) -> list[IncidentFact]:
        return [incident for incident in self.facts.incidents if component_id in incident.latest.impacts]


def over_at(item: Item) -> datetime:
    """When something was over that is over."""
    if isinstance(item, IncidentFact):
        return item.resolved_at or item.latest.at
    return item.ends_at if isinstance(item, WindowFact) else item.over_at or item.starts_at


def began_at(item: Item) -> datetime:
    return item.started_at if isinstance(item, IncidentFact) else item.starts_at


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


def _month_start(month: MonthFact) -> datetime:
    return datetime.strptime(month.month, "%Y-%m").replace(tzinfo=UTC)
