"""The pages on which incidents are written, and what becomes of a form that was sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from dashboard.actions.incident_parts import Details, Said, Touching, sections_of
from dashboard.actions.writing import Refused
from dashboard.documents.past import impact_word
from dashboard.facts import IncidentFact
from dashboard.models import Incident
from dashboard.rules import filling, readable, text, wording
from dashboard.rules.state import Effect
from dashboard.views import blanks, fields, incident_shown, prefill, typed
from dashboard.views.incident_forms import (
    IMPACTS,
    STAGES,
    DetailsForm,
    IncidentForm,
    SaidForm,
    UpdateForm,
    next_choices,
    prepare,
)
from dashboard.views.incident_picks import Picks
from dashboard.views.telling import numbers
from dashboard.views.times import Asked, Unclear

NEW = "incident-new"
Given = MultiDict[str, str]
Form = TypeVar("Form", bound=SaidForm)


@dataclass(frozen=True, slots=True)
class Written:
    """What a form comes to. ``out_at``: when it comes out; None is a draft, which was to come out at ``meant_at``."""

    details: Details
    said: Said
    touches: tuple[Touching, ...]
    out_at: datetime | None
    meant_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form starts from: what this person typed before, or what a template offers, or nothing."""

    given: Given
    saved_at: datetime | None


def form_name(incident: Incident | None) -> str:
    return f"incident-{incident.id}" if incident else NEW


def opened(incident: Incident | None) -> Opened:
    chosen = text.whole_number(request.args.get("template", ""), 2**31 - 1)
    if chosen and (offered := prefill.incident(chosen)):
        return Opened(MultiDict(offered), None)
    kept = typed.kept(form_name(incident))
    return Opened(*kept) if kept else Opened(MultiDict(), None)


def fresh(form: type[Form], given: Given, **otherwise: Any) -> Form:
    """The form before it is sent: with what is given, or else with the values of a row."""
    return form(formdata=given or None, **otherwise)


def written(form: IncidentForm, chosen: Picks, is_draft: bool, at: datetime) -> Written:
    """Raises Unclear, and Refused where it is to come out with a placeholder in it."""
    out_at, details = form.out_at(at), form.details()
    said, touches = form.said(chosen.impacts(), out_at), chosen.touches(form.read_zone(), at)
    if not is_draft:
        details, said = replace(details, title=filled_in(details.title, said, touches)), spoken(said, touches)
        blanks.refuse({**texts_of(details), "body": said.body})
    return Written(details, said, touches, None if is_draft else out_at, out_at)


def texts_of(details: Details) -> dict[str, str]:
    """What readers are told of it, by field."""
    return {"title": details.title, **{name: getattr(details, name) for name in readable.FACTS}}


def spoken(said: Said, touches: tuple[Touching, ...], incident: Incident | None = None) -> Said:
    """With what is known by now in the place of the placeholders that a template left in it."""
    return replace(said, body=filled_in(said.body, said, touches, incident))


def filled_in(words: str, said: Said, touches: tuple[Touching, ...], incident: Incident | None = None) -> str:
    """``incident`` is one that is out: what it touches already is named where nothing new is."""
    ends = [one.until for one in touches if one.effect is Effect.DOWN]
    known = [end for end in ends if end is not None]
    until = max(known) if known and len(known) == len(ends) else None
    sections = [one.section_id for one in touches]
    if incident and not sections:
        sections = [row.section_id for row in sections_of(incident.id)]
    return prefill.worded(words, sections, said.impacts, prefill.told(until), prefill.told(said.next_at))


def blame(form: Any, chosen: Picks, wrong: Unclear | Refused, asked: dict[str, Asked]) -> None:
    """At the row or the field that it is about; above the form if it is about none."""
    if chosen.blame(wrong):
        form.form_errors.append(wrong.sentence)
    else:
        fields.blame(form, Refused(wrong.field, wrong.sentence))
    if isinstance(wrong, Unclear) and wrong.asked:
        asked[wrong.field] = wrong.asked


