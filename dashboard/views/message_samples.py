"""One of each kind of message, made of made-up facts by what makes the real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from dashboard import messages
from dashboard.channels.message import Message
from dashboard.facts import (
    ComponentFact,
    DependencyFact,
    Facts,
    IncidentFact,
    OutageFact,
    SectionFact,
    SiteFact,
    Touch,
    UpdateFact,
    WindowFact,
)
from dashboard.messages import Asked, Deed, Told
from dashboard.rules.incident import Stage
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from dashboard.rules.telling import Audience, Tells
from dashboard.snapshot import snapshot_at

_HOUR = timedelta(hours=1)
_BY = "Priya Shah"


@dataclass(frozen=True, slots=True)
class World:
    """A website of one section and one component, at a time."""

    facts: Facts
    at: datetime

    def off(self, minutes: int = 120, **more: object) -> Facts:
        return replace(self.facts, outages=(_outage(self, minutes, **more),))

    def work(self, hours: float, **more: object) -> Facts:
        """Of two hours, that begins so many hours from now."""
        start = self.at + timedelta(hours=hours)
        made = WindowFact(
            id=1,
            source="signpost",
            external_id="",
            starts_at=start,
            ends_at=start + 2 * _HOUR,
            title="New disks",
            message="You cannot upload or view documents.",
            url="",
            created_at=self.at - 72 * _HOUR,
            component_ids=(1,),
            touches=(Touch(1, Effect.DOWN),),
            zone=self.facts.site.zone,
            tells_start=True,
            tells_end=True,
        )
        return replace(self.facts, windows=(replace(made, **more),))  # type: ignore[arg-type]

    def trouble(self, *said: UpdateFact) -> Facts:
        return replace(self.facts, incidents=(_incident(self, said),))


@dataclass(frozen=True, slots=True)
class Scene:
    """What was done to which thing, and how everything stood after it. What it says the next one knows."""

    thing: str
    deed: str
    facts: Facts
    audience: Audience = Audience.PUBLIC
    after: Mapping[str, object] | None = None
    name: str = "Documents"
    subject: str = ""  # of the deed, where it is not the thing


@dataclass(frozen=True, slots=True)
class Kind:
    label: str
    scenes: Callable[[World], tuple[Scene, ...]]
    is_staff: bool = False


def sample(name: str, site: SiteFact, at: datetime) -> Message:
    """The last of its scenes, told."""
    world, past = _world(site, at), dict[str, Mapping[str, object]]()
    told: Told | None = None
    for scene in KINDS[name].scenes(world):
        deed = Deed(scene.deed, scene.subject or scene.thing, scene.name, _BY, at, {}, scene.after or {})
        told = messages.tell(Asked(scene.thing, scene.audience, (deed,)), snapshot_at(scene.facts, at), past)
        if told and told.said is not None:
            past[scene.thing] = msgspec.to_builtins(told.said, str_keys=True)
    if told is None:
        raise LookupError(f"nothing is told of {name}")
    return told.message


def _off(world: World) -> Scene:
    return Scene("section-1", "outage.start", world.off())


def _extended(world: World) -> tuple[Scene, ...]:
    return _off(world), Scene("section-1", "outage.extend", world.off(240))


def _late(world: World) -> tuple[Scene, ...]:
    late = world.off(-10, at_end=AtEnd.HOLD)
    return _off(world), Scene("section-1", "outage.late", late)


def _back(world: World) -> tuple[Scene, ...]:
    ended = _outage(world, 120, ended_at=world.at)
    return _off(world), Scene("section-1", "outage.end", replace(world.facts, ended_outages=(ended,)))


def _planned(world: World) -> Scene:
    return Scene("window-1", "window.plan", world.work(60))


def _cancelled(world: World) -> tuple[Scene, ...]:
    planned = world.work(60)
    return _planned(world), Scene("window-1", "window.cancel", replace(world.facts, cancelled=planned.windows))


def _opened(world: World) -> Scene:
    first = _update(world, 1, Stage.INVESTIGATING, "You may not be able to see documents. We are looking into it.")
    return Scene("incident-1", "incident.declare", world.trouble(first), after={"update": 1})


def _more(world: World) -> tuple[Scene, ...]:
    [first] = _opened(world).facts.incidents[0].updates
    words = "Our file store has stopped. Documents that you sent are safe."
    facts = world.trouble(first, _update(world, 2, Stage.IDENTIFIED, words))
    return _opened(world), Scene("incident-1", "incident.update", facts, after={"update": 2})


def _resolved(world: World) -> tuple[Scene, ...]:
    [first] = _opened(world).facts.incidents[0].updates
    last = _update(world, 2, Stage.RESOLVED, "Documents work again. Nothing was lost.")
    return _opened(world), Scene("incident-1", "incident.resolve", world.trouble(first, last), after={"update": 2})


def _status(world: World) -> tuple[Scene, ...]:
    [part] = world.facts.components
    slow = replace(part, status=Status.DEGRADED_PERFORMANCE, status_until=world.at + 2 * _HOUR)
    facts = replace(world.facts, components=(slow,))
    return (Scene("component-1", "component.status", facts),)


def _for_staff(
    thing: str, deed: str, facts: Callable[[World], Facts], **more: object
) -> Callable[[World], tuple[Scene]]:
    return lambda world: (Scene(thing, deed, facts(world), Audience.STAFF, **more),)  # type: ignore[arg-type]


def _overdue(world: World) -> Facts:
    first = _update(world, 1, Stage.INVESTIGATING, "We are looking into it.")
    return world.trouble(replace(first, next_at=world.at - timedelta(minutes=5)))


KINDS: Mapping[str, Kind] = {
    "off": Kind("A section is off", lambda world: (_off(world),)),
    "extended": Kind("It takes longer", _extended),
    "late": Kind("It is late", _late),
    "back": Kind("It is back", _back),
    "planned": Kind("Work is planned", lambda world: (_planned(world),)),
    "moved": Kind("It is moved", lambda world: (_planned(world), _moved(world))),
    "reminder": Kind("It begins in an hour", lambda world: (_planned(world), _reminder(world))),
    "begun": Kind("It has begun", lambda world: (_planned(world), Scene("window-1", "window.begin", world.work(0)))),
    "over": Kind("It is over", lambda world: (_planned(world), _over(world))),
    "cancelled": Kind("It is called off", _cancelled),
    "opened": Kind("An incident is opened", lambda world: (_opened(world),)),
    "updated": Kind("An incident goes on", _more),
    "resolved": Kind("An incident is resolved", _resolved),
    "component": Kind("A component is slow", _status),
    "staff-off": Kind("Somebody took it off", _for_staff("outage-1", "outage.start", World.off), is_staff=True),
    "staff-late": Kind(
        "Past its end",
        _for_staff("outage-1", "outage.late", lambda world: world.off(-10, at_end=AtEnd.HOLD)),
        is_staff=True,
    ),
    "staff-opened": Kind(
        "An incident is declared",
        _for_staff("incident-1", "incident.declare", lambda world: _opened(world).facts, name="Documents do not open"),
        is_staff=True,
    ),
    "staff-overdue": Kind(
        "An update is overdue",
        _for_staff("incident-1", "incident.overdue", _overdue, name="Documents do not open"),
        is_staff=True,
    ),
    "staff-source": Kind(
        "PagerDuty does not answer",
        _for_staff(
            *("source-pagerduty", "source.fail", lambda world: world.facts),
            name="PagerDuty",
            after={"error": "It did not answer in time."},
        ),
        is_staff=True,
    ),
    "staff-lost": Kind(
        "Nothing reaches a follower",
        _for_staff(
            *("followers", "follower.pause", lambda world: world.facts),
            name="number 12",
            subject="follower-12",
            after={"why": "Nothing arrived for three days."},
        ),
        is_staff=True,
    ),
    "staff-undelivered": Kind(
        "A message does not reach all",
        _for_staff(
            *("deliveries", "notification.fail", lambda world: world.facts),
            name="Documents",
            subject="notification-40",
            after={"told": {"title": "Documents is working again"}},
        ),
        is_staff=True,
    ),
}


def _moved(world: World) -> Scene:
    return Scene("window-1", "window.edit", world.work(62))


def _reminder(world: World) -> Scene:
    return Scene("window-1", "window.remind", world.work(1))


def _over(world: World) -> Scene:
    [work] = world.work(-2).windows
    return Scene("window-1", "window.complete", replace(world.facts, ended_windows=(work,)))


def _world(site: SiteFact, at: datetime) -> World:
    long_ago = at - timedelta(days=30)
    section = SectionFact(
        id=1,
        key="documents",
        name="Documents",
        parent_id=None,
        message="You cannot upload or view documents. What you have sent is safe.",
        alternative="Send copies by post, or call us.",
        link_label="Help with documents",
        link_url="https://www.example.org/help",
        default_minutes=60,
        warn_minutes=60,
        owner="Documents team",
        created_at=long_ago,
        version=1,
    )
    part = ComponentFact(1, "store", "Document store", "", Status.OPERATIONAL, long_ago, created_at=long_ago)
    depends = DependencyFact(1, 1, Effect.DOWN, Effect.WARN)
    return World(Facts(1, at, site, (section,), (part,), (depends,)), at)


def _outage(world: World, minutes: int, **more: object) -> OutageFact:
    """Since an hour ago, and planned to last so many minutes from now."""
    made = OutageFact(
        id=1,
        section_id=1,
        starts_at=world.at - _HOUR,
        planned_end=world.at + timedelta(minutes=minutes),
        ended_at=None,
        at_end=AtEnd.RESTORE,
        reason="The virus scanner is down",
        message="",
        alternative=world.facts.sections[0].alternative,
        started_by=_BY,
        created_at=world.at - _HOUR,
        said_at=world.at - _HOUR,
        version=1,
        tells=Tells.YES,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _incident(world: World, said: tuple[UpdateFact, ...]) -> IncidentFact:
    over_at = said[-1].at if said[-1].stage is Stage.RESOLVED else None
    return IncidentFact(
        id=1,
        title="Documents do not open",
        published_at=said[0].at,
        over_at=over_at,
        impact_override="",
        broken="",
        affected="Everybody who sends us documents.",
        instead="Send copies by post, or call us.",
        expected="",
        third_party="",
        third_party_url="",
        created_at=said[0].at,
        revised_at=said[-1].at,
        version=len(said),
        updates=said,
        touches=(Touch(1, Effect.WARN),),
    )


def _update(world: World, id: int, stage: Stage, body: str) -> UpdateFact:
    at = world.at - timedelta(minutes=60 if id == 1 else 0)
    status = Status.OPERATIONAL if stage is Stage.RESOLVED else Status.MAJOR_OUTAGE
    next_at = None if stage is Stage.RESOLVED else world.at + timedelta(minutes=30)
    return UpdateFact(id, stage, body, at, at, next_at, None, True, at, {1: status})
