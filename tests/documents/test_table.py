"""What is true of every line of the table of public documents."""

from __future__ import annotations

import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from dashboard.documents import DOCUMENTS
from dashboard.editions import Edition, edition_at
from dashboard.facts import ReviewFact
from tests import given
from tests.rules.given import at

HOSTILE = (
    "</title></script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "{until}{from}{next}{message.__class__}",
    "\u202eevil\u2028line",
)
MARKUP = set("<>&\u2028\u2029")  # websites print our JSON inside <script>
SECRETS = (
    "Northpay is down",
    "Priya Shah",
    "Ledger migration",
    "pagerduty.example",
    "Owning team",
    "Does not touch it",
)


def busy(words: str = "Words") -> Edition:
    """Something of everything, with the same words in every text that the public may read."""
    section = given.section(1, name=words, message=words, alternative=words, link_label=words, owner="Owning team")
    return edition_at(
        given.facts(
            section,
            given.section(2, parent=1, name=words, message=words),
            given.section(3, name=words, link_url="javascript:alert(1)", link_label=words),
            [given.component(name=words, group=words), given.dependency(2, 1, "warn", "down"), given.dependency(3, 1)],
            [given.window("14:00-18:00", message=words), given.overrule("16:00-17:00", section=3)],
            [given.outage("14:00-18:00 hold", 1, message=words, alternative=words), given.outage("20:00", 3, id=2)],
            [given.toggle("hide_it", 1), given.source("14:07")],
            _told(words),
            _announced(words),
        ),
        at("14:31") + timedelta(seconds=17),
    )


def _told(words: str) -> list[Any]:
    """An incident that is open, and one that was reviewed."""
    said = {"title": words, "broken": words, "affected": words, "instead": words, "expected": words}
    said |= {"third_party": words, "third_party_url": "javascript:alert(1)"}
    review = ReviewFact(1, words, words, words, words, at("14:00"), at("14:10"))
    struck = given.update("13:00 investigating", id=1, body=words, impacts={1: "partial_outage"})
    over = [given.update("12:00 identified", id=2, body=words), given.update("12:30 resolved", id=3, body=words)]
    return [given.incident(struck, **said), given.incident(*over, id=2, review=review, **said)]


def _announced(words: str) -> list[Any]:
    """More than one page can hold."""
    said = {"title": words, "body": words, "link_label": words, "link_url": "javascript:alert(1)"}
    return [given.announcement(id, edited_at=at("14:10"), **said) for id in range(22, 0, -1)]


def bodies(edition: Edition) -> dict[str, str]:
    answers = {path: edition.answer(path) for path in edition.lines}
    return {path: answer.variants[""].body.decode() for path, answer in answers.items() if answer}


BUSY = bodies(busy())


def test_every_line_of_the_table_makes_documents() -> None:
    lines = {document.path for document, _ in busy().lines.values()}
    assert lines == {document.path for document in DOCUMENTS}
    assert BUSY.keys() == busy().lines.keys()


@pytest.mark.parametrize("path", BUSY)
@pytest.mark.parametrize("secret", SECRETS)
def test_what_is_for_staff_never_leaves(path: str, secret: str) -> None:
    assert secret not in BUSY[path]


@pytest.mark.parametrize("path", BUSY)
def test_no_document_holds_the_time_of_its_making(path: str) -> None:
    assert "14:31:17" not in BUSY[path]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    for path, body in bodies(busy(words)).items():
        if path.endswith(".json"):
            json.loads(body)
            assert not MARKUP & set(body)
        elif path.endswith(".svg"):
            assert tags(body) == tags(BUSY[path])
        elif path.endswith((".html", "/")):
            assert handlers(body) == []
            assert scripts(body) == scripts(BUSY[path])


def test_templates_in_words_are_not_run() -> None:
    assert all("{{ 7 * 7 }}" in bodies(busy("{{ 7 * 7 }}"))[path] for path in ("/", "/embed/v1/status.json"))


def test_a_link_that_would_run_is_nowhere() -> None:
    assert not [path for path, body in BUSY.items() if "javascript:" in body and not path.endswith(".js")]


def tags(body: str) -> set[str]:
    return {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(body).iter()}


class Reader(HTMLParser):
    def __init__(self, body: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "script":
            self.scripts.append(values.get("src") or "inline")
        self.handlers += [
            name
            for name, value in attrs
            if (name.startswith("on") and "-" not in name) or (value or "").startswith("javascript:")
        ]


def scripts(body: str) -> list[str]:
    return Reader(body).scripts


def handlers(body: str) -> list[str]:
    return Reader(body).handlers
