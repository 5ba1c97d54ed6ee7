"""Rows of what was over long ago -> a file a month, so that Facts stay small however old the site is."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import months
from dashboard.facts import ComponentFact, MonthFact
from dashboard.files import write_whole
from dashboard.models import Component, Incident, Outage, Section, Window
from dashboard.months import Month
from dashboard.rows import IS_PUBLIC, WAS_EVER, WINDOW_END, by_id, columns, incidents, made, outages, windows

_UNUSED_FOR = 3600.0  # seconds: so long another process may still show it
_FORM = 3  # of the files; another one names them anew


def keep(session: Session, folder: Path, before: datetime, at: datetime, zone: ZoneInfo) -> tuple[MonthFact, ...]:
    """Every month that ended by ``before``, from the first in which something was over, each with its file. What was
    over then stays as it was, but for the words of incidents. What comes out after ``at`` is not in it. Raises
    OSError."""
    first = _first(session)
    if first is None or first >= before:
        return ()
    held = _incidents(session, before, at, zone)
    known = {path.name.rpartition("-")[0]: path for path in folder.glob("*.json")}
    facts = []
    for name, start, end in _months(first.astimezone(zone), before, zone):
        named = f"{name}-{_digest(zone, held.get(name, []))}"
        path = known.get(named) or _kept(session, folder / named, start, end, at)
        ids = tuple(id for id, _ in held.get(name, ()))
        facts.append(MonthFact(name, str(path), ids, int(path.stem.rpartition("-")[2])))
    _sweep(folder, {fact.path for fact in facts}, at)
    return tuple(facts)


def _first(session: Session) -> datetime | None:
    """When the first thing ever was over."""
    ends = (Outage.over_at, Incident.over_at, Window.ends_at, Window.gone_at)
    firsts = (sa.select(sa.func.min(column)).scalar_subquery() for column in ends)
    return min((end for end in session.execute(sa.select(*firsts)).one() if end is not None), default=None)


def _incidents(session: Session, before: datetime, at: datetime, zone: ZoneInfo) -> dict[str, list[tuple[int, int]]]:
    """By month, the id and the version of each."""
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    here = IS_PUBLIC, Incident.published_at <= at, Incident.over_at < before
    chosen = sa.select(Incident.id, Incident.version, Incident.over_at).where(*here)
    for id, version, over_at in session.execute(chosen.order_by(Incident.id)):
        assert over_at is not None
        found[f"{over_at.astimezone(zone):%Y-%m}"].append((id, version))
    return found


def _months(first: datetime, before: datetime, zone: ZoneInfo) -> Iterator[tuple[str, datetime, datetime]]:
    """Each with its start and the next one's."""
    start = datetime(first.year, first.month, 1, tzinfo=zone)
    while start.astimezone(UTC) < before:
        following = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        yield f"{start:%Y-%m}", start.astimezone(UTC), following.astimezone(UTC)
        start = following


def _digest(zone: ZoneInfo, held: list[tuple[int, int]]) -> str:
    return hashlib.sha256(repr((_FORM, zone.key, held)).encode()).hexdigest()[:12]


def _kept(session: Session, place: Path, start: datetime, end: datetime, at: datetime) -> Path:
    """Its file, whose name ends in how much is in it."""
    month = _read(session, start, end, at)
    path = place.with_name(f"{place.name}-{len(month.items)}.json")
    write_whole({path: months.to_bytes(month)})
    return path


def _read(session: Session, start: datetime, end: datetime, at: datetime) -> Month:
    """All that was over in ``[start, end)``, with what it names, also where that is archived: as it is now."""
    in_it = Window.ends_at >= start, start <= WINDOW_END, end > WINDOW_END
    here = Incident.published_at <= at, Incident.over_at >= start, Incident.over_at < end
    held = incidents(session, sa.and_(*here))
    off = outages(session, sa.and_(Outage.over_at >= start, Outage.over_at < end))
    work = windows(session, sa.and_(WAS_EVER, *in_it))
    component_ids = {
        *(id for incident in held for id in incident.latest.impacts),
        *(id for window in work for id in window.component_ids),
    }
    section_ids = {
        *(outage.section_id for outage in off),
        *(touch.section_id for incident in held for touch in incident.touches),
        *(touch.section_id for window in work for touch in window.touches),
    }
    return Month(held, off, work, _components(session, component_ids), _section_names(session, section_ids))


def _components(session: Session, ids: Collection[int]) -> tuple[ComponentFact, ...]:
    return by_id(made(ComponentFact, session.execute(columns(ComponentFact, Component).where(Component.id.in_(ids)))))


def _section_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    return {id: name for id, name in session.execute(sa.select(Section.id, Section.name)) if id in ids}


def _sweep(folder: Path, used: set[str], at: datetime) -> None:
    """Files of an earlier state go once nobody can be showing them any more."""
    for path in folder.glob("*.json"):
        with suppress(OSError):
            if str(path) not in used and at.timestamp() - path.stat().st_mtime > _UNUSED_FOR:
                path.unlink()
