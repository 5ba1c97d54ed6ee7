"""What a front end reads: ``/embed/v1/status.json``, one section's JSON, and its fragment for server-side includes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from dashboard.documents import html
from dashboard.facts import SiteFact
from dashboard.rules import wording
from dashboard.rules.state import State
from dashboard.snapshot import Notice, SectionNow, Snapshot, SourceNow

TTL = 15  # seconds after which a reader should ask again
STRINGS = {
    "hide": "Hide",
    "others": "{n} other problems",
    "other": "1 other problem",
    "restored": wording.TITLE_BACK,
}


@dataclass(frozen=True, slots=True)
class Banner:
    """``revision`` None: the document names its own contents, so that it changes only when they do."""

    revision: int | None
    site: SiteFact
    sources: tuple[SourceNow, ...]
    sections: tuple[SectionNow, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    section: SectionNow
    site: SiteFact
    today: date | None  # None when no time is told


def all_sections(snapshot: Snapshot) -> Iterable[tuple[str, Banner]]:
    telling = tuple(section for section in snapshot.sections if section.notices)
    yield "/embed/v1/status.json", Banner(snapshot.revision, snapshot.site, snapshot.sources, telling)


def one_section(snapshot: Snapshot) -> Iterable[tuple[str, Banner]]:
    for section in snapshot.sections:
        yield (
            f"/embed/v1/sections/{section.key}.json",
            Banner(None, snapshot.site, snapshot.sources, (section,)),
        )


def fragment(snapshot: Snapshot) -> Iterable[tuple[str, Fragment]]:
    for section in snapshot.sections:
        today = snapshot.today if section.notice else None
        yield f"/embed/v1/sections/{section.key}.html", Fragment(section, snapshot.site, today)


def render(banner: Banner) -> bytes:
    sections = [entry for section in banner.sections for entry in _entries(section)]
    body: dict[str, Any] = {
        "v": 1,
        "revision": str(banner.revision),
        "checked_at": {source.name: _iso(source.checked_at) for source in banner.sources},
        "stale": [source.name for source in banner.sources if source.stale],
        "ttl": TTL,
        "page": {"name": banner.site.name, "url": f"{banner.site.url}/"},
        "strings": STRINGS,
        "sections": sections,
    }
    if banner.revision is None:
        body["revision"] = hashlib.sha256(msgspec.json.encode(sections)).hexdigest()[:12]
    return msgspec.json.encode(body)


def render_fragment(fragment: Fragment) -> bytes:
    tell = html.Telling(fragment.today or date.min, ZoneInfo(fragment.site.zone))
    section = fragment.section
    return html.render("public/fragment.html", section=section, notice=section.notice, tell=tell)


def _entries(section: SectionNow) -> list[dict[str, Any]]:
    """A section that is ok and stays so is one entry too, so that its own document always answers."""
    if not section.notices:
        return [{"key": section.key, "name": section.name, "state": State.OK}]
    return [_entry(section, notice) for notice in section.notices]


def _entry(section: SectionNow, notice: Notice) -> dict[str, Any]:
    return {
        "key": section.key,
        "name": section.name,
        "state": notice.state,
        "from": _iso(notice.start),
        "until": _iso(notice.end),
        "at_end": "hold" if notice.hold else "restore",
        "next": _iso(notice.next),
        "warn_from": _iso(notice.warn_from),
        "title": notice.title_now,
        "title_soon": notice.title,
        "title_late": f"{section.name} is still unavailable" if notice.state is State.DOWN else notice.title_now,
        "message": notice.message,
        "alternative": notice.alternative,
        "links": [{"label": link.label, "href": link.href} for link in notice.links],
        "dismissible": notice.state is not State.DOWN or section.state in (State.OK, State.APPROACHING),
        "rev": notice.rev,
    }


def _iso(t: datetime | None) -> str | None:
    return f"{t:%Y-%m-%dT%H:%M:%SZ}" if t else None
