"""What is told of an incident: the updates that are new, and what a reader needs beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from dashboard.channels.message import Link, Message
from dashboard.documents import entries
from dashboard.documents.html import STAGE_WORDS, STATUS_WORDS
from dashboard.documents.past import IMPACT_LOOKS
from dashboard.facts import IncidentFact, UpdateFact
from dashboard.messages import bodies, phrases, reach
from dashboard.messages.asked import Asked, Past, Told, known
from dashboard.messages.said import OfIncident, OfSection
from dashboard.messages.sections import off_now
from dashboard.rules import wording
from dashboard.rules.incident import Impact
from dashboard.rules.state import Effect, State
from dashboard.rules.status import Status
from dashboard.snapshot import Notice, SectionNow, Snapshot

_NOTHING = OfIncident(datetime.min.replace(tzinfo=UTC), ())  # was said of it
_OPENS = ("incident.declare", "incident.publish")
_FACTS = (
    ("affected", "Who is affected"),
    ("instead", "What to do instead"),
    ("expected", "When to expect a fix"),
    ("third_party", "Where it comes from"),
)


def tell(asked: Asked, snapshot: Snapshot, past: Past) -> Told | None:
    """None of one that is private, a draft or withdrawn, and where whoever wrote it wants nobody to be told."""
    whole = next((one for one in snapshot.incidents if one.id == asked.id), None)
    before = known(past, asked.thing, OfIncident) or _NOTHING
    new = [] if whole is None else _new(asked, whole, before)
    if whole is None or not new:
        return None
    incident = _as_told(whole, new)
    told = OfIncident(
        at=snapshot.at,
        updates=(*before.updates, *(update.id for update in new)),
        sections={**before.sections, **dict(_told_of(whole, before, snapshot))},
    )
    message = _message(asked, incident, new, before, snapshot)
    return Told(message, reach.of_incident(snapshot, incident), told, replaces=False)


def _new(asked: Asked, incident: IncidentFact, before: OfIncident) -> list[UpdateFact]:
    """Those that these deeds made, in order of time. One that comes out is told by its first."""
    ids = {deed.after["update"] for deed in asked.deeds if "update" in deed.after}
    ids |= {incident.updates[0].id} if asked.kinds.intersection(_OPENS) else set()
    return [one for one in incident.updates if one.id in ids and one.tells and one.id not in before.updates]


def _as_told(incident: IncidentFact, new: Iterable[UpdateFact]) -> IncidentFact:
    """Without what was written later: whoever did may still want nobody to be told of that."""
    last = max(update.id for update in new)
    return replace(incident, updates=tuple(update for update in incident.updates if update.id <= last))


def _sections(incident: IncidentFact, snapshot: Snapshot) -> list[SectionNow]:
    """Those that it names, in the order of the page."""
    named = {touch.section_id for touch in incident.touches}
    return [section for section in snapshot.sections if section.id in named]


def _told_of(incident: IncidentFact, before: OfIncident, snapshot: Snapshot) -> Iterator[tuple[int, OfSection]]:
    """What it says of sections: that outages of their own keep them off, or that they work again."""
    back = _back(incident, before)
    for section in _sections(incident, snapshot):
        off = off_now(section, snapshot)
        if off or (section.id in back and section.state is not State.DOWN):
            yield section.id, OfSection(snapshot.at, off)


def _back(incident: IncidentFact, before: OfIncident) -> frozenset[int]:
    """The sections that are to be said to work again, if they do."""
    were_off = frozenset(id for id, said in before.sections.items() if said.off)
    held = frozenset(touch.section_id for touch in incident.touches if touch.effect is not Effect.NOTHING)
    return were_off if incident.is_open else were_off | held


def _message(
    asked: Asked, incident: IncidentFact, new: list[UpdateFact], before: OfIncident, snapshot: Snapshot
) -> Message:
    next_at = incident.next_at if incident.next_at and incident.next_at > snapshot.at else None
    end = _shared_end(incident, snapshot)
    how = _how(incident, snapshot, end, _back(incident, before))
    lines = [*_bodies(new, snapshot), *_struck(incident, snapshot), *how]
    lines += [*_known(incident), wording.NEXT] if next_at else _known(incident)
    return Message(
        kind=asked.newest.kind,
        thing=asked.thing,
        look=look_of(incident),
        title=_title(asked, incident),
        lines=tuple(filter(None, lines)),
        link=Link(wording.UPDATES, f"{snapshot.site.url}/incidents/{incident.id}/"),
        at=asked.newest.at,
        start=incident.started_at,
        end=end,
        next=next_at,
        wire=bodies.of_incident(snapshot, incident),
    )


def look_of(incident: IncidentFact) -> str:
    if not incident.is_open:
        return "op"
    return "degraded" if incident.impact is Impact.NONE else IMPACT_LOOKS[incident.impact]


def named(incident: IncidentFact, snapshot: Snapshot) -> list[str]:
    """What it does to components and sections, with every time in the zone of the page."""
    return [*_struck(incident, snapshot), *_how(incident, snapshot, None, _back(incident, _NOTHING))]


def _title(asked: Asked, incident: IncidentFact) -> str:
    is_again = incident.is_open and "incident.reopen" in asked.kinds
    return f"{'Open again' if is_again else STAGE_WORDS[incident.stage]}: {incident.title}"


def _bodies(new: list[UpdateFact], snapshot: Snapshot) -> Iterator[str]:
    """Several, and what is told afterwards, with their times."""
    for update in new:
        is_earlier = update.at < update.visible_from
        stamped = len(new) > 1 or is_earlier
        yield f"{entries.day_words(update.at, snapshot.zone)}: {update.body}" if stamped else update.body


def _struck(incident: IncidentFact, snapshot: Snapshot) -> Iterator[str]:
    """Components with their status words; those that work again together. What something else holds does not."""
    impacts = incident.latest.impacts
    named = [(one, impacts[one.id]) for one in snapshot.components if one.id in impacts]
    struck = [f"{one.name} ({STATUS_WORDS[said].lower()})" for one, said in named if said is not Status.OPERATIONAL]
    works = [one.name for one, said in named if said is one.status is Status.OPERATIONAL]
    if struck:
        yield f"Affected: {phrases.listed(struck)}."
    if works:
        yield f"Working again: {phrases.listed(works)}."


def _how(incident: IncidentFact, snapshot: Snapshot, end: datetime | None, back: frozenset[int]) -> Iterator[str]:
    """Each section as the page shows it. One time can be told in the reader's zone: the end that they share."""
    for section in _sections(incident, snapshot):
        if section.state in (State.DOWN, State.DEGRADED):
            yield _standing(section.notices[0], end, snapshot)
        elif section.id in back:
            yield f"{wording.filled(wording.TITLE_BACK, section=section.name)}."


def _standing(notice: Notice, end: datetime | None, snapshot: Snapshot) -> str:
    until = entries.day_words(notice.end, snapshot.zone) if notice.end and notice.end != end else "{until}"
    return f"{wording.filled(notice.title_now, until=until)}."


def _shared_end(incident: IncidentFact, snapshot: Snapshot) -> datetime | None:
    held = (one for one in _sections(incident, snapshot) if one.state in (State.DOWN, State.DEGRADED))
    ends = {section.notices[0].end for section in held}
    return next(iter(ends)) if len(ends) == 1 else None


def _known(incident: IncidentFact) -> list[str]:
    """What readers need, in order: what is broken, for whom, what to do instead. Once it is over they need none."""
    if not incident.is_open:
        return []
    found = [f"{words}: {said}" for name, words in _FACTS if (said := getattr(incident, name))]
    source = f" ({incident.third_party_url})" if incident.third_party and incident.third_party_url else ""
    if source:
        found[-1] += source
    return [incident.broken, *found]
