"""Announcements: what is new and is no incident; written, published now or at a time, edited, archived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectChoice
from wtforms.validators import AnyOf, ValidationError

from dashboard.actions import announcements as actions
from dashboard.actions.announcements import was_published
from dashboard.actions.undo import offered
from dashboard.actions.writing import Actor, Conflict, Refused, Values, plain
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.models import Announcement, Change
from dashboard.rules import text
from dashboard.views import conflict, fields, times
from dashboard.views.access import actor, may
from dashboard.views.differences import Told
from dashboard.views.htmx import leave, refuse, respond
from dashboard.views.outages import blame
from dashboard.views.times import Unclear
from dashboard.views.words import at_end, when

blueprint = Blueprint("announcements", __name__, url_prefix="/admin/announcements")

PAGE = 50
_TIME = 40  # characters
_NOW, _AT, _DRAFT = "now", "at", "draft"


class AnnouncementForm(FlaskForm):
    title = fields.line("Title", required="Give it a title.")
    body = fields.body("What is new", rows=6, required="Say what is new.")
    link_url = fields.link("Where to read more")
    link_label = fields.line("The link’s words")
    publish = RadioField(
        "Publish it",
        choices=[
            SelectChoice(_NOW, "Now"),
            SelectChoice(_AT, "At a time"),
            SelectChoice(_DRAFT, "Not yet: keep it as a draft"),
        ],
        default=_NOW,
        validators=[AnyOf([_NOW, _AT, _DRAFT], "Choose when.")],
    )
    publish_at = fields.line("Day and time", _TIME)
    publish_exact = fields.line("Which of the two", _TIME)
    zone = fields.line("Time zone", most=60)

    def validate_link_label(self, field: Field) -> None:
        if field.data and not self.link_url.data:
            raise ValidationError("Give the address too, or leave this empty.")

    def words(self) -> Values:
        return {name: self[name].data or "" for name in ("title", "body", "link_label", "link_url")}

    def published_at(self, at: datetime) -> datetime | None:
        """Raises Unclear where the time does not mean one moment."""
        if self.publish.data != _AT:
            return at if self.publish.data == _NOW else None
        zone = times.zone_of(self.zone.data or settings().time_zone.key)
        return times.moment("publish_at", self.publish_at.data or "", self.publish_exact.data or "", zone)


class NewAnnouncementForm(AnnouncementForm, fields.OnceForm):
    """One that is made."""


class EditAnnouncementForm(AnnouncementForm, fields.VersionForm):
    """Of one that was published the words alone: what it says of the time is not read."""


@blueprint.get("")
@may("announcements.read")
def index() -> ResponseReturnValue:
    return render_template("announcements/index.html", **_board())


@blueprint.route("/new", methods=["GET", "POST"])
@may("announcements.write")
def new() -> ResponseReturnValue:
    form, at = NewAnnouncementForm(), now()
    asked: dict[str, times.Asked] = {}
    if request.method == "GET":
        form.publish_at.data, form.zone.data = times.next_hour(at), settings().time_zone.key
        return _show(form, None, asked)
    if form.validate():
        try:
            published_at = form.published_at(at)
            change = actions.create(form.once.data, {**form.words(), "published_at": published_at}, actor(), at)
        except Unclear as wrong:
            blame(form, wrong, asked)
        except Refused as wrong:
            fields.blame(form, wrong)
        else:
            return leave(url_for(".index"), f"{form.title.data}{_becomes(published_at, at)}", offered(change))
    return _show(form, None, asked)


@blueprint.route("/<int:announcement_id>/edit", methods=["GET", "POST"])
@may("announcements.write")
def edit(announcement_id: int) -> ResponseReturnValue:
    announcement, at = _open_or_404(announcement_id), now()
    is_out = was_published(announcement, at)
    asked: dict[str, times.Asked] = {}
    if request.method == "GET":
        return _show(_filled(announcement, at), announcement, asked)
    form = EditAnnouncementForm()
    version = form.read_version()
    if is_out:
        form.publish.data = _NOW
    if form.validate():
        try:
            published_at = None if is_out else form.published_at(at)
            change = actions.edit(announcement_id, version, {**form.words(), "published_at": published_at}, actor(), at)
        except (Unclear, Refused) as wrong:
            blame(form, wrong, asked)
        except Conflict as found:
            return _edited_by_two(found, _open_or_404(announcement_id), form)
        else:
            becomes = " was changed. Readers see that it was edited." if is_out else _becomes(published_at, at)
            said = f"{form.title.data}{becomes}" if change else "Nothing was changed."
            return leave(url_for(".index"), said, offered(change))
    return _show(form, announcement, asked)


@blueprint.post("/<int:announcement_id>/publish")
@may("announcements.write")
def publish(announcement_id: int) -> ResponseReturnValue:
    return _act(announcement_id, actions.publish, "is published.")


@blueprint.post("/<int:announcement_id>/archive")
@may("announcements.write")
def archive(announcement_id: int) -> ResponseReturnValue:
    return _act(announcement_id, actions.archive, "is archived: readers no longer see it.")


@blueprint.post("/<int:announcement_id>/restore")
@may("announcements.write")
def restore(announcement_id: int) -> ResponseReturnValue:
    return _act(announcement_id, actions.restore, "is as it was before it was archived.")


def _act(
    announcement_id: int, act: Callable[[int, int, Actor, datetime], Change | None], words: str
) -> ResponseReturnValue:
    announcement = _or_404(announcement_id)
    version = fields.version_of_request()
    try:
        change = act(announcement_id, version, actor(), now())
    except Refused as refused:
        return refuse("announcements/_board.html", "announcements/index.html", wrong=refused.sentence, **_board())
    except Conflict as found:
        return _conflict(found, _or_404(announcement_id), [])
    said = f"{announcement.title} {words}"
    return respond("announcements/_board.html", url_for(".index"), said, offered(change), **_board())


def _becomes(published_at: datetime | None, at: datetime) -> str:
    if published_at is None:
        return " is kept as a draft."
    return f" will be published {when(published_at)}." if published_at > at else " is published."


def _board() -> dict[str, Any]:
    """What the list's templates need: drafts first, then what is to come, then what readers see, the newest first."""
    at, page = now(), max(1, text.whole_number(request.args.get("page", ""), 10_000) or 1)
    here = sa.select(Announcement).where(Announcement.archived_at.is_(None))
    published = here.where(Announcement.published_at <= at).order_by(
        Announcement.published_at.desc(), Announcement.id.desc()
    )
    found = list(db.session.scalars(published.limit(PAGE + 1).offset((page - 1) * PAGE)))
    drafts = here.where(Announcement.published_at.is_(None)).order_by(Announcement.id.desc())
    scheduled = here.where(Announcement.published_at > at).order_by(Announcement.published_at)
    archived = sa.select(Announcement).where(Announcement.archived_at.is_not(None))
    return {
        "drafts": list(db.session.scalars(drafts)) if page == 1 else [],
        "scheduled": list(db.session.scalars(scheduled)) if page == 1 else [],
        "published": found[:PAGE],
        "archived": list(db.session.scalars(archived.order_by(Announcement.archived_at.desc()).limit(PAGE))),
        "number": page,
        "is_more": len(found) > PAGE,
    }


