"""The embed in a frame, as a module and as a hook: on somebody's page, by what the docs tell them to paste."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FrameLocator, Locator, Page, expect

from dashboard import languages
from dashboard.config import ROOT
from dashboard.editions import edition_at
from dashboard.rules.languages import ENGLISH
from tests import given
from tests.browser.embedding import NOW, StatusHost, answered
from tests.browser.looks import each_look
from tests.browser.servers import Host, Reply
from tests.rules.given import at

DOCS = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")
UNAVAILABLE = "Direct deposit is unavailable until 18:00"
DOWN = given.outage("14:10-18:00", message="You cannot change your bank details.", alternative="Call us.")
Say = Callable[..., None]
Open = Callable[..., Page]


def documented(start: str, language: str) -> str:
    """The first block of code in the docs after some words."""
    found = re.search(rf"```{language}\n(.*?)```", DOCS[DOCS.index(start) :], re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def say(status: StatusHost) -> Say:
    """Make the status host say of some facts all that the real one would, with the real one's headers."""

    def tell(*of: Any, t: str = "14:30", spoken: tuple[Any, ...] = (ENGLISH,)) -> None:
        edition = edition_at(replace(given.facts(*of), languages=spoken), at(t))
        for path in (path for path in edition.lines if path.startswith("/embed/")):
            answer = edition.answer(path)
            assert answer is not None
            headers = {name: value for name, value in answer.variants[""].headers if name != "Content-Length"}
            status.pages[path] = Reply(answer.variants[""].body, headers=headers)

    tell()
    return tell


@pytest.fixture
def opened(page: Page, host: Host, status: StatusHost, complaints: list[str]) -> Iterator[Open]:
    """Open a page of the host's at the tests' time, where ``status.example.org`` is the status host."""
    page.clock.install(time=NOW)

    def go(body: str, head: str = "", until: Any = "load") -> Page:
        whole = (
            '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>Your payments</title>'
            f'<meta name="viewport" content="width=device-width">{head}</head>'
            f"<body><main><h1>Your payments</h1>{body}<p>Everything else on the page.</p></main></body></html>"
        )
        host.pages["/"] = whole.replace("https://status.example.org", status.url)
        page.goto(host.url, wait_until=until)
        return page

    yield go
    assert not complaints


# A frame

FRAME = documented("**A frame**", "html")
LISTENER = f"<script>{documented('**A frame**', 'js')}</script>"
HEARD = "<script>heard = []; addEventListener('message', e => heard.push(e.data))</script>"


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def shown(page: Page) -> Locator:
    return frame(page).locator("signpost-section .banner")


def height(page: Page) -> int:
    return int(page.evaluate("document.querySelector('iframe').clientHeight"))


def test_a_frame_gets_the_room_that_it_asks_for(opened: Open, say: Say) -> None:
    say(DOWN)
    page = opened(FRAME, LISTENER + HEARD)
    expect(shown(page).get_by_role("heading", name=UNAVAILABLE)).to_be_visible()
    expect(frame(page).locator(".signpost")).to_have_count(0)
    page.wait_for_function("document.querySelector('iframe').clientHeight > 100")
    inside = frame(page).locator("body")
    assert inside.evaluate("document.documentElement.scrollHeight") == height(page)
    assert page.evaluate("heard.at(-1)") == {
        "type": "signpost:height",
        "section": "direct_deposit",
        "height": height(page),
        "state": "down",
    }


def test_a_frame_takes_no_room_while_all_is_well(opened: Open, say: Say) -> None:
    page = opened(FRAME, LISTENER + HEARD)
    page.wait_for_function("heard.length")
    assert page.evaluate("heard.at(-1)")["state"] == "ok"
    assert height(page) == 0


def test_a_frame_follows_what_is_said_and_the_clock(opened: Open, say: Say) -> None:
    page = opened(FRAME, LISTENER + HEARD)
    answered(page.frames[-1])
    say(given.outage("14:10-14:40"))
    page.clock.fast_forward(20_000)
    page.wait_for_function("heard.at(-1).state === 'down' && document.querySelector('iframe').clientHeight > 60")
    page.context.set_offline(True)
    page.clock.fast_forward("10:00")
    page.wait_for_function("heard.at(-1).state === 'ok'")
    expect(shown(page)).to_contain_text("Direct deposit is working again")
    page.clock.fast_forward("10:30")
    page.wait_for_function("document.querySelector('iframe').clientHeight === 0")


