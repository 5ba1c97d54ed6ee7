"""The flags that OpenFeature's clients read: every toggle by each of its names, and whether each section is down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import structlog

from dashboard.documents.html import Telling
from dashboard.rules.state import State
from dashboard.snapshot import SectionNow, Snapshot, ToggleNow

Flag = dict[str, Any]
Making = Callable[[], Flag]

log = structlog.get_logger()


def every(snapshot: Snapshot, private: bool) -> list[Flag]:
    """``private``: also those that are told only to who sends a token."""
    return [_made(key, making) for key, making in _makings(snapshot, private)]


def one(snapshot: Snapshot, private: bool, key: str) -> Flag | None:
    """None if there is none, or none for this reader. A toggle's own name counts before another's earlier one."""
    found = {known: making for known, making in _makings(snapshot, private) if known == key}
    return found[key]() if found else None


def is_of_section(key: str) -> bool:
    """Rather than of a toggle, whose name holds no dot."""
    return "." in key


def trouble(code: str, words: str, key: str = "") -> Flag:
    """Why there is no value, in the one form that every client understands."""
    return {**({"key": key} if key else {}), "errorCode": code, "errorDetails": words}


def _makings(snapshot: Snapshot, private: bool) -> Iterator[tuple[str, Making]]:
    for section in snapshot.sections:
        key = f"section.{section.key}.down"
        yield key, partial(_of_section, snapshot, section, key)
    told = [toggle for toggle in snapshot.toggles if private or not toggle.fact.is_private]
    own = {toggle.fact.name for toggle in told}
    for toggle in told:
        earlier = (name for name in toggle.fact.aliases if name not in own)
        for name in (toggle.fact.name, *earlier):
            yield name, partial(_of_toggle, snapshot, toggle, name)


def _made(key: str, making: Making) -> Flag:
    """One that cannot be made does not take the others down."""
    try:
        return making()
    except Exception:
        log.exception("flag.failed", key=key)
        return trouble("GENERAL", "This flag cannot be told at the moment.", key)


def _of_section(snapshot: Snapshot, section: SectionNow, key: str) -> Flag:
    is_down = section.state is State.DOWN
    return _flag(key, is_down, is_down, _told(snapshot, section))


def _of_toggle(snapshot: Snapshot, toggle: ToggleNow, key: str) -> Flag:
    told = _told(snapshot, toggle.section) if toggle.section else {}
    return _flag(key, toggle.value, toggle.is_down, told)


def _flag(key: str, value: bool, is_down: bool, told: dict[str, str]) -> Flag:
    """All five, always: some clients break on an answer that lacks one, or has another reason."""
    variant = "down" if is_down else "up"
    return {"key": key, "value": value, "reason": "STATIC", "variant": variant, "metadata": told}


def _told(snapshot: Snapshot, section: SectionNow) -> dict[str, str]:
    """What a front end needs to tell people of the section. What is not known or not said is left out: metadata holds
    no null."""
    page = f"{snapshot.site.url}/sections/{section.key}/"
    told = {"section": section.key, "name": section.name, "state": str(section.state), "url": page}
    notice = section.notice
    if notice is None:
        return told
    return {**told, **Telling(snapshot.today, snapshot.zone).said(notice)}
