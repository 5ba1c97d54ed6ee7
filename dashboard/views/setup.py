"""Set-up: the first admin's account, made once from the link that the start prints."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from dashboard import passwords
from dashboard.actions import people
from dashboard.actions.writing import Actor
from dashboard.clock import now
from dashboard.views import fields, held
from dashboard.views.access import public
from dashboard.views.account import begin
from dashboard.views.htmx import leave

blueprint = Blueprint("setup", __name__)

_CLOSED = "The first account has been made, and this link works once. Ask an admin to invite you."


class SetupForm(FlaskForm):
    name = fields.line("Your name", required="Give your name.")
    email = fields.email()
    password = fields.new_password()


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
@public
@held.asks_anew
def index(token: str) -> ResponseReturnValue:
    if people.was_setup(token):
        return render_template("people/over.html", heading="Set-up is closed", advice=_CLOSED), 410
    if not people.is_setup(token):
        abort(404)
    form = SetupForm()
    if not held.is_valid(form):
        return render_template("setup/index.html", form=form), 422 if form.is_submitted() else 200
    by = Actor(form.name.data, None, request.remote_addr or "")
    password_hash = passwords.hashed(form.password.data)
    person_id = people.set_up(token, form.name.data, form.email.data, password_hash, by, now())
    if person_id is None:
        return redirect(request.path, 303)
    begin(person_id)
    return leave(url_for("sections.index"), f"Welcome, {form.name.data}. Set-up is closed now.")
