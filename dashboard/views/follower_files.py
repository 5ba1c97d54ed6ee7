"""Followers as a file for a spreadsheet: taken out a batch at a time, and taken in from elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField

from dashboard import channels, publish, queue
from dashboard.actions import follower_import as actions
from dashboard.actions.follower_import import MOST_ASKED, Taken
from dashboard.actions.following import Site
from dashboard.clock import now
from dashboard.config import settings
from dashboard.db import db
from dashboard.links import Links
from dashboard.models import Component, Follow, Follower, Section
from dashboard.rules import sheet
from dashboard.views.access import actor, may
from dashboard.views.follower_list import Filters, page
from dashboard.views.follower_sheet import COLUMNS, Known, NotASheet, Sheet, read
from dashboard.views.htmx import leave
from dashboard.views.words import iso

blueprint = Blueprint("follower_files", __name__, url_prefix="/admin/followers")

_BATCH = 1_000
_SHOWN = 100  # lines that are wrong


class TakeForm(FlaskForm):
    file = FileField("File", [FileRequired("Choose a file.")])
    agreed = BooleanField("All of them have agreed already to be told by us")


@blueprint.get("/followers.csv")
@may("followers.write")
def as_csv() -> ResponseReturnValue:
    """Of the public those who confirmed, as the filters leave them; the newest first."""
    headers = {"Content-Disposition": 'attachment; filename="followers.csv"'}
    lines = stream_with_context(_lines(Filters.of_request()))
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.route("/import", methods=["GET", "POST"])
@may("followers.write")
def take() -> ResponseReturnValue:
    form = TakeForm()
    if not form.validate_on_submit():
        return _ask(form)
    known = Known.of({**channels.CHANNELS, **channels.offered(settings())}, publish.read_facts(now()))
    try:
        found = read(form.file.data.read(), known, now())
    except NotASheet as wrong:
        form.file.errors = [str(wrong)]
        return _ask(form)
    if not form.agreed.data and not _can_ask(form, found):
        return _ask(form)
    taken = _taken(found, form.agreed.data)
    if found.wrong or taken.known:
        return render_template("followers/taken.html", taken=taken, wrong=found.wrong[:_SHOWN], more=_more(found))
    return leave(url_for("followers.index"), _said(taken, form.agreed.data))


def _can_ask(form: TakeForm, found: Sheet) -> bool:
    """Only mail can be asked, a few at a time, and where there is a mail server."""
    only_mail = [one for one in found.lines if one.channel == "email"]
    if "email" not in channels.offered(settings()):
        form.agreed.errors = ["No mail server is set (SMTP_URL), so nobody can be asked."]
    elif len(only_mail) > MOST_ASKED:
        form.agreed.errors = [f"At most {MOST_ASKED} can be asked at a time: split the file."]
    if form.agreed.errors:
        return False
    found.wrong += [(one.line, "Only mail can be asked to confirm.") for one in found.lines if one.channel != "email"]
    found.wrong.sort()
    found.lines = only_mail
    return True


def _taken(found: Sheet, agreed: bool) -> Taken:
    if agreed:
        return actions.take(found.lines, actor(), now())
    links = Links(settings().public_url, current_app.config["SECRET_KEY"])
    taken = actions.ask(found.lines, Site(settings().site_name, links), actor(), now())
    queue.enqueue(queue.DELIVER)
    return taken


def _said(taken: Taken, agreed: bool) -> str:
    who = "1 follower was" if taken.number == 1 else f"{taken.number:,} followers were"
    return f"{who} taken in{'.' if agreed else ', and asked to confirm.'}"


def _more(found: Sheet) -> int:
    return max(0, len(found.wrong) - _SHOWN)


def _ask(form: TakeForm) -> ResponseReturnValue:
    return render_template("followers/import.html", form=form, columns=COLUMNS), 422 if form.is_submitted() else 200


def _lines(filters: Filters) -> Iterator[str]:
    yield sheet.MARK + sheet.line(COLUMNS)
    before: int | None = None
    while found := page(filters, before, _BATCH):
        before = found[-1].id
        chosen = _chosen(found)
        yield "".join(sheet.line(_cells(one, chosen[one.id])) for one in found if one.confirmed_at)
        db.session.rollback()


def _cells(follower: Follower, chosen: Sequence[str]) -> tuple[str, ...]:
    what = "everything" if follower.everything else " ".join(chosen)
    yes = {True: "yes", False: "no"}
    agreed = iso(follower.confirmed_at) if follower.confirmed_at else ""
    told = yes[follower.problems], yes[follower.planned]
    return follower.channel, follower.address, what, *told, follower.zone, agreed


def _chosen(followers: Sequence[Follower]) -> dict[int, list[str]]:
    """What each of them follows, like "section:documents"."""
    found: dict[int, list[str]] = defaultdict(list)
    ids = [follower.id for follower in followers]
    for noun, model, column in (("section", Section, Follow.section_id), ("component", Component, Follow.component_id)):
        rows = (
            sa.select(Follow.follower_id, model.key).join(model, model.id == column).where(Follow.follower_id.in_(ids))
        )
        for follower_id, key in db.session.execute(rows.order_by(model.key)):
            found[follower_id].append(f"{noun}:{key}")
    return found
