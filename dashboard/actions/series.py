"""Planned work that comes again: each time is a window of its own, and the tick adds those that come into sight.

Wall time is kept when the clocks change: the work is at 02:00 in summer and in winter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from dateutil.rrule import rrulestr

from dashboard.actions import window_rows
from dashboard.actions.window_rows import Asked
from dashboard.actions.writing import Refused, Values, Writing, plain
from dashboard.db import db
from dashboard.models import Change, Window, WindowSeries
from dashboard.models.window import OURS
from dashboard.rules.window import settled, still_meant

AHEAD = timedelta(days=180)
MOST = 60  # windows of one series that are to come

CANCEL = "series.cancel"


@dataclass(frozen=True, slots=True)
class Occurrence:
    starts_at: datetime
    ends_at: datetime
    typed_start: str
    typed_end: str


def occurrences(rule: str, zone: str, typed_start: str, typed_end: str) -> Iterator[Occurrence]:
    """From the first on, for ever or until the rule ends. Raises Refused for a rule that means nothing."""
    first, last = datetime.fromisoformat(typed_start), datetime.fromisoformat(typed_end)
    try:
        walls = iter(rrulestr(rule, dtstart=first))
    except (ValueError, TypeError, OverflowError):
        raise Refused("rule", "This rule cannot be read. Write it like FREQ=WEEKLY;BYDAY=SU.") from None
    for wall in walls:
        yield _occurrence(wall, wall + (last - first), ZoneInfo(zone))


def _occurrence(start: datetime, end: datetime, zone: ZoneInfo) -> Occurrence:
    """One that the clocks would leave no time for takes as long as it seems."""
    starts_at, ends_at = settled(start, zone), settled(end, zone)
    if ends_at <= starts_at:
        ends_at = starts_at + (end - start)
    return Occurrence(starts_at, ends_at, f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}")


def in_sight(found: Iterable[Occurrence], at: datetime, most: int = MOST) -> list[Occurrence]:
    """Those that are not over and begin within AHEAD; the first one however far away."""
    seen: list[Occurrence] = []
    for one in found:
        if len(seen) == most or (seen and one.starts_at > at + AHEAD):
            break
        if one.ends_at > at:
            seen.append(one)
    return seen


def first_of(asked: Asked, at: datetime) -> list[Occurrence]:
    """The windows that a plan stands for. What was said of the first one's times stands, where it is the one typed."""
    if not asked.rule:
        return [Occurrence(asked.starts_at, asked.ends_at, asked.typed_start, asked.typed_end)]
    found = in_sight(occurrences(asked.rule, asked.zone, asked.typed_start, asked.typed_end), at)
    if found and found[0].typed_start == asked.typed_start:
        found[0] = Occurrence(asked.starts_at, asked.ends_at, asked.typed_start, asked.typed_end)
    return found


def begin(work: Writing, asked: Asked) -> Change:
    """Within an open transaction: the series and its first windows. Raises Refused when it never comes."""
    found = first_of(asked, work.at)
    if not found:
        raise Refused("rule", "By this rule it never comes again. Change the rule, or when it ends.")
    given = {"rule": asked.rule, "zone": asked.zone, "typed_start": asked.typed_start, "typed_end": asked.typed_end}
    series = WindowSeries(**given, created_at=work.at)
    db.session.add(series)
    db.session.flush()
    for one in found:
        window_rows.add(work, asked, _columns(one, asked.once), series.id)
    after = {**window_rows.told(asked), "rule": asked.rule, "windows": len(found)}
    return work.record("series.plan", f"series-{series.id}", asked.title, None, after)


def _columns(one: Occurrence, once: str) -> Values:
    """By its day one of a series is known, wherever it is moved."""
    times = {name: getattr(one, name) for name in Occurrence.__slots__}
    return {**times, "external_id": f"{once}:{one.typed_start[:10]}"}


def grow(work: Writing) -> None:
    """Within the tick: the windows that have come into sight, each like the one before it."""
    for series in db.session.scalars(sa.select(WindowSeries).where(WindowSeries.ended_at.is_(None))):
        held = list(db.session.scalars(_of(series.id).order_by(Window.external_id)))
        if not held:
            continue
        room = MOST - sum(window.ends_at > work.at for window in held)
        last, once = held[-1].external_id[-10:], held[-1].external_id[:-11]
        found = occurrences(series.rule, series.zone, series.typed_start, series.typed_end)
        later = (one for one in found if one.typed_start[:10] > last)
        new = [one for one in islice(later, max(room, 0)) if one.starts_at <= work.at + AHEAD]
        if new:
            _add_like(work, next((one for one in reversed(held) if one.gone_at is None), held[-1]), new, once)
            after = {"windows": len(new), "until": plain(new[-1].starts_at)}
            work.record("series.grow", f"series-{series.id}", held[-1].title, None, after)


