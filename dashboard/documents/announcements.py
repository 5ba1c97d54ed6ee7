"""What is new and is no incident: a page of its own, a page for each, and a feed. Never among what is broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dashboard.documents import feed, html
from dashboard.documents.entries import day_words
from dashboard.documents.feed import Entry
from dashboard.documents.frame import Frame, plain, still
from dashboard.facts import AnnouncementFact, SiteFact
from dashboard.rules.text import clean_line, is_link
from dashboard.snapshot import Snapshot

PAGE = 20
_PATH = "/announcements/"
_EMPTY = "There is nothing new at the moment."


@dataclass(frozen=True, slots=True)
class Page:
    """One of so many pages, or with ``is_one`` the page of a single announcement."""

    frame: Frame
    announcements: tuple[AnnouncementFact, ...]
    number: int = 1
    pages: int = 1
    is_one: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    site: SiteFact
    announcements: tuple[AnnouncementFact, ...]


def front(snapshot: Snapshot) -> Iterable[tuple[str, Page]]:
    yield _PATH, _pages(snapshot)[0]


def older(snapshot: Snapshot) -> Iterable[tuple[str, Page]]:
    for page in _pages(snapshot)[1:]:
        yield f"{_PATH}page/{page.number}/", page


def each(snapshot: Snapshot) -> Iterable[tuple[str, Page]]:
    for one in snapshot.announcements:
        yield f"{_PATH}{one.id}/", Page(_frame(snapshot, (one,)), (one,), is_one=True)


def atom(snapshot: Snapshot) -> Iterable[tuple[str, Feed]]:
    yield "/announcements.atom", Feed(snapshot.site, snapshot.announcements[: feed.MOST])


def render(page: Page) -> bytes:
    name = page.frame.site.name
    heading = page.announcements[0].title if page.is_one else f"What is new at {name}"
    above = 1 + page.is_one if page.number == 1 else 3
    return html.render(
        "public/announcements.html",
        root="../" * above,
        page=page,
        frame=page.frame,
        tell=page.frame.telling,
        head=plain("op", heading, "" if page.announcements else _EMPTY),
        paragraphs=feed.paragraphs,
        edited=lambda one: _edited(page.frame, one),
    )


def render_atom(told: Feed) -> bytes:
    title = f"{clean_line(told.site.name)} announcements"
    entries = [_entry(told.site, one) for one in told.announcements]
    return feed.as_atom(told.site, "announcements", title, _PATH, entries)


def _pages(snapshot: Snapshot) -> list[Page]:
    """The newest first; one that is empty where there is nothing."""
    found = snapshot.announcements
    parts = [found[start : start + PAGE] for start in range(0, len(found), PAGE)] or [()]
    return [Page(_frame(snapshot, part), part, number, len(parts)) for number, part in enumerate(parts, 1)]


def _frame(snapshot: Snapshot, told: Iterable[AnnouncementFact]) -> Frame:
    """With this day as long as something is told that was edited on it: a page of older things stays as it is."""
    edited = (one.edited_at.astimezone(snapshot.zone).date() for one in told if one.edited_at)
    return replace(still(snapshot), today=snapshot.today if snapshot.today in edited else None)


def _edited(frame: Frame, one: AnnouncementFact) -> str:
    """ "Edited 14:20" on that day, and with the day later on; "" if it was not."""
    if one.edited_at is None:
        return ""
    local = one.edited_at.astimezone(ZoneInfo(frame.site.zone))
    return f"Edited {local:%H:%M}" if local.date() == frame.today else f"Edited {_day(local.date())}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _entry(site: SiteFact, one: AnnouncementFact) -> Entry:
    content = [feed.paragraphs(one.body)]
    if is_link(one.link_url):
        content.append(Markup('<p><a href="{}">{}</a></p>').format(one.link_url, one.link_label or one.link_url))
    if one.edited_at:
        content.append(Markup("<p>Edited {}</p>").format(day_words(one.edited_at, ZoneInfo(site.zone))))
    return Entry(
        id=feed.tag(site, f"announcement-{one.id}"),
        title=clean_line(one.title),
        url=f"{site.url}{_PATH}{one.id}/",
        kind="announcement",
        published=one.published_at,
        updated=one.edited_at or one.published_at,
        content=Markup().join(content),
    )
