"""Writing, publishing and taking back what was learnt from an incident."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from dashboard.actions.writing import Actor, Refused, Values, Writing, differences, same_version, writing
from dashboard.db import db
from dashboard.models import Change, Incident, Review

PARTS = ("happened", "affected", "cause", "actions")


def save(
    incident_id: int, version: int, values: Values, by: Actor, at: datetime, publishes: bool = False
) -> Change | None:
    """``values`` are its parts and which of them are public; ``version`` is 0 where there was none yet. None when it
    is so already, whoever made it so. Raises Refused, and Conflict when somebody else was quicker."""
    with writing(by, at) as work:
        review = of_incident(incident_id)
        change = None
        if review is None:
            review, change = _begin(work, incident_id, values)
            version = review.version
        is_news = publishes and review.published_at is None
        if is_news:
            values = {**values, "published_at": at}
        if not differences(review, values)[1]:
            return change
        same_version(review, version, _subject(review))
        return alter(work, review, values, "review.publish" if is_news else "review.edit")


def unpublish(incident_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """A draft again; None when it is one already. Raises Conflict."""
    with writing(by, at) as work:
        review = of_incident(incident_id)
        if review is None or review.published_at is None:
            return None
        same_version(review, version, _subject(review))
        return alter(work, review, {"published_at": None, "edited_at": None}, "review.unpublish")


def alter(work: Writing, review: Review, values: Values, kind: str) -> Change | None:
    """Within an open transaction. What the public has read and reads otherwise now was edited. Raises Refused where
    nothing would be left to read."""
    incident = db.session.get_one(Incident, review.incident_id)
    if "public_parts" in values:
        values = {**values, "public_parts": frozenset(values["public_parts"])}
    was, will_be = _public(review, {}), _public(review, values)
    if will_be is not None:
        _refuse_publishing(incident, review, will_be, work.at)
    if was and will_be and was != will_be and "edited_at" not in values:
        values = {**values, "edited_at": work.at}
    change = work.change(review, values, kind, _subject(review), incident.title)
    if was != will_be:
        _stir(incident, work.at)
    return change


def of_incident(incident_id: int) -> Review | None:
    return db.session.scalar(sa.select(Review).where(Review.incident_id == incident_id))


def _begin(work: Writing, incident_id: int, values: Values) -> tuple[Review, Change]:
    incident = db.session.get_one(Incident, incident_id)
    _refuse_open(incident, work.at)
    review = Review(incident_id=incident_id, created_at=work.at, **values)
    db.session.add(review)
    db.session.flush()
    after = {**values, "public_parts": sorted(values["public_parts"]), "version": review.version}
    return review, work.record("review.create", _subject(review), incident.title, None, after)


def _subject(review: Review) -> str:
    return f"review-{review.id}"


def _public(review: Review, values: Values) -> dict[str, str] | None:
    """What readers would get of each part once ``values`` are set; None while it is a draft."""
    if values.get("published_at", review.published_at) is None:
        return None
    public = values.get("public_parts", review.public_parts)
    return {part: values.get(part, getattr(review, part)) if part in public else "" for part in PARTS}


def _refuse_publishing(incident: Incident, review: Review, will_be: dict[str, str], at: datetime) -> None:
    if review.published_at is None:
        _refuse_open(incident, at)
    if not any(will_be.values()):
        raise Refused("public_parts", "Nothing in it is for the public. Choose a part with words in it.")


def _refuse_open(incident: Incident, at: datetime) -> None:
    if incident.over_at is None or incident.over_at > at:
        raise Refused("", "The incident is not resolved. Resolve it first.")


def _stir(incident: Incident, at: datetime) -> None:
    """Another version of the incident, so that whatever is made of it is made anew."""
    incident.revised_at = at
    flag_modified(incident, "created_at")
    db.session.flush()
