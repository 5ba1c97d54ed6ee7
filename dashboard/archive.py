"""Rows of what was over long ago -> a file a month, so that Facts stay small however old the site is."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import months
from dashboard.facts import ComponentFact, IncidentFact, MonthFact
from dashboard.files import write_whole
from dashboard.models import Component, Incident, Outage, Window
from dashboard.months import Month
from dashboard.rows import IS_PUBLIC, WAS_EVER, WINDOW_END, by_id, columns, incidents, made, outages, windows

_UNUSED_FOR = 3600.0  # seconds: so long another process may still show it
_FORM = 2  # of the files; another one names them anew


def keep(session: Session, folder: Path, before: datetime, at: datetime) -> tuple[MonthFact, ...]:
    """Every month that ended by ``before`` and has something in it, the earliest first, each with its file. What was
    over then stays as it was, but for the words of incidents. Raises OSError."""
    first = _first(session)
    if first is None or first >= before:
        return ()
    held = _incidents(session, before)
    facts = [_kept(session, folder, *span, held.get(f"{span[0]:%Y-%m}", [])) for span in _months(first, before)]
    _sweep(folder, {fact.path for fact in facts}, at)
    return tuple(facts)


def _first(session: Session) -> datetime | None:
    """When the first thing ever was over."""
    ends = (Outage.over_at, Incident.over_at, Window.ends_at, Window.gone_at)
    firsts = (sa.select(sa.func.min(column)).scalar_subquery() for column in ends)
    return min((end for end in session.execute(sa.select(*firsts)).one() if end is not None), default=None)


def _incidents(session: Session, before: datetime) -> dict[str, list[tuple[int, int]]]:
    """By month, the id and the version of each."""
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    chosen = sa.select(Incident.id, Incident.version, Incident.over_at).where(IS_PUBLIC, Incident.over_at < before)
    for id, version, over_at in session.execute(chosen.order_by(Incident.id)):
        assert over_at is not None
        found[f"{over_at:%Y-%m}"].append((id, version))
    return found


def _months(first: datetime, before: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The start of each month and of the next."""
    start = first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while start < before:
        following = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        yield start, following
        start = following


def _kept(session: Session, folder: Path, start: datetime, end: datetime, held: list[tuple[int, int]]) -> MonthFact:
    month = f"{start:%Y-%m}"
    digest = hashlib.sha256(repr((_FORM, held)).encode()).hexdigest()[:12]
    path = folder / f"{month}-{digest}.json"
    if not path.exists():
        write_whole({path: months.to_bytes(_read(session, start, end))})
    return MonthFact(month, str(path), tuple(id for id, _ in held))


def _read(session: Session, start: datetime, end: datetime) -> Month:
    """All that was over in ``[start, end)``."""
    in_it = Window.ends_at >= start, start <= WINDOW_END, end > WINDOW_END
    held = incidents(session, sa.and_(Incident.over_at >= start, Incident.over_at < end))
    return Month(
        held,
        outages(session, sa.and_(Outage.over_at >= start, Outage.over_at < end)),
        windows(session, sa.and_(WAS_EVER, *in_it)),
        _struck(session, held),
    )


def _struck(session: Session, held: Iterable[IncidentFact]) -> tuple[ComponentFact, ...]:
    """What the incidents name, also what is archived: as it is when they are put by."""
    ids = {id for incident in held for id in incident.latest.impacts}
    return by_id(made(ComponentFact, session.execute(columns(ComponentFact, Component).where(Component.id.in_(ids)))))


def _sweep(folder: Path, used: set[str], at: datetime) -> None:
    """Files of an earlier state go once nobody can be showing them any more."""
    for path in folder.glob("*.json"):
        with suppress(OSError):
            if str(path) not in used and at.timestamp() - path.stat().st_mtime > _UNUSED_FOR:
                path.unlink()
