from __future__ import annotations

import pytest
import sqlalchemy as sa

from dashboard.actions import people
from dashboard.actions.writing import SIGNPOST
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Invite, Person, SignIn
from tests.views.conftest import PASSWORD, token_of

PEOPLE = "/admin/people"
NEW = "four quite different words"


def link_of(answer, page) -> str:
    """The path of the link that a page shows to copy."""
    return page(answer).one("input", id="link").attrs["value"].removeprefix("http://status.example.org")


def form(person: Person, **given: object) -> dict[str, object]:
    return {
        "name": person.name,
        "email": person.email,
        "roles": sorted(person.roles),
        "version": person.version,
        **given,
    }


class TestTheList:
    def test_names_everybody(self, client_of, page):
        text = page(client_of("admin").get(PEOPLE)).text
        assert all(name in text for name in ("Vera Lund", "Priya Shah", "Tom Reed", "Ada Okafor", "Delivery manager"))

    def test_nobody_else_sees_it(self, client_of, page):
        answer = client_of("viewer").get(PEOPLE)
        assert answer.status_code == 403
        assert "You may not do this" in page(answer).text

    def test_settings_leads_there_who_may(self, client_of, page):
        assert page(client_of("admin").get("/admin/settings")).one("a", href=PEOPLE)
        landing = page(client_of("viewer").get("/admin/settings"))
        assert not landing.all("a", href=PEOPLE)
        shut = landing.all("li", class_="card card__body stack door is-shut")
        assert ["ask an admin" in door.text for door in shut] == [True, True]  # people and tokens


class TestInviting:
    def test_by_a_link_that_is_shown_once(self, client_of, page, post):
        admin, guest = client_of("admin"), client_of("nobody")
        link = link_of(post(admin, f"{PEOPLE}/invite", {"email": "Lin@example.org", "roles": ["viewer"]}), page)
        assert link not in admin.get(PEOPLE).text
        answer = post(guest, link, {"name": "Lin Mao", "password": NEW})
        assert (answer.status_code, answer.location) == (303, "/admin/sections")
        assert "Lin Mao" in page(guest.get("/admin/me")).text
        spent = client_of("nobody").get(link)
        assert (spent.status_code, "Lin" in spent.text) == (410, False)
        assert "This link has been used It works once." in page(spent).text

    def test_says_what_the_link_is_for(self, client_of, page, post):
        link = link_of(
            post(client_of("admin"), f"{PEOPLE}/invite", {"email": "lin@example.org", "roles": ["viewer"]}), page
        )
        text = page(client_of("nobody").get(link)).text
        assert "You sign in with lin@example.org as viewer" in text

    def test_the_link_is_of_our_public_address(self, client_of, post):
        data = {"email": "lin@example.org", "roles": ["viewer"]}
        answer = post(client_of("admin"), f"{PEOPLE}/invite", data)
        assert "http://status.example.org/join/" in answer.text

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"email": ""}, "Give an e-mail address."),
            ({"email": "lin"}, "Give an address like"),
            ({"email": f"{'x' * 200}@example.org"}, "Shorten this"),
            ({"email": "tom@example.org"}, "Tom Reed has an account"),
            ({"roles": []}, "Choose at least one role."),
            ({"roles": ["king"]}, "Choose from this list."),
        ],
    )
    def test_validates(self, client_of, page, post, given, said):
        answer = post(client_of("admin"), f"{PEOPLE}/invite", {"email": "lin@example.org", "roles": ["admin"], **given})
        assert answer.status_code == 422
        assert said in page(answer).text

    def test_withdrawn_it_does_not_work(self, client_of, page, post):
        admin = client_of("admin")
        link = link_of(post(admin, f"{PEOPLE}/invite", {"email": "lin@example.org", "roles": ["viewer"]}), page)
        invite = db.session.scalars(sa.select(Invite.id)).one()
        post(admin, f"{PEOPLE}/invites/{invite}/withdraw")
        board = page(admin.get(PEOPLE)).text
        assert "The link for lin@example.org no longer works." in board
        assert "Links not used yet" not in board
        assert "This link has expired" in page(client_of("nobody").get(link)).text

    def test_after_seven_days_it_has_expired(self, client_of, page, post):
        token = people.invite("lin@example.org", frozenset({"viewer"}), SIGNPOST, now() - people.INVITE_LASTS)
        for answer in (client_of("nobody").get(f"/join/{token}"), post(client_of("nobody"), f"/join/{token}")):
            assert answer.status_code == 410
            assert "This link has expired" in page(answer).text
            assert "lin@" not in answer.text

    def test_a_link_that_never_was_is_not_there(self, client_of):
        assert client_of("nobody").get("/join/x").status_code == 404

    @pytest.mark.parametrize("given", [{"name": ""}, {"password": "short"}, {"csrf_token": "x"}])
    def test_joining_validates_and_keeps_the_name(self, client_of, page, post, given):
        link = link_of(
            post(client_of("admin"), f"{PEOPLE}/invite", {"email": "lin@example.org", "roles": ["viewer"]}), page
        )
        answer = post(client_of("nobody"), link, {"name": "Lin Mao", "password": NEW, **given})
        assert answer.status_code == 422
        assert page(answer).form(link)["name"] == given.get("name", "Lin Mao")

    def test_two_who_use_it(self, client_of, post, cast):
        token = people.invite("lin@example.org", frozenset({"viewer"}), SIGNPOST, now())
        people.add("Lin Mao", "lin@example.org", "hash", frozenset({"viewer"}), SIGNPOST, now())
        answer = post(client_of("nobody"), f"/join/{token}", {"name": "Lin", "password": NEW})
        assert answer.status_code == 422
        assert "has an account with this address already" in answer.text


