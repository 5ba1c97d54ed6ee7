"""``/v0/banners?path=``: what is to be said on a page of the website, as banners of the VA's content system."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from dashboard.answers.question import Asked, Refused, Said, error, in_json
from dashboard.answers.vets import inflected, inflection
from dashboard.documents.data import number_of
from dashboard.documents.html import Telling
from dashboard.facts import SectionFact
from dashboard.rules.state import State
from dashboard.rules.text import is_link
from dashboard.snapshot import Notice, SectionNow, Snapshot

Args = tuple[str, str, str]
_KIND = "full_width_banner_alert"


def read(_: Snapshot, asked: Asked) -> Args:
    path = asked.query.get("path", "").strip()
    if not path:
        raise Refused(error("422 Unprocessable Content", "Path parameter is required", ""))
    return inflection(asked), path, asked.query.get("type") or _KIND


def say(snapshot: Snapshot, args: Args) -> Said:
    keys, path, kind = args
    facts = {section.key: section for section in snapshot.history.facts.sections}
    shown = [one for one in snapshot.sections if _is_on(path, _places(one, facts))] if kind == _KIND else []
    told = {one.key: one.notice for one in shown}
    tell = Telling(snapshot.today, snapshot.zone)
    banners = [_banner(one, one.notice, facts, tell) for one in shown if one.notice and not _is_told_above(one, told)]
    return in_json(inflected({"banners": banners, "path": path, "banner_type": kind}, keys))


def _places(section: SectionNow, facts: Mapping[str, SectionFact]) -> Iterable[str]:
    """Where a section is, and where the section is that it is a part of."""
    if section.notice and (own := facts[section.key].path):
        return own, _above(section, facts).path or own
    return ()


def _above(section: SectionNow, facts: Mapping[str, SectionFact]) -> SectionFact:
    return facts[section.parent_key or section.key]


def _is_on(path: str, places: Iterable[str]) -> bool:
    """The page itself, or any page below one that lies at the top."""
    page = path.rstrip("/") or "/"
    first = "/" + page.split("/")[1] if page.startswith("/") else page
    return any(place in (page, first) for place in places)


def _is_told_above(section: SectionNow, told: Mapping[str, Notice | None]) -> bool:
    """Does a banner beside it tell of the same event, for the section that it is a part of?"""
    mine, theirs = told.get(section.key), told.get(section.parent_key or "")
    return bool(mine and theirs and mine.event == theirs.event)


def _banner(section: SectionNow, notice: Notice, facts: Mapping[str, SectionFact], tell: Telling) -> dict[str, Any]:
    own, above = facts[section.key], _above(section, facts)
    return {
        "id": number_of(f"{section.key} {notice.rev}"),  # another one with other words: who put it away sees it again
        "entity_id": section.id,
        "entity_bundle": _KIND,
        "headline": tell.plain(notice.title, notice),
        "alert_type": "information" if section.state is State.APPROACHING else "warning",
        "show_close": section.state is not State.DOWN,
        "content": _content(notice, tell),
        "context": [
            {
                "entity": {
                    **_entity(own.name, own.path),
                    "fieldOffice": {"entity": _entity(above.name, above.path or own.path)},
                }
            }
        ],
        "operating_status_cta": False,
        "email_updates_button": False,
        "find_facilities_cta": False,
        "limit_subpage_inheritance": False,
    }


def _entity(title: str, path: str) -> dict[str, Any]:
    return {"title": title, "entityUrl": {"path": path}}


def _content(notice: Notice, tell: Telling) -> str:
    """HTML: a paragraph for each line and each link."""
    lines = f"{tell.plain(notice.message, notice)}\n{tell.plain(notice.alternative, notice)}".splitlines()
    links = (Markup('<a href="{}">{}</a>').format(one.href, one.label) for one in notice.links if is_link(one.href))
    return str(Markup().join(Markup("<p>{}</p>").format(one) for one in (*filter(str.strip, lines), *links)))
