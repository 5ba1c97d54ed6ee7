"""A letter to start from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dashboard.channels.message import Letter, Link, Message, Recipient

AT = datetime(2026, 11, 21, 14, 20, tzinfo=UTC)
MESSAGE = Message(
    kind="outage.start",
    thing="section-1",
    look="major",
    title="Direct deposit is unavailable until {until}",
    lines=("You cannot change where your money is paid to.", "You can still ring us."),
    link=Link("See what works", "https://status.larkfield.example/sections/direct_deposit/"),
    at=AT,
    start=AT,
    end=datetime(2026, 11, 21, 18, 0, tzinfo=UTC),
    wire={"page": {"id": "abc"}, "incident": {"name": "Direct deposit"}},
)
TO = Recipient(
    channel="webhook",
    address="https://hooks.example.org/status",
    zone="Europe/London",
    manage_url="https://status.larkfield.example/follow/manage/12-abc",
    stop_url="https://status.larkfield.example/follow/stop/12-abc",
    secrets=("whsec_c2VjcmV0IG9mIHRoZSBmb2xsb3dlcg==",),
)


def a_letter(*, zone: str = "Europe/London", sent_at: datetime = AT, address: str = TO.address, **words: Any) -> Letter:
    """``words`` are of the message."""
    to = replace(TO, zone=zone, address=address)
    return Letter("msg_8f3a_12", replace(MESSAGE, **words), to, "Larkfield", sent_at)