class TestANewPassword:
    def test_for_somebody_who_forgot_theirs(self, client_of, cast, page, post):
        vera, there = cast["viewer"], client_of("viewer")
        answer = post(client_of("admin"), f"{PEOPLE}/{vera.id}/renew", {"version": 1})
        guest = client_of("nobody")
        link = link_of(answer, page)
        assert "name" not in page(guest.get(link)).form(link)
        assert post(guest, link, {"password": NEW}).status_code == 303
        assert "Vera Lund" in page(guest.get("/admin/me")).text
        assert there.get("/admin/me").status_code == 303

    def test_not_for_the_disabled(self, client_of, cast, page, post):
        vera = cast["viewer"]
        people.disable(vera.id, 1, SIGNPOST, now())
        answer = post(client_of("admin"), f"{PEOPLE}/{vera.id}/renew")
        assert answer.status_code == 422
        assert "Vera Lund is disabled" in page(answer).text


class TestEditing:
    def test_other_roles_count_from_now_on(self, client_of, cast, post):
        vera, there = cast["viewer"], client_of("viewer")
        answer = post(client_of("admin"), f"{PEOPLE}/{vera.id}", form(vera, roles=["viewer", "product_manager"]))
        assert answer.status_code == 303
        assert there.get("/admin/me").status_code == 303
        assert post(there, "/admin/sign-in", {"email": vera.email, "password": PASSWORD}).status_code == 303
        assert there.get("/admin/sections/new").status_code == 200

    def test_ones_own_roles(self, client_of, cast, page, post):
        people.add("Lin Mao", "lin@example.org", "hash", frozenset({"admin"}), SIGNPOST, now())
        ada, client = cast["admin"], client_of("admin")
        answer = post(client, f"{PEOPLE}/{ada.id}", form(ada, roles=["viewer"]))
        assert "Your roles are changed. Sign in again." in page(client.get(answer.location)).text

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"name": ""}, "Give a name."),
            ({"email": "tom@example.org"}, "Tom Reed has an account"),
            ({"roles": []}, "Choose at least one role."),
        ],
    )
    def test_validates_and_keeps_what_was_typed(self, client_of, cast, page, post, given, said):
        vera = cast["viewer"]
        answer = post(client_of("admin"), f"{PEOPLE}/{vera.id}", form(vera, name="Vera Lind") | given)
        assert answer.status_code == 422
        assert said in page(answer).text
        assert page(answer).form(f"{PEOPLE}/{vera.id}")["name"] == given.get("name", "Vera Lind")

    def test_the_only_admin_stays_one(self, client_of, cast, page, post):
        ada, client = cast["admin"], client_of("admin")
        answer = post(client, f"{PEOPLE}/{ada.id}", form(ada, roles=["viewer"]))
        assert answer.status_code == 422
        assert "Ada Okafor is the only admin. Make somebody else an admin first." in page(answer).text
        answer = post(client, f"{PEOPLE}/{ada.id}/disable", {"version": 1})
        assert answer.status_code == 422
        assert "Ada Okafor is the only admin" in page(answer).text

    def test_two_people_at_once(self, client_of, cast, page, post):
        vera, client = cast["viewer"], client_of("admin")
        mine = form(vera, name="Vera Lind")
        post(client, f"{PEOPLE}/{vera.id}", form(vera, name="Vera Lunde"))
        answer = post(client, f"{PEOPLE}/{vera.id}", mine)
        assert answer.status_code == 409
        shown = page(answer)
        assert "Ada Okafor was here first" in shown.text
        assert "Vera Lunde" in shown.text
        assert "Vera Lind" in shown.text
        assert client.post(f"{PEOPLE}/{vera.id}", data=shown.form(f"{PEOPLE}/{vera.id}")).status_code == 303
        assert db.session.get_one(Person, vera.id).name == "Vera Lind"

    @pytest.mark.parametrize("version", ["", "x", "9" * 30])
    def test_a_form_without_its_version_is_out_of_date(self, client_of, cast, post, version):
        vera = cast["viewer"]
        assert post(client_of("admin"), f"{PEOPLE}/{vera.id}", form(vera, version=version)).status_code == 428

    def test_disabling_ends_it_at_once(self, client_of, cast, page, post):
        vera, admin, there = cast["viewer"], client_of("admin"), client_of("viewer")
        post(admin, f"{PEOPLE}/{vera.id}/disable", {"version": 1})
        assert there.get("/admin/me").status_code == 303
        assert db.session.scalars(sa.select(SignIn).where(SignIn.person_id == vera.id)).all() == []
        assert "1 disabled" in page(admin.get(PEOPLE)).text
        post(admin, f"{PEOPLE}/{vera.id}/enable", {"version": 2})
        assert "Vera Lund can sign in again." in page(admin.get(PEOPLE)).text

    @pytest.mark.parametrize("what", ["disable", "enable"])
    def test_on_something_that_was_changed_since(self, client_of, cast, page, post, what):
        vera, admin = cast["viewer"], client_of("admin")
        post(admin, f"{PEOPLE}/{vera.id}", form(vera, name="Vera Lunde"))
        answer = post(admin, f"{PEOPLE}/{vera.id}/{what}", {"version": 1})
        assert answer.status_code == 409
        assert "Vera Lunde was changed while you were at it" in page(answer).text

    def test_every_change_is_told_without_a_password(self, client_of, cast, post):
        vera, admin = cast["viewer"], client_of("admin")
        post(admin, f"{PEOPLE}/{vera.id}", form(vera, name="Vera Lunde"))
        post(admin, f"{PEOPLE}/{vera.id}/renew")
        post(admin, f"{PEOPLE}/{vera.id}/disable", {"version": 2})
        changes = db.session.scalars(sa.select(Change).order_by(Change.id)).all()
        assert [change.kind for change in changes] == ["person.edit", "invite.renew", "person.disable"]
        assert all(change.actor == "Ada Okafor" and change.address == "127.0.0.1" for change in changes)
        assert not any(word in str((change.before, change.after)) for change in changes for word in ("hash", "argon"))

    def test_activity_tells_it_in_words(self, client_of, cast, page, post):
        vera, admin = cast["viewer"], client_of("admin")
        post(admin, f"{PEOPLE}/{vera.id}", form(vera, roles=["viewer", "admin"]))
        text = page(admin.get("/admin/activity")).text
        assert "Ada Okafor edited the account of Vera Lund" in text
        assert "Viewer" in text
        assert "Roles" in text


def test_the_csrf_token_of_a_guest_is_not_that_of_who_signs_in(client_of, page, post):
    guest = client_of("nobody")
    before = token_of(guest)
    token = people.invite("lin@example.org", frozenset({"viewer"}), SIGNPOST, now())
    post(guest, f"/join/{token}", {"name": "Lin Mao", "password": NEW})
    assert guest.post("/admin/sign-out", data={"csrf_token": before}).status_code == 400
