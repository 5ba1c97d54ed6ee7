"""Feature flags as OpenFeature's Remote Evaluation Protocol (OFREP 0.3.0) asks for them.

Every toggle is a flag by each of its names, and so is whether a section is down. Metadata tells what a front end
needs to say so, plain values only and never null: clients of the protocol choke on anything else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from dashboard.answers.question import in_json
from dashboard.documents.html import Telling, iso
from dashboard.rules.state import State
from dashboard.snapshot import SectionNow, Snapshot, ToggleNow

Flag = dict[str, Any]
EVENTS = "/ofrep/v1/events"
_QUIET_AFTER = 120  # seconds without use after which a client may let go of the event stream


def digest(snapshot: Snapshot, private: bool) -> str:
    """Another one whenever an answer for all flags is another; ``private``: to who sends a token."""
    return hashlib.blake2b(_every_flag(snapshot, private), digest_size=12).hexdigest()


def _every_flag(snapshot: Snapshot, private: bool) -> bytes:
    flags = [_safe(key, flag) for key, flag in _flags(snapshot, private)]
    streams = {"eventStreams": [_stream(snapshot.site.events_url)]} if snapshot.site.events_url else {}
    return in_json({"flags": flags, "metadata": {"site": snapshot.site.name}, **streams}).body


def _stream(origin: str) -> dict[str, Any]:
    endpoint = {"origin": origin, "requestUri": EVENTS}
    return {"type": "sse", "endpoint": endpoint, "inactivityDelaySec": _QUIET_AFTER}


def _flags(snapshot: Snapshot, private: bool) -> Iterator[tuple[str, Callable[[], Flag]]]:
    """By its key what makes it; each may fail alone."""
    for section in snapshot.sections:
        key = f"section.{section.key}.down"
        yield key, partial(_of_section, snapshot, section, key)
    for toggle in snapshot.toggles:
        if private or not toggle.fact.is_private:
            for name in (toggle.fact.name, *toggle.fact.aliases):
                yield name, partial(_of_toggle, snapshot, toggle, name)


def _safe(key: str, flag: Callable[[], Flag]) -> Flag:
    return flag()


def _of_section(snapshot: Snapshot, section: SectionNow, key: str) -> Flag:
    is_down = section.state is State.DOWN
    return _flag(key, is_down, is_down, _told(snapshot, section))


def _of_toggle(snapshot: Snapshot, toggle: ToggleNow, key: str) -> Flag:
    return _flag(key, toggle.value, toggle.is_down, _told(snapshot, toggle.section) if toggle.section else {})


def _flag(key: str, value: bool, is_down: bool, told: dict[str, str]) -> Flag:
    variant = "down" if is_down else "up"
    return {"key": key, "value": value, "reason": "STATIC", "variant": variant, "metadata": told}


def _told(snapshot: Snapshot, section: SectionNow) -> dict[str, str]:
    """What a front end needs to tell people of the section; what is not known or not said is left out."""
    page = f"{snapshot.site.url}/sections/{section.key}/"
    told = {"section": section.key, "name": section.name, "state": str(section.state), "url": page}
    notice = section.notice
    if notice is None:
        return told
    tell = Telling(snapshot.today, snapshot.zone)
    until = notice.end if notice.end and notice.end > snapshot.at else None  # an end that is past was a promise
    said = {
        "from": iso(notice.start),
        "until": iso(until) if until else "",
        "title": tell.plain(notice.title, notice),
        "message": tell.plain(notice.message, notice),
        "alternative": tell.plain(notice.alternative, notice),
        "rev": notice.rev,
    }
    return {**told, **{name: words for name, words in said.items() if words}}
