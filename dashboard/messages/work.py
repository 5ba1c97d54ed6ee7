"""The words on planned work: announced, moved, called off, soon to begin, begun, over. Of one, or of a series."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from dashboard.channels.message import Link, Message
from dashboard.documents import entries
from dashboard.documents.entries import WORK_WORDS
from dashboard.documents.page_planned import Effects
from dashboard.facts import WindowFact
from dashboard.messages import bodies, phrases
from dashboard.messages.asked import Asked
from dashboard.messages.said import OfWork
from dashboard.rules import wording
from dashboard.rules.state import State
from dashboard.rules.window import Stage
from dashboard.snapshot import Snapshot

NOT_ON_IT = "We changed the planned work: this is no longer part of it."
NOT_DONE = "This work will not be done at this time."
LONGER = "It takes longer than we said before."
SOONER = "It ends sooner than we said before."
GOES_ON = "It goes on until {until}."
AGAIN = "It comes again {often}."
AND_AGAIN = "It comes again, as the page of planned work says."
ALL_OFF = "What was to follow is called off too."


class News(Enum):
    ANNOUNCED = auto()
    MOVED = auto()
    SOON = auto()
    BEGUN = auto()
    ANOTHER_END = auto()
    OVER = auto()
    SPARED = auto()  # a part of what it was to be on
    OFF = auto()


_COMING = (News.ANNOUNCED, News.MOVED, News.SOON)
_PREFIX = {News.MOVED: "New time: ", News.SOON: "Reminder: "}


@dataclass(frozen=True, slots=True)
class Work:
    """``off`` and ``slow``: names of the sections that it takes off or slows down. ``before``: what was last said.
    ``spared``: what to call those that it is not on any more."""

    window: WindowFact
    name: str
    off: tuple[str, ...]
    slow: tuple[str, ...]
    before: OfWork | None
    repeats: str = ""
    spared: str = ""


def work_of(window: WindowFact, before: OfWork | None, repeats: str, snapshot: Snapshot) -> Work:
    names = {one.id: one.name for one in snapshot.sections}, {one.id: one.name for one in snapshot.components}
    return Work(window, entries.work_name(window, *names), *Effects(snapshot).of(window), before, repeats)


def message(asked: Asked, work: Work, news: News, snapshot: Snapshot) -> Message:
    window, before = work.window, work.before
    told_of = before if news in (News.OFF, News.SPARED) and before else None  # the times that readers know
    return Message(
        kind=asked.newest.kind,
        thing=asked.thing,
        look=_look(work, news),
        title=_title(work, news, snapshot),
        lines=tuple(filter(None, _lines(work, news, snapshot))),
        link=Link("Planned work", f"{snapshot.site.url}/planned/#{window.ref}"),
        at=asked.newest.at,
        start=told_of.start if told_of else window.starts_at,
        end=told_of.end if told_of else window.ends_at,
        wire=bodies.of_work(snapshot, window, is_off=news is News.OFF),
    )


def _look(work: Work, news: News) -> str:
    if news is News.OVER:
        return "op"
    if news in (News.BEGUN, News.ANOTHER_END):
        return "major" if work.off else "degraded" if work.slow else "maint"
    return "maint"


def _title(work: Work, news: News, snapshot: Snapshot) -> str:
    if news is News.OFF:
        return f"Called off: {_lower(work.name)}, {{from}} to {{until}}"
    if news is News.SPARED:
        return work.spared
    if news is News.OVER:
        return _over(work, snapshot)
    if news in _COMING:
        return _PREFIX.get(news, "") + _coming(work)
    if work.off:
        return phrases.of_several(wording.TITLE_DOWN, work.off)
    if work.slow:
        return phrases.of_several(wording.TITLE_DEGRADED, work.slow)
    return f"{work.name} has begun" if news is News.BEGUN else f"{work.name} goes on until {{until}}"


def _coming(work: Work) -> str:
    if work.off:
        return phrases.of_several(wording.TITLE_SOON, work.off)
    if work.slow:
        return phrases.of_several(wording.TITLE_DEGRADED_SOON, work.slow)
    return f"{work.name}, {{from}} to {{until}}"


def _over(work: Work, snapshot: Snapshot) -> str:
    """What is off for another reason does not work again."""
    names = work.off or work.slow
    states = {section.name: section.state for section in snapshot.sections}
    works = all(states.get(name) in (State.OK, State.APPROACHING) for name in names)
    return phrases.of_several(wording.TITLE_BACK, names) if names and works else f"{work.name} is over"


def _lower(name: str) -> str:
    """ "Planned work on …" within a sentence."""
    return name[:1].lower() + name[1:]


def _lines(work: Work, news: News, snapshot: Snapshot) -> list[str]:
    if news is News.OFF:
        return [NOT_DONE, ALL_OFF if work.repeats else ""]
    if news is News.SPARED:
        return [NOT_ON_IT if work.window.starts_at > snapshot.at else ""]
    if news is News.OVER:
        return [WORK_WORDS[Stage.COMPLETED]]
    return [
        _differs(work, news, snapshot),
        work.window.message or _of_section(work, snapshot, "message"),
        "" if work.off or news in _COMING else GOES_ON,
        f"{phrases.listed(work.slow)} may be slow." if work.off and work.slow else "",
        _of_section(work, snapshot, "alternative") if work.off else "",
        _again(work.repeats),
    ]


def _differs(work: Work, news: News, snapshot: Snapshot) -> str:
    """From what was said before."""
    before, window = work.before, work.window
    if before is None or news not in (News.MOVED, News.ANOTHER_END):
        return ""
    if news is News.ANOTHER_END:
        return LONGER if before.end < window.ends_at else SOONER
    if (before.start, before.end) == (window.starts_at, window.ends_at):
        return ""
    return f"Before, it was planned for {entries.span_words(before.start, before.end, snapshot.zone)}."


def _of_section(work: Work, snapshot: Snapshot, name: str) -> str:
    """What is ready to be said of the one section that it strikes."""
    struck = work.off or work.slow
    sections = {section.name: section for section in snapshot.history.facts.sections}
    return str(getattr(sections[struck[0]], name)) if len(struck) == 1 else ""


def _again(repeats: str) -> str:
    """A rule of somebody's own has no words."""
    if not repeats:
        return ""
    return AND_AGAIN if "=" in repeats else wording.filled(AGAIN, often=repeats)
