"""Each incident's own page, under an address that stays: what a reader needs first, then all that was said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard import months
from dashboard.documents import frame, html, past
from dashboard.documents.entries import REVIEW_PARTS, review_of
from dashboard.documents.frame import Frame, Headline
from dashboard.facts import IncidentFact
from dashboard.rules import wording
from dashboard.rules.status import Status
from dashboard.snapshot import SectionNow, Snapshot


@dataclass(frozen=True, slots=True)
class Struck:
    """A component and its status: as it is, or as it was at its worst. ``key`` "": it has no page."""

    key: str
    name: str
    status: Status


@dataclass(frozen=True, slots=True)
class Named:
    """A section that the incident names; ``now`` while it goes on. ``key`` "": it has no page."""

    key: str
    name: str
    now: SectionNow | None


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """``next_at`` is None once that is past: a missed promise is for staff."""

    frame: Frame
    incident: IncidentFact
    next_at: datetime | None
    sections: tuple[Named, ...]
    components: tuple[Struck, ...]


@dataclass(frozen=True, slots=True)
class LongAgo:
    """One in a month's file: the same page on every day, whatever becomes of others."""

    frame: Frame
    id: int
    path: str


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, IncidentPage | LongAgo]]:
    around, lately = frame.live(snapshot), {incident.id for incident in snapshot.incidents}
    sections = {section.id: section for section in snapshot.sections}
    components = {component.id: (component.key, component.name) for component in snapshot.components}
    for one in snapshot.incidents:
        next_at = one.next_at if one.next_at and one.next_at > snapshot.at else None
        touched = (sections[touch.section_id] for touch in one.touches if touch.section_id in sections)
        named = tuple(Named(found.key, found.name, found if one.is_open else None) for found in touched)
        yield _path(one.id), IncidentPage(around, one, next_at, named, tuple(_struck(one, components)))
    of_old = frame.still(snapshot)
    for month in snapshot.history.facts.months:
        for id in month.incident_ids:
            if id not in lately:
                yield _path(id), LongAgo(of_old, id, month.path)


def _path(id: int) -> str:
    return f"/incidents/{id}/"


def _struck(incident: IncidentFact, components: Mapping[int, tuple[str, str]]) -> Iterator[Struck]:
    for id, status in incident.latest.impacts.items():
        if id in components:
            was = (update.impacts[id] for update in incident.updates if id in update.impacts)
            worst = status if incident.is_open else max(was, key=lambda found: found.severity)
            yield Struck(*components[id], worst)


def _from_its_month(subject: LongAgo) -> IncidentPage:
    month = months.load(subject.path)
    incident = next(found for found in month.incidents if found.id == subject.id)
    components = {component.id: ("", component.name) for component in month.components}
    names = (month.section_names.get(touch.section_id) for touch in incident.touches)
    sections = tuple(Named("", name, None) for name in names if name)
    return IncidentPage(subject.frame, incident, None, sections, tuple(_struck(incident, components)))


def render(subject: IncidentPage | LongAgo) -> bytes:
    """Raises OSError when a month's file is gone."""
    page = _from_its_month(subject) if isinstance(subject, LongAgo) else subject
    review = review_of(page.incident)
    parts = [(name, getattr(review, key)) for key, name in REVIEW_PARTS] if review else []
    return html.render(
        "public/incident.html",
        root="../../",
        page=page,
        frame=page.frame,
        incident=page.incident,
        tell=page.frame.telling,
        head=_headline(page.incident),
        length=_length(page.incident),
        review=[(name, said) for name, said in parts if said],
        impact_look=past.IMPACT_LOOKS,
        impact_word=past.impact_word,
    )


def _headline(incident: IncidentFact) -> Headline:
    if incident.is_open:
        return frame.plain(past.IMPACT_LOOKS[incident.impact], incident.title)
    return frame.plain("op", f"Resolved: {incident.title}")


def _length(incident: IncidentFact) -> str:
    end = incident.resolved_at
    return wording.length_words(end - incident.started_at) if end else ""
