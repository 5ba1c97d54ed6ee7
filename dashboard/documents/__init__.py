"""What goes out: one table of every public answer without arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dashboard.documents import (
    announcements,
    assets,
    badge,
    banner,
    embed_files,
    embed_frame,
    embed_preview,
    feed,
    ics,
    page_component,
    page_front,
    page_history,
    page_incident,
    page_planned,
    page_section,
    statuspage,
    va_banner,
    vets,
)
from dashboard.snapshot import Snapshot

SHORT = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
FOR_EVER = "public, max-age=31536000, immutable"
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
CSS = "text/css; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
_PLANNED = "/api/v2/scheduled-maintenances"


@dataclass(frozen=True, slots=True)
class Document:
    """A line of the table.

    ``path`` may hold ``{key}``; ``subjects`` gives for each path what the document is made of, and ``render`` the
    bytes for one of those. Equal subjects make equal bytes, so what has not changed is not made again.
    """

    path: str
    content_type: str
    subjects: Callable[[Snapshot], Iterable[tuple[str, Any]]]
    render: Callable[[Any], bytes]
    cache: str = SHORT
    embeddable: bool = False  # may another website's page show or run it?
    form: str = ""  # of the embed: whoever asks for it has put that form into a page, and it is counted where
    is_framed: bool = False  # is it a page for a frame on one?


DOCUMENTS: tuple[Document, ...] = (
    Document("/embed/v1/status.json", JSON, banner.all_sections, banner.render, embeddable=True, form="script"),
    Document("/embed/v1/sections/{key}.json", JSON, banner.one_section, banner.render, embeddable=True, form="section"),
    Document("/embed/v1/preview/{key}.json", JSON, embed_preview.each, embed_preview.render, embeddable=True),
    Document("/embed/v1/preview.json", JSON, embed_preview.together, embed_preview.render, embeddable=True),
    Document("/maintenance_windows.json", JSON, vets.everything, vets.render, embeddable=True),
    Document("/", HTML, page_front.subjects, page_front.render),
    Document("/sections/{key}/", HTML, page_section.subjects, page_section.render),
    Document(
        "/embed/v1/sections/{key}.html",
        HTML,
        banner.fragment,
        banner.render_fragment,
        embeddable=True,
        form="fragment",
    ),
    Document(
        "/embed/v1/sections/{key}.va.json", JSON, va_banner.subjects, va_banner.render, embeddable=True, form="va"
    ),
    Document(
        "/embed/v1/frame/{key}/",
        HTML,
        embed_frame.subjects,
        embed_frame.render,
        embeddable=True,
        form="frame",
        is_framed=True,
    ),
    Document("/embed/v1/frame.css", CSS, embed_files.frame_style, assets.render, embeddable=True),
    Document("/embed/v1/frame.js", SCRIPT, embed_files.frame_script, assets.render, embeddable=True),
    Document("/embed/v1.mjs", SCRIPT, embed_files.module, assets.render, embeddable=True),
    Document("/embed/v1.react.mjs", SCRIPT, embed_files.react, assets.render, embeddable=True),
    Document("/badge/{key}.svg", "image/svg+xml", badge.subjects, badge.render, embeddable=True, form="badge"),
    Document("/embed/v1.js", SCRIPT, assets.script, assets.render, embeddable=True),
    *(
        Document(f"/embed/v{n}.js", SCRIPT, assets.version(n), assets.render, cache=FOR_EVER, embeddable=True)
        for n in assets.VERSIONS
    ),
    Document("/assets/{key}.css", CSS, assets.stylesheet, assets.render, cache=FOR_EVER),
    Document("/assets/{key}.js", SCRIPT, assets.page_script, assets.render, cache=FOR_EVER),
    Document("/favicon/{key}.svg", "image/svg+xml", assets.favicons, assets.render),
    Document("/api/v2/summary.json", JSON, statuspage.summary, statuspage.render, embeddable=True),
    Document("/api/v2/status.json", JSON, statuspage.status, statuspage.render, embeddable=True),
    Document("/api/v2/components.json", JSON, statuspage.components, statuspage.render, embeddable=True),
    Document("/api/v2/incidents.json", JSON, statuspage.incidents, statuspage.render, embeddable=True),
    Document("/api/v2/incidents/unresolved.json", JSON, statuspage.unresolved, statuspage.render, embeddable=True),
    Document(f"{_PLANNED}.json", JSON, statuspage.maintenances, statuspage.render, embeddable=True),
    Document(f"{_PLANNED}/upcoming.json", JSON, statuspage.upcoming, statuspage.render, embeddable=True),
    Document(f"{_PLANNED}/active.json", JSON, statuspage.active, statuspage.render, embeddable=True),
    Document("/incidents/{key}.json", JSON, statuspage.incident, statuspage.render_incident, embeddable=True),
    Document("/announcements/", HTML, announcements.front, announcements.render),
    Document("/announcements/page/{key}/", HTML, announcements.older, announcements.render),
    Document("/announcements/{key}/", HTML, announcements.each, announcements.render),
    Document("/announcements.atom", ATOM, announcements.atom, announcements.render_atom, embeddable=True),
    Document("/incidents/{key}/", HTML, page_incident.subjects, page_incident.render),
    Document("/components/{key}/", HTML, page_component.subjects, page_component.render),
    Document("/planned/", HTML, page_planned.subjects, page_planned.render),
    Document("/history/", HTML, page_history.newest, page_history.render),
    Document("/history/{key}/", HTML, page_history.by_month, page_history.render),
    Document("/history.atom", ATOM, feed.atom, feed.render_atom, embeddable=True),
    Document("/history.rss", "application/rss+xml; charset=utf-8", feed.rss, feed.render_rss, embeddable=True),
    Document("/history.ics", CALENDAR, ics.history, ics.render, embeddable=True),
    Document("/sections/{key}.ics", CALENDAR, ics.sections, ics.render, embeddable=True),
    Document("/components/{key}.ics", CALENDAR, ics.components, ics.render, embeddable=True),
)
