"""Tokens by which programs read private toggles: made and shown once, listed, revoked."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from dashboard.actions import tokens as actions
from dashboard.actions.writing import Refused
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Token
from dashboard.views import fields
from dashboard.views.access import actor, may
from dashboard.views.htmx import leave

blueprint = Blueprint("tokens", __name__, url_prefix="/admin/tokens")


class NewForm(FlaskForm):
    name = fields.line("Who reads with it", required="Say who reads with it.")


class RevokeForm(FlaskForm):
    name = fields.line("Its name", required="Type its name.")


@blueprint.get("")
@may("tokens.write")
def index() -> ResponseReturnValue:
    found = list(db.session.scalars(sa.select(Token).order_by(Token.created_at.desc(), Token.id.desc())))
    live = [token for token in found if token.revoked_at is None]
    return render_template("tokens/index.html", live=live, revoked=[token for token in found if token not in live])


@blueprint.route("/new", methods=["GET", "POST"])
@may("tokens.write")
def new() -> ResponseReturnValue:
    form = NewForm()
    if not form.validate_on_submit():
        return _ask(form)
    try:
        token = actions.add(form.name.data, actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _ask(form)
    return render_template("tokens/made.html", token=token, name=form.name.data)


@blueprint.route("/<int:token_id>/revoke", methods=["GET", "POST"])
@may("tokens.write")
def revoke(token_id: int) -> ResponseReturnValue:
    """It cannot be undone, so that its name is to be typed."""
    token = db.session.get(Token, token_id) or abort(404)
    name, form = token.name, RevokeForm()
    if token.revoked_at is not None:
        return leave(url_for(".index"), f"{name} was revoked already.")
    if not form.validate_on_submit() or not _is_named(form, name):
        page = render_template("tokens/revoke.html", form=form, token=token)
        return page, 422 if form.is_submitted() else 200
    actions.revoke(token_id, actor(), now())
    return leave(url_for(".index"), f"{name} is revoked. It opens nothing any more.")


def _ask(form: NewForm) -> ResponseReturnValue:
    return render_template("tokens/new.html", form=form), 422 if form.is_submitted() else 200


def _is_named(form: RevokeForm, name: str) -> bool:
    if form.name.data.casefold() == name.casefold():
        return True
    form.name.errors = [f"Type {name}, as it stands above."]
    return False
