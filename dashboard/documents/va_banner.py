"""``/embed/v1/sections/{key}.va.json``: a section's notice as the attributes of ``<va-maintenance-banner>``, which
shows it by the reader's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dashboard.documents import data, html
from dashboard.documents.banner import Fragment
from dashboard.rules import wording
from dashboard.rules.state import State
from dashboard.snapshot import Notice, Snapshot

GUESSED = "The length shown here is a guess: nobody knows it yet."
_HOUR = timedelta(hours=1)
_ALMOST = timedelta(minutes=1) - timedelta(microseconds=1)
_ELEMENT = Markup("<va-maintenance-banner{}>{}\n</va-maintenance-banner>")


@dataclass(frozen=True, slots=True)
class VaBanner:
    """Its attributes, and the words of its two slots. Both are empty when there is nothing to tell."""

    attributes: dict[str, str]
    slots: dict[str, str]
    end_is_estimate: bool = False


def subjects(snapshot: Snapshot) -> Iterable[tuple[str, Fragment]]:
    for section in snapshot.sections:
        today = snapshot.today if section.notices else None
        yield f"/embed/v1/sections/{section.key}.va.json", Fragment(section, snapshot.site, today)


def render(fragment: Fragment) -> bytes:
    return data.encode(made(fragment))


def element(banner: VaBanner) -> Markup:
    """The same in HTML, for a server to print."""
    attributes = (Markup('\n  {}="{}"').format(name, value) for name, value in banner.attributes.items())
    slots = (Markup('\n  <div slot="{}">{}</div>').format(name, words) for name, words in banner.slots.items())
    return _ELEMENT.format(Markup().join(attributes), Markup().join(slots)) if banner.attributes else Markup()


def made(fragment: Fragment) -> VaBanner:
    """Of what holds now, or else of what comes next."""
    section, today = fragment.section, fragment.today
    if not section.notices or today is None:
        return VaBanner({}, {})
    notice, tell = section.notices[0], fragment.telling
    is_active = section.state in (State.DOWN, State.DEGRADED)
    ends_at = None if notice.is_late else notice.end
    soon = wording.title(section.name, notice.state, until_known=notice.end is not None, late=False, soon=True)
    attributes = {
        # Whoever hid it while it was to come shall see it once it has come.
        "banner-id": f"{section.key}-{notice.rev}-{'active' if is_active else 'upcoming'}",
        "maintenance-start-date-time": html.iso(_minute(notice.start)),
        "maintenance-end-date-time": html.iso(
            _minute(ends_at + _ALMOST) if ends_at else _guess(notice, today, tell.zone)
        ),
        "maintenance-title": tell.plain(notice.title_now, notice),
        "upcoming-warn-start-date-time": html.iso(_minute(notice.warn_from or notice.start)),
        "upcoming-warn-title": tell.plain(soon, notice),
        "is-error": "true" if is_active and notice.state is State.DOWN and not _is_planned(notice) else "false",
    }
    told = [tell.plain(words, notice) for words in (notice.message, notice.alternative)]
    words = " ".join(filter(None, [*told, "" if ends_at else GUESSED]))
    return VaBanner(attributes, {"maintenance-content": words, "warn-content": words}, ends_at is None)


def _is_planned(notice: Notice) -> bool:
    return notice.rev.startswith("window-")


def _minute(t: datetime) -> datetime:
    """Since when it has been that minute: the component tells how long the work takes to the last digit."""
    return t.replace(second=0, microsecond=0)


def _guess(notice: Notice, today: date, zone: ZoneInfo) -> datetime:
    """By the end of the day, or when more is promised, in whole hours; without an end the component shows nothing."""
    tomorrow = today + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(UTC)
    start = _minute(notice.start)
    hours = -((start - max(midnight, notice.next or midnight)) // _HOUR)
    return start + max(1, hours) * _HOUR
