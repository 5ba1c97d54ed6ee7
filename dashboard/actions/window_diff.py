"""What a poll changes: the windows that are held here against those that PagerDuty told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dashboard.actions.writing import Values, plain
from dashboard.sources.pagerduty_records import Fetch, WindowRecord

TOLD = ("starts_at", "ends_at", "title", "message", "url")


@dataclass(frozen=True, slots=True)
class Held:
    """A window as it is stored."""

    id: int
    external_id: str
    starts_at: datetime
    ends_at: datetime
    title: str
    message: str
    url: str
    gone_at: datetime | None
    components: frozenset[int]

    def is_open(self, t: datetime) -> bool:
        return self.gone_at is None and t < self.ends_at


@dataclass(frozen=True, slots=True)
class Step:
    """One window to add (``held`` None) or to alter. ``values`` are its columns as they shall be, without those that
    stay; ``components`` what it shall be on, None when that stays."""

    kind: str
    external_id: str
    held: Held | None
    values: Values
    components: frozenset[int] | None = None

    @property
    def before(self) -> Values | None:
        if self.held is None:
            return None
        before = {name: plain(getattr(self.held, name)) for name in self.values}
        return before if self.components is None else {**before, "components": sorted(self.held.components)}

    @property
    def after(self) -> Values:
        after = {name: plain(value) for name, value in self.values.items()}
        return after if self.components is None else {**after, "components": sorted(self.components)}


def steps(fetch: Fetch, held: Mapping[str, Held], mapped: Mapping[str, frozenset[int]], at: datetime) -> list[Step]:
    """``mapped`` has the components of each service. A window on none of them is none of ours."""
    found = [_told(record, held.get(record.external_id), fetch, mapped, at) for record in fetch.windows]
    if all(skipped.external_id for skipped in fetch.skipped):  # a nameless one might be any that is missing
        missing = [held[id] for id in sorted(fetch.gone) if id in held]
        found += [_drop(window, at) for window in missing if window.is_open(fetch.asked_at)]
    return [step for step in found if step is not None]


def _told(
    record: WindowRecord, held: Held | None, fetch: Fetch, mapped: Mapping[str, frozenset[int]], at: datetime
) -> Step | None:
    is_open = held is not None and held.is_open(fetch.asked_at)
    on = _components(record.services, mapped)
    if held is not None and is_open:  # a service that PagerDuty refuses keeps its component
        on |= held.components & _components((id for id, _ in fetch.unknown), mapped)
    if held is not None and is_open and not on:
        return _drop(held, at)
    if not on or (not is_open and record.ends_at <= fetch.asked_at):
        return None
    values = {name: getattr(record, name) for name in TOLD}
    if held is None:
        return Step("window.add", record.external_id, None, values, on)
    return _altered(held, {**values, "gone_at": None}, on, at)


def _altered(held: Held, values: Values, on: frozenset[int], at: datetime) -> Step | None:
    values = {name: value for name, value in values.items() if getattr(held, name) != value}
    components = on if on != held.components else None
    if not values and components is None:
        return None
    return Step(_kind(held, values, components, at), held.external_id, held, values, components)


def _kind(held: Held, values: Values, components: frozenset[int] | None, at: datetime) -> str:
    """The greatest of what happened to it."""
    if "gone_at" in values:
        return "window.add"
    end = values.get("ends_at", held.ends_at)
    if end < held.ends_at and end <= at:
        return "window.end"
    if "starts_at" in values or "ends_at" in values:
        return "window.move"
    return "window.words" if components is None else "window.components"


def _drop(held: Held, at: datetime) -> Step:
    return Step("window.drop", held.external_id, held, {"gone_at": at})


def _components(services: Iterable[str], mapped: Mapping[str, frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*(mapped.get(id, frozenset()) for id in services))
