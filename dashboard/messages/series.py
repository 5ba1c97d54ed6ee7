"""What is told of planned work that comes again: once for all of it, by the first time that is meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter

from dashboard.facts import WindowFact
from dashboard.messages.asked import Asked, Past, Told, known
from dashboard.messages.concerned import concerned, spared
from dashboard.messages.said import OfWork
from dashboard.messages.work import News, message, work_of
from dashboard.rules.telling import AHEAD
from dashboard.snapshot import Snapshot

_CANCEL, _EDIT, _UNDO = "series.cancel", "series.edit", "series.undo"
_TIMES = frozenset({"starts_at", "ends_at", "typed_start", "typed_end", "zone"})


def tell(asked: Asked, snapshot: Snapshot, past: Past) -> Told | None:
    facts, before = snapshot.history.facts, known(past, asked.thing, OfWork)
    coming = _of(asked.id, (one for one in facts.windows if one.starts_at > snapshot.at))
    news = _news(asked, before)
    among = _of(asked.id, facts.cancelled) if news is News.OFF else coming
    meant = [one for one in among if one.id in _named(asked)] or among
    if not meant:
        return None
    first = meant[0]
    if (news is News.ANNOUNCED and first.starts_at > snapshot.at + AHEAD) or not (first.tells or news is News.OFF):
        return None
    work, whom = work_of(first, None, asked.repeats, snapshot), concerned(first, before, snapshot)
    if news in (None, News.MOVED) and (told := spared(asked, replace(work, before=before), whom, snapshot, past)):
        return replace(told, has_more=bool(news or whom.more))
    reached = whom.all if news is News.OFF else whom.now  # who knows of it hears that, whatever it is on now
    if news is None and whom.more:
        news, reached = News.ANNOUNCED, whom.more
    if news is None:
        return None
    now = whom.keep(OfWork(snapshot.at, first.starts_at, first.ends_at, is_off=not coming))
    return Told(message(asked, work, news, snapshot), reached, now, is_planned=True)


def _of(series_id: int, windows: Iterable[WindowFact]) -> list[WindowFact]:
    return sorted((one for one in windows if one.series_id == series_id), key=attrgetter("starts_at"))


def _named(asked: Asked) -> set[int]:
    """The windows that the last deed was done to; none where it was done to all."""
    windows = asked.newest.after.get("windows")
    return set(windows) if isinstance(windows, list) else set()


def _news(asked: Asked, before: OfWork | None) -> News | None:
    if before is None or before.is_off:
        return None if asked.newest.kind == _CANCEL else News.ANNOUNCED
    if {_CANCEL, _UNDO} <= asked.kinds:
        return None
    if asked.newest.kind == _CANCEL:
        return News.OFF
    if asked.newest.kind == _UNDO:
        return News.ANNOUNCED
    changed = {name for deed in asked.deeds for name in deed.after}
    return News.MOVED if changed & _TIMES else None
