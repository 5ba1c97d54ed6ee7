"""Every rule, method and role, read from the app itself: a new route is tested by being there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from dashboard import create_app, publish, views
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.rules.roles import EVERY_PERMISSION, may
from dashboard.views import access
from tests.views.conftest import EVERYBODY, token_of
from tests.views.page import Client, Post

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def path_of(app: Flask, rule: Rule, **given: object) -> str:
    """The rule's path, its arguments naming nothing that is there."""
    unknown = {name: 999_999 if f"<int:{name}>" in rule.rule else "none" for name in rule.arguments}
    path = app.url_map.bind("localhost").build(rule.endpoint, {**unknown, **given}, force_external=False)
    return str(path)


def every(app: Flask) -> Iterator[tuple[Rule, str, str, str]]:
    """Rule, path, method and access of each; the access of a method that it does not take is ""."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        path = path_of(app, rule)
        for method in METHODS:
            taken = method in adapter.allowed_methods(path)
            if not taken or method in rule.methods:
                yield rule, path, method, access.access_of(app, rule.endpoint) if taken else ""


def problem(role: str, declared: str, rule: Rule, answer: TestResponse) -> str:
    """What is wrong with the answer; "" if nothing is."""
    status = answer.status_code
    if declared == "":
        return "" if status == 405 else "wants 405"
    if declared != access.PUBLIC and role == "nobody":
        return "" if status == 303 and answer.location.startswith("/admin/sign-in") else "wants sign-in"
    if declared in EVERY_PERMISSION and not may([role], declared):
        return "" if status == 403 else "wants 403"
    allowed = status not in (401, 403) and (status < 500 or rule.endpoint == "health.readyz")
    return "" if allowed else "wants to be let in"


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_rule_and_method(app: Flask, client_of: Client, role: str) -> None:
    client, leaving = client_of(role), client_of(role)
    tokens = {client: token_of(client), leaving: token_of(leaving)}
    wrong = []
    for rule, path, method, declared in every(app):
        browser = leaving if rule.endpoint == "account.sign_out" and method == "POST" else client
        answer = browser.open(path, method=method, data={"csrf_token": tokens[browser]} if method != "GET" else None)
        said = problem(role, declared, rule, answer)
        if said:
            wrong.append(f"{method} {rule.rule} ({declared}): {answer.status}, {said}")
    assert not wrong


def test_without_a_token_nothing_is_done(app: Flask, client_of: Client) -> None:
    client = client_of("admin")
    taken = [path for _, path, method, declared in every(app) if method == "POST" and declared]
    let = [path for path in taken if client.post(path, data={"name": "x"}).status_code < 400]
    assert taken
    assert not let


def test_a_token_of_another_session_does_nothing(client_of: Client) -> None:
    token = token_of(client_of("admin"))
    assert client_of("viewer").post("/admin/sign-out", data={"csrf_token": token}).status_code == 400


def test_a_view_that_declares_nothing_stops_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = Blueprint("silent", __name__)
    silent.add_url_rule("/silent", view_func=lambda: "", endpoint="here")
    monkeypatch.setattr(views, "NOUNS", (*views.NOUNS, silent))
    with pytest.raises(access.Undeclared, match="declares no access: put @may"):
        create_app(settings)


def test_a_permission_that_no_role_holds_stops_the_start() -> None:
    with pytest.raises(access.Undeclared, match=r"no role holds .incidents\.burn"):
        access.may("incidents.burn")


def test_several_roles_may_what_each_of_them_may(cast, client_of: Client) -> None:
    client = client_of("product_manager")
    assert client.get("/admin/components/new").status_code == 403
    cast["product_manager"].roles = frozenset({"product_manager", "delivery_manager"})
    db.session.commit()
    assert client.get("/admin/components/new").status_code == 200


class TestOrigin:
    @pytest.mark.parametrize(
        ("origin", "status"),
        [
            ("https://evil.example", 403),
            ("null", 403),
            ("http://status.example.org:81", 403),
            ("http://status.example.org.evil.example", 403),
            ("http://status.example.org", 303),
            ("http://localhost", 303),
        ],
    )
    def test_a_form_must_come_from_us(self, client_of: Client, post: Post, origin: str, status: int) -> None:
        answer = post(client_of("viewer"), "/admin/sign-out", headers={"Origin": origin})
        assert answer.status_code == status

    def test_what_another_website_typed_is_not_repeated(self, client_of: Client) -> None:
        answer = client_of("nobody").post("/admin/people/invite", data={"email": "x"}, headers={"Origin": "null"})
        assert answer.status_code == 403
        assert "invite" not in answer.text

    def test_another_origin_may_be_allowed(self, settings: Settings) -> None:
        app = create_app(replace(settings, allowed_origins=("https://Admin.example.org:443",)))
        headers = {"Origin": "https://admin.example.org"}
        assert app.test_client().post("/admin/sign-out", headers=headers).status_code != 403


class TestHost:
    @pytest.mark.parametrize("host", ["status.example.org", "127.0.0.1:8000", "[::1]:8000", "localhost", "signpost:80"])
    def test_ours(self, client_of: Client, host: str) -> None:
        assert client_of("nobody").get("/admin/sign-in", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "status.example.org.evil.example"])
    def test_somebody_elses(self, client_of: Client, host: str) -> None:
        assert client_of("nobody").get("/admin/sign-in", headers={"Host": host}).status_code == 421

    @pytest.mark.parametrize("host", ["", "[", "a b", "]:x", "x:99999999", "\xff", "%00", "user@evil.example"])
    def test_nonsense(self, client_of: Client, host: str) -> None:
        assert client_of("nobody").get("/admin/sign-in", headers={"Host": host}).status_code < 500


class TestHeaders:
    PATHS = ("/admin/sign-in", "/admin/me", "/admin/no/such", "/admin/static/base.css", "/admin/sections")

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("role", ["nobody", "viewer"])
    def test_on_every_answer(self, client_of: Client, path: str, role: str) -> None:
        headers = client_of(role).get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"

    def test_the_browser_keeps_no_copy_of_the_admin(self, client_of: Client) -> None:
        assert client_of("admin").get("/admin/me").headers["Cache-Control"] == "no-store"

    def test_the_nonce_is_another_each_time(self, client_of: Client, page) -> None:
        client = client_of("admin")
        first, second = (page(client.get("/admin/me")).all("script")[0].attrs["nonce"] for _ in range(2))
        assert first != second

    def test_over_http_there_is_no_promise_of_https(self, client_of: Client) -> None:
        assert "Strict-Transport-Security" not in client_of("nobody").get("/admin/sign-in").headers

    def test_public_documents_set_no_cookie(self, client_of: Client) -> None:
        publish.publish(now())
        client = client_of("admin")
        for path in ("/", "/embed/v1/status.json"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert "Set-Cookie" not in answer.headers


class TestHttps:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, public_url="https://status.example.org", proxies=1)

    def test_the_cookie_is_bound_to_the_host(self, client_of: Client) -> None:
        cookie = client_of("nobody").get("/admin/sign-in", base_url="https://status.example.org").headers["Set-Cookie"]
        assert cookie.startswith("__Host-signpost=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie

    def test_https_is_promised_even_behind_a_proxy_that_says_nothing(self, client_of: Client) -> None:
        headers = client_of("nobody").get("/admin/sign-in").headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"

    def test_a_referrer_need_not_be_told(self, client_of: Client, post: Post) -> None:
        client = client_of("nobody")
        home = {"base_url": "https://status.example.org", "headers": {"X-Forwarded-Proto": "https"}}
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/admin/sign-in", **home).text)
        assert token
        data = {"csrf_token": token[1], "email": "ada@example.org", "password": "a long enough password"}
        assert client.post("/admin/sign-in", data=data, **home).status_code == 303


class TestAddress:
    """Whose address is written down: the caller's, unless a proxy is trusted to name it."""

    @pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.9"), (2, "192.0.2.7")])
    def test_only_trusted_proxies_are_believed(self, settings: Settings, proxies: int, address: str) -> None:
        app = create_app(replace(settings, proxies=proxies))
        seen = []
        app.before_request(lambda: seen.append(access.request.remote_addr))
        app.test_client().get("/admin/sign-in", headers={"X-Forwarded-For": "192.0.2.7, 198.51.100.9"})
        assert seen == [address]
