"""What the clock does becomes a Change: one for each edge that has passed, whoever notices, and however late.

Nothing that the public sees waits for this: Facts hold every edge, and are shown by the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from dashboard.actions import series
from dashboard.actions.writing import SIGNPOST, Values, clock_key, plain, writing
from dashboard.db import db
from dashboard.models import Announcement, Change, Component, Incident, IncidentUpdate, Ledger, Outage, Section, Window
from dashboard.rules.state import AtEnd
from dashboard.rules.telling import REMINDED

_KEPT_EVERY = timedelta(minutes=10)  # so old may the stored time grow while nothing happens
_AHEAD = timedelta(minutes=10)  # a time further ahead than that is no time but a wrong clock
_AT_ONCE = 500  # keys in one statement


@dataclass(frozen=True, slots=True)
class Edge:
    """Something that the clock did at ``at``. ``part`` is what of the subject did it, if not the whole."""

    at: datetime
    kind: str
    subject: str
    name: str
    after: Values
    section_id: int | None = None
    part: str = ""

    @property
    def once(self) -> str:
        return clock_key(self.kind, self.part or self.subject, self.at)


def tick(at: datetime) -> int:
    """Record what the clock did since the last time; how many changes that made. The first one begins from now.

    While there is nothing to record, nothing is written but the time itself, and that only now and then.
    """
    last = db.session.scalar(sa.select(Ledger.ticked_at))
    if last is not None and timedelta() <= at - last < _KEPT_EVERY and not edges(last, at):
        db.session.rollback()
        return 0
    with writing(SIGNPOST, at) as work:
        last = work.ledger.ticked_at
        if last is None or not last - _AHEAD < at <= last:
            work.ledger.ticked_at = at
        for edge in edges(last, at) if last is not None else []:
            after = {**edge.after, "at": plain(edge.at)}
            work.record(edge.kind, edge.subject, edge.name, None, after, edge.section_id, edge.once, edge.at)
        series.follow_clocks(work)
        series.grow(work)
    return len(work.changes)


def edges(since: datetime, until: datetime) -> list[Edge]:
    """Those in ``(since, until]`` that are not recorded yet, in order of time; what begins comes before what ends."""
    if until <= since:
        return []
    found = [edge for look in _LOOKS for edge in sorted(look(since, until), key=_by_subject)]
    known = _known([edge.once for edge in found])
    told = _told_by_hand(found)
    by_hand = {edge.once for edge in found if edge.kind in _BY_HAND and (edge.subject, edge.at) in told}
    new = (edge for edge in found if edge.once not in known | by_hand)
    return sorted(new, key=lambda edge: edge.at)


def _by_subject(edge: Edge) -> tuple[int, str]:
    """Sorted here: told to give them in order, a database may walk through every row there ever was."""
    return len(edge.subject), edge.subject


def _known(keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        chosen = sa.select(Change.once).where(Change.once.in_(keys[start : start + _AT_ONCE]))
        found |= {once for once in db.session.scalars(chosen) if once}
    return found


def _told_by_hand(found: Iterable[Edge]) -> set[tuple[str, datetime]]:
    """What somebody published at that very moment is told by what they did; so is the early end of PagerDuty's work."""
    subjects = sorted({edge.subject for edge in found if edge.kind in _BY_HAND})
    told = set()
    for start in range(0, len(subjects), _AT_ONCE):
        of = Change.subject.in_(subjects[start : start + _AT_ONCE]), Change.once.is_(None)
        for change in db.session.scalars(sa.select(Change).where(*of)):
            if change.kind == "window.end":
                told.add((change.subject, datetime.fromisoformat(str((change.after or {})["ends_at"]))))
            elif not change.subject.startswith("window-"):
                told.add((change.subject, change.at))
    return told


_BY_HAND = ("incident.publish", "incident.update", "announcement.publish", "window.complete")


def _reminded(since: datetime, until: datetime) -> Iterator[Edge]:
    """An hour before the start as it is by then. What was planned later than that was announced at once."""
    passed = Window.ends_at > since, Window.starts_at > since + REMINDED, Window.starts_at <= until + REMINDED
    for window in db.session.scalars(sa.select(Window).where(*passed, Window.gone_at.is_(None), Window.reminds)):
        at = window.starts_at - REMINDED
        if window.created_at <= at:
            yield _of_window(window, "window.remind", at, {"starts_at": plain(window.starts_at)})


def _begun(since: datetime, until: datetime) -> Iterator[Edge]:
    """One that came to be known after its start was told then."""
    is_on = sa.or_(Window.gone_at.is_(None), Window.gone_at > Window.starts_at)
    passed = Window.ends_at > since, Window.starts_at > since, Window.starts_at <= until
    chosen = sa.select(Window).where(*passed, is_on, Window.created_at <= Window.starts_at)
    for window in db.session.scalars(chosen):
        yield _of_window(window, "window.begin", window.starts_at, {"ends_at": plain(window.ends_at)})


def _verified(since: datetime, until: datetime) -> Iterator[Edge]:
    passed = Window.ends_at > since, Window.verifying_at > since, Window.verifying_at <= until
    holds = Window.verifying_at < sa.func.coalesce(Window.gone_at, Window.ends_at)
    for window in db.session.scalars(sa.select(Window).where(*passed, holds)):
        if window.verifying_at:
            yield _of_window(window, "window.verify", window.verifying_at, {"ends_at": plain(window.ends_at)})


