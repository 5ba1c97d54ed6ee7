"""Planning work and changing the plan: one form, with what it would come to beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard import publish
from dashboard.actions import planning as actions
from dashboard.actions import window_rows
from dashboard.actions.planning import stage_of
from dashboard.actions.window_rows import Asked, asked_of
from dashboard.actions.writing import Conflict, Refused
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.facts import Facts
from dashboard.models import Window
from dashboard.rules import text
from dashboard.rules.recurrence import Repeat
from dashboard.rules.window import Stage
from dashboard.views import blanks, conflict, fields, prefill, times, window_forms
from dashboard.views.access import actor, may
from dashboard.views.htmx import leave, refuse
from dashboard.views.outages import blame
from dashboard.views.telling import of_work, offers
from dashboard.views.times import Unclear
from dashboard.views.window_forms import EFFECT_WORDS, PlanForm, fill, fill_from, read
from dashboard.views.window_preview import preview, suggested
from dashboard.views.windows import blueprint as blueprint
from dashboard.views.windows import window_or_404
from dashboard.views.words import span

AskedOf = dict[str, times.Asked]


@blueprint.route("/new", methods=["GET", "POST"])
@may("windows.write")
def new() -> ResponseReturnValue:
    at = now()
    facts = publish.read_facts(at)
    form = _form(facts)
    if request.method == "GET":
        _begin(form, facts, at)
        return _page(form, facts, None, at)
    asked: AskedOf = {}
    if "preview" in request.form:
        _, is_over, over = request.form["preview"].partition("over-")
        _start_from(form, over or request.form.get("template", ""), bool(is_over))
    elif form.validate():
        try:
            change = actions.plan(_filled_in(form, facts), actor(), at)
        except (Unclear, Refused) as wrong:
            _blame(form, wrong, asked)
        else:
            window = _window_of(change.subject)
            return leave(url_for(".show", window_id=window.id), _planned(window), *offers(change))
    return _page(form, facts, None, at, asked, 200 if "preview" in request.form else 422)


@blueprint.route("/<int:window_id>/edit", methods=["GET", "POST"])
@may("windows.write")
def edit(window_id: int) -> ResponseReturnValue:
    window, at = window_or_404(window_id), now()
    if not window.is_ours or stage_of(window, at) is not Stage.SCHEDULED:
        return leave(
            url_for(".show", window_id=window.id), "Only what is planned here, and has not begun, can be changed."
        )
    facts = publish.read_facts(at)
    form = _form(facts)
    if request.method == "GET":
        fill(form, window_forms.typed_of(window, asked_of(window)), window_forms.days(at))
        form.version.data = str(window.version)
        return _page(form, facts, window, at)
    version = form.read_version()
    asked: AskedOf = {}
    if "preview" not in request.form and form.validate():
        try:
            mine = _filled_in(form, facts)
            change = actions.edit(window.id, version, mine, form.which.data == "following", actor(), at)
        except (Unclear, Refused) as wrong:
            _blame(form, wrong, asked)
        except Conflict as found:
            return _conflict(found, window_id, mine)
        else:
            said = f"The plan of {window.name} was changed." if change else "Nothing was changed."
            return leave(url_for(".show", window_id=window.id), said, *offers(change))
    return _page(form, facts, window, at, asked, 200 if "preview" in request.form else 422)


@blueprint.post("/preview")
@may("windows.write")
def previewed() -> ResponseReturnValue:
    """While the form is being filled in: what it would come to, and words to begin with."""
    at = now()
    facts = publish.read_facts(at)
    form = _form(facts)
    window = db.session.get(Window, text.whole_number(request.form.get("window", ""), 2**31 - 1) or 0)
    return render_template("windows/_previewed.html", **_context(form, facts, window, at))


def _filled_in(form: PlanForm, facts: Facts) -> Asked:
    """Raises Unclear, or Refused."""
    asked = read(form, facts)
    blanks.refuse_of_notice({"title": asked.title, "message": asked.message})
    return asked


def _blame(form: PlanForm, wrong: Unclear | Refused, asked: AskedOf) -> None:
    """With what else is missing, so that nobody mends one thing after the other."""
    for other in window_forms.missing(form):
        if other.field != wrong.field:
            blame(form, other, asked)
    if isinstance(wrong, Unclear):
        blame(form, wrong, asked)
    else:
        fields.blame(form, wrong)


def _form(facts: Facts) -> PlanForm:
    form = PlanForm()
    form.offer(facts)
    return form


def _begin(form: PlanForm, facts: Facts, at: datetime) -> None:
    """An empty form: the coming Sunday, and what the address names."""
    form.day.data, form.zone.data = window_forms.next_sunday(at).isoformat(), settings().time_zone.key
    form.repeat.data, form.which.data, form.tells.data, form.reminds.data = Repeat.NEVER, "one", True, True
    keys = request.args.getlist("section")
    form.sections.data = [section.id for section in facts.sections if section.key in keys]
    keys = request.args.getlist("component")
    form.components.data = [one.id for one in facts.components if one.key in keys]
    _start_from(form, request.args.get("template", ""))


def _start_from(form: PlanForm, chosen: str, over: bool = False) -> None:
    """A template's words and things, if one was chosen."""
    template_id = text.whole_number(chosen, 2**31 - 1)
    if template_id and (given := prefill.window(template_id)):
        earlier = prefill.window(text.whole_number(form.filled.data or "", 2**31 - 1) or 0)
        if fill_from(form, given, earlier, over):
            form.stayed = {"title": given["title"], "message": given["message"]}
        form.filled.data = str(template_id)


