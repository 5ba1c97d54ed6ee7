"""Hostile words in every text, in every format for programs: they stay words, and a parser reads them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from icalendar import Calendar

from dashboard.editions import edition_at
from dashboard.facts import ReviewFact
from dashboard.rules.text import clean_line
from tests import given
from tests.documents.statuspage_fields import FORMS
from tests.rules.given import at

WORDS = (
    "<script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '"><img src=x onerror=alert(1)>',
    "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:no",
    "\u202egnp.exe\u2066\u200f",
    "\x00\x01\x08\x0b\x1b[31m\x7f\x85\ufffe\uffff",
    "a\u2028b\u2029c",
    "back\\slash; semi, comma: \\n \\N",
    "💊 Köln 日本語 " * 1_500,
    "x" * 20_000,
    "{until}{0}{__class__}%s",
)
SAYS = ("p", "strong", "br")
FEEDS = ("/history.atom", "/history.rss")
CALENDARS = ("/history.ics", "/sections/direct_deposit.ics", "/components/component_1.ics")
XML_REFUSES = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def bodies(words: str) -> dict[str, bytes]:
    """Every document for programs, with the same words in every text that the public may read."""
    said = dict.fromkeys(("title", "broken", "affected", "instead", "expected", "third_party"), words)
    review = ReviewFact(1, words, words, words, words, at("12:00"), None)
    site = replace(given.SITE, name=words)
    facts = given.facts(
        given.section(name=words, message=words),
        given.component(name=words, group=words, description=words),
        given.dependency(),
        [given.window("18:00-19:00", message=words), given.window("8:00-9:00", id=2, message=words)],
        given.incident(given.update("13:00 identified", body=words, impacts={1: "major_outage"}), **said),
        given.incident(given.update("9:00 resolved", id=2, body=words), id=2, review=review, **said),
        site=site,
    )
    edition = edition_at(replace(facts, cancelled=(given.window("20:00-21:00", id=3),)), at("14:30"))
    answers = {path: edition.answer(path) for path in (*FORMS, "/incidents/1.json", *FEEDS, *CALENDARS)}
    return {path: answer.variants[""].body for path, answer in answers.items() if answer}


made = cache(bodies)


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[Any]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.found.append((tag, attrs))


@pytest.mark.parametrize("words", WORDS, ids=range(len(WORDS)))
class TestHostileWords:
    def test_every_document_is_there(self, words: str) -> None:
        assert len(made(words)) == len(FORMS) + 1 + len(FEEDS) + len(CALENDARS)

    def test_json_holds_them_as_they_are(self, words: str) -> None:
        found = json.loads(made(words)["/api/v2/summary.json"])
        assert {found["page"]["name"], found["incidents"][0]["name"], found["components"][1]["name"]} == {words}
        assert found["incidents"][0]["incident_updates"][0]["body"] == words

    def test_json_may_stand_in_a_page(self, words: str) -> None:
        for path, body in made(words).items():
            if path.endswith(".json"):
                assert not set("<>&\u2028\u2029") & set(body.decode())

    @pytest.mark.parametrize("path", FEEDS)
    def test_feeds_are_xml_without_what_it_refuses(self, path: str, words: str) -> None:
        body = made(words)[path].decode()
        assert not XML_REFUSES.search(body)
        assert not set("\u202e\u2066\u200f") & set(body)
        ElementTree.fromstring(body)

    @pytest.mark.parametrize("path", FEEDS)
    def test_in_feeds_nothing_typed_is_a_tag(self, path: str, words: str) -> None:
        entries = feedparser.parse(made(words)[path], sanitize_html=False).entries
        assert len(entries) == 5
        for entry in entries:
            assert {tag for tag, _ in Tags(entry.summary).found} <= set(SAYS)
            assert not [attrs for _, attrs in Tags(entry.summary).found if attrs]

    @pytest.mark.parametrize("path", FEEDS)
    def test_titles_hold_no_tag_even_for_readers_that_take_them_for_html(self, path: str, words: str) -> None:
        root = ElementTree.fromstring(made(words)[path])
        titles = [element.text or "" for element in root.iter() if element.tag.endswith("title")]
        if path == "/history.rss":
            assert not [title for title in titles if "<" in title]
        else:
            assert clean_line(words) in titles

    @pytest.mark.parametrize("path", CALENDARS)
    def test_calendars_are_read_back(self, path: str, words: str) -> None:
        body = made(words)[path]
        events = list(Calendar.from_ical(body).walk("VEVENT"))
        assert len(events) == 3
        assert max(len(line) for line in body.split(b"\r\n")) <= 75
        assert body.count(b"BEGIN:VEVENT\r\n") == body.count(b"END:VEVENT\r\n") == len(events)
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", body)


def test_calendars_escape_what_they_must() -> None:
    body = bodies("C:\\New; one, two")["/history.ics"]
    assert rb"SUMMARY:Planned work on C:\\New\; one\, two" in body


@settings(max_examples=40, deadline=None)
@for_all(st.text(st.characters(exclude_characters="\\", codec="utf-8"), max_size=60))
def test_any_words_are_read_back(words: str) -> None:
    found = bodies(words)
    assert json.loads(found["/incidents/1.json"])["name"] == words
    for path in FEEDS:
        ElementTree.fromstring(found[path])
    summaries = [str(event["SUMMARY"]) for event in Calendar.from_ical(found["/history.ics"]).walk("VEVENT")]
    assert set(summaries) == {clean_line(f"Planned work on {words}")} or not words
