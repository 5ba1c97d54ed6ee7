"""A website that embeds a section, and the status host that its script asks; both on loopback, on two origins."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from playwright.sync_api import Frame, Locator, Page

from dashboard.documents import assets, banner, embed_preview
from dashboard.documents.embed_preview import STATES, Preview
from dashboard.editions import ANYWHERE
from dashboard.facts import SiteFact
from dashboard.rules.languages import ENGLISH, Language
from tests.browser.servers import Host, Reply

SITE = SiteFact("Larkfield", "https://status.example.org", "Europe/London")
NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)  # a Saturday; London is on UTC
OPEN = {**dict(ANYWHERE), "Content-Type": "application/json"}
SCRIPT = Reply(assets.embed_script(), headers={"Content-Type": "text/javascript", "Cache-Control": "max-age=600"})

FORM = '<form><label>Account number <input id="account"></label> <button>Save</button></form>'
WRAPPED = f'<signpost-section section="direct_deposit">{FORM}</signpost-section>'


def iso(minutes: float) -> str:
    """So many minutes from the tests' now."""
    return f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def entry(start: float = -20, end: float | None = 210, **given: Any) -> dict[str, Any]:
    """What status.json says of a section that is down from ``start`` to ``end``, in minutes from now."""
    return {
        "key": "direct_deposit",
        "name": "Direct deposit",
        "state": "down",
        "from": iso(start),
        "until": None if end is None else iso(end),
        "at_end": "restore",
        "next": None,
        "warn_from": iso(start - 60),
        "title": "Direct deposit is unavailable" + (" until {until}" if end is not None else ""),
        "title_soon": "Direct deposit will be unavailable {from} to {until}",
        "title_late": "Direct deposit is still unavailable",
        "message": "You cannot see or change your bank details.",
        "alternative": "Call 0300 000 0000, open until 20:00.",
        "links": [{"label": "Latest updates", "href": "https://status.example.org/sections/direct_deposit/"}],
        "dismissible": start > 0 or given.get("state") == "degraded",
        "rev": "outage-31-1f2e3d4c",
        **given,
    }


def slow(**given: Any) -> dict[str, Any]:
    """The same of a section that is slow."""
    plain = {"state": "degraded", "title": "Search is slow", "key": "search", "name": "Search", "rev": "component-2-aa"}
    return entry(**{**plain, "message": "Results can take up to 3 seconds.", **given})


class StatusHost(Host):
    """Answers as Signpost does, or as it does when something is wrong: ``host.say(...)``, ``host.answer = ...``."""

    def __init__(self) -> None:
        super().__init__()
        self.answer: Reply | Callable[[], Reply] = Reply()
        self.pages["/embed/v1.js"] = SCRIPT
        self.pages["/embed/v1/status.json"] = self._status
        self.preview()
        self.say()

    def preview(self, languages: tuple[Language, ...] = (ENGLISH,)) -> None:
        for state in STATES:
            made = Preview(SITE, languages, NOW.date(), (state,), (("direct_deposit", "Direct deposit"),))
            self.pages[f"/embed/v1/preview/{state}.json"] = Reply(embed_preview.render(made), headers=OPEN)

    def say(self, *sections: dict[str, Any], **given: Any) -> None:
        self.answer = Reply(document(*sections, **given), headers=OPEN)

    def say_at(self, t: datetime, *sections: dict[str, Any], age: int = 0) -> None:
        """The same with the host's time, of a copy that has lain in a cache for ``age`` seconds."""
        made = format_datetime(t - timedelta(seconds=age), usegmt=True)
        self.answer = Reply(document(*sections), headers={**OPEN, "Date": made, "Age": str(age)})

    @property
    def polls(self) -> int:
        return self.times("/embed/v1/status.json")

    def _status(self) -> Reply:
        return self.answer() if callable(self.answer) else self.answer


def document(*sections: dict[str, Any], **given: Any) -> str:
    body = {
        "v": 1,
        "revision": "42",
        "checked_at": {},
        "stale": [],
        "ttl": 15,
        "page": {"name": "Larkfield", "url": "https://status.example.org/"},
        "strings": banner.strings_of(ENGLISH),
        "sections": sections,
    }
    return json.dumps({**body, **given})


def html(origin: str, body: str = WRAPPED, head: str = "", attributes: str = "defer", lang: str = "en-GB") -> str:
    """A page of somebody else's that takes the script from ``origin``."""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Your payments</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f'{head}<script src="{origin}/embed/v1.js" {attributes}></script></head>'
        f"<body><main><h1>Your payments</h1>{body}<p>Everything else on the page.</p></main></body></html>"
    )


def answered(page: Page | Frame) -> None:
    """Wait until the first answer has been taken in: only from then on does time that passes let it ask again."""
    page.wait_for_function("localStorage.length")


def notice(page: Page, element: str = "signpost-section") -> Locator:
    return page.locator(f"{element} .banner")


def announced(page: Page, element: str = "signpost-section") -> Locator:
    return page.locator(f"{element} [role=status], {element} .live")
