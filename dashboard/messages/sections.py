"""What is told of a section that goes off, comes back, or is to be off: how it stands against what was said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from dashboard.channels.message import Link, Message
from dashboard.documents import entries
from dashboard.documents.html import LOOKS
from dashboard.facts import Facts, OutageFact
from dashboard.messages import bodies, phrases, reach
from dashboard.messages.asked import Asked, Past, Told, known, read
from dashboard.messages.said import Off, OfSection, Times
from dashboard.rules import wording
from dashboard.rules.state import State
from dashboard.rules.telling import AHEAD, BACK, BETWEEN, UNDO, Tells, is_told
from dashboard.snapshot import SectionNow, Snapshot

LONGER = "It takes longer than we said before."
SOONER = "It will be back sooner than we said before."
WAS_OFF = "It was unavailable from {from} to {until}."
NOT_THEN = "We had planned to take it off then. That will not happen."
_JUST_NOW = UNDO + 2 * BETWEEN  # so soon after it is done it is told, unless sending lies idle
_OWED = {BACK}  # nobody did anything to it, so nothing that is planned is news
_EVER = datetime.min.replace(tzinfo=UTC)


def tell(asked: Asked, snapshot: Snapshot, past: Past) -> Told | None:
    """None where it stands as it was told, or nobody is told of it."""
    section = next((one for one in snapshot.sections if one.id == asked.id), None)
    if section is None:
        return None
    before = _before(section.id, past)
    now = _now(section, before, snapshot)
    if before.off and now.off:
        if _goes_on(before.off, now.off, snapshot.history.facts):
            now = replace(now, off=replace(now.off, since=before.off.since))
        else:
            before = replace(before, off=None)
    now = replace(now, off=_told_of(section, before.off, now.off, snapshot))
    message = _of_now(asked, section, before.off, now.off, snapshot)
    planned = list(_of_planned(asked, section, before, now, snapshot)) if asked.kinds != _OWED else []
    if message is None and not planned:
        return None
    reached = reach.of_sections(snapshot.history.facts, [section.id])
    if message:
        is_planned = all(one.was_planned and not one.is_late for one in (before.off, now.off) if one)
        return Told(message, reached, replace(now, planned=before.planned), is_planned, has_more=bool(planned))
    first, *others = planned
    also = tuple(bodies.plain(one.title, one, snapshot) for one in others)
    return Told(replace(first, lines=(*first.lines, *also)), reached, now, is_planned=True, replaces=False)


def is_owed(section: SectionNow, past: Past) -> bool:
    """Were people told that it is off, and is it not any more?"""
    return section.state is not State.DOWN and _before(section.id, past).off is not None


def off_now(section: SectionNow, snapshot: Snapshot) -> Off | None:
    """By an outage of its own; its end as it is shown, whatever else keeps it off."""
    outage = _outage_of(section, snapshot)
    if outage is None:
        return None
    notice = section.notices[0]
    return Off(outage.id, outage.starts_at, notice.end, notice.is_late, outage.starts_at > outage.created_at)


def page_of(section: SectionNow, snapshot: Snapshot) -> str:
    return f"{snapshot.site.url}/sections/{section.key}/"


def _outage_of(section: SectionNow, snapshot: Snapshot) -> OutageFact | None:
    t = snapshot.at
    here = (one for one in snapshot.history.facts.outages if one.section_id == section.id and one.starts_at <= t)
    return next((one for one in here if one.over_at is None or one.over_at > t), None)


def _before(id: int, past: Past) -> OfSection:
    """The last word on it, which may be an incident's."""
    own = known(past, f"section-{id}", OfSection) or OfSection(_EVER)
    told = [said.get("sections", {}) for thing, said in past.items() if thing.startswith("incident-")]
    words = [read(one.get(str(id)), OfSection) for one in told]
    newest = max((own, *filter(None, words)), key=lambda one: one.at)
    return replace(own, at=newest.at, off=newest.off)


def _goes_on(before: Off, now: Off, facts: Facts) -> bool:
    """Is it what people were told of, or something that took its place at once?"""
    if before.outage == now.outage:
        return True
    outages = {one.id: one for one in (*facts.outages, *facts.ended_outages)}
    old, new = outages.get(before.outage), outages[now.outage]
    return old is not None and (old.over_at is None or new.starts_at - old.over_at <= BETWEEN)


def _now(section: SectionNow, before: OfSection, snapshot: Snapshot) -> OfSection:
    """What was told stays told, whatever was chosen since."""
    facts, t = snapshot.history.facts, snapshot.at
    coming = [one for one in facts.outages if one.section_id == section.id and t < one.starts_at <= t + AHEAD]
    told = [
        one
        for one in coming
        if one.id in before.planned or is_told(one.tells, one.starts_at, one.planned_end, is_late=False)
    ]
    planned = {one.id: (one.starts_at, one.planned_end) for one in told}
    at = max(t, before.at)  # for a clock may have run ahead
    return OfSection(at, off_now(section, snapshot), planned)


def _told_of(section: SectionNow, before: Off | None, now: Off | None, snapshot: Snapshot) -> Off | None:
    """That it is off, if anybody is or was told so: what an incident does to a section is the incident's to tell."""
    outage = _outage_of(section, snapshot)
    if now is None or outage is None:
        return _kept_off(section, before)
    if before:
        is_problem = before.is_late or not before.was_planned  # and remains one for those who hear of problems alone
        now = replace(now, was_planned=now.was_planned and not is_problem)
        return before if outage.tells is Tells.NO else now
    is_incidents = any(one.id == outage.incident_id for one in snapshot.incidents)
    told = is_told(outage.tells, outage.starts_at, outage.planned_end, now.is_late)
    return now if told and not is_incidents else None


