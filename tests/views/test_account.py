from __future__ import annotations

import pytest

from tests.views.conftest import PASSWORD

SIGN_IN = "/admin/sign-in"


def test_signing_in_and_out(client_of, page, post):
    client = client_of("nobody")
    answer = post(client, SIGN_IN, {"email": "Priya@example.org ", "password": PASSWORD, "next": "/admin/me"})
    assert (answer.status_code, answer.location) == (303, "/admin/me")
    assert "Priya Shah" in page(client.get("/admin/me")).text
    assert post(client, "/admin/sign-out").status_code == 303
    assert client.get("/admin/me").location.startswith(SIGN_IN)


def test_a_wrong_password_is_said_and_the_address_kept(client_of, page, post):
    answer = post(client_of("nobody"), SIGN_IN, {"email": "priya@example.org", "password": "wrong"})
    assert answer.status_code == 422
    assert page(answer).form(SIGN_IN)["email"] == "priya@example.org"


@pytest.mark.parametrize("role", ["viewer", "product_manager", "delivery_manager", "admin"])
def test_everybody_sees_their_account(client_of, page, role):
    assert "Your account" in page(client_of(role).get("/admin/me")).one("h1").text
