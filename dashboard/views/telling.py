"""Followers, as those who write see them: how many would be told, the minute in which nobody is yet, and how far the
telling is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dashboard import audience
from dashboard import telling as release
from dashboard.actions import notifying
from dashboard.actions.undo import offered
from dashboard.actions.window_rows import Touches
from dashboard.clock import now
from dashboard.db import db
from dashboard.facts import Facts, Touch
from dashboard.messages import reach
from dashboard.models import Change, Notification
from dashboard.rules.state import Effect
from dashboard.rules.telling import Reach
from dashboard.views.access import actor, i_may, may, signed_in
from dashboard.views.htmx import is_partial, leave
from dashboard.views.progress import MAY_CANCEL, Progress, progress
from dashboard.views.words import this_moment

blueprint = Blueprint("telling", __name__, url_prefix="/admin/telling")
log = structlog.get_logger()

_WAYS = {"email": "by e-mail", "webhook": "by webhook", "slack": "in Slack", "teams": "in Microsoft Teams"}

# Where it shows.
_PLACES = {
    "outage": "sections.index",
    "overrule": "sections.index",
    "incident": "incidents.show",
    "window": "windows.show",
    "series": "windows.index",
    "component": "components.index",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """``by_channel`` is without those of which there is nobody."""

    by_channel: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_channel.values())

    @property
    def people(self) -> str:
        return people(self.total)

    @property
    def ways(self) -> str:
        """ "1,250 by e-mail, 30 by webhook, 4 in Slack", the most first; "all by e-mail"."""
        if len(self.by_channel) == 1:
            return f"{'all ' if self.total > 1 else ''}{_way(*self.by_channel)}"
        most_first = sorted(self.by_channel.items(), key=lambda one: (-one[1], one[0]))
        return ", ".join(f"{number:,} {_way(name)}" for name, number in most_first)


def _way(channel: str) -> str:
    return _WAYS.get(channel, f"by {channel}")


def people(number: int) -> str:
    return f"{number:,} {'person' if number == 1 else 'people'}"


def of_section(facts: Facts, section_id: int, is_planned: bool = False) -> Numbers:
    return numbers(reach.of_sections(facts, [section_id]), is_planned)


def of_work(facts: Facts, components: Iterable[int], touches: Touches, window_id: int | None) -> Numbers:
    on = (Touch(id, Effect(word)) for id, word in touches)
    spared = reach.spared(facts, window_id, this_moment())
    return numbers(reach.of_work(facts, components, on, spared), is_planned=True)


def numbers(whom: Reach, is_planned: bool = False) -> Numbers:
    return Numbers(audience.counts(whom, is_planned))


@dataclass(frozen=True, slots=True)
class Soon:
    """A change that is about to be told, and to how many. Not ``is_news``: it stands as it was told, so nobody is."""

    progress: Progress
    numbers: Numbers
    is_news: bool


def offers(change: Change | None) -> tuple[int | None, int | None]:
    """For the strip: what may be taken back, and what is about to be told."""
    return offered(change), change.revision if change else None


def install(app: Flask) -> None:
    app.jinja_env.globals.update(progress_of=progress, soon_told=soon_told)


def soon_told(revision: int) -> Soon | None:
    """None where it is not to be told, or nobody can stop it any more."""
    change = db.session.scalar(sa.select(Change).where(Change.revision == revision))
    found = progress([change]).get(revision) if change else None
    if change is None or found is None or not found.can_be_cancelled:
        return None
    beside = Notification.revision.in_(notifying.along_with(change))
    things = set(db.session.scalars(sa.select(Notification.thing).where(beside)))
    try:
        told = list(release.foreseen(things, found.at))
    except Exception:  # what was done is done, and is said whatever comes of the telling
        log.exception("telling.not_foreseen", thing=found.notification.thing)
        return None
    whom = Reach(
        tuple({id for one in told for id in one.reach.sections}),
        tuple({id for one in told for id in one.reach.components}),
        next((one.reach.incident for one in told if one.reach.incident), None),
    )
    counted = numbers(whom, all(one.is_planned for one in told)) if told else Numbers({})
    return Soon(found, counted, is_news=bool(told))


@blueprint.get("/<int:revision>")
@may("activity.read")
def show(revision: int) -> ResponseReturnValue:
    """How far it is, for a page that looks again by itself."""
    change = _change_or_404(revision)
    return _answer(change) if is_partial() else redirect(_where(change), 303)


@blueprint.post("/<int:revision>/cancel")
@signed_in
def cancel(revision: int) -> ResponseReturnValue:
    """Nobody is told. One needs the permission that the change itself needed."""
    change = _change_or_404(revision)
    if not i_may(MAY_CANCEL[_noun(change)]):
        abort(403)
    done = notifying.cancel(revision, actor(), now())
    said = "Nobody is told." if done else "It was too late for that: they are being told."
    return _answer(change, said) if is_partial() else leave(_where(change), said)


def _answer(change: Change, said: str = "") -> ResponseReturnValue:
    name = "soon" if request.args.get("as") == "soon" else "telling"
    found = progress([change]).get(change.revision) or abort(404)
    return render_template("telling/_progress.html", one=found, name=name, said=said)


def _change_or_404(revision: int) -> Change:
    found = db.session.scalar(sa.select(Change).where(Change.revision == revision))
    return found if found is not None and _noun(found) in MAY_CANCEL else abort(404)


def _noun(change: Change) -> str:
    return change.subject.partition("-")[0]


def _where(change: Change) -> str:
    endpoint = _PLACES[_noun(change)]
    of: dict[str, Any] = {f"{_noun(change)}_id": int(change.subject.partition("-")[2])}
    return url_for(endpoint, **(of if endpoint.endswith(".show") else {}))
