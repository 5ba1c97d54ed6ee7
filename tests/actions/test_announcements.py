"""Announcements are written, published, edited, archived and restored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import publish
from dashboard.actions import announcements, undo
from dashboard.actions.writing import Conflict, Refused, Values
from dashboard.db import db
from dashboard.models import Announcement, Change
from tests import make
from tests.actions.conftest import PRIYA, TOM
from tests.conftest import NOW

Kinds = Callable[[], list[str]]
HOUR = timedelta(hours=1)
WORDS: Values = {"title": "Pay by phone", "body": "You can pay by phone.", "link_label": "", "link_url": ""}


def made(published_at: datetime | None = NOW, once: str = "form-1") -> Announcement:
    announcements.create(once, {**WORDS, "published_at": published_at}, TOM, NOW)
    return db.session.scalars(sa.select(Announcement)).one()


def stored(column: str) -> object:
    return db.session.scalars(sa.select(getattr(Announcement, column))).one()


def titles(at: datetime = NOW) -> list[str]:
    """What readers see."""
    return [one.title for one in publish.read_facts(at).seen(at).announcements]


def test_one_that_is_published_at_once(app: Flask) -> None:
    found = made()
    assert (found.by, titles()) == ("Tom Reed", ["Pay by phone"])
    change = db.session.scalars(sa.select(Change)).one()
    assert change.kind == "announcement.create"
    assert change.after == {**WORDS, "published_at": NOW.isoformat(), "version": 1}


def test_a_draft_is_nobodys_to_read(app: Flask) -> None:
    made(None)
    assert titles(NOW + 1_000 * HOUR) == []


def test_the_clock_publishes_one_with_a_time(app: Flask) -> None:
    made(NOW + HOUR)
    assert (titles(), titles(NOW + HOUR)) == ([], ["Pay by phone"])


def test_the_same_form_with_other_words_is_refused(app: Flask) -> None:
    made()
    with pytest.raises(Refused, match="sent before"):
        announcements.create("form-1", {**WORDS, "body": "By text, too.", "published_at": NOW}, TOM, NOW)


def test_the_same_form_twice_is_one_announcement(app: Flask, kinds: Kinds) -> None:
    made()
    made()
    assert kinds() == ["announcement.create"]


def test_nothing_is_published_as_of_yesterday(app: Flask) -> None:
    with pytest.raises(Refused, match="That time has passed") as found:
        made(NOW - HOUR)
    assert found.value.field == "publish_at"


class TestEditing:
    def test_of_one_that_was_read_says_so(self, app: Flask) -> None:
        announcements.edit(made().id, 1, {**WORDS, "body": "Call us."}, PRIYA, NOW + HOUR)
        assert (stored("body"), stored("edited_at")) == ("Call us.", NOW + HOUR)

    @pytest.mark.parametrize("published_at", [None, NOW + 2 * HOUR])
    def test_of_one_that_nobody_read_says_nothing(self, app: Flask, published_at: datetime | None) -> None:
        announcements.edit(made(published_at).id, 1, {**WORDS, "body": "Call us."}, PRIYA, NOW + HOUR)
        assert (stored("body"), stored("edited_at")) == ("Call us.", None)

    def test_another_time_only_before_it_is_out(self, app: Flask) -> None:
        found = made(NOW + HOUR)
        announcements.edit(found.id, 1, {**WORDS, "published_at": NOW + 2 * HOUR}, PRIYA, NOW)
        assert stored("published_at") == NOW + 2 * HOUR
        assert announcements.edit(found.id, 2, {**WORDS, "published_at": None}, PRIYA, NOW + 2 * HOUR) is None
        assert stored("published_at") == NOW + 2 * HOUR

    def test_a_draft_that_comes_out_is_published(self, app: Flask, kinds: Kinds) -> None:
        announcements.edit(made(None).id, 1, {**WORDS, "published_at": NOW}, PRIYA, NOW)
        assert kinds()[-1] == "announcement.publish"

    def test_a_time_that_has_passed(self, app: Flask) -> None:
        with pytest.raises(Refused, match="That time has passed"):
            announcements.edit(made(None).id, 1, {**WORDS, "published_at": NOW - HOUR}, PRIYA, NOW)

    def test_the_same_words_write_nothing(self, app: Flask, kinds: Kinds) -> None:
        assert announcements.edit(made().id, 9, WORDS, PRIYA, NOW) is None
        assert kinds() == ["announcement.create"]

    def test_two_people_at_once(self, app: Flask) -> None:
        found = made()
        announcements.edit(found.id, 1, {**WORDS, "title": "Theirs"}, TOM, NOW)
        with pytest.raises(Conflict):
            announcements.edit(found.id, 1, {**WORDS, "title": "Mine"}, PRIYA, NOW)

    def test_not_of_one_that_is_archived(self, app: Flask) -> None:
        with pytest.raises(Refused, match="archived"):
            announcements.edit(make.announcement(archived_at=NOW).id, 1, WORDS, PRIYA, NOW)


class TestPublishing:
    @pytest.mark.parametrize("published_at", [None, NOW + 2 * HOUR])
    def test_now(self, app: Flask, published_at: datetime | None) -> None:
        announcements.publish(made(published_at).id, 1, PRIYA, NOW + HOUR)
        assert stored("published_at") == NOW + HOUR

    def test_again_does_nothing(self, app: Flask) -> None:
        assert announcements.publish(made().id, 1, PRIYA, NOW + HOUR) is None
        assert stored("published_at") == NOW

    def test_not_over_somebody_elses_words(self, app: Flask) -> None:
        found = made(None)
        announcements.edit(found.id, 1, {**WORDS, "title": "Theirs"}, TOM, NOW)
        with pytest.raises(Conflict):
            announcements.publish(found.id, 1, PRIYA, NOW)


def test_archive_and_restore(app: Flask, kinds: Kinds) -> None:
    found = made()
    announcements.archive(found.id, 1, PRIYA, NOW)
    assert titles() == []
    assert announcements.archive(found.id, 2, PRIYA, NOW) is None
    announcements.restore(found.id, 2, PRIYA, NOW)
    assert titles() == ["Pay by phone"]
    assert kinds() == ["announcement.create", "announcement.archive", "announcement.restore"]


class TestUndo:
    def last(self) -> int:
        return db.session.scalars(sa.select(Change.id).order_by(Change.id.desc())).first() or 0

    def test_what_was_made_is_archived(self, app: Flask) -> None:
        made()
        undo.undo(self.last(), TOM, NOW)
        assert titles() == []

    def test_what_was_published_is_a_draft_again(self, app: Flask) -> None:
        announcements.publish(made(None).id, 1, TOM, NOW)
        undo.undo(self.last(), TOM, NOW)
        assert stored("published_at") is None

    def test_an_edit_leaves_no_trace_for_readers(self, app: Flask) -> None:
        announcements.edit(made().id, 1, {**WORDS, "body": "Call us."}, TOM, NOW + HOUR)
        undo.undo(self.last(), TOM, NOW + HOUR)
        assert (stored("body"), stored("edited_at")) == (WORDS["body"], None)

    def test_what_was_archived_is_back(self, app: Flask) -> None:
        announcements.archive(made().id, 1, TOM, NOW)
        undo.undo(self.last(), TOM, NOW)
        assert titles() == ["Pay by phone"]

    def test_a_time_that_passed_meanwhile_does_not_come_again(self, app: Flask) -> None:
        found = made(NOW + HOUR)
        announcements.edit(found.id, 1, {**WORDS, "published_at": NOW + 3 * HOUR}, TOM, NOW)
        with pytest.raises(Refused, match="passed"):
            undo.undo(self.last(), TOM, NOW + 2 * HOUR)
