"""What an embed shows in each state: made-up facts about one section, shown by the same rules as true ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from dashboard.facts import ComponentFact, DependencyFact, Facts, OutageFact, SectionFact
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from dashboard.snapshot import Snapshot, snapshot_at

STATES = {
    "ok": "Working",
    "soon": "Coming up",
    "slow": "Slow",
    "down": "Down",
    "late": "Late",
    "back": "Back again",
}
BACK_AFTER = timedelta(seconds=4)
_WARNED = timedelta(minutes=30)
_SALT = "signpost sample"


@dataclass(frozen=True, slots=True)
class Sample:
    """A section's key, and the state to show it in."""

    section: str
    state: str


def token_of(sample: Sample, today: date, secret: str) -> str:
    """The embed script sends no cookie, so the address from which it reads a sample must do."""
    said = [sample.section, sample.state, today.toordinal()]
    return str(URLSafeSerializer(secret, _SALT).dumps(said))


def sample_of(token: str, today: date, secret: str) -> Sample | None:
    """None for a token that is not ours, or older than yesterday's."""
    try:
        section, state, day = URLSafeSerializer(secret, _SALT).loads(token)
    except BadSignature:
        return None
    return Sample(section, state) if today.toordinal() - day <= 1 else None


def shown(facts: Facts, sample: Sample, t: datetime) -> Snapshot | None:
    """The section alone, as if it were in that state from now on; None if there is no such section."""
    section = next((section for section in facts.sections if section.key == sample.section), None)
    return snapshot_at(_pretended(facts, section, sample.state, t), t) if section else None


def _pretended(facts: Facts, section: SectionFact, state: str, t: datetime) -> Facts:
    warned = max(section.warn_minutes, 2 * int(_WARNED.total_seconds()) // 60)
    section = replace(section, parent_id=None, warn_minutes=warned)
    alone = Facts(facts.revision, t, facts.site, sections=(section,), sources=facts.sources, languages=facts.languages)
    if state == "slow":
        return _slow(alone, section, t)
    usual = timedelta(minutes=section.default_minutes)
    spans = {
        "soon": (t + _WARNED, t + _WARNED + usual),
        "down": (t, t + usual),
        "late": (t - timedelta(hours=2), t - timedelta(minutes=10)),
        "back": (t - timedelta(hours=1), t + BACK_AFTER),
    }
    at_end = AtEnd.HOLD if state == "late" else AtEnd.RESTORE
    return replace(alone, outages=(_outage(section, *spans[state], at_end, t),)) if state in spans else alone


def _outage(section: SectionFact, starts_at: datetime, planned_end: datetime, at_end: AtEnd, t: datetime) -> OutageFact:
    return OutageFact(
        id=int(t.timestamp()),  # another one each time, so that a sample that was hidden shows again
        section_id=section.id,
        starts_at=starts_at,
        planned_end=planned_end,
        ended_at=None,
        at_end=at_end,
        reason="",
        message=section.message,
        alternative=section.alternative,
        started_by="",
        created_at=min(starts_at, t),
        said_at=t,
        version=1,
    )


def _slow(alone: Facts, section: SectionFact, t: datetime) -> Facts:
    system = ComponentFact(1, "sample", "Sample", "", Status.MAJOR_OUTAGE, t)
    depends = DependencyFact(section.id, system.id, Effect.DOWN, Effect.WARN)
    return replace(alone, components=(system,), dependencies=(depends,))
