"""Planned work: the calendar, one piece of it, and what is done to it until it is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard import publish
from dashboard.actions import planning as actions
from dashboard.actions.planning import stage_of
from dashboard.actions.undo import offered
from dashboard.actions.window_rows import asked_of
from dashboard.actions.writing import Actor, Conflict, Refused
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Change, Overrule, Window
from dashboard.rules import text, wording
from dashboard.rules.state import State
from dashboard.views import blanks, conflict, fields, times
from dashboard.views.access import actor, may
from dashboard.views.htmx import leave, refuse
from dashboard.views.outages import blame
from dashboard.views.telling import of_work, offers
from dashboard.views.times import Unclear
from dashboard.views.window_forms import EFFECT_WORDS, EndForm, TellForm, WordsForm, listed, moments, moments_of
from dashboard.views.window_list import STAGE_WORDS, calendar, rows_of
from dashboard.views.window_preview import reached
from dashboard.views.words import at_end, when

blueprint = Blueprint("windows", __name__, url_prefix="/admin/windows")

_HISTORY = 20  # changes that are told on its page
_LOOKS = {"scheduled": "maint", "in_progress": "maint", "verifying": "maint", "completed": "op", "cancelled": "unknown"}


@blueprint.get("")
@may("windows.read")
def index() -> ResponseReturnValue:
    page = text.whole_number(request.args.get("page", "1"), 10_000) or 1
    shown = calendar(now(), page, every="every" in request.args)
    return render_template("windows/index.html", calendar=shown, **_words())


@blueprint.get("/<int:window_id>")
@may("windows.read")
def show(window_id: int) -> ResponseReturnValue:
    window = window_or_404(window_id)
    return render_template("windows/show.html", **_shown(window, now()))


@blueprint.post("/<int:window_id>/start")
@may("windows.write")
def start(window_id: int) -> ResponseReturnValue:
    return _act(window_id, actions.start, _begun)


@blueprint.post("/<int:window_id>/verify")
@may("windows.write")
def verify(window_id: int) -> ResponseReturnValue:
    return _act(window_id, actions.verify, "is being checked. Its sections stay as they are until it is over.")


@blueprint.post("/<int:window_id>/finish")
@may("windows.write")
def finish(window_id: int) -> ResponseReturnValue:
    return _act(window_id, actions.finish, "is over.")


@blueprint.post("/<int:window_id>/cancel")
@may("windows.write")
def cancel(window_id: int) -> ResponseReturnValue:
    following = request.form.get("which") == "following"

    def act(window_id: int, version: int, by: Actor, at: datetime) -> Change | None:
        return actions.cancel(window_id, version, following, by, at)

    return _act(window_id, act, "and all that follow are called off." if following else "is called off.")


@blueprint.route("/<int:window_id>/extend", methods=["GET", "POST"])
@may("windows.write")
def extend(window_id: int) -> ResponseReturnValue:
    window = window_or_404(window_id)
    form, at = EndForm(), now()
    asked: dict[str, times.Asked] = {}
    if request.method == "GET":
        form.zone.data, form.until_at.data = settings().time_zone.key, times.typed(window.ends_at)
        form.version.data = str(window.version)
        return _extend_page(window, form, asked, at)
    version = form.read_version()
    try:
        until, typed, zone = _until(form, window, at)
        change = actions.extend(window_id, version, until, zone, typed, actor(), at)
    except (Unclear, Refused) as wrong:
        blame(form, wrong, asked)
        return _extend_page(window, form, asked, at, 422)
    except Conflict as found:
        latest = window_or_404(window_id)
        texts = [("Until", at_end(latest.ends_at), at_end(until))]
        return conflict.answer(
            found, f"{latest.name} was changed while you were at it", latest.version, texts, _at(latest)
        )
    return leave(_at(window), f"{window.name} now ends {at_end(until)}.", *offers(change))


@blueprint.route("/<int:window_id>/words", methods=["GET", "POST"])
@may("windows.write")
def words(window_id: int) -> ResponseReturnValue:
    """The words for the public: all that may be changed here of what PagerDuty plans."""
    window = window_or_404(window_id)
    form, at = WordsForm(), now()
    if request.method == "GET":
        form.message.data, form.version.data = _said(window), str(window.version)
        return _words_page(window, form)
    version = form.read_version()
    if not form.validate():
        return _words_page(window, form, 422)
    mine = form.message.data or ""
    try:
        blanks.refuse_of_notice({"message": mine})
        change = actions.say(window_id, version, mine, actor(), at)
    except Refused as wrong:
        fields.blame(form, wrong)
        return _words_page(window, form, 422)
    except Conflict as found:
        latest = window_or_404(window_id)
        texts = [("What the public reads", _said(latest), mine)]
        return conflict.answer(
            found, f"{latest.name} was changed while you were at it", latest.version, texts, _at(latest)
        )
    said = f"The words for {window.name} were changed." if change else "Nothing was changed."
    return leave(_at(window), said, offered(change))


@blueprint.route("/<int:window_id>/telling", methods=["GET", "POST"])
@may("windows.write")
def telling(window_id: int) -> ResponseReturnValue:
    """When followers are told, of what PagerDuty plans too."""
    window, at = window_or_404(window_id), now()
    form = TellForm(obj=window) if request.method == "GET" else TellForm()
    if request.method == "GET":
        form.version.data = str(window.version)
        return _telling_page(window, form, at)
    version = form.read_version()
    try:
        change = actions.tell(window_id, version, form.chosen, actor(), at)
    except Refused as wrong:
        fields.blame(form, wrong)
        return _telling_page(window, form, at, 422)
    except Conflict as found:
        latest = window_or_404(window_id)
        texts = [("Followers are told", moments(latest), moments_of(form.chosen))]
        heading = f"{latest.name} was changed while you were at it"
        return conflict.answer(found, heading, latest.version, texts, _at(latest))
    said = f"Followers are told {moments(window)}." if change else "Nothing was changed."
    return leave(_at(window), said, offered(change))


def window_or_404(window_id: int) -> Window:
    return db.session.get(Window, window_id) or abort(404)


def _act(
    window_id: int,
    act: Callable[[int, int, Actor, datetime], Change | None],
    words: str | Callable[[Window, datetime], str],
) -> ResponseReturnValue:
    window, at = window_or_404(window_id), now()
    try:
        change = act(window_id, fields.version_of_request(), actor(), at)
    except Refused as refused:
        return leave(_at(window), f"That was not done. {refused.sentence}")
    except Conflict as found:
        return leave(_at(window), f"That was not done. {conflict.sentence(found.change)} Look at it again.")
    did = words if isinstance(words, str) else words(window, at)
    return leave(_at(window), f"{window.name} {did}", *offers(change))


def _begun(window: Window, at: datetime) -> str:
    """What it does by now, and until when: its end is the one that was planned."""
    asked = asked_of(window)
    kept_open = set(db.session.scalars(_kept_open(window, at).with_only_columns(Overrule.section_id)))
    found = [
        one
        for one in reached(publish.read_facts(at), asked.components, asked.sections)
        if one.section.id not in kept_open
    ]
    until = at_end(window.ends_at)
    does = [
        f"{listed(names)} {'is' if len(names) == 1 else 'are'} {effect} until {until}."
        for effect, state in (("off", State.DOWN), ("slow", State.DEGRADED))
        if (names := [one.section.name for one in found if one.state is state])
    ]
    return f"has begun. {' '.join(does)}" if does else f"has begun, and goes on until {until}. No section goes off."


def _kept_open(window: Window, at: datetime) -> sa.Select[Overrule]:
    return sa.select(Overrule).where(Overrule.window_id == window.id, Overrule.ends_at > at)


def _at(window: Window) -> str:
    return url_for("windows.show", window_id=window.id)


def _said(window: Window) -> str:
    return window.message if window.is_ours else window.words


def _until(form: EndForm, window: Window, at: datetime) -> tuple[datetime, str, str]:
    """The end that was chosen, the wall time if one was typed, and its zone. Raises Unclear."""
    zone = times.zone_of(form.zone.data or settings().time_zone.key)
    if form.until.data != "at":
        until = times.chosen_end(form.until.data or "", window.starts_at, at)
        if until is None:
            raise Unclear("until", "Choose until when.")
        return until, "", zone.key
    typed = form.until_at.data or ""
    return times.moment("until_at", typed, form.until_exact.data or "", zone), typed, zone.key


def _extend_page(
    window: Window, form: EndForm, asked: dict[str, times.Asked], at: datetime, status: int = 200
) -> ResponseReturnValue:
    choices = [one for one in times.later_ends(window.starts_at, window.ends_at, at) if one.value != "unknown"]
    given: dict[str, Any] = {"window": window, "form": form, "asked": asked, "choices": choices, "at": at}
    return refuse("windows/_extend.html", "windows/extend.html", status, **given)


def _words_page(window: Window, form: WordsForm, status: int = 200) -> ResponseReturnValue:
    message = form.message.data or ""
    checks = wording.checks(message, True, False, "")
    advice = wording.discouraged(message)
    return refuse(
        "windows/_words.html", "windows/words.html", status, window=window, form=form, checks=checks, advice=advice
    )


def _telling_page(window: Window, form: TellForm, at: datetime, status: int = 200) -> ResponseReturnValue:
    asked = asked_of(window)
    found = of_work(publish.read_facts(at), asked.components, asked.sections, window.id)
    given = {"window": window, "form": form, "numbers": found}
    return refuse("windows/_telling.html", "windows/telling.html", status, **given)


def _shown(window: Window, at: datetime) -> dict[str, Any]:
    """All that its page tells."""
    asked, facts = asked_of(window), publish.read_facts(at)
    subjects = [f"window-{window.id}", *([f"series-{window.series_id}"] if window.series_id else [])]
    changes = sa.select(Change).where(Change.subject.in_(subjects)).order_by(Change.id.desc()).limit(_HISTORY)
    next_ones = sa.select(Window).where(
        Window.series_id == window.series_id, Window.starts_at > window.starts_at, Window.gone_at.is_(None)
    )
    return {
        "row": rows_of([window], at)[0],
        "window": window,
        "reached": reached(facts, asked.components, asked.sections),
        "kept_open": {one.section_id: one for one in db.session.scalars(_kept_open(window, at))},
        "changes": list(db.session.scalars(changes)),
        "following": list(db.session.scalars(next_ones.order_by(Window.starts_at).limit(3)))
        if window.series_id
        else [],
        "stage": stage_of(window, at),
        "told": moments(window),
        **_words(),
    }


def _words() -> dict[str, Any]:
    return {"stage_word": STAGE_WORDS, "stage_look": _LOOKS, "effect_word": EFFECT_WORDS, "zoned": when}
