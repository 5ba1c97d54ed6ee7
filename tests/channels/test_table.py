"""The table of channels, and which of it an installation offers to whom."""

from __future__ import annotations

import pytest

from dashboard.channels import CHANNELS, apprise, offered
from dashboard.config import ROOT, from_environment

MAIL = {"SMTP_URL": "smtp://mail.larkfield.example", "MAIL_FROM": "status@larkfield.example"}


def test_each_stands_under_its_name_with_a_label() -> None:
    assert [(name, channel.name == name, bool(channel.label)) for name, channel in CHANNELS.items()] == [
        (name, True, True) for name in ("email", "webhook", "slack", "teams", "apprise")
    ]


def test_what_cannot_be_used_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(offered(from_environment({}))) == ["webhook", "slack", "teams"]
    assert list(offered(from_environment(MAIL))) == ["email", "webhook", "slack", "teams"]
    assert "apprise" in offered(from_environment({}), is_staff=True)
    monkeypatch.setattr(apprise, "find_spec", lambda name: None)
    monkeypatch.setattr("dashboard.channels.is_installed", apprise.is_installed)
    assert "apprise" not in offered(from_environment({}), is_staff=True)


def test_the_docs_name_each_channel_and_each_service() -> None:
    page = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
    assert [channel.label for channel in CHANNELS.values() if f"| {channel.label} " not in page] == []
    assert [name for name in apprise.SERVICES | apprise.OWN_HOST if f"`{name}`" not in page] == []
