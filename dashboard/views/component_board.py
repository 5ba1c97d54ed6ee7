"""The list of components: how each one is, everything that makes it so, and what stands before and behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app

from dashboard import publish
from dashboard.db import db
from dashboard.facts import Facts, IncidentFact, WindowFact
from dashboard.models import Change, Component, Dependency, Section, Service
from dashboard.rules.status import Status
from dashboard.rules.text import is_link
from dashboard.snapshot import ComponentNow, Snapshot, Why, snapshot_at

_PAGES = {"incident": ("incidents.show", "/admin/incidents/"), "window": ("windows.show", "/admin/windows/")}


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a status: in words, with the page that tells more of it ("" if there is none)."""

    status: Status
    words: str
    href: str
    since: datetime
    until: datetime | None
    is_said: bool = False  # by a person, not by what happens


@dataclass(frozen=True, slots=True)
class Row:
    component: Component
    now: ComponentNow
    baseline: Status  # as it was said to be
    causes: tuple[Cause, ...]  # the worst first
    worked_on_until: datetime | None
    services: tuple[Service, ...]
    depends: tuple[tuple[Section, Dependency], ...]

    @property
    def status(self) -> Status:
        """As it is shown now."""
        return self.now.status


def board(at: datetime) -> dict[str, Any]:
    """What the list's templates need."""
    facts = publish.read_facts(at)
    archived = sa.select(Component).where(Component.archived_at.is_not(None)).order_by(Component.name)
    groups: dict[str, list[Row]] = {}
    for row in rows(facts, snapshot_at(facts, at)):
        groups.setdefault(row.component.group, []).append(row)
    return {"groups": groups, "statuses": list(Status), "archived": list(db.session.scalars(archived))}


def rows(facts: Facts, snapshot: Snapshot) -> Iterator[Row]:
    """In the order in which they are shown."""
    components = snapshot.components
    kept = {row.id: row for row in db.session.scalars(sa.select(Component))}
    look_up = _LookUp(facts, _said_by(kept[one.id] for one in components))
    depends, services = depends_of(), services_of()
    for one in components:
        yield Row(
            component=kept[one.id],
            now=one,
            baseline=one.fact.baseline(snapshot.at),
            causes=tuple(look_up.cause(one, why) for why in one.why),
            worked_on_until=_worked_on_until(one),
            services=tuple(services.get(one.id, ())),
            depends=tuple(depends.get(one.id, ())),
        )


def depends_of() -> Mapping[int, list[tuple[Section, Dependency]]]:
    """The sections that depend on a component, by its id."""
    found: defaultdict[int, list[tuple[Section, Dependency]]] = defaultdict(list)
    pairs = sa.select(Section, Dependency).join(Dependency, Dependency.section_id == Section.id)
    for section, dependency in db.session.execute(pairs.where(Section.archived_at.is_(None)).order_by(Section.name)):
        found[dependency.component_id].append((section, dependency))
    return found


def services_of() -> Mapping[int, list[Service]]:
    """The PagerDuty services that stand for a component, by its id."""
    found: defaultdict[int, list[Service]] = defaultdict(list)
    for service in db.session.scalars(sa.select(Service).order_by(Service.name)):
        found[service.component_id].append(service)
    return found


class _LookUp:
    """What the causes of statuses are called, by their refs."""

    def __init__(self, facts: Facts, said_by: Mapping[int, str]) -> None:
        told: list[WindowFact | IncidentFact] = [*facts.windows, *facts.incidents]
        self.told = {one.ref: one for one in told}
        self.said_by = said_by

    def cause(self, component: ComponentNow, why: Why) -> Cause:
        told = self.told.get(why.ref)
        if told is None:
            words = f"said by {self.said_by[component.id]}" if component.id in self.said_by else "said here"
            return Cause(why.status, words, "", why.since, why.until, is_said=True)
        return Cause(why.status, _words(told), _href(told), why.since, why.until)


def _words(told: WindowFact | IncidentFact) -> str:
    if isinstance(told, IncidentFact):
        return f"incident {told.title}"
    return f"PagerDuty {told.external_id}" if told.source == "pagerduty" else f"planned work {told.title}"


def _href(told: WindowFact | IncidentFact) -> str:
    """Its own page here, or else where it comes from."""
    page, path = _PAGES[told.ref.partition("-")[0]]
    if page in current_app.view_functions:
        return f"{path}{told.id}"
    return told.url if isinstance(told, WindowFact) and is_link(told.url) else ""


def _worked_on_until(component: ComponentNow) -> datetime | None:
    ends = (why.until for why in component.why if why.ref.startswith("window-"))
    return max(filter(None, ends), default=None)


def _said_by(components: Iterable[Component]) -> dict[int, str]:
    """Who said how they are, by their ids; of those that do not simply work."""
    since = {f"component-{row.id}": row for row in components if row.status != Status.OPERATIONAL}
    times = {row.status_at for row in since.values()}
    said = sa.select(Change.subject, Change.at, Change.actor).where(Change.subject.in_(since), Change.at.in_(times))
    found = db.session.execute(said.order_by(Change.id)).all()
    return {since[subject].id: actor for subject, at, actor in found if at == since[subject].status_at}
