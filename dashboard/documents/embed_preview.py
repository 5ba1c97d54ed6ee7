"""What ``?signpost-preview=key:state`` shows: each state in made-up words, and the names of what it may be shown of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.documents import banner
from dashboard.facts import SiteFact
from dashboard.rules import wording
from dashboard.rules.languages import Language
from dashboard.rules.state import State
from dashboard.snapshot import Link, Notice, Snapshot

STATES = ("approaching", "degraded", "down", "late")
OK = "ok"
_SAID = "This is a preview: nothing is wrong."
_EVENING, _HOURS = time(18), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Preview:
    """Of these states. ``names``: key and name of each section, for versions of the script that look for them."""

    site: SiteFact
    languages: tuple[Language, ...]
    today: date
    states: tuple[str, ...]
    names: tuple[tuple[str, str], ...] = ()


def each(snapshot: Snapshot) -> Iterable[tuple[str, Preview]]:
    names = tuple((section.key, section.name) for section in snapshot.sections)
    for state in (*STATES, OK):
        states = () if state == OK else (state,)
        yield (
            f"/embed/v1/preview/{state}.json",
            Preview(snapshot.site, snapshot.languages, snapshot.today, states, names),
        )


def together(snapshot: Snapshot) -> Iterable[tuple[str, Preview]]:
    """As the versions before 1.2 read it: each under its state as the key, of a section that has its key for a name."""
    yield "/embed/v1/preview.json", Preview(snapshot.site, snapshot.languages, snapshot.today, STATES)


def render(preview: Preview) -> bytes:
    entries = [
        banner.entry_of(state, "{section}", _sample(preview, state), preview.languages) for state in preview.states
    ]
    named = {key: {"key": key, "name": name} for key, name in preview.names}
    told = {"revision": "preview", "checked_at": {}, "stale": []} | ({"named": named} if named else {})
    return banner.document(preview.site, entries, preview.languages, **told)


def _sample(preview: Preview, state: str) -> Notice:
    before, after = (_evening(preview, days) for days in (-1, 1))
    match state:
        case "approaching":
            return _notice(preview.site, State.DOWN, after, after + _HOURS, before)
        case "degraded":
            return _notice(preview.site, State.DEGRADED, before, after, before)
        case "late":
            return _notice(preview.site, State.DOWN, before - _HOURS, before, before, hold=True)
    return _notice(preview.site, State.DOWN, before, after, before)


def _evening(preview: Preview, days: int) -> datetime:
    """In so many days, so that whoever looks at any time of this one sees the same."""
    day = preview.today + timedelta(days=days)
    return datetime.combine(day, _EVENING, ZoneInfo(preview.site.zone)).astimezone(UTC)


def _notice(
    site: SiteFact, state: State, start: datetime, end: datetime, warn_from: datetime, hold: bool = False
) -> Notice:
    return Notice(
        rev="preview",
        state=state,
        start=start,
        end=end,
        hold=hold,
        next=None,
        warn_from=warn_from,
        title=wording.title("{section}", state, until_known=True, late=False, soon=True),
        title_now=wording.title("{section}", state, until_known=True, late=hold, soon=False),
        message=_SAID,
        alternative="What people can do instead stands here.",
        links=(Link(wording.UPDATES, f"{site.url}/"),),
        said=_SAID,
        is_late=hold,
    )
