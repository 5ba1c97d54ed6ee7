"""What is told of planned work: how it stands against what was said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dashboard.facts import WindowFact
from dashboard.messages.asked import Asked, Past, Told, known
from dashboard.messages.concerned import concerned, spared
from dashboard.messages.said import OfWork
from dashboard.messages.work import News, message, work_of
from dashboard.rules.state import State
from dashboard.rules.telling import AHEAD, REMINDED, Reach
from dashboard.snapshot import SectionNow, Snapshot

_REMIND, _BEGINS = "window.remind", frozenset({"window.begin", "window.start"})
_OVERRULES = frozenset({"overrule.start", "overrule.end", "overrule.undo"})


def tell(asked: Asked, snapshot: Snapshot, past: Past) -> Told | None:
    """None where it stands as it was told, nobody is told of it, or it is on nothing that is there."""
    facts = snapshot.history.facts
    window = next((one for one in (*facts.windows, *facts.ended_windows, *facts.cancelled) if one.id == asked.id), None)
    if window is None:
        return None
    before, is_off = _before(asked, window, past), window in facts.cancelled
    whom, work = concerned(window, before, snapshot), work_of(window, before, "", snapshot)
    is_kept_open = asked.kinds <= _OVERRULES  # in spite of it: then nothing else about it is news
    news = None if is_kept_open else _news(asked, window, before, is_off, snapshot.at)
    is_known = before is not None and (before.has_begun or before.reminded is not None)
    is_told = (window.tells or is_known) and window.ends_at > snapshot.at and not is_off
    goes_first = is_told and news in (None, News.MOVED)
    if goes_first and (told := spared(asked, work, whom, snapshot, past)):
        return replace(told, has_more=bool(news or whom.more))
    reached = whom.all if news is News.OFF else whom.now  # who knows of it hears that, whatever it is on now
    if news is None and is_told and whom.more:
        news, reached = _of_more(window, whom.more, snapshot), whom.more
    if news is None or not reached:
        return None
    now = whom.keep(_now(window, news, before, snapshot.at))
    has_more = is_told and bool(whom.less)
    return Told(message(asked, work, news, snapshot), reached, now, is_planned=True, has_more=has_more)


def _of_more(window: WindowFact, more: Reach, snapshot: Snapshot) -> News | None:
    """That work on a system goes on is no news, that it alone takes a section off is."""
    if window.starts_at > snapshot.at:
        return News.ANNOUNCED
    down = (one for one in snapshot.sections if one.id in more.sections and one.state is State.DOWN)
    return News.BEGUN if any(_is_by(window, one) for one in down) else None


def _is_by(window: WindowFact, section: SectionNow) -> bool:
    return all(cause.ref == window.ref for cause in section.now.causes if cause.state is State.DOWN)


def _before(asked: Asked, window: WindowFact, past: Past) -> OfWork | None:
    """What was said of it, or of all of its series: then its times were as they are before these deeds."""
    own, series = known(past, asked.thing, OfWork), known(past, f"series-{window.series_id}", OfWork)
    if series is None or series.is_off or (own and own.at >= series.at):
        return own
    start, end = _was(asked, "starts_at", window.starts_at), _was(asked, "ends_at", window.ends_at)
    if own is None:
        return OfWork(series.at, start, end, reach=series.reach, struck=series.struck)
    reach = own.reach.with_(series.reach) if own.reach and series.reach else own.reach or series.reach
    struck = tuple({*own.struck, *series.struck})
    return replace(own, at=series.at, start=start, end=end, reach=reach, struck=struck)


def _was(asked: Asked, name: str, now: datetime) -> datetime:
    found = next((str(deed.before[name]) for deed in asked.deeds if name in deed.before), "")
    return datetime.fromisoformat(found) if found else now


def _now(window: WindowFact, news: News, before: OfWork | None, t: datetime) -> OfWork:
    reminded = window.starts_at if news is News.SOON else before.reminded if before else None
    at = max(t, before.at) if before else t
    now = OfWork(at, window.starts_at, window.ends_at, window.starts_at <= t, reminded=reminded)
    return replace(now, is_over=news is News.OVER, is_off=news is News.OFF)


def _news(asked: Asked, window: WindowFact, before: OfWork | None, is_off: bool, t: datetime) -> News | None:
    said = before if before and not before.is_off else None
    if is_off:
        return News.OFF if said and not said.is_over else None
    if window.ends_at <= t:
        return _of_over(window, said)
    if window.starts_at <= t:
        return _of_begun(asked, window, said)
    return _of_coming(asked, window, said, t)


def _of_over(window: WindowFact, said: OfWork | None) -> News | None:
    """Of one that ended sooner than was said people are told, for they would wait."""
    if said and said.is_over:
        return None
    ended_early = said is not None and window.ends_at < said.end
    return News.OVER if window.tells_end or ended_early else None


def _of_begun(asked: Asked, window: WindowFact, said: OfWork | None) -> News | None:
    if said and said.has_begun:
        return News.ANOTHER_END if window.tells and window.ends_at != said.end else None
    starts = window.tells_start and (said is None or asked.kinds & _BEGINS)
    late_word = _REMIND in asked.kinds or (window.tells and asked.kinds - _BEGINS and said is None)
    if starts or late_word or (said and window.tells and window.starts_at < said.start):
        return News.BEGUN
    return News.ANOTHER_END if said and window.tells and window.ends_at != said.end else None


def _of_coming(asked: Asked, window: WindowFact, said: OfWork | None, t: datetime) -> News | None:
    """A reminder says all that is new too; it is one for each start. What begins within the hour by a change is told by
    the news of that, or by a reminder where there is none."""
    is_soon = _REMIND in asked.kinds or (window.reminds and not window.tells and window.starts_at <= t + REMINDED)
    if is_soon and (said is None or said.reminded != window.starts_at):
        return News.SOON
    if not window.tells:
        return None
    if said is None:
        return News.ANNOUNCED if window.starts_at <= t + AHEAD else None
    return News.MOVED if (said.start, said.end) != (window.starts_at, window.ends_at) else None
