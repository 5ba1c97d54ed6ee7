"""What the embed shows in each state, in each form, and how the clock moves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.embedding import NOW, WRAPPED, StatusHost, answered, document, entry, iso, notice, slow
from tests.browser.servers import Reply

Visit = Callable[..., Page]
BANNER = "<signpost-banner></signpost-banner>"
UNAVAILABLE = "Direct deposit is unavailable until 18:00"


@contextmanager
def taken_in(page: Page) -> Iterator[None]:
    """What is done in it makes the page ask; it ends when the answer has been taken in."""
    kept = page.evaluate("Object.values(localStorage)[0]")
    yield
    page.wait_for_function("kept => Object.values(localStorage)[0] !== kept", arg=kept)


def shows_the_form(page: Page) -> None:
    expect(page.locator("#account")).to_be_visible()
    expect(page.locator("signpost-section")).to_have_attribute("state", "ok")
    expect(notice(page)).to_have_count(0)


def test_down_stands_in_the_place_of_the_section(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit()
    expect(notice(page).get_by_role("heading", name=UNAVAILABLE, level=2)).to_be_visible()
    expect(notice(page)).to_contain_text("Call 0300 000 0000, open until 20:00.")
    expect(page.locator("form")).to_be_hidden()
    expect(page.locator("signpost-section")).to_have_attribute("state", "down")


def test_down_may_stand_above(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(WRAPPED.replace(">", ' on-down="above" heading-level="4">', 1))
    expect(notice(page).get_by_role("heading", name=UNAVAILABLE, level=4)).to_be_visible()
    expect(page.locator("#account")).to_be_visible()


def test_down_without_an_end(visit: Visit, status: StatusHost) -> None:
    status.say(entry(end=None, next=iso(60), message="We do not know yet. We will say more by {next}."))
    page = visit()
    expect(notice(page)).to_contain_text("We will say more by 15:30.")
    expect(notice(page).get_by_role("heading")).to_have_text("Direct deposit is unavailable")


def test_approaching_stands_above(visit: Visit, status: StatusHost) -> None:
    status.say(entry(start=30, end=90))
    page = visit()
    expect(notice(page)).to_contain_text("Direct deposit will be unavailable 15:00 to 16:00")
    expect(page.locator("#account")).to_be_visible()
    expect(page.locator("signpost-section")).to_have_attribute("state", "approaching")


def test_degraded_stands_above(visit: Visit, status: StatusHost) -> None:
    status.say(slow(end=None))
    page = visit(WRAPPED.replace("direct_deposit", "search"))
    expect(notice(page)).to_contain_text("Search is slow")
    expect(page.locator("#account")).to_be_visible()


def test_a_section_that_works_shows_itself(visit: Visit, status: StatusHost) -> None:
    status.say(slow(), {"key": "direct_deposit", "name": "Direct deposit", "state": "ok"}, entry(start=90))
    page = visit()
    answered(page)
    shows_the_form(page)


def test_the_clock_moves_a_section_without_the_network(visit: Visit, status: StatusHost) -> None:
    status.say(entry(start=90, end=150))
    page = visit()
    answered(page)
    shows_the_form(page)
    page.context.set_offline(True)
    page.clock.fast_forward("30:00")
    expect(page.locator("signpost-section")).to_have_attribute("state", "approaching")
    page.clock.fast_forward("59:00")
    expect(page.locator("signpost-section")).to_have_attribute("state", "approaching")
    page.clock.fast_forward("01:00")
    expect(page.locator("signpost-section")).to_have_attribute("state", "down")
    expect(page.locator("form")).to_be_hidden()
    page.clock.fast_forward("01:00:00")
    shows_the_form(page)


def test_who_saw_it_down_is_told_that_it_is_back(visit: Visit, status: StatusHost) -> None:
    status.say(entry(end=5))
    page = visit()
    expect(page.locator("form")).to_be_hidden()
    status.say()
    page.clock.fast_forward(20_000)
    expect(notice(page)).to_contain_text("Direct deposit is working again")
    expect(page.locator("#account")).to_be_visible()
    page.clock.fast_forward("10:30")
    expect(notice(page)).to_have_count(0)


def test_an_element_that_is_given_another_section_does_not_say_it_is_back(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit()
    expect(notice(page)).to_contain_text("Direct deposit is unavailable")
    page.evaluate("document.querySelector('signpost-section').setAttribute('section', 'search')")
    shows_the_form(page)
    expect(notice(page)).to_have_count(0)


def test_a_banner_that_is_to_leave_out_a_section_does_not_say_it_is_back(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit("<signpost-banner></signpost-banner>")
    expect(notice(page, "signpost-banner")).to_contain_text("Direct deposit is unavailable")
    page.evaluate("document.querySelector('signpost-banner').setAttribute('except', 'direct_deposit')")
    expect(notice(page, "signpost-banner")).to_have_count(0)


def test_one_that_holds_is_late_and_then_forgotten(visit: Visit, status: StatusHost) -> None:
    late = "You cannot see it. We expected it back by {until}. It is taking longer."
    status.say(entry(end=10, at_end="hold", message_late=late))
    page = visit()
    expect(page.locator("form")).to_be_hidden()
    status.answer = Reply(status="503 Service Unavailable")
    page.clock.fast_forward("10:00")
    expect(notice(page)).to_contain_text("Direct deposit is still unavailable")
    expect(notice(page)).to_contain_text("We expected it back by 14:40.")
    page.clock.fast_forward("05:30")
    shows_the_form(page)


def test_one_that_holds_stays_while_the_data_is_fresh(visit: Visit, status: StatusHost) -> None:
    status.say(entry(end=-600, at_end="hold"))
    page = visit()
    for _ in range(3):
        expect(notice(page)).to_contain_text("Direct deposit is still unavailable")
        with taken_in(page):
            page.clock.fast_forward("09:00")


def test_the_worst_of_several_speaks(visit: Visit, status: StatusHost) -> None:
    status.say(entry(state="degraded", title="Slow"), entry(title="First"), entry(start=-10, title="Later"))
    page = visit()
    expect(notice(page).get_by_role("heading")).to_have_text("Later")


def test_a_banner_says_the_worst_and_counts_the_rest(visit: Visit, status: StatusHost) -> None:
    within = entry(key="bank_details", name="Bank details", part_of="direct_deposit")
    status.say(slow(), entry(), within)
    page = visit(BANNER)
    banner = page.get_by_role("region", name=UNAVAILABLE)
    expect(banner).to_be_visible()
    expect(banner.get_by_role("link", name="1 other problem")).to_have_attribute("href", "https://status.example.org/")


def test_a_banner_leaves_out_what_it_is_told_to(visit: Visit, status: StatusHost) -> None:
    status.say(slow(), entry())
    page = visit('<signpost-banner except="direct_deposit documents"></signpost-banner>')
    expect(notice(page, "signpost-banner")).to_contain_text("Search is slow")
    expect(notice(page, "signpost-banner").get_by_role("link", name="other problem")).to_have_count(0)


@pytest.mark.parametrize("attributes", ["data-auto defer", "data-auto", "data-auto async"])
def test_one_line_puts_a_banner_on_top(visit: Visit, status: StatusHost, attributes: str) -> None:
    status.say(entry())
    page = visit("", attributes=attributes)
    expect(page.locator("body > signpost-banner:first-child .banner")).to_contain_text(UNAVAILABLE)


TURNS = {
    "the body is another": "document.body.replaceWith(next)",
    "the body comes later": "document.body.remove(); setTimeout(() => document.documentElement.append(next), 50)",
    "the body is filled anew": "document.body.replaceChildren(...next.childNodes)",
}


@pytest.mark.parametrize("turn", TURNS)
def test_one_line_holds_when_a_website_turns_its_page(visit: Visit, status: StatusHost, turn: str) -> None:
    status.say(entry())
    page = visit("", attributes="data-auto defer")
    page.evaluate("kept = document.body.cloneNode(true)")
    for _ in range(2):
        new = "const next = document.createElement('body'); next.innerHTML = '<h1>Another page</h1>'"
        page.evaluate(f"{new}; {TURNS[turn]}")
        expect(page.get_by_role("heading", name="Another page")).to_be_visible()
        expect(page.locator("body > signpost-banner:first-child .banner")).to_contain_text(UNAVAILABLE)
    page.evaluate("document.body.replaceWith(kept)")
    expect(page.get_by_role("heading", name="Your payments")).to_be_visible()
    expect(page.locator("signpost-banner .banner")).to_have_count(1)


def test_many_elements_ask_once(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(WRAPPED * 20 + BANNER * 5)
    expect(notice(page)).to_have_count(20)
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `{BANNER}`)")
    expect(notice(page, "signpost-banner")).to_have_count(6)
    assert status.polls == 1


def test_a_page_without_elements_asks_nothing(visit: Visit, status: StatusHost) -> None:
    visit("").clock.fast_forward("05:00")
    assert status.polls == 0


def test_a_kept_copy_shows_at_once_for_an_hour(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit()
    expect(page.locator("form")).to_be_hidden()
    status.answer = Reply(hang=True)
    page.reload()
    expect(notice(page)).to_contain_text(UNAVAILABLE)
    page.clock.set_fixed_time(iso(61))
    page.reload()
    shows_the_form(page)


def test_printed_data_shows_before_any_answer(visit: Visit, status: StatusHost) -> None:
    status.answer = Reply(hang=True)
    page = visit(f'<script type="application/json" id="signpost-data">{document(entry())}</script>{WRAPPED}')
    expect(notice(page)).to_contain_text(UNAVAILABLE)


def test_data_may_lie_elsewhere(visit: Visit, status: StatusHost) -> None:
    status.pages["/copies/today.json"] = Reply(document(entry()), headers={"Access-Control-Allow-Origin": "*"})
    page = visit(attributes="data-src=/copies/today.json defer")
    expect(notice(page)).to_contain_text(UNAVAILABLE)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("down", "Direct deposit is unavailable until Sunday 18:00"),
        ("late", "Direct deposit is still unavailable"),
        ("degraded", "Direct deposit is slow"),
        ("approaching", "Direct deposit will be unavailable Sunday 18:00 to 20:00"),
    ],
)
def test_a_preview_shows_a_state_here_alone(visit: Visit, status: StatusHost, state: str, words: str) -> None:
    page = visit(query=f"?a=1&signpost-preview=direct_deposit:{state}")
    expect(notice(page)).to_contain_text(words)
    expect(notice(page)).to_contain_text("This is a preview: nothing is wrong.")
    page.goto(page.url.partition("?")[0])
    shows_the_form(page)


@pytest.mark.parametrize(
    ("asked", "said"), [("documents:down", "documents?"), ("direct_deposit:dwn", "/embed/v1/preview/dwn.json")]
)
def test_a_preview_of_what_is_not_there_says_so_in_the_console(
    visit: Visit, page: Page, status: StatusHost, asked: str, said: str
) -> None:
    with page.expect_console_message(lambda message: said in f"{message.text} {message.location['url']}"):
        visit(query=f"?signpost-preview={asked}")
    shows_the_form(page)


def test_an_element_that_names_no_section_is_named_in_the_console(visit: Visit, page: Page) -> None:
    with page.expect_console_message(lambda message: message.type == "warning") as found:
        visit('<signpost-section id="this"></signpost-section>')
    assert found.value.args[0].evaluate("one => one.id") == "this"


def test_code_may_subscribe(visit: Visit, status: StatusHost) -> None:
    page = visit("")
    page.evaluate("heard = []; void (stop = StatusEmbed.subscribe('direct_deposit', s => heard.push(s)))")
    page.wait_for_function("heard.length === 1 && heard[0].state === 'ok' && localStorage.length")
    status.say(entry())
    page.clock.fast_forward(20_000)
    page.wait_for_function("heard.length === 2 && heard[1].title === 'Direct deposit is unavailable until 18:00'")
    assert page.evaluate("stop(), StatusEmbed.get('direct_deposit').state") == "down"
    page.clock.fast_forward("04:00:00")
    assert page.evaluate("[heard.length, StatusEmbed.get('direct_deposit').state]") == [2, "ok"]


def test_a_change_is_an_event(visit: Visit, status: StatusHost) -> None:
    status.say(entry(start=5))
    script = "<script>heard = []; addEventListener('signpostchange', e => heard.push(e.detail.state))</script>"
    page = visit(head=script)
    expect(page.locator("signpost-section")).to_have_attribute("state", "approaching")
    page.clock.fast_forward("05:00")
    page.wait_for_function("heard.join() === 'approaching,down'")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (570, "until 23:59"),  # never midnight
        (24 * 60, "until Sunday 14:30"),
        (12 * 24 * 60, "until 3 December at 14:30"),
    ],
)
def test_times_are_said_by_their_distance(visit: Visit, status: StatusHost, end: int, words: str) -> None:
    status.say(entry(end=end))
    expect(notice(visit())).to_contain_text(f"Direct deposit is unavailable {words}")


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "18:00"), ("en-US", "6:00"), ("de", "18:00"), ("en_GB", "18:00"), ("", "18:00")]
)
def test_times_follow_the_language_of_the_page(visit: Visit, status: StatusHost, lang: str, words: str) -> None:
    status.say(entry())
    expect(notice(visit(lang=lang))).to_contain_text(f"unavailable until {words}")


def test_a_time_that_is_not_known_leaves_nothing(visit: Visit, status: StatusHost) -> None:
    status.say(entry(end=None, message="Back at {until}. News at {next}. Ask {somebody}."))
    expect(notice(visit())).to_contain_text("Back at . News at . Ask {somebody}.")


@pytest.mark.parametrize("hours", [-2, 4])
def test_a_reader_s_clock_that_is_wrong_is_set_right(visit: Visit, status: StatusHost, page: Page, hours: int) -> None:
    status.say_at(NOW, entry(), age=20)
    page.clock.set_system_time(NOW + timedelta(hours=hours))
    visit()
    expect(notice(page)).to_contain_text(UNAVAILABLE)
    expect(page.locator("#account")).to_be_hidden()
    status.answer = Reply(hang=True)
    page.clock.fast_forward("03:31:00")
    expect(page.locator("#account")).to_be_visible()


def test_a_reader_s_clock_may_be_half_a_minute_slow(visit: Visit, status: StatusHost, page: Page) -> None:
    status.say_at(NOW, entry(end=0.2))
    page.clock.set_system_time(NOW - timedelta(seconds=30))
    visit()
    expect(page.locator("#account")).to_be_hidden()
    page.clock.fast_forward(13_000)
    expect(page.locator("#account")).to_be_visible()


def test_frameworks_may_move_and_change_an_element(visit: Visit, status: StatusHost) -> None:
    status.say(slow())
    page = visit()
    page.evaluate("document.querySelector('signpost-section').setAttribute('section', 'search')")
    expect(notice(page)).to_contain_text("Search is slow")
    page.evaluate("document.body.prepend(document.querySelector('signpost-section'))")
    expect(notice(page)).to_have_count(1)


def test_a_clock_that_is_set_back_does_not_stop_it(visit: Visit, status: StatusHost) -> None:
    page = visit()
    answered(page)
    page.clock.set_system_time(NOW - timedelta(hours=1))
    status.say(entry(start=-200))
    for _ in range(2):
        with taken_in(page):
            page.clock.fast_forward(17_000)
    expect(page.locator("#account")).to_be_hidden()


def test_it_asks_again_but_not_while_hidden(visit: Visit, status: StatusHost) -> None:
    page = visit()
    answered(page)
    for _ in range(3):
        asked = status.polls
        with taken_in(page):
            page.clock.fast_forward(17_000)
        assert status.polls == asked + 1
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"
    change = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(f"{hide % 'true'}; {change}")
    page.clock.fast_forward("10:00")
    asked = status.polls
    with taken_in(page):
        page.evaluate(f"{hide % 'false'}; {change}")
    assert status.polls == asked + 1
