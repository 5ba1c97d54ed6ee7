"""Settings: what each may be, and that a wrong one is refused by its name and tells no secret."""

from __future__ import annotations

import pytest

from dashboard.config import WrongSetting, from_environment


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("DATABASE_URL", "postgres://u:p@h/db", "postgresql+psycopg://u:p@h/db"),
        ("DATABASE_URL", "postgresql+psycopg://[::1]:5432/db", "postgresql+psycopg://[::1]:5432/db"),
        ("DATABASE_URL", "postgresql://u:@/db?host=/tmp/a:b", "postgresql+psycopg://u:@/db?host=/tmp/a:b"),
        ("DATABASE_URL", "sqlite:////srv/a:b/x@y.db", "sqlite:////srv/a:b/x@y.db"),
        ("REDIS_URL", "rediss://:s%2Fcret@h:6380/1", "rediss://:s%2Fcret@h:6380/1"),
        ("REDIS_URL", "unix:///run/a:b.sock?db=1", "unix:///run/a:b.sock?db=1"),
        ("PUBLIC_URL", "https://status.example.org:8443/ours/", "https://status.example.org:8443/ours"),
        ("ALLOWED_ORIGINS", "http://a, https://b:1", ("http://a", "https://b:1")),
        ("FRONT_END_ORIGINS", "https://WWW.b:443/account http://b:443", ("https://www.b", "http://b:443")),
        ("LISTEN", "[::1]:8000", ("::1", 8000)),
        ("EVENTS_LISTEN", "[::1]:8001", ("::1", 8001)),
        ("EVENTS_LISTEN", "off", None),
        ("EVENTS_LISTEN", "", ("127.0.0.1", 8001)),
        ("EVENTS_URL", "https://status.example.org/", "https://status.example.org"),
        ("SMTP_URL", "", ""),
        ("MAIL_FROM", "Larkfield <status@larkfield.example>", "Larkfield <status@larkfield.example>"),
        ("WEBHOOK_ALLOWED", "Hooks.internal:8443, [::1]:9000", {("hooks.internal", 8443), ("::1", 9000)}),
        ("POLL_SECONDS", "60", 60),
        ("LANGUAGES", "EN, cy pt-BR en", ("en", "cy", "pt-br")),
        ("UPTIME_WEIGHTS", "", {"partial_outage": 0.3, "major_outage": 1.0}),
        (
            "UPTIME_WEIGHTS",
            "degraded_performance=0.25, major_outage=0",
            {"degraded_performance": 0.25, "major_outage": 1},
        ),
    ],
)
def test_right(name: str, given: str, want: object) -> None:
    assert getattr(from_environment({name: given}), name.lower()) == want


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DATABASE_URL", "mysql://u:s3cret@h/db"),
        ("DATABASE_URL", "postgresql://u:s3cret@h:abc/x"),
        ("DATABASE_URL", "postgresql://u:s3cret@h:0/x"),
        ("DATABASE_URL", "postgresql://u:s3cret@h:65536/x"),
        ("DATABASE_URL", "postgresql://u:s3cret/@h/x"),
        ("DATABASE_URL", "sqlite:///"),
        ("REDIS_URL", "unix://"),
        ("REDIS_URL", "redis://:s3cret@h:abc"),
        ("REDIS_URL", "redis://:s3cret@["),
        ("REDIS_URL", "http://h?password=s3cret"),
        ("PAGERDUTY_URL", "ftp://u:s3cret@h"),
        ("PUBLIC_URL", "https://u:s3cret@h?x"),
        ("ALLOWED_ORIGINS", "http://ours http://u:s3cret@h:x"),
        ("PUBLIC_URL", "http://["),
        ("PUBLIC_URL", "http:///path"),
        ("LISTEN", "127.0.0.1:²"),
        ("LISTEN", "127.0.0.1:65536"),
        ("EVENTS_LISTEN", "8001"),
        ("EVENTS_LISTEN", "127.0.0.1:8000"),
        ("EVENTS_URL", "//u:s3cret@h"),
        ("SMTP_URL", "http://u:s3cret@h"),
        ("SMTP_URL", "smtp://u:s3cret/@h:587"),
        ("SMTP_URL", "smtp://u:s3cret@:587"),
        ("MAIL_FROM", "status"),
        ("MAIL_FROM", "a@b c@s3cret"),
        ("WEBHOOK_ALLOWED", "hooks.internal"),
        ("WEBHOOK_ALLOWED", "http://hooks.internal:8443"),
        ("WEBHOOK_ALLOWED", "*:8443 u:s3cret@hooks.internal:8443"),
        ("POLL_SECONDS", "²"),
        ("UPTIME_WEIGHTS", "partial=0.3"),
        ("UPTIME_WEIGHTS", "partial_outage"),
        ("UPTIME_WEIGHTS", "partial_outage=1.2"),
        ("POLL_SECONDS", "4"),
        ("LANGUAGES", "english"),
        ("LANGUAGES", "../en"),
        ("PROXIES", "9" * 5_000),
    ],
)
def test_wrong_is_refused_by_name_and_tells_no_secret(name: str, given: str) -> None:
    with pytest.raises(WrongSetting, match=rf"^{name} must [^;]+; .+ is not\.$") as refused:
        from_environment({name: given})
    assert "s3cret" not in str(refused.value)


def test_what_is_no_secret_is_shown() -> None:
    with pytest.raises(WrongSetting, match="“25:00” is not"):
        from_environment({"END_OF_DAY": "25:00"})


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:8001"),
        ({"LISTEN": "0.0.0.0:80"}, "http://127.0.0.1:81"),
        ({"EVENTS_LISTEN": "127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"EVENTS_LISTEN": "off"}, ""),
        ({"LISTEN": "127.0.0.1:65535"}, ""),
        ({"PUBLIC_URL": "https://status.example.org"}, ""),
        ({"PUBLIC_URL": "https://s.example", "EVENTS_URL": "https://s.example"}, "https://s.example"),
    ],
)
def test_event_streams_are_offered_where_browsers_can_reach_them(given: dict[str, str], url: str) -> None:
    assert from_environment(given).events_url == url


def test_a_server_for_mail_needs_a_sender() -> None:
    with pytest.raises(WrongSetting, match="MAIL_FROM"):
        from_environment({"SMTP_URL": "smtp://u:p%2F@mail.larkfield.example:587"})