def test_a_narrower_page_gives_a_frame_more_room(opened: Open, say: Say) -> None:
    say(DOWN)
    page = opened(FRAME, LISTENER)
    page.wait_for_function("document.querySelector('iframe').clientHeight > 100")
    before = height(page)
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_function("before => document.querySelector('iframe').clientHeight > before", arg=before)


def test_a_late_listener_asks(opened: Open, say: Say) -> None:
    say(DOWN)
    page = opened(FRAME)
    expect(shown(page)).to_be_visible(visible=False)
    expect(frame(page).locator("signpost-section")).to_have_attribute("state", "down")
    page.evaluate(f"() => {{ {documented('**A frame**', 'js')} }}".replace("https://status.example.org", origin(page)))
    page.evaluate("document.querySelector('iframe').contentWindow.postMessage('', '*')")
    page.wait_for_function("document.querySelector('iframe').clientHeight > 100")


def origin(page: Page) -> str:
    return str(page.evaluate("new URL(document.querySelector('iframe').src).origin"))


def test_a_listener_believes_nobody_else(opened: Open, say: Say) -> None:
    page = opened(FRAME, LISTENER + HEARD)
    page.wait_for_function("heard.length")
    page.evaluate("postMessage({ type: 'signpost:height', height: 9999 })")
    page.wait_for_function("heard.at(-1).height === 9999")
    assert height(page) == 0


@pytest.mark.parametrize("sandbox", ["allow-scripts", ""])
def test_a_frame_that_may_do_less_still_shows_the_notice(
    opened: Open, say: Say, sandbox: str, complaints: list[str]
) -> None:
    say(DOWN)
    less = re.sub('sandbox="[^"]*"', f'sandbox="{sandbox}"', FRAME).replace('height="0"', 'height="160"')
    words = frame(opened(less)).get_by_text(UNAVAILABLE)
    expect(words).to_be_visible()
    assert words.evaluate("document.documentElement.scrollHeight") <= 160
    complaints[:] = [said for said in complaints if not said.startswith("Blocked script execution")]


def test_a_link_in_a_frame_opens_in_the_page(opened: Open, say: Say, status: StatusHost) -> None:
    status.pages["/more"] = "<h1>More</h1>"
    say(given.section(link_label="More", link_url=f"{status.url}/more"), DOWN)
    page = opened(FRAME, LISTENER)
    shown(page).get_by_role("link", name="More").click()
    expect(page).to_have_url(f"{status.url}/more")


@pytest.mark.parametrize("path", ["/embed/v1.js", "/embed/v1/sections/direct_deposit.json"])
def test_a_frame_whose_host_dies_keeps_what_it_was_told(opened: Open, say: Say, status: StatusHost, path: str) -> None:
    say(DOWN)
    status.pages[path] = Reply(status="503 Service Unavailable")
    page = opened(FRAME, LISTENER)
    expect(frame(page).get_by_text(UNAVAILABLE)).to_be_visible()
    page.wait_for_function("document.querySelector('iframe').clientHeight > 60")


@pytest.mark.parametrize("hang", [False, True])
def test_without_a_status_host_the_page_is_whole(opened: Open, say: Say, status: StatusHost, hang: bool) -> None:
    status.pages["/embed/v1/frame/direct_deposit/"] = Reply(status="503 Service Unavailable", hang=hang)
    page = opened(FRAME, LISTENER, until="domcontentloaded")  # the load event waits for every frame
    expect(page.get_by_text("Everything else on the page.")).to_be_visible()
    assert height(page) == 0


DARK, LIGHT = "rgb(64, 22, 31)", "rgb(253, 231, 234)"


@pytest.mark.parametrize(("theme", "colour"), [("dark", DARK), ("light", LIGHT), ("x", LIGHT)])
def test_a_frame_has_a_theme(opened: Open, say: Say, theme: str, colour: str) -> None:
    say(DOWN)
    page = opened(FRAME.replace('/" title', f'/?theme={theme}" title'), LISTENER)
    expect(shown(page)).to_have_css("background-color", colour)


