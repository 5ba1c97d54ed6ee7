"""Planned work as staff see it: what is under way, what comes by day, what is past by page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

import sqlalchemy as sa

from dashboard.actions.planning import stage_of
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Component, Section, Window, WindowComponent, WindowSection, WindowSeries
from dashboard.rules import mistypes, recurrence
from dashboard.rules import window as rules
from dashboard.rules.mistypes import Doubt
from dashboard.rules.window import Stage

FIRST = 60  # windows to come that are shown before somebody asks for all
OF_SERIES = 3  # of each that comes again
PAGE = 20  # of the past
STAGE_WORDS = {
    Stage.SCHEDULED: "Planned",
    Stage.IN_PROGRESS: "Under way",
    Stage.VERIFYING: "Being checked",
    Stage.COMPLETED: "Over",
    Stage.CANCELLED: "Called off",
}

_ORDER = (Window.starts_at, Window.id)
Named = TypeVar("Named", Component, Section)


@dataclass(frozen=True, slots=True)
class Row:
    """``moved`` is the wall time at which it is, where the one that was typed does not exist that day."""

    window: Window
    stage: Stage
    components: tuple[Component, ...]
    sections: tuple[tuple[Section, str], ...]
    rule: str  # how it comes again, in words
    doubts: tuple[Doubt, ...]
    moved: datetime | None
    later: int = 0  # how often it comes again after this one, which is not shown
    last: date | None = None  # on which it comes for the last time

    @property
    def ends_at(self) -> datetime:
        gone = self.window.gone_at
        return gone if gone and self.stage is Stage.COMPLETED else self.window.ends_at

    @property
    def is_open(self) -> bool:
        return self.stage in (Stage.SCHEDULED, Stage.IN_PROGRESS, Stage.VERIFYING)

    @property
    def is_under_way(self) -> bool:
        return self.stage in (Stage.IN_PROGRESS, Stage.VERIFYING)


@dataclass(frozen=True, slots=True)
class Calendar:
    under_way: tuple[Row, ...]
    days: dict[date, list[Row]]  # by the day on which it begins, in the page's zone
    more: int  # to come, and not shown
    past: tuple[Row, ...]
    page: int
    has_older: bool


def calendar(at: datetime, page: int, every: bool) -> Calendar:
    is_open = sa.and_(Window.gone_at.is_(None), Window.ends_at > at)
    number = db.session.scalar(sa.select(sa.func.count()).select_from(Window).where(is_open)) or 0
    shown, folded = _coming(is_open, every)
    older = sa.select(Window).where(sa.not_(is_open)).order_by(Window.starts_at.desc(), Window.id.desc())
    past = db.session.scalars(older.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    rows = rows_of([*shown, *past[:PAGE]], at)
    open_rows, past_rows = rows[: len(shown)], rows[len(shown) :]
    for place, (later, last) in folded.items():
        open_rows[place] = replace(open_rows[place], later=later, last=_day(last))
    return Calendar(
        under_way=tuple(row for row in open_rows if row.is_under_way),
        days=_by_day(row for row in open_rows if not row.is_under_way),
        more=number - len(shown) - sum(row.later for row in open_rows),
        past=tuple(past_rows),
        page=page,
        has_older=len(past) > PAGE,
    )


def _coming(is_open: sa.ColumnElement[bool], every: bool) -> tuple[list[Window], dict[int, tuple[int, datetime]]]:
    """The windows to come; and, by the place of the last that is shown of a series, how many more there are of it and
    when the last of all begins."""
    if every:
        return list(db.session.scalars(sa.select(Window).where(is_open).order_by(*_ORDER))), {}
    series = sa.func.coalesce(Window.series_id, -Window.id)
    ranked = (
        sa.select(
            Window.id,
            sa.func.row_number().over(partition_by=series, order_by=_ORDER).label("place"),
            sa.func.count().over(partition_by=series).label("number"),
            sa.func.max(Window.starts_at).over(partition_by=series).label("last"),
        )
        .where(is_open)
        .subquery()
    )
    shown = sa.select(Window, ranked.c.place, ranked.c.number, ranked.c.last).join(ranked, ranked.c.id == Window.id)
    found = db.session.execute(shown.where(ranked.c.place <= OF_SERIES).order_by(*_ORDER).limit(FIRST)).all()
    folded = {
        at: (number - OF_SERIES, last)
        for at, (_, place, number, last) in enumerate(found)
        if place == OF_SERIES and number > OF_SERIES
    }
    return [window for window, *_ in found], folded


def _by_day(rows: Iterable[Row]) -> dict[date, list[Row]]:
    days: defaultdict[date, list[Row]] = defaultdict(list)
    for row in rows:
        days[_day(row.window.starts_at)].append(row)
    return dict(days)


def _day(at: datetime) -> date:
    return at.astimezone(settings().time_zone).date()


def rows_of(windows: Sequence[Window], at: datetime) -> list[Row]:
    """With the names of all that they are on, in a constant number of queries."""
    ids = [window.id for window in windows]
    on = sa.select(WindowComponent.window_id, Component).join(Component).where(WindowComponent.window_id.in_(ids))
    touched = sa.select(WindowSection.window_id, WindowSection.effect, Section).join(Section)
    components: defaultdict[int, list[Component]] = defaultdict(list)
    for window_id, component in db.session.execute(on.order_by(Component.name)):
        components[window_id].append(component)
    sections: defaultdict[int, list[tuple[Section, str]]] = defaultdict(list)
    for window_id, effect, section in db.session.execute(
        touched.where(WindowSection.window_id.in_(ids)).order_by(Section.name)
    ):
        sections[window_id].append((section, effect))
    series = sa.select(WindowSeries.id, WindowSeries.rule)
    chosen = series.where(WindowSeries.id.in_({window.series_id for window in windows if window.series_id}))
    rules_of = {id: recurrence.words(rule) for id, rule in db.session.execute(chosen)}
    return [
        Row(
            window=window,
            stage=stage_of(window, at),
            components=tuple(components[window.id]),
            sections=tuple(sections[window.id]),
            rule=rules_of.get(window.series_id or 0, ""),
            doubts=doubts_of(window, at),
            moved=rules.moved_to(window.typed_start, window.zone, window.starts_at) if window.zone else None,
        )
        for window in windows
    ]


def doubts_of(window: Window, at: datetime) -> tuple[Doubt, ...]:
    """Of PagerDuty's that are not over: here a plan is looked at while it is made."""
    if window.is_ours or window.gone_at is not None or window.ends_at <= at:
        return ()
    return mistypes.doubts(window.starts_at, window.ends_at, window.created_at, settings().time_zone)
