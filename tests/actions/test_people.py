from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from dashboard.actions import people, sign_ins
from dashboard.actions.writing import SIGNPOST, Actor, Conflict, Refused
from dashboard.db import db
from dashboard.models import Change, Invite, Ledger, Person, SignIn
from dashboard.rules.roles import PERMISSIONS
from tests.conftest import NOW

SOMEBODY = Actor("", None, "192.0.2.7")
WEEK = timedelta(days=7)


def add(name: str, *roles: str) -> Person:
    person_id = people.add(name, f"{name.lower()}@example.org", "hash", frozenset(roles or ("admin",)), SIGNPOST, NOW)
    return db.session.get_one(Person, person_id)


def roles_of(person: Person) -> frozenset[str]:
    db.session.rollback()
    return db.session.get_one(Person, person.id).roles


def edited(person: Person, *roles: str, **more: str) -> dict[str, object]:
    return {"name": person.name, "email": person.email, "roles": frozenset(roles), **more}


def last_change() -> Change:
    return db.session.scalars(sa.select(Change).order_by(Change.id.desc())).first()


class TestSetUp:
    def test_only_the_hash_of_the_newest_token_is_kept(self, app):
        people.open_setup(SIGNPOST, NOW)
        token = people.open_setup(SIGNPOST, NOW)
        assert db.session.scalars(sa.select(Ledger.setup_hash)).one() == sign_ins.token_hash(token)

    def test_makes_the_first_admin_and_closes_for_ever(self, app):
        token = people.open_setup(SIGNPOST, NOW)
        ada = people.set_up(token, "Ada", "ada@example.org", "hash", SOMEBODY, NOW)
        assert db.session.get_one(Person, ada).roles == {"admin"}
        assert db.session.scalars(sa.select(Ledger.setup_hash)).one() != sign_ins.token_hash(token)
        assert people.was_setup(token)
        assert people.set_up(token, "Eve", "eve@example.org", "hash", SOMEBODY, NOW) is None
        assert people.open_setup(SIGNPOST, NOW) is None

    def test_who_makes_it_is_the_actor(self, app):
        ada = people.set_up(people.open_setup(SIGNPOST, NOW), "Ada", "a@example.org", "hash", SOMEBODY, NOW)
        change = last_change()
        assert (change.kind, change.actor, change.person_id, change.address) == (
            "person.setup",
            "Ada",
            ada,
            "192.0.2.7",
        )

    @pytest.mark.parametrize("token", ["", "x", "0" * 64])
    def test_needs_the_token(self, app, token):
        people.open_setup(SIGNPOST, NOW)
        assert people.set_up(token, "Eve", "eve@example.org", "hash", SOMEBODY, NOW) is None

    @pytest.mark.parametrize("token", ["", "x"])
    def test_is_closed_until_it_is_opened(self, app, token):
        assert not people.is_setup(token)
        assert people.set_up(token, "Eve", "eve@example.org", "hash", SOMEBODY, NOW) is None


class TestInvitations:
    def test_make_one_account(self, app):
        token = people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
        tom = people.join(token, "Tom", "hash", SOMEBODY, NOW + WEEK - timedelta(seconds=1))
        assert db.session.get_one(Person, tom).roles == {"viewer"}
        assert people.join(token, "Eve", "hash", SOMEBODY, NOW) is None

    def test_only_the_hash_is_kept_of_a_long_token(self, app):
        token = people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
        assert len(token) * 6 >= 128
        assert db.session.scalars(sa.select(Invite.token_hash)).one() == sign_ins.token_hash(token)

    def test_end_after_a_week(self, app):
        token = people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
        assert people.join(token, "Tom", "hash", SOMEBODY, NOW + WEEK) is None

    def test_end_when_withdrawn(self, app):
        token = people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
        invite = db.session.scalars(sa.select(Invite.id)).one()
        assert people.withdraw(invite, SIGNPOST, NOW).kind == "invite.withdraw"
        assert people.withdraw(invite, SIGNPOST, NOW) is None
        assert people.join(token, "Tom", "hash", SOMEBODY, NOW) is None

    def test_a_second_takes_the_place_of_the_first(self, app):
        first, second = (
            people.invite("tom@example.org", frozenset({role}), SIGNPOST, NOW) for role in ("viewer", "admin")
        )
        assert people.join(first, "Tom", "hash", SOMEBODY, NOW) is None
        assert people.join(second, "Tom", "hash", SOMEBODY, NOW) is not None

    def test_not_for_somebody_who_is_here(self, app):
        add("Tom")
        with pytest.raises(Refused, match="Tom has an account with this address already"):
            people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)

    def test_nor_used_by_somebody_who_came_otherwise(self, app):
        token = people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
        add("Tom")
        with pytest.raises(Refused, match="already"):
            people.join(token, "Tom", "hash", SOMEBODY, NOW)

    @pytest.mark.parametrize("roles", [(), ("king",), ("viewer", "king")])
    def test_need_roles_that_there_are(self, app, roles):
        with pytest.raises(Refused, match="Choose at least one role"):
            people.invite("tom@example.org", frozenset(roles), SIGNPOST, NOW)

    def test_tell_no_token(self, app):
        token = people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
        assert token not in str(vars(last_change()))
        assert sign_ins.token_hash(token) not in str(vars(last_change()))


