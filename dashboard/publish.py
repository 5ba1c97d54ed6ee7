"""Who publishes, and when: whoever commits, right after it; and each web process, when it hears of more.

The facts come first, by which every process of this host shows the change at its next request; then the documents as
plain files for any web server. `keep` runs in each web process: it watches for other hosts' commits and for the age
of what is shown, and makes ready the next edge of time.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import structlog
from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from dashboard import archive, heartbeat, languages, reader
from dashboard.clock import now
from dashboard.config import Settings, settings
from dashboard.db import db
from dashboard.editions import Edition
from dashboard.facts import Facts, MonthFact, SiteFact, SourceFact
from dashboard.files import alone, write_documents
from dashboard.models import Ledger
from dashboard.press import Press
from dashboard.rules.languages import Language

log = structlog.get_logger()

OWN = "signpost"  # the name under which the database is a source, once it does not answer
_EVERY = 20  # seconds: after three times as long without the database, the documents call themselves stale
_ASK_EVERY, _TEND_EVERY = 0.5, 1.0  # seconds: what another host commits is shown within one
_LOOK_EVERY = 0.02  # seconds: whoever is told of a change by an event stream asks soon after it
_GRACE = timedelta(seconds=5)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def install(app: Flask, settings: Settings) -> None:
    app.extensions["press"] = Press(settings)


def press() -> Press:
    """What the process at hand serves."""
    found: Press = current_app.extensions["press"]
    return found


def read_facts(at: datetime, since: datetime | None = None) -> Facts:
    """The facts as the database has them now, with the latest word on each source. With ``since`` also what was over
    by ``at``, but not before."""
    chosen, mine = settings(), press()
    site = SiteFact(chosen.site_name, chosen.public_url, chosen.time_zone.key, chosen.uptime_weights, chosen.events_url)
    known = None if since else mine.facts
    found = reader.read(db.session(), site, chosen.poll_seconds, since or at, known)
    said = _languages(chosen)
    found = replace(found, theme=_theme(chosen.instance), languages=said, months=_months(found, known, at))
    if not mine.is_kept:
        mine.hear(_latest_word(found), None, at)
    return mine.told(found)


def _months(found: Facts, known: Facts | None, at: datetime) -> tuple[MonthFact, ...]:
    """What was over long ago; looked for again when something may have been said of an incident. A disk that does not
    take a month's file keeps nothing else from being shown."""
    zone = ZoneInfo(found.site.zone)
    before = reader.kept_from(at, zone)
    is_same = known and found.incidents is known.incidents and found.site.zone == known.site.zone
    if known and is_same and known.read_at and reader.kept_from(known.read_at, zone) == before:
        return known.months
    try:
        return archive.keep(db.session(), settings().instance / "months", before, at, zone)
    except OSError:
        log.exception("months.not_kept")
        return known.months if known else ()


def _languages(chosen: Settings) -> tuple[Language, ...]:
    found, wrong = languages.read(chosen.languages, chosen.instance)
    _complain(wrong)
    return found


@cache
def _complain(wrong: tuple[str, ...]) -> None:
    """Of the same once."""
    for sentence in wrong:
        log.warning("language.refused", reason=sentence)


def _theme(instance: Path) -> str:
    """What is no UTF-8 in it is left out: a style sheet may be wrong, and the page stays up."""
    path = instance / "theme.css"
    return path.read_text(encoding="utf-8", errors="ignore") if path.is_file() else ""


def publish(at: datetime) -> None:
    """Read, show and write out everything as it is at ``at``. Raises what the database or the disk raises.

    Where `keep` runs, its thread writes the files, so that whoever committed need not wait for them.
    """
    mine = press()
    with alone(mine.settings.instance / "facts.lock"):
        mine.put(read_facts(at), at)
    if mine.is_kept:
        mine.woken.set()
    else:
        write_files(at)


def after_commit(at: datetime) -> None:
    """Publish, and let nothing that goes wrong undo what was committed: `keep` tries again within a second."""
    try:
        publish(at)
    except Exception:
        log.exception("publish.failed")
    finally:
        db.session.rollback()


def write_files(at: datetime) -> int:
    """Bring the folder of plain files up to date; how many documents were written."""
    mine = press()
    with alone(mine.settings.instance / "files.lock"):
        at = max(at, now())  # while this one waited, another process may have published, or an edge have passed
        mine.look(at)
        edition = mine.at(at)
        return write_documents(mine.settings.published, edition) if edition else 0


