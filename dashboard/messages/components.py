"""What is told of a component of which somebody said how it is, or until when that was said."""

from __future__ import annotations

from dashboard.channels.message import Link, Message
from dashboard.documents.html import STATUS_LOOKS, STATUS_WORDS
from dashboard.facts import UpdateFact
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
    if component is None or not _is_its_own(component, snapshot):
        return None
    last, was = _said(component, past), _was(asked)
    if component.status is (was or last) or component.status is last is Status.OPERATIONAL:
        return None
    cause = f"component-{component.id}"
    struck = [one.id for one in snapshot.sections if any(held.ref == cause for held in one.now.causes)]
    reached = reach.of(snapshot.history.facts, struck, [component.id])
    said = OfComponent(snapshot.at, component.status)
    return Told(_message(asked, component, was or last, snapshot), reached, said)


def is_untold(component: ComponentNow, past: Past, snapshot: Snapshot) -> bool:
    """Is it otherwise than people were told, by what was said of it alone?"""
    over = (one.latest for one in snapshot.incidents if not one.is_open)
    if any(_says(update, component) and update.at >= component.fact.status_at for update in over):
        return False
    return _is_its_own(component, snapshot) and component.status is not _said(component, past)


def _said(component: ComponentNow, past: Past) -> Status:
    before = known(past, f"component-{component.id}", OfComponent)
    return before.status if before else Status.OPERATIONAL


def _was(asked: Asked) -> Status | None:
    """What was said of it before all this; None where that is not known."""
    first = next((deed.before for deed in asked.deeds if deed.subject == asked.thing), {})
    return Status(str(first["status"])) if first.get("status") else None


def _is_its_own(component: ComponentNow, snapshot: Snapshot) -> bool:
    """Is its status what was said of it, and not for an incident to tell?"""
    if component.status is not component.fact.baseline(snapshot.at):
        return False
    open_ones = [one for one in snapshot.incidents if one.is_open]
    telling = {one.ref for one in open_ones if any(_says(update, component) for update in one.updates)}
    return not any(why.ref in telling and why.status is component.status for why in component.why)


def _says(update: UpdateFact, component: ComponentNow) -> bool:
    """Were people told by it that the component is as it is?"""
    return update.tells and update.impacts.get(component.id) is component.status


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
