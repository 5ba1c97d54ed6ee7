from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from argon2 import PasswordHasher

from dashboard import passwords
from dashboard.actions import sign_ins
from dashboard.db import db
from dashboard.models import Change, Person, SignIn
from tests.views.conftest import PASSWORD, token_of
from tests.views.page import read

SIGN_IN, ME = "/admin/sign-in", "/admin/me"
NEW = "four quite different words"
MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def priya(password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"email": "priya@example.org", "password": password, **more}


def rows() -> list[SignIn]:
    return list(db.session.scalars(sa.select(SignIn)))


class TestSigningIn:
    def test_and_out(self, client_of, page, post):
        client = client_of("nobody")
        answer = post(client, SIGN_IN, {"email": " Priya@Example.org", "password": PASSWORD, "next": ME})
        assert (answer.status_code, answer.location) == (303, ME)
        assert "Priya Shah" in page(client.get(ME)).text
        assert post(client, "/admin/sign-out").status_code == 303
        assert "You are signed out." in page(client.get(SIGN_IN)).text
        assert client.get(ME).location.startswith(SIGN_IN)

    def test_leads_to_the_sections(self, client_of, post):
        assert post(client_of("nobody"), SIGN_IN, priya()).location == "/admin/sections"

    def test_leads_back_to_where_one_was(self, client_of, page):
        client = client_of("nobody")
        asked = client.get("/admin/toggles?q=hide%20x")
        form = page(client.get(asked.location)).form(SIGN_IN)
        assert client.post(SIGN_IN, data={**form, **priya()}).location == "/admin/toggles?q=hide%20x"

    @pytest.mark.parametrize(
        "there", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/\n/evil.example", "x"]
    )
    def test_never_leads_elsewhere(self, client_of, post, there):
        assert post(client_of("nobody"), SIGN_IN, priya(next=there)).location == "/admin/sections"

    def test_who_is_signed_in_goes_on(self, client_of):
        assert client_of("viewer").get(f"{SIGN_IN}?next={ME}").location == ME

    def test_a_wrong_password_is_said_and_the_address_kept(self, client_of, page, post):
        answer = post(client_of("nobody"), SIGN_IN, priya("wrong"))
        assert answer.status_code == 422
        assert page(answer).form(SIGN_IN)["email"] == "priya@example.org"

    @pytest.mark.parametrize("given", [{"email": ""}, {"password": ""}, {"password": "x" * 201}, {"email": "x" * 201}])
    def test_validates(self, client_of, page, post, given):
        answer = post(client_of("nobody"), SIGN_IN, {**priya(), **given})
        assert answer.status_code == 422
        assert "There is a problem" in page(answer).text

    def test_the_disabled_cannot(self, client_of, cast, post):
        cast["product_manager"].disabled_at = MORNING
        db.session.commit()
        assert post(client_of("nobody"), SIGN_IN, priya()).status_code == 422

    def test_unknown_people_cost_as_much_work(self, app, client_of, cast, post):
        """One hash of equal cost is compared for each try, whether or not anybody has that address."""
        costs: list[str] = []

        class Counting(PasswordHasher):
            def verify(self, hash, password):
                costs.append(hash.split("$")[3])
                return super().verify(hash, password)

        passwords.use(app, Counting(time_cost=2, memory_cost=64, parallelism=1))
        cast["product_manager"].password_hash = passwords.hashed(PASSWORD)
        db.session.commit()
        for email in ("priya@example.org", "nobody@example.org"):
            post(client_of("nobody"), SIGN_IN, {"email": email, "password": "wrong"})
        assert costs == ["m=64,t=2,p=1"] * 2

    def test_the_same_letter_written_otherwise(self, client_of, cast, post):
        cast["product_manager"].password_hash = passwords.hashed("cafe\u0301 au lait noir")
        db.session.commit()
        assert post(client_of("nobody"), SIGN_IN, priya("caf\u00e9 au lait noir")).status_code == 303

    def test_a_hash_of_older_figures_is_made_anew(self, app, client_of, cast, post):
        passwords.use(app, PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
        before = cast["product_manager"].password_hash
        assert post(client_of("nobody"), SIGN_IN, priya()).status_code == 303
        after = db.session.get_one(Person, cast["product_manager"].id).password_hash
        assert after != before
        assert passwords.matches(after, PASSWORD)


class TestSessions:
    def test_a_new_token_at_each_sign_in(self, client_of, post):
        client = client_of("nobody")
        anonymous = token_of(client)
        post(client, SIGN_IN, priya())
        assert client.post("/admin/sign-out", data={"csrf_token": anonymous}).status_code == 400
        assert len(rows()) == 1

    def test_only_the_hash_is_kept(self, client_of, post):
        client = client_of("nobody")
        post(client, SIGN_IN, priya())
        with client.session_transaction() as session:
            token = session["_user_id"]
        assert len(token) >= 32
        assert rows()[0].token_hash == sign_ins.token_hash(token)

    def test_a_copied_cookie_ends_with_the_sign_out(self, app, client_of, post):
        client, thief = client_of("viewer"), app.test_client()
        thief.set_cookie("signpost", client.get_cookie("signpost").value)
        assert thief.get(ME).status_code == 200
        post(client, "/admin/sign-out")
        assert thief.get(ME).status_code == 303

    def test_over_after_twelve_idle_hours(self, client_of):
        with time_machine.travel(MORNING, tick=False) as clock:
            client = client_of("viewer")
            for hours, status in ((11, 200), (11, 200), (12, 303)):
                clock.shift(timedelta(hours=hours))
                assert client.get(ME).status_code == status

    def test_over_after_seven_days_however_busy(self, client_of):
        with time_machine.travel(MORNING, tick=False) as clock:
            client = client_of("viewer")
            for _ in range(7 * 3 - 1):
                clock.shift(timedelta(hours=8))
                assert client.get(ME).status_code == 200
            clock.shift(timedelta(hours=8))
            assert client.get(ME).status_code == 303

    def test_seen_is_written_once_a_minute_at_most(self, client_of):
        with time_machine.travel(MORNING, tick=False) as clock:
            client = client_of("viewer")
            clock.shift(timedelta(seconds=59))
            client.get(ME)
            assert rows()[0].seen_at == MORNING
            clock.shift(timedelta(seconds=1))
            client.get(ME)
            assert rows()[0].seen_at == MORNING + timedelta(minutes=1)

    def test_those_that_ran_out_are_swept(self, client_of):
        with time_machine.travel(MORNING, tick=False) as clock:
            client_of("viewer")
            clock.shift(timedelta(hours=13))
            client_of("admin")
            assert len(rows()) == 1

    def test_a_disabled_person_is_nobody_at_once(self, client_of, cast):
        client = client_of("viewer")
        cast["viewer"].disabled_at = MORNING
        db.session.commit()
        assert client.get(ME).status_code == 303


class TestThrottle:
    def test_the_tenth_wrong_try_is_refused(self, client_of, page, post):
        client = client_of("nobody")
        tries = [post(client, SIGN_IN, priya("wrong")).status_code for _ in range(9)]
        answer = post(client, SIGN_IN, priya())
        assert tries == [422] * 9
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 900
        assert page(answer).form(SIGN_IN)["email"] == "priya@example.org"
        assert "Too many wrong passwords. Try again at" in page(answer).text

    def test_others_are_not_held_up(self, client_of, post):
        client = client_of("nobody")
        for _ in range(10):
            post(client, SIGN_IN, priya("wrong"))
        assert post(client, SIGN_IN, {**priya(), "email": "tom@example.org"}).status_code == 303

    def test_nor_is_the_same_person_elsewhere(self, client_of, post):
        client = client_of("nobody")
        for _ in range(10):
            post(client, SIGN_IN, priya("wrong"))
        elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.99"}}
        assert post(client, SIGN_IN, priya(), **elsewhere).status_code == 303

    def test_one_half_of_an_address_is_one_place(self, client_of, post):
        client = client_of("nobody")
        for last in range(9):
            post(client, SIGN_IN, priya("wrong"), environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{last:x}"})
        assert post(client, SIGN_IN, priya(), environ_base={"REMOTE_ADDR": "2001:db8:1:2:ffff::1"}).status_code == 429
        assert post(client, SIGN_IN, priya(), environ_base={"REMOTE_ADDR": "2001:db8:1:3::1"}).status_code == 303

    def test_right_ones_do_not_count(self, client_of, post):
        client = client_of("nobody")
        for _ in range(12):
            assert post(client, SIGN_IN, priya()).status_code == 303
            client.delete_cookie("signpost")

    def test_it_passes_in_a_quarter_of_an_hour(self, client_of, post):
        with time_machine.travel(MORNING, tick=False) as clock:
            client = client_of("nobody")
            for _ in range(10):
                post(client, SIGN_IN, priya("wrong"))
            clock.shift(timedelta(minutes=15, seconds=1))
            assert post(client, SIGN_IN, priya()).status_code == 303

    def test_unknown_people_are_counted_alike(self, client_of, post):
        client = client_of("nobody")
        answers = [post(client, SIGN_IN, {**priya(), "email": "who@example.org"}).status_code for _ in range(10)]
        assert answers == [422] * 9 + [429]

    def test_the_present_password_is_not_guessed_either(self, client_of, page, post):
        client = client_of("product_manager")
        for _ in range(9):
            post(client, f"{ME}/password", {"old": "wrong", "password": NEW})
        answer = post(client, f"{ME}/password", {"old": PASSWORD, "password": NEW})
        assert answer.status_code == 429
        assert "Too many wrong passwords" in page(answer).text


class TestYourAccount:
    @pytest.mark.parametrize("role", ["viewer", "product_manager", "delivery_manager", "admin"])
    def test_everybody_has_one(self, client_of, page, role):
        assert "Your account" in page(client_of(role).get(ME)).one("h1").text

    def test_a_new_password_signs_the_others_out(self, client_of, page, post):
        here, there, other = client_of("product_manager"), client_of("product_manager"), client_of("viewer")
        answer = post(here, f"{ME}/password", {"old": PASSWORD, "password": NEW})
        assert answer.status_code == 303
        assert "Your password is changed" in page(here.get(ME)).text
        assert (there.get(ME).status_code, other.get(ME).status_code) == (303, 200)
        assert post(client_of("nobody"), SIGN_IN, priya(NEW)).status_code == 303

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"old": "wrong"}, "This is not the password that you have now."),
            ({"old": ""}, "Give the password that you have now."),
            ({"password": "eleven char"}, "Make it 12 characters or more."),
            ({"password": "aaaaaaaaaaaaaaaa"}, "Use more different characters."),
            ({"password": "abcdef" * 40}, "Shorten this to 200 characters."),
        ],
    )
    def test_validates(self, client_of, page, post, given, said):
        answer = post(client_of("viewer"), f"{ME}/password", {"old": PASSWORD, "password": NEW, **given})
        assert answer.status_code == 422
        assert said in page(answer).text

    def test_no_change_tells_of_a_password(self, client_of, post):
        post(client_of("viewer"), f"{ME}/password", {"old": PASSWORD, "password": NEW})
        change = db.session.scalars(sa.select(Change)).one()
        assert (change.kind, change.before, change.after) == ("person.password", None, None)

    def test_one_sign_in_elsewhere_is_ended(self, client_of, page, post):
        here, there, third = client_of("viewer"), client_of("viewer"), client_of("viewer")
        with there.session_transaction() as session:
            which = sign_ins.token_hash(session["_user_id"])
        post(here, f"{ME}/sign-ins/end", {"which": which})
        assert [client.get(ME).status_code for client in (here, there, third)] == [200, 303, 200]

    def test_every_other_is_ended(self, client_of, post):
        here, there, other = client_of("viewer"), client_of("viewer"), client_of("admin")
        post(here, f"{ME}/sign-ins/end")
        assert [client.get(ME).status_code for client in (here, there, other)] == [200, 303, 200]

    def test_anothers_sign_in_is_left_alone(self, client_of, post):
        here, other = client_of("viewer"), client_of("admin")
        with other.session_transaction() as session:
            which = sign_ins.token_hash(session["_user_id"])
        post(here, f"{ME}/sign-ins/end", {"which": which})
        assert other.get(ME).status_code == 200

    def test_a_browser_is_told_in_words(self, client_of, page, post):
        client = client_of("nobody")
        agent = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
        post(client, SIGN_IN, priya(), headers={"User-Agent": agent})
        assert "Firefox on Windows" in page(client.get(ME)).text


