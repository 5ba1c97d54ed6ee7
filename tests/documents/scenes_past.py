"""The same website with incidents, planned work and a past: what its other public pages are tested by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dashboard.editions import Edition, edition_at
from dashboard.facts import AnnouncementFact, Facts, IncidentFact, ReviewFact, Standing, Touch, UpdateFact
from dashboard.rules.incident import Stage
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from tests.documents import scenes
from tests.documents.scenes import DEPOSIT, HEALTH, HOSTILE, INDEX, MAIL, NOW, PRESCRIPTIONS, PROVIDER, SEARCH, at

WEIGHTS = {Status.PARTIAL_OUTAGE: 0.3, Status.MAJOR_OUTAGE: 1.0}


def update(id: int, stage: str, then: datetime, body: str, **given: Any) -> UpdateFact:
    impacts = {component: Status(status) for component, status in given.pop("impacts", {}).items()}
    return replace(UpdateFact(id, Stage(stage), body, then, then, None, None, True, then, impacts), **given)


def incident(id: int, title: str, *updates: UpdateFact, **given: Any) -> IncidentFact:
    start = updates[0].at
    plain = IncidentFact(id, title, start, None, "", "", "", "", "", "", "", start, start, 1, updates)
    return replace(plain, **given)


PAYMENTS = incident(
    7,
    "Payments are not going through",
    update(71, "investigating", at(13, 10), "We are looking into it.", impacts={PROVIDER: "partial_outage"}),
    update(
        72,
        "identified",
        at(14, 10),
        "Northpay, our payments provider, has a fault.\n\nThey are mending it.",
        impacts={PROVIDER: "major_outage"},
        next_at=at(15),
        edited_at=at(14, 20),
    ),
    broken="You cannot pay.",
    affected="Everybody who pays by card.",
    instead="Pay by bank transfer.",
    expected="By 18:00 today.",
    third_party="Northpay",
    third_party_url="https://status.northpay.example",
    touches=(Touch(SEARCH, Effect.WARN),),
)
EMAILS = incident(
    5,
    "Confirmation e-mails were late",
    update(51, "investigating", at(9, 5, day=19), "E-mails are late.", impacts={MAIL: "degraded_performance"}),
    update(52, "resolved", at(9, 40, day=19), "All is well again. None were lost.", impacts={MAIL: "operational"}),
    review=ReviewFact(1, "A queue was full.", "", "A wrong limit.", "Watch it.", at(12, day=19), None),
    touches=(Touch(HEALTH, Effect.NOTHING),),
)
OCTOBER = incident(
    3,
    "Sign-in was slow",
    update(31, "investigating", datetime(2026, 10, 3, 9, tzinfo=NOW.tzinfo), "Slow.", impacts={INDEX: "major_outage"}),
    update(32, "resolved", datetime(2026, 10, 3, 11, tzinfo=NOW.tzinfo), "Over.", impacts={INDEX: "operational"}),
)
OFF = replace(scenes.outage(DEPOSIT, at(11, day=18), starts_at=at(9, day=18)), ended_at=at(10, 30, day=18))
UPGRADE = scenes.window(INDEX, at(2, day=15), at(4, day=15), id=90)
HERE = scenes.window(
    MAIL,
    at(1, day=23),
    at(3, day=23),
    id=91,
    source="signpost",
    series_id=1,
    message="Nothing is sent from {from} to {until}.",
    touches=(Touch(PRESCRIPTIONS, Effect.WARN),),
)


def facts(**given: Any) -> Facts:
    begun = NOW - timedelta(days=200)
    components = tuple(
        replace(one, standings=(Standing(begun, Status.OPERATIONAL),), status=Status.OPERATIONAL)
        for one in scenes.COMPONENTS
    )
    plain: dict[str, Any] = {
        "components": components,
        "incidents": (OCTOBER, EMAILS, PAYMENTS),
        "ended_outages": (OFF,),
        "ended_windows": (UPGRADE,),
        "windows": (scenes.SUNDAY, HERE),
        "read_at": NOW,
    }
    made = scenes.facts(**(plain | given))
    return replace(made, site=replace(made.site, weights=WEIGHTS))


def hostile() -> Facts:
    bad = incident(
        7,
        HOSTILE[:200],
        update(71, "investigating", at(13), HOSTILE, impacts={PROVIDER: "major_outage"}),
        broken=HOSTILE[:300],
        affected=HOSTILE[:300],
        instead=HOSTILE[:300],
        expected=HOSTILE[:300],
        third_party=HOSTILE[:200],
        third_party_url="javascript:alert(1)",
    )
    over = replace(
        EMAILS,
        title=HOSTILE[:200],
        updates=tuple(replace(said, body=HOSTILE) for said in EMAILS.updates),
        broken=HOSTILE,
    )
    component = replace(
        scenes.COMPONENTS[0], name=HOSTILE[:200], group=HOSTILE[:100], description=HOSTILE, upstream_url="javascript:x"
    )
    work = replace(HERE, message=HOSTILE, title=HOSTILE[:200], component_ids=(component.id,))
    news = AnnouncementFact(1, HOSTILE[:200], HOSTILE, HOSTILE[:100], "javascript:alert(1)", at(9), None)
    return facts(incidents=(over, bad), components=(component,), windows=(work,), announcements=(news,))


SCENES: dict[str, Callable[[], Facts]] = {
    "busy": facts,
    "resolved": lambda: facts(incidents=(OCTOBER, EMAILS)),
    "under way": lambda: facts(windows=(scenes.SLOW, scenes.SUNDAY)),
    "held": lambda: facts(outages=(scenes.outage(DEPOSIT, at(14, 20), at_end=AtEnd.HOLD, incident_id=7),)),
    "nothing": lambda: scenes.facts(),
    "hostile": hostile,
}


def edition(scene: str = "busy", t: datetime = NOW) -> Edition:
    return edition_at(SCENES[scene](), t)


def page(scene: str = "busy", path: str = "/", t: datetime = NOW) -> str:
    return scenes.body(edition(scene, t), path).decode()
