"""The embed as a guest: it keeps what was typed, moves focus only when it must, and stands any page and any words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.editions import edition_at
from tests import given
from tests.browser.embedding import NOW, WRAPPED, StatusHost, announced, answered, document, entry, html, notice, slow
from tests.browser.servers import Host, Reply

Visit = Callable[..., Page]
BANNER = "<signpost-banner></signpost-banner>"
UNAVAILABLE = "Direct deposit is unavailable until 18:00"
EVER = {"from": "2020-01-01T00:00:00Z", "until": "2099-12-31T18:00:00Z"}  # for tests that need the true clock


def goes_down(page: Page, status: StatusHost) -> None:
    answered(page)
    status.say(entry())
    page.clock.fast_forward(17_000)
    expect(notice(page)).to_be_visible()


def comes_back(page: Page, status: StatusHost) -> None:
    status.say()
    page.clock.fast_forward(17_000)
    expect(page.locator("#account")).to_be_visible()


# What people were doing


def test_typed_text_and_its_focus_survive_an_outage(visit: Visit, status: StatusHost) -> None:
    page = visit()
    page.fill("#account", "40 17 22")
    goes_down(page, status)
    expect(notice(page).get_by_role("heading")).to_be_focused()
    comes_back(page, status)
    expect(page.locator("#account")).to_have_value("40 17 22")
    expect(page.locator("#account")).to_be_focused()


def test_focus_elsewhere_is_left_alone(visit: Visit, status: StatusHost) -> None:
    page = visit(f'{WRAPPED}<input id="elsewhere">')
    page.focus("#elsewhere")
    goes_down(page, status)
    expect(page.locator("#elsewhere")).to_be_focused()
    comes_back(page, status)
    expect(page.locator("#elsewhere")).to_be_focused()


def test_focus_in_a_notice_that_goes_stays_in_its_place(visit: Visit, status: StatusHost) -> None:
    page = visit(f'<a href="#a">before</a>{WRAPPED}')
    goes_down(page, status)
    notice(page).get_by_role("link").focus()
    comes_back(page, status)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#account")).to_be_focused()


# What is said aloud


def test_nothing_is_announced_on_load(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(WRAPPED + BANNER)
    expect(notice(page)).to_be_visible()
    expect(page.locator("signpost-section").get_by_role("status")).to_have_text("")
    expect(page.locator("signpost-banner").get_by_role("status")).to_have_text("")


def test_each_change_is_announced_once(visit: Visit, status: StatusHost) -> None:
    page = visit(WRAPPED + WRAPPED.replace("account", "second"))
    goes_down_twice = page.locator("signpost-section [role=status], signpost-section .live")
    answered(page)
    status.say(entry())
    page.clock.fast_forward(17_000)
    expect(notice(page)).to_have_count(2)
    assert goes_down_twice.all_inner_texts() == [UNAVAILABLE, ""]
    status.say(entry(message="Other words."))
    page.clock.fast_forward(17_000)
    expect(notice(page).first).to_contain_text("Other words.")
    assert goes_down_twice.all_inner_texts() == [UNAVAILABLE, ""]
    status.say(entry(end=270))
    page.clock.fast_forward(17_000)
    expect(announced(page).first).to_have_text("Direct deposit is unavailable until 19:00")
    status.say()
    page.clock.fast_forward(17_000)
    expect(announced(page).first).to_have_text("Direct deposit is working again")


# What can be hidden


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_warning_is_hidden_by_keyboard_and_stays_so(visit: Visit, status: StatusHost, key: str) -> None:
    status.say(entry(start=30))
    page = visit()
    close = page.get_by_role("button", name="Hide: Direct deposit will be unavailable 15:00 to 18:00")
    close.focus()
    page.keyboard.press(key)
    expect(notice(page)).to_have_count(0)
    page.keyboard.press("Tab")
    expect(page.locator("#account")).to_be_focused()
    page.reload()
    expect(page.locator("signpost-section")).to_have_attribute("state", "approaching")
    expect(notice(page)).to_have_count(0)
    page.clock.fast_forward("30:00")
    expect(notice(page)).to_contain_text("Direct deposit is unavailable")


def test_other_words_show_again(visit: Visit, status: StatusHost) -> None:
    status.say(entry(start=30))
    page = visit()
    page.get_by_role("button", name="Hide").click()
    expect(notice(page)).to_have_count(0)
    status.say(entry(start=30, rev="outage-31-new"))
    page.clock.fast_forward(17_000)
    expect(notice(page)).to_be_visible()


def test_what_is_down_cannot_be_hidden(visit: Visit, status: StatusHost) -> None:
    status.say(entry(dismissible=True))
    page = visit()
    expect(notice(page)).to_be_visible()
    expect(page.get_by_role("button", name="Hide")).to_have_count(0)


# What hosts do to it

STRICT = (
    "default-src 'none'; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; "
    "script-src {0}; connect-src {0}"
)


def test_the_strictest_policy_lets_it_work(visit: Visit, host: Host, status: StatusHost) -> None:
    status.say(entry())
    page = visit(BANNER)
    host.pages["/"] = Reply(
        html(status.url, BANNER + WRAPPED), headers={"Content-Security-Policy": STRICT.format(status.url)}
    )
    page.goto(host.url)
    expect(notice(page)).to_contain_text(UNAVAILABLE)
    colour = "getComputedStyle(document.querySelector('signpost-section').shadowRoot.querySelector('.banner'))"
    assert page.evaluate(f"{colour}.backgroundColor") == "rgb(253, 231, 234)"


RESETS = """<style>
* { margin: 0; padding: 0; box-sizing: content-box; font: 9px/1 monospace; color: #eee; letter-spacing: .5em }
html { font-size: 62.5% } body { text-transform: uppercase; text-align: right; line-height: .8; word-spacing: 2em }
h2, p, a, button, svg, section, div { display: none !important; position: fixed; fill: lime }
</style>"""


def test_a_page_s_styles_do_not_reach_it(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(WRAPPED, head=RESETS)
    expect(notice(page).get_by_role("heading")).to_be_visible()
    expect(notice(page).get_by_role("link")).to_be_visible()
    looks = page.evaluate(
        """() => { const s = getComputedStyle(document.querySelector('signpost-section').shadowRoot.querySelector('p'));
        return [s.fontSize, s.letterSpacing, s.textTransform, s.textAlign, s.color] }"""
    )
    assert looks == ["16px", "normal", "none", "start", "rgb(21, 32, 43)"]


def test_it_does_not_reach_the_page_s_styles(visit: Visit, status: StatusHost) -> None:
    head = "<style>body { font-family: Georgia; color: rgb(1, 2, 3); letter-spacing: 1px }</style>"
    page = visit(head=head)
    expect(page.locator("signpost-section")).to_have_attribute("state", "ok")
    style = "(s => [s.fontFamily, s.color, s.letterSpacing])(getComputedStyle(document.querySelector('label')))"
    assert page.evaluate(style) == ["Georgia", "rgb(1, 2, 3)", "1px"]


PATCHES = """<script>
for (const name of ['map', 'filter', 'forEach', 'includes', 'find', 'some', 'every', 'reduce', 'push', 'concat',
  'indexOf', 'join', 'slice', 'flatMap', 'flat', 'sort', 'at'])
  Array.prototype[name] = () => { throw new Error('patched ' + name) };
Array.prototype.extra = Object.prototype.extra = () => 1;
Array.prototype.toJSON = () => 'an array';
</script><form id="StatusEmbed"></form>"""


def test_patched_prototypes_do_not_matter(page: Page, host: Host, status: StatusHost, complaints: list[str]) -> None:
    status.say(entry(**EVER), slow(**EVER))
    host.pages["/"] = html(status.url, WRAPPED + BANNER, head=PATCHES)
    for _ in range(2):  # the second time with a kept copy
        page.goto(host.url)
        expect(notice(page)).to_contain_text("Direct deposit is unavailable until 31 December")
        expect(notice(page, "signpost-banner")).to_contain_text("1 other problem")
    assert complaints == []


def test_two_scripts_are_as_good_as_one(visit: Visit, status: StatusHost) -> None:
    status.pages["/embed/v1.0.0.js"] = status.pages["/embed/v1.js"]
    status.say(entry())
    again = f'<script src="{status.url}/embed/v1.0.0.js" defer></script>'
    page = visit(head=again * 2)
    expect(notice(page)).to_have_count(1)
    assert status.polls == 1


def test_a_page_that_forbids_storage_is_served(visit: Visit, status: StatusHost) -> None:
    deny = "get() { throw new DOMException('no', 'SecurityError') }"
    head = "".join(
        f"<script>Object.defineProperty(window, '{store}', {{ {deny} }})</script>"
        for store in ("localStorage", "sessionStorage")
    )
    status.say(entry(start=30))
    page = visit(head=head)
    page.get_by_role("button", name="Hide").click()
    expect(notice(page)).to_have_count(0)


# What words do to it


def test_hostile_words_are_words(visit: Visit, status: StatusHost) -> None:
    script = "<script>document.title = 'stolen'</script><img src=x onerror=\"document.title = 'stolen'\">"
    status.say(entry(title=f"Down {script}", message=f"\u202ereversed {{constructor}} {script}", alternative="{n}{x}"))
    page = visit()
    expect(notice(page)).to_contain_text("Down <script>document.title")
    expect(notice(page)).to_contain_text("{constructor}")
    assert page.title() == "Your payments"
    assert page.locator("signpost-section img, signpost-section script").count() == 0
    following = notice(page).get_by_role("link")
    expect(following).to_have_css("direction", "ltr")


def test_our_own_answer_is_safe_in_a_script_element(visit: Visit, status: StatusHost) -> None:
    words = "</script><script>document.title = 'stolen'</script><!--<script>"
    answer = edition_at(given.facts(given.outage("14:00-18:00", message=words)), NOW).answer("/embed/v1/status.json")
    assert answer is not None
    printed = answer.variants[""].body.decode()
    status.answer = Reply(hang=True)
    page = visit(f'<script type="application/json" id="signpost-data">{printed}</script>{WRAPPED}')
    expect(notice(page)).to_contain_text(words)
    assert page.title() == "Your payments"


LINKS = ["javascript:alert(1)", " JaVaScript:alert(1)", "data:text/html,x", "blob:x", "//[", None, "vbscript:x"]


def test_only_links_that_lead_somewhere_are_made(visit: Visit, status: StatusHost) -> None:
    safe = ["https://example.org/", "mailto:help@example.org", "tel:+443000000000", "/incidents/7/"]
    status.say(entry(links=[{"label": f"Link {href}", "href": href} for href in LINKS + safe] + [None, 7]))
    page = visit()
    expect(notice(page)).to_be_visible()
    made = notice(page).get_by_role("link").evaluate_all("all => all.map(a => a.href)")
    kept = [href for href in made if not href.endswith(("/None", "/null", "/undefined"))]
    assert kept == [*safe[:3], f"{status.url}/incidents/7/"]


# What moves on the page

TALL = "<p style='height: 300px; background: #eee'>Your accounts</p>"
SHIFTS = """<script>shifted = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) shifted += e.value })
.observe({ type: 'layout-shift', buffered: true })</script>"""
SIZES = [(1280, 800), (390, 844), (320, 568)]


def shifted(page: Page) -> float:
    page.wait_for_timeout(150)
    return float(page.evaluate("new Promise(r => requestAnimationFrame(() => setTimeout(r, 0))).then(() => shifted)"))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("body", [BANNER, WRAPPED.replace(">", ">" + TALL, 1)], ids=["banner", "section"])
def test_the_page_hardly_moves_at_first_and_not_at_all_after(
    page: Page, host: Host, status: StatusHost, body: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    status.say(entry(**EVER))
    host.pages["/"] = html(status.url, body + TALL * 3, head=SHIFTS)
    page.goto(host.url)
    expect(page.locator(".banner")).to_be_visible()
    assert shifted(page) <= 0.1
    page.goto("about:blank")
    page.goto(host.url)
    expect(page.locator(".banner")).to_be_visible()
    assert shifted(page) == 0


def late_on_a_phone(page: Page, host: Host, status: StatusHost) -> None:
    """The answer comes long after the page was painted."""
    page.set_viewport_size({"width": 375, "height": 667})
    host.pages["/"] = html(status.url, BANNER + TALL * 3 + WRAPPED, head=SHIFTS)
    page.goto(host.url)
    page.wait_for_timeout(100)
    status.say(entry(**EVER))


def test_a_late_banner_floats_on_a_phone_until_tab(page: Page, host: Host, status: StatusHost) -> None:
    late_on_a_phone(page, host, status)
    page.evaluate("dispatchEvent(new Event('online'))")
    banner = notice(page, "signpost-banner")
    expect(banner).to_have_css("position", "fixed")
    assert shifted(page) <= 0.1
    page.keyboard.press("Tab")
    expect(banner).to_have_css("position", "static")


def test_a_floating_banner_can_be_put_down(page: Page, host: Host, status: StatusHost) -> None:
    late_on_a_phone(page, host, status)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Hide").click()
    expect(notice(page, "signpost-banner")).to_have_css("position", "static")
    expect(notice(page, "signpost-banner").get_by_role("heading")).to_be_focused()
    expect(page.get_by_role("button", name="Hide")).to_have_count(0)


def test_printed_data_never_moves_the_page(page: Page, host: Host, status: StatusHost) -> None:
    printed = f'<script type="application/json" id="signpost-data">{document(entry(**EVER))}</script>'
    status.say(entry(**EVER))
    host.pages["/"] = html(status.url, BANNER + TALL * 3, head=SHIFTS + printed)
    page.goto(host.url)
    expect(notice(page, "signpost-banner")).to_be_visible()
    assert shifted(page) == 0
