"""The one reader: what it reads, what it leaves out, and in how many queries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import facts as facts_of
from dashboard import reader
from dashboard.actions.writing import SIGNPOST, Writing
from dashboard.db import begin_writing, db
from dashboard.facts import Facts, SiteFact
from dashboard.models import Component, Ledger, Section
from dashboard.rules.state import AtEnd, Effect
from dashboard.rules.status import Status
from tests import make
from tests.conftest import NOW

SITE = SiteFact("Larkfield", "http://status.example.org", "Europe/London")
HOUR = timedelta(hours=1)


def read(at: datetime = NOW) -> Facts:
    db.session.rollback()
    return reader.read(db.session(), SITE, 60, at)


@contextmanager
def queries() -> Iterator[list[str]]:
    """Every statement that is sent to the database meanwhile."""
    sent: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", listen)
    yield sent
    sa.event.remove(db.engine, "before_cursor_execute", listen)


def everything(number: int) -> None:
    section, component = make.section(f"section_{number}"), make.component(f"component_{number}")
    make.dependency(section, component)
    make.toggle(f"hide_{number}", section)
    make.outage(section)
    make.overrule(make.window(component, sections={section: "warn"}), section)
    make.window(component, start=NOW + HOUR, gone_at=NOW)
    incident = make.incident(sections={section: "warn"})
    make.update(incident, impacts={component: "major_outage"})
    make.review(incident)


def test_an_empty_database_holds_nothing_but_the_site(app: Flask) -> None:
    found = read()
    assert (found.revision, found.site, found.sections) == (0, SITE, ())


def test_the_number_of_queries_is_constant(app: Flask) -> None:
    everything(0)
    with queries() as few:
        read()
    for number in range(1, 6):
        everything(number)
    with queries() as many:
        found = read()
    lists = (found.sections, found.outages, found.windows, found.cancelled, found.incidents)
    assert [len(one) for one in lists] == [6] * 5
    assert len(many) == len(few)


def test_rows_become_facts_with_what_belongs_to_them(app: Flask) -> None:
    section, one, two = make.section(), make.component("one"), make.component("two", status="major_outage")
    make.dependency(section, two, on_window="warn", on_major="down")
    make.toggle("hide_it", section)
    make.outage(section, at_end="hold")
    make.window(two, one)
    found = read()
    assert found.toggles[0].section_ids == (section.id,)
    assert found.windows[0].component_ids == (one.id, two.id)
    assert found.components[1].status is Status.MAJOR_OUTAGE
    assert found.outages[0].at_end is AtEnd.HOLD
    assert (found.dependencies[0].on_window, found.dependencies[0].on_major) == (Effect.WARN, Effect.DOWN)


def test_what_is_archived_is_left_out(app: Flask) -> None:
    make.section("gone", archived_at=NOW)
    make.component("gone", archived_at=NOW)
    make.toggle("gone", archived_at=NOW)
    found = read()
    assert (found.sections, found.components, found.toggles) == ((), (), ())


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("in force", {"start": NOW - HOUR, "minutes": 120}, 1),
        ("planned", {"start": NOW + HOUR}, 1),
        ("over by itself", {"start": NOW - 2 * HOUR, "minutes": 60}, 0),
        ("over at this moment", {"start": NOW - HOUR, "minutes": 60}, 0),
        ("held beyond its end", {"start": NOW - 2 * HOUR, "minutes": 60, "at_end": "hold"}, 1),
        ("without an end", {"start": NOW - 2 * HOUR, "minutes": None}, 1),
        ("ended", {"start": NOW - 2 * HOUR, "minutes": None, "ended_at": NOW - HOUR}, 0),
    ],
)
def test_only_outages_that_can_still_matter(app: Flask, name: str, given: dict[str, Any], want: int) -> None:
    make.outage(make.section(), **given)
    assert len(read().outages) == want


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("under way", {"start": NOW - HOUR, "minutes": 120}, 1),
        ("to come", {"start": NOW + 24 * HOUR}, 1),
        ("over", {"start": NOW - HOUR, "minutes": 60}, 0),
        ("gone", {"start": NOW, "gone_at": NOW}, 0),
    ],
)
def test_only_windows_that_can_still_matter(app: Flask, name: str, given: dict[str, Any], want: int) -> None:
    make.window(make.component(), **given)
    assert len(read().windows) == want


def test_sections_are_in_the_order_given_to_them(app: Flask) -> None:
    make.section("b", position=2)
    make.section("c", position=2)
    make.section("a", position=1)
    assert [section.key for section in read().sections] == ["a", "b", "c"]


def test_components_are_in_their_groups_which_are_in_the_order_of_their_first(app: Flask) -> None:
    make.component("x", group="Zeta", position=1)
    make.component("y", group="Alpha", position=3)
    make.component("z", group="Alpha", position=2)
    assert [component.key for component in read().components] == ["x", "z", "y"]


def test_what_is_committed_meanwhile_is_there_whole_or_not_at_all(app: Flask) -> None:
    writers = iter([commit_a_section])

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM window_components" in statement:
            next(writers, lambda: None)()

    sa.event.listen(db.engine, "before_cursor_execute", listen)
    found = read()
    sa.event.remove(db.engine, "before_cursor_execute", listen)
    assert (found.revision, len(found.sections)) in ((0, 0), (1, 1))
    assert len(read().sections) == 1


def commit_a_section() -> None:
    """As another process would."""
    values = {"key": "direct_deposit", "name": "Direct deposit", "created_at": NOW}
    with db.engine.begin() as connection:
        connection.execute(sa.insert(Section).values(values))
        connection.execute(sa.update(Ledger).values(revision=1))


class TestKnownWindows:
    """Where nothing but outages changed since they were read, windows are taken as they are known."""

    @pytest.fixture
    def known(self, app: Flask) -> Facts:
        make.window(make.component(), start=NOW + HOUR)
        record("section.create", NOW)
        return read()

    def reads_windows(self, known: Facts) -> bool:
        db.session.rollback()
        with queries() as sent:
            found = reader.read(db.session(), SITE, 60, NOW, known)
        assert found == read()
        return any("FROM windows" in statement for statement in sent)

    def test_after_an_outage_they_are_not_read_again(self, known: Facts) -> None:
        record("outage.start", NOW)
        assert not self.reads_windows(known)

    def test_nor_when_nothing_changed(self, known: Facts) -> None:
        assert not self.reads_windows(known)

    @pytest.mark.parametrize("kind", ["window.move", "component.archive", "section.edit"])
    def test_after_anything_else_they_are(self, known: Facts, kind: str) -> None:
        record("outage.start", NOW)
        record(kind, NOW)
        assert self.reads_windows(known)

    def test_after_what_nobody_recorded_they_are(self, known: Facts) -> None:
        make.window(make.component("ledger"))
        record("outage.start", NOW)
        assert self.reads_windows(known)

    def test_of_another_chain_of_changes_they_are_not_taken(self, known: Facts) -> None:
        assert self.reads_windows(replace(known, head="another"))

    def test_those_that_a_fast_clock_had_left_out_are_read(self, known: Facts) -> None:
        assert self.reads_windows(replace(known, windows=(), read_at=NOW + 9 * HOUR))

    def test_what_is_over_by_now_is_left_out(self, known: Facts) -> None:
        assert reader.read(db.session(), SITE, 60, NOW + 9 * HOUR, known).windows == ()


def record(kind: str, at: datetime) -> None:
    """A change, committed as actions do."""
    begin_writing()
    work = Writing(db.session.scalars(sa.select(Ledger)).one(), SIGNPOST, at)
    work.record(kind, f"{kind.partition('.')[0]}-1", "")
    db.session.commit()


def test_facts_survive_the_way_to_the_disk_and_back(app: Flask) -> None:
    everything(1)
    make.source(error="")
    found = read()
    assert facts_of.from_bytes(facts_of.to_bytes(found)) == found


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("published", {}, 1),
        ("to be published", {"published_at": NOW + HOUR}, 1),
        ("a draft", {"published_at": None}, 0),
        ("thrown away", {"published_at": None, "discarded_at": NOW}, 0),
        ("private", {"is_private": True}, 0),
    ],
)
def test_only_incidents_that_are_for_the_public(app: Flask, name: str, given: dict[str, Any], want: int) -> None:
    make.update(make.incident(**given))
    assert len(read().incidents) == want


def test_an_incident_with_all_that_belongs_to_it(app: Flask) -> None:
    section, component = make.section(), make.component()
    incident = make.incident(sections={section: "warn"}, broken="You cannot pay.")
    make.update(incident, "identified", NOW, impacts={component: "partial_outage"})
    make.update(incident, "investigating", NOW - HOUR)
    make.review(incident, happened="A disk was full.", cause="Nobody looked.", public_parts=frozenset({"happened"}))
    (found,) = read().incidents
    assert [update.stage for update in found.updates] == ["investigating", "identified"]
    assert found.latest.impacts == {component.id: Status.PARTIAL_OUTAGE}
    assert (found.broken, found.touches[0].effect) == ("You cannot pay.", Effect.WARN)
    assert found.review is not None
    assert (found.review.happened, found.review.cause) == ("A disk was full.", "")


def test_a_review_that_is_not_published_is_left_out(app: Flask) -> None:
    incident = make.incident()
    make.update(incident)
    make.review(incident, published_at=None)
    assert read().incidents[0].review is None


@pytest.mark.parametrize(
    ("name", "days", "want"),
    [("open for years", None, 1), ("lately", 89, 1), ("long ago", 130, 0)],
)
def test_incidents_reach_back_as_far_as_an_uptime(app: Flask, name: str, days: int | None, want: int) -> None:
    incident = make.incident(start=NOW - timedelta(days=900))
    make.update(incident, "investigating", NOW - timedelta(days=900))
    if days is not None:
        make.update(incident, "resolved", NOW - timedelta(days=days))
    assert len(read().incidents) == want


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("under way", {"start": NOW - HOUR, "minutes": 120}, "open"),
        ("over", {"start": NOW - HOUR, "minutes": 60}, "ended"),
        ("ended early", {"start": NOW - HOUR, "minutes": 120, "gone_at": NOW - HOUR / 2}, "ended"),
        ("called off", {"start": NOW + HOUR, "gone_at": NOW - HOUR}, "cancelled"),
        ("over long ago", {"start": NOW - timedelta(days=200)}, ""),
    ],
)
def test_windows_as_they_stand(app: Flask, name: str, given: dict[str, Any], want: str) -> None:
    make.window(make.component(), **given)
    found = read()
    lists = {"open": found.windows, "ended": found.ended_windows, "cancelled": found.cancelled}
    assert [name for name, windows in lists.items() if windows] == ([want] if want else [])


def test_a_window_ends_when_it_was_ended_and_says_what_is_said_here(app: Flask) -> None:
    make.window(make.component(), start=NOW - HOUR, gone_at=NOW - HOUR / 2, message="Theirs", words="Ours")
    (found,) = read().ended_windows
    assert (found.ends_at, found.message) == (NOW - HOUR / 2, "Ours")


def test_what_was_overruled_stays_so(app: Flask) -> None:
    window = make.window(make.component(), start=NOW - 2 * HOUR)
    make.overrule(window, make.section())
    assert [overrule.window_id for overrule in read().overrules] == [window.id]


def test_a_window_that_was_called_off_keeps_its_times(app: Flask) -> None:
    make.window(make.component(), start=NOW + HOUR, gone_at=NOW - HOUR)
    (found,) = read().cancelled
    assert (found.starts_at, found.ends_at) == (NOW + HOUR, NOW + 2 * HOUR)


def test_what_has_ended_is_added_to_what_is_known(app: Flask) -> None:
    section = make.section()
    make.outage(section, NOW - 3 * HOUR, ended_at=NOW - 2 * HOUR)
    record("section.create", NOW)
    known = read()
    make.outage(section, NOW - HOUR, ended_at=NOW - HOUR / 2)
    db.session.rollback()
    assert reader.read(db.session(), SITE, 60, NOW + HOUR, known).ended_outages == read(NOW + HOUR).ended_outages
    assert len(read().ended_outages) == 2


def test_how_a_component_stood(app: Flask) -> None:
    component = make.component(status="operational")
    status(component, NOW - 30 * HOUR, "operational", "major_outage", NOW - 20 * HOUR)
    status(component, NOW - 10 * HOUR, "major_outage", "operational", None)
    (found,) = read().components
    assert [(one.at, one.status, one.until) for one in found.standings[1:]] == [
        (NOW - 30 * HOUR, Status.MAJOR_OUTAGE, NOW - 20 * HOUR),
        (NOW - 10 * HOUR, Status.OPERATIONAL, None),
    ]
    assert found.standings[0].status is Status.OPERATIONAL


def test_of_a_component_that_was_never_touched_its_status_is_known_since_it_is_here(app: Flask) -> None:
    component = make.component(status="degraded_performance")
    (found,) = read().components
    assert [(one.at, one.status) for one in found.standings] == [(component.created_at, Status.DEGRADED_PERFORMANCE)]


def status(component: Component, at: datetime, before: str, after: str, until: datetime | None) -> None:
    begin_writing()
    work = Writing(db.session.scalars(sa.select(Ledger)).one(), SIGNPOST, at)
    values = {"status": after, "status_until": until.isoformat() if until else None}
    work.record("component.edit", f"component-{component.id}", component.name, {"status": before}, values)
    db.session.commit()


def test_announcements_newest_first_without_drafts(app: Flask) -> None:
    make.announcement("Older", published_at=NOW - HOUR)
    make.announcement("Newer", published_at=NOW)
    make.announcement("Draft", published_at=None)
    make.announcement("Gone", archived_at=NOW)
    assert [one.title for one in read().announcements] == ["Newer", "Older"]
