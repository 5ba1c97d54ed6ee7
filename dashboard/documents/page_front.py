"""The public status page: what is affected now, what is planned, every part, the systems behind it, the past week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from dashboard.documents import bars, branches, entries, frame, html, past
from dashboard.documents.bars import Bars
from dashboard.documents.frame import Frame, Headline
from dashboard.documents.past import DayOver
from dashboard.facts import IncidentFact
from dashboard.history import began_at, over_at
from dashboard.rules import uptime
from dashboard.rules.status import Status
from dashboard.rules.uptime import share_words
from dashboard.snapshot import SectionNow, Snapshot

PAST_DAYS = 7
_MOST_PLANNED = 5
_MOST_A_DAY = 10


@dataclass(frozen=True, slots=True)
class System:
    """A component that is shown, with its 90 days."""

    key: str
    name: str
    status: Status
    bars: Bars


@dataclass(frozen=True, slots=True)
class Group:
    """``share``: "99.95 % up", the mean of its members, also of those that are hidden; or nothing."""

    name: str
    share: str
    systems: tuple[System, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """An incident that goes on. ``next_at`` is None once that is past: a missed promise is for staff."""

    incident: IncidentFact
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class FrontPage:
    frame: Frame
    revision: int
    sections: tuple[SectionNow, ...]
    problems: tuple[Problem, ...]
    groups: tuple[Group, ...]
    has_work: bool
    has_news: bool
    days: tuple[DayOver, ...]
    quiet: str


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, FrontPage]]:
    days, quiet = _past_days(snapshot)
    page = FrontPage(
        frame.live(snapshot),
        snapshot.revision,
        snapshot.sections,
        problems(snapshot),
        tuple(_groups(snapshot)),
        bool(entries.coming(snapshot.history)),
        bool(snapshot.announcements),
        days,
        quiet,
    )
    yield "/", page


def problems(snapshot: Snapshot) -> tuple[Problem, ...]:
    return tuple(
        Problem(one, one.next_at if one.next_at and one.next_at > snapshot.at else None)
        for one in snapshot.incidents
        if one.is_open
    )


def _groups(snapshot: Snapshot) -> Iterable[Group]:
    for name, found in groupby(snapshot.components, lambda component: component.group):
        members = [(component, bars.bars_of(snapshot.history.past(component.fact))) for component in found]
        shown = tuple(System(one.key, one.name, one.status, drawn) for one, drawn in members if one.is_shown)
        mean = uptime.mean(drawn.uptime for _, drawn in members) if name else None
        if shown:
            yield Group(name, f"{share_words(mean)} up" if mean is not None else "", shown)


def _past_days(snapshot: Snapshot) -> tuple[tuple[DayOver, ...], str]:
    """The days on which something was over, and in words those on which nothing was and nothing went on."""
    history, zone, today = snapshot.history, snapshot.zone, snapshot.today
    first = today - timedelta(days=PAST_DAYS)
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    items = history.over(start, snapshot.at + timedelta.resolution)
    days = past.by_day(past.told(items, past.teller(snapshot)), zone)
    troubled = {day.day for day in days}
    spans = [(began_at(item), over_at(item)) for item in items]
    spans += [(one.started_at, snapshot.at) for one in snapshot.incidents if one.is_open]
    spans += [(one.starts_at, snapshot.at) for one in history.facts.outages if one.starts_at <= snapshot.at]
    for begun, ended in spans:
        day = max(begun.astimezone(zone).date(), first)
        while day <= ended.astimezone(zone).date():
            troubled.add(day)
            day += timedelta(days=1)
    calm = [day for n in range(PAST_DAYS) if (day := first + timedelta(days=n)) not in troubled]
    return tuple(days), past.quiet_words(calm)


def render(page: FrontPage) -> bytes:
    said = branches.said_of(page.sections)
    assert page.frame.today is not None
    return html.render(
        "public/index.html",
        root="",
        page=page,
        frame=page.frame,
        tell=page.frame.telling,
        head=_headline(page, said),
        said=said,
        coming=branches.once_each(said.coming, page.frame.telling.zone)[:_MOST_PLANNED],
        tree=branches.tree(page.sections, None),
        contact=branches.contact,
        bars=bars,
        today=page.frame.today,
        most=_MOST_A_DAY,
        impact_look=past.IMPACT_LOOKS,
        impact_word=past.impact_word,
    )


def _headline(page: FrontPage, said: branches.Said) -> Headline:
    name = page.frame.site.name
    well = frame.plain("op", f"Every part of {name} is working")
    if page.problems and not said.affected:
        worst = max((problem.incident for problem in page.problems), key=lambda one: one.impact.severity)
        return frame.plain(past.IMPACT_LOOKS[worst.impact], worst.title, f"{well.title}." if page.sections else "")
    if not page.sections:
        well = frame.plain("unknown", f"No part of {name} is listed yet", "Each will stand here with its state.")
    return branches.headline(page.frame, name, page.sections, said, well)