def _add_like(work: Writing, like: Window, new: list[Occurrence], once: str) -> None:
    asked = window_rows.asked_of(like)
    for one in new:
        window_rows.add(work, asked, _columns(one, once), like.series_id)


def following(window: Window, at: datetime) -> list[Window]:
    """Itself and those of its series that come after it, as far as they have not begun."""
    later = _of(window.series_id).where(
        Window.starts_at >= window.starts_at, Window.starts_at > at, Window.gone_at.is_(None)
    )
    return list(db.session.scalars(later.order_by(Window.starts_at)))


def _of(series_id: int | None) -> sa.Select[Window]:
    return sa.select(Window).where(Window.series_id == series_id)


def edit(work: Writing, window: Window, asked: Asked) -> Change | None:
    """Within an open transaction: the same words, things and times of day for it and all that follow."""
    series = db.session.get_one(WindowSeries, window.series_id)
    if asked.typed_start[:10] != window.typed_start[:10]:
        raise Refused("day", "All that follow keep their day of the week. Cancel them and plan anew on another day.")
    start, end = datetime.fromisoformat(asked.typed_start), datetime.fromisoformat(asked.typed_end)
    before: Values = {}
    after: Values = {}
    changed = []
    for one in following(window, work.at):
        wall = datetime.combine(datetime.fromisoformat(one.typed_start).date(), start.time())
        moved = _occurrence(wall, wall + (end - start), ZoneInfo(asked.zone))
        is_first = one.id == window.id
        times = {name: getattr(asked if is_first else moved, name) for name in Occurrence.__slots__}
        differs = window_rows.differing(one, asked, times)
        if differs[1]:
            window_rows.put(one, asked, times, work.at)
            before, after = {**differs[0], **before}, {**differs[1], **after}
            changed.append(one.id)
    if not changed:
        return None
    wall = datetime.combine(datetime.fromisoformat(series.typed_start).date(), start.time())
    series.typed_start, series.typed_end = (f"{t:%Y-%m-%dT%H:%M}" for t in (wall, wall + (end - start)))
    series.zone = asked.zone
    db.session.flush()
    return work.record("series.edit", f"series-{series.id}", asked.title, before, {**after, "windows": changed})


def cancel(work: Writing, window: Window) -> Change | None:
    """Within an open transaction: it and all that follow are called off, and no more of them come."""
    series = db.session.get_one(WindowSeries, window.series_id)
    called_off = following(window, work.at)
    if not called_off:
        return None
    for one in called_off:
        one.gone_at = one.revised_at = work.at
    series.ended_at = work.at
    db.session.flush()
    after = {"ended_at": plain(work.at), "windows": [one.id for one in called_off]}
    return work.record(CANCEL, f"series-{series.id}", window.title, {"ended_at": None}, after)


def restore(work: Writing, change: Change) -> Change | None:
    """Within an open transaction: what a cancellation called off stands again, as far as it is still to come."""
    series = db.session.get_one(WindowSeries, int(change.subject.partition("-")[2]))
    called_off = _of(series.id).where(Window.gone_at == change.at, Window.starts_at > work.at)
    found = list(db.session.scalars(called_off))
    if series.ended_at != change.at or not found:
        raise Refused("", "By now it is over, or was planned anew.")
    for one in found:
        one.gone_at, one.revised_at = None, work.at
    series.ended_at = None
    db.session.flush()
    after = {"windows": [one.id for one in found]}
    return work.record("series.undo", change.subject, change.subject_name, {"ended_at": plain(change.at)}, after)


def follow_clocks(work: Writing) -> None:
    """Within the tick: a zone's rules may have changed since a time was typed; what was typed stands."""
    to_come = Window.source == OURS, Window.gone_at.is_(None), Window.typed_start != "", Window.starts_at > work.at
    for window in db.session.scalars(sa.select(Window).where(*to_come)):
        times = _meant(window)
        if times != (window.starts_at, window.ends_at):
            values = {"starts_at": times[0], "ends_at": times[1]}
            if window.verifying_at:
                values["verifying_at"] = window.verifying_at + (times[1] - window.ends_at)
            window.revised_at = work.at
            work.change(window, values, "window.zone", f"window-{window.id}", window.name)


def _meant(window: Window) -> tuple[datetime, datetime]:
    zone = ZoneInfo(window.zone)
    starts_at = still_meant(datetime.fromisoformat(window.typed_start), zone, window.starts_at)
    if not window.typed_end:
        return starts_at, window.ends_at
    ends_at = still_meant(datetime.fromisoformat(window.typed_end), zone, window.ends_at)
    if ends_at <= starts_at:  # the clocks leave no time for it: as long as it was
        ends_at = starts_at + (window.ends_at - window.starts_at)
    return starts_at, ends_at
