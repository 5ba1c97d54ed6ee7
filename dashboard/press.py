"""What one process serves: the facts it has, and the editions of them for now and the next edges of time.

Readers call `at` and `look`; they wait for nobody, but at an edge that nobody has prepared.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import structlog

from dashboard import facts as facts_of
from dashboard.config import Settings
from dashboard.editions import Edition, edition_at
from dashboard.facts import Facts, SourceFact
from dashboard.files import sync, write_at_once

log = structlog.get_logger()

AHEAD = timedelta(minutes=1)  # how far the timeline reaches
MOST = 4  # editions kept ready at the most
READY = timedelta(seconds=5)  # what was asked for is made for the next edition this long before it begins


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which file of facts was read: another inode or time is another one."""

    inode: int
    changed_ns: int


class Press:
    """``facts`` are as they were published; what is shown has the latest word on each source added."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = settings.instance / "facts.json"
        self.facts: Facts | None = None
        self.is_kept = False  # do threads of this process keep it up to date?
        self.woken = threading.Event()  # there is something to write out
        self._heard: dict[str, datetime] = {}
        self._own: SourceFact | None = None  # the database as a source, while it does not answer
        self._shown: Facts | None = None
        self._editions: tuple[Edition, ...] = ()
        self.edition: Edition | None = None  # the first of them: until it ends, readers need not ask `at`
        self._stamp: Stamp | None = None
        self._is_saved = True  # is what is served on the disk?
        self._changing = threading.Lock()

    def at(self, now: datetime) -> Edition | None:
        """The edition that holds at ``now``; None before anything was ever published."""
        for edition in self._editions:
            if now < edition.until:
                return edition
        return self._turn(now)

    def look(self, now: datetime) -> None:
        """Take over what another process of this host published. A reader that finds another one at it goes on."""
        stamp = _stamp(self.path)
        if stamp is None or stamp == self._stamp or not self._changing.acquire(blocking=False):
            return
        try:
            self._stamp, self._is_saved = stamp, False  # before it is read: what cannot be is not tried for ever
            self._take(facts_of.from_bytes(self.path.read_bytes()), now)
            self._is_saved = True
        except OSError:
            log.warning("facts.gone", path=str(self.path))
        except Exception:  # whatever is wrong with them, readers go on with what there was
            log.exception("facts.not_taken", path=str(self.path))
        finally:
            self._changing.release()

    def put(self, facts: Facts, now: datetime) -> None:
        """Serve these facts, and let the other processes of this host know. Raises OSError; served they are then."""
        with self._changing:
            self._is_saved = False
            try:  # the others first: they wait for the file, we have the facts
                write_at_once(self.path, facts_of.to_bytes(facts))
                self._stamp, self._is_saved = _stamp(self.path), True
            finally:
                self._take(facts, now)
        sync(self.path)

    def hear(self, heard: Mapping[str, datetime], own: SourceFact | None, now: datetime) -> None:
        """The latest word on each source."""
        with self._changing:
            self._heard, self._own = {**self._heard, **heard}, own
            if self.facts is not None and self._with_word(self.facts) != self._shown:
                self._take(self.facts, now)

    def told(self, facts: Facts) -> Facts:
        """The facts with when each source was last asked, as far as that is known here."""
        for name, checked_at in self._heard.items():
            facts = facts.with_check(name, checked_at)
        return facts

    def is_behind(self, revision: int | None) -> bool:
        """Is this revision not what is served, or what is served not on the disk?"""
        return self.facts is None or self.facts.revision != revision or not self._is_saved

    def shows(self, revision: int | None) -> bool:
        """Is at least this revision served?"""
        return self.facts is not None and revision is not None and self.facts.revision >= revision

    def top_up(self, now: datetime) -> None:
        """Drop what is past, add the edges that come into sight, and make ready what is about to be asked for."""
        shown, editions = self._shown, self._editions
        if shown is None:
            return
        left = [edition for edition in editions if now < edition.until] or [edition_at(shown, now)]
        while len(left) < MOST and left[-1].until - now <= AHEAD:
            left.append(edition_at(shown, left[-1].until, left[-1]))
        with self._changing:
            if self._editions is editions:
                self._show(*left)
        for edition, following in pairwise(left):
            if following.snapshot.at - now <= READY:
                for path in tuple(edition.answers):
                    following.answer(path)

    def _take(self, facts: Facts, now: datetime) -> None:
        shown = self._with_word(facts)
        self._show(edition_at(shown, now, self._last(now)))
        self.facts, self._shown = facts, shown

    def _show(self, *editions: Edition) -> None:
        self._editions = editions
        self.edition = editions[0]

    def _turn(self, now: datetime) -> Edition | None:
        """Past every edge that was prepared: go on from the last edition."""
        with self._changing:
            for edition in self._editions:  # by now another reader may have done it
                if now < edition.until:
                    return edition
            if self._shown is None:
                return None
            last = self._last(now)
            try:
                self._show(edition_at(self._shown, now, last))
            except Exception:  # readers go on with what there was
                log.exception("edition.failed")
                self._show(_longer(last or self._editions[0], now))
            return self._editions[0]

    def _last(self, now: datetime) -> Edition | None:
        """The newest edition that has begun."""
        return next((edition for edition in reversed(self._editions) if edition.snapshot.at <= now), None)

    def _with_word(self, facts: Facts) -> Facts:
        told = self.told(facts)
        return replace(told, sources=(*told.sources, self._own)) if self._own else told


def _longer(edition: Edition, now: datetime) -> Edition:
    """The same for another second."""
    longer = copy(edition)
    longer.until = now + timedelta(seconds=1)
    longer.ends = longer.until.timestamp()
    return longer


def _stamp(path: Path) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return Stamp(found.st_ino, found.st_mtime_ns)
