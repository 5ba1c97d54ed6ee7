"""What templates may call: times in the page's zone, lengths, looks and words of states."""

from __future__ import annotations

import re
from datetime import date, datetime

from flask import Flask, g
from markupsafe import Markup, escape

from dashboard.clock import now
from dashboard.config import settings
from dashboard.documents.html import LOOKS, SOURCE_NAMES, STATUS_LOOKS, STATUS_WORDS, Telling
from dashboard.rules import walltime, wording
from dashboard.rules.roles import ROLE_NAMES, ROLE_SENTENCES
from dashboard.snapshot import Notice
from dashboard.views.deeds import deed

_WORDS = re.compile(r".+?(?:_+(?!_)|(?<=[a-z0-9])(?=[A-Z])|$)")


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        ago=ago,
        when=when,
        on_day=on_day,
        at_end=at_end,
        clock=clock,
        iso=iso,
        day=day,
        length=wording.length_words,
        number=number,
        breakable=breakable,
    )
    app.jinja_env.globals.update(
        look=LOOKS,
        status_look=STATUS_LOOKS,
        status_word=STATUS_WORDS,
        source_name=SOURCE_NAMES,
        role_name=ROLE_NAMES,
        role_sentence=ROLE_SENTENCES,
        site_name=lambda: settings().site_name,
        public_url=lambda: settings().public_url,
        zone_name=lambda: settings().time_zone.key,
        zones=walltime.zones,
        now=this_moment,
        deed=deed,
        span=span,
        told=told,
    )


def this_moment() -> datetime:
    """The same for the whole of one answer."""
    if "now" not in g:
        g.now = now()
    found: datetime = g.now
    return found


def when(t: datetime) -> str:
    """A time that something begins or happened, in the page's zone: "14:10", "Sunday 02:00"."""
    zone = settings().time_zone
    return wording.time_words(t, this_moment().astimezone(zone).date(), zone, is_end=False)


def on_day(t: datetime) -> str:
    """When something to come begins, in short: "on 29 Nov"; "from 22:00" when that is today."""
    zone = settings().time_zone
    begins = wording.day_of(t, zone, is_end=False)
    return f"from {clock(t)}" if begins == this_moment().astimezone(zone).date() else f"on {begins.day} {begins:%b}"


def ago(t: datetime) -> str:
    """ "40 s ago", "3 min ago"."""
    passed = this_moment() - t
    seconds = max(0, round(passed.total_seconds()))
    return f"{seconds} s ago" if seconds < 90 else f"{wording.length_words(passed)} ago"


def breakable(name: str) -> Markup:
    """A name in code, which breaks between its words if it must break at all."""
    return Markup("<wbr>").join(escape(part) for part in _WORDS.findall(name))


def at_end(t: datetime) -> str:
    """A time that something ends."""
    zone = settings().time_zone
    return wording.time_words(t, this_moment().astimezone(zone).date(), zone)


def span(start: datetime, end: datetime | None) -> str:
    """From when to when, the day said once where it is one."""
    zone = settings().time_zone
    return wording.span_words(start, end, this_moment().astimezone(zone).date(), zone)


def told(notice: Notice) -> str:
    """What a notice says to visitors, with its times filled in."""
    zone = settings().time_zone
    return Telling(this_moment().astimezone(zone).date(), zone).plain(notice.message, notice)


def clock(t: datetime) -> str:
    return wording.clock_words(t, settings().time_zone)


def day(day: date) -> str:
    """ "20 November"; with the year when it is another one."""
    is_this_year = day.year == this_moment().astimezone(settings().time_zone).year
    return f"{day.day} {day:%B}" if is_this_year else f"{day.day} {day:%B %Y}"


def number(count: int) -> str:
    """ "1,284"."""
    return f"{count:,}"


def iso(t: datetime) -> str:
    return f"{t:%Y-%m-%dT%H:%M:%SZ}"