def keep(app: Flask, ending: threading.Event | None = None) -> list[threading.Thread]:
    """Start this process's three threads that keep what it serves up to date: a database that hangs holds up one."""
    keeper, stop = Keeper(app), ending or threading.Event()
    keeper.listen(now())
    keeper.press.is_kept = True

    def ask() -> None:
        while not stop.is_set():
            _carefully(keeper.ask, now())
            stop.wait(_ASK_EVERY)

    def tend() -> None:
        while not stop.is_set():
            _carefully(keeper.tend, now())
            keeper.press.woken.wait(_TEND_EVERY)
            keeper.press.woken.clear()

    def look() -> None:
        while not stop.is_set():
            keeper.press.look(now())
            stop.wait(_LOOK_EVERY)

    threads = [threading.Thread(target=each, name=f"keep-{each.__name__}", daemon=True) for each in (ask, tend, look)]
    for thread in threads:
        thread.start()
    gc.collect()
    gc.freeze()  # what was imported stays, so nobody need wait while it is looked through again
    return threads


def _carefully(do: Callable[[datetime], None], at: datetime) -> None:
    try:
        do(at)
    except Exception:  # the thread must live
        log.exception("keep.failed")


class Keeper:
    """Looks all the time: at the database, at the sources' last word, and at the clock."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.press: Press = app.extensions["press"]
        self.heard_at: datetime | None = None  # when the database last answered; another start may know
        self._file = self.press.settings.instance / "database.heard"
        self._began: datetime | None = None
        self._written: Edition | None = None
        self._troubles: dict[str, str] = {}

    def ask(self, at: datetime) -> None:
        """Has the revision in the database moved: by another host, or in a publication that failed?"""
        revision = None
        with self.app.app_context():
            try:
                revision = db.session.scalar(sa.select(Ledger.revision))
                db.session.rollback()
                if self.press.is_behind(revision):
                    publish(at)
                self._note("ask")
            except Exception as error:  # whatever it is, what is shown grows old by it
                self._note("ask", error)
        if self.press.shows(revision):
            self._remember(at)

    def listen(self, at: datetime) -> None:
        """What did other processes publish, and when was each source last asked?"""
        with self.app.app_context():
            self.press.look(at)
            facts = self.press.facts
            if facts is not None:
                self.press.hear(_latest_word(facts), self._own(at), at)

    def tend(self, at: datetime) -> None:
        """Show what others published, how old it all is, and what the clock brings."""
        self.listen(at)
        self.press.top_up(at)
        edition = self.press.at(at)
        if edition is self._written:
            return
        with self.app.app_context():
            try:
                write_files(at)
                self._written = edition
                self._note("write")
            except Exception as error:
                self._note("write", error)

    def _remember(self, at: datetime) -> None:
        """The time is kept on the disk too: a start with a dead database must say how old its facts are."""
        self.heard_at = at
        with suppress(OSError):
            if at - (_changed_at(self._file) or _LONG_AGO) >= timedelta(seconds=_EVERY / 2):
                self._file.touch()
                os.utime(self._file, (at.timestamp(), at.timestamp()))

    def _own(self, at: datetime) -> SourceFact | None:
        """The database as a source, once it has been silent. A start is given some seconds to ask it first."""
        self._began = self._began or at
        if self.heard_at is None and at - self._began < _GRACE:
            return None
        heard = self.heard_at or _changed_at(self._file) or _changed_at(self.press.path)
        if heard is None or at - heard <= timedelta(seconds=_EVERY):
            return None
        return SourceFact(OWN, heard, _EVERY, "", None)

    def _note(self, where: str, error: Exception | None = None) -> None:
        """Say a trouble once, and once that it is over; nothing while a first start has nothing to keep yet."""
        trouble = type(error).__name__ if error else ""
        if self.press.facts is None or trouble == self._troubles.get(where, ""):
            return
        self._troubles[where] = trouble
        foreseen = isinstance(error, (OSError, SQLAlchemyError))
        log.warning(
            "keep.trouble" if error else "keep.well", where=where, error=trouble, exc_info=not foreseen and error
        )


def _latest_word(facts: Facts) -> dict[str, datetime]:
    """When each source was last asked with success, as far as Redis tells."""
    said = {source.name: heartbeat.last(source.name) for source in facts.sources}
    return {name: at for name, at in said.items() if at is not None}


def _changed_at(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
