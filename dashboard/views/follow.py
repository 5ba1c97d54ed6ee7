"""Following, for everybody: ask, confirm by the link that comes, and stop. No account, no cookie, and the same words
whether an address is known or not."""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from wtforms import Field

from dashboard import channels, links, queue
from dashboard.actions import following
from dashboard.actions.follower_rows import wants_of
from dashboard.actions.following import Asked, Endpoint, Left, Site
from dashboard.channels.channel import Channel, Unfit
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.links import Links
from dashboard.models import Follow, Follower
from dashboard.views import errors, throttle
from dashboard.views.access import public
from dashboard.views.follow_forms import ABOUT, ADDRESS, CHOSEN, EVERYTHING, FollowForm, Things, in_words, things_of
from dashboard.views.follow_pages import again, page, published, quiet, said, secret
from dashboard.views.held import without_token

blueprint = Blueprint("follow", __name__, url_prefix="/follow")
blueprint.after_request(quiet)

WAYS = ("email", "slack", "teams", "webhook")  # the rest is for staff
HOOK = "webhook"
AWAY = (
    "We could not keep this: our database does not answer. Nothing that you typed is lost. Send it again in a moment."
)
TOO_MANY = "This was asked too often. Wait a few hours, then send it again."
OVER = "It was used already, or the updates that it was for were stopped."
NO_LINK = "Check that you copied all of it. A newer message has a newer link."
NOT_YET = "These updates are not confirmed yet. Use the link in the first message; it works for 24 hours."


@blueprint.route("/", methods=["GET", "POST"])
@public
@without_token
def index() -> ResponseReturnValue:
    ways, things = offered(), things_of(published())
    form = FollowForm() if request.method == "POST" else _fresh(things)
    form.things = things
    channel = ways.get(form.by.data or "") or next(iter(ways.values()), None)
    if request.method != "POST" or channel is None:
        return _shown(form, channel)
    if form.website.data:
        return redirect(f"asked/?by={channel.name}", 303)  # of a program: it believes that it was heard
    asked = _asked(form, channel)
    return _ask(asked, channel, form) if asked else _shown(form, channel, 422)


def offered() -> dict[str, Channel]:
    """The ways for the public, by name, the simplest first."""
    found = channels.offered(settings())
    return {name: found[name] for name in WAYS if name in found}


def _fresh(things: Things) -> FollowForm:
    """As the page means it from which somebody comes."""
    kinds = ("section", "component", "incident")
    given = next((f"{kind}-{key}" for kind in kinds if (key := request.args.get(kind))), "")
    thing = things.about(given)
    form = FollowForm(formdata=None, by=request.args.get("by", ""), about=given, problems=True, planned=True)
    form.scope.data = ABOUT if thing and not thing.is_over else EVERYTHING
    return form


def _asked(form: FollowForm, channel: Channel) -> Asked | None:
    """None when something is to be mended, which the form then says."""
    is_right = form.validate()
    address = fit(form.address, channel)
    contact = fit_contact(form.contact) if channel.name != "email" else ""  # who asks may be another than who reads
    if not is_right or address is None or contact is None:
        return None
    lane, wants = channel.lane(address), form.wants()
    return Asked(channel.name, address, lane, form.in_words(), wants, form.incidents(), contact)


def fit(field: Field, channel: Channel) -> str | None:
    """The address as the channel keeps it; else what is wrong is said beside the field."""
    try:
        return channel.fit(field.data or "")
    except Unfit as unfit:
        field.errors = [*field.errors, str(unfit)]
        return None


def fit_contact(field: Field) -> str | None:
    """An address of mail, or none."""
    return fit(field, channels.CHANNELS["email"]) if field.data else ""


def _ask(asked: Asked, channel: Channel, form: FollowForm) -> ResponseReturnValue:
    try:
        throttle.count_ask(asked.channel, asked.address, asked.contact)
        if asked.channel == HOOK:
            return _endpoint(following.ask_endpoint(asked, now()))
        following.ask(asked, site(), now())
    except throttle.TooManyTries:
        form.form_errors.append(TOO_MANY)
        return _shown(form, channel, 429)
    except OperationalError as error:
        errors.database_away(error)
        form.form_errors.append(AWAY)
        return _shown(form, channel, 503)
    queue.enqueue(queue.DELIVER)
    return redirect(f"asked/?by={channel.name}", 303)


def _shown(form: FollowForm, channel: Channel | None, status: int = 200) -> Response:
    thing = form.thing
    title = f"Get updates about {thing.name}" if thing and form.scope.data == ABOUT else "Get updates"
    form.address.label.text = ADDRESS[channel.name] if channel else ""
    return page(
        "follow.html",
        title,
        "../",
        status,
        form=form,
        thing=thing,
        things=form.things,
        is_gone=bool(form.about.data and (thing is None or thing.is_over)),
        channel=channel,
        ways=offered(),
        scopes=(EVERYTHING, CHOSEN, ABOUT),
    )


