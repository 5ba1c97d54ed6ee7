"""A website in every state that its public pages can show: facts alone, no database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.editions import Edition, edition_at
from dashboard.facts import (
    ComponentFact,
    DependencyFact,
    Facts,
    OutageFact,
    SectionFact,
    SiteFact,
    SourceFact,
    WindowFact,
)
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status

NOW = datetime(2026, 11, 20, 14, 31, tzinfo=UTC)  # a Friday
SITE = SiteFact("Larkfield", "http://status.example.org", "Europe/London")
MONEY, DEPOSIT, PAYMENTS, HEALTH, PRESCRIPTIONS, SEARCH, SIGN_IN = range(1, 8)
PROVIDER, INDEX, MAIL = range(1, 4)


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def section(id: int, name: str, parent_id: int | None = None, **given: Any) -> SectionFact:
    plain: dict[str, Any] = {
        "key": name.lower().replace(" ", "_"),
        "message": "",
        "alternative": "",
        "link_label": "",
        "link_url": "",
        "default_minutes": 60,
        "warn_minutes": 60,
        "owner": "Payments team",
        "created_at": NOW - timedelta(days=90),
        "version": 1,
    }
    return SectionFact(id=id, name=name, parent_id=parent_id, **(plain | given))


SECTIONS = (
    section(MONEY, "Money"),
    section(
        DEPOSIT,
        "Direct deposit",
        MONEY,
        message="You cannot see or change your bank details. Payments already scheduled for Monday will still be paid.",
        alternative="Call 0300 000 0000, open until 20:00.",
        link_label="Ways to contact us",
        link_url="https://larkfield.example/contact",
    ),
    section(PAYMENTS, "Payments you have had", MONEY),
    section(HEALTH, "Health"),
    section(
        PRESCRIPTIONS,
        "Prescriptions",
        HEALTH,
        message="You cannot order repeat prescriptions. Orders made before {from} are safe.",
    ),
    section(SEARCH, "Search", message="Results can take up to 3 seconds. You can still browse by topic."),
    section(SIGN_IN, "Sign in"),
)
COMPONENTS = (
    ComponentFact(PROVIDER, "payments", "Payments provider", "Suppliers", Status.OPERATIONAL, NOW),
    ComponentFact(MAIL, "mail", "E-mail delivery", "Suppliers", Status.DEGRADED_PERFORMANCE, NOW),
    ComponentFact(INDEX, "index", "Search index", "Ours", Status.OPERATIONAL, NOW),
)
DEPENDENCIES = (
    DependencyFact(PRESCRIPTIONS, PROVIDER, Effect.DOWN, Effect.NOTHING),
    DependencyFact(SEARCH, INDEX, Effect.WARN, Effect.NOTHING),
)


def facts(**given: Any) -> Facts:
    plain: dict[str, Any] = {
        "sections": SECTIONS,
        "components": COMPONENTS,
        "dependencies": DEPENDENCIES,
        "sources": (SourceFact("pagerduty", NOW, 60, "", None),),
    }
    return Facts(revision=42, revised_at=NOW, site=SITE, **(plain | given))


def outage(section_id: int, planned_end: datetime | None, **given: Any) -> OutageFact:
    plain: dict[str, Any] = {
        "starts_at": at(14, 10),
        "at_end": AtEnd.RESTORE,
        "reason": "Northpay certificate expired, ask Priya",
        "started_by": "Priya Shah",
        "message": next(found.message for found in SECTIONS if found.id == section_id),
        "alternative": next(found.alternative for found in SECTIONS if found.id == section_id),
    }
    plain |= given
    start = plain["starts_at"]
    return OutageFact(
        id=31,
        section_id=section_id,
        planned_end=planned_end,
        ended_at=None,
        created_at=start,
        said_at=start,
        version=1,
        **plain,
    )


def window(component_id: int, start: datetime, end: datetime, **given: Any) -> WindowFact:
    plain: dict[str, Any] = {"message": "", "title": "Ledger migration, rack 4", "url": "https://pager.example/W1"}
    plain |= {"id": component_id, "source": "pagerduty", "external_id": f"PW{component_id}"}
    plain |= {"created_at": NOW - timedelta(days=1), "component_ids": (component_id,)}
    return WindowFact(starts_at=start, ends_at=end, **(plain | given))


SLOW = window(INDEX, at(14), at(16))
SUNDAY = window(PROVIDER, at(2, day=22), at(4, day=22))
HOSTILE = "<script>alert(1)</script>\"'>&{until}\u202egnorw\u202c" + "W" * 1_900

SCENES: dict[str, Callable[[], Facts]] = {
    "fine": lambda: facts(),
    "off": lambda: facts(outages=(outage(DEPOSIT, at(18)),), windows=(SLOW, SUNDAY)),
    "parent": lambda: facts(outages=(outage(MONEY, at(9, day=21)),)),
    "planned": lambda: facts(windows=(SUNDAY,)),
    "soon": lambda: facts(windows=(window(PROVIDER, at(15), at(16, 30)),)),
    "degraded": lambda: facts(windows=(SLOW,)),
    "late": lambda: facts(outages=(outage(DEPOSIT, at(14, 20), at_end=AtEnd.HOLD),)),
    "hold": lambda: facts(outages=(outage(DEPOSIT, at(18), at_end=AtEnd.HOLD),)),
    "unknown": lambda: facts(outages=(outage(DEPOSIT, None),)),
    "stale": lambda: facts(
        sources=(
            SourceFact("pagerduty", at(14, 2), 60, "timeout", NOW),
            SourceFact("signpost", at(14, 21), 20, "", None),
        )
    ),
    "empty": lambda: facts(sections=(), components=(), dependencies=(), sources=()),
    "hostile": lambda: facts(
        sections=(section(1, HOSTILE[:200], key="hostile", message=HOSTILE), section(2, "الإيداع المباشر", key="rtl")),
        outages=(
            OutageFact(31, 1, at(14), at(18), None, AtEnd.RESTORE, "r", HOSTILE, HOSTILE, "p", NOW, NOW, 1),
            OutageFact(32, 2, at(14), at(18), None, AtEnd.RESTORE, "r", "لا يمكنك", "", "p", NOW, NOW, 1),
        ),
    ),
}


def edition(scene: str, t: datetime = NOW) -> Edition:
    return edition_at(SCENES[scene](), t)


def body(edition: Edition, path: str = "/", encoding: str = "") -> bytes:
    """What is sent for a path."""
    answer = edition.answer(path)
    assert answer is not None, path
    return answer.variants[encoding].body


def page(scene: str, path: str = "/", t: datetime = NOW) -> str:
    return body(edition(scene, t), path).decode()