class TestNewPasswords:
    def test_by_a_link_that_ends_every_sign_in(self, app):
        tom = add("Tom")
        sign_ins.start(tom.id, NOW)
        token = people.renew(tom.id, SIGNPOST, NOW)
        assert people.join(token, "", "another hash", SOMEBODY, NOW) == tom.id
        assert db.session.get_one(Person, tom.id).password_hash == "another hash"
        assert list(db.session.scalars(sa.select(SignIn))) == []
        assert (last_change().actor, last_change().after) == ("Tom", None)

    def test_not_for_the_disabled(self, app):
        add("Ada")
        tom = add("Tom")
        token = people.renew(tom.id, SIGNPOST, NOW)
        people.disable(tom.id, tom.version, SIGNPOST, NOW)
        assert people.join(token, "", "another hash", SOMEBODY, NOW) is None
        with pytest.raises(Refused, match="Tom is disabled"):
            people.renew(tom.id, SIGNPOST, NOW)

    def test_not_when_it_was_changed_meanwhile(self, app):
        tom = add("Tom")
        with pytest.raises(Refused, match="changed a moment ago"):
            people.change_password(tom.id, "an older hash", "another hash", "", SIGNPOST, NOW)


class TestLinksDieWithWhatTheyRestOn:
    @pytest.fixture(autouse=True)
    def people(self, app):
        self.ada, self.tom = add("Ada"), add("Tom")

    def test_a_new_password_ends_the_link_for_one(self):
        token = people.renew(self.tom.id, SIGNPOST, NOW)
        people.change_password(self.tom.id, "hash", "another hash", "", SIGNPOST, NOW)
        assert people.invite_of(token, NOW) is None

    def test_so_does_another_address(self):
        token = people.renew(self.tom.id, SIGNPOST, NOW)
        people.edit(self.tom.id, 1, edited(self.tom, "admin", email="tom.reed@example.org"), SIGNPOST, NOW)
        assert people.invite_of(token, NOW) is None

    def test_another_name_does_not(self):
        token = people.renew(self.tom.id, SIGNPOST, NOW)
        people.edit(self.tom.id, 1, edited(self.tom, "admin", name="Thomas"), SIGNPOST, NOW)
        assert people.invite_of(token, NOW) is not None

    def test_somebody_disabled_has_none_after_being_enabled(self):
        token = people.renew(self.tom.id, SIGNPOST, NOW)
        people.disable(self.tom.id, 1, SIGNPOST, NOW)
        people.enable(self.tom.id, 2, SIGNPOST, NOW)
        assert people.invite_of(token, NOW) is None

    def invited(self) -> list[str]:
        by = Actor("Tom", self.tom.id)
        return [people.invite("eve@example.org", frozenset({"admin"}), by, NOW), people.renew(self.ada.id, by, NOW)]

    def test_who_is_disabled_has_invited_nobody(self):
        tokens = self.invited()
        people.disable(self.tom.id, 1, SIGNPOST, NOW)
        assert [people.invite_of(token, NOW) for token in tokens] == [None, None]

    def test_nor_has_who_may_no_longer_invite(self):
        tokens = self.invited()
        people.edit(self.tom.id, 1, edited(self.tom, "viewer"), SIGNPOST, NOW)
        assert [people.invite_of(token, NOW) for token in tokens] == [None, None]

    def test_of_others_they_stay(self):
        tokens = self.invited()
        people.disable(self.ada.id, 1, SIGNPOST, NOW)
        assert [people.invite_of(token, NOW) is None for token in tokens] == [False, True]


