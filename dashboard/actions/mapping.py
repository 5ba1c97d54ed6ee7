"""From a PagerDuty service to the sections that its windows take off, in one step. The next poll follows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

import sqlalchemy as sa

from dashboard.actions import sections
from dashboard.actions.sections import Depends
from dashboard.actions.writing import Actor, Refused, Writing, writing
from dashboard.db import db
from dashboard.models import Change, Component, Section, Service
from dashboard.rules.text import LINE, clean_line, key_from
from dashboard.sources.pagerduty_records import is_id


@dataclass(frozen=True, slots=True)
class Mapping:
    """``component_id`` None: a new component, called ``new_name``. A window takes the sections off, those included
    that depended on it without minding its windows."""

    external_id: str
    name: str
    component_id: int | None
    new_name: str = ""
    section_ids: frozenset[int] = frozenset()


def connect(mapping: Mapping, by: Actor, at: datetime) -> Component:
    """The component that stands for the service from now on; sent twice, it is done once. Raises Refused."""
    if not is_id(mapping.external_id):
        raise Refused("", "That is not the id of a PagerDuty service. Choose one from the list.")
    with writing(by, at) as work:
        component = _component(work, mapping)
        _stand(work, component, mapping.external_id, clean_line(mapping.name)[:LINE] or mapping.external_id)
        _depend(work, component, mapping.section_ids)
    return component


def disconnect(external_id: str, component_id: int, by: Actor, at: datetime) -> Change | None:
    """The component no longer stands for the service; None when it did not. Its windows leave with the next poll, but
    stay until their end when no service is left to ask about."""
    with writing(by, at) as work:
        service = db.session.get(Service, (external_id, component_id))
        if service is None:
            return None
        component = db.session.get_one(Component, component_id)
        db.session.delete(service)
        before = {"service": external_id, "name": service.name}
        return work.record("component.unmap", f"component-{component_id}", component.name, before, None)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list: names that were mapped anew, how many of them are new components, and how many stood for
    their services already."""

    mapped: tuple[str, ...] = ()
    made: int = 0
    known: int = 0


def take_list(services: dict[str, tuple[str, ...]], by: Actor, at: datetime) -> Taken:
    """A component of each name stands for its services; what is there and not in the list stays. Raises Refused, and
    then nothing of it was done."""
    with writing(by, at) as work:
        held = {one.key: one for one in db.session.scalars(sa.select(Component))}
        spelled = {key.casefold(): key for key in held}
        mapped = []
        for name, ids in services.items():
            key = spelled.setdefault(name.casefold(), name)
            if key != name:
                raise Refused("services", f"{name} differs from {key}, which is there, in its capitals alone.")
            component = held.get(name) or _add(work, name, name.replace("_", " ").capitalize())
            changes = [alter(work, component, id, id) for id in ids]
            if any(changes):
                mapped.append(name)
        made = sum(name not in held for name in services)
    return Taken(tuple(mapped), made, len(services) - len(mapped))


def list_of_services() -> dict[str, tuple[str, ...]]:
    """By the component's key, in alphabetical order; of those that are in use."""
    pairs = sa.select(Component.key, Service.external_id).join(Service, Service.component_id == Component.id)
    found: dict[str, tuple[str, ...]] = {}
    for key, external_id in sorted(db.session.execute(pairs.where(Component.archived_at.is_(None)))):
        found[key] = (*found.get(key, ()), external_id)
    return found


def alter(work: Writing, component: Component, external_id: str, name: str) -> Change | None:
    """Within an open transaction: the component stands for the service again; None when it does already."""
    if component.archived_at is not None:
        raise Refused("", f"{component.name} is archived. Restore it first.")
    return _stand(work, component, external_id, name)


def _stand(work: Writing, component: Component, external_id: str, name: str) -> Change | None:
    if db.session.get(Service, (external_id, component.id)):
        return None
    db.session.add(Service(external_id=external_id, component_id=component.id, name=name, created_at=work.at))
    after = {"service": external_id, "name": name}
    return work.record("component.map", f"component-{component.id}", component.name, None, after)


def _component(work: Writing, mapping: Mapping) -> Component:
    if mapping.component_id is not None:
        found = db.session.get(Component, mapping.component_id)
        if found is None or found.archived_at is not None:
            raise Refused("component", "That component is not there any more. Choose another.")
        return found
    twin = sa.select(Component).join(Service, Service.component_id == Component.id)
    twin = twin.where(Service.external_id == mapping.external_id, Component.name == mapping.new_name)
    return db.session.scalars(twin).first() or _new(work, mapping.new_name)


def named(name: str) -> Component | None:
    """The component that is called so, in capitals or not."""
    in_use = db.session.scalars(sa.select(Component).where(Component.archived_at.is_(None)).order_by(Component.id))
    return next((one for one in in_use if one.name.casefold() == name.casefold()), None)


def _new(work: Writing, name: str) -> Component:
    if found := named(name):
        raise Refused("new_name", f"{found.name} is there already. Choose it above, or give another name.")
    return _add(work, _free_key(name), name)


def _add(work: Writing, key: str, name: str) -> Component:
    last = db.session.scalar(sa.select(sa.func.max(Component.position))) or 0
    component = Component(key=key, name=name, position=last + 1, created_at=work.at, status_at=work.at)
    db.session.add(component)
    db.session.flush()
    after = {"key": component.key, "name": name, "status": component.status}
    work.record("component.create", f"component-{component.id}", name, None, after)
    return component


def _free_key(name: str) -> str:
    """A key after the name that no component has or had, in capitals or not."""
    base, key = key_from(name)[:90] or "component", sa.func.lower(Component.key)
    taken = {"new", *db.session.scalars(sa.select(key).where(key.startswith(base, autoescape=True)))}  # /components/new
    return next(key for key in _candidates(base) if key not in taken)


def _candidates(base: str) -> Iterable[str]:
    yield base
    for number in count(2):
        yield f"{base}_{number}"


def _depend(work: Writing, component: Component, section_ids: frozenset[int]) -> None:
    """A section that is only warned of its planned work already stays so."""
    found = sa.select(Section).where(Section.id.in_(section_ids), Section.archived_at.is_(None)).order_by(Section.id)
    for section in db.session.scalars(found).all():
        held = {one.component_id: one for one in sections.depends_of(section.id)}
        one = held.get(component.id, Depends(component.id))
        held[component.id] = replace(one, on_window="down") if one.on_window == "nothing" else one
        sections.alter(work, section, {}, tuple(held.values()), "section.depends")
