from __future__ import annotations

import pytest
import sqlalchemy as sa

from dashboard.actions import people
from dashboard.actions.writing import SIGNPOST
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Person

ADA = {"name": "Ada Okafor", "email": "Ada@example.org", "password": "four quite different words"}


@pytest.fixture
def guest(app):
    return app.test_client()


@pytest.fixture
def link(app) -> str:
    return f"/setup/{people.open_setup(SIGNPOST, now())}"


def test_makes_the_first_admin_and_signs_them_in(guest, link, page, post):
    assert "Set Signpost up" in page(guest.get(link)).one("h1").text
    answer = post(guest, link, ADA)
    assert (answer.status_code, answer.location) == (303, "/admin/sections")
    assert "Welcome, Ada Okafor. Set-up is closed now." in page(guest.get("/admin/sections")).text
    assert guest.get("/admin/people").status_code == 200
    assert db.session.scalars(sa.select(Person.email)).one() == "ada@example.org"


def test_works_once(app, guest, link, page, post):
    post(guest, link, ADA)
    other = app.test_client()
    for answer in (other.get(link), post(other, link, {**ADA, "email": "eve@example.org"})):
        assert answer.status_code == 410
        assert "Set-up is closed The first account has been made" in page(answer).text
        assert "Ada" not in answer.text
    assert other.get("/setup/x").status_code == 404


def test_is_closed_too_for_a_link_that_somebody_made_needless(guest, link, page):
    people.add("Lin Mao", "lin@example.org", "hash", frozenset({"admin"}), SIGNPOST, now())
    assert "Set-up is closed" in page(guest.get(link)).text


def test_a_newer_link_takes_the_place_of_the_first(guest, link):
    people.open_setup(SIGNPOST, now())
    assert guest.get(link).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 64, "%00", "é"])
def test_needs_the_link(guest, link, token):
    assert guest.get(f"/setup/{token}").status_code == 404


def test_is_closed_before_it_is_opened(guest):
    assert guest.get("/setup/x").status_code == 404
    assert guest.get("/setup/").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": " "}, "Give your name."),
        ({"email": "ada"}, "Give an address like"),
        ({"password": "eleven char"}, "Make it 12 characters or more."),
        ({"password": "121212121212"}, "Use more different characters."),
        ({"csrf_token": "of an earlier session"}, "open for too long"),
    ],
)
def test_validates_and_keeps_what_was_typed_but_for_the_password(guest, link, page, post, given, said):
    answer = post(guest, link, {**ADA, **given})
    shown = page(answer)
    assert answer.status_code == 422
    assert said in shown.text
    assert shown.form(link)["password"] == ""
    assert "name" in given or shown.form(link)["name"] == "Ada Okafor"


def test_any_long_password_will_do(guest, link, post):
    assert post(guest, link, {**ADA, "password": "ééééé the quiet moon\x00"}).status_code == 303


def test_the_change_tells_no_secret(guest, link, post):
    post(guest, link, ADA)
    change = db.session.scalars(sa.select(Change)).one()
    assert (change.kind, change.actor, change.address) == ("person.setup", "Ada Okafor", "127.0.0.1")
    assert change.after == {"email": "ada@example.org", "roles": ["admin"]}
