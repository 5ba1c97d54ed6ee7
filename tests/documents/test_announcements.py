"""The announcements' pages and their feed: the newest first, paged, and never among what is broken."""

from __future__ import annotations

from datetime import timedelta

import feedparser
import pytest

from dashboard.editions import Edition, edition_at
from dashboard.facts import AnnouncementFact
from tests import given
from tests.conftest import NOW
from tests.documents.reading import Reading
from tests.rules.given import at

PAGE, FEED = "/announcements/", "/announcements.atom"
DAY = timedelta(days=1)
HOSTILE = ("<script>alert(1)</script>", "]]>", "a\r\nb", "\u202egnorw\u202c", "x" * 2_000, "&amp;<b>")


def edition(*told: AnnouncementFact, t: str = "14:30") -> Edition:
    """In the order in which the reader gives them."""
    newest = sorted(told, key=lambda one: one.published_at, reverse=True)
    return edition_at(given.facts(newest), at(t))


def body(found: Edition, path: str = PAGE) -> str:
    answer = found.answer(path)
    assert answer is not None, path
    return answer.variants[""].body.decode()


def many(number: int) -> list[AnnouncementFact]:
    return [given.announcement(id, title=f"News {id}", published_at=NOW - id * DAY) for id in range(1, number + 1)]


def test_where_there_is_nothing_it_says_so() -> None:
    page = body(edition())
    Reading(page)
    assert "There is nothing new at the moment." in page


def test_it_tells_title_words_day_and_link() -> None:
    link = {"link_label": "How to pay", "link_url": "https://larkfield.example/pay"}
    told = given.announcement(7, body="You can pay\n\nby phone.", **link)
    for path in (PAGE, f"{PAGE}7/"):
        page = body(edition(told), path)
        assert Reading(page).count("h1") == 1
        assert "<p>You can pay</p><p>by phone.</p>" in page
        assert "21 November 2026" in page
        assert '<a href="https://larkfield.example/pay"><bdi>How to pay</bdi></a>' in page


def test_twenty_a_page_the_newest_first() -> None:
    found = edition(*many(45))
    pages = [body(found, path) for path in (PAGE, f"{PAGE}page/2/", f"{PAGE}page/3/")]
    assert [page.count("<article") for page in pages] == [20, 20, 5]
    assert "Page 2 of 3" in pages[1]
    assert found.answer(f"{PAGE}page/4/") is None
    assert "News 1<" in pages[0]


def test_links_of_every_page_lead_somewhere() -> None:
    found = edition(*many(45))
    for path in (PAGE, f"{PAGE}page/2/", f"{PAGE}page/3/", f"{PAGE}7/"):
        assert f'href="{"../" * (path.count("/") - 1)}announcements.atom"' in body(found, path)


@pytest.mark.parametrize(("t", "words"), [("14:30", "Edited 15:20"), ("next", "Edited 21 November 2026")])
def test_an_edit_is_told(t: str, words: str) -> None:
    told = given.announcement(edited_at=at("15:20"))
    then = NOW + DAY if t == "next" else at("15:30")
    assert words in body(edition_at(given.facts(told), then))


def test_what_was_not_edited_does_not_change_with_the_day() -> None:
    today, later = (edition_at(given.facts(given.announcement()), t) for t in (NOW, NOW + 3 * DAY))
    assert body(today) == body(later)


def test_one_to_come_is_nowhere_until_then() -> None:
    told = given.announcement(7, published_at=at("15:00"))
    before, after = edition(told, t="14:59"), edition(told, t="15:00")
    assert "Pay by phone" not in body(before) + body(before, FEED)
    assert before.answer(f"{PAGE}7/") is None
    assert "Pay by phone" in body(after)
    assert before.until == at("15:00")


def test_it_is_never_among_what_is_broken() -> None:
    found = edition(given.announcement(title="Pay by phone"))
    others = [path for path in found.lines if not path.startswith("/announcements")]
    assert others
    assert not [path for path in others if "Pay by phone" in body(found, path)]


class TestFeed:
    def read(self, *told: AnnouncementFact) -> feedparser.FeedParserDict:
        feed = feedparser.parse(body(edition(*told), FEED).encode())
        assert not feed.bozo, feed.get("bozo_exception")
        return feed

    def test_a_reader_reads_it(self) -> None:
        told = given.announcement(7, edited_at=at("14:20"), body="One.\n\nTwo.")
        feed = self.read(told)
        entry = feed.entries[0]
        assert (feed.feed.title, feed.feed.id) == (
            "Larkfield announcements",
            "tag:status.example.org,2026:announcements",
        )
        assert (entry.title, entry.id) == ("Pay by phone", "tag:status.example.org,2026:announcement-7")
        assert entry.link == "http://status.example.org/announcements/7/"
        assert (entry.published, entry.updated) == ("2026-11-21T14:00:00.000Z", "2026-11-21T14:20:00.000Z")
        assert entry.content[0].value.startswith("<p>One.</p><p>Two.</p>")

    def test_without_any_it_is_a_feed(self) -> None:
        assert self.read().entries == []

    def test_no_more_than_fifty(self) -> None:
        assert len(self.read(*many(60)).entries) == 50

    @pytest.mark.parametrize("words", HOSTILE)
    def test_hostile_words_stay_words(self, words: str) -> None:
        told = given.announcement(title=words, body=words, link_label=words, link_url="javascript:alert(1)")
        [entry] = self.read(told).entries
        assert "<script" not in entry.content[0].value
        assert "javascript" not in entry.content[0].value


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    told = given.announcement(7, title=words, body=words, link_label=words, link_url="javascript:alert(1)")
    for path in (PAGE, f"{PAGE}7/"):
        page = body(edition(told), path)
        assert Reading(page).count("script") == Reading(body(edition(given.announcement(7)), path)).count("script")
        assert "javascript:" not in page