def _endpoint(made: Endpoint) -> Response:
    token = links.token(secret(), links.CHALLENGE, made.follower_id, made.salt)
    return page("follow_secret.html", "Prove that the endpoint is yours", "../", secret=made.secret, token=token)


@blueprint.get("/asked/")
@public
def asked() -> ResponseReturnValue:
    channel = offered().get(request.args.get("by", ""))
    by = channel.name if channel else "email"
    return page("follow_asked.html", "Look into the channel" if by != "email" else "Check your inbox", "../../", by=by)


@blueprint.route("/challenge/<link>", methods=["GET", "POST"])
@public
@without_token
def challenge(link: str) -> ResponseReturnValue:
    """Of an endpoint: whoever asked for it looks here whether it has answered."""
    follower = of(link, links.CHALLENGE)
    if isinstance(follower, Response):
        return follower
    if request.method == "POST" and follower.confirmed_at is None:
        lane = channels.CHANNELS[HOOK].lane(follower.address)
        try:
            throttle.count_challenge(follower.address)
        except throttle.TooManyTries:
            return said("Too many challenges", TOO_MANY, status=429, back=link)
        following.challenge(follower.id, lane, site(), now())
        queue.enqueue(queue.DELIVER)
    if request.method == "POST":
        return redirect(link, 303)
    manage = links.token(secret(), links.MANAGE, follower.id, follower.salt) if follower.confirmed_at else ""
    title = "The endpoint has answered" if manage else "Waiting for the endpoint"
    return page("follow_challenge.html", title, "../../", manage=manage)


@blueprint.route("/confirm/<link>", methods=["GET", "POST"])
@public
@without_token
def confirm(link: str) -> ResponseReturnValue:
    """Opened by whatever looks at links in mail, it does nothing; it is the button that counts."""
    follower = of(link, links.CONFIRM)
    if isinstance(follower, Response):
        return follower
    if follower.confirmed_at:
        return said(
            "You have confirmed already", "Updates are on. To change them, use the link in any message.", status=410
        )
    if request.method != "POST" and now() - follower.asked_at <= following.LINK_LASTS:
        return _to_confirm(follower)
    id = following.confirmed(follower.id, now()) if request.method == "POST" else None
    known = db.session.get(Follower, id) if id else None
    if known is None:
        return said("This link is too old", "It worked for 24 hours. Ask again: it takes a moment.", status=410)
    return redirect(f"../manage/{links.token(secret(), links.MANAGE, known.id, known.salt)}?done=confirmed", 303)


def _to_confirm(follower: Follower) -> Response:
    """The link went to the address alone, so whoever has it may read the address."""
    single = sa.select(Follow.incident_id).where(Follow.follower_id == follower.id, Follow.let_go.is_(sa.false()))
    incidents = frozenset(id for id in db.session.scalars(single) if id)
    about = in_words(things_of(published()), wants_of(follower), incidents)
    title = "Confirm that you want updates"
    return page("follow_confirm.html", title, "../../", channel=follower.channel, to=where(follower), about=about)


def where(follower: Follower) -> str:
    """Where it goes, without what is secret in it."""
    if follower.channel == "email":
        return follower.address
    return urlsplit(follower.address).hostname or follower.channel


@blueprint.route("/stop/<link>", methods=["GET", "POST"])
@public
@without_token
def stop(link: str) -> ResponseReturnValue:
    """Mail programs post here by themselves when somebody presses their button, and follow no redirect."""
    follower = of(link, links.MANAGE, is_left_fine=request.method == "POST")
    if isinstance(follower, Response):
        return follower
    if follower.is_staff:
        return said("This is a staff channel", "An admin can change it, under Followers.", status=403)
    if request.method != "POST":
        return page("follow_stop.html", "Stop all updates?", "../../", link=link)
    following.stop(follower.id, now())
    return said(
        "You will get no more updates", "We have erased your address. You can ask for updates again at any time."
    )


def of(link: str, purpose: str, is_left_fine: bool = False) -> Follower | Response:
    """Whose link it is; else the page that says why it is nobody's."""
    id = links.follower_id(link)
    follower = db.session.get(Follower, id) if id and id < 2**31 else None
    if follower is None or not links.is_of(link, secret(), purpose, follower.id, follower.salt):
        return said("This link does not work", NO_LINK, status=404)
    if follower.left_at is not None and not is_left_fine:
        return said("This link is over", OVER, status=410)
    return follower


def site() -> Site:
    return Site(settings().site_name, Links(settings().public_url, secret()))


@blueprint.errorhandler(Left)
def left(_: Left) -> ResponseReturnValue:
    """While the page was open."""
    return said("This link is over", OVER, status=410)


@blueprint.errorhandler(OperationalError)
def away(error: OperationalError) -> ResponseReturnValue:
    answer = errors.database_away(error)
    if request.method == "POST":
        kind = again()
    else:
        sentence = "Our database does not answer. Try again in a moment."
        kind = said("This cannot be done at the moment", sentence, status=503)
    kind.headers["Retry-After"] = answer.headers["Retry-After"]
    return kind
