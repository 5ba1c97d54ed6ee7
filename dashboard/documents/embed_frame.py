"""``/embed/v1/frame/{key}/``: a section's notice as a page of its own, for a frame on somebody else's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from markupsafe import Markup

from dashboard.documents import banner, html
from dashboard.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Framed:
    """The notice in plain HTML, for as long as there is no script, and what the embed knows from the start."""

    plain: banner.Fragment
    known: banner.Banner


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, Framed]]:
    plain, known = banner.fragment(snapshot), banner.one_section(snapshot)
    for (_, fragment), (_, one) in zip(plain, known, strict=True):
        # Without what is only for programs to know, so that it changes with the section alone.
        yield f"/embed/v1/frame/{fragment.section.key}/", Framed(fragment, replace(one, sources=()))


def render(framed: Framed) -> bytes:
    section, site = framed.plain.section, framed.plain.site
    return html.render(
        "public/embed_frame.html",
        section=section,
        notice=section.notice,
        site=site,
        tell=framed.plain.telling,
        known=Markup(banner.render(framed.known).decode()),  # our own JSON, in which no markup can stand
    )
