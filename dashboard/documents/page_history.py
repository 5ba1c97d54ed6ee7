"""What was, month by month: a calendar, and the list of incidents, outages and planned work that were over in it.

A month of long ago is made of its file alone, so its pages are the same for ever.
"""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from dashboard import months
from dashboard.documents import frame, html, past
from dashboard.documents.frame import Frame
from dashboard.documents.past import DayOver, Over
from dashboard.history import over_at
from dashboard.snapshot import Snapshot

PAGE = 100  # of what is listed
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a month ("2026-11") and the months beside it, "" where there is none. ``all``: every month there is,
    on the page that begins the history."""

    month: str
    number: int
    earlier: str
    later: str
    all: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthPage:
    """``open``: the incidents that go on, on the pages of the month that does."""

    frame: Frame
    place: Place
    items: tuple[Over, ...]
    open: tuple[Over, ...] = ()


@dataclass(frozen=True, slots=True)
class OldMonthPage:
    frame: Frame
    place: Place
    path: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar; ``worst`` is "" where nothing was. ``href``: where it stands in the list."""

    day: date
    worst: str
    href: str


def newest(snapshot: Snapshot) -> Iterable[tuple[str, MonthPage]]:
    """The page that begins the history: the month that goes on."""
    *_, last = _recent(snapshot)
    month, items = last
    every = tuple(_every(snapshot))
    earlier = every[-2] if len(every) > 1 else ""
    place = Place(month, 1, earlier, "", every[::-1])
    yield "/history/", MonthPage(frame.still(snapshot), place, items, _open(snapshot))


def by_month(snapshot: Snapshot) -> Iterable[tuple[str, MonthPage | OldMonthPage]]:
    around, every = frame.still(snapshot), list(_every(snapshot))
    beside = dict(zip(every, zip(["", *every], [*every[1:], ""], strict=False), strict=False))
    for old in snapshot.history.facts.months:
        for number in _pages(old.count):
            yield _path(old.month, number), OldMonthPage(around, Place(old.month, number, *beside[old.month]), old.path)
    for month, items in _recent(snapshot):
        for number in _pages(len(items)):
            going_on = _open(snapshot) if month == every[-1] else ()
            yield _path(month, number), MonthPage(around, Place(month, number, *beside[month]), items, going_on)


def _open(snapshot: Snapshot) -> tuple[Over, ...]:
    return tuple(past.told((one for one in snapshot.incidents if one.is_open), past.teller(snapshot)))


def _pages(count: int) -> range:
    return range(1, max(1, -(-count // PAGE)) + 1)


def _path(month: str, number: int) -> str:
    return f"/history/{month}/" if number == 1 else f"/history/{month}/{number}/"


def _every(snapshot: Snapshot) -> Iterator[str]:
    yield from (old.month for old in snapshot.history.facts.months)
    yield from _since(snapshot)


def _since(snapshot: Snapshot) -> Iterator[str]:
    """The months that are in no file, until the one that goes on."""
    history = snapshot.history
    if history.facts.months:
        year, month = _following(*map(int, history.facts.months[-1].month.split("-")))
    else:
        first = min((over_at(item) for item in history.recent), default=snapshot.at).astimezone(snapshot.zone)
        year, month = first.year, first.month
    while (year, month) <= (snapshot.today.year, snapshot.today.month):
        yield f"{year}-{month:02}"
        year, month = _following(year, month)


def _following(year: int, month: int) -> tuple[int, int]:
    return year + month // 12, month % 12 + 1


def _recent(snapshot: Snapshot) -> Iterator[tuple[str, tuple[Over, ...]]]:
    tell = past.teller(snapshot)
    for name in _since(snapshot):
        year, month = map(int, name.split("-"))
        start, end = (datetime(*found, 1, tzinfo=snapshot.zone) for found in ((year, month), _following(year, month)))
        found = snapshot.history.over(start.astimezone(UTC), end.astimezone(UTC))
        yield name, _in_order(past.told(found, tell))


def _in_order(items: Iterable[Over]) -> tuple[Over, ...]:
    """As they are listed: what was over last first."""
    return tuple(sorted(items, key=lambda item: (item.end or item.start, item.start, item.path), reverse=True))


def _from_its_file(subject: OldMonthPage) -> MonthPage:
    month = months.load(subject.path)
    tell = past.told_by(month.section_names, {component.id: component.name for component in month.components})
    return MonthPage(subject.frame, subject.place, _in_order(past.told(month.items, tell)))


def render(subject: MonthPage | OldMonthPage) -> bytes:
    """Raises OSError when a month's file is gone."""
    page = _from_its_file(subject) if isinstance(subject, OldMonthPage) else subject
    place, zone = page.place, page.frame.telling.zone
    first = date.fromisoformat(f"{place.month}-01")
    days = past.by_day(page.items, zone)
    listed = page.items[(place.number - 1) * PAGE : place.number * PAGE]
    count = len(_pages(len(page.items)))
    about = f"{len(page.items)} in all, page {place.number} of {count}" if count > 1 else ""
    return html.render(
        "public/history.html",
        root="../" if place.all else "../../" if place.number == 1 else "../../../",
        frame=page.frame,
        tell=page.frame.telling,
        head=frame.plain("unknown", f"What was in {first:%B %Y}", about),
        place=place,
        first=first,
        week=_WEEK,
        weeks=_weeks(first, days, page),
        open=page.open,
        days=past.by_day(listed, zone),
        pages=[(number, _path(place.month, number).lstrip("/")) for number in range(1, count + 1)],
        years=_years(place.all),
        look_word=past.LOOK_WORDS,
    )


def _weeks(first: date, days: Iterable[DayOver], page: MonthPage) -> list[list[Cell | None]]:
    """Weeks of seven days, Monday first; None is a day of another month."""
    by_day = {day.day: day for day in days}
    on_page: dict[date, int] = {}
    for place, item in enumerate(page.items):
        on_page.setdefault((item.end or item.start).astimezone(page.frame.telling.zone).date(), 1 + place // PAGE)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    return [
        [
            _cell(day, by_day.get(day), page.place, on_page.get(day, 1)) if day.month == first.month else None
            for day in week
        ]
        for week in weeks
    ]


def _cell(day: date, over: DayOver | None, place: Place, number: int) -> Cell:
    if over is None:
        return Cell(day, "", "")
    here = number == place.number
    return Cell(day, over.worst, f"{'' if here else _path(place.month, number)}#day-{day}")


def _years(all: Iterable[str]) -> list[tuple[str, list[tuple[str, date]]]]:
    """Every month by its year, the newest first."""
    found: dict[str, list[tuple[str, date]]] = {}
    for month in all:
        found.setdefault(month[:4], []).append((month, date.fromisoformat(f"{month}-01")))
    return list(found.items())
