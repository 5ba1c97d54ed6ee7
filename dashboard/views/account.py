"""Signing in and out, and your own account: your password, and where you are signed in."""

from __future__ import annotations

import re
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from dashboard import passwords
from dashboard.actions import people, sign_ins
from dashboard.actions.writing import Refused
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Person, SignIn
from dashboard.rules import text
from dashboard.views import fields, held, throttle
from dashboard.views.access import Visitor, actor, me, public, signed_in
from dashboard.views.browsers import browser_words
from dashboard.views.held import SignInForm
from dashboard.views.words import clock

blueprint = Blueprint("account", __name__, url_prefix="/admin")


class PasswordForm(FlaskForm):
    old = PasswordField(
        "Your password now",
        [InputRequired("Give the password that you have now."), Length(max=passwords.LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    password = fields.new_password("New password")


@blueprint.get("", strict_slashes=False)
@public
def door() -> ResponseReturnValue:
    """What somebody types who remembers no more of the address."""
    return redirect(url_for("sections.index"))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@held.asks_anew
def sign_in() -> ResponseReturnValue:
    form = SignInForm(next=request.args.get("next", ""))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(safe_next(form.next.data), 303)
    if not held.is_valid(form):
        return _ask(form, 422 if form.is_submitted() else 200)
    try:
        person = who(text.clean_line(form.email.data).lower(), form.password.data)
    except throttle.TooManyTries as tries:
        return _too_many(form, tries)
    if person is None:
        form.password.errors = ["The e-mail address and the password do not belong together."]
        return _ask(form, 422)
    begin(person.id)
    late = held.unpacked(form.held.data)
    return held.offer(*late) if late else redirect(safe_next(form.next.data), 303)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    sign_ins.end(me().id, sign_ins.token_hash(current_user.token))
    session.clear()
    flash("You are signed out.", "said")
    return redirect(url_for(".sign_in"), 303)


@blueprint.get("/me")
@signed_in
def index() -> ResponseReturnValue:
    return _show(PasswordForm())


@blueprint.post("/me/password")
@signed_in
@held.asks_anew
def password() -> ResponseReturnValue:
    """A new one; every other browser is signed out."""
    form = PasswordForm()
    if not held.is_valid(form):
        return _show(form, 422)
    old_hash = me().password_hash
    try:
        if who(me().email, form.old.data) is None:
            raise Refused("old", "This is not the password that you have now.")
        keep = sign_ins.token_hash(current_user.token)
        people.change_password(me().id, old_hash, passwords.hashed(form.password.data), keep, actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form, 422)
    except throttle.TooManyTries as tries:
        form.form_errors.append(_wait(tries.until))
        return _show(form, 429)
    flash("Your password is changed. Every other browser is signed out.", "said")
    return redirect(url_for(".index"), 303)


@blueprint.post("/me/sign-ins/end")
@signed_in
def end() -> ResponseReturnValue:
    """One of your sign-ins elsewhere, or with no word which, all of them."""
    mine = sign_ins.token_hash(current_user.token)
    which = request.form.get("which", "")
    if which and which != mine:
        sign_ins.end(me().id, which)
    if not which:
        sign_ins.end_all(me().id, but=mine)
    flash("That browser is signed out." if which else "Every other browser is signed out.", "said")
    return redirect(url_for(".index"), 303)


def who(email: str, given: str) -> Person | None:
    """The person to whom both belong; takes as long when there is none. Raises TooManyTries."""
    throttle.count(email)
    found = db.session.scalar(sa.select(Person).where(Person.email == email, Person.disabled_at.is_(None)))
    if not passwords.matches(found.password_hash if found else None, given) or found is None:
        return None
    throttle.forget(email)
    if passwords.is_outdated(found.password_hash):
        sign_ins.rehash(found.id, found.password_hash, passwords.hashed(given))
    return found


def begin(person_id: int) -> None:
    """A new token in an empty session: nothing that was in the browser before counts as signed in."""
    token = sign_ins.start(person_id, now(), request.remote_addr or "", request.user_agent.string)
    session.clear()
    g.pop("csrf_token", None)
    session.permanent = True
    login_user(Visitor(db.session.get_one(Person, person_id), token))


def safe_next(there: str | None) -> str:
    """Only a path of ours; else the first page."""
    if there and re.match(r"/(?![/\\])", there) and there.isprintable():
        return there
    return url_for("sections.index")


def _ask(form: SignInForm, status: int) -> Response:
    return make_response(render_template("account/sign_in.html", form=form), status)


def _too_many(form: SignInForm, tries: throttle.TooManyTries) -> Response:
    form.form_errors.append(_wait(tries.until))
    answer = _ask(form, 429)
    answer.headers["Retry-After"] = str(max(1, round((tries.until - now()).total_seconds())))
    return answer


def _wait(until: datetime) -> str:
    return f"Too many wrong passwords. Try again at {clock(until)}, or ask an admin for a link to make a new one."


def _show(form: PasswordForm, status: int = 200) -> ResponseReturnValue:
    mine = sign_ins.token_hash(current_user.token)
    rows = db.session.scalars(sa.select(SignIn).where(SignIn.person_id == me().id).order_by(SignIn.seen_at.desc()))
    live = [row for row in rows if sign_ins.is_live(row, now())]
    places = [(row, browser_words(row.browser), row.token_hash == mine) for row in live]
    return render_template("account/index.html", form=form, person=me(), places=places), status
