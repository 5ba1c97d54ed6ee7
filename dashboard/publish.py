"""Snapshot -> files, written whole; and the version that this process serves.

Whoever commits publishes: the facts first, by which every process of this host shows the change at its next request,
then the documents as plain files for any web server. `keep` runs in each web process: it watches for other hosts'
commits and for edges of time.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from dashboard import facts as facts_of
from dashboard import heartbeat
from dashboard.config import Settings, settings
from dashboard.db import db
from dashboard.editions import ENCODINGS, Edition, edition_at
from dashboard.facts import Facts, SiteFact, SourceFact
from dashboard.models import Ledger

log = structlog.get_logger()

AHEAD = timedelta(minutes=5)  # how far the timeline reaches
MOST = 20  # editions kept ready at the most
_READY_BEFORE = timedelta(seconds=5)  # what was asked for is made for the next edition this long before it begins
_DATABASE_EVERY = 20  # seconds: after three times as long without the database, the pages say so


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which file of facts was read: another inode or time is another one."""

    inode: int
    changed_ns: int


class Press:
    """What one process serves. Readers call `at`; they take no lock and ask nobody."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.path = settings.instance / "facts.json"
        self.facts: Facts | None = None
        self.editions: tuple[Edition, ...] = ()
        self._stamp: Stamp | None = None
        self._adopting = threading.Lock()

    def at(self, now: datetime) -> Edition | None:
        """The edition that holds at ``now``; None before anything was ever published."""
        editions = self.editions
        for edition in editions:
            if edition.snapshot.until is None or now < edition.snapshot.until:
                return edition
        return self._run_out(now)

    def look(self, now: datetime) -> None:
        """Take over what another process of this host published. A reader that finds another at it goes on."""
        stamp = _stamp(self.path)
        if stamp is None or stamp == self._stamp or not self._adopting.acquire(blocking=False):
            return
        try:
            facts = facts_of.from_bytes(self.path.read_bytes())
            self._take(facts, now)
            self._stamp = stamp
        except (OSError, msgspec.MsgspecError):
            log.warning("facts.unreadable", path=str(self.path))
        finally:
            self._adopting.release()

    def adopt(self, facts: Facts, now: datetime) -> None:
        """Serve these facts from now on, unless newer ones are served already."""
        with self._adopting:
            self._take(facts, now)

    def top_up(self, now: datetime) -> None:
        """Drop what is past, add the edges that come into sight, and make ready what is about to be asked for."""
        with self._adopting:
            if self.facts is not None:
                left = tuple(e for e in self.editions if e.snapshot.until is None or now < e.snapshot.until)
                self.editions = self._until_sight_ends(left or (edition_at(self.facts, now),), now)
                for edition, following in zip(self.editions, self.editions[1:], strict=False):
                    if following.snapshot.at - now < _READY_BEFORE:
                        for path in tuple(edition.answers):
                            following.answer(path)

    def _take(self, facts: Facts, now: datetime) -> None:
        if self.facts is not None and facts.revision < self.facts.revision:
            return
        current = self.at(now) if self.facts is not None else None
        first = edition_at(facts, now, current.answers if current else None)
        self.facts = facts
        self.editions = (first,)

    def _run_out(self, now: datetime) -> Edition | None:
        if self.facts is None:
            return None
        with self._adopting:
            self.editions = (edition_at(self.facts, now, self.editions[-1].answers if self.editions else None),)
            return self.editions[0]

    def _until_sight_ends(self, editions: tuple[Edition, ...], now: datetime) -> tuple[Edition, ...]:
        assert self.facts is not None
        ready = list(editions)
        while len(ready) < MOST:
            edge = ready[-1].snapshot.until
            if edge is None or edge - now > AHEAD:
                break
            ready.append(edition_at(self.facts, edge, ready[-1].answers))
        return tuple(ready)


def install(app: Flask, settings: Settings) -> None:
    app.extensions["press"] = Press(settings)


def press() -> Press:
    """What the process at hand serves."""
    found: Press = current_app.extensions["press"]
    return found


def read_facts(at: datetime) -> Facts:
    """The facts as the database has them now, with the latest word on each source."""
    chosen = settings()
    site = SiteFact(chosen.site_name, chosen.public_url, chosen.time_zone.key)
    found = facts_of.read(db.session(), site, chosen.poll_seconds, at)
    for source in found.sources:
        found = found.with_check(source.name, heartbeat.last(source.name))
    return found


def publish(at: datetime) -> None:
    """Read, show and write out everything as it is at ``at``. Raises what the database or the disk raises."""
    mine = press()
    with _alone(mine.settings.instance / "facts.lock"):
        found = read_facts(at)
        _write(mine.path, facts_of.to_bytes(found), 0o600)
    mine.look(at)
    write_files(at)


def after_commit(at: datetime) -> None:
    """Publish, and let nothing that goes wrong undo what was committed: `keep` tries again within a second."""
    try:
        publish(at)
    except (OSError, SQLAlchemyError) as error:
        log.error("publish.failed", error=str(error))
    finally:
        db.session.rollback()


def write_files(at: datetime) -> int:
    """Bring the folder of plain files up to date, the banner first; how many documents were written."""
    mine = press()
    edition = mine.at(at)
    if edition is None:
        return 0
    folder = mine.settings.published
    with _alone(mine.settings.instance / "files.lock"):
        manifest = _read_manifest(folder)
        digests = {path: edition.digest(path) for path in edition.lines}
        stale = [path for path, digest in digests.items() if manifest.get(path) != digest]
        for path in stale:
            _write_document(folder, path, edition)
        for path in manifest.keys() - digests.keys():
            _remove_document(folder, path)
        if stale or manifest.keys() - digests.keys():
            _write(folder / ".manifest", msgspec.json.encode(digests))
    return len(stale)


def keep(app: Flask, stop: threading.Event | None = None) -> threading.Thread:
    """Start this process's one thread that keeps what it serves up to date."""
    from dashboard.clock import now

    ending = stop or threading.Event()

    def run() -> None:
        keeper = Keeper(app)
        while not ending.wait(1):
            keeper.round(now())

    thread = threading.Thread(target=run, name="keep", daemon=True)
    thread.start()
    return thread


