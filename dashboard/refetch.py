"""When the flags are others than they were, and what those who listen are told then: to ask for them again.

As the web's processes do it: the facts are taken over from the file that whoever commits leaves, and the rest follows
from the clock.
"""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from dashboard import facts as facts_of
from dashboard.facts import Facts
from dashboard.snapshot import Snapshot, ToggleNow, snapshot_at

log = logging.getLogger(__name__)

_NEVER = datetime.max.replace(tzinfo=UTC)
_SOON = timedelta(seconds=1)  # after it, what went wrong is tried again


@dataclass(frozen=True, slots=True)
class Word:
    """How the flags stand, by a digest of them, and the event that says so."""

    id: str
    event: bytes

    @property
    def digest(self) -> str:
        return digest_in(self.id)


def digest_in(id: str) -> str:
    """A revision that changes no flag is no news, so an id is told apart by the rest of it."""
    return id.rpartition("-")[2]


def word_of(snapshot: Snapshot, key: bytes) -> Word:
    digest = digest_of(snapshot, key)
    id = f"{snapshot.revision}-{digest}"
    said = {"type": "refetchEvaluation", "etag": f'"{digest}"', "lastModified": int(snapshot.at.timestamp())}
    return Word(id, b"id: %b\nevent: message\ndata: %b\n\n" % (id.encode(), msgspec.json.encode(said)))


def digest_of(snapshot: Snapshot, key: bytes) -> str:
    """Another one whenever a flag's answer is another, private ones included; with the key, so that from a digest
    nobody can find out the name of one. It is made of what the words are made of, not of the words: what writes them
    takes more memory than all the rest of this process."""
    sections = [(section.key, section.name, section.state, section.notice) for section in snapshot.sections]
    is_said = any(section.notice for section in snapshot.sections)
    flags = [
        (snapshot.site.name, snapshot.site.url, snapshot.site.zone, snapshot.site.events_url),
        snapshot.today if is_said else None,  # "until tomorrow" is another word the day after
        sections,
        [_of_toggle(toggle) for toggle in snapshot.toggles],
    ]
    return hashlib.blake2b(msgspec.json.encode(flags), key=key, digest_size=12).hexdigest()


def _of_toggle(toggle: ToggleNow) -> tuple[object, ...]:
    fact = toggle.fact
    return fact.name, fact.aliases, fact.is_private, toggle.value, toggle.section.key if toggle.section else None


class Watch:
    """``word`` is the latest; None before anything was published. ``path`` is where the facts are left."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self.word: Word | None = None
        self._key = key
        self._facts: Facts | None = None
        self._stamp: tuple[int, int] | None = None
        self._from = self._until = _NEVER
        self._trouble = ""

    def look(self, now: datetime) -> bool:
        """Is there news? Whatever goes wrong, what was known stands."""
        try:
            is_news = self._take_over(now) or self._turn(now)
            self._trouble = ""
            return is_news
        except Exception as error:
            self._from, self._until = now, now + _SOON
            if repr(error) != self._trouble:
                self._trouble = repr(error)
                log.exception("The flags are told as they were: the facts cannot be used")
            return False

    def _take_over(self, now: datetime) -> bool:
        stamp = _stamp(self.path)
        if stamp is None or stamp == self._stamp:
            return False
        data = self.path.read_bytes()
        self._stamp = stamp  # before they are understood: what cannot be is not tried for ever
        self._facts = _needed(facts_of.from_bytes(data))
        return self._is_news(now)

    def _turn(self, now: datetime) -> bool:
        """Has an edge of time passed, or was the clock set back?"""
        return self._facts is not None and not self._from <= now < self._until and self._is_news(now)

    def _is_news(self, now: datetime) -> bool:
        assert self._facts is not None
        snapshot = snapshot_at(self._facts, now)
        self._from, self._until = snapshot.at, snapshot.until
        word, before = word_of(snapshot, self._key), self.word
        if before is not None and word.digest == before.digest:
            return False
        self.word = word
        return True


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _needed(facts: Facts) -> Facts:
    """No flag depends on what is over."""
    return replace(facts, ended_outages=(), ended_windows=(), cancelled=(), announcements=(), months=(), theme="")
