"""Nothing that anybody sends breaks anything: no answer is a 500. Forms are read from the pages that offer them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, current_app
from flask.testing import FlaskClient

from dashboard import links
from dashboard.actions import people, sign_ins
from dashboard.actions.writing import SIGNPOST
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Follower, Person
from dashboard.models.window import OURS
from tests import make
from tests.conftest import NOW
from tests.doubles.pagerduty import Faulty
from tests.views.conftest import PASSWORD, token_of
from tests.views.page import Client, Node, read
from tests.views.test_access import path_of

HOSTILE: dict[str, str | bytes | None] = {
    "nothing": "",
    "left out": None,
    "over-long": "x" * 5_000,
    "control characters": "a\x00\x07\x1b[2J\x7f\u202e\u2066",
    "markup and a template": "<script>alert(1)</script>'\"--{{ 7*7 }}${7*7}%s%n{until}{0}",
    "a lone surrogate": b"\xed\xa0\x80",
    "not UTF-8": b"\xff\xfe\xc3\x28",
    "a digit that is no number": "²",
    "digits of another script": "١٢٣",
    "a huge number": "9" * 5_000,
    "a great number": str(2**63),
    "a negative number": "-1",
    "a sign alone": "+",
    "an hour that is skipped": "2027-03-28T01:30",
    "a day that is not": "2026-02-30T25:61",
    "the end of time": "9999-12-31T23:59",
}
# What databases take in different ways; the rest is tried on one of them.
FOR_DATABASES = ("over-long", "control characters", "a lone surrogate", "a great number", "the end of time")
TRIED = FOR_DATABASES if os.environ.get("SIGNPOST_TEST_DATABASE") == "postgres" else tuple(HOSTILE)
VALID = {
    "name": "Another name",
    "title": "Another title",
    "body": "Other words.",
    "key": "another_key",
    "sentence": "Hides it.",
    "owner": "Payments team",
    "while_down": "on",
    "reason": "Northpay is down",
    "email": "lin@example.org",
    "old": PASSWORD,
    "password": PASSWORD,
}
KNOWN: dict[str, object] = {
    "key": "direct_deposit",
    "name": "hide_it",
    "alias": "hide_old",
    "external_id": "P0AAAA1",
    **dict.fromkeys(("outage_id", "overrule_id", "window_id", "person_id", "invite_id", "change_id", "token_id"), 1),
    **dict.fromkeys(("incident_id", "update_id", "announcement_id", "template_id"), 1),
    **dict.fromkeys(("follower_id", "notification_id"), 1),
    "kind": "off",
    "form": "incident-1",
}
# Others of them have other forms: what is not out yet, what is archived, work of ours to come and under way.
KNOWN_TOO = {**KNOWN, "incident_id": 2, "form": "incident-new", "template_id": 2, "window_id": 2, "follower_id": 2}
UNDER_WAY = {**KNOWN, "window_id": 3}
CHOSEN = {"until": "at", "start": "at", "publish": "at"}  # so that the times that are typed count
WOULD_SIGN_OUT = ("account.sign_out", "account.end")

Form = dict[str, str]
Forms = dict[str, Form]
Offered = Callable[[str], tuple[FlaskClient, Forms]]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    with Faulty(lambda: NOW) as pagerduty:
        pagerduty.add_service("P0AAAA1", "External: Ledger")
        mail = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "status@example.org"}  # where nobody takes it
        yield replace(settings, pagerduty_url=pagerduty.url, pagerduty_api_key=pagerduty.key, **mail)


@pytest.fixture
def token(app: Flask, cast: dict[str, Person]) -> str:
    """One of everything; the token of a link by which somebody may join."""
    section, ledger = make.section("direct_deposit"), make.component("ledger")
    make.dependency(section, ledger)
    make.service(ledger)
    window = make.window(ledger, message="You cannot pay.")
    make.overrule(window, section, ends_at=NOW + timedelta(minutes=5))
    make.alias(make.toggle("hide_it", section), "hide_old")
    make.outage(section)
    incident = make.incident(sections={section: "warn"})
    make.update(incident, impacts={ledger: "major_outage"})
    make.review(incident)
    make.update(make.incident(published_at=NOW + timedelta(hours=1)))
    make.component("direct_deposit")
    make.announcement(published_at=None)
    make.template()
    make.token()
    make.template("Another", archived_at=NOW)
    make.window(ledger, start=NOW + timedelta(hours=1), source=OURS, zone="Europe/London")
    make.window(ledger, source=OURS, zone="Europe/London")
    make.delivery(make.follower(), "dead")
    make.follower("sam@larkfield.example", section, paused_at=NOW)
    cast["product_manager"].disabled_at = NOW
    db.session.commit()
    sign_ins.start(cast["admin"].id, NOW)
    for archived in (make.section, make.component, make.toggle, make.announcement):
        archived("old", archived_at=NOW)
    people.invite("eve@example.org", frozenset({"viewer"}), SIGNPOST, NOW)
    return people.invite("lin@example.org", frozenset({"viewer"}), SIGNPOST, NOW)


@pytest.fixture
def by_link(app: Flask) -> list[dict[str, object]]:
    """Of followers who may confirm, answer a challenge, change what they follow, and resume."""
    hook = {"channel": "webhook", "secret": "whsec_AAAA"}
    these = (
        (links.CONFIRM, make.follower("kim@larkfield.example", confirmed_at=None, asked_at=NOW)),
        (links.CHALLENGE, make.follower("https://one.larkfield.example/", confirmed_at=None, asked_at=NOW, **hook)),
        (links.MANAGE, make.follower("https://two.larkfield.example/", **hook)),
        (links.MANAGE, make.follower("lou@larkfield.example", paused_at=NOW)),
    )
    secret = current_app.config["SECRET_KEY"]
    return [{"link": links.token(secret, purpose, one.id, one.salt)} for purpose, one in these]


@pytest.fixture(scope="module")
def seen() -> dict[str, tuple[list[str], Forms]]:
    """What each was offered in the first of these tests, by which links: the world of the next ones is the same."""
    return {}


@pytest.fixture
def offered(
    app: Flask,
    client_of: Client,
    token: str,
    by_link: list[dict[str, object]],
    seen: dict[str, tuple[list[str], Forms]],
) -> Offered:
    """The browser of somebody, and every form of every page that they see, by where it is sent."""
    known = (UNDER_WAY, KNOWN_TOO, {**KNOWN, "token": token}, *by_link)
    mine = [token, *(str(each["link"]) for each in by_link)]

    def offered(role: str) -> tuple[FlaskClient, Forms]:
        browser = client_of(role)
        if role not in seen:
            seen[role] = mine, read_all(app, browser, *known)
        (theirs, forms), csrf_token = seen[role], token_of(browser)
        places = dict(zip(theirs, mine, strict=True))
        own = {"/".join(places.get(part, part) for part in url.split("/")): form for url, form in forms.items()}
        return browser, {url: {**form, "csrf_token": csrf_token} for url, form in own.items()}

    return offered


def read_all(app: Flask, browser: FlaskClient, *known: dict[str, object]) -> Forms:
    """Each form filled in as somebody would."""
    forms: Forms = {}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    named = ((rule, {name: each[name] for name in rule.arguments & each.keys()}) for rule in rules for each in known)
    for path in dict.fromkeys(path_of(app, rule, **names) for rule, names in named):
        page = browser.get(path)
        assert page.status_code != 500, path
        if page.status_code == 200 and page.mimetype == "text/html":
            for form in read(page.text).all("form", method="post"):
                places = [form, *form.walk()]
                sent = [node.attrs.get(name) for node in places for name in ("action", "formaction", "hx-post")]
                forms |= dict.fromkeys((urljoin(path, url) for url in sent if url is not None), filled(form))
    return forms


def filled(form: Node) -> Form:
    names = {node.attrs["name"] for node in form.walk() if "name" in node.attrs}
    given = form.fields()
    filled = {name: given.get(name) or VALID.get(name, "") for name in names}
    return {**filled, **{name: value for name, value in CHOSEN.items() if name in names}}


@pytest.mark.parametrize("what", TRIED)
def test_no_field_breaks_anything(app: Flask, offered: Offered, what: str) -> None:
    """Each field of each form by itself, so that what is right beside it does not stop the request before."""
    app.testing = app.config["PROPAGATE_EXCEPTIONS"] = False
    places = app.url_map.bind("localhost")
    wrong, reached = [], set()
    (admin, its), (nobody, public) = offered("admin"), offered("nobody")
    for browser, forms in ((admin, {url: its[url] for url in its.keys() - public.keys()}), (nobody, public)):
        for url, form in forms.items():
            endpoint, _ = places.match(url.partition("?")[0], "POST")
            reached.add(endpoint)
            for name in form.keys() - {"csrf_token"} if endpoint not in WOULD_SIGN_OUT else ():
                sent = {**form, name: HOSTILE[what]}
                answer = browser.post(url, data={key: value for key, value in sent.items() if value is not None})
                wrong += [f"{url} {name}"] if answer.status_code >= 500 else []
    assert wrong == []
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert posts - reached == {
        "undo.undo",
        "starting.new_back",
        "starting.more_back",
        "telling.cancel",  # its minute has passed
        "deliveries.go",  # nothing is held
        "deliveries.stop",  # nothing is on its way
        "setup.index",  # it is closed
    }


@pytest.mark.parametrize("what", TRIED)
def test_nor_do_all_fields_at_once(app: Flask, offered: Offered, what: str) -> None:
    client, forms = offered("admin")
    names = {name for form in forms.values() for name in form}
    data = {**dict.fromkeys(names, HOSTILE[what] or ""), "csrf_token": token_of(client)}
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and rule.endpoint not in WOULD_SIGN_OUT:
            given = {name: KNOWN[name] for name in rule.arguments & KNOWN.keys()}
            answer = client.post(path_of(app, rule, **given), data=data)
            assert answer.status_code < 500, rule.rule


def test_no_address_breaks(app: Flask, client_of: Client) -> None:
    client = client_of("admin")
    for rule in app.url_map.iter_rules():
        for bad in ("%00", "x" * 3000, "..%2f..%2fetc%2fpasswd", "%ff%fe", "١", "-1", "1e9"):
            path = re.sub(r"<[^>]+>", bad, rule.rule)
            answer = client.get(f"{path}?q={bad}&before={bad}&section={bad}&who={bad}")
            assert answer.status_code < 500 or rule.endpoint == "health.readyz", path


@pytest.mark.parametrize("number", [2**31, 2**63, 10**40])
def test_numbers_that_no_row_can_have(app: Flask, client_of: Client, number: int) -> None:
    client = client_of("admin")
    token = token_of(client)
    rules = [rule for rule in app.url_map.iter_rules() if "<int" in rule.rule]
    assert rules
    for rule in rules:
        path = re.sub(r"<int[^>]*>", str(number), rule.rule).replace("<key>", "direct_deposit")
        method = "POST" if "POST" in rule.methods else "GET"
        answer = client.open(path, method=method, data={"csrf_token": token, "version": "1"})
        assert answer.status_code in (404, 405), path  # 405 where another rule has the path for another method


def test_more_than_a_megabyte(client_of: Client) -> None:
    client = client_of("admin")
    data = {"csrf_token": token_of(client), "name": "x" * 1_100_000}
    assert client.post("/admin/people/invite", data=data).status_code == 413
    assert client_of("nobody").post("/admin/people/invite", data=data).status_code == 413


@pytest.mark.parametrize("coding", ["gzip", "br", "x", "identity, gzip"])
def test_a_packed_body(client_of: Client, coding: str) -> None:
    answer = client_of("admin").post("/admin/sign-out", data=b"\x1f\x8b", headers={"Content-Encoding": coding})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "multipart/form-data; boundary=", "x/y; charset=zz"]
)
def test_another_kind_of_body(client_of: Client, kind: str) -> None:
    answer = client_of("admin").post("/admin/people/invite", data=b"{" * 5_000, content_type=kind)
    assert answer.status_code == (415 if "json" in kind else 400)


@pytest.mark.parametrize(
    "body", ['{"address": 5}', "[1]", '"x"', '{"about": "\\ud800"}', '{"address": NaN}', "{" * 99_999]
)
def test_no_form_is_read_from_json(client_of: Client, body: str) -> None:
    """Where a field could be anything."""
    for path in ("/follow/", "/admin/sign-in"):
        answer = client_of("nobody").post(path, data=body, content_type="application/vnd.any+json")
        assert answer.status_code == 415


def test_who_only_looks_sends_no_form(
    app: Flask, client_of: Client, token: str, by_link: list[dict[str, object]]
) -> None:
    """HEAD, by which programs see whether a link leads anywhere, is answered as GET is."""
    client = client_of("admin")
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint != "health.readyz":
            for each in (KNOWN, *by_link):
                path = path_of(app, rule, **{name: each[name] for name in rule.arguments & each.keys()})
                assert client.head(path).status_code == client.get(path).status_code, path
    assert db.session.scalar(sa.select(sa.func.count()).where(Follower.left_at.is_not(None))) == 0


@pytest.mark.parametrize("cookie", ["x", "..", "eyJhIjoxfQ.x.y", "\x80", "a" * 3_000])
def test_a_forged_cookie(client_of: Client, cookie: str) -> None:
    client = client_of("nobody")
    client.set_cookie("signpost", cookie)
    assert client.get("/admin/me").status_code == 303
