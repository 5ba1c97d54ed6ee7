"""The page's own markup in place of our notice, and the slim banner for a whole website."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.embedding import FORM, StatusHost, announced, answered, entry, html, iso, notice, slow
from tests.browser.looks import assert_no_sideways_scroll, each_look
from tests.browser.servers import Host, Reply
from tests.browser.test_embed_manners import EVER, PATCHES

Visit = Callable[..., Page]
UNAVAILABLE = "Direct deposit is unavailable until 18:00"
OWN = """<div slot="down" hidden><h2>Come to the counter</h2><p data-signpost="We open again at {until}."></p>
<p data-signpost="More at {next}."></p><button type="button">Find a counter</button></div>
<p slot="approaching" hidden>Finish before <b data-signpost="{from}"></b></p>"""
MARKED = f'<signpost-section section="direct_deposit">{FORM}{OWN}</signpost-section>'
SLIM = "<signpost-banner slim></signpost-banner>"


def goes(page: Page, status: StatusHost, *sections: dict[str, object]) -> None:
    answered(page)
    status.say(*sections)
    page.clock.fast_forward(17_000)


def shows(page: Page, *states: str) -> None:
    for state in ("down", "approaching"):
        expect(page.locator(f"[slot={state}]")).to_be_visible(visible=state in states)


# The page's own markup


def test_own_markup_stands_in_place_of_our_notice(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(MARKED)
    expect(page.get_by_role("heading", name="Come to the counter")).to_be_visible()
    expect(page.get_by_text("We open again at 18:00.")).to_be_visible()
    expect(page.locator("#account")).to_be_hidden()
    expect(notice(page)).to_be_hidden()
    shows(page, "down")


def test_own_markup_comes_and_goes_with_its_state(visit: Visit, status: StatusHost) -> None:
    page = visit(MARKED)
    expect(page.locator("#account")).to_be_visible()
    shows(page)
    goes(page, status, entry(start=30))
    expect(page.get_by_text("Finish before 15:00")).to_be_visible()
    expect(page.locator("#account")).to_be_visible()
    shows(page, "approaching")
    page.clock.fast_forward("30:00")
    expect(page.locator("#account")).to_be_hidden()
    shows(page, "down")
    page.clock.fast_forward("03:00:00")
    expect(page.locator("#account")).to_be_visible()
    shows(page)


def test_our_notice_stands_where_there_is_no_markup_for_a_state(visit: Visit, status: StatusHost) -> None:
    status.say(slow(key="direct_deposit"))
    page = visit(MARKED)
    expect(notice(page)).to_contain_text("Search is slow")
    shows(page)


def test_a_sentence_with_a_time_that_is_not_known_is_left_out(visit: Visit, status: StatusHost) -> None:
    status.say(entry(end=None, next=iso(60)))
    page = visit(MARKED)
    expect(page.get_by_text("More at 15:30.")).to_be_visible()
    expect(page.locator("[data-signpost^=We]")).to_have_text("")


@pytest.mark.parametrize("words", ["{title}|{message}|{alternative}|{section}", "{title}"])
def test_our_words_can_be_had_in_own_markup(visit: Visit, status: StatusHost, words: str) -> None:
    status.say(entry(message="No {until} <b>", alternative="Call."))
    page = visit(f"<signpost-section section=direct_deposit><i slot=down><b data-signpost='{words}'></b></i>")
    all_of_them = f"{UNAVAILABLE}|No 18:00 <b>|Call.|Direct deposit"
    expect(page.locator("[data-signpost]")).to_have_text(all_of_them if "|" in words else UNAVAILABLE)


def test_new_words_reach_own_markup(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(MARKED)
    goes(page, status, entry(end=270))
    expect(page.get_by_text("We open again at 19:00.")).to_be_visible()


def test_own_markup_outlives_a_page_that_is_morphed(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(MARKED)
    expect(page.get_by_text("We open again at 18:00.")).to_be_visible()
    page.evaluate("document.querySelector('[slot=down]').hidden = true")  # as its server wrote it
    page.evaluate("document.querySelector('[data-signpost]').textContent = ''")
    page.clock.fast_forward(17_000)
    expect(page.get_by_text("We open again at 18:00.")).to_be_visible()


def test_own_markup_is_not_written_again_and_again(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(MARKED)
    expect(page.get_by_text("We open again at 18:00.")).to_be_visible()
    page.evaluate("held = document.querySelector('[data-signpost]').firstChild")
    page.clock.fast_forward(17_000)
    page.wait_for_timeout(100)
    assert page.evaluate("held.isConnected")


def test_markup_that_comes_later_is_taken(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit()
    expect(notice(page)).to_be_visible()
    page.evaluate("own => document.querySelector('signpost-section').insertAdjacentHTML('beforeend', own)", OWN)
    expect(page.get_by_text("We open again at 18:00.")).to_be_visible()
    expect(notice(page)).to_be_hidden()
    page.locator("[slot=down]").evaluate("own => own.remove()")
    expect(notice(page)).to_be_visible()


def test_a_section_within_keeps_its_own_words(visit: Visit, status: StatusHost) -> None:
    own = '<p slot="degraded"><b data-signpost="{title}"></b></p>'
    within = f'<signpost-section section="search">{own}</signpost-section>'
    status.say(entry(start=30), slow())
    page = visit(MARKED.replace("<form>", f"{within}<form>"))
    expect(page.get_by_text("Finish before 15:00")).to_be_visible()
    expect(page.locator("[slot=degraded]")).to_have_text("Search is slow")


def test_own_markup_works_in_a_banner_and_when_it_is_back(visit: Visit, status: StatusHost) -> None:
    own = '<p slot="down"><b data-signpost="{section}"></b></p><p slot="restored"><b data-signpost="{title}"></b></p>'
    status.say(entry())
    page = visit(f"<signpost-banner>{own}</signpost-banner>")
    expect(page.get_by_text("Direct deposit", exact=True)).to_be_visible()
    goes(page, status)
    expect(page.locator("[slot=restored]")).to_have_text("Direct deposit is working again")
    expect(page.locator("[slot=restored]")).to_be_visible()


def test_own_markup_is_announced_and_takes_lost_focus(visit: Visit, status: StatusHost) -> None:
    page = visit(MARKED)
    page.fill("#account", "40 17 22")
    goes(page, status, entry())
    shows(page, "down")
    expect(announced(page)).to_have_text(UNAVAILABLE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Find a counter")).to_be_focused()
    goes(page, status)
    expect(page.locator("#account")).to_be_focused()
    expect(page.locator("#account")).to_have_value("40 17 22")


def test_own_markup_leaves_focus_elsewhere_alone(visit: Visit, status: StatusHost) -> None:
    page = visit(MARKED)
    page.focus("#account")
    goes(page, status, entry(start=30))
    shows(page, "approaching")
    expect(page.locator("#account")).to_be_focused()


def test_a_page_without_the_script_shows_no_own_markup(page: Page, host: Host, status: StatusHost) -> None:
    status.pages["/embed/v1.js"] = Reply(status="404 Not Found")
    host.pages["/"] = f'<!doctype html><script src="{status.url}/embed/v1.js" defer></script>{MARKED}'
    page.goto(host.url)
    expect(page.locator("#account")).to_be_visible()
    shows(page)


def test_own_markup_in_the_preview(visit: Visit, status: StatusHost) -> None:
    page = visit(MARKED, query="?signpost-preview=direct_deposit:down")
    expect(page.get_by_text("We open again at Sunday 18:00.")).to_be_visible()


# One line for the whole website


def test_a_slim_banner_is_one_line(visit: Visit, status: StatusHost) -> None:
    status.say(entry(), slow())
    page = visit(SLIM)
    found = page.get_by_role("region", name=UNAVAILABLE)
    expect(found.get_by_role("heading", name=UNAVAILABLE, level=2)).to_be_visible()
    expect(found.get_by_role("link")).to_have_text("1 other problem")
    expect(found.get_by_text("bank details")).to_be_hidden()
    assert found.bounding_box()["height"] <= 56  # type: ignore[index]


def test_a_slim_banner_wraps_on_a_phone(visit: Visit, status: StatusHost, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    status.say(entry(title="Everything that has to do with direct deposit is unavailable until {until}"), slow())
    visit(SLIM)
    expect(notice(page, "signpost-banner")).to_be_visible()
    assert notice(page, "signpost-banner").bounding_box()["height"] > 56  # type: ignore[index]
    assert_no_sideways_scroll(page)


def test_one_line_of_script_may_ask_for_the_slim_banner(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit("", attributes="data-auto=slim defer")
    expect(page.locator("body > signpost-banner[slim]:first-child .banner")).to_contain_text(UNAVAILABLE)


def test_a_slim_banner_can_be_hidden_unless_it_is_down(visit: Visit, status: StatusHost) -> None:
    status.say(slow())
    page = visit(SLIM)
    page.get_by_role("button", name="Hide: Search is slow").press("Enter")
    expect(notice(page, "signpost-banner")).to_have_count(0)


LOOKS = {
    "own": (MARKED, [entry()]),
    "own, warned": (MARKED, [entry(start=30)]),
    "slim, down": (SLIM, [entry(), slow()]),
    "slim, slow": (SLIM, [slow()]),
    "slim, warned": (SLIM, [entry(start=30)]),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("dir", ["ltr", "rtl"])
def test_every_variant_is_accessible(
    visit: Visit, status: StatusHost, axe: Callable[[Page], None], look: str, dir: str
) -> None:
    body, sections = LOOKS[look]
    status.say(*sections)
    page = visit(f'<div dir="{dir}">{body}</div>')
    page.locator("[state=down], [state=approaching], [state=degraded]").wait_for(state="attached")
    for _ in each_look(page):
        axe(page)
        assert_no_sideways_scroll(page)


def test_patched_prototypes_do_not_matter(page: Page, host: Host, status: StatusHost, complaints: list[str]) -> None:
    status.say(entry(**EVER), slow(**EVER))
    host.pages["/"] = html(status.url, MARKED + SLIM, head=PATCHES)
    page.goto(host.url)
    expect(page.get_by_text("We open again at 31 December")).to_be_visible()
    expect(notice(page, "signpost-banner")).to_contain_text("1 other problem")
    assert complaints == []


def test_hostile_words_are_words_in_own_markup(visit: Visit, status: StatusHost) -> None:
    status.say(entry(message="<img src=x onerror=\"document.title = 'stolen'\"> {title}"))
    page = visit("<signpost-section section=direct_deposit><p slot=down><b data-signpost='{message}'></b></p>")
    expect(page.locator("[data-signpost]")).to_contain_text("<img src=x")
    assert (page.title(), page.locator("img").count()) == ("Your payments", 0)


def test_a_strict_policy_lets_own_markup_and_slim_work(page: Page, host: Host, status: StatusHost) -> None:
    policy = (
        "default-src 'none'; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
        f"script-src {status.url}; connect-src {status.url}"
    )
    status.say(entry(**EVER))
    script = f'<script src="{status.url}/embed/v1.js" data-auto="slim" defer></script>'
    host.pages["/"] = Reply(f"<!doctype html>{script}{MARKED}", headers={"Content-Security-Policy": policy})
    page.goto(host.url)
    expect(page.get_by_text("We open again at 31 December")).to_be_visible()
    expect(notice(page, "signpost-banner[slim]")).to_contain_text("Direct deposit is unavailable")
