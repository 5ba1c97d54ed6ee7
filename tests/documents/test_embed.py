"""What the embed script is sent as, and what the banner's answer holds for it alone."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace

import pytest

from dashboard import languages
from dashboard.config import ROOT
from dashboard.documents import assets
from dashboard.editions import edition_at
from tests import given
from tests.documents.test_banner import played, read
from tests.rules.given import at


@pytest.mark.parametrize("path", ["/embed/v1.js", f"/embed/v{assets.SCRIPT_VERSION}.js"])
def test_the_script_is_small(path: str) -> None:
    answer = edition_at(given.facts(), at("14:30")).answer(path)
    assert answer is not None
    body = answer.variants[""].body
    assert len(gzip.compress(body, 9, mtime=0)) <= 4_500
    assert body.decode() == assets.embed_script()


def test_the_script_is_sent_without_comments_and_with_its_words_whole() -> None:
    script = assets.embed_script()
    assert "/*" not in script
    assert "  " not in script
    assert script.isascii(), "so that it reads the same on a page of any charset"
    for words in ("'signpost-section'", ") .banner{color-scheme", "auto .5em .5em", "/{(\\w+)}/g", "StatusEmbed={get:"):
        assert words in script


def test_no_version_ever_changes() -> None:
    edition = edition_at(given.facts(), at("14:30"))
    for number, digest in assets.VERSIONS.items():
        answer = edition.answer(f"/embed/v{number}.js")
        assert answer is not None
        assert assets.hash_of(answer.variants[""].body.decode()) == digest, f"{number} is pinned by pages: keep it"


def test_the_newest_version_is_what_is_sent() -> None:
    newest = assets.STATIC / "embed" / "versions" / f"{assets.SCRIPT_VERSION}.js"
    assert newest.read_text(encoding="utf-8") == assets.embed_script(), "give it a number: scripts/embed-version"
    assert set(newest.parent.glob("*.js")) == {newest.parent / f"{number}.js" for number in assets.VERSIONS}


def test_a_child_of_a_section_that_is_down_is_part_of_that() -> None:
    sections = [given.section(1), given.section(2, parent=1), given.section(3, parent=2)]
    found = read(given.facts(sections, given.outage("14:00-18:00", 1), given.outage("14:00-19:00", 3, id=2)))
    assert [(entry["key"], entry.get("part_of")) for entry in found["sections"]] == [
        ("direct_deposit", None),
        ("documents", "direct_deposit"),
        ("section_3", None),  # down for longer, on its own account
    ]


def test_one_that_holds_says_what_will_be_said_when_it_is_late() -> None:
    outage = given.outage("14:00-18:00 hold", message="You cannot pay.")
    (before,) = read(given.facts(outage))["sections"]
    (after,) = read(given.facts(outage), t="18:10")["sections"]
    assert before["message_late"] == "You cannot pay. We expected it back by {until}. It is taking longer."
    assert "message_late" not in after
    assert after["message"].startswith(before["message_late"])


@pytest.mark.parametrize("state", ["approaching", "degraded", "down", "late"])
def test_a_preview_of_a_state_knows_the_names_and_is_the_same_all_day(state: str) -> None:
    path = f"/embed/v1/preview/{state}.json"
    found = read(given.facts(given.outage("14:00-18:00")), path)
    assert found == read(given.facts(revision=43), path, t="15:00")
    assert found["named"]["direct_deposit"] == {"key": "direct_deposit", "name": "Direct deposit"}
    assert played(found["sections"], "2026-11-21T14:30:00Z") == ("down" if state == "late" else state)


def test_a_preview_of_what_works_shows_nothing() -> None:
    assert read(given.facts(), "/embed/v1/preview/ok.json")["sections"] == []


def test_a_preview_for_older_versions_has_all_states_and_no_name() -> None:
    found = read(given.facts(given.outage("14:00-18:00")), "/embed/v1/preview.json")
    assert [entry["key"] for entry in found["sections"]] == ["approaching", "degraded", "down", "late"]
    assert "Direct" not in json.dumps(found)


def test_the_docs_name_every_field() -> None:
    page = (
        (ROOT / "docs" / "embed.md").read_text(encoding="utf-8").partition("## JSON")[2].partition("## Attributes")[0]
    )
    sections = [given.section(1), given.section(2, parent=1)]
    facts = given.facts(sections, [given.outage("14:00-18:00 hold", 1), given.source("14:30")])
    facts = replace(facts, languages=languages.read(("en", "cy"), ROOT)[0])
    one, all = (read(facts, path) for path in ("/embed/v1/sections/documents.json", "/embed/v1/status.json"))
    fields = {*one, *all, *one["now"], *all["sections"][1]}
    assert {"now", "warn_from", "message_late", "part_of", "languages"} <= fields
    assert [field for field in fields if f"`{field}`" not in page] == []


def test_the_docs_name_every_property_attribute_and_part() -> None:
    script = (ROOT / "static" / "embed" / "embed.js").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")
    properties = set(re.findall(r"var\((--signpost-[a-z-]+)", script))
    attributes = set(re.findall(r"attr\('([a-z-]+)'\)", script)) | {"theme"}
    parts = set(re.findall(r"make\('\w+', '(\w+)'", script)) - {"live"}
    assert len(properties) == 13
    assert parts == {"message", "link", "close"}
    assert attributes == {"section", "except", "heading-level", "on-down", "on-late", "theme"}
    assert [word for word in properties | parts if f"`{word}`" not in page] == []
    assert [word for word in attributes if f"`{word}=" not in page] == []
