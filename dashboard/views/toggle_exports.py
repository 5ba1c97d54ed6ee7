"""The register of toggles to take away: as JSON for programs, and for a spreadsheet."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from dashboard import registry
from dashboard.db import db
from dashboard.views.access import may

blueprint = Blueprint("toggle_exports", __name__, url_prefix="/admin/toggles")


@blueprint.get("/export.json")
@may("toggles.read")
def as_json() -> ResponseReturnValue:
    return _file(registry.as_json(db.session()), "application/json", "toggles.json")


@blueprint.get("/export.csv")
@may("toggles.read")
def as_csv() -> ResponseReturnValue:
    return _file(registry.as_csv(db.session()), "text/csv", "toggles.csv")


def _file(text: str, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type=f"{kind}; charset=utf-8", headers=headers)
