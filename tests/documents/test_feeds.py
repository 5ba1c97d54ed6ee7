"""``/history.atom`` and ``/history.rss``, read back by a feed reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

import feedparser
import pytest

from dashboard.editions import edition_at
from dashboard.facts import Facts, ReviewFact
from tests import given
from tests.rules.given import at

FEEDS = ("/history.atom", "/history.rss")
COMPONENT = given.component(name="Card payments")
OFF = given.window("18:00-19:00", gone_at=at("12:00"), revised_at=at("12:00"))


def read(facts: Facts, path: str, t: str = "14:30") -> Any:
    found = feedparser.parse(body(facts, path, t))
    assert not found.bozo, found
    return found


def body(facts: Facts, path: str, t: str = "14:30") -> bytes:
    answer = edition_at(facts, at(t)).answer(path)
    assert answer is not None
    return answer.variants[""].body


def only(path: str, *of: Any, t: str = "14:30") -> Any:
    (entry,) = read(given.facts(*of), path, t).entries
    return entry


def when(entry: Any) -> str:
    told = entry.updated_parsed if "updated" in dict.keys(entry) else entry.published_parsed
    return f"{datetime(*told[:6], tzinfo=UTC):%H:%M}"


@pytest.fixture(params=FEEDS)
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_says_whose_it_is(path: str) -> None:
    feed = read(given.facts(), path).feed
    assert (feed.title, feed.link) == ("Larkfield status", "http://status.example.org/")
    assert [link.href for link in feed.links if link.rel == "self"] == [f"http://status.example.org{path}"]


def test_without_anything_it_is_empty_and_parses(path: str) -> None:
    assert read(given.facts(), path).entries == []


def test_an_incident_is_an_entry(path: str) -> None:
    entry = only(path, given.incident("13:00 investigating", "14:00 identified"))
    assert entry.id == "tag:status.example.org,2026:incident-1"
    assert entry.title == "Payments are not going through"
    assert entry.link == "http://status.example.org/incidents/1/"
    assert "We are looking into it." in entry.summary


def test_each_update_moves_it_and_the_id_stays(path: str) -> None:
    first = given.incident("13:00 investigating")
    second = given.incident("13:00 investigating", "14:00 resolved")
    entries = [only(path, incident) for incident in (first, second)]
    assert [when(entry) for entry in entries] == ["13:00", "14:00"]
    assert entries[0].id == entries[1].id


def test_what_is_scheduled_does_not_move_it_before_its_time(path: str) -> None:
    later = given.update("16:00 resolved", id=2, created_at=at("14:00"))
    incident = given.incident("13:00 investigating", later, revised_at=at("14:00"))
    assert [when(only(path, incident, t=t)) for t in ("15:59", "16:00")] == ["13:00", "16:00"]


def test_an_edit_moves_it(path: str) -> None:
    edited = given.update("13:00 investigating", edited_at=at("14:20"))
    entry = only(path, given.incident(edited))
    assert when(entry) == "14:20"
    assert "Edited 21 November 2026, 14:20 GMT" in entry.summary


def test_a_review_moves_it(path: str) -> None:
    review = ReviewFact(1, "A disk was full.", "", "", "", at("14:10"), None)
    entry = only(path, given.incident("12:00 investigating", "13:00 resolved", review=review))
    assert when(entry) == "14:10"
    assert entry.summary.index("A disk was full.") < entry.summary.index("Resolved")


def test_what_readers_need_is_told(path: str) -> None:
    said = {"broken": "Card payments.", "instead": "Pay by phone.", "third_party": "Northpay"}
    entry = only(path, given.incident("13:00 investigating", **said))
    assert "<strong>What is broken:</strong> Card payments." in entry.summary
    assert "<strong>What to do instead:</strong> Pay by phone." in entry.summary
    assert "Who is affected" not in entry.summary


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://northpay.example/status", '<a href="https://northpay.example/status">Northpay</a>'),
        ("javascript:alert(1)", "Northpay</p>"),
    ],
)
def test_where_it_comes_from_is_told_with_its_link(path: str, url: str, told: str) -> None:
    incident = given.incident("13:00 investigating", third_party="Northpay", third_party_url=url)
    said = unescape(body(given.facts(incident), path).decode())
    assert f"<strong>Where it comes from:</strong> {told}" in said


def test_planned_work_is_an_entry(path: str) -> None:
    entry = only(path, COMPONENT, given.window("18:00-19:00", message="You cannot pay."))
    assert entry.title == "Planned work on Card payments"
    assert entry.link == "http://status.example.org/planned/#window-1"
    assert "From 21 November 2026, 18:00 GMT to 21 November 2026, 19:00 GMT" in entry.summary
    assert "You cannot pay." in entry.summary


@pytest.mark.parametrize(("t", "told"), [("18:30", "18:00"), ("19:30", "19:00")])
def test_planned_work_is_new_at_each_stage(path: str, t: str, told: str) -> None:
    assert when(only(path, given.window("18:00-19:00"), t=t)) == told


@pytest.mark.parametrize("t", ["14:30", "18:30"])
def test_work_that_is_called_off_says_so(path: str, t: str) -> None:
    (entry,) = read(replace(given.facts(COMPONENT), cancelled=(OFF,)), path, t).entries
    assert (entry.title, when(entry)) == ("Called off: Planned work on Card payments", "12:00")
    assert "This work will not be done" in entry.summary


def test_what_was_last_new_comes_first_and_is_not_endless(path: str) -> None:
    many = [given.incident(f"{9 + n // 60}:{n % 60:02} investigating", id=n + 1) for n in range(60)]
    entries = read(given.facts(many), path).entries
    assert len(entries) == 50
    assert [entry.id.rpartition("-")[2] for entry in entries[:2]] == ["60", "59"]


def test_it_is_as_new_as_its_newest_entry() -> None:
    facts = given.facts(given.incident("13:00 investigating"), given.incident("9:00 resolved", id=2))
    assert when(read(facts, "/history.atom").feed) == "13:00"


@pytest.mark.parametrize("t", ["14:31", "20:00", "23:59"])
def test_it_is_the_same_bytes_while_nothing_happens(path: str, t: str) -> None:
    facts = given.facts(given.incident("13:00 investigating"), given.outage("14:00-18:00"))
    assert body(facts, path, t) == body(facts, path)


def test_lines_and_paragraphs_are_kept(path: str) -> None:
    entry = only(path, given.incident(given.update("13:00 investigating", body="One\ntwo\n\nthree")))
    assert "<p>One<br />two</p><p>three</p>" in entry.summary.replace("\n", "")


def test_pages_lead_to_the_feeds() -> None:
    page = body(given.facts(), "/sections/direct_deposit/").decode()
    for feed in (*FEEDS, "/history.ics"):
        assert f'href="../..{feed}"' in page


def test_sections_and_components_lead_to_their_calendars_and_an_incident_to_its_data() -> None:
    facts = given.facts(given.incident("13:00 investigating", id=7), COMPONENT)
    assert 'href="../component_1.ics"' in body(facts, "/components/component_1/").decode()
    assert 'href="../direct_deposit.ics"' in body(facts, "/sections/direct_deposit/").decode()
    assert 'href="../7.json"' in body(facts, "/incidents/7/").decode()
