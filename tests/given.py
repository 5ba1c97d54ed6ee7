"""Facts to start a pure test from: no database. Times are told as times of day of one Saturday in November, UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from dashboard.facts import (
    AnnouncementFact,
    ComponentFact,
    DependencyFact,
    Facts,
    IncidentFact,
    OutageFact,
    OverruleFact,
    SectionFact,
    SiteFact,
    SourceFact,
    ToggleFact,
    Touch,
    UpdateFact,
    WindowFact,
)
from dashboard.rules.incident import Stage
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from dashboard.snapshot import SectionNow, Snapshot, snapshot_at
from tests.conftest import NOW
from tests.rules.given import at, span

LONG_AGO = NOW - timedelta(days=30)
SITE = SiteFact("Larkfield", "http://status.example.org", "Europe/London")


def section(id: int = 1, key: str = "", parent: int | None = None, **given: Any) -> SectionFact:
    key = key or {1: "direct_deposit", 2: "documents"}.get(id, f"section_{id}")
    made = SectionFact(id, key, key.replace("_", " ").capitalize(), parent, "", "", "", "", 60, 60, "", LONG_AGO, 1)
    return replace(made, **given)


def component(id: int = 1, status: str = "operational", **given: Any) -> ComponentFact:
    made = ComponentFact(id, f"component_{id}", f"Component {id}", "", Status(status), LONG_AGO)
    return replace(made, **given)


def dependency(section: int = 1, component: int = 1, window: str = "down", major: str = "nothing") -> DependencyFact:
    return DependencyFact(section, component, Effect(window), Effect(major))


def outage(words: str, section: int = 1, id: int = 1, **given: Any) -> OutageFact:
    """ "14:00-18:00 hold"; without a second time the end is not known."""
    planned, _, hold = words.partition(" ")
    start, end = span(planned).start, span(planned).end
    known = min(start, NOW)
    at_end = AtEnd.HOLD if hold else AtEnd.RESTORE
    made = OutageFact(id, section, start, end, None, at_end, "Northpay is down", "", "", "Priya Shah", known, known, 1)
    return replace(made, **given)


def window(words: str, *components: int, id: int = 1, **given: Any) -> WindowFact:
    """``touches``: a section's id -> the effect on it; on component 1 unless told."""
    touches = given.pop("touches", {})
    components = components or (() if touches else (1,))
    start, end = span(words).start, span(words).end
    assert end is not None
    url = "https://larkfield.pagerduty.example/PW1"
    made = WindowFact(id, "pagerduty", f"PW{id}", start, end, "Ledger migration", "", url, LONG_AGO, components)
    given["touches"] = tuple(Touch(section, Effect(effect)) for section, effect in touches.items())
    return replace(made, **given)


def update(words: str, id: int = 1, **given: Any) -> UpdateFact:
    """ "14:00 identified", with ``impacts`` by the component's id: {1: "major_outage"}."""
    clock, stage = words.split()
    impacts = {component: Status(status) for component, status in given.pop("impacts", {}).items()}
    then = at(clock)
    made = UpdateFact(id, Stage(stage), "We are looking into it.", then, then, None, None, True, then, impacts)
    return replace(made, **given)


def incident(*updates: str | UpdateFact, id: int = 1, **given: Any) -> IncidentFact:
    """Of updates in order of time. ``touches``: a section's id -> the effect on it."""
    said = [update(one, id=10 * id + n) if isinstance(one, str) else one for n, one in enumerate(updates)]
    touches = tuple(Touch(section, Effect(effect)) for section, effect in given.pop("touches", {}).items())
    start = said[0].at
    made = IncidentFact(
        id,
        "Payments are not going through",
        start,
        None,
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        start,
        start,
        1,
        tuple(said),
        touches,
    )
    return replace(made, **given)


def announcement(id: int = 1, **given: Any) -> AnnouncementFact:
    made = AnnouncementFact(id, "Pay by phone", "You can pay by phone.", "", "", at("14:00"), None)
    return replace(made, **given)


def overrule(words: str, window: int = 1, section: int = 1, id: int = 1) -> OverruleFact:
    start, end = span(words).start, span(words).end
    assert end is not None
    return OverruleFact(id, window, section, start, end, "Does not touch it", "Priya Shah", 1)


def toggle(name: str, *sections: int, while_down: bool = True) -> ToggleFact:
    return ToggleFact(1, name, while_down, "Payments team", "Hides the form.", sections or (1,))


def source(checked: str = "14:30", name: str = "pagerduty", every: int = 60) -> SourceFact:
    return SourceFact(name, at(checked) if checked else None, every, "", None)


_LISTS = {
    SectionFact: "sections",
    ComponentFact: "components",
    DependencyFact: "dependencies",
    ToggleFact: "toggles",
    OutageFact: "outages",
    WindowFact: "windows",
    OverruleFact: "overrules",
    SourceFact: "sources",
    IncidentFact: "incidents",
    AnnouncementFact: "announcements",
}


def facts(*of: Any, revision: int = 42, site: SiteFact = SITE) -> Facts:
    """Facts of all that is given; one section, Direct deposit, if none is."""
    lists: dict[str, list[Any]] = {name: [] for name in _LISTS.values()}
    for fact in _flat(of):
        lists[_LISTS[type(fact)]].append(fact)
    lists["sections"] = lists["sections"] or [section()]
    return Facts(revision, NOW, site, **{name: tuple(found) for name, found in lists.items()})


def _flat(of: Iterable[Any]) -> Iterable[Any]:
    for fact in of:
        yield from fact if isinstance(fact, (list, tuple)) else (fact,)


def shown(*of: Any, t: str = "14:30", **given: Any) -> Snapshot:
    return snapshot_at(facts(*of, **given), at(t))


def shown_section(*of: Any, key: str = "direct_deposit", t: str = "14:30") -> SectionNow:
    return next(found for found in shown(*of, t=t).sections if found.key == key)
