"""Whatever is wrong with the status host, the page that embeds it works as if there were nothing to say."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.embedding import OPEN, WRAPPED, StatusHost, answered, document, entry, html, notice
from tests.browser.servers import Host, Reply

Visit = Callable[..., Page]

DOWN = document(entry())
ANSWERS = {
    "500": Reply("broken", "500 Internal Server Error"),
    "503": Reply(DOWN, "503 Service Unavailable", OPEN),
    "429": Reply("{}", "429 Too Many Requests", {**OPEN, "Retry-After": "1"}),
    "404": Reply('{"error":"There is nothing here under that key."}', "404 Not Found", OPEN),
    "garbage": Reply(b"\xff\xfe\x00<html>", headers=OPEN),
    "truncated": Reply(DOWN[:-40], headers=OPEN),
    "{}": Reply("{}", headers=OPEN),
    "null": Reply("null", headers=OPEN),
    "[]": Reply("[]", headers=OPEN),
    "empty": Reply("", headers=OPEN),
    "another version": Reply(DOWN.replace('"v": 1', '"v": 2'), headers=OPEN),
    "sections of another kind": Reply(document(sections=7), headers=OPEN),
    "entries of another kind": Reply(document(None, 7, "x", {}, {"key": "direct_deposit", "state": []}), headers=OPEN),
    "times of another kind": Reply(document(entry(**{"from": {"toString": 1}})), headers=OPEN),
    "without words": Reply(document(entry(), strings=None), headers=OPEN),
    "without a page": Reply(document(entry(), page=None), headers=OPEN),
    "without CORS": Reply(DOWN),
    "redirected away": Reply("", "302 Found", {"Location": "http://127.0.0.1:9/status.json"}),
    "hanging": Reply(hang=True),
}


def works_as_ever(page: Page, fault: str = "") -> None:
    expect(page.locator("h1"), fault).to_be_visible()
    expect(page.locator("#account"), fault).to_be_visible()
    expect(page.locator(".banner"), fault).to_have_count(0)


def test_a_faulty_answer_is_no_news(visit: Visit, page: Page, status: StatusHost) -> None:
    for visits, (fault, answer) in enumerate(ANSWERS.items(), 1):
        status.answer = answer
        with page.expect_request("**/status.json"):
            visit(f"<signpost-banner></signpost-banner>{WRAPPED}")
        page.clock.fast_forward("00:12")
        page.clock.fast_forward("00:12")
        works_as_ever(page, fault)
        assert status.polls <= 2 * visits, fault


def test_a_faulty_answer_takes_nothing_back(visit: Visit, status: StatusHost) -> None:
    status.say(entry(end=None))
    page = visit()
    expect(notice(page)).to_be_visible()
    for fault in ANSWERS.keys() - {"hanging", "entries of another kind"}:
        status.answer = ANSWERS[fault]
        until_asked(page)
        expect(notice(page), fault).to_contain_text("Direct deposit is unavailable")


def until_asked(page: Page) -> None:
    """Let time pass until it asks once more, whatever the back-off has grown to, and no longer: it gives up in 8 s."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    for _ in range(100):
        page.clock.fast_forward(20_000)
        page.wait_for_timeout(20)
        if asked:
            break
    asked[0].response()


def test_it_asks_more_and_more_seldom(visit: Visit, status: StatusHost) -> None:
    status.answer = ANSWERS["500"]
    page = visit()
    asked = []
    for _ in range(120):
        page.clock.run_for(15_000)
        asked.append(status.polls)
    assert asked[-1] <= 16, "half an hour of faults"
    status.say(entry())
    until_asked(page)
    expect(notice(page)).to_be_visible()


def test_code_that_subscribed_hears_of_what_comes_after_a_fault(visit: Visit, page: Page, status: StatusHost) -> None:
    subscribe = "void StatusEmbed.subscribe('direct_deposit', status => { heard = status.state })"
    for fault in ("without words", "without a page", "times of another kind", "garbage"):
        status.answer = ANSWERS[fault]
        visit("").evaluate(subscribe)
        until_asked(page)
        status.say(entry())
        until_asked(page)
        page.wait_for_function("heard === 'down'")
        page.evaluate("localStorage.clear()")


def test_it_never_waits_longer_than_a_browser_can_count(visit: Visit, status: StatusHost) -> None:
    status.say(ttl=9_999_999)
    page = visit()
    answered(page)
    with page.expect_response("**/status.json"):
        page.clock.fast_forward("28:00:00")


def test_a_dead_host_is_no_news(visit: Visit, status: StatusHost) -> None:
    page = visit(attributes="defer data-src=http://127.0.0.1:9/status.json")
    page.clock.fast_forward("05:00")
    works_as_ever(page)


@pytest.mark.parametrize("script", [Reply(status="404 Not Found"), Reply("<!doctype html>"), Reply(hang=True)])
def test_a_page_loads_without_the_script(page: Page, host: Host, status: StatusHost, script: Reply) -> None:
    status.pages["/embed/v1.js"] = script
    host.pages["/"] = html(status.url, attributes="async")
    begun = time.monotonic()
    page.goto(host.url, wait_until="domcontentloaded")
    works_as_ever(page)
    assert time.monotonic() - begun < 4


def test_a_hanging_answer_is_given_up_after_8_seconds(page: Page, host: Host, status: StatusHost) -> None:
    status.answer = Reply(hang=True)
    host.pages["/"] = html(status.url)
    with page.expect_event("requestfailed", timeout=10_000) as failed:
        page.goto(host.url)
        begun = time.monotonic()
    assert "status.json" in failed.value.url
    assert 6 < time.monotonic() - begun < 10
    works_as_ever(page)


def test_nothing_private_is_sent(visit: Visit, page: Page, host: Host, status: StatusHost) -> None:
    page.context.add_cookies([{"name": "secret", "value": "1", "url": status.url}])
    with page.expect_request("**/status.json") as asked:
        visit()
    sent = asked.value.all_headers()
    assert "cookie" not in sent
    assert "referer" not in sent
    assert sent["sec-fetch-mode"] == "cors"
    assert [cookie["name"] for cookie in page.context.cookies()] == ["secret"]


def test_everything_it_asks_for_comes_from_the_status_host(visit: Visit, page: Page, status: StatusHost) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    status.say(entry())
    expect(notice(visit())).to_be_visible()
    others = [url for url in asked if url.startswith("http") and not url.startswith(status.url)]
    assert [url.rpartition("/")[2] for url in others] == [""]  # the host's own page