def page(
    incident: Incident | None,
    form: Any,
    chosen: Picks,
    at: datetime,
    asked: dict[str, Asked] | None = None,
    saved_at: datetime | None = None,
    status: int = 200,
    **more: Any,
) -> ResponseReturnValue:
    """A new one, or one that is not out yet."""
    prepare(form, at)
    name = form_name(incident)
    words = {
        **vocabulary(),
        **looks(incident, form, chosen, None, at),
        "incident": incident,
        "form": form,
        "picks": chosen,
        "asked": asked or {},
        "next_choices": next_choices(at),
        "typed_as": name,
        "saved_at": saved_at,
        "others": typed.named(typed.others(name, at)),
        **more,
    }
    return render_template("incidents/new.html", **words), status


def editor(
    incident: Incident,
    form: UpdateForm | None,
    chosen: Picks,
    at: datetime,
    asked: dict[str, Asked] | None = None,
    saved_at: datetime | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """One that is out: what was said of it, and the next update. ``form`` is None for who may only look."""
    name, more = form_name(incident), {}
    if form is not None:
        prepare(form, at)
        more = looks(incident, form, chosen, details_of(incident), at)
    words = {
        **vocabulary(),
        **more,
        "incident": incident,
        "fact": incident_shown.fact_of(incident),
        "form": form,
        "picks": chosen,
        "asked": asked or {},
        "next_choices": next_choices(at),
        "timeline": incident_shown.timeline(incident),
        "off": incident_shown.section_names(incident_shown.held_by(incident, at).outages),
        "told": readable.told(incident_shown.facts_of(incident)),
        "missing": [words for column, words in readable.FACTS.items() if not getattr(incident, column)],
        "typed_as": name,
        "saved_at": saved_at,
        "others": typed.named(typed.others(name, at)),
    }
    return render_template("incidents/show.html", **words), status


def details_of(incident: Incident) -> Details:
    return Details(**{name: getattr(incident, name) for name in Details.__slots__})


def looks(
    incident: Incident | None, form: SaidForm, chosen: Picks, details: Details | None, at: datetime
) -> dict[str, Any]:
    """The preview and the checks of what is typed; what is not clear yet is left out of it."""
    if isinstance(form, DetailsForm):
        details = form.details()
    assert details is not None
    restores = isinstance(form, UpdateForm) and form.restores.data
    out_at, clear = _out_at(form, at)
    said, touches, is_clear = _clear(form, chosen, out_at, at)
    said = spoken(said, touches, incident)
    details = replace(details, title=filled_in(details.title, said, touches, incident))
    facts = incident_shown.facts_of(details)
    message = said.body
    look = incident_shown.look_of(incident, details, said, touches, restores, out_at)
    return {
        "look": look,
        "numbers": numbers(look.reach),
        "details": details,
        "is_clear": clear and is_clear,
        "checks": readable.message_checks(message, facts),
        "advice": [*_left(f"{details.title} {message}"), *wording.discouraged(f"{message} {' '.join(facts.values())}")],
        "words": readable.word_count(message),
        "age": readable.reading_age(message),
        "told": readable.told(facts),
        "promised": said.next_at,
    }


def _out_at(form: SaidForm, at: datetime) -> tuple[datetime, bool]:
    try:
        return (max(form.out_at(at), at) if isinstance(form, IncidentForm) else at), True
    except Unclear:
        return at, False


def _clear(form: SaidForm, chosen: Picks, out_at: datetime, at: datetime) -> tuple[Said, tuple[Touching, ...], bool]:
    try:
        said, is_clear = form.said(chosen.impacts(), out_at), True
    except Unclear:
        stage = form.stage.data
        said = Said(next((one for one in STAGES if one == stage), next(iter(STAGES))), form.body.data or "", {})
        is_clear = False
    try:
        return said, chosen.touches(form.read_zone(), at), is_clear
    except Unclear:
        return said, (), False


def _left(words: str) -> list[str]:
    """Advice on the placeholders for which nothing is known yet."""
    return [
        f"Nothing stands in the place of “{one}” yet: choose it, or write it yourself" for one in filling.left(words)
    ]


def vocabulary() -> dict[str, Any]:
    return {"stages": STAGES, "impact_of": impact_of, "fact_labels": readable.FACTS}


def impact_of(fact: IncidentFact) -> tuple[str, str]:
    """Its word, and how it looks."""
    return impact_word(fact), IMPACTS[fact.impact][1]


def back_to(incident: Incident) -> str:
    return url_for("incidents.show", incident_id=incident.id)
