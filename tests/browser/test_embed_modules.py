"""The embed as an ES module and as a hook for the real React: alone, beside the script, and where nothing comes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.config import ROOT
from tests import given
from tests.browser.embedding import StatusHost, answered
from tests.browser.servers import Host, Reply
from tests.browser.test_embed_forms import DOWN, UNAVAILABLE, opened, say

__all__ = ["opened", "say"]

Say = Callable[..., None]
Open = Callable[..., Page]
STATUS = "https://status.example.org"
SCRIPT = f'<script src="{STATUS}/embed/v1.js" defer></script>'
MODULE = f"""<script type="module">
import {{ subscribe, get }} from "{STATUS}/embed/v1.mjs";
Object.assign(window, {{ told: [], get, stop: subscribe("direct_deposit", status => told.push(status)) }});
</script>"""
STRICT = (
    f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {STATUS} 'unsafe-inline'; "
    f"connect-src {STATUS}; require-trusted-types-for 'script'; trusted-types 'none'\">"
)
NODE = shutil.which("node")


def state(page: Page, wanted: str) -> None:
    page.wait_for_function("wanted => window.told?.at(-1)?.state === wanted", arg=wanted)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("alone", MODULE),
        ("after the script", SCRIPT + MODULE),
        ("before the script", MODULE + SCRIPT),
        ("twice", MODULE + MODULE),
        ("with both twice", SCRIPT + MODULE + MODULE + SCRIPT),
        ("where nothing may be brought", STRICT + MODULE + SCRIPT),
    ],
)
def test_a_module_needs_nobody_and_minds_nobody(
    opened: Open, say: Say, status: StatusHost, name: str, head: str
) -> None:
    say(DOWN)
    page = opened("<signpost-banner></signpost-banner>", head)
    state(page, "down")
    expect(page.locator("signpost-banner .banner")).to_contain_text(UNAVAILABLE)
    assert page.evaluate("get('direct_deposit').title") == UNAVAILABLE
    assert page.evaluate("get().key") == "direct_deposit"
    assert status.times("/embed/v1/status.json") == 1


def test_a_module_follows_until_it_is_told_to_stop(opened: Open, say: Say) -> None:
    page = opened("", MODULE)
    state(page, "ok")
    answered(page)
    say(given.outage("14:10-14:40"))
    page.clock.fast_forward(20_000)
    state(page, "down")
    page.evaluate("stop()")
    page.clock.fast_forward("10:00")
    page.wait_for_function("get('direct_deposit').state === 'ok'")
    assert page.evaluate("told.map(status => status.state)") == ["ok", "down"]


def test_who_left_before_it_came_is_not_called(opened: Open, say: Say, status: StatusHost) -> None:
    page = opened("", MODULE.replace("});\n</script>", "}); stop(); told.length = 0;\n</script>"))
    page.wait_for_function("window.StatusEmbed")
    page.evaluate("void StatusEmbed.subscribe('', () => window.done = true)")
    page.wait_for_function("window.done")
    assert page.evaluate("told") == []


def test_who_left_before_it_was_called_is_not_called(opened: Open, say: Say, status: StatusHost) -> None:
    page = opened("", MODULE)
    state(page, "ok")
    left = "const stop = m.subscribe('search', () => { called = true; }); await 0; stop(); await 0; await 0"
    called = f"import('{status.url}/embed/v1.mjs').then(async m => {{ let called = false; {left}; return called; }})"
    assert page.evaluate(called) is False


def test_what_the_page_says_of_its_script_counts(opened: Open, say: Say) -> None:
    say(DOWN)
    page = opened("", MODULE + SCRIPT.replace("defer", "data-auto defer"))
    expect(page.locator("body > signpost-banner .banner")).to_contain_text(UNAVAILABLE)


@pytest.mark.parametrize(
    "reply", [Reply(status="404 Not Found"), Reply("garbled?", headers={"Content-Type": "text/javascript"})]
)
def test_without_the_script_everything_is_ok(
    opened: Open, say: Say, status: StatusHost, reply: Reply, complaints: list[str]
) -> None:
    say(DOWN)
    status.pages["/embed/v1.js"] = reply
    page = opened("", MODULE)
    page.wait_for_function("window.get")
    assert page.evaluate("get('direct_deposit')") == {"key": "direct_deposit", "state": "ok"}
    assert page.evaluate("told") == []
    expect(page.get_by_text("Everything else on the page.")).to_be_visible()
    complaints[:] = [said for said in complaints if "SyntaxError" not in said and "Unexpected" not in said]


def test_where_the_pages_script_fails_the_module_brings_its_own(opened: Open, say: Say) -> None:
    say(DOWN)
    page = opened("", MODULE + SCRIPT.replace(STATUS, "").replace("v1.js", "v1.9.9.js"))
    state(page, "down")


@pytest.mark.skipif(not NODE, reason="THERE IS NO NODE TO TRY THE MODULE ON A SERVER WITH")
def test_on_a_server_everything_is_ok() -> None:
    said = (
        "const { get, subscribe } = await import(process.argv[1]); subscribe('x', () => { throw 1 })();"
        "console.log(JSON.stringify(get('x')))"
    )
    words = [str(NODE), "--input-type=module", "-e", said, str(ROOT / "static" / "embed" / "v1.mjs")]
    assert subprocess.run(words, capture_output=True, text=True, timeout=20).stdout == '{"key":"x","state":"ok"}\n'


# React

PAYMENTS = f"""<script src="/react.js"></script><script src="/react-dom.js"></script><script src="/server.js"></script>
<script type="importmap">{{"imports": {{"react": "/react.mjs"}}}}</script>
<script type="module">
import {{ useSignpost }} from "{STATUS}/embed/v1.react.mjs";
const e = React.createElement;
function Payments({{ section }}) {{
  const {{ state, title }} = useSignpost(section);
  window.drawn = (window.drawn ?? 0) + 1;
  return e("p", {{ id: "payments" }}, state === "down" ? title : state);
}}
START
</script>"""
MOUNT = """const root = ReactDOM.createRoot(document.getElementById("app"));
window.show = section => root.render(section ? e(Payments, { section }) : e("i"));
show("direct_deposit");"""
HYDRATE = """window.wrong = [];
const app = document.getElementById("app"), payments = e(Payments, { section: "direct_deposit" });
app.innerHTML = window.printed = ReactDOMServer.renderToString(payments);
ReactDOM.hydrateRoot(app, payments, { onRecoverableError: error => wrong.push(String(error)) });"""
APP = '<div id="app"></div>'


@pytest.fixture
def react(host: Host) -> None:
    folder, script = ROOT / "tests" / "browser" / "react", {"Content-Type": "text/javascript"}
    for path, name in (("react", "react"), ("react-dom", "react-dom"), ("server", "react-dom-server")):
        host.pages[f"/{path}.js"] = Reply((folder / f"{name}.js").read_bytes(), headers=script)
    host.pages["/react.mjs"] = Reply("export const { useCallback, useSyncExternalStore } = React;", headers=script)


def drawn(page: Page) -> Any:
    return expect(page.locator("#payments"))


def test_a_hook_follows_its_section(opened: Open, say: Say, react: None) -> None:
    page = opened(APP, PAYMENTS.replace("START", MOUNT))
    drawn(page).to_have_text("ok")
    answered(page)
    say(given.outage("14:10-18:00"))
    page.clock.fast_forward(20_000)
    drawn(page).to_have_text(UNAVAILABLE)
    say()
    page.clock.fast_forward(20_000)
    drawn(page).to_have_text("ok")


def test_a_hook_may_be_of_another_section_and_go(opened: Open, say: Say, react: None) -> None:
    say([given.section(1), given.section(2)], DOWN)
    page = opened(APP, PAYMENTS.replace("START", MOUNT))
    drawn(page).to_have_text(UNAVAILABLE)
    page.evaluate("show('documents')")
    drawn(page).to_have_text("ok")
    page.evaluate("show('direct_deposit')")
    drawn(page).to_have_text(UNAVAILABLE)
    page.evaluate("show('')")
    expect(page.locator("#payments")).to_have_count(0)


def test_a_hook_draws_no_more_than_it_must(opened: Open, say: Say, react: None) -> None:
    say(DOWN)
    page = opened(APP, PAYMENTS.replace("START", MOUNT))
    drawn(page).to_have_text(UNAVAILABLE)
    page.clock.fast_forward("01:00")
    assert page.evaluate("window.drawn") <= 3


def test_a_page_that_a_server_printed_begins_as_ok(opened: Open, say: Say, react: None) -> None:
    say(DOWN)
    page = opened(APP, SCRIPT + PAYMENTS.replace("START", HYDRATE))
    drawn(page).to_have_text(UNAVAILABLE)
    assert page.evaluate("[printed, wrong]") == ['<p id="payments">ok</p>', []]


def test_a_hook_without_a_status_host_is_ok(opened: Open, say: Say, status: StatusHost, react: None) -> None:
    status.pages["/embed/v1.js"] = Reply(status="503 Service Unavailable")
    page = opened(APP, PAYMENTS.replace("START", MOUNT))
    drawn(page).to_have_text("ok")
