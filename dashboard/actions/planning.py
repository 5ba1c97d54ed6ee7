"""Planning work, changing the plan, and everything that is done to planned work until it is over.

What PagerDuty plans is PagerDuty's: here it gets words for the public, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from dashboard.actions import series, window_rows
from dashboard.actions.window_rows import Asked
from dashboard.actions.writing import (
    NONE,
    Actor,
    Difference,
    Refused,
    Values,
    Writing,
    clock_key,
    differences,
    same_version,
    writing,
)
from dashboard.db import db
from dashboard.models import Change, Window
from dashboard.models.window import OURS
from dashboard.rules.window import Stage, stage_at

AGAIN_WITHIN = timedelta(minutes=10)  # what was ended so lately may go on as if it had not been
_UNDER_WAY = (Stage.IN_PROGRESS, Stage.VERIFYING)
_NOT = {
    Stage.SCHEDULED: "It has not begun.",
    Stage.IN_PROGRESS: "It is under way.",
    Stage.VERIFYING: "It is under way.",
    Stage.COMPLETED: "It is over already.",
    Stage.CANCELLED: "It was cancelled.",
}


def plan(asked: Asked, by: Actor, at: datetime) -> Change:
    """Sent twice, the same form is answered with what it did. With a rule it is a series. Raises Refused."""
    with writing(by, at) as work:
        if made := _made_by_form(asked):
            return made
        window_rows.refuse(asked, at)
        if asked.rule:
            return series.begin(work, asked)
        times = {name: getattr(asked, name) for name in series.Occurrence.__slots__}
        window = window_rows.add(work, asked, {**times, "external_id": asked.once})
        after = {**window_rows.told(asked), "version": window.version}
        return work.record("window.plan", f"window-{window.id}", window.name, None, after)


def edit(window_id: int, version: int, asked: Asked, following: bool, by: Actor, at: datetime) -> Change | None:
    """Another plan for work that has not begun; with ``following`` for all of its series that come after it too."""
    with writing(by, at) as work:
        window = _ours(window_id, at, Stage.SCHEDULED)
        times = {name: getattr(asked, name) for name in series.Occurrence.__slots__}
        if not following and not window_rows.differing(window, asked, times)[1]:
            return None
        same_version(window, version, f"window-{window_id}")
        window_rows.refuse(asked, at)
        if following and window.series_id is not None:
            return series.edit(work, window, asked)
        beside = window_rows.beside(window, asked)
        window_rows.link(window, asked.components, asked.sections)
        return _change(work, window, window_rows.values_of(asked, times), "window.edit", beside=beside)


def say(window_id: int, version: int, message: str, by: Actor, at: datetime) -> Change | None:
    """Words for the public, instead of what PagerDuty says or of what was written here; "" takes PagerDuty's again."""
    with writing(by, at) as work:
        window = db.session.get_one(Window, window_id)
        values: Values = {"message" if window.is_ours else "words": message}
        if not differences(window, values)[1]:
            return None
        _refuse(window, at, Stage.SCHEDULED, *_UNDER_WAY)
        same_version(window, version, f"window-{window_id}")
        return _change(work, window, values, "window.say")


def tell(window_id: int, version: int, chosen: Mapping[str, bool], by: Actor, at: datetime) -> Change | None:
    """When followers are told of it from now on, PagerDuty's too: each of `window_rows.TELLING`."""
    with writing(by, at) as work:
        window = db.session.get_one(Window, window_id)
        values: Values = {name: chosen[name] for name in window_rows.TELLING}
        if not differences(window, values)[1]:
            return None
        _refuse(window, at, Stage.SCHEDULED, *_UNDER_WAY)
        same_version(window, version, f"window-{window_id}")
        return _change(work, window, values, "window.tell")