def _context(
    form: PlanForm, facts: Facts, window: Window | None, at: datetime, asked: AskedOf | None = None
) -> dict[str, Any]:
    """What the form and its preview show. Words that are still the ones offered make way for others."""
    asked = {} if asked is None else asked
    sentence, plan, meant = "", None, None
    try:
        meant = read(form, facts)
        window_rows.refuse_times(meant, at)
        plan = meant
    except Unclear as wrong:
        sentence = wrong.sentence
        if wrong.asked:
            asked.setdefault(wrong.field, wrong.asked)
    except Refused as wrong:
        sentence = wrong.sentence
    _keep_asking(form, facts, asked)
    components, message = frozenset(form.components.data or ()), form.message.data or ""
    besides = next((one for one in facts.windows if window and one.id == window.id), None)
    things = components, form.touches
    shown = preview(facts, plan, things, message, form.mine.data or "", at, besides)
    if meant and not plan:  # what clocks read tells why it cannot be
        timing = preview(facts, meant, things, message, form.mine.data or "", at, besides).timing
        shown = replace(shown, timing=replace(timing, doubts=()) if timing else None)
    offered_words = suggested(shown.reached, facts, components)
    makes_way = message in ("", form.suggested.data or "") and (form.suggested.data or "") != offered_words
    if makes_way:
        form.message.data = form.suggested.data = offered_words
    return {
        "form": form,
        "window": window,
        "asked": asked,
        "shown": shown,
        "unclear": sentence,
        "plan": plan,
        "numbers": of_work(facts, components, form.touches, window.id if window else None),
        "label": _label(form, facts, plan, window, at),
        "effects": EFFECT_WORDS,
        "makes_way": makes_way,
    }


def _keep_asking(form: PlanForm, facts: Facts, asked: AskedOf) -> None:
    """A question that was answered stays in sight, with its answer."""
    for field, exact in (("from_time", form.from_exact), ("to_time", form.to_exact)):
        given, exact.data = exact.data, ""
        try:
            read(form, facts)
        except Unclear as wrong:
            if wrong.field == field and wrong.asked:
                asked[field] = wrong.asked
        except Refused:
            pass
        exact.data = given


def _label(form: PlanForm, facts: Facts, plan: Asked | None, window: Window | None, at: datetime) -> str:
    """The button says what it does."""
    if window is not None:
        return f"Save {window.name}"
    name = window_forms.named(form, facts).removeprefix("Planned work on ")
    if not name or plan is None:
        return "Plan this work"
    return f"Plan work on {name}, {span(plan.starts_at, plan.ends_at)}"


def _page(
    form: PlanForm, facts: Facts, window: Window | None, at: datetime, asked: AskedOf | None = None, status: int = 200
) -> ResponseReturnValue:
    more: dict[str, Any] = {
        "days": window_forms.days(at),
        "zones": window_forms.zones(form.zone.data or settings().time_zone.key),
        "templates": [] if window else prefill.offered("window"),
    }
    if status == 422:
        form.once.data = form.once.data or form.once.default()
    context = _context(form, facts, window, at, asked)
    return refuse("windows/_form.html", "windows/edit.html", status, **context, **more)


def _window_of(subject: str) -> Window:
    """What was planned; of a series the first."""
    noun, _, id = subject.partition("-")
    if noun == "window":
        return db.session.get_one(Window, int(id))
    first = sa.select(Window).where(Window.series_id == int(id)).order_by(Window.starts_at).limit(1)
    return db.session.scalars(first).one()


def _planned(window: Window) -> str:
    more = " The next ones are planned with it." if window.series_id else ""
    return f"{window.name} is planned, {span(window.starts_at, window.ends_at)}.{more}"


def _conflict(found: Conflict, window_id: int, mine: Asked) -> ResponseReturnValue:
    latest = window_or_404(window_id)
    theirs = asked_of(latest)
    texts = [
        ("What the work is", theirs.title, mine.title),
        ("When", span(theirs.starts_at, theirs.ends_at), span(mine.starts_at, mine.ends_at)),
        ("What the public will read", theirs.message, mine.message),
    ]
    heading = f"{latest.name} was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".show", window_id=window_id))
