"""What holds at a time, of facts that are written down here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from dashboard.editions import Edition, digest_of, edition_at
from dashboard.facts import Facts, IncidentFact
from dashboard.rules.state import State
from dashboard.rules.status import Status
from dashboard.snapshot import HORIZON, Notice, Snapshot, in_tree_order, snapshot_at
from tests import given
from tests.rules.given import at, gist

TREE = (given.section(1), given.section(2, parent=1), given.section(3, parent=2), given.section(4))
DOWN, SLOW, OK = "down 14:00-18:00", "degraded 14:00-18:00", "ok"


def notice(*of: Any, t: str = "14:30") -> Notice:
    found = given.shown_section(*of, t=t).notice
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "of", "want"),
    [
        ("an outage covers what is below it", [given.outage("14:00-18:00", 1)], [DOWN, DOWN, DOWN, OK]),
        ("and nothing above or beside it", [given.outage("14:00-18:00", 2)], [OK, DOWN, DOWN, OK]),
        ("a window that nothing depends on", [given.component(), given.window("14:00-18:00")], [OK, OK, OK, OK]),
        ("an outage of a section that is not here", [given.outage("14:00-18:00", 9)], [OK, OK, OK, OK]),
    ],
)
def test_what_is_covered(name: str, of: list[Any], want: list[str]) -> None:
    assert [gist(section.now) for section in given.shown(*TREE, of).sections] == want


@pytest.mark.parametrize(
    ("name", "of", "want"),
    [
        ("a window takes down by default", [given.dependency(1), given.window("14:00-18:00")], [DOWN, DOWN, DOWN, OK]),
        ("or slows", [given.dependency(1, window="warn"), given.window("14:00-18:00")], [SLOW, SLOW, SLOW, OK]),
        ("or does nothing", [given.dependency(1, window="nothing"), given.window("14:00-18:00")], [OK, OK, OK, OK]),
        (
            "a child's own dependency does not soften it",
            [given.dependency(1), given.dependency(2, window="warn"), given.window("14:00-18:00")],
            [DOWN, DOWN, DOWN, OK],
        ),
        (
            "overruled for one: what is below it is open too",
            [given.dependency(1), given.window("14:00-18:00"), given.overrule("13:00-18:00", section=2)],
            [DOWN, OK, OK, OK],
        ),
        (
            "overruled where it was laid",
            [given.dependency(1), given.window("14:00-18:00"), given.overrule("13:00-18:00")],
            [OK, OK, OK, OK],
        ),
        (
            "another window is not overruled",
            [
                given.dependency(1),
                given.window("14:00-18:00"),
                given.window("14:00-18:00", id=2),
                given.overrule("13:00-18:00"),
            ],
            [DOWN, DOWN, DOWN, OK],
        ),
    ],
)
def test_windows_reach_sections_through_dependencies(name: str, of: list[Any], want: list[str]) -> None:
    assert [gist(section.now) for section in given.shown(*TREE, given.component(), of).sections] == want


@pytest.mark.parametrize(
    ("name", "status", "major", "windows", "want"),
    [
        ("nothing by default", "major_outage", "nothing", [], "ok"),
        ("slow, if it says so", "major_outage", "warn", [], "degraded"),
        ("down, if it says so", "major_outage", "down", [], "down"),
        ("a partial outage does nothing", "partial_outage", "down", [], "ok"),
        ("a window takes its place", "major_outage", "down", [given.window("14:00-18:00")], "ok"),
        ("only while it is under way", "major_outage", "down", [given.window("15:00-18:00")], "down"),
    ],
)
def test_major_outage_of_a_component(name: str, status: str, major: str, windows: list[Any], want: str) -> None:
    of = [given.component(status=status), given.dependency(window="nothing", major=major), *windows]
    assert given.shown_section(of).state == want


def test_one_window_on_two_components_counts_once_and_at_its_worst() -> None:
    of = [given.component(1), given.component(2), given.dependency(1, 1, "warn"), given.dependency(1, 2, "down")]
    found = given.shown_section(of, given.window("14:00-18:00", 1, 2))
    assert [(cause.ref, cause.state) for cause in found.now.causes] == [("window-1", State.DOWN)]


def test_every_cause_stays_visible_and_says_where_it_was_laid() -> None:
    of = [given.outage("14:00-18:00", 1), given.outage("13:00-18:00", 2, id=2)]
    found = given.shown_section(*TREE, of, key="documents")
    assert [(cause.ref, cause.via) for cause in found.now.causes] == [
        ("outage-1", "direct_deposit"),
        ("outage-2", "documents"),
    ]


def test_sections_come_after_their_parents() -> None:
    sections = [given.section(3, parent=2), given.section(1), given.section(2, parent=1), given.section(4, parent=99)]
    assert [(section.id, depth) for section, depth in in_tree_order(sections)] == [(1, 0), (2, 1), (3, 2), (4, 0)]


def test_sections_that_lie_within_each_other_are_not_hidden() -> None:
    sections = [given.section(1, parent=2), given.section(2, parent=1), given.section(3)]
    assert [(section.id, depth) for section, depth in in_tree_order(sections)] == [(3, 0), (1, 0), (2, 1)]
    found = given.shown(sections, given.outage("14:00-18:00", 1)).sections
    assert {(section.key, section.parent_key, section.state) for section in found} == {
        ("section_3", None, State.OK),
        ("direct_deposit", None, State.DOWN),
        ("documents", "direct_deposit", State.DOWN),
    }


def test_a_tree_may_be_very_deep() -> None:
    chain = [given.section(n, parent=n - 1 or None) for n in range(1, 2001)]
    found = given.shown(chain, given.outage("14:00-18:00", 1))
    assert {section.state for section in found.sections} == {State.DOWN}
    assert found.sections[-1].depth == 1999


class TestWords:
    section = given.section(message="You cannot pay.", alternative="Call us.")

    @pytest.mark.parametrize(
        ("name", "of", "want"),
        [
            ("the section's own if nobody said more", [given.outage("14:00-18:00")], "You cannot pay."),
            ("an outage's", [given.outage("14:00-18:00", message="No payments today.")], "No payments today."),
            (
                "a person's before a window's",
                [
                    given.outage("14:00-18:00", message="Ours."),
                    given.component(),
                    given.dependency(),
                    given.window("14:10-18:00", message="Theirs."),
                ],
                "Ours.",
            ),
            (
                "a window's",
                [given.component(), given.dependency(), given.window("14:10-18:00", message="Theirs.")],
                "Theirs.",
            ),
            (
                "never a window's title",
                [given.component(), given.dependency(), given.window("14:10-18:00")],
                "You cannot pay.",
            ),
        ],
    )
    def test_message(self, name: str, of: list[Any], want: str) -> None:
        assert notice(self.section, of).message == want

    def test_an_outage_that_offers_nothing_else_says_nothing_else(self) -> None:
        assert notice(self.section, given.outage("14:00-18:00")).alternative == ""
        assert notice(self.section, given.outage("14:00-18:00", alternative="Write.")).alternative == "Write."

    def test_a_window_has_the_sections_alternative(self) -> None:
        of = [given.component(), given.dependency(), given.window("14:00-18:00")]
        assert notice(self.section, of).alternative == "Call us."

    @pytest.mark.parametrize(
        ("name", "words", "t", "want"),
        [
            ("an end", "14:00-18:00", "14:30", "You cannot pay."),
            (
                "no end, with a promise",
                "14:00",
                "14:30",
                "You cannot pay. We do not know yet when it will be back. We will say more by {next}.",
            ),
            (
                "no end, the promise has passed",
                "14:00",
                "15:00",
                "You cannot pay. We do not know yet when it will be back.",
            ),
            ("held, not late", "14:00-18:00 hold", "17:59", "You cannot pay."),
            (
                "late, with a promise",
                "14:00-18:00 hold",
                "18:00",
                "You cannot pay. We expected it back by {until}. It is taking longer. We will say more by {next}.",
            ),
            (
                "late, the promise has passed",
                "14:00-18:00 hold",
                "19:00",
                "You cannot pay. We expected it back by {until}. It is taking longer.",
            ),
            ("planned without an end", "16:00", "15:30", "You cannot pay."),
        ],
    )
    def test_what_is_added(self, name: str, words: str, t: str, want: str) -> None:
        assert notice(self.section, given.outage(words), t=t).message == want

    @pytest.mark.parametrize(
        ("name", "words", "t", "title", "title_now"),
        [
            ("down", "14:00-18:00", "14:30", "D is unavailable until {until}", "D is unavailable until {until}"),
            ("no end", "14:00", "14:30", "D is unavailable", "D is unavailable"),
            ("late", "14:00-18:00 hold", "18:00", "D is still unavailable", "D is still unavailable"),
            (
                "to come",
                "16:00-18:00",
                "15:30",
                "D will be unavailable {from} to {until}",
                "D is unavailable until {until}",
            ),
        ],
    )
    def test_titles(self, name: str, words: str, t: str, title: str, title_now: str) -> None:
        found = notice(given.section(name="D"), given.outage(words), t=t)
        assert (found.title, found.title_now) == (title, title_now)

    def test_links(self) -> None:
        contact = given.section(link_url="tel:+443000000000", link_label="Call us")
        found = [(link.label, link.href) for link in notice(contact, given.outage("14:00-18:00")).links]
        own = ("Latest updates", "http://status.example.org/sections/direct_deposit/")
        assert found == [("Call us", "tel:+443000000000"), own]
        assert [link.label for link in notice(given.outage("14:00-18:00")).links] == ["Latest updates"]

    @pytest.mark.parametrize(
        ("name", "changed", "is_new"),
        [
            ("another end", {"planned_end": at("19:00")}, False),
            ("another reason", {"reason": "Something else"}, False),
            ("other words", {"message": "Other."}, True),
            ("another way out", {"alternative": "Other."}, True),
            ("an end that is not known", {"planned_end": None}, True),
            ("another outage", {"id": 2}, True),
        ],
    )
    def test_a_notice_is_another_one_when_it_says_something_else(
        self, name: str, changed: dict[str, Any], is_new: bool
    ) -> None:
        before = given.outage("14:00-18:00")
        assert (notice(before).rev != notice(replace(before, **changed)).rev) is is_new

    def test_it_is_another_one_when_it_begins(self) -> None:
        planned = given.outage("15:00-18:00")
        assert notice(planned, t="14:30").rev != notice(planned, t="15:00").rev


@pytest.mark.parametrize(
    ("name", "of", "want"),
    [
        ("an incident slows a section", [given.incident("14:00 identified", touches={1: "warn"})], "degraded 14:00-"),
        ("or only names it", [given.incident("14:00 identified", touches={1: "nothing"})], "ok"),
        ("what it takes down, an outage does", [given.incident("14:00 identified", touches={1: "down"})], "ok"),
        ("over", [given.incident("14:00 identified", "14:20 resolved", touches={1: "warn"})], "ok"),
        ("not seen yet", [given.incident("14:00 identified", published_at=at("15:00"), touches={1: "warn"})], "ok"),
        ("planned work on the section", [given.window("14:00-18:00", touches={1: "down"})], DOWN),
        ("which only slows it", [given.window("14:00-18:00", touches={1: "warn"})], SLOW),
        ("which does nothing to it", [given.window("14:00-18:00", touches={1: "nothing"})], "ok"),
    ],
)
def test_what_is_on_the_section_itself(name: str, of: list[Any], want: str) -> None:
    assert gist(given.shown_section(*of).now) == want


MAJOR = given.update("13:00 investigating", impacts={1: "major_outage"})


@pytest.mark.parametrize(
    ("name", "updates", "want"),
    [
        ("a major outage", [MAJOR], "down 13:00-"),
        ("that goes on", [MAJOR, given.update("14:00 identified", id=2, impacts={1: "major_outage"})], "down 13:00-"),
        ("that became less", [MAJOR, given.update("14:00 monitoring", id=2, impacts={1: "partial_outage"})], "ok"),
        ("that is over", [MAJOR, given.update("14:00 resolved", id=2, impacts={1: "operational"})], "ok"),
    ],
)
def test_what_an_incident_does_to_a_component_reaches_sections(name: str, updates: list[Any], want: str) -> None:
    of = given.component(), given.dependency(1, major="down"), given.incident(*updates)
    assert gist(given.shown_section(*of).now) == want


def test_a_section_that_an_incident_touches_says_the_incidents_words_and_leads_to_it() -> None:
    incident = given.incident("14:00 identified", touches={1: "warn"}, broken="Pages load slowly.", instead="Call us.")
    found = notice(incident)
    assert (found.message, found.alternative) == ("Pages load slowly.", "Call us.")
    assert [link.href for link in found.links] == ["http://status.example.org/incidents/1/"]


def test_an_outage_of_an_incident_promises_what_the_incident_does() -> None:
    promised = given.update("14:00 identified", next_at=at("15:10"))
    found = notice(given.outage("14:00- hold", incident_id=1), given.incident(promised))
    assert found.next == at("15:10")
    assert found.links[-1].href.endswith("/incidents/1/")


def test_an_outage_of_a_private_incident_leads_to_its_section() -> None:
    found = notice(given.outage("14:00-18:00", incident_id=7))
    assert [link.href for link in found.links] == ["http://status.example.org/sections/direct_deposit/"]


def test_all_that_competes_for_a_components_status() -> None:
    major = given.update("13:00 investigating", impacts={1: "major_outage"})
    of = given.component(1, "partial_outage"), given.window("14:00-18:00"), given.incident(major)
    (found,) = given.shown(*of).components
    assert found.status is Status.MAJOR_OUTAGE
    assert [(why.ref, why.status) for why in found.why] == [
        ("incident-1", Status.MAJOR_OUTAGE),
        ("", Status.PARTIAL_OUTAGE),
        ("window-1", Status.UNDER_MAINTENANCE),
    ]


def test_a_status_that_was_said_for_a_time_lapses_by_the_clock() -> None:
    component = given.component(1, "major_outage", status_at=at("13:00"), status_until=at("15:00"))
    depends = given.dependency(1, major="down")
    assert given.shown(component).until == at("15:00")
    assert given.shown(component, t="15:00").components[0].status is Status.OPERATIONAL
    assert gist(given.shown_section(component, depends).now) == "down 13:00-15:00"


def test_toggles_follow_their_sections() -> None:
    of = [given.toggle("hide_it", 3), given.toggle("it_enabled", 4, while_down=False)]
    found = given.shown(*TREE, of, given.outage("14:00-18:00", 1))
    assert {toggle.fact.name: toggle.value for toggle in found.toggles} == {"hide_it": True, "it_enabled": True}


def test_a_toggle_goes_by_the_worst_of_its_sections_and_of_those_the_longest() -> None:
    off = given.outage("14:00-18:00", 3), given.outage("14:00-", 4, id=2), given.outage("14:00-19:00", 5, id=3)
    alone = [given.section(id) for id in (3, 4, 5, 6)]
    assert follows(given.shown(*alone, given.toggle("hide_it", 6, 3, 4, 5), *off)) == alone[1].key
    assert follows(given.shown(*alone, given.toggle("hide_it", 6, 3, 5), *off)) == alone[2].key


def follows(snapshot: Snapshot) -> str:
    (toggle,) = snapshot.toggles
    assert toggle.section is not None
    return toggle.section.key


@pytest.mark.parametrize(
    ("status", "t", "want"),
    [
        ("partial_outage", "13:59", Status.PARTIAL_OUTAGE),
        ("partial_outage", "14:00", Status.UNDER_MAINTENANCE),
        ("partial_outage", "18:00", Status.PARTIAL_OUTAGE),
    ],
)
def test_a_component_is_under_maintenance_while_a_window_is_on_it(status: str, t: str, want: Status) -> None:
    found = given.shown(given.component(status=status), given.window("14:00-18:00"), t=t)
    assert found.components[0].status is want


@pytest.mark.parametrize(
    ("name", "checked", "t", "want"),
    [
        ("fresh: to the quarter of an hour", "14:29", "14:30", ("14:15", False)),
        ("stale: exactly", "14:29", "14:32", ("14:29", True)),
        ("just not stale", "14:30", "14:32", ("14:30", False)),
        ("never asked", "", "14:30", ("", True)),
    ],
)
def test_how_fresh_a_source_is(name: str, checked: str, t: str, want: tuple[str, bool]) -> None:
    (found,) = given.shown(given.source(checked), t=t).sources
    assert (f"{found.checked_at:%H:%M}" if found.checked_at else "", found.stale) == want


def test_planned_work_is_told_thirty_days_ahead() -> None:
    far = replace(given.outage("14:00-18:00"), starts_at=at("14:30") + timedelta(days=30), planned_end=None)
    assert given.shown_section(far, t="14:30").notices
    assert given.shown(far, t="14:29").until == at("14:30")
    assert not given.shown_section(far, t="14:29").notices


def test_what_shows_when_worse_is_over_comes_into_sight_by_itself() -> None:
    of = [given.dependency(window="warn"), given.component(), given.window("14:00-18:00"), given.outage("13:00-16:00")]
    t = at("15:00") - timedelta(days=30)
    found = snapshot_at(given.facts(of), t)
    assert [notice.state for notice in found.sections[0].notices] == [State.DOWN]
    assert found.until == at("16:00") - timedelta(days=30)
    assert [notice.state for notice in snapshot_at(given.facts(of), found.until).sections[0].notices] == [
        State.DOWN,
        State.DEGRADED,
    ]


def test_of_much_planned_work_the_next_few_are_told() -> None:
    of = [given.window(f"{hour}:00-{hour}:30", id=hour) for hour in range(10, 22)]
    facts = given.facts(given.component(), given.dependency(), of)
    for t, until, hours in (("9:30", "10:00", [10, 11, 12, 13]), ("10:00", "10:30", [10, 11, 12, 13, 14])):
        found = snapshot_at(facts, at(t))
        assert [notice.start.hour for notice in found.sections[0].notices] == hours
        assert found.until == at(until)


def test_sections_with_the_same_causes_each_say_where_they_were_laid() -> None:
    of = [given.component(), given.dependency(2), given.dependency(4), given.window("14:00-18:00")]
    found = {section.id: [cause.via for cause in section.now.causes] for section in given.shown(*TREE, of).sections}
    assert found == {1: [], 2: ["documents"], 3: ["documents"], 4: ["section_4"]}


@pytest.mark.parametrize(
    ("name", "of", "t", "want"),
    [
        ("an outage's warning", [given.outage("16:00-18:00")], "14:30", "15:00"),
        ("its start", [given.outage("16:00-18:00")], "15:00", "16:00"),
        ("its end", [given.outage("16:00-18:00")], "16:00", "18:00"),
        ("a promise", [given.outage("14:00")], "14:30", "15:00"),
        ("a window on a component alone", [given.component(), given.window("16:00-18:00")], "14:30", "16:00"),
        ("its end", [given.component(), given.window("16:00-18:00")], "16:00", "18:00"),
        ("a source that goes stale", [given.source("14:30")], "14:30", "14:33"),
    ],
)
def test_until_when_it_holds(name: str, of: list[Any], t: str, want: str) -> None:
    assert given.shown(of, t=t).until == at(want)


@pytest.mark.parametrize(
    ("zone", "t", "want"),
    [
        ("Europe/London", "2026-11-21T14:30", "2026-11-22T00:00"),
        ("Europe/London", "2027-03-28T12:00", "2027-03-28T23:00"),
        ("Asia/Tokyo", "2026-11-21T14:30", "2026-11-21T15:00"),
        ("Africa/Cairo", "2026-04-23T12:00", "2026-04-23T22:00"),  # the day begins at 01:00
        ("America/Havana", "2026-10-31T12:00", "2026-11-01T04:00"),  # its first hour comes twice
        ("America/Santiago", "2026-04-04T12:00", "2026-04-05T04:00"),  # the hour before it comes twice
    ],
)
def test_it_holds_until_midnight_at_the_latest(zone: str, t: str, want: str) -> None:
    moment, edge = (datetime.fromisoformat(words).replace(tzinfo=UTC) for words in (t, want))
    found = snapshot_at(given.facts(site=replace(given.SITE, zone=zone)), moment)
    assert found.until == edge
    assert [(edge - timedelta(seconds=s)).astimezone(ZoneInfo(zone)).day == found.today.day for s in (1, 0)] == [
        True,
        False,
    ]


def test_today_is_a_day_of_the_pages_zone() -> None:
    assert given.shown(t="23:59", site=replace(given.SITE, zone="Asia/Tokyo")).today == date(2026, 11, 22)


clocks = st.integers(0, 23 * 6).map(lambda n: f"{n // 6}:{n % 6}0")


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """A tree of four, two components, and a few of whatever may befall them."""

    def some_span(end_needed: bool = True) -> str:
        start, end = sorted((draw(clocks), draw(clocks)), key=at)
        return start if not end_needed and draw(st.booleans()) else f"{start}-{end}"

    def few() -> range:
        return range(1, 1 + draw(st.integers(0, 2)))

    which = st.integers(1, 4)
    hold = st.sampled_from(["", " hold"])
    return given.facts(
        TREE,
        given.component(1),
        given.component(2, status=draw(st.sampled_from(["operational", "major_outage"]))),
        given.dependency(1, 1, draw(st.sampled_from(["down", "warn"]))),
        given.dependency(2, 2, "warn", "down"),
        given.toggle("hide_it", 2, 3),
        given.source(draw(clocks)),
        [given.outage(some_span(False) + draw(hold), draw(which), id) for id in few()],
        [given.window(some_span(), draw(st.integers(1, 2)), id=id) for id in few()],
        [given.overrule(some_span(), draw(st.integers(1, 2)), draw(which), id) for id in few()],
        [given.window(some_span(), id=id, touches={draw(which): draw(effects)}) for id in (3,)],
        [draw(any_incident(id)) for id in few()],
    )


effects = st.sampled_from(["down", "warn", "nothing"])


@st.composite
def any_incident(draw: st.DrawFn, id: int) -> IncidentFact:
    """Of up to three updates, any of which may be scheduled, on both components and one section."""
    times = sorted(draw(st.lists(clocks, min_size=1, max_size=3)), key=at)
    stages = st.sampled_from(["investigating", "monitoring", "resolved"])
    statuses = st.sampled_from(list(Status))
    updates = [
        given.update(
            f"{clock} {draw(stages)}",
            id=10 * id + n,
            impacts={1: draw(statuses), 2: draw(statuses)},
            next_at=at(draw(clocks)),
        )
        for n, clock in enumerate(times)
    ]
    touches = {draw(st.integers(1, 4)): draw(effects)}
    return given.incident(*updates, id=id, published_at=at(draw(clocks)), touches=touches)


def digests(edition: Edition) -> dict[str, str]:
    return {path: digest_of(line) for path, line in edition.lines.items()}


thoroughly = settings(max_examples=60, deadline=None, database=None, derandomize=True)


@thoroughly
@hypothesis_given(any_facts(), clocks, st.integers(0, 99))
def test_between_two_edges_the_snapshot_and_its_documents_are_the_same(facts: Facts, t: str, percent: int) -> None:
    early = edition_at(facts, at(t))
    late = edition_at(facts, at(t) + (early.snapshot.until - at(t)) * percent / 100)
    assert replace(late.snapshot, at=early.snapshot.at) == early.snapshot
    assert digests(late) == digests(early)


@thoroughly
@hypothesis_given(any_facts(), clocks, st.integers(0, 99))
def test_between_two_edges_nothing_comes_into_sight(facts: Facts, t: str, percent: int) -> None:
    early = snapshot_at(facts, at(t) - HORIZON)
    late = snapshot_at(facts, early.at + (early.until - early.at) * percent / 100)
    assert replace(late, at=early.at) == early


@thoroughly
@hypothesis_given(any_facts(), clocks)
def test_a_shown_end_is_still_to_come_unless_late(facts: Facts, t: str) -> None:
    for section in snapshot_at(facts, at(t)).sections:
        if section.now.until and not section.now.late:
            assert section.now.until > at(t)


@thoroughly
@hypothesis_given(any_facts(), clocks)
def test_a_snapshot_is_a_function_of_facts_and_time(facts: Facts, t: str) -> None:
    assert snapshot_at(facts, at(t)) == snapshot_at(facts, at(t))


@thoroughly
@hypothesis_given(any_facts(), clocks)
def test_a_child_is_never_better_than_its_parent_unless_overruled(facts: Facts, t: str) -> None:
    sections = snapshot_at(replace(facts, overrules=()), at(t)).sections
    states = {section.key: section.state for section in sections}
    for section in sections:
        if section.parent_key and states[section.parent_key] in (State.DOWN, State.DEGRADED):
            assert section.state.rank >= states[section.parent_key].rank
