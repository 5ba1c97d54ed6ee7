"""Writing, publishing, editing, archiving and restoring announcements."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dashboard.actions.writing import (
    Actor,
    Refused,
    Values,
    Writing,
    differences,
    plain,
    same_version,
    writing,
)
from dashboard.db import db
from dashboard.models import Announcement, Change


def create(once: str, values: Values, by: Actor, at: datetime) -> Change | None:
    """``values`` are its columns: a draft without ``published_at``. None when this form has made one already; Refused
    where that says something else."""
    with writing(by, at) as work:
        made = db.session.scalar(sa.select(Announcement).where(Announcement.once == once))
        if made is not None:
            if (made.title, made.body) != (values["title"], values["body"]):
                raise Refused("once", f"This form was sent before, and made “{made.title}”. Send it again for more.")
            return None
        _refuse_past(values.get("published_at"), at)
        announcement = Announcement(once=once, by=by.name, created_at=at, **values)
        db.session.add(announcement)
        db.session.flush()
        after = {name: plain(value) for name, value in values.items()} | {"version": announcement.version}
        return work.record("announcement.create", _subject(announcement), announcement.title, None, after)


def edit(announcement_id: int, version: int, values: Values, by: Actor, at: datetime) -> Change | None:
    """None when it is so already, whoever made it so. Of one that readers have seen, the words alone, and they are told
    that it was edited; one that they have not may also be given another time, or none."""
    with writing(by, at) as work:
        announcement = _open_announcement(announcement_id)
        is_out = was_published(announcement, at)
        if is_out:
            values = {name: value for name, value in values.items() if name != "published_at"}
        differing = differences(announcement, values)[1]
        if not differing:
            return None
        same_version(announcement, version, _subject(announcement))
        if is_out:
            values["edited_at"] = at
        comes_out = not is_out and values.get("published_at") == at
        return alter(work, announcement, values, "announcement.publish" if comes_out else "announcement.edit")


def publish(announcement_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Now. None for one that readers see already."""
    with writing(by, at) as work:
        announcement = _open_announcement(announcement_id)
        if was_published(announcement, at):
            return None
        same_version(announcement, version, _subject(announcement))
        return alter(work, announcement, {"published_at": at}, "announcement.publish")


def archive(announcement_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    """Out of readers' sight, with all its history."""
    return _set_archived(announcement_id, version, at, "announcement.archive", by, at)


def restore(announcement_id: int, version: int, by: Actor, at: datetime) -> Change | None:
    return _set_archived(announcement_id, version, None, "announcement.restore", by, at)


def alter(work: Writing, announcement: Announcement, values: Values, kind: str) -> Change | None:
    """Within an open transaction. Raises Refused for a time that has passed meanwhile."""
    if "published_at" in values and values["published_at"] != announcement.published_at:
        _refuse_past(values["published_at"], work.at)
    title = values.get("title", announcement.title)
    return work.change(announcement, values, kind, _subject(announcement), title)


def was_published(announcement: Announcement, at: datetime) -> bool:
    return announcement.published_at is not None and announcement.published_at <= at


def _set_archived(
    announcement_id: int, version: int, archived_at: datetime | None, kind: str, by: Actor, at: datetime
) -> Change | None:
    with writing(by, at) as work:
        announcement = db.session.get_one(Announcement, announcement_id)
        if (announcement.archived_at is None) == (archived_at is None):
            return None
        same_version(announcement, version, _subject(announcement))
        return alter(work, announcement, {"archived_at": archived_at}, kind)


def _open_announcement(announcement_id: int) -> Announcement:
    announcement = db.session.get_one(Announcement, announcement_id)
    if announcement.archived_at is not None:
        raise Refused("", "It is archived. Restore it first.")
    return announcement


def _refuse_past(published_at: datetime | None, at: datetime) -> None:
    """Nothing is published as if it had been there before."""
    if published_at is not None and published_at < at:
        raise Refused("publish_at", "That time has passed. Choose “Now”, or one that is still to come.")


def _subject(announcement: Announcement) -> str:
    return f"announcement-{announcement.id}"
