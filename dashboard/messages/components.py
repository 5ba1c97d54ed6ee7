"""What is told of a component of which somebody said how it is, or until when that was said."""

from __future__ import annotations

from dashboard.channels.message import Link, Message
from dashboard.documents.html import STATUS_LOOKS, STATUS_WORDS
from dashboard.messages import bodies, reach
from dashboard.messages.asked import Asked, Past, Told, known
from dashboard.messages.said import OfComponent
from dashboard.rules import wording
from dashboard.rules.status import Status
from dashboard.snapshot import ComponentNow, Snapshot

UNTIL = "We expect this to last until {until}."


def tell(asked: Asked, snapshot: Snapshot, past: Past) -> Told | None:
    """None where it is as it was told, or something else decides how it is: that is told of by itself."""
    component = next((one for one in snapshot.components if one.id == asked.id), None)
    if component is None or component.status is not component.fact.baseline(snapshot.at):
        return None
    before = known(past, asked.thing, OfComponent)
    last = before.status if before else Status.OPERATIONAL
    if component.status is _was(asked) or component.status is last is Status.OPERATIONAL:
        return None
    if _is_told_by_incident(component, snapshot):
        return None
    cause = f"component-{component.id}"
    struck = [one.id for one in snapshot.sections if any(held.ref == cause for held in one.now.causes)]
    reached = reach.of(snapshot.history.facts, struck, [component.id])
    said = OfComponent(snapshot.at, component.status)
    return Told(_message(asked, component, _was(asked) or last, snapshot), reached, said)


def _was(asked: Asked) -> Status | None:
    """What was said of it before all this; None where that is not known."""
    status = asked.deeds[0].before.get("status")
    return Status(status) if status else None


def _is_told_by_incident(component: ComponentNow, snapshot: Snapshot) -> bool:
    telling = {one.ref for one in snapshot.incidents if one.is_open and one.latest.tells}
    return any(why.ref in telling and why.status is component.status for why in component.why)


def _message(asked: Asked, component: ComponentNow, was: Status, snapshot: Snapshot) -> Message:
    works = component.status is Status.OPERATIONAL
    word = STATUS_WORDS[component.status].lower()
    return Message(
        kind=asked.newest.kind,
        thing=asked.thing,
        look=STATUS_LOOKS[component.status],
        title=wording.filled(wording.TITLE_BACK, section=component.name) if works else f"{component.name}: {word}",
        lines=(UNTIL,) if component.fact.status_until and not works else (),
        link=Link(component.name, f"{snapshot.site.url}/components/{component.key}/"),
        at=asked.newest.at,
        start=component.fact.status_at,
        end=None if works else component.fact.status_until,
        wire=bodies.of_component(snapshot, component, was, asked.newest.at),
    )
