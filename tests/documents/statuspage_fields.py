"""The whole field set of Statuspage's API, version 2: what is missing, unknown or of another type is an error."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Id = Annotated[str, Meta(pattern=r"^[a-z0-9]{12}$")]
Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
Words = Annotated[str, Meta(min_length=1)]
Status = Literal["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]


class Whole(Struct, forbid_unknown_fields=True):
    """Every field, and no other."""


class Page(Whole):
    id: Id
    name: str
    url: Words
    time_zone: Words
    updated_at: Moment


class PageStatus(Whole):
    indicator: Literal["none", "minor", "major", "critical", "maintenance"]
    description: Words


class Component(Whole):
    """A group has members beside."""

    id: Id
    name: str
    status: Status
    created_at: Moment
    updated_at: Moment
    position: int
    description: str | None
    showcase: bool
    start_date: Day | None
    group_id: Id | None
    page_id: Id
    group: bool
    only_show_if_degraded: bool
    components: list[Id] | UnsetType = UNSET


class Affected(Whole):
    code: Id
    name: str
    old_status: Status
    new_status: Status


class Update(Whole):
    id: Id
    status: Literal[
        "investigating", "identified", "monitoring", "resolved", "postmortem",
        "scheduled", "in_progress", "verifying", "completed",
    ]  # fmt: skip
    body: Words
    incident_id: Id
    created_at: Moment
    updated_at: Moment
    display_at: Moment
    affected_components: list[Affected]
    deliver_notifications: bool
    custom_tweet: None
    tweet_id: None


class Told(Whole):
    id: Id
    name: Words
    created_at: Moment
    updated_at: Moment
    monitoring_at: Moment | None
    resolved_at: Moment | None
    shortlink: Words
    started_at: Moment
    page_id: Id
    incident_updates: Annotated[list[Update], Meta(min_length=1)]
    components: list[Component]


class Incident(Told):
    status: Literal["investigating", "identified", "monitoring", "resolved", "postmortem"]
    impact: Literal["none", "minor", "major", "critical"]


class Maintenance(Told):
    status: Literal["scheduled", "in_progress", "verifying", "completed"]
    impact: Literal["maintenance"]
    scheduled_for: Moment
    scheduled_until: Moment


class OfStatus(Whole):
    page: Page
    status: PageStatus


class OfComponents(Whole):
    page: Page
    components: list[Component]


class OfIncidents(Whole):
    page: Page
    incidents: list[Incident]


class OfMaintenances(Whole):
    page: Page
    scheduled_maintenances: list[Maintenance]


class Summary(Whole):
    page: Page
    status: PageStatus
    components: list[Component]
    incidents: list[Incident]
    scheduled_maintenances: list[Maintenance]


API = "/api/v2"
FORMS: dict[str, type[Whole]] = {
    f"{API}/summary.json": Summary,
    f"{API}/status.json": OfStatus,
    f"{API}/components.json": OfComponents,
    f"{API}/incidents.json": OfIncidents,
    f"{API}/incidents/unresolved.json": OfIncidents,
    f"{API}/scheduled-maintenances.json": OfMaintenances,
    f"{API}/scheduled-maintenances/upcoming.json": OfMaintenances,
    f"{API}/scheduled-maintenances/active.json": OfMaintenances,
}
