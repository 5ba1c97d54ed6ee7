"""What a follower changes by the link that every message holds: what they are told of, a pause, another secret."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from dashboard import links
from dashboard.actions import following
from dashboard.actions.follower_rows import wants_of
from dashboard.actions.following import Left
from dashboard.actions.writing import Conflict
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Follow, Follower
from dashboard.rules.walltime import zones
from dashboard.views import follow, throttle
from dashboard.views.access import public
from dashboard.views.follow import HOOK, NOT_YET, TOO_MANY, fit_contact, where
from dashboard.views.follow_forms import CHOSEN, EVERYTHING, ManageForm, Things, things_of
from dashboard.views.follow_pages import page, published, quiet, said
from dashboard.views.held import without_token

blueprint = Blueprint("follow_manage", __name__, url_prefix="/follow/manage")
blueprint.after_request(quiet)
blueprint.register_error_handler(OperationalError, follow.away)
blueprint.register_error_handler(Left, follow.left)

DONE = {
    "confirmed": "Confirmed. You will get updates from now on.",
    "saved": "Your changes are saved.",
    "resumed": "You will get updates again from now on.",
}
MEANWHILE = (
    "This was changed meanwhile, perhaps in another tab. Check that it is still what you want, and save it again."
)


@blueprint.route("/<link>", methods=["GET", "POST"])
@public
@without_token
def index(link: str) -> ResponseReturnValue:
    follower = _follower(link)
    if isinstance(follower, Response):
        return follower
    things = things_of(published())
    if request.method != "POST":
        return _shown(link, follower, _filled(follower, things))
    form = ManageForm()
    form.things = _followed(follower, things)
    version, contact = form.read_version(), fit_contact(form.contact)
    if not form.validate() or contact is None:
        return _shown(link, follower, form, 422)
    try:
        if contact not in ("", follower.contact):
            throttle.count_contact(contact)
        following.edit(follower.id, version, form.wants(), form.let_go(), contact, now())
    except throttle.TooManyTries:
        form.form_errors.append(TOO_MANY)
        return _shown(link, follower, form, 429)
    except Conflict:
        form.form_errors.append(MEANWHILE)
        form.version.data = str(follower.version)
        return _shown(link, follower, form, 409)
    if request.form.get("do") != "pause":
        return redirect(f"{link}?done=saved", 303)
    following.pause(follower.id, now())
    return redirect(link, 303)


@blueprint.post("/<link>/resume")
@public
@without_token
def resume(link: str) -> ResponseReturnValue:
    follower = _follower(link)
    if isinstance(follower, Response):
        return follower
    following.resume(follower.id, now())
    return redirect(f"../{link}?done=resumed", 303)


@blueprint.post("/<link>/secret")
@public
@without_token
def secret(link: str) -> ResponseReturnValue:
    follower = _follower(link)
    if isinstance(follower, Response):
        return follower
    if follower.channel != HOOK:
        return said("There is no secret", "Only what is posted to a webhook is signed.", status=404)
    made = following.rotate(follower.id, now())
    return page("follow_rotated.html", "The new signing secret", "../../../", secret=made, link=link)


def _follower(link: str) -> Follower | Response:
    found = follow.of(link, links.MANAGE)
    if isinstance(found, Response):
        return found
    if found.is_staff:
        return said("This is a staff channel", "An admin can change it, under Followers.", status=403)
    return found if found.confirmed_at else said("Not confirmed yet", NOT_YET, status=404)


def _followed(follower: Follower, things: Things) -> Things:
    """Of incidents only those that they follow."""
    own = Follow.follower_id == follower.id, Follow.let_go.is_(sa.false())
    mine = frozenset(db.session.scalars(sa.select(Follow.incident_id).where(*own)))
    return Things(things.sections, things.components, tuple(one for one in things.incidents if one.id in mine))


def _filled(follower: Follower, things: Things) -> ManageForm:
    wants, things = wants_of(follower), _followed(follower, things)
    form = ManageForm(formdata=None, version=str(follower.version), contact=follower.contact, zone=follower.zone)
    form.things = things
    form.scope.data = EVERYTHING if wants.everything else CHOSEN
    form.section.data = [thing.key for thing in things.sections if thing.id in wants.sections]
    form.component.data = [thing.key for thing in things.components if thing.id in wants.components]
    form.incident.data = [thing.key for thing in things.incidents]
    form.problems.data, form.planned.data = wants.problems, wants.planned
    return form


def _shown(link: str, follower: Follower, form: ManageForm, status: int = 200) -> Response:
    return page(
        "follow_manage.html",
        "Your updates",
        "../../",
        status,
        form=form,
        things=form.things,
        thing=None,
        link=link,
        channel=follower.channel,
        to=where(follower),
        zones=zones(),
        is_paused=follower.paused_at is not None,
        done=DONE.get(request.args.get("done", ""), "") if status == 200 else "",
    )
