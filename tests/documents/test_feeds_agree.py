"""Whatever is said, edited, resolved, reviewed, moved or called off, in any order: pages, API and feeds agree."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from icalendar import Calendar

from dashboard.documents.html import STATUS_WORDS
from dashboard.editions import Edition, edition_at
from dashboard.facts import Facts, IncidentFact, ReviewFact, WindowFact
from dashboard.rules.incident import Stage, carried
from dashboard.rules.rollup import rollup
from dashboard.rules.status import Status
from tests import given
from tests.documents.statuspage_fields import API
from tests.rules.given import HOUR, at

ATOM = "{http://www.w3.org/2005/Atom}"
IDS = (1, 2, 3)
START = at("9:00")
STEP = timedelta(minutes=10)
Deed = tuple[Any, ...]

stages = st.sampled_from([stage for stage in Stage if stage is not Stage.POSTMORTEM])
impacts = st.dictionaries(st.sampled_from(IDS), st.sampled_from(list(Status)), max_size=2)
which = st.integers(0, 2)
deeds = st.one_of(
    st.tuples(st.just("say"), which, stages, impacts),
    st.tuples(st.just("edit"), which, st.integers(0, 5)),
    st.tuples(st.just("review"), which),
    st.tuples(st.just("plan"), which, st.integers(-3, 9)),
    st.tuples(st.just("move"), which, st.integers(-3, 9)),
    st.tuples(st.just("call off"), which),
)


class Site:
    """As the actions leave it, one deed every ten minutes."""

    def __init__(self) -> None:
        self.incidents: dict[int, IncidentFact] = {}
        self.windows: dict[int, WindowFact] = {}
        self.off: dict[int, WindowFact] = {}
        self.now = START

    def does(self, deed: Deed) -> None:
        self.now += STEP
        kind, id, *rest = deed
        getattr(self, kind.replace(" ", "_"))(id + 1, *rest)

    def say(self, id: int, stage: Stage, impacts: dict[int, Status]) -> None:
        held = self.incidents.get(id)
        said = held.updates if held else ()
        whole = carried(said[-1].impacts if said else {}, impacts, stage)
        update = given.update(f"{self.now:%H:%M} {stage}", id=100 * id + len(said), impacts=whole)
        self.incidents[id] = given.incident(
            *said, update, id=id, review=held.review if held else None, revised_at=self.now
        )

    def edit(self, id: int, number: int) -> None:
        if held := self.incidents.get(id):
            updates = list(held.updates)
            place = number % len(updates)
            updates[place] = replace(updates[place], body=f"Edited {self.now}", edited_at=self.now)
            self.incidents[id] = replace(held, updates=tuple(updates), revised_at=self.now)

    def review(self, id: int) -> None:
        held = self.incidents.get(id)
        if held and not held.is_open:
            found = ReviewFact(id, "A disk was full.", "", "", "", self.now, None)
            self.incidents[id] = replace(held, review=found, revised_at=self.now)

    def plan(self, id: int, hours: int) -> None:
        if id not in self.windows and id not in self.off:
            start = max(self.now, START + hours * HOUR)
            times = {"starts_at": start, "ends_at": start + HOUR, "created_at": self.now, "revised_at": self.now}
            self.windows[id] = replace(given.window("9:00-10:00", id, id=id), **times)

    def move(self, id: int, hours: int) -> None:
        if held := self.windows.get(id):
            start = START + hours * HOUR
            times = {"starts_at": start, "ends_at": start + HOUR, "revised_at": self.now, "version": held.version + 1}
            self.windows[id] = replace(held, **times)

    def call_off(self, id: int) -> None:
        held = self.windows.get(id)
        if held and held.starts_at > self.now:
            self.off[id] = replace(
                self.windows.pop(id), gone_at=self.now, revised_at=self.now, version=held.version + 1
            )

    def facts(self) -> Facts:
        components = [given.component(id) for id in IDS]
        found = given.facts(components, list(self.incidents.values()), list(self.windows.values()))
        return replace(found, cancelled=tuple(self.off.values()))


def read(edition: Edition, path: str) -> Any:
    return json.loads(raw(edition, path))


def raw(edition: Edition, path: str) -> bytes:
    answer = edition.answer(path)
    assert answer is not None, path
    return answer.variants[""].body


@settings(max_examples=80, deadline=None)
@for_all(st.lists(deeds, max_size=12), st.integers(0, 20))
def test_all_that_anybody_reads_agrees(done: Sequence[Deed], later: int) -> None:
    site = Site()
    for deed in done:
        site.does(deed)
    edition = edition_at(site.facts(), site.now + later * timedelta(minutes=30))
    summary = read(edition, f"{API}/summary.json")
    incidents = read(edition, f"{API}/incidents.json")["incidents"]
    agree_on_incidents(edition, summary, incidents)
    agree_on_components(edition, summary, incidents)
    works = agree_on_works(edition, summary)
    agree_with_the_feed(edition, [*incidents, *works])
    agree_with_the_calendar(edition, works)
    agree_with_the_pages(edition, summary, incidents, works)


def agree_on_incidents(edition: Edition, summary: Any, incidents: list[Any]) -> None:
    unresolved = [found for found in incidents if found["status"] not in ("resolved", "postmortem")]
    assert summary["incidents"] == unresolved == read(edition, f"{API}/incidents/unresolved.json")["incidents"]
    for found in incidents:
        updates = found["incident_updates"]
        number = found["shortlink"].split("/")[-2]
        assert read(edition, f"/incidents/{number}.json") == found
        assert updates[0]["status"] == found["status"]
        assert [one["display_at"] for one in updates] == sorted((one["display_at"] for one in updates), reverse=True)
        assert (found["resolved_at"] is None) == (found in unresolved)


def agree_on_components(edition: Edition, summary: Any, incidents: list[Any]) -> None:
    statuses = [Status(one["status"]) for one in summary["components"]]
    indicator, description = rollup(statuses)
    assert summary["status"] == {"indicator": indicator, "description": description}
    assert read(edition, f"{API}/components.json")["components"] == summary["components"]
    by_id = {one["id"]: one for one in summary["components"]}
    for found in incidents:
        assert all(by_id[one["id"]] == one for one in found["components"])
        last = {one["code"]: one["new_status"] for one in found["incident_updates"][0]["affected_components"]}
        if found["resolved_at"] is None:
            assert all(Status(by_id[id]["status"]).severity >= Status(last[id]).severity for id in last)


def agree_on_works(edition: Edition, summary: Any) -> list[Any]:
    works: list[Any] = read(edition, f"{API}/scheduled-maintenances.json")["scheduled_maintenances"]
    ahead, active = (
        read(edition, f"{API}/scheduled-maintenances/{which}.json")["scheduled_maintenances"]
        for which in ("upcoming", "active")
    )
    assert sorted(one["id"] for one in works if one["status"] == "scheduled") == sorted(one["id"] for one in ahead)
    assert {one["status"] for one in active} <= {"in_progress", "verifying"}
    assert sorted(one["id"] for one in summary["scheduled_maintenances"]) == sorted(
        one["id"] for one in (*ahead, *active)
    )
    worked_on = [component for one in active for component in one["components"]]
    assert "operational" not in {component["status"] for component in worked_on}
    return works


def agree_with_the_feed(edition: Edition, told: list[Any]) -> None:
    root = ElementTree.fromstring(raw(edition, "/history.atom"))
    entries = {
        entry.find(f"{ATOM}link").get("href"): (entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}updated"))  # type: ignore[union-attr]
        for entry in root.iter(f"{ATOM}entry")
    }
    on = {url: entry for url, entry in entries.items() if not (entry[0] or "").startswith("Called off")}
    assert on == {one["shortlink"]: (one["name"], one["updated_at"]) for one in told}
    newest = max((updated or "" for _, updated in entries.values()), default="1970-01-01T00:00:00.000Z")
    assert root.findtext(f"{ATOM}updated") == newest


def agree_with_the_calendar(edition: Edition, works: list[Any]) -> None:
    events = list(Calendar.from_ical(raw(edition, "/history.ics")).walk("VEVENT"))
    on = {
        str(one["URL"]): (one.decoded("DTSTART"), one.decoded("DTEND"))
        for one in events
        if one["STATUS"] == "CONFIRMED"
    }
    times = ("scheduled_for", "scheduled_until")
    assert on == {one["shortlink"]: tuple(datetime.fromisoformat(one[name]) for name in times) for one in works}


def agree_with_the_pages(edition: Edition, summary: Any, incidents: list[Any], works: list[Any]) -> None:
    front = raw(edition, "/").decode()
    problems = re.search(r'<section [^>]*id="problems".*?</section>', front, re.DOTALL)
    linked = re.findall(r'href="(incidents/\d+/)"', problems[0]) if problems else []
    assert sorted(f"/{href}" for href in linked) == sorted(
        urlsplit(one["shortlink"]).path for one in summary["incidents"]
    )
    assert [one["name"] for one in summary["components"] if STATUS_WORDS[Status(one["status"])] not in front] == []
    for one in incidents:
        page = raw(edition, urlsplit(one["shortlink"]).path).decode()
        said = [part for update in one["incident_updates"] for part in update["body"].split("\n\n")]
        assert [part for part in said if escape(part) not in page] == []
        headline = page.partition("<h1")[2].partition("</h1>")[0]
        assert ("Resolved:" in headline) == (one["resolved_at"] is not None)
    planned = raw(edition, "/planned/").decode()
    assert len(re.findall(r'<li[^>]* id="(?:window|outage)-', planned)) == len(
        [one for one in works if one["status"] != "completed"]
    )
