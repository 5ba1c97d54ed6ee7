"""The register of toggles for other programs: as JSON in the shape of a ``features.yml``, and for a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.models import Section, Toggle, ToggleAlias, ToggleSection
from dashboard.rules import sheet
from dashboard.rules.toggle import camel

_COLUMNS = (
    "Name",
    "In camel case",
    "Description",
    "Owner",
    "Private",
    "Earlier names",
    "While down it reads",
    "Sections",
    "Added (UTC)",
    "Archived (UTC)",
)


def as_json(session: Session) -> str:
    """Those that code can ask for, by name."""
    features = {toggle.name: _feature(toggle, *more) for toggle, *more in _all(session) if toggle.archived_at is None}
    return msgspec.json.format(msgspec.json.encode({"features": features}), indent=2).decode() + "\n"


def as_csv(session: Session) -> str:
    """All of them, also the archived."""
    lines = (sheet.line(_cells(toggle, *more)) for toggle, *more in _all(session))
    return sheet.MARK + sheet.line(_COLUMNS) + "".join(lines)


FORMATS: dict[str, Callable[[Session], str]] = {"json": as_json, "csv": as_csv}


def _all(session: Session) -> Iterator[tuple[Toggle, list[str], list[str]]]:
    """Each with its earlier names and the keys of its sections."""
    live = sa.select(ToggleAlias.toggle_id, ToggleAlias.name).where(ToggleAlias.gone_at.is_(None))
    links = sa.select(ToggleSection.toggle_id, Section.key).join(Section, Section.id == ToggleSection.section_id)
    aliases = _by_toggle(session, live.order_by(ToggleAlias.name))
    sections = _by_toggle(session, links.order_by(Section.key))
    for toggle in session.scalars(sa.select(Toggle).order_by(Toggle.name)):
        yield toggle, aliases.get(toggle.id, []), sections.get(toggle.id, [])


def _by_toggle(session: Session, chosen: sa.Select[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for toggle_id, word in session.execute(chosen):
        found.setdefault(toggle_id, []).append(word)
    return found


def _feature(toggle: Toggle, aliases: list[str], sections: list[str]) -> dict[str, Any]:
    return {
        "description": toggle.sentence,
        "owner": toggle.owner,
        "private": toggle.is_private,
        "aliases": aliases,
        "sections": sections,
        "while_down": toggle.while_down,
    }


def _cells(toggle: Toggle, aliases: list[str], sections: list[str]) -> tuple[str, ...]:
    return (
        toggle.name,
        camel(toggle.name),
        toggle.sentence,
        toggle.owner,
        "yes" if toggle.is_private else "no",
        " ".join(aliases),
        "on" if toggle.while_down else "off",
        " ".join(sections),
        f"{toggle.created_at:%Y-%m-%dT%H:%M:%SZ}",
        f"{toggle.archived_at:%Y-%m-%dT%H:%M:%SZ}" if toggle.archived_at else "",
    )