class Keeper:
    """One look a second at the database, the sources' last word and the clock."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.heard_at: datetime | None = None  # when the database last answered
        self.written: tuple[int, datetime] | None = None

    def round(self, at: datetime) -> None:
        with self.app.app_context():
            mine = press()
            mine.look(at)
            self._ask_database(mine, at)
            self._ask_sources(mine, at)
            mine.top_up(at)
            self._write_files(mine, at)

    def _ask_database(self, mine: Press, at: datetime) -> None:
        try:
            revision = db.session.scalar(sa.select(Ledger.revision))
            if mine.facts is None or revision != mine.facts.revision:
                publish(at)
            self.heard_at = at
        except (OSError, SQLAlchemyError) as error:
            log.warning("database.unreachable", error=type(error).__name__)
        finally:
            db.session.remove()

    def _ask_sources(self, mine: Press, at: datetime) -> None:
        facts = mine.facts
        if facts is None:
            return
        sources = [source for source in facts.sources if source.name != "signpost"]
        if self.heard_at is None or at - self.heard_at > timedelta(seconds=_DATABASE_EVERY):
            sources.append(SourceFact("signpost", self.heard_at or facts.revised_at, _DATABASE_EVERY, "", None))
        told = replace(facts, sources=tuple(sources))
        for source in sources:
            told = told.with_check(source.name, heartbeat.last(source.name))
        if told != facts:
            mine.adopt(told, at)

    def _write_files(self, mine: Press, at: datetime) -> None:
        edition = mine.at(at)
        if edition is None:
            return
        stamp = (edition.snapshot.revision, edition.snapshot.at)
        if stamp != self.written:
            try:
                write_files(at)
                self.written = stamp
            except OSError as error:
                log.error("publish.failed", error=str(error))


def _stamp(path: Path) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return Stamp(found.st_ino, found.st_mtime_ns)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One at a time on this host, threads and processes alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Whole or not at all: a temporary file beside it, synced, then renamed over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def _read_manifest(folder: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode((folder / ".manifest").read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return {}


def file_of(folder: Path, path: str) -> Path:
    """Where a document lies: a path that ends in a slash is a folder's index."""
    return folder / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))


def _write_document(folder: Path, path: str, edition: Edition) -> None:
    answer = edition.answer(path)
    assert answer is not None
    target = file_of(folder, path)
    for encoding, suffix in ENCODINGS.items():
        if encoding in answer.variants:
            _write(target.with_name(target.name + suffix), answer.variants[encoding].body)
    _write(target, answer.variants[""].body)


def _remove_document(folder: Path, path: str) -> None:
    target = file_of(folder, path)
    for suffix in ("", *ENCODINGS.values()):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