def _kept_off(section: SectionNow, before: Off | None) -> Off | None:
    """What people were told of is over, and something else keeps it off."""
    if before is None or section.state is not State.DOWN:
        return None
    notice = section.notices[0]
    return replace(before, until=notice.end, is_late=notice.is_late)


def _of_now(
    asked: Asked, section: SectionNow, before: Off | None, now: Off | None, snapshot: Snapshot
) -> Message | None:
    if now is None:
        return _back(asked, section, before, snapshot) if before else None
    if before and (before.until, before.is_late) == (now.until, now.is_late):
        return None
    return _off(asked, section, before, now, snapshot)


def _off(asked: Asked, section: SectionNow, before: Off | None, now: Off, snapshot: Snapshot) -> Message:
    notice = section.notices[0]
    links = [f"{link.label}: {link.href}" for link in notice.links[:-1]]
    said = (_differs(before, now), notice.message, notice.alternative, *links)
    message = Message(
        kind=asked.newest.kind,
        thing=asked.thing,
        look=LOOKS[notice.state],
        title=notice.title_now,
        lines=tuple(filter(None, said)),
        link=Link(notice.links[-1].label, notice.links[-1].href),
        at=asked.newest.at,
        start=notice.start,
        end=notice.end,
        next=notice.next,
    )
    return _with_wire(message, now.outage, section, snapshot)


def _differs(before: Off | None, now: Off) -> str:
    """What is new about the end; the notice itself says that it is late, or not known."""
    if before is None or now.is_late or now.until is None:
        return ""
    return LONGER if before.until is None or before.until < now.until else SOONER


def _back(asked: Asked, section: SectionNow, before: Off, snapshot: Snapshot) -> Message:
    """When something slows it down that is said too; from when until when it was off, if what ended just now is an
    outage of its own: else something may have kept it off until later."""
    facts, t = snapshot.history.facts, snapshot.at
    over = [
        one.over_at for one in (*facts.outages, *facts.ended_outages) if one.section_id == section.id and one.over_at
    ]
    end = max((one for one in over if t - _JUST_NOW <= one <= t), default=None)
    notice = section.notice if section.state is State.DEGRADED else None
    message = Message(
        kind=asked.newest.kind,
        thing=asked.thing,
        look=LOOKS[section.state] if notice else "op",
        title=notice.title_now if notice else wording.filled(wording.TITLE_BACK, section=section.name),
        lines=(WAS_OFF,) if end else (),
        link=Link(section.name, page_of(section, snapshot)),
        at=asked.newest.at,
        start=before.since if end else None,
        end=end,
    )
    return _with_wire(message, before.outage, section, snapshot)


def _of_planned(
    asked: Asked, section: SectionNow, before: OfSection, now: OfSection, snapshot: Snapshot
) -> Iterator[Message]:
    """What is new, and what will not be, in order of time."""
    silent = {one.id for one in snapshot.history.facts.outages if one.tells is Tells.NO}
    changed = {id: times for id, times in now.planned.items() if before.planned.get(id) != times and id not in silent}
    dropped = {id: times for id, times in before.planned.items() if id not in now.planned and times[0] > snapshot.at}
    for id, times in _in_order(changed):
        yield _planned(asked, section, id, times, snapshot)
    for id, times in _in_order(dropped):
        yield _called_off(asked, section, id, times, snapshot)


def _in_order(planned: Mapping[int, Times]) -> list[tuple[int, Times]]:
    return sorted(planned.items(), key=lambda one: (one[1][0], one[0]))


def _planned(asked: Asked, section: SectionNow, id: int, times: Times, snapshot: Snapshot) -> Message:
    facts = snapshot.history.facts
    outage = next(one for one in facts.outages if one.id == id)
    ready = next(one.message for one in facts.sections if one.id == section.id)
    title = wording.title(section.name, State.DOWN, times[1] is not None, late=False, soon=True)
    lines = (outage.message or ready, outage.alternative)
    return _with_wire(_coming(asked, section, title, lines, times, snapshot), id, section, snapshot)


def _called_off(asked: Asked, section: SectionNow, id: int, times: Times, snapshot: Snapshot) -> Message:
    title = phrases.of_several(phrases.CALLED_OFF if times[1] else phrases.CALLED_OFF_OPEN, [section.name])
    return _with_wire(_coming(asked, section, title, (NOT_THEN,), times, snapshot), id, section, snapshot)


def _coming(
    asked: Asked, section: SectionNow, title: str, lines: tuple[str, ...], times: Times, snapshot: Snapshot
) -> Message:
    return Message(
        kind=asked.newest.kind,
        thing=asked.thing,
        look="maint",
        title=title,
        lines=tuple(filter(None, lines)),
        link=Link(section.name, page_of(section, snapshot)),
        at=asked.newest.at,
        start=times[0],
        end=times[1],
    )


def _with_wire(message: Message, outage_id: int, section: SectionNow, snapshot: Snapshot) -> Message:
    """One that was planned is planned work for programs, as the lists have it; any other an incident of its own."""
    facts, ref = snapshot.history.facts, f"outage-{outage_id}"
    off = {one.ref for one in entries.called_off(snapshot.history)}
    works = (*entries.coming(snapshot.history), *entries.over(snapshot.history), *entries.called_off(snapshot.history))
    if work := next((one for one in works if one.ref == ref), None):
        return replace(message, wire=bodies.of_work(snapshot, work, ref in off))
    outage = next((one for one in (*facts.outages, *facts.ended_outages) if one.ref == ref), None)
    is_off = section.state is State.DOWN
    return (
        replace(message, wire=bodies.of_outage(snapshot, outage, message, page_of(section, snapshot), is_off))
        if outage
        else message
    )
