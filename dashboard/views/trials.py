"""What mapping a PagerDuty service would bring in: its windows, and what sections would say. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dashboard.actions.windows import NAME
from dashboard.documents.html import Telling
from dashboard.facts import ComponentFact, DependencyFact, Facts, WindowFact
from dashboard.rules.state import Effect
from dashboard.rules.status import Status
from dashboard.snapshot import Notice, SectionNow, snapshot_at
from dashboard.sources import pagerduty
from dashboard.sources.pagerduty import Question
from dashboard.sources.pagerduty_line import Account, Limits
from dashboard.sources.pagerduty_records import WindowRecord
from dashboard.sources.parse import Trouble

PATIENCE = Limits(request_seconds=5, list_seconds=8, confirm_seconds=1)  # somebody waits for the page
NEW = 0  # in place of the id of a component that is not there yet


@dataclass(frozen=True, slots=True)
class Foretold:
    """A notice with its times filled in, as visitors would read it once it has begun."""

    notice: Notice
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The windows, and the sections that would follow with what visitors would read. ``trouble``: why PagerDuty said
    nothing."""

    windows: tuple[WindowFact, ...] = ()
    reached: tuple[tuple[SectionNow, tuple[Foretold, ...]], ...] = ()
    trouble: str = ""


def tried(
    account: Account, external_id: str, component_id: int, section_ids: frozenset[int], facts: Facts, at: datetime
) -> Trial:
    """As if the component stood for the service, and these sections depended on it beside those that do."""
    try:
        records = pagerduty.ask(account, Question(at, frozenset({external_id})), PATIENCE).windows
    except Trouble as trouble:
        return Trial(trouble=trouble.sentence)
    windows = tuple(_window(place, record, component_id, at) for place, record in enumerate(records, 1))
    shown = snapshot_at(_as_if(facts, component_id, section_ids, windows, at), at)
    telling = Telling(shown.today, shown.zone)
    reached = ((section, tuple(_foretold(notice, telling) for notice in section.notices)) for section in shown.sections)
    return Trial(windows, tuple((section, foretold) for section, foretold in reached if foretold))


def _foretold(notice: Notice, telling: Telling) -> Foretold:
    return Foretold(notice, telling.plain(notice.title_now, notice), telling.plain(notice.message, notice))


def _window(place: int, record: WindowRecord, component_id: int, at: datetime) -> WindowFact:
    return WindowFact(
        id=place,
        source=NAME,
        external_id=record.external_id,
        starts_at=record.starts_at,
        ends_at=record.ends_at,
        title=record.title,
        message=record.message,
        url=record.url,
        created_at=at,
        component_ids=(component_id,),
    )


def _as_if(
    facts: Facts, component_id: int, section_ids: frozenset[int], windows: tuple[WindowFact, ...], at: datetime
) -> Facts:
    held = {one.section_id: one for one in facts.dependencies if one.component_id == component_id}
    depends = [
        DependencyFact(id, component_id, Effect.DOWN, Effect.NOTHING)
        if id in section_ids and (id not in held or held[id].on_window is Effect.NOTHING)
        else held[id]
        for id in sorted(section_ids | held.keys())
    ]
    component = ComponentFact(component_id, "trial", "Trial", "", Status.OPERATIONAL, at)
    return replace(
        facts, components=(component,), dependencies=tuple(depends), windows=windows, outages=(), overrules=()
    )
