"""Embed: writes the snippet that puts a section's state on another page, and shows it in each state."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from dashboard import publish
from dashboard.clock import now
from dashboard.config import settings
from dashboard.documents import assets, badge, banner
from dashboard.facts import SectionFact
from dashboard.snapshot import Snapshot
from dashboard.views.access import may, public
from dashboard.views.samples import STATES, Sample, sample_of, shown, token_of

blueprint = Blueprint("embed", __name__, url_prefix="/admin/embed")

_ONCE = 86_400  # seconds: a sample is read once, so that its times do not move while one looks at it


@dataclass(frozen=True, slots=True)
class Form:
    """A way to embed. ``directives`` are those of a Content-Security-Policy that need our address."""

    name: str
    sentence: str
    directives: tuple[str, ...]
    is_scripted: bool = False


FORMS: dict[str, Form] = {
    "wrap": Form(
        "Wrap a section",
        "While the section is down, the notice stands in its place. What was typed into it is kept.",
        ("script-src", "connect-src"),
        is_scripted=True,
    ),
    "banner": Form(
        "Banner",
        "One notice for whatever is wrong on the website, the worst first.",
        ("script-src", "connect-src"),
        is_scripted=True,
    ),
    "auto": Form(
        "One line",
        "For pages that you can only add a script to: the banner appears at the top by itself.",
        ("script-src", "connect-src"),
        is_scripted=True,
    ),
    "fragment": Form(
        "No script",
        "HTML for your server to include. It is empty of notices while the section works.",
        (),
    ),
    "badge": Form("Badge", "A small picture for wikis and read-me files.", ("img-src",)),
    "json": Form("Plain JSON", "For your own code: the section’s state, times and words.", ("connect-src",)),
}


@blueprint.get("")
@may("embed.read")
def index() -> ResponseReturnValue:
    at = now()
    facts = publish.read_facts(at)
    section = _chosen(facts.sections)
    form = request.args.get("form", "")
    state = request.args.get("state", "")
    form, state = form if form in FORMS else "wrap", state if state in STATES else "down"
    if section is None:
        return render_template("embed/index.html", section=None, sections=())
    sample = Sample(section.key, state)
    snapshot = shown(facts, sample, at)
    assert snapshot is not None  # the section was found among these facts
    return render_template(
        "embed/index.html",
        sections=facts.sections,
        section=section,
        forms=FORMS,
        form=form,
        states=STATES,
        state=state,
        snippet=_snippet(form, section, f"{settings().public_url}/embed/v1.js"),
        pinned=_snippet(form, section, *_pinned()) if FORMS[form].is_scripted else "",
        policy=_policy(form),
        source=url_for(".sample", token=token_of(sample, at.date(), _secret())),
        preview=_preview(form, snapshot),
    )


@blueprint.get("/samples/<token>.json")
@public
def sample(token: str) -> ResponseReturnValue:
    """What the script on the page reads; only with an address that we signed."""
    at = now()
    found = sample_of(token, at.date(), _secret())
    snapshot = shown(publish.read_facts(at), found, at) if found else None
    if snapshot is None:
        abort(404)
    ((_, subject),) = banner.all_sections(snapshot)
    said = msgspec.json.decode(banner.render(subject))
    return Response(msgspec.json.encode({**said, "ttl": _ONCE}), content_type="application/json; charset=utf-8")


def _chosen(sections: tuple[SectionFact, ...]) -> SectionFact | None:
    asked = request.args.get("section", "")
    return next((section for section in sections if section.key == asked), sections[0] if sections else None)


def _snippet(form: str, section: SectionFact, script: str, more: str = "") -> str:
    site, key = settings().public_url, section.key
    load = f'<script src="{script}"{more} defer></script>'
    return {
        "wrap": f'{load}\n<signpost-section section="{key}">\n  … your part of the page …\n</signpost-section>',
        "banner": f"{load}\n<signpost-banner></signpost-banner>",
        "auto": f'<script src="{script}"{more} data-auto defer></script>',
        "fragment": f'<esi:include src="{site}/embed/v1/sections/{key}.html"/>',
        "badge": f'<a href="{site}/sections/{key}/"><img src="{site}/badge/{key}.svg" alt="See the status"></a>',
        "json": f"{site}/embed/v1/sections/{key}.json",
    }[form]


def _pinned() -> tuple[str, str]:
    """The script that never changes, with the hash by which browsers make sure of it."""
    address = f"{settings().public_url}/embed/v{assets.SCRIPT_VERSION}.js"
    return address, f'\n  integrity="{assets.integrity()}" crossorigin="anonymous"'


def _policy(form: str) -> list[str]:
    parts = urlsplit(settings().public_url)
    return [f"{directive} {parts.scheme}://{parts.netloc};" for directive in FORMS[form].directives]


def _preview(form: str, snapshot: Snapshot) -> Any:
    """What a form without a script shows: its own document, made of the sample."""
    if form == "fragment":
        ((_, included),) = banner.fragment(snapshot)
        return Markup(banner.render_fragment(included).decode())  # our own template, which escapes
    if form == "badge":
        ((_, picture),) = badge.subjects(snapshot)
        return f"data:image/svg+xml;base64,{base64.b64encode(badge.render(picture)).decode()}"
    if form == "json":
        ((_, subject),) = banner.one_section(snapshot)
        return msgspec.json.format(banner.render(subject), indent=2).decode()
    return ""


def _secret() -> str:
    secret: str = current_app.config["SECRET_KEY"]
    return secret