@pytest.mark.parametrize(("query", "canvas"), [("?theme=light", "rgb(255, 255, 255)"), ("", "rgb(18, 18, 18)")])
def test_a_frame_s_corners_have_its_theme(page: Page, say: Say, status: StatusHost, query: str, canvas: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{status.url}/embed/v1/frame/direct_deposit/{query}")
    page.evaluate("document.body.style.background = 'Canvas'")
    expect(page.locator("body")).to_have_css("background-color", canvas)


def test_a_page_that_asks_frames_for_a_policy_shows_it(page: Page, host: Host, say: Say, status: StatusHost) -> None:
    say(DOWN)
    page.clock.install(time=NOW)
    framed = FRAME.replace("https://status.example.org", status.url)
    host.pages["/"] = Reply(
        framed, headers={"Content-Type": "text/html", "Cross-Origin-Embedder-Policy": "require-corp"}
    )
    page.goto(host.url)
    expect(frame(page).get_by_role("heading", name=UNAVAILABLE)).to_have_count(1)


def test_a_frame_that_stands_alone_does_not_talk_to_itself(page: Page, say: Say, status: StatusHost) -> None:
    page.add_init_script("heard = 0; addEventListener('message', () => { heard++; })")
    page.goto(f"{status.url}/embed/v1/frame/direct_deposit/")
    page.wait_for_function("heard > 0")
    page.evaluate("new Promise(done => setTimeout(done, 100))")
    assert page.evaluate("heard") < 5


@pytest.mark.parametrize(("lang", "found"), [("cy", "cy"), ("pt-BR", "pt-BR"), ('"><b>', "en-GB"), ("", "en-GB")])
def test_a_frame_has_a_language(page: Page, say: Say, status: StatusHost, lang: str, found: str) -> None:
    page.goto(f"{status.url}/embed/v1/frame/direct_deposit/?lang={lang}")
    expect(page.locator("html")).to_have_attribute("lang", found)


def test_a_frame_shows_a_state_locally(page: Page, say: Say, status: StatusHost) -> None:
    page.clock.install(time=NOW)
    page.goto(f"{status.url}/embed/v1/frame/direct_deposit/?signpost-preview=direct_deposit:degraded")
    expect(page.locator("signpost-section")).to_have_attribute("state", "degraded")


def test_a_frame_speaks_its_language(page: Page, say: Say, status: StatusHost) -> None:
    page.clock.install(time=NOW)
    say(DOWN, spoken=languages.read(("en", "cy"), ROOT)[0])
    page.goto(f"{status.url}/embed/v1/frame/direct_deposit/?lang=cy")
    expect(page.get_by_role("heading")).to_have_text("Nid yw Direct deposit ar gael tan 18:00")


def test_a_frame_turns_with_its_language(page: Page, say: Say, status: StatusHost) -> None:
    page.goto(f"{status.url}/embed/v1/frame/direct_deposit/?lang=ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def test_hostile_words_do_nothing_in_a_frame(opened: Open, say: Say) -> None:
    words = "</script><script>document.title = 1</script><img src=x onerror='document.title = 1'>"
    say(given.section(name=words), given.outage("14:10-18:00", message=words))
    page = opened(FRAME, LISTENER)
    expect(shown(page)).to_contain_text(words)
    assert frame(page).locator("img").count() == 0


@pytest.mark.parametrize("state", ["ok", "down", "approaching", "plain"])
def test_a_frame_is_accessible(page: Page, say: Say, status: StatusHost, state: str) -> None:
    page.clock.install(time=NOW)
    say(*{"ok": [], "approaching": [given.outage("15:00-18:00")]}.get(state, [DOWN]))
    if state == "plain":
        status.pages["/embed/v1.js"] = Reply(status="404 Not Found")
    page.goto(f"{status.url}/embed/v1/frame/direct_deposit/")
    ofapage = {name: {"enabled": False} for name in ("page-has-heading-one", "landmark-one-main", "region")}
    for _ in each_look(page):
        found = Axe().run(page, options={"resultTypes": ["violations"], "rules": ofapage})  # a frame is a part of one
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