def _filled(announcement: Announcement, at: datetime) -> EditAnnouncementForm:
    form = EditAnnouncementForm(obj=announcement)
    form.publish.data = _AT if announcement.published_at else _DRAFT
    form.publish_at.data = times.typed(announcement.published_at) if announcement.published_at else times.next_hour(at)
    form.zone.data = settings().time_zone.key
    return form


def _show(
    form: AnnouncementForm, announcement: Announcement | None, asked: dict[str, times.Asked]
) -> ResponseReturnValue:
    return refuse(
        "announcements/_form.html",
        "announcements/edit.html",
        422 if request.method == "POST" else 200,
        form=form,
        announcement=announcement,
        asked=asked,
        is_out=announcement is not None and was_published(announcement, now()),
    )


def _or_404(announcement_id: int) -> Announcement:
    return db.session.get(Announcement, announcement_id) or abort(404)


def _open_or_404(announcement_id: int) -> Announcement:
    announcement = _or_404(announcement_id)
    return announcement if announcement.archived_at is None else abort(404)


def _edited_by_two(found: Conflict, latest: Announcement, form: AnnouncementForm) -> ResponseReturnValue:
    mine = form.words()
    theirs = {name: plain(getattr(latest, name)) for name in mine}
    return _conflict(
        found, latest, [(one.label, one.before or "", one.after) for one in Told(when, at_end).between(theirs, mine)]
    )


def _conflict(found: Conflict, latest: Announcement, texts: conflict.Pairs) -> ResponseReturnValue:
    heading = f"{latest.title} was changed while you were at it"
    return conflict.answer(found, heading, latest.version, texts, url_for(".index"))
