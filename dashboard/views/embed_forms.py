"""The ways to embed a section: what each is for, what to paste, and what a page's policy must allow for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from markupsafe import escape

from dashboard.config import ROOT, settings
from dashboard.documents import assets
from dashboard.facts import SectionFact

_EXAMPLES = ROOT / "examples" / "server-side"
_SANDBOX = "allow-scripts allow-same-origin allow-top-navigation-by-user-activation"


@dataclass(frozen=True, slots=True)
class Form:
    """``directives``: those of a Content-Security-Policy that need our address. ``preview``: how it is shown here.
    ``seen_as``: as which forms it is counted where it is in use. ``file``: one to copy beside the snippet."""

    name: str
    sentence: str
    directives: tuple[str, ...]
    preview: str
    seen_as: tuple[str, ...]
    file: str = ""

    @property
    def is_scripted(self) -> bool:
        """Does its preview need the script?"""
        return self.preview in ("wrap", "own", "banner", "slim", "notice", "status")


_SCRIPT = ("script-src", "connect-src")
_BY_SCRIPT, _BY_SERVER = ("script",), ("fragment",)

GROUPS: dict[str, dict[str, Form]] = {
    "In the page": {
        "wrap": Form(
            "Wrap a section",
            "While the section is down, the notice stands in its place. What was typed into it is kept.",
            _SCRIPT,
            "wrap",
            _BY_SCRIPT,
        ),
        "own": Form(
            "Your own markup",
            "What you write for a state stands in place of our notice, with our times filled in.",
            _SCRIPT,
            "own",
            _BY_SCRIPT,
        ),
        "banner": Form(
            "Banner",
            "One notice for whatever is wrong on the website, the worst first.",
            _SCRIPT,
            "banner",
            _BY_SCRIPT,
        ),
        "slim": Form(
            "Slim banner",
            "One line on whatever is wrong, for the top of every page. With the script alone: data-auto=slim.",
            _SCRIPT,
            "slim",
            _BY_SCRIPT,
        ),
        "auto": Form(
            "One line",
            "For pages that you can only add a script to: the banner appears at the top by itself.",
            _SCRIPT,
            "banner",
            _BY_SCRIPT,
        ),
        "frame": Form(
            "Frame",
            "Nothing of ours runs in your page. The frame is empty while the section works, and says how high it is.",
            ("frame-src",),
            "notice",
            ("frame",),
        ),
        "badge": Form("Badge", "A small picture for wikis and read-me files.", ("img-src",), "badge", ("badge",)),
    },
    "In your code": {
        "module": Form(
            "Module",
            "An ES module that calls you with each change, and brings the script along where a page has none.",
            _SCRIPT,
            "status",
            _BY_SCRIPT,
        ),
        "react": Form(
            "React hook",
            "A hook for React 18 or newer. On a server everything is “ok”.",
            _SCRIPT,
            "status",
            _BY_SCRIPT,
        ),
        "json": Form(
            "Plain JSON",
            "For your own code: in “now”, how the section stands at this moment, with times and words.",
            ("connect-src",),
            "json",
            ("section", "script"),
        ),
        "va": Form(
            "VA banner",
            "For pages with <va-maintenance-banner>: its attributes and slots, and the element for a server to print.",
            ("connect-src",),
            "element",
            ("va",),
        ),
    },
    "On your server": {
        "fragment": Form(
            "No script",
            "HTML for your server to include. It is empty of notices while the section works.",
            (),
            "fragment",
            _BY_SERVER,
        ),
        "nginx": Form(
            "nginx",
            "nginx puts the notice into your pages (SSI), keeps a copy, and never waits longer than a second.",
            (),
            "fragment",
            _BY_SERVER,
            "nginx/site.conf",
        ),
        "jinja": Form(
            "Flask, Jinja",
            "For templates in Python. A status host that is slow or dead costs one page in 15 seconds a second.",
            (),
            "fragment",
            _BY_SERVER,
            "flask/signpost.py",
        ),
        "php": Form(
            "PHP",
            "A function, no extension. A status host that is slow or dead costs one page in 15 seconds a second.",
            (),
            "fragment",
            _BY_SERVER,
            "php/signpost.php",
        ),
    },
}
FORMS: dict[str, Form] = {key: form for group in GROUPS.values() for key, form in group.items()}


def snippet(form: str, section: SectionFact) -> str:
    return _WRITTEN[form](settings().public_url, section)


def pinned(form: str, section: SectionFact) -> str:
    """The same with the script that never changes, and the hash by which browsers make sure of it; "" where there is
    no script to pin."""
    site = settings().public_url
    address = f'{site}/embed/v{assets.SCRIPT_VERSION}.js"\n  integrity="{assets.integrity()}" crossorigin="anonymous"'
    found = snippet(form, section).replace(f'{site}/embed/v1.js"', address)
    return found if address in found else ""


def policy(form: str) -> list[str]:
    return [f"{directive} {_origin()};" for directive in FORMS[form].directives]


def file_of(form: str) -> str:
    """What its file holds, with our address in it; "" if it has none."""
    name = FORMS[form].file
    return _text(name).replace("https://status.example.org", settings().public_url) if name else ""


@cache
def _text(name: str) -> str:
    return (_EXAMPLES / name).read_text(encoding="utf-8").strip()


def _origin() -> str:
    parts = urlsplit(settings().public_url)
    return f"{parts.scheme}://{parts.netloc}"


def _load(site: str, more: str = "") -> str:
    return f'<script src="{site}/embed/v1.js"{more} defer></script>'


def _wrap(site: str, section: SectionFact) -> str:
    return (
        f'{_load(site)}\n<signpost-section section="{section.key}">\n  … your part of the page …\n</signpost-section>'
    )


def _own(site: str, section: SectionFact) -> str:
    return f"""{_load(site)}
