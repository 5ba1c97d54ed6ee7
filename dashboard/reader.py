"""The one reader: rows -> frozen Facts, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.facts import (
    AnnouncementFact,
    ComponentFact,
    DependencyFact,
    Facts,
    OutageFact,
    OverruleFact,
    SectionFact,
    SiteFact,
    SourceFact,
    Standing,
    ToggleFact,
    WindowFact,
)
from dashboard.models import (
    Announcement,
    Change,
    Component,
    Dependency,
    Incident,
    Ledger,
    Outage,
    Overrule,
    Section,
    Service,
    Source,
    Toggle,
    ToggleAlias,
    ToggleSection,
    Token,
    Window,
)
from dashboard.rows import WAS_EVER, by_id, columns, incidents, made, outages, pairs, windows
from dashboard.rules.status import Status

_AGAIN = 2  # more readings, at the most, of a database that is being written to
_LEDGER = sa.select(Ledger.revision, Ledger.revised_at, Ledger.head)
_BACK = timedelta(days=92)  # an uptime's 90 whole days, wherever midnight is
_CALLED_OFF_FOR = timedelta(days=7)  # so long a calendar is told of it
_SETTLED = timedelta(minutes=15)  # what has been over for so long does not change
_OF_STATUS = ("component.create", "component.edit", "component.status", "component.undo")


def read(session: Session, site: SiteFact, poll_seconds: int, at: datetime, known: Facts | None = None) -> Facts:
    """Everything that holds at ``at`` or later, and what is over since `kept_from`. Raises what the database raises.

    Read again when somebody committed meanwhile, so that no change is there by half. What cannot have changed is taken
    from the facts that are ``known``.
    """
    found = _read(session, site, poll_seconds, at, known)
    for _ in range(_AGAIN):
        if session.execute(_LEDGER).one().revision == found.revision:
            break
        found = _read(session, site, poll_seconds, at, known)
    return found


def kept_from(at: datetime, zone: ZoneInfo) -> datetime:
    """What was over by then is in the files of the months."""
    day = (at - _BACK).astimezone(zone)
    return datetime(day.year, day.month, 1, tzinfo=zone).astimezone(UTC)


def _read(session: Session, site: SiteFact, poll_seconds: int, at: datetime, known: Facts | None) -> Facts:
    ledger = session.execute(_LEDGER).one()
    zone = ZoneInfo(site.zone)
    kept = kept_from(at, zone)
    since = _since(session, known, ledger.revision, at, zone)
    quiet = known if since is not None and since <= {"outage"} else None
    sections = columns(SectionFact, Section).where(Section.archived_at.is_(None))
    dependencies = columns(DependencyFact, Dependency).order_by(Dependency.section_id, Dependency.component_id)
    overrules = columns(OverruleFact, Overrule).where(Overrule.ends_at > kept)
    open_outages, ended_outages = _outages(session, at, kept, known if since is not None else None)
    open_windows, ended_windows, cancelled = _windows(session, at, kept, quiet)
    return Facts(
        revision=ledger.revision,
        revised_at=ledger.revised_at,
        site=site,
        sections=made(SectionFact, session.execute(sections.order_by(Section.position, Section.id))),
        components=quiet.components if quiet else _components(session, kept),
        dependencies=made(DependencyFact, session.execute(dependencies)),
        toggles=quiet.toggles if quiet else _toggles(session),
        outages=open_outages,
        windows=open_windows,
        overrules=by_id(made(OverruleFact, session.execute(overrules))),
        sources=tuple(
            SourceFact(**row._mapping, every=poll_seconds)
            for row in session.execute(columns(SourceFact, Source).order_by(Source.name))
        ),
        incidents=quiet.incidents if quiet else incidents(session, _is_recent(kept, at)),
        ended_outages=ended_outages,
        ended_windows=ended_windows,
        cancelled=cancelled,
        announcements=quiet.announcements if quiet else _announcements(session),
        tokens=quiet.tokens if quiet else _tokens(session),
        head=ledger.head,
        read_at=at,
    )


def _since(session: Session, known: Facts | None, revision: int, at: datetime, zone: ZoneInfo) -> set[str] | None:
    """The nouns that were changed since the facts that are known; None if the chain does not go on from there: it is
    another database, or one that was set back. To read everything takes longer than all else, and somebody waits."""
    if known is None or known.read_at is None or not known.read_at <= at:
        return None
    if known.site.zone != zone.key or kept_from(at, zone) != kept_from(known.read_at, zone):
        return None
    if session.scalar(sa.select(Change.hash).where(Change.revision == known.revision)) != known.head:
        return None
    kinds = sa.select(Change.kind).where(Change.revision > known.revision, Change.revision <= revision)
    found = session.scalars(kinds).all()
    return {kind.partition(".")[0] for kind in found} if len(found) == revision - known.revision else None


def _is_recent(kept: datetime, at: datetime) -> sa.ColumnElement[bool]:
    """Not in a month's file: also what was over long ago and is still to come out."""
    coming_out = sa.select(Incident.id).where(Incident.published_at > at).correlate(None)
    return sa.or_(Incident.over_at.is_(None), Incident.over_at >= kept, Incident.id.in_(coming_out))


