"""People and roles: who has an account, who is invited, and what each of them may do."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice

from dashboard import passwords
from dashboard.actions import people as actions
from dashboard.actions.writing import Actor, Conflict, Refused, Values
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Invite, Person
from dashboard.rules.roles import ROLE_NAMES, ROLE_SENTENCES, Role
from dashboard.views import conflict, fields, held
from dashboard.views.access import actor, may, me, public
from dashboard.views.account import begin
from dashboard.views.htmx import leave

blueprint = Blueprint("people", __name__)

_USED = ("This link has been used", "It works once. If it was you, sign in; if not, ask an admin for another.")
_EXPIRED = (
    "This link has expired",
    "It was not used in time, or a newer one took its place. Ask an admin for another.",
)


class RolesForm(FlaskForm):
    roles = SelectMultipleField(
        "Roles",
        choices=[SelectChoice(role, ROLE_NAMES[role], {"hint": ROLE_SENTENCES[role]}) for role in Role],
        invalid_choice_message="Choose from this list.",
    )

    @property
    def chosen(self) -> frozenset[str]:
        return frozenset(self.roles.data or ())


class InviteForm(RolesForm):
    email = fields.email()


class EditForm(InviteForm, fields.VersionForm):
    name = fields.line("Name", required="Give a name.")

    def values(self) -> Values:
        return {"name": self.name.data, "email": self.email.data, "roles": self.chosen}


class JoinForm(FlaskForm):
    name = fields.line("Your name", required="Give your name.")
    password = fields.new_password()


class RenewForm(FlaskForm):
    password = fields.new_password("New password")


@blueprint.get("/admin/people")
@may("people.write")
def index() -> ResponseReturnValue:
    return _board()


@blueprint.route("/admin/people/invite", methods=["GET", "POST"])
@may("people.write")
def invite() -> ResponseReturnValue:
    form = InviteForm()
    if not form.validate_on_submit():
        return render_template("people/invite.html", form=form), 422 if form.is_submitted() else 200
    try:
        token = actions.invite(form.email.data, form.chosen, actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return render_template("people/invite.html", form=form), 422
    return _link(token, form.email.data, "They choose their name and password, and are in.")


@blueprint.post("/admin/people/invites/<int:invite_id>/withdraw")
@may("people.write")
def withdraw(invite_id: int) -> ResponseReturnValue:
    found = db.session.get(Invite, invite_id) or abort(404)
    email = found.email
    change = actions.withdraw(invite_id, actor(), now())
    said = f"The link for {email} no longer works." if change else f"The link for {email} had stopped working already."
    return leave(url_for(".index"), said)


@blueprint.route("/admin/people/<int:person_id>", methods=["GET", "POST"])
@may("people.write")
def edit(person_id: int) -> ResponseReturnValue:
    person = _person_or_404(person_id)
    form = EditForm(obj=person) if request.method == "GET" else EditForm()
    if request.method == "GET":
        return _show(form, person, 200)
    version = form.read_version()
    if not form.validate():
        return _show(form, person, 422)
    is_me, name = person_id == me().id, form.name.data
    try:
        change = actions.edit(person_id, version, form.values(), actor(), now())
    except Refused as refused:
        fields.blame(form, refused)
        return _show(form, _person_or_404(person_id), 422)
    except Conflict as found:
        return _conflict(found, _person_or_404(person_id), form)
    if is_me and change and "roles" in (change.after or {}):
        return leave(url_for("account.sign_in"), "Your roles are changed. Sign in again.")
    return leave(url_for(".index"), f"{name} was changed." if change else "Nothing was changed.")


@blueprint.post("/admin/people/<int:person_id>/disable")
@may("people.write")
def disable(person_id: int) -> ResponseReturnValue:
    name, version = _person_or_404(person_id).name, fields.version_of_request()
    try:
        actions.disable(person_id, version, actor(), now())
    except Refused as refused:
        return _board(refused.sentence)
    except Conflict as found:
        return _conflict(found, _person_or_404(person_id))
    return leave(url_for(".index"), f"{name} can no longer sign in, and is signed out everywhere.")


@blueprint.post("/admin/people/<int:person_id>/enable")
@may("people.write")
def enable(person_id: int) -> ResponseReturnValue:
    name, version = _person_or_404(person_id).name, fields.version_of_request()
    try:
        actions.enable(person_id, version, actor(), now())
    except Conflict as found:
        return _conflict(found, _person_or_404(person_id))
    return leave(url_for(".index"), f"{name} can sign in again.")


@blueprint.post("/admin/people/<int:person_id>/renew")
@may("people.write")
def renew(person_id: int) -> ResponseReturnValue:
    """A link for somebody who forgot their password."""
    name = _person_or_404(person_id).name
    try:
        token = actions.renew(person_id, actor(), now())
    except Refused as refused:
        return _board(refused.sentence)
    return _link(token, name, "They choose a new password. Until then the old one works.")


@blueprint.route("/join/<token>", methods=["GET", "POST"])
@public
@held.asks_anew
def join(token: str) -> ResponseReturnValue:
    """Where an invitation leads: a name and a password, or only a new password."""
    found = actions.link_of(token) or abort(404)
    if not actions.is_open(found, now()):
        heading, advice = _USED if found.used_at else _EXPIRED
        return render_template("people/over.html", heading=heading, advice=advice), 410
    form = JoinForm() if found.person_id is None else RenewForm()
    if not held.is_valid(form):
        return _ask(form, found)
    name = form.name.data if "name" in form else ""
    by = Actor(name, None, request.remote_addr or "")
    try:
        person_id = actions.join(token, name, passwords.hashed(form.password.data), by, now())
    except Refused as refused:
        form.form_errors.append(refused.sentence)
        return _ask(form, found)
    if person_id is None:
        return redirect(request.path, 303)
    begin(person_id)
    return leave(url_for("sections.index"), f"Welcome, {me().name}.")


def _board(wrong: str = "") -> ResponseReturnValue:
    at = now()
    found = list(db.session.scalars(sa.select(Person).order_by(sa.func.lower(Person.name), Person.id)))
    invites = db.session.scalars(sa.select(Invite).where(Invite.used_at.is_(None), Invite.expires_at > at))
    page = render_template(
        "people/index.html",
        active=[person for person in found if person.disabled_at is None],
        disabled=[person for person in found if person.disabled_at is not None],
        invites=sorted(invites, key=lambda one: one.created_at, reverse=True),
        names={person.id: person.name for person in found},
        wrong=wrong,
    )
    return page, 422 if wrong else 200


def _show(form: EditForm, person: Person, status: int) -> ResponseReturnValue:
    return render_template("people/edit.html", form=form, person=person), status


def _ask(form: FlaskForm, found: Invite) -> ResponseReturnValue:
    page = render_template("people/join.html", form=form, invite=found)
    return page, 422 if form.is_submitted() else 200


def _link(token: str, whom: str, then: str) -> ResponseReturnValue:
    """Shown this once: only the token's hash is kept."""
    link = f"{settings().public_url}{url_for('.join', token=token)}"
    return render_template("people/link.html", link=link, whom=whom, then=then)


def _person_or_404(person_id: int) -> Person:
    found = db.session.get(Person, person_id)
    return found if found is not None else abort(404)


def _conflict(found: Conflict, latest: Person, form: EditForm | None = None) -> ResponseReturnValue:
    texts = []
    if form is not None:
        texts = [
            ("Name", latest.name, form.name.data),
            ("E-mail address", latest.email, form.email.data),
            ("Roles", _names(latest.roles), _names(form.chosen)),
        ]
    heading = f"{latest.name} was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".index"))


def _names(roles: frozenset[str]) -> str:
    return ", ".join(ROLE_NAMES[role] for role in Role if role in roles)
