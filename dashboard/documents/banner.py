"""What a front end reads: ``/embed/v1/status.json``, one section's JSON, and its fragment for server-side includes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from dashboard.documents import data, html
from dashboard.facts import SiteFact
from dashboard.rules import wording
from dashboard.rules.languages import Language
from dashboard.rules.state import State
from dashboard.snapshot import Link, Notice, SectionNow, Snapshot, SourceNow

TTL = 15  # seconds after which a reader should ask again


@dataclass(frozen=True, slots=True)
class Banner:
    """``revision`` None: the document names its own contents, so that it changes only when they do. ``now``: the one
    section of which it says how it stands, for who does not go by the clock."""

    revision: int | None
    site: SiteFact
    sources: tuple[SourceNow, ...]
    sections: tuple[SectionNow, ...]
    languages: tuple[Language, ...]
    now: Fragment | None = None


@dataclass(frozen=True, slots=True)
class Fragment:
    section: SectionNow
    site: SiteFact
    today: date | None  # None when no time is told

    @property
    def telling(self) -> html.Telling:
        return html.Telling(self.today or date.min, ZoneInfo(self.site.zone))


def all_sections(snapshot: Snapshot) -> Iterable[tuple[str, Banner]]:
    telling = tuple(section for section in snapshot.sections if section.notices)
    yield (
        "/embed/v1/status.json",
        Banner(snapshot.revision, snapshot.site, snapshot.sources, telling, snapshot.languages),
    )


def one_section(snapshot: Snapshot) -> Iterable[tuple[str, Banner]]:
    for section in snapshot.sections:
        yield (
            f"/embed/v1/sections/{section.key}.json",
            Banner(None, snapshot.site, snapshot.sources, (section,), snapshot.languages, _now(section, snapshot)),
        )


def fragment(snapshot: Snapshot) -> Iterable[tuple[str, Fragment]]:
    for section in snapshot.sections:
        yield f"/embed/v1/sections/{section.key}.html", _now(section, snapshot)


def _now(section: SectionNow, snapshot: Snapshot) -> Fragment:
    return Fragment(section, snapshot.site, snapshot.today if section.notice else None)


def render(banner: Banner) -> bytes:
    told = {section.key: section for section in banner.sections}
    sections = [entry for section in banner.sections for entry in _entries(section, told, banner.languages)]
    now = {"now": _standing(banner.now)} if banner.now else {}
    return document(
        banner.site,
        sections,
        banner.languages,
        revision=_digest([now, sections]) if banner.revision is None else str(banner.revision),
        checked_at={source.name: _iso(source.checked_at) for source in banner.sources},
        stale=[source.name for source in banner.sources if source.stale],
        **now,
    )


def _standing(now: Fragment) -> dict[str, str]:
    notice = now.section.notice
    return {"state": now.section.state} | (now.telling.said(notice) if notice else {})


def document(site: SiteFact, sections: list[dict[str, Any]], languages: tuple[Language, ...], **told: Any) -> bytes:
    page = {"name": site.name, "url": f"{site.url}/"}
    own, *others = languages
    strings: dict[str, Any] = strings_of(own)
    if sections and others:
        strings["languages"] = {one.tag: strings_of(one) for one in others}
    return data.encode({"v": 1, **told, "ttl": TTL, "page": page, "strings": strings, "sections": sections})


def strings_of(language: Language) -> dict[str, Any]:
    """What is said beside the notices themselves."""
    names = ("hide", "others", "other", "restored", "updates")
    return {"lang": language.tag, **{name: getattr(language, name) for name in names}}


def _digest(told: list[Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:12]


def render_fragment(fragment: Fragment) -> bytes:
    section = fragment.section
    return html.render("public/fragment.html", section=section, notice=section.notice, tell=fragment.telling)


def _entries(
    section: SectionNow, told: Mapping[str, SectionNow], languages: tuple[Language, ...]
) -> list[dict[str, Any]]:
    """A section that is ok and stays so is one entry too, so that its own document always answers."""
    if not section.notices:
        return [{"key": section.key, "name": section.name, "state": State.OK}]
    parent = told.get(section.parent_key or "")
    entries = [entry_of(section.key, section.name, notice, languages) for notice in section.notices]
    for entry, notice in zip(entries, section.notices, strict=True):
        if parent and any(notice.event == theirs.event for theirs in parent.notices):
            entry["part_of"] = parent.key
    return entries


def entry_of(key: str, name: str, notice: Notice, languages: tuple[Language, ...]) -> dict[str, Any]:
    own, *others = languages
    words = _words(own, name, notice)
    entry: dict[str, Any] = {
        "key": key,
        "name": name,
        "state": notice.state,
        "from": _iso(notice.start),
        "until": html.iso(notice.end) if notice.end else None,  # never before it is over
        "at_end": "hold" if notice.hold else "restore",
        "next": _iso(notice.next),
        "warn_from": _iso(notice.warn_from),
        **words,
        "alternative": notice.alternative,
        "links": [_link(link, languages) for link in notice.links],
        "dismissible": notice.state is not State.DOWN or notice.title != notice.title_now,  # not once it is down
        "rev": notice.rev,
    }
    if others:
        entry["languages"] = {one.tag: _differing(one, name, notice, words) for one in others}
    return entry


def _words(language: Language, name: str, notice: Notice) -> dict[str, str]:
    """The titles, and the message with what we add to it."""
    is_coming, until_known = notice.title != notice.title_now, notice.end is not None

    def title(until_known: bool, late: bool, soon: bool) -> str:
        return language.title(name, notice.state, until_known, late, soon)

    message = notice.said
    if notice.message != notice.said:
        missing = language.expected if notice.is_late else language.not_known
        message = " ".join(filter(None, (message, missing, language.next if notice.next else "")))
    words = {
        "title": title(until_known, notice.is_late, soon=False),
        "title_soon": title(until_known, notice.is_late and not is_coming, soon=is_coming),
        "title_late": title(until_known=True, late=True, soon=False),
        "message": message,
    }
    if notice.hold and language.expected not in message:
        words["message_late"] = f"{message} {language.expected}".lstrip()
    return words


def _differing(language: Language, name: str, notice: Notice, known: dict[str, str]) -> dict[str, str]:
    """What another language says otherwise, as far as a reader may come to need it."""
    unused = {"title_soon": notice.title == notice.title_now, "title_late": not notice.hold}
    words = _words(language, name, notice)
    return {key: said for key, said in words.items() if said != known.get(key) and not unused.get(key)}


def _link(link: Link, languages: tuple[Language, ...]) -> dict[str, str]:
    """``as`` names the string that says the same in another language."""
    if link.label != wording.UPDATES:
        return {"label": link.label, "href": link.href}
    return {"label": languages[0].updates, "href": link.href} | ({"as": "updates"} if languages[1:] else {})


def _iso(t: datetime | None) -> str | None:
    return f"{t:%Y-%m-%dT%H:%M:%SZ}" if t else None
