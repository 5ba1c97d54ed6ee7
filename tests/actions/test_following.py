"""What followers do for themselves: ask, confirm, change, pause and leave; twice at once too."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard import audience, links
from dashboard.actions import delivering, following
from dashboard.actions.delivering import Result
from dashboard.actions.follower_rows import Wants, wants_of
from dashboard.actions.following import Asked, Left, Site
from dashboard.actions.writing import Conflict
from dashboard.channels.message import Outcome
from dashboard.db import db
from dashboard.links import Links
from dashboard.models import Change, Delivery, Follow, Follower, Notification
from dashboard.rules.telling import Reach
from tests import make
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("app")

LIN = "lin@larkfield.example"
HOOK = "https://hooks.larkfield.example/status"
SITE = Site("Larkfield", Links("http://status.example.org", "a secret"))
EVERYTHING = Asked("email", LIN, "mail", "everything (problems)", Wants(everything=True, planned=False))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def followers(**given: object) -> list[Follower]:
    return list(db.session.scalars(sa.select(Follower).filter_by(**given).order_by(Follower.id)))


def asked(about: Asked = EVERYTHING, at=NOW) -> Follower:
    following.ask(about, SITE, at)
    return followers(confirmed_at=None, left_at=None)[-1]


def sent(kind: str = "confirm") -> list[tuple[int, str]]:
    """The followers to whom something of this kind waits to be sent, and how it goes."""
    found = sa.select(Delivery.follower_id, Delivery.lane).join(Notification).where(Notification.kind == kind)
    return [(row.follower_id, row.lane) for row in db.session.execute(found.order_by(Delivery.id))]


class TestAsk:
    def test_a_link_goes_to_the_address_and_nowhere_else(self) -> None:
        lin = asked()
        message = db.session.scalars(sa.select(Notification)).one().message
        assert sent() == [(lin.id, "mail")]
        assert message["link"]["href"] == SITE.links.confirm(lin.id, lin.salt)
        assert "everything (problems)" in message["lines"][0]
        assert lin.confirmed_at is None

    def test_no_change_is_recorded_of_it(self) -> None:
        following.confirmed(asked().id, NOW)
        assert db.session.scalar(sa.select(sa.func.count(Change.id))) == 0

    def test_asking_again_sends_no_other_link_within_a_day(self) -> None:
        asked()
        asked(at=NOW + 23 * HOUR)
        assert len(sent()) == len(followers()) == 1

    def test_after_a_day_another_link_makes_the_first_one_void(self) -> None:
        first = asked().salt
        assert asked(at=NOW + DAY).salt != first
        assert len(sent()) == 2

    def test_what_is_asked_for_twice_is_wanted_together(self) -> None:
        pay, post = make.section("pay"), make.section("post")
        asked(replace(EVERYTHING, wants=Wants(sections=frozenset({pay.id}), planned=False)))
        lin = asked(replace(EVERYTHING, wants=Wants(sections=frozenset({post.id}), problems=False)))
        assert wants_of(lin) == Wants(sections=frozenset({pay.id, post.id}))

    def test_who_is_told_already_leaves_the_same_rows_behind(self) -> None:
        known = make.follower(LIN)
        lin = asked()
        assert lin.id != known.id
        assert sent() == [(lin.id, "mail")]


class TestConfirmed:
    def test_the_one_who_asked_is_told_from_then_on(self) -> None:
        lin = asked()
        assert following.confirmed(lin.id, NOW + HOUR) == lin.id
        assert lin.confirmed_at == NOW + HOUR

    def test_once(self) -> None:
        lin = asked()
        following.confirmed(lin.id, NOW)
        assert following.confirmed(lin.id, NOW) is None

    def test_not_after_a_day(self) -> None:
        lin = asked()
        assert following.confirmed(lin.id, NOW + DAY + HOUR) is None
        assert lin.confirmed_at is None

    def test_nor_for_somebody_unknown_or_gone(self) -> None:
        lin = asked()
        following.stop(lin.id, NOW)
        assert following.confirmed(lin.id, NOW) is None
        assert following.confirmed(999, NOW) is None

    def test_what_is_asked_for_is_added_to_who_is_told_already(self) -> None:
        pay, post = make.section("pay"), make.section("post")
        known = make.follower(LIN, pay, planned=False, paused_at=NOW, bounces=2)
        new = asked(replace(EVERYTHING, wants=Wants(sections=frozenset({post.id}))))
        assert following.confirmed(new.id, NOW) == known.id
        assert wants_of(known) == Wants(sections=frozenset({pay.id, post.id}))
        assert (known.paused_at, known.bounces) == (None, 0)
        assert (new.left_at, new.address) == (NOW, "")

    def test_an_incident_too(self) -> None:
        incident, known = make.incident(), make.follower(LIN)
        for _ in range(2):
            new = asked(replace(EVERYTHING, wants=Wants(), incidents=frozenset({incident.id})))
            following.confirmed(new.id, NOW)
        followed = db.session.scalars(sa.select(Follow.incident_id).where(Follow.follower_id == known.id)).all()
        assert followed == [incident.id]

    def test_nobody_changes_a_teams_own_channel_so(self) -> None:
        team = make.follower(LIN, make.section(), is_staff=True, name="Payments team")
        assert following.confirmed(asked().id, NOW) == team.id
        assert not team.everything

    def test_two_at_the_same_moment_are_one(self, app: Flask) -> None:
        first = asked().id
        second = make.follower(LIN, confirmed_at=None, asked_at=NOW).id
        begin = threading.Barrier(2)

        def confirm(id: int) -> None:
            with app.app_context():
                begin.wait(5)
                following.confirmed(id, NOW)

        threads = [threading.Thread(target=confirm, args=(id,)) for id in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        db.session.rollback()
        assert len(followers(address=LIN)) == 1
        assert len([one for one in followers() if one.left_at]) == 1


class TestEndpoint:
    HOOK = Asked("webhook", HOOK, f"webhook:{HOOK}", "everything", Wants(everything=True), contact=LIN)

    def test_nothing_is_posted_before_somebody_says_so(self) -> None:
        made = following.ask_endpoint(self.HOOK, NOW)
        assert sent("challenge") == []
        following.challenge(made.follower_id, "a lane", SITE, NOW + HOUR)
        assert sent("challenge") == [(made.follower_id, "a lane")]

    def test_each_who_asks_has_a_secret_of_their_own(self) -> None:
        one, other = (following.ask_endpoint(self.HOOK, NOW) for _ in range(2))
        assert one.follower_id != other.follower_id
        assert one.secret != other.secret
        assert one.secret.startswith("whsec_")

    def test_whose_challenge_is_answered_is_told_and_keeps_its_secret(self) -> None:
        one, other = (following.ask_endpoint(self.HOOK, NOW) for _ in range(2))
        assert following.confirmed(one.follower_id, NOW) == one.follower_id
        assert following.confirmed(other.follower_id, NOW) == one.follower_id
        assert [found.secret for found in followers()] == [one.secret, ""]

    def test_a_machine_that_answers_hands_nothing_over(self) -> None:
        """Neither the key to what another follows, by mail, nor an end to their pause."""
        known = make.follower(HOOK, channel="webhook", secret="whsec_x")
        following.pause(known.id, NOW)
        other = following.ask_endpoint(self.HOOK, NOW)
        assert following.confirmed(other.follower_id, NOW) == known.id
        assert (known.contact, known.paused_at, known.everything) == ("", NOW, True)

    def test_another_challenge_gives_the_first_one_up(self) -> None:
        made = following.ask_endpoint(self.HOOK, NOW)
        for _ in range(2):
            following.challenge(made.follower_id, "a lane", SITE, NOW)
        assert db.session.scalars(sa.select(Delivery.state).order_by(Delivery.id)).all() == ["skipped", "waiting"]

    def test_a_new_secret_leaves_the_old_one_for_a_day(self) -> None:
        hook = make.follower(HOOK, channel="webhook", secret="whsec_old")
        assert following.rotate(hook.id, NOW) == hook.secret != "whsec_old"
        assert (hook.old_secret, hook.old_secret_until) == ("whsec_old", NOW + DAY)

    def test_twice_takes_the_one_in_use_from_nobody(self) -> None:
        hook = make.follower(HOOK, channel="webhook", secret="whsec_old")
        for n in range(2):
            unused = following.rotate(hook.id, NOW + n * HOUR)
        following.rotate(hook.id, NOW + 2 * HOUR)
        assert hook.old_secret.split()[0] == unused
        assert hook.old_secret.split()[-1] == "whsec_old"
        following.rotate(hook.id, NOW + 3 * DAY)
        assert len(hook.old_secret.split()) == 1


class TestOwners:
    def silent(self, **given: object) -> Follower:
        why = {"paused_at": NOW, "paused_why": "Nothing arrived for three days.", "failing_since": NOW - 3 * DAY}
        return make.follower(
            **{"address": HOOK, "channel": "webhook", "contact": LIN, "secret": "whsec_x", **why, **given}
        )

    def test_whose_endpoint_is_silent_is_told_by_mail_once(self) -> None:
        hook = self.silent()
        assert [following.tell_owners(SITE, NOW + n * HOUR) for n in (1, 2)] == [1, 0]
        assert sent("paused") == [(hook.id, "email")]
        taken = delivering.claim(NOW + HOUR, 10)
        assert [(one.channel, one.address) for one in taken] == [("email", LIN)]

    def test_again_when_it_is_silent_again(self) -> None:
        hook = self.silent()
        following.tell_owners(SITE, NOW)
        following.resume(hook.id, NOW + HOUR)
        hook.paused_at, hook.paused_why, hook.failing_since = NOW + DAY, "It is gone.", NOW + HOUR
        db.session.commit()
        assert following.tell_owners(SITE, NOW + DAY) == 1

    def test_one_letter_a_day_whatever_names_that_address(self) -> None:
        hooks = [self.silent(address=f"{HOOK}/{n}") for n in range(3)]
        assert [following.tell_owners(SITE, NOW + n * HOUR) for n in (0, 1, 23, 24, 25)] == [1, 0, 0, 1, 0]
        assert sent("paused") == [(hooks[0].id, "email"), (hooks[1].id, "email")]

    def test_nor_for_each_name_of_one_inbox(self) -> None:
        for n, contact in enumerate(
            (LIN, "l.in@larkfield.example", "Lin+9@larkfield.example", "tom@larkfield.example")
        ):
            self.silent(address=f"{HOOK}/{n}", contact=contact)
        assert [following.tell_owners(SITE, NOW + n * HOUR) for n in (0, 1)] == [2, 0]

    def test_that_mail_arrives_says_nothing_of_the_endpoint(self) -> None:
        hook = self.silent()
        following.tell_owners(SITE, NOW)
        taken = delivering.claim(NOW, 10)
        delivering.mark([Result(one, Outcome("Taken.", sent=True)) for one in taken], NOW, lambda: 0.5)
        assert hook.failing_since == NOW - 3 * DAY

    @pytest.mark.parametrize("given", [{"contact": ""}, {"failing_since": None}, {"paused_why": following.YOU_PAUSED}])
    def test_nobody_else(self, given: dict[str, object]) -> None:
        make.follower(
            HOOK,
            channel="webhook",
            **{"contact": LIN, "paused_at": NOW, "failing_since": NOW, "paused_why": "", **given},
        )
        assert following.tell_owners(SITE, NOW) == 0


class TestChanges:
    def test_they_are_told_of_what_they_say_now(self) -> None:
        pay, post, incident = make.section("pay"), make.section("post"), make.incident()
        lin = make.follower(LIN, pay, incident)
        wants = Wants(sections=frozenset({post.id}), planned=False, zone="Europe/Berlin")
        following.edit(lin.id, lin.version, wants, frozenset({incident.id}), "", NOW)
        assert wants_of(lin) == wants
        followed = db.session.scalars(sa.select(Follow.section_id).where(Follow.let_go.is_(False)))
        assert list(followed) == [post.id]

    def test_of_an_incident_that_they_let_go_they_hear_no_more_until_they_ask_again(self) -> None:
        incident = make.incident()
        lin = make.follower(LIN, make.section("pay"), incident)
        told = make.delivery(lin, "sent")
        db.session.get_one(Notification, told.notification_id).thing = f"incident-{incident.id}"
        db.session.commit()
        following.edit(lin.id, lin.version, wants_of(lin), frozenset({incident.id}), "", NOW)
        assert audience.counts(Reach(incident=incident.id), False) == {}
        new = asked(replace(EVERYTHING, wants=Wants(), incidents=frozenset({incident.id})))
        following.confirmed(new.id, NOW)
        assert audience.counts(Reach(incident=incident.id), False) == {"email": 1}

    def test_not_by_a_form_that_is_old(self) -> None:
        lin = make.follower(LIN)
        version = lin.version
        following.edit(lin.id, version, Wants(everything=True), frozenset(), "", NOW)
        with pytest.raises(Conflict):
            following.edit(lin.id, version, Wants(everything=True), frozenset(), "", NOW)

    def test_a_pause_sends_nothing_of_what_waits(self) -> None:
        lin = make.follower(LIN, secret="whsec_x")
        following.pause(lin.id, NOW)
        assert lin.paused_at == NOW
        following.resume(lin.id, NOW)
        assert lin.paused_at is None

    def test_who_has_left_changes_nothing(self) -> None:
        lin = make.follower(LIN)
        following.stop(lin.id, NOW)
        for act in (following.pause, following.resume, following.rotate):
            with pytest.raises(Left):
                act(lin.id, NOW)


class TestStop:
    def test_what_is_known_of_them_is_erased(self) -> None:
        lin = make.follower(LIN, make.section(), contact=LIN, secret="whsec_x", old_secret="whsec_y")
        following.stop(lin.id, NOW)
        assert (lin.address, lin.contact, lin.secret, lin.old_secret, lin.left_at) == ("", "", "", "", NOW)
        assert db.session.scalar(sa.select(sa.func.count(Follow.id))) == 0

    def test_twice_is_once(self) -> None:
        lin = make.follower(LIN)
        following.stop(lin.id, NOW)
        following.stop(lin.id, NOW + HOUR)
        assert lin.left_at == NOW

    def test_the_address_may_come_back_as_somebody_else(self) -> None:
        lin = make.follower(LIN)
        following.stop(lin.id, NOW)
        assert following.confirmed(asked().id, NOW) != lin.id

    def test_what_nobody_confirms_is_swept(self) -> None:
        make.follower(LIN, confirmed_at=None, asked_at=NOW - 4 * DAY)
        asked(replace(EVERYTHING, address="kim@larkfield.example"))
        assert following.sweep(NOW) == 1
        assert [one.address for one in followers()] == ["", "kim@larkfield.example"]
        assert following.sweep(NOW) == 0


@pytest.mark.parametrize("given", ["", "-", "x-y", "9" * 30, "7-", "١-x", "7-\x00"])
def test_a_mistyped_link_is_nobodys(given: str) -> None:
    id = links.follower_id(given)
    assert id is None or not links.is_of(given, "a secret", links.MANAGE, id, "salt")


def test_a_link_is_long_enough_and_for_one_purpose_one_follower_and_one_salt() -> None:
    given = [("a secret", links.MANAGE, 7, "salt"), ("another", links.MANAGE, 7, "salt")]
    given += [("a secret", links.CONFIRM, 7, "salt"), ("a secret", links.MANAGE, 8, "salt")]
    given += [("a secret", links.MANAGE, 7, "more")]
    keys = [links.token(*one).partition("-")[2] for one in given]
    assert len(set(keys)) == len(keys)
    assert {len(urlsafe_b64decode(key + "=")) for key in keys} == {32}
