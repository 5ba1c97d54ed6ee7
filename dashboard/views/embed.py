"""Embed: writes the snippet that puts a section's state on another page, and shows it in each state."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from dashboard import publish
from dashboard.clock import now
from dashboard.db import db
from dashboard.documents import badge, banner, va_banner
from dashboard.facts import SectionFact
from dashboard.models import Sighting
from dashboard.rules.place import is_host
from dashboard.sightings import EMBED
from dashboard.snapshot import Snapshot
from dashboard.views.access import may, public
from dashboard.views.embed_forms import FORMS, GROUPS, file_of, pinned, policy, snippet
from dashboard.views.samples import STATES, Sample, sample_of, shown, token_of

blueprint = Blueprint("embed", __name__, url_prefix="/admin/embed")

_ONCE = 86_400  # seconds: a sample is read once, so that its times do not move while one looks at it


@dataclass(frozen=True, slots=True)
class Place:
    """A host or a program that a form of the embed was seen in, and when last."""

    name: str
    last_at: datetime

    @property
    def is_host(self) -> bool:
        return is_host(self.name)


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
    languages, language = [one.tag for one in facts.languages], request.args.get("language", facts.languages[0].tag)
    sample = Sample(section.key, state)
    snapshot = shown(facts, sample, at)
    assert snapshot is not None  # the section was found among these facts
    return render_template(
        "embed/index.html",
        sections=facts.sections,
        section=section,
        groups=GROUPS,
        chosen=FORMS[form],
        form=form,
        states=STATES,
        state=state,
        languages=languages,
        language=language if language in languages[1:] else None,
        snippet=snippet(form, section),
        pinned=pinned(form, section),
        file=file_of(form),
        policy=policy(form),
        seen=_seen(FORMS[form].seen_as),
        source=url_for(".sample", token=token_of(sample, at.date(), _secret())),
        preview=_preview(FORMS[form].preview, snapshot),
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


def _seen(names: tuple[str, ...]) -> list[Place]:
    """Where forms of these names are in use, the last seen first; each place once."""
    last = sa.func.max(Sighting.last_at)
    chosen = sa.select(Sighting.place, last).where(Sighting.kind == EMBED, Sighting.name.in_(names))
    rows = db.session.execute(chosen.where(Sighting.place != "").group_by(Sighting.place).order_by(last.desc()))
    return [Place(*row) for row in rows]


def _preview(kind: str, snapshot: Snapshot) -> Any:
    """What a form without a script shows: its own document, made of the sample."""
    if kind == "fragment":
        ((_, included),) = banner.fragment(snapshot)
        return Markup(banner.render_fragment(included).decode())  # our own template, which escapes
    if kind == "badge":
        ((_, picture),) = badge.subjects(snapshot)
        return f"data:image/svg+xml;base64,{base64.b64encode(badge.render(picture)).decode()}"
    if kind == "json":
        ((_, subject),) = banner.one_section(snapshot)
        return msgspec.json.format(banner.render(subject), indent=2).decode()
    if kind == "element":
        ((_, told),) = va_banner.subjects(snapshot)
        return str(va_banner.element(va_banner.made(told))) or "Nothing, while the section works."
    return ""


def _secret() -> str:
    secret: str = current_app.config["SECRET_KEY"]
    return secret
