"""The readers of a section's JSON that the docs give to copy."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dashboard.config import ROOT
from dashboard.editions import edition_at
from dashboard.facts import Facts
from tests import given
from tests.browser.embedding import NOW, OPEN
from tests.browser.servers import Host, Reply
from tests.rules.given import at

PATH = "/embed/v1/sections/direct_deposit.json"
WRITTEN = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8").partition("## JSON")[2]


def told(facts: Facts, t: str = "14:30") -> bytes:
    answer = edition_at(facts, at(t)).answer(PATH)
    assert answer is not None
    return answer.variants[""].body


def code_from(first: str) -> str:
    return first + WRITTEN.partition(first)[2].partition("```")[0]


@pytest.mark.parametrize(
    ("t", "words"),
    [("14:30", ""), ("15:30", "unavailable 16:00 to 18:00 You cannot pay."), ("16:30", "is unavailable until 18:00")],
)
def test_the_short_one_shows_what_holds_now(page: Page, host: Host, t: str, words: str) -> None:
    facts = given.facts(given.outage("16:00-18:00", message="You cannot pay."))
    host.pages["/"] = '<!doctype html><title>Pay</title><p id="notice">?</p><form id="form">Pay</form>'
    host.pages["/now.json"] = Reply(told(facts, t), headers=OPEN)
    page.goto(host.url)
    code = code_from("async function look").replace(f"https://status.example.org{PATH}", "/now.json")
    page.add_script_tag(content=code)
    expect(page.locator("#notice")).to_have_text(re.compile(words) if words else "")
    expect(page.locator("#form")).to_be_visible(visible=t < "16:00")


def test_the_one_by_the_clock_is_right_at_any_time(page: Page) -> None:
    facts = given.facts(given.outage("16:00-17:00"), given.outage("20:00-21:00 hold", id=2))
    asked = [NOW + timedelta(minutes=minutes) for minutes in range(0, 8 * 60, 15)]
    states = "asked.map(t => stateOf('direct_deposit', JSON.parse(said).sections, t))"
    said = [told(facts).decode(), [t.timestamp() * 1000 for t in asked]]
    read = page.evaluate(f"([said, asked]) => {{ {code_from('const RANK')} return {states} }}", said)
    assert read == [edition_at(facts, t).snapshot.sections[0].state for t in asked]
