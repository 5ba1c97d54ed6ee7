"""What every public page has around it: the site, the day, what is stale, its style sheet and its script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from dashboard.documents import assets
from dashboard.documents.html import LOOKS, Telling
from dashboard.facts import SiteFact
from dashboard.snapshot import SectionNow, Snapshot


@dataclass(frozen=True, slots=True)
class Stale:
    """A source that has not been heard from for too long: since ``checked_at``, or never."""

    name: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Frame:
    """``today`` is None when the page tells no time, or all of them with their year. Without a script it does not keep
    itself up to date."""

    site: SiteFact
    today: date | None
    stale: tuple[Stale, ...]
    style: str
    script: str

    @property
    def telling(self) -> Telling:
        return Telling(self.today or date.min, ZoneInfo(self.site.zone))


@dataclass(frozen=True, slots=True)
class Headline:
    """The page's h1 and title, the look of its icons, and the sentence below."""

    look: str
    title: str
    marked: Markup
    rest: str = ""


def live(snapshot: Snapshot, tells: bool = True) -> Frame:
    """Of a page that tells how things are; ``tells``: does it tell a time?"""
    stale = tuple(Stale(source.name, source.checked_at) for source in snapshot.sources if source.stale)
    today = snapshot.today if tells or stale else None
    return Frame(snapshot.site, today, stale, _style(snapshot), assets.script_path().lstrip("/"))


def still(snapshot: Snapshot) -> Frame:
    """Of a page that tells what was: the same on every day."""
    return Frame(snapshot.site, None, (), _style(snapshot), "")


def _style(snapshot: Snapshot) -> str:
    return assets.style_path(snapshot.theme).lstrip("/")


def plain(look: str, title: str, rest: str = "") -> Headline:
    return Headline(look, title, escape(title), rest)


def of_notice(frame: Frame, section: SectionNow, rest: str = "") -> Headline:
    notice, tell = section.notices[0], frame.telling
    title, marked = tell.plain(notice.title, notice), tell.marked(notice.title, notice)
    return Headline(LOOKS[section.state], title, marked, rest)
