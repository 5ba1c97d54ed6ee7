"""The whole timeline of an incident to take away: as Markdown, and for a spreadsheet. For staff only."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from dashboard.actions.reviews import PARTS, of_incident
from dashboard.clock import now
from dashboard.config import settings
from dashboard.models import Incident, Review
from dashboard.rules import readable, report, wording
from dashboard.views import timeline
from dashboard.views.access import may
from dashboard.views.incident_forms import IMPACTS
from dashboard.views.incident_shown import fact_of, incident_or_404, is_out
from dashboard.views.reviews import LABELS

blueprint = Blueprint("reports", __name__, url_prefix="/admin/incidents")


@blueprint.get("/<int:incident_id>/report.md")
@may("incidents.read")
def as_markdown(incident_id: int) -> ResponseReturnValue:
    incident = _incident_or_404(incident_id)
    review, lines = of_incident(incident_id), timeline.of(incident, now())
    parts = _parts(review) if review else {}
    text = report.markdown(incident.title, _about(incident), lines, parts, settings().time_zone)
    return _file(text, "text/markdown", incident, "md")


@blueprint.get("/<int:incident_id>/report.csv")
@may("incidents.read")
def as_spreadsheet(incident_id: int) -> ResponseReturnValue:
    incident = _incident_or_404(incident_id)
    text = report.spreadsheet(timeline.of(incident, now()), settings().time_zone)
    return _file(text, "text/csv", incident, "csv")


def _about(incident: Incident) -> list[tuple[str, str]]:
    """What it was, in a few lines."""
    fact, zone = fact_of(incident), settings().time_zone
    over = fact.resolved_at
    told = [(label, getattr(incident, column)) for column, label in readable.FACTS.items()]
    return [
        ("Began", f"{fact.started_at.astimezone(zone):%Y-%m-%d %H:%M}"),
        ("Resolved", f"{over.astimezone(zone):%Y-%m-%d %H:%M}" if over else "not yet"),
        ("Lasted", wording.length_words(over - fact.started_at) if over else ""),
        ("Impact", IMPACTS[fact.impact][0]),
        *told,
        ("Link", incident.third_party_url),
    ]


def _parts(review: Review) -> dict[str, str]:
    """By heading; for whom each is stands in it."""
    public = review.public_parts if review.published_at else frozenset()
    return {f"{LABELS[part]} ({'public' if part in public else 'staff only'})": getattr(review, part) for part in PARTS}


def _incident_or_404(incident_id: int) -> Incident:
    incident = incident_or_404(incident_id)
    return incident if is_out(incident, now()) else abort(404)


def _file(text: str, kind: str, incident: Incident, ending: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="incident-{incident.id}.{ending}"'}
    return Response(text, content_type=f"{kind}; charset=utf-8", headers=headers)
