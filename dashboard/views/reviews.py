"""Reviews: what was learnt from an incident, written beside its timeline; each part for the public or for staff."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice

from dashboard.actions import reviews as actions
from dashboard.actions.incident_parts import sections_of
from dashboard.actions.reviews import PARTS, of_incident
from dashboard.actions.undo import offered
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Incident, Review
from dashboard.rules import readable, wording
from dashboard.rules.filling import listed
from dashboard.rules.report import Line
from dashboard.views import conflict, fields, timeline, typed
from dashboard.views.access import actor, i_may, may
from dashboard.views.htmx import is_partial, leave
from dashboard.views.incident_shown import incident_or_404, is_out, section_names

blueprint = Blueprint("reviews", __name__, url_prefix="/admin/incidents")

LABELS = {
    "happened": "What happened",
    "affected": "Who it affected",
    "cause": "Cause",
    "actions": "What we will do",
}
_HINTS = {
    "happened": "In order of time, for somebody who was not there. Cut what does not matter.",
    "affected": "Who, how many, and what they could not do.",
    "cause": "What led to it, not who.",
    "actions": "What will be different, and by when.",
}
_FIRST_PUBLIC = ("happened", "affected")
_BODY = 10_000  # characters of a part


class ReviewForm(fields.VersionForm):
    happened = fields.body(LABELS["happened"], _BODY, rows=9)
    affected = fields.body(LABELS["affected"], _BODY)
    cause = fields.body(LABELS["cause"], _BODY, rows=4)
    actions = fields.body(LABELS["actions"], _BODY, rows=4)
    public_parts = SelectMultipleField(
        "For the public",
        choices=[SelectChoice(part, label) for part, label in LABELS.items()],
        invalid_choice_message="Choose from these parts.",
    )

    def values(self) -> Values:
        return {
            **{part: self[part].data or "" for part in PARTS},
            "public_parts": frozenset(self.public_parts.data or ()),
        }


@blueprint.route("/<int:incident_id>/review", methods=["GET"])
@may("incidents.read")
def show(incident_id: int) -> ResponseReturnValue:
    """The form, as this person left it; for who may only look what is written in it."""
    at, incident = now(), _incident_or_404(incident_id)
    review = of_incident(incident_id)
    lines = timeline.of(incident, at)
    kept = typed.kept(_name(incident)) if i_may("incidents.write") else None
    if kept is None:
        form = ReviewForm(formdata=None, data=_filled(review) if review else _begun(incident, lines))
        return _page(incident, review, form, at)
    form = ReviewForm(formdata=kept[0])
    form.version.data = kept[0].get("seen", "0")
    return _page(incident, review, form, at, saved_at=kept[1])


@blueprint.post("/<int:incident_id>/review")
@may("incidents.write")
def save(incident_id: int) -> ResponseReturnValue:
    """Keep it as a draft, or publish it; ``do`` says which. "preview" only shows it."""
    at, incident = now(), _incident_or_404(incident_id)
    form, review, do = ReviewForm(), of_incident(incident_id), request.form.get("do")
    if do == "preview":
        return _preview(incident, review, form, at)
    version = form.read_version()
    if not form.validate():
        return _page(incident, review, form, at, status=422)
    was_published = review is not None and review.published_at is not None
    try:
        change = actions.save(incident_id, version, form.values(), actor(), at, publishes=do == "publish")
    except Refused as refused:
        fields.blame(form, refused)
        return _page(_incident_or_404(incident_id), of_incident(incident_id), form, at, status=422)
    except Conflict as found:
        return _conflict(found, incident_id, form)
    typed.drop(_name(incident), at)
    return leave(_here(incident_id), _said(change is not None, do, was_published), offered(change))


@blueprint.post("/<int:incident_id>/review/unpublish")
@may("incidents.write")
def unpublish(incident_id: int) -> ResponseReturnValue:
    _incident_or_404(incident_id)
    try:
        change = actions.unpublish(incident_id, fields.version_of_request(), actor(), now())
    except Conflict as found:
        return leave(_here(incident_id), f"{conflict.sentence(found.change)} Look at it again.")
    said = "The review is a draft again: readers do not see it." if change else "It is a draft already."
    return leave(_here(incident_id), said, offered(change))


@blueprint.post("/<int:incident_id>/review/typed")
@may("incidents.write")
def keep(incident_id: int) -> ResponseReturnValue:
    """What is typed, while it is typed."""
    at, incident = now(), _incident_or_404(incident_id)
    typed.keep(_name(incident), at)
    others = typed.named(typed.others(_name(incident), at))
    return render_template("reviews/_typed.html", incident=incident, saved_at=at, others=others)


@blueprint.post("/<int:incident_id>/review/typed/drop")
@may("incidents.write")
def drop(incident_id: int) -> ResponseReturnValue:
    """Start again from what is saved."""
    incident = _incident_or_404(incident_id)
    typed.drop(_name(incident), now())
    return leave(_here(incident_id), "What you had typed was dropped.")


def _page(
    incident: Incident,
    review: Review | None,
    form: ReviewForm,
    at: datetime,
    saved_at: datetime | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    words = {
        "incident": incident,
        "review": review,
        "form": form,
        "saved_at": saved_at,
        "others": typed.named(typed.others(_name(incident), at)),
        "lines": timeline.of(incident, at),
        "labels": LABELS,
        "hints": _HINTS,
        "is_over": incident.over_at is not None and incident.over_at <= at,
        **_looks(form),
    }
    template = "reviews/_form.html" if is_partial() else "reviews/show.html"
    return render_template(template, **words), status


def _preview(incident: Incident, review: Review | None, form: ReviewForm, at: datetime) -> ResponseReturnValue:
    """For htmx the preview alone; without scripts the whole page."""
    if not is_partial():
        return _page(incident, review, form, at)
    return render_template("reviews/_preview.html", incident=incident, labels=LABELS, **_looks(form))


def _looks(form: ReviewForm) -> dict[str, Any]:
    """What the public would read, and advice on it."""
    public = {part: form[part].data for part in PARTS if part in (form.public_parts.data or ()) and form[part].data}
    words = "\n\n".join(public.values())
    return {"public": public, "advice": wording.discouraged(words), "age": readable.reading_age(words)}


def _incident_or_404(incident_id: int) -> Incident:
    incident = incident_or_404(incident_id)
    return incident if is_out(incident, now()) else abort(404)


def _filled(review: Review) -> Values:
    parts = {part: getattr(review, part) for part in PARTS}
    return {**parts, "public_parts": sorted(review.public_parts), "version": str(review.version)}


def _begun(incident: Incident, lines: list[Line]) -> Values:
    """What the timeline and the incident tell already."""
    sections = listed(section_names(row.section_id for row in sections_of(incident.id)))
    affected = incident.affected or (f"People who use {sections}." if sections else "")
    cause = f"It came from {incident.third_party}." if incident.third_party else ""
    return {
        "version": "0",
        "happened": _told(lines),
        "affected": affected,
        "cause": cause,
        "public_parts": list(_FIRST_PUBLIC),
    }


def _told(lines: list[Line]) -> str:
    """A line for each moment: when, and what became of things; with the first sentence that was said."""
    zone = settings().time_zone
    moments: dict[datetime, list[str]] = {}
    for line in lines:
        if line.is_public:
            first = line.words.partition("\n")[0] if line.kind == "update" else ""
            moments.setdefault(line.at.replace(second=0, microsecond=0), []).append(
                ": ".join(filter(None, (line.what, first))).removesuffix(".")
            )
    return "\n".join(f"{_when(t, lines, zone)} {'. '.join(told)}." for t, told in moments.items())[:_BODY]


def _when(t: datetime, lines: list[Line], zone: Any) -> str:
    """With its day, where there are several."""
    days = {line.at.astimezone(zone).date() for line in lines}
    local = t.astimezone(zone)
    return f"{local:%H:%M}" if len(days) == 1 else f"{local.day} {local:%B %H:%M}"


def _name(incident: Incident) -> str:
    """Of the form, for what is typed into it."""
    return f"review-{incident.id}"


def _here(incident_id: int) -> str:
    return url_for("reviews.show", incident_id=incident_id)


def _said(is_news: bool, do: str | None, was_published: bool) -> str:
    if not is_news:
        return "Nothing was changed."
    if was_published:
        return "The review was changed. Readers see it as it is now."
    return "The review is published." if do == "publish" else "The draft is saved. Nobody outside sees it."


def _conflict(found: Conflict, incident_id: int, form: ReviewForm) -> ResponseReturnValue:
    latest = of_incident(incident_id)
    assert latest is not None
    mine = form.values()
    texts = [(label, getattr(latest, part), mine[part]) for part, label in LABELS.items()]
    texts.append(("For the public", _parts(latest.public_parts), _parts(mine["public_parts"])))
    title = db.session.get_one(Incident, incident_id).title
    heading = f"The review of “{title}” was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, _here(incident_id))


def _parts(names: frozenset[str]) -> str:
    return listed(LABELS[part] for part in PARTS if part in names)
