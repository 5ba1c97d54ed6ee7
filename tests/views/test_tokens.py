from __future__ import annotations

import pytest
import sqlalchemy as sa

from dashboard.actions.sign_ins import token_hash
from dashboard.db import db
from dashboard.models import Change, Token
from tests import make
from tests.views.page import HTMX

TOKENS = "/admin/tokens"


def revoke(token: Token) -> str:
    return f"{TOKENS}/{token.id}/revoke"


class TestTheList:
    def test_says_who_made_which_and_when(self, client_of, page):
        make.token("Search back end")
        make.token("Old one", "1" * 64, revoked_at=make.NOW)
        text = page(client_of("admin").get(TOKENS)).text
        assert "Search back end Made by Ada Okafor" in text
        assert "1 revoked Old one Made by Ada Okafor" in text

    def test_is_for_admins(self, client_of, page):
        assert page(client_of("admin").get("/admin/settings")).one("a", href=TOKENS)
        for role in ("viewer", "product_manager", "delivery_manager"):
            assert client_of(role).get(TOKENS).status_code == 403

    def test_says_that_nobody_needs_one(self, client_of, page):
        assert "Nobody needs one, unless you make a toggle private." in page(client_of("admin").get(TOKENS)).text


class TestMaking:
    def test_shows_it_once(self, client_of, page, post):
        admin = client_of("admin")
        made = page(post(admin, f"{TOKENS}/new", {"name": " Payments  back end "}))
        token = made.one("code", id="token").text
        row = db.session.scalars(sa.select(Token)).one()
        assert (row.name, row.created_by, row.digest) == ("Payments back end", "Ada Okafor", token_hash(token))
        assert token not in admin.get(TOKENS).text
        assert token not in admin.get("/admin/activity").text

    def test_is_in_the_activity_of_those_who_see_accounts(self, client_of, page, post):
        post(client_of("admin"), f"{TOKENS}/new", {"name": "Payments back end"})
        said = "made the token Payments back end, which reads private toggles"
        assert said in page(client_of("admin").get("/admin/activity")).text
        assert said not in page(client_of("viewer").get("/admin/activity")).text

    @pytest.mark.parametrize(
        ("name", "said"),
        [("", "Say who reads with it."), ("x" * 201, "Shorten this"), ("Taken", "There is a token called Taken.")],
    )
    def test_validates(self, client_of, page, post, name, said):
        make.token("Taken")
        answer = post(client_of("admin"), f"{TOKENS}/new", {"name": name})
        assert answer.status_code == 422
        assert said in page(answer).text
        assert page(answer).form(f"{TOKENS}/new")["name"] == name


class TestRevoking:
    @pytest.mark.parametrize("typed", ["Payments back end", "payments back end "])
    def test_needs_its_name(self, client_of, page, post, typed):
        token, admin = make.token(), client_of("admin")
        asked = page(admin.get(revoke(token))).text
        assert "This cannot be undone. To revoke it, type Payments back end ." in asked
        answer = post(admin, revoke(token), {"name": typed})
        assert (answer.status_code, answer.location) == (303, TOKENS)
        assert "Payments back end is revoked." in page(admin.get(TOKENS)).text
        assert db.session.get_one(Token, token.id).revoked_at is not None

    @pytest.mark.parametrize("typed", ["", "Payments", "payments back ends"])
    def test_another_name_revokes_nothing(self, client_of, page, post, typed):
        token = make.token()
        answer = post(client_of("admin"), revoke(token), {"name": typed})
        assert answer.status_code == 422
        assert page(answer).form(revoke(token))["name"] == typed
        assert db.session.get_one(Token, token.id).revoked_at is None

    def test_twice_is_once(self, client_of, page, post):
        token, admin = make.token(), client_of("admin")
        for _ in range(2):
            assert post(admin, revoke(token), {"name": token.name}).location == TOKENS
        assert "Payments back end was revoked already." in page(admin.get(TOKENS)).text
        assert len(list(db.session.scalars(sa.select(Change.id)))) == 1
        assert admin.get(revoke(token)).location == TOKENS

    def test_by_htmx_it_leads_back_too(self, client_of, post):
        token = make.token()
        answer = post(client_of("admin"), revoke(token), {"name": token.name}, headers=HTMX)
        assert answer.headers["HX-Redirect"] == TOKENS

    def test_one_that_is_not_there(self, client_of, post):
        assert client_of("admin").get(f"{TOKENS}/9/revoke").status_code == 404
        assert post(client_of("admin"), f"{TOKENS}/9/revoke", {"name": "x"}).status_code == 404
        assert client_of("admin").delete(TOKENS).status_code == 405