class TestRoles:
    def test_other_roles_end_every_sign_in(self, app):
        add("Ada")
        tom = add("Tom", "viewer")
        sign_ins.start(tom.id, NOW)
        change = people.edit(tom.id, tom.version, edited(tom, "viewer", "admin"), SIGNPOST, NOW)
        assert change.before == {"roles": ["viewer"]}
        assert change.after == {"roles": ["admin", "viewer"], "version": 2}
        assert list(db.session.scalars(sa.select(SignIn))) == []

    def test_another_name_does_not(self, app):
        tom = add("Tom", "admin")
        sign_ins.start(tom.id, NOW)
        people.edit(tom.id, tom.version, edited(tom, "admin", name="Thomas"), SIGNPOST, NOW)
        assert len(list(db.session.scalars(sa.select(SignIn)))) == 1

    def test_an_address_of_somebody_else_is_refused(self, app):
        add("Ada")
        tom = add("Tom", "viewer")
        with pytest.raises(Refused, match="Ada has an account"):
            people.edit(tom.id, tom.version, edited(tom, "viewer", email="ada@example.org"), SIGNPOST, NOW)

    def test_two_at_once(self, app):
        add("Ada")
        tom = add("Tom", "viewer")
        people.edit(tom.id, 1, edited(tom, "admin"), SIGNPOST, NOW)
        with pytest.raises(Conflict):
            people.edit(tom.id, 1, edited(tom, "viewer"), SIGNPOST, NOW)

    @pytest.mark.parametrize("roles", [(), tuple(role for role in PERMISSIONS if role != "admin")])
    def test_the_last_admin_stays_one(self, app, roles):
        add("Vera", "viewer")
        ada = add("Ada")
        with pytest.raises(Refused):
            people.edit(ada.id, ada.version, edited(ada, *roles), SIGNPOST, NOW)
        with pytest.raises(Refused, match="Ada is the only admin"):
            people.disable(ada.id, ada.version, SIGNPOST, NOW)

    def test_a_disabled_admin_does_not_count(self, app):
        ada, tom = add("Ada"), add("Tom")
        people.disable(tom.id, tom.version, SIGNPOST, NOW)
        with pytest.raises(Refused, match="Ada is the only admin"):
            people.disable(ada.id, ada.version, SIGNPOST, NOW)

    def test_a_disabled_admin_may_lose_the_role(self, app):
        add("Ada")
        tom = add("Tom")
        people.disable(tom.id, tom.version, SIGNPOST, NOW)
        people.edit(tom.id, 2, edited(tom, "viewer"), SIGNPOST, NOW)
        assert roles_of(tom) == {"viewer"}

    def test_disabled_and_enabled(self, app):
        add("Ada")
        tom = add("Tom")
        sign_ins.start(tom.id, NOW)
        people.disable(tom.id, 1, SIGNPOST, NOW)
        assert list(db.session.scalars(sa.select(SignIn))) == []
        people.enable(tom.id, 2, SIGNPOST, NOW)
        assert db.session.get_one(Person, tom.id).disabled_at is None

    def test_nothing_done_is_no_change(self, app):
        ada = add("Ada")
        assert people.edit(ada.id, 1, edited(ada, "admin"), SIGNPOST, NOW) is None
        assert people.enable(ada.id, 1, SIGNPOST, NOW) is None


class TestAtTheSameMoment:
    """Each thread is a request of its own: another connection, another session."""

    @staticmethod
    def together(app: Flask, *acts) -> list[str]:
        start, said = threading.Barrier(len(acts)), []

        def one(act) -> None:
            with app.app_context():
                start.wait(5)
                try:
                    said.append("done" if act() is not None else "nothing")
                except (Refused, Conflict) as refused:
                    said.append(type(refused).__name__)

        threads = [threading.Thread(target=one, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return sorted(said)

    def test_two_admins_demote_each_other(self, app):
        ada, tom = add("Ada"), add("Tom")
        demote = [(person.id, edited(person, "viewer")) for person in (ada, tom)]
        acts = [lambda one=one: people.edit(one[0], 1, one[1], SIGNPOST, NOW) for one in demote]
        assert self.together(app, *acts) == ["Refused", "done"]
        assert sorted(map(sorted, (roles_of(ada), roles_of(tom)))) == [["admin"], ["viewer"]]

    def test_one_is_demoted_and_the_other_disabled(self, app):
        ada, tom = add("Ada"), add("Tom")
        values, ids = edited(ada, "viewer"), (ada.id, tom.id)
        said = self.together(
            app,
            lambda: people.edit(ids[0], 1, values, SIGNPOST, NOW),
            lambda: people.disable(ids[1], 1, SIGNPOST, NOW),
        )
        assert said == ["Refused", "done"]

    def test_one_link_used_twice(self, app):
        token = people.invite("tom@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
        said = self.together(app, *[lambda: people.join(token, "Tom", "hash", SOMEBODY, NOW)] * 3)
        assert said == ["done", "nothing", "nothing"]

    def test_set_up_twice(self, app):
        token = people.open_setup(SIGNPOST, NOW)
        said = self.together(app, *[lambda: people.set_up(token, "Ada", "a@example.org", "hash", SOMEBODY, NOW)] * 3)
        assert said == ["done", "nothing", "nothing"]
