"""Signing in and out, and your own account."""

from __future__ import annotations

import re

import sqlalchemy as sa
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from dashboard import passwords
from dashboard.actions import sign_ins
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Person
from dashboard.rules import text
from dashboard.views.access import Visitor, me, public, signed_in

blueprint = Blueprint("account", __name__, url_prefix="/admin")


class SignInForm(FlaskForm):
    email = StringField("E-mail address", [InputRequired("Give your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Give your password.")])
    next = HiddenField()


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return render_template("account/sign_in.html", form=form), 422 if form.is_submitted() else 200
    person = who(form.email.data, form.password.data)
    if person is None:
        form.password.errors = ["The e-mail address and the password do not belong together."]
        return render_template("account/sign_in.html", form=form), 422
    begin(person)
    return redirect(safe_next(form.next.data), 303)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    sign_ins.end(me().id, sign_ins.token_hash(current_user.token))
    session.clear()
    return redirect(url_for("account.sign_in"), 303)


@blueprint.get("/me")
@signed_in
def index() -> ResponseReturnValue:
    return render_template("account/index.html")


def who(email: str, password: str) -> Person | None:
    """The person to whom both belong; takes as long when there is none."""
    found = db.session.scalar(
        sa.select(Person).where(Person.email == text.clean_line(email).lower(), Person.disabled_at.is_(None))
    )
    is_right = passwords.matches(found.password_hash if found else None, password)
    return found if is_right else None


def begin(person: Person) -> None:
    """A new token in an empty session: nothing that was in the browser before counts as signed in."""
    session.clear()
    session.permanent = True
    login_user(Visitor(person, sign_ins.start(person.id, now())))


def safe_next(there: str | None) -> str:
    """Only a path of ours; else the first page."""
    if there and re.match(r"/(?![/\\])", there) and there.isprintable():
        return there
    return url_for("sections.index") if "sections" in current_app.blueprints else url_for("account.index")
