"""What a team's own channel is told: who did it and why, what needs somebody, and where to do it with one tap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from dashboard.channels.message import Link, Message
from dashboard.facts import IncidentFact, OutageFact
from dashboard.messages import incidents, reach
from dashboard.messages.asked import Asked, Deed, Told
from dashboard.rules.telling import Reach
from dashboard.snapshot import SectionNow, Snapshot

_OVERDUE = "incident.overdue"
_OUTAGES = {
    "outage.start": "{by} took {name} off{end}",
    "outage.extend": "{by} set another end: {name} is off{end}",
    "outage.end": "{by} brought {name} back",
    "outage.cancel": "{by} called off a planned outage of {name}, {{from}}{to}",
    "outage.undo": "{by} took the last change back: {name} is off{end}",
    "outage.begin": "{name} is off{end}, as planned",
    "outage.restore": "{name} is back, as planned",
    "outage.late": "{name} is past its end and still off",
}
_PLANNED = "{by} planned {name} to be off {{from}}{to}"
_UNDONE = "{by} took the last change back: {name} is to be off {{from}}{to}"
_NOT_OFF = "{by} took the last change back: {name} is not off by it"
_INCIDENTS = {
    "incident.declare": "{by} declared an incident: {name}",
    "incident.publish": "{by} published an incident: {name}",
    "incident.resolve": "{by} resolved the incident: {name}",
    "incident.reopen": "{by} opened the incident again: {name}",
    _OVERDUE: "An update is overdue: {name}",
}
_IS_BACK = ("outage.end", "outage.restore")
_UNDO = "outage.undo"
_WAS_OFF = "It was off from {from} to {until}."


def of_outage(asked: Asked, snapshot: Snapshot) -> Told | None:
    """None of what was done along with an incident, which names the section."""
    facts, deed = snapshot.history.facts, asked.newest
    outage = next((one for one in (*facts.outages, *facts.ended_outages) if one.id == asked.id), None)
    section = next((one for one in snapshot.sections if outage and one.id == outage.section_id), None)
    if outage is None or section is None or _is_told_by_incident(asked, outage, snapshot):
        return None
    is_planned, is_over = outage.starts_at > snapshot.at, bool(outage.over_at and outage.over_at <= snapshot.at)
    is_back = deed.kind in _IS_BACK or (deed.kind == _UNDO and is_over)
    known = outage.planned_end is not None
    words = {"end": " until {until}" if known else ", end not known", "to": " to {until}" if known else " on"}
    message = Message(
        kind=deed.kind,
        thing=asked.thing,
        look="op" if is_back else "maint" if is_planned else "major",
        title=_of_outage(deed.kind, is_planned, is_over).format(by=deed.by, name=section.name, **words),
        lines=tuple(filter(None, [_WAS_OFF] if is_back else _why(asked, outage))),
        link=Link(section.name, f"{snapshot.site.url}/admin/sections/{section.key}"),
        at=deed.at,
        start=outage.starts_at,
        end=outage.over_at if is_back else outage.planned_end,
        actions=() if is_back or deed.kind == "outage.cancel" else _acts(outage, section, snapshot),
    )
    return Told(message, reach.of_sections(facts, [section.id]))


def _of_outage(kind: str, is_planned: bool, is_over: bool) -> str:
    if kind == _UNDO and (is_over or is_planned):
        return _NOT_OFF if is_over else _UNDONE
    return _PLANNED if is_planned and kind != "outage.cancel" else _OUTAGES[kind]


def _is_told_by_incident(asked: Asked, outage: OutageFact, snapshot: Snapshot) -> bool:
    incident = next((one for one in snapshot.incidents if one.id == outage.incident_id), None)
    return incident is not None and any(update.created_at == asked.newest.at for update in incident.updates)


def _why(asked: Asked, outage: OutageFact) -> list[str]:
    late = "It was to be back by {until}. Extend it or bring it back." if asked.newest.kind == "outage.late" else ""
    by = f"Taken off by {outage.started_by}." if outage.started_by != asked.newest.by else ""
    return [late, f"Why: {outage.reason}" if outage.reason else "", by]


def _acts(outage: OutageFact, section: SectionNow, snapshot: Snapshot) -> tuple[Link, ...]:
    """Each opens a page that asks for one tap."""
    here = f"{snapshot.site.url}/admin/outages/{outage.id}"
    if outage.starts_at > snapshot.at or outage.planned_end is None:
        return (Link(f"Bring {section.name} back", f"{here}/end"),)
    return Link("Extend 1 h", f"{here}/extend?minutes=60"), Link(f"Bring {section.name} back", f"{here}/end")


def of_incident(asked: Asked, snapshot: Snapshot) -> Told | None:
    """None of a private one: who reads a channel is not known here."""
    incident = next((one for one in snapshot.incidents if one.id == asked.id), None)
    deeds = [one for one in asked.deeds if incident and (one.kind != _OVERDUE or _is_overdue(incident, snapshot))]
    if incident is None or not deeds:
        return None
    deed = deeds[-1]
    here = f"{snapshot.site.url}/admin/incidents/{incident.id}"
    message = Message(
        kind=deed.kind,
        thing=asked.thing,
        look=incidents.look_of(incident),
        title=_INCIDENTS[deed.kind].format(by=deed.by, name=incident.title),
        lines=tuple(_of_incident(deed, incident, snapshot)),
        link=Link(incident.title, here),
        at=deed.at,
        start=incident.started_at,
        next=incident.next_at,
        actions=(Link("Write an update", here),) if incident.is_open else (),
    )
    return Told(message, reach.of_incident(snapshot, incident))


def _is_overdue(incident: IncidentFact, snapshot: Snapshot) -> bool:
    return incident.next_at is not None and incident.next_at <= snapshot.at


def _of_incident(deed: Deed, incident: IncidentFact, snapshot: Snapshot) -> list[str]:
    if deed.kind == _OVERDUE:
        return ["The public was promised more by {next}."]
    return [incident.latest.body, *incidents.named(incident, snapshot)]


def of_source(asked: Asked, snapshot: Snapshot) -> Told:
    deed = asked.newest
    fails = deed.kind == "source.fail"
    message = Message(
        kind=deed.kind,
        thing=asked.thing,
        look="degraded" if fails else "op",
        title=f"{deed.name} does not answer as it should" if fails else f"{deed.name} answers again",
        lines=(str(deed.after.get("error", "")), "What was known of planned work stands.") if fails else (),
        link=Link(deed.name, f"{snapshot.site.url}/admin/{deed.subject.removeprefix('source-')}"),
        at=deed.at,
    )
    return Told(message, Reach())


def of_followers(asked: Asked, snapshot: Snapshot) -> Told:
    """Many may be lost at once, when a whole service is gone."""
    names = {deed.subject: deed.name for deed in asked.deeds}
    deed, here = asked.newest, f"{snapshot.site.url}/admin/followers"
    whom = f"{len(names)} followers" if len(names) > 1 else f"the follower {deed.name}"
    message = Message(
        kind=deed.kind,
        thing=asked.thing,
        look="degraded",
        title=f"Nothing arrives any more at {whom}",
        lines=tuple(filter(None, (str(deed.after.get("why", "")), "Nothing is sent there until somebody says so."))),
        link=Link("Followers", here if len(names) > 1 else f"{here}/{deed.subject.removeprefix('follower-')}"),
        at=deed.at,
    )
    return Told(message, Reach(), replaces=False)


@dataclass(frozen=True, slots=True)
class _Failed:
    """Of the message that did not arrive; its title may hold these times."""

    title: str
    start: datetime | None = None
    end: datetime | None = None
    next: datetime | None = None


def of_deliveries(asked: Asked, snapshot: Snapshot) -> Told:
    """Much may fail at once, when letters are taken for spam."""
    deed, here = asked.newest, f"{snapshot.site.url}/admin/notifications"
    failed, others = msgspec.convert(deed.after["told"], _Failed), len({one.subject for one in asked.deeds}) - 1
    message = Message(
        kind=deed.kind,
        thing=asked.thing,
        look="degraded",
        title=f"Some messages could not be delivered: {failed.title}{f', and {others} more' if others else ''}",
        lines=("They are not tried again until somebody sends them again, under Deliveries.",),
        link=Link("Deliveries", here if others else f"{here}/{deed.subject.removeprefix('notification-')}"),
        at=deed.at,
        start=failed.start,
        end=failed.end,
        next=failed.next,
    )
    return Told(message, Reach(), replaces=False)


# Who tells the staff of a thing, by its noun.
STAFF: dict[str, Callable[[Asked, Snapshot], Told | None]] = {
    "outage": of_outage,
    "incident": of_incident,
    "source": of_source,
    "followers": of_followers,
    "deliveries": of_deliveries,
}