INVITE = "/admin/people/invite"
TYPED = {"email": "new@example.org", "roles": ["viewer", "admin"], "version": "3"}


class TestNothingTypedIsLost:
    def test_signed_out_meanwhile(self, client_of, page):
        client = client_of("nobody")
        asked = client.post(INVITE, data=TYPED)
        assert asked.status_code == 401
        form = page(asked).form(SIGN_IN)
        answer = client.post(SIGN_IN, data={**form, "email": "ada@example.org", "password": PASSWORD})
        again = page(answer).one("form", action=INVITE)
        sent = [(node.attrs["name"], node.attrs["value"]) for node in again.all("input")]
        assert ("email", "new@example.org") in sent
        assert [value for name, value in sent if name == "roles"] == ["viewer", "admin"]
        answer = client.post(INVITE, data=page(answer).form(INVITE))
        assert "A link for new@example.org" in page(answer).text

    def test_a_wrong_password_in_between(self, client_of, page):
        client = client_of("nobody")
        form = page(client.post(INVITE, data=TYPED)).form(SIGN_IN)
        form = page(client.post(SIGN_IN, data={**form, **priya("wrong")})).form(SIGN_IN)
        answer = client.post(SIGN_IN, data={**form, **priya()})
        assert page(answer).form(INVITE)["email"] == "new@example.org"

    def test_signed_in_anew_meanwhile(self, client_of, page):
        client = client_of("admin")
        answer = client.post(INVITE, data={**TYPED, "csrf_token": "of an earlier session"})
        assert answer.status_code == 400
        form = page(answer).form(INVITE)
        assert form["email"] == "new@example.org"
        assert client.post(INVITE, data=form).status_code == 200

    def test_never_a_password(self, client_of):
        answer = client_of("nobody").post(f"{ME}/password", data={"old": "secret one", "password": "secret two"})
        assert answer.status_code == 303
        assert "secret" not in answer.text + answer.location

    def test_the_database_is_away(self, app, client_of, page, monkeypatch):
        def away(*_: object) -> None:
            raise sa.exc.OperationalError("", {}, Exception("gone"))

        client = client_of("admin")
        data = {**TYPED, "csrf_token": token_of(client)}
        monkeypatch.setattr(sign_ins, "token_hash", away)  # by which everybody is looked up
        answer = client.post(INVITE, data=data)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        form = page(answer).form(INVITE)
        monkeypatch.undo()
        assert form["email"] == "new@example.org"
        assert client.post(INVITE, data=form).status_code == 200

    def test_a_form_with_a_password_asks_for_it_anew(self, client_of, page):
        client = client_of("nobody")
        answer = client.post(SIGN_IN, data={**priya(), "csrf_token": "of an earlier session"})
        assert answer.status_code == 422
        assert page(answer).form(SIGN_IN)["email"] == "priya@example.org"
        assert "open for too long" in page(answer).text

    def test_a_held_form_cannot_be_forged(self, client_of, post):
        answer = post(client_of("nobody"), SIGN_IN, priya(held="eyJ0byI6Imh0dHBzOi8vZXZpbCJ9.x"))
        assert answer.status_code == 303

    def test_htmx_gets_the_whole_page_for_a_form(self, client_of, page):
        headers = {"HX-Request": "true", "HX-Source": "form#off-documents"}
        answer = client_of("nobody").post(INVITE, data=TYPED, headers=headers)
        assert answer.headers["HX-Retarget"] == "body"
        assert page(answer).form(SIGN_IN)["held"]

    @pytest.mark.parametrize("role", ["nobody", "admin"])
    def test_what_refreshes_itself_leaves_the_page_alone(self, client_of, role):
        headers = {
            "HX-Request": "true",
            "HX-Source": "div#preview",
            "HX-Current-URL": "http://localhost/admin/sections",
        }
        answer = client_of(role).post(INVITE, data=TYPED, headers=headers)
        assert answer.headers["HX-Retarget"] == "#done"
        assert "<html" not in answer.text
        assert read(answer.text).all("a")

    def test_rows_that_refresh_do_so_too(self, client_of):
        headers = {
            "HX-Request": "true",
            "HX-Source": "div#rows",
            "HX-Current-URL": "http://localhost/admin/sections?q=x",
        }
        answer = client_of("nobody").get("/admin/sections/rows", headers=headers)
        assert answer.status_code == 401
        assert "/admin/sign-in?next=/admin/sections?q%3Dx" in answer.text

    @pytest.mark.parametrize(
        "url", ["", "x", "http://[", "http://localhost", "//evil.example/x", "http:////evil.example"]
    )
    def test_an_address_that_makes_no_sense(self, client_of, url):
        headers = {"HX-Request": "true", "HX-Current-URL": url}
        assert client_of("nobody").get("/admin/sections/rows", headers=headers).status_code == 401


def test_an_error_of_the_database_tells_nothing_of_what_was_sent(app):
    with pytest.raises(sa.exc.DBAPIError) as told:
        db.session.execute(sa.text("SELECT :secret FROM nowhere"), {"secret": "a password hash"})
    assert "a password hash" not in str(told.value)


def test_the_admin_has_a_door(client_of):
    for path in ("/admin", "/admin/"):
        assert client_of("nobody").get(path).location == "/admin/sections"
