"""The landing of Settings, and how it says that something is not running."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import Result
from flask import Flask

from dashboard.actions import people
from dashboard.actions.writing import SIGNPOST
from dashboard.clock import now
from dashboard.views import settings
from tests import make


def test_without_a_worker_it_says_what_goes_on(client_of, page):
    text = page(client_of("viewer").get("/admin/settings")).text
    assert "Queue Trouble: Does not answer. PagerDuty is not asked and followers are not told" in text
    assert "PagerDuty Not asked: PAGERDUTY_API_KEY is not set" in text


@pytest.mark.parametrize(
    ("check", "figures", "sentence"),
    [
        ("redis", {"ok": True, "waiting_jobs": 1}, "1 job waits"),
        ("redis", {"ok": True, "waiting_jobs": 0}, "Nothing waits"),
        ("worker", {"ok": True, "age_seconds": 12}, "Heard from 12 s ago"),
        ("worker", {"ok": False, "age_seconds": 600}, "Heard from 10 min ago. PagerDuty is asked and"),
        ("beat", {"ok": False, "age_seconds": None}, "Not heard from yet."),
        ("published", {"ok": True, "behind_seconds": 0}, "Shows the latest change"),
        ("published", {"ok": False, "behind_seconds": 7_200}, "Behind by 2 h"),
        ("published", {"ok": False, "error": "OSError"}, "Not known"),
        ("pagerduty", {"ok": True, "asked": True, "failing": False, "age_seconds": 40}, "Asked 40 s ago"),
        ("pagerduty", {"ok": True, "asked": True, "failing": True, "age_seconds": 40}, "Does not answer as it should."),
        (
            "pagerduty",
            {"ok": True, "asked": True, "failing": False, "warnings": 1, "age_seconds": 8},
            "Asked 8 s ago. Something was left out or looks wrong; see the PagerDuty page.",
        ),
        ("pagerduty", {"ok": False, "asked": True, "failing": False, "age_seconds": None}, "Not asked yet."),
        ("outbox", {"ok": True, "held": False, "age_seconds": 0}, "All is told"),
        (
            "outbox",
            {"ok": False, "held": False, "age_seconds": 1_200},
            "The oldest message has been waiting for 20 min",
        ),
        ("outbox", {"ok": True, "held": True, "age_seconds": 60}, "Held by an admin for 60 s: nobody is told anything"),
        ("outbox", {"ok": False, "error": "OperationalError"}, "Not known"),
        ("database", {"ok": False, "error": "OperationalError"}, "Does not answer. What is published stays."),
    ],
)
def test_in_words(app, check, figures, sentence):
    assert settings.told(check, figures).sentence.startswith(sentence)


class TestPagerDutyThatLeftSomethingOut:
    @pytest.fixture
    def settings(self, settings):
        return replace(settings, pagerduty_api_key="test-key")

    def test_is_not_well(self, client_of, page):
        make.source(checked_at=now(), warnings=["Window PX9 was skipped."])
        text = page(client_of("viewer").get("/admin/settings")).text
        assert "s ago. Something was left out" in text
        assert "PagerDuty Trouble: Asked" in text


class TestPasswordLink:
    @staticmethod
    def run(app: Flask, email: str) -> Result:
        return app.test_cli_runner().invoke(args=["password-link", email])

    def test_lets_an_admin_in_again(self, app, cast, post):
        said = self.run(app, "Ada@example.org").output.strip()
        path = said.removeprefix("http://status.example.org")
        assert post(app.test_client(), path, {"password": "four quite different words"}).status_code == 303

    def test_for_nobody(self, app, cast):
        result = self.run(app, "eve@example.org")
        assert (result.exit_code, "Nobody has an account" in result.output) == (1, True)

    def test_for_the_disabled(self, app, cast):
        people.disable(cast["viewer"].id, 1, SIGNPOST, now())
        assert "Vera Lund is disabled" in self.run(app, "vera@example.org").output