def start(window_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """It begins now, sooner than planned; its end stays."""
    with writing(by, at) as work:
        window = _ours(window_id, at, Stage.SCHEDULED, *_UNDER_WAY)
        if window.starts_at <= at:
            return None
        same_version(window, version, f"window-{window_id}")
        return _change(work, window, {"starts_at": at, "typed_start": ""}, "window.start", "window.begin")


def extend(
    window_id: int, version: int, ends_at: datetime, zone: str, typed_end: str, by: Actor, at: datetime
) -> Change | None:
    """Another end, later or sooner. Checks that were to begin before the old end move with it."""
    with writing(by, at) as work:
        window = _ours(window_id, at, Stage.SCHEDULED, *_UNDER_WAY)
        if ends_at == window.ends_at:
            return None
        same_version(window, version, f"window-{window_id}")
        if ends_at <= max(at, window.starts_at):
            raise Refused("until_at", "Choose an end that is still to come, and after its start.")
        values: Values = {"ends_at": ends_at, "typed_end": typed_end if zone == window.zone else ""}
        if window.verifying_at and window.verifying_at > at:
            values["verifying_at"] = max(window.starts_at, window.verifying_at + (ends_at - window.ends_at))
        return _change(work, window, values, "window.extend")


def verify(window_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """The work is done, and is being looked at: it still holds what it is on."""
    with writing(by, at) as work:
        window = _ours(window_id, at, *_UNDER_WAY)
        if window.verifying_at and window.verifying_at <= at:
            return None
        same_version(window, version, f"window-{window_id}")
        return _change(work, window, {"verifying_at": at}, "window.check", "window.verify")


def finish(window_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """It is over now, sooner than planned."""
    with writing(by, at) as work:
        window = _ours(window_id, at, *_UNDER_WAY, Stage.COMPLETED)
        if stage_of(window, at) is Stage.COMPLETED:
            return None
        same_version(window, version, f"window-{window_id}")
        return _change(work, window, {"gone_at": at}, "window.finish", "window.complete")


def cancel(window_id: int, version: int, following: bool, by: Actor, at: datetime) -> Change | None:
    """It will not be; with ``following`` nor will those of its series that come after it."""
    with writing(by, at) as work:
        window = _ours(window_id, at, Stage.SCHEDULED, Stage.CANCELLED)
        if stage_of(window, at) is Stage.CANCELLED:
            return None
        same_version(window, version, f"window-{window_id}")
        if following and window.series_id is not None:
            return series.cancel(work, window)
        return _change(work, window, {"gone_at": at}, "window.cancel")


def take_back(work: Writing, window: Window, change: Change, values: Values) -> Change | None:
    """Within an open transaction: ``values`` are what it was before the change. What is over for long stays over, and
    what has begun did begin."""
    at = work.at
    if change.kind == "window.plan":
        values = {"gone_at": at}
    if stage_of(window, at) in (Stage.COMPLETED, Stage.CANCELLED):
        _refuse_again(window, change, values, at)
    if values.get("starts_at", window.starts_at) <= at < window.starts_at:
        raise Refused("", "It was to have begun by now. Start it instead.")
    if window.starts_at <= at < values.get("starts_at", window.starts_at) and at - change.at > AGAIN_WITHIN:
        raise Refused("", "It has been under way, and that stays so. Finish it instead.")
    if values.get("ends_at", window.ends_at) <= at:
        raise Refused("", "By then it would be over already. Finish it instead.")
    before: Values = change.before or {}
    held: Values = window_rows.things(window)
    things = {name: before[name] for name in held if name in before}
    if things:
        window_rows.link(window, **{**held, **things})
    beside: Difference = {name: held[name] for name in things}, things
    return _change(work, window, values, "window.undo", beside=beside)


def _refuse_again(window: Window, change: Change, values: Values, at: datetime) -> None:
    goes_on = "gone_at" in values and values["gone_at"] is None and window.ends_at > at
    is_lately = window.gone_at is not None and (window.gone_at <= window.starts_at or at - change.at <= AGAIN_WITHIN)
    if not goes_on or not is_lately:
        raise Refused("", "It is over, and what is over stays as it was.")
    if window.gone_at is not None and window.gone_at <= window.starts_at <= at:
        raise Refused("", "It was to have begun by now. Plan it anew.")


def stage_of(window: Window, at: datetime) -> Stage:
    return stage_at(window.starts_at, window.ends_at, window.verifying_at, window.gone_at, at)


def _ours(window_id: int, at: datetime, *stages: Stage) -> Window:
    """The window, if it was planned here and stands where this may be done."""
    window = db.session.get_one(Window, window_id)
    if not window.is_ours:
        raise Refused("", f"{window.name} is planned in PagerDuty. Change it there.")
    _refuse(window, at, *stages)
    return window


def _refuse(window: Window, at: datetime, *stages: Stage) -> None:
    stage = stage_of(window, at)
    if stage not in stages:
        raise Refused("", _NOT[stage])


def _made_by_form(asked: Asked) -> Change | None:
    """What this form did when it was sent before. Raises Refused where it asks for something else by now."""
    once = asked.once
    made = Window.source == OURS, sa.or_(Window.external_id == once, Window.external_id.startswith(f"{once}:"))
    window = db.session.scalars(sa.select(Window).where(*made).order_by(Window.id).limit(1)).first()
    if window is None:
        return None
    subject = f"series-{window.series_id}" if window.series_id else f"window-{window.id}"
    kinds = Change.kind.in_(("window.plan", "series.plan"))
    change = db.session.scalars(sa.select(Change).where(Change.subject == subject, kinds)).one()
    after: Values = change.after or {}
    if any(after[name] != value for name, value in window_rows.told(asked).items()):
        raise Refused(
            "once", f"This form was sent before, and planned “{change.subject_name}”. Send it again for more."
        )
    return change


def _change(
    work: Writing, window: Window, values: Values, kind: str, clock: str = "", beside: Difference = NONE
) -> Change | None:
    """``clock`` is what the clock would call it, if it had done it."""
    subject = f"window-{window.id}"
    once = clock_key(clock, subject, work.at) if clock else None
    if once and db.session.scalar(sa.select(Change.id).where(Change.once == once)):
        once = None  # taken back and done again within the same second
    if differences(window, values)[1] or beside[1]:
        window.revised_at = work.at
    return work.change(window, values, kind, subject, values.get("title", window.name), beside=beside, once=once)