def _completed(since: datetime, until: datetime) -> Iterator[Edge]:
    passed = Window.ends_at > since, Window.ends_at <= until, Window.gone_at.is_(None)
    for window in db.session.scalars(sa.select(Window).where(*passed)):
        yield _of_window(window, "window.complete", window.ends_at, {})


def _of_window(window: Window, kind: str, at: datetime, after: Values) -> Edge:
    return Edge(at, kind, f"window-{window.id}", window.name, after)


def _taken_off(since: datetime, until: datetime) -> Iterator[Edge]:
    """Planned outages; one that somebody began at once was told then."""
    is_on = sa.or_(Outage.over_at.is_(None), Outage.over_at > since)
    passed = Outage.starts_at > since, Outage.starts_at <= until, Outage.starts_at > Outage.created_at
    began = sa.or_(Outage.ended_at.is_(None), Outage.ended_at > Outage.starts_at)
    for outage, name in db.session.execute(_outages().where(is_on, *passed, began)):
        yield _of_outage(outage, name, "outage.begin", outage.starts_at, {"planned_end": plain(outage.planned_end)})


def _restored(since: datetime, until: datetime) -> Iterator[Edge]:
    passed = Outage.over_at > since, Outage.over_at <= until, Outage.ended_at.is_(None)
    for outage, name in db.session.execute(_outages().where(*passed)):
        assert outage.over_at is not None
        yield _of_outage(outage, name, "outage.restore", outage.over_at, {})


def _late(since: datetime, until: datetime) -> Iterator[Edge]:
    """Past their end and still off, as they are held until somebody ends them."""
    end = Outage.planned_end
    passed = (
        Outage.at_end == AtEnd.HOLD,
        end > since,
        end <= until,
        sa.or_(Outage.over_at.is_(None), Outage.over_at > end),
    )
    for outage, name in db.session.execute(_outages().where(*passed)):
        assert outage.planned_end is not None
        yield _of_outage(outage, name, "outage.late", outage.planned_end, {"planned_end": plain(outage.planned_end)})


def _outages() -> sa.Select[Outage, str]:
    return sa.select(Outage, Section.name).join(Section, Section.id == Outage.section_id)


def _of_outage(outage: Outage, name: str, kind: str, at: datetime, after: Values) -> Edge:
    return Edge(at, kind, f"outage-{outage.id}", name, after, outage.section_id)


_SHOWN = (Incident.is_private.is_(sa.false()), Incident.discarded_at.is_(None))


def _published(since: datetime, until: datetime) -> Iterator[Edge]:
    passed = Incident.published_at > since, Incident.published_at <= until
    for incident in db.session.scalars(sa.select(Incident).where(*passed, *_SHOWN)):
        assert incident.published_at is not None
        yield Edge(incident.published_at, "incident.publish", f"incident-{incident.id}", incident.title, {})


def _updated(since: datetime, until: datetime) -> Iterator[Edge]:
    """Updates that were written to be seen later than the incident itself."""
    seen = IncidentUpdate.visible_from
    passed = seen > since, seen <= until, seen > IncidentUpdate.created_at, seen > Incident.published_at
    chosen = sa.select(IncidentUpdate, Incident.title).join(Incident, Incident.id == IncidentUpdate.incident_id)
    for update, title in db.session.execute(chosen.where(*passed, *_SHOWN)):
        after = {"stage": update.stage, "body": update.body, "update": update.id}
        subject = f"incident-{update.incident_id}"
        yield Edge(update.visible_from, "incident.update", subject, title, after, part=f"update-{update.id}")


def _overdue(since: datetime, until: datetime) -> Iterator[Edge]:
    """A promise that was not kept: by then nobody had said more."""
    later = aliased(IncidentUpdate)
    promised, order = IncidentUpdate.next_at, later.id > IncidentUpdate.id
    kept = sa.exists().where(later.incident_id == IncidentUpdate.incident_id, order, later.visible_from <= promised)
    passed = promised > since, promised <= until, IncidentUpdate.visible_from <= promised, sa.not_(kept)
    out = Incident.published_at <= promised, Incident.discarded_at.is_(None)
    chosen = sa.select(IncidentUpdate, Incident.title).join(Incident, Incident.id == IncidentUpdate.incident_id)
    for update, title in db.session.execute(chosen.where(*passed, *out)):
        assert update.next_at is not None
        after = {"next_at": plain(update.next_at)}
        subject = f"incident-{update.incident_id}"
        yield Edge(update.next_at, "incident.overdue", subject, title, after, part=f"update-{update.id}")


def _lapsed(since: datetime, until: datetime) -> Iterator[Edge]:
    """What was said of a component held until then."""
    passed = Component.status_until > since, Component.status_until <= until, Component.status != "operational"
    chosen = sa.select(Component).where(*passed, Component.archived_at.is_(None))
    for component in db.session.scalars(chosen):
        assert component.status_until is not None
        yield Edge(component.status_until, "component.lapse", f"component-{component.id}", component.name, {})


def _announced(since: datetime, until: datetime) -> Iterator[Edge]:
    passed = Announcement.published_at > since, Announcement.published_at <= until, Announcement.archived_at.is_(None)
    for said in db.session.scalars(sa.select(Announcement).where(*passed)):
        assert said.published_at is not None
        yield Edge(said.published_at, "announcement.publish", f"announcement-{said.id}", said.title, {})


# What begins stands before what ends at the same moment.
_LOOKS: tuple[Callable[[datetime, datetime], Iterator[Edge]], ...] = (
    _published,
    _updated,
    _announced,
    _reminded,
    _begun,
    _taken_off,
    _verified,
    _late,
    _overdue,
    _completed,
    _restored,
    _lapsed,
)