<signpost-section section="{section.key}">
  … your part of the page …
  <div slot="down" hidden>
    … what you show in its place …
    <p data-signpost="It is back at {{until}}."></p>
  </div>
</signpost-section>"""


def _frame(site: str, section: SectionFact) -> str:
    title = escape(f"{section.name}: status")
    return f"""<iframe class="signpost" src="{site}/embed/v1/frame/{section.key}/" title="{title}"
  width="100%" height="0" frameborder="0"
  sandbox="{_SANDBOX}"></iframe>
<script>
addEventListener("message", ({{ origin, source, data }}) => {{
  if (origin !== "{_origin()}" || data?.type !== "signpost:height") return;
  for (const frame of document.querySelectorAll("iframe.signpost"))
    if (frame.contentWindow === source) frame.height = data.height;
}});
</script>"""


def _module(site: str, section: SectionFact) -> str:
    return f"""import {{ subscribe, get }} from "{site}/embed/v1.mjs";

const stop = subscribe("{section.key}", status => {{
  payButton.disabled = status.state === "down";
}});
get("{section.key}").state; // "ok" as long as nothing else is known"""


def _react(site: str, section: SectionFact) -> str:
    return f"""import {{ useSignpost }} from "{site}/embed/v1.react.mjs";

const {{ state, title, message, alternative }} = useSignpost("{section.key}");"""


def _json(site: str, section: SectionFact) -> str:
    return f"""async function look() {{
  const answer = await fetch("{site}/embed/v1/sections/{section.key}.json");
  const {{ now }} = await answer.json();
  notice.hidden = now.state === "ok"; // else "approaching", "degraded" or "down"
  notice.textContent = [now.title, now.message, now.alternative].filter(Boolean).join(" ");
  form.hidden = now.state === "down";
}}
const again = () => look().catch(() => {{}}); // no news is good news
again();
setInterval(again, 15_000);"""


def _va(site: str, section: SectionFact) -> str:
    return f"""<script type="module">
const answer = await fetch("{site}/embed/v1/sections/{section.key}.va.json");
const {{ attributes, slots }} = await answer.json();
const banner = document.createElement("va-maintenance-banner");
for (const name in attributes) banner.setAttribute(name, attributes[name]);
for (const slot in slots)
  banner.append(Object.assign(document.createElement("div"), {{ slot, textContent: slots[slot] }}));
if (attributes["banner-id"]) document.querySelector("main").prepend(banner);
</script>"""


def _badge(site: str, section: SectionFact) -> str:
    return (
        f'<a href="{site}/sections/{section.key}/"><img src="{site}/badge/{section.key}.svg" alt="See the status"></a>'
    )


def _jinja(site: str, section: SectionFact) -> str:
    return f"""# app.py
signpost = Signpost("{site}")  # from signpost import Signpost
app.jinja_env.globals["signpost_notice"] = lambda key: Markup(signpost.notice(key))

# the page
{{{{ signpost_notice("{section.key}") }}}}"""


def _php(site: str, section: SectionFact) -> str:
    return f"""<?php require __DIR__ . '/signpost.php' ?>
<?= signpost_notice('{site}', '{section.key}', '/var/cache/www') ?>"""


def _nginx(_: str, section: SectionFact) -> str:
    return f"""<!--# config errmsg="" -->
<!--# include virtual="/signpost/{section.key}.html" -->"""


_WRITTEN: dict[str, Callable[[str, SectionFact], str]] = {
    "wrap": _wrap,
    "own": _own,
    "slim": lambda site, _: f"{_load(site)}\n<signpost-banner slim></signpost-banner>",
    "banner": lambda site, _: f"{_load(site)}\n<signpost-banner></signpost-banner>",
    "auto": lambda site, _: _load(site, " data-auto"),
    "frame": _frame,
    "badge": _badge,
    "module": _module,
    "react": _react,
    "json": _json,
    "va": _va,
    "fragment": lambda site, section: f'<esi:include src="{site}/embed/v1/sections/{section.key}.html"/>',
    "nginx": _nginx,
    "jinja": _jinja,
    "php": _php,
}