def _outages(
    session: Session, at: datetime, kept: datetime, known: Facts | None
) -> tuple[tuple[OutageFact, ...], tuple[OutageFact, ...]]:
    """Those that hold or are to come, and those that are over."""
    settled = known.read_at - _SETTLED if known and known.read_at else kept
    was_over = (
        [outage for outage in known.ended_outages if outage.over_at and outage.over_at < settled] if known else []
    )
    found = outages(session, sa.or_(Outage.over_at.is_(None), Outage.over_at >= settled))
    ended = {outage.id: outage for outage in found if outage.over_at and outage.over_at <= at}
    return tuple(outage for outage in found if outage.id not in ended), by_id([*was_over, *ended.values()])


def _windows(
    session: Session, at: datetime, kept: datetime, known: Facts | None
) -> tuple[tuple[WindowFact, ...], tuple[WindowFact, ...], tuple[WindowFact, ...]]:
    """Those under way or to come, those that are over, and those that were called off before they began."""
    if known is not None:
        found = (*known.ended_windows, *known.windows)
        cancelled = known.cancelled
    else:
        here = sa.or_(Window.gone_at.is_(None), Window.gone_at >= kept)
        found = windows(session, sa.and_(WAS_EVER, Window.ends_at >= kept, here))
        cancelled = windows(session, sa.and_(sa.not_(WAS_EVER), Window.ends_at > at - _CALLED_OFF_FOR))
    over = tuple(window for window in found if window.ends_at <= at)
    return tuple(window for window in found if window.ends_at > at), over, cancelled


def _components(session: Session, kept: datetime) -> tuple[ComponentFact, ...]:
    """In their groups, which are in the order of their first members."""
    chosen = columns(ComponentFact, Component).where(Component.archived_at.is_(None))
    rows = session.execute(chosen.order_by(Component.position, Component.id)).all()
    groups = {row.group: place for place, row in reversed(list(enumerate(rows)))}
    standings = _standings(session, kept)
    began = {row.id: (Standing(row.created_at, Status(row.status), row.status_until),) for row in rows}
    services = pairs(session, sa.select(Service.component_id, Service.external_id))
    found = made(ComponentFact, rows, standings=began | standings, service_ids=services)
    return tuple(sorted(found, key=lambda component: groups[component.group]))


def _toggles(session: Session) -> tuple[ToggleFact, ...]:
    """By name."""
    found = made(
        ToggleFact,
        session.execute(columns(ToggleFact, Toggle).where(Toggle.archived_at.is_(None))),
        section_ids=pairs(session, sa.select(ToggleSection.toggle_id, ToggleSection.section_id)),
        aliases=pairs(session, sa.select(ToggleAlias.toggle_id, ToggleAlias.name).where(ToggleAlias.gone_at.is_(None))),
    )
    return tuple(sorted(found, key=attrgetter("name")))


def _tokens(session: Session) -> tuple[str, ...]:
    return tuple(sorted(session.scalars(sa.select(Token.digest).where(Token.revoked_at.is_(None)))))


def _standings(session: Session, kept: datetime) -> dict[int, tuple[Standing, ...]]:
    """By the component's id, of those whose baseline changed since `kept_from`."""
    of_status = Change.kind.in_(_OF_STATUS), Change.at > kept
    chosen = sa.select(Change.subject, Change.at, Change.before, Change.after).where(*of_status).order_by(Change.id)
    found: defaultdict[int, list[Standing]] = defaultdict(list)
    for subject, then, *values in session.execute(chosen):
        before, after = ({key: str(said) if said else None for key, said in (value or {}).items()} for value in values)
        held = found[int(subject.partition("-")[2])]
        if (was := _standing(kept, before)) and not held:
            held.append(was)
        if now := _standing(then, after):
            held.append(now)
    return {id: tuple(held) for id, held in found.items() if held}


def _standing(at: datetime, values: Mapping[str, str | None]) -> Standing | None:
    """What one side of a change says of the baseline; None if nothing."""
    status, until = values.get("status"), values.get("status_until")
    return Standing(at, Status(status), datetime.fromisoformat(until) if until else None) if status else None


def _announcements(session: Session) -> tuple[AnnouncementFact, ...]:
    """The newest first."""
    here = Announcement.published_at.is_not(None), Announcement.archived_at.is_(None)
    found = made(AnnouncementFact, session.execute(columns(AnnouncementFact, Announcement).where(*here)))
    return tuple(sorted(found, key=attrgetter("published_at", "id"), reverse=True))
