"""Saying which of PagerDuty's services stand for which component. The next poll follows it."""

from __future__ import annotations

from datetime import datetime

from dashboard.actions.writing import Actor, Refused, writing
from dashboard.db import db
from dashboard.models import Change, Component, Service
from dashboard.rules.text import LINE, clean_line
from dashboard.sources.pagerduty_records import is_id


def map_service(external_id: str, name: str, component_id: int, by: Actor, at: datetime) -> Change | None:
    """Windows on the service count as windows on the component; None when they do already. A service may stand for
    several components, and a component for several services. Raises Refused for what is no id."""
    if not is_id(external_id):
        raise Refused("external_id", "That is not the id of a PagerDuty service. Choose one from the list.")
    with writing(by, at) as work:
        component = db.session.get_one(Component, component_id)
        if db.session.get(Service, (external_id, component_id)):
            return None
        name = clean_line(name)[:LINE] or external_id
        db.session.add(Service(external_id=external_id, component_id=component_id, name=name, created_at=at))
        after = {"service": external_id, "name": name}
        return work.record("component.map", f"component-{component_id}", component.name, None, after)


def unmap_service(external_id: str, component_id: int, by: Actor, at: datetime) -> Change | None:
    """None when they did not belong together. Windows that are open leave the component with the next poll."""
    with writing(by, at) as work:
        service = db.session.get(Service, (external_id, component_id))
        if service is None:
            return None
        component = db.session.get_one(Component, component_id)
        db.session.delete(service)
        before = {"service": external_id, "name": service.name}
        return work.record("component.unmap", f"component-{component_id}", component.name, before, None)
